"""Suggested mappings over the API, and what a workspace learns."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from flows.models import MappingVerdict
from governance.roles import Role
from tests.flows.api.conftest import AsRole, House

SUGGEST = "/api/v1/mapping/suggest"
VERDICTS = "/api/v1/mapping/verdicts"
ODD: dict[str, Any] = {
    "source": {"fields": [{"name": "ZZ_17", "type": "text"}]},
    "target": {"fields": [{"name": "note", "type": "text"}, {"name": "reference", "type": "text"}]},
}


def verdict(accepted: bool) -> dict[str, Any]:
    given = {"source": "ZZ_17", "target": {"name": "note"}, "accepted": accepted}
    return {"verdicts": [given]}


def test_a_sample_and_an_operation_are_mapped(as_role: AsRole) -> None:
    body = {
        "source": {"sample": {"order": {"lines": [{"ArtNr": "A-1", "Menge": 2}], "BestNr": "7"}}},
        "target": {
            "schema": {
                "type": "object",
                "properties": {
                    "reference": {"type": "string"},
                    "order_rows": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {
                                "product_reference": {"type": "string"},
                                "product_quantity": {"type": "integer"},
                            },
                        },
                    },
                },
            }
        },
    }
    found = as_role(Role.ANALYST).post(SUGGEST, body, format="json").json()["results"]
    assert {(one["source"], one["target"]) for one in found if one["confidence"] > 0.5} == {
        ("order.BestNr", "reference"),
        ("order.lines[].ArtNr", "order_rows[].product_reference"),
        ("order.lines[].Menge", "order_rows[].product_quantity"),
    }


def test_the_fields_of_an_operation_are_known(as_role: AsRole) -> None:
    body = {
        "source": {"operation": "prestashop.order.get@1"},
        "target": {"fields": ["Bestellnummer", "Bestelldatum"]},
    }
    found = as_role(Role.ANALYST).post(SUGGEST, body, format="json").json()["results"]
    assert {one["target"] for one in found} == {"Bestellnummer", "Bestelldatum"}


def test_what_people_accept_is_suggested_and_what_they_reject_is_not(
    as_role: AsRole, house: House
) -> None:
    client = as_role(Role.ANALYST)
    assert client.post(SUGGEST, ODD, format="json").json()["results"] == []
    assert client.post(VERDICTS, verdict(True), format="json").json() == {"count": 1}
    [one] = client.post(SUGGEST, ODD, format="json").json()["results"]
    assert one["target"] == "note"
    assert one["confidence"] > 0.5
    assert "accepted once before" in one["explanation"]
    for _ in range(3):
        client.post(VERDICTS, verdict(False), format="json")
    assert client.post(SUGGEST, ODD, format="json").json()["results"] == []
    [row] = client.get(VERDICTS).json()["results"]
    assert (row["source"], row["target"], row["accepted"], row["rejected"]) == (
        "ZZ_17", "note", 1, 3
    )  # fmt: skip


def test_what_was_learnt_can_be_forgotten(as_role: AsRole) -> None:
    client = as_role(Role.ANALYST)
    client.post(VERDICTS, verdict(True), format="json")
    assert client.delete(VERDICTS).json() == {"count": 1}
    assert client.get(VERDICTS).json()["results"] == []
    assert client.delete(VERDICTS).json() == {"count": 0}


def test_what_one_workspace_learns_stays_there(as_role: AsRole, stranger: APIClient) -> None:
    as_role(Role.ANALYST).post(VERDICTS, verdict(True), format="json")
    assert stranger.get(VERDICTS).json()["results"] == []
    assert stranger.delete(VERDICTS).json() == {"count": 0}
    assert MappingVerdict.objects.count() == 1


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ({"fields": []}, "at least one field"),
        ({"fields": [{"type": "x"}]}, "1 to 200 characters"),
        ({"operation": "nothing@1"}, "There is no operation"),
        ({}, "There is no operation"),
        ({"schema": {"type": "string"}}, "at least one field"),
        ({"sample": 3}, "at least one field"),
    ],
)
def test_what_cannot_be_read_is_told(as_role: AsRole, source: Any, told: str) -> None:
    body = {"source": source, "target": {"fields": ["note"]}}
    answer = as_role(Role.ANALYST).post(SUGGEST, body, format="json")
    assert answer.status_code == 422
    assert told in answer.json()["detail"]
