"""Home, crosswalks and the sandbox over the API."""

from typing import Any

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from causeway.base.problems import Problem
from flows.services import sandbox
from flows.services.crosswalks import save_crosswalk
from governance.roles import Role
from tests.flows.api.conftest import SETUP, AsRole, House

ENTRIES = [
    {"left": "Shipped", "right": "4", "direction": "both", "note": "Shipped"},
    {"left": "Awaiting Approval", "right": "2", "direction": "to_left", "note": "Paid"},
]


@pytest.fixture
def crosswalk(house: House) -> None:
    save_crosswalk(
        SETUP,
        workspace=house.workspace,
        slug="order-status",
        name="Order status",
        left_label="Notes",
        right_label="Shop",
        entries=ENTRIES,
    )


def test_crosswalks(crosswalk: None, as_role: AsRole) -> None:
    client = as_role(Role.VIEWER)
    [row] = client.get("/api/v1/crosswalks").json()["results"]
    assert (row["slug"], row["entries_count"]) == ("order-status", 2)
    body = client.get("/api/v1/crosswalks/order-status").json()
    assert body["entries"] == ENTRIES
    assert client.get("/api/v1/crosswalks/nothing").status_code == 404


def test_strangers_and_nobody_see_no_crosswalk(
    crosswalk: None, stranger: APIClient, nobody: APIClient
) -> None:
    assert stranger.get("/api/v1/crosswalks").json()["results"] == []
    assert stranger.get("/api/v1/crosswalks/order-status").status_code == 404
    assert nobody.get("/api/v1/crosswalks").status_code == 401


@pytest.mark.parametrize("role", list(Role))
def test_home_is_for_every_role(role: Role, as_role: AsRole) -> None:
    body = as_role(role).get("/api/v1/home", {"environment": "demo"}).json()
    [card] = body["cards"]
    assert (card["flow"], card["from"], card["status"]) == ("orders", "prestashop", "idle")
    assert len(card["spark"]) == 24
    assert body["sentence"]["text"] == "Nothing has moved yet."
    assert [one["slug"] for one in body["connections"]] == ["shop"]
    assert {one["title"] for one in body["changes"]} == {
        "Orders v1 deployed",
        "Orders v1 published",
    }


def test_home_of_strangers_and_nobody(stranger: APIClient, nobody: APIClient) -> None:
    assert stranger.get("/api/v1/home", {"environment": "demo"}).status_code == 404
    assert nobody.get("/api/v1/home", {"environment": "demo"}).status_code == 401


class Demo:
    """The configuration, with the demo on."""

    demo = True
    shop_twin_url = "http://127.0.0.1:9"
    notes_twin_url = "http://127.0.0.1:9"

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "CAUSEWAY", Demo(settings.CAUSEWAY))


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Calls that would have gone to the twins."""
    made: list[tuple[Any, ...]] = []

    def call(twin: str, method: str, path: str, body: Any = None) -> Any:
        made.append((twin, method, path, body))
        if path == "/_twin/faults":
            return {"faults": {"down": False}}
        return {"id": "7", "reference": "ABC"}

    monkeypatch.setattr(sandbox, "call_twin", call)
    return made


def test_without_a_demo_there_is_no_sandbox(as_role: AsRole, calls: list[Any]) -> None:
    client = as_role(Role.ADMINISTRATOR)
    assert client.get("/api/v1/sandbox").status_code == 404
    assert client.post("/api/v1/sandbox/shop/orders", {"lines": []}).status_code == 404
    assert client.post("/api/v1/sandbox/reset").status_code == 404
    assert calls == []


@pytest.mark.parametrize("role", [Role.VIEWER, Role.RELEASE_ENGINEER])
def test_the_sandbox_needs_its_permission(
    role: Role, demo: None, as_role: AsRole, calls: list[Any]
) -> None:
    client = as_role(role)
    assert client.get("/api/v1/sandbox").status_code == 403
    for path in ("shop/orders", "notes/documents/A", "shop/faults", "reset"):
        assert client.post(f"/api/v1/sandbox/{path}", {}).status_code == 403
    assert calls == []


def test_acting_in_the_sandbox(demo: None, as_role: AsRole, calls: list[Any]) -> None:
    client = as_role(Role.ANALYST)
    order = {"lines": [{"product_id": 1, "combination_id": 1, "quantity": 1}]}
    placed = client.post("/api/v1/sandbox/shop/orders", order)
    assert (placed.status_code, placed.json()["reference"]) == (201, "ABC")
    client.post("/api/v1/sandbox/notes/documents/a%2Fb", {"items": {"OrderStatus": "Shipped"}})
    client.post("/api/v1/sandbox/notes/documents/AB12", {"items": {"OrderStatus": "Shipped"}})
    client.post("/api/v1/sandbox/notes/faults", {"down": True})
    assert calls == [
        ("shop", "POST", "/_twin/orders", order),
        ("notes", "POST", "/_twin/documents/AB12", {"items": {"OrderStatus": "Shipped"}}),
        ("notes", "POST", "/_twin/faults", {"down": True}),
    ]


def test_both_systems_at_a_glance(demo: None, as_role: AsRole, calls: list[Any]) -> None:
    body = as_role(Role.OPERATOR).get("/api/v1/sandbox").json()
    assert body["shop"]["faults"] == {"down": False}
    assert body["notes"]["reference"] == "ABC"


def test_a_twin_that_is_away_shows_as_such(demo: None, as_role: AsRole) -> None:
    client = as_role(Role.ANALYST)
    assert client.get("/api/v1/sandbox").json() == {
        "shop": {"unreachable": True},
        "notes": {"unreachable": True},
    }
    answer = client.post("/api/v1/sandbox/shop/orders", {"lines": []})
    assert (answer.status_code, answer.json()["code"]) == (502, "twin_unreachable")


def test_what_a_twin_refuses_is_told(
    demo: None, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> Any:
        raise Problem(422, "twin_refused", "Sold out.")

    monkeypatch.setattr(sandbox, "call_twin", refuse)
    answer = as_role(Role.ANALYST).post("/api/v1/sandbox/shop/orders", {"lines": []})
    assert (answer.status_code, answer.json()["detail"]) == (422, "Sold out.")


def test_a_reset_begins_anew(house: House, demo: None, as_role: AsRole, calls: list[Any]) -> None:
    assert as_role(Role.ANALYST).post("/api/v1/sandbox/reset").status_code == 200
    assert [call[:3] for call in calls[:3]] == [
        ("shop", "POST", "/_twin/reset"),
        ("notes", "POST", "/_twin/reset"),
        ("shop", "POST", "/_twin/recorded-order"),
    ]


def test_an_unknown_address_is_a_problem_too(nobody: APIClient) -> None:
    answer = APIClient().get("/api/v1/nothing-here")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
