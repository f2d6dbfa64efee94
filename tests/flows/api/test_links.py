"""Links, the inbox and rules over the API: what is seen, what is decided, what is refused."""

from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from causeway.base.ids import new_id
from flows.models import Conflict, Link, Run, SyncRule
from governance.roles import Role
from tests.flows.api.conftest import PAYLOAD, AsRole, House, make_link, make_run

HEADER = "left_system,left_id,right_system,right_id\n"


@pytest.fixture
def link(house: House) -> Link:
    return make_link(house, new_id(), lease_by="", lease_until=None)


def test_links_are_browsed_and_found(
    house: House, as_role: AsRole, link: Link, stranger: APIClient
) -> None:
    operator = as_role(Role.OPERATOR)
    for query in ("", "&entity=customer", "&state=parked", "&q=Si", "&q=6", "&q=A"):
        [row] = operator.get(f"/api/v1/links?environment=demo{query}").json()["results"]
        assert (row["id"], row["open"]) == (str(link.id), True)
    for query in ("&entity=order", "&state=active", "&q=x"):
        assert operator.get(f"/api/v1/links?environment=demo{query}").json()["results"] == []
    assert stranger.get(f"/api/v1/links/{link.id}").status_code == 404


def test_a_link_shows_both_sides_and_its_proofs_to_whoever_may_see_payloads(
    house: House, as_role: AsRole, link: Link
) -> None:
    make_run(house)
    operator = as_role(Role.OPERATOR).get(f"/api/v1/links/{link.id}").json()
    viewer = as_role(Role.VIEWER).get(f"/api/v1/links/{link.id}")
    assert operator["receipts"][0]["verdict"] == "confirmed"
    assert operator["conflicts"][0]["id"] == str(link.conflicts.get().pk)
    assert operator["base"]["left"] == {"name": PAYLOAD}
    assert PAYLOAD not in viewer.content.decode()
    assert viewer.json()["base"]["left"] == {"masked": True}


def test_a_link_is_made_once_and_forgotten(house: House, as_role: AsRole) -> None:
    operator = as_role(Role.OPERATOR)
    given = {
        "environment": "demo",
        "entity": "order",
        "left": {"system": "shop", "id": "1"},
        "right": {"system": "notes", "id": "A"},
    }
    made = operator.post("/api/v1/links", given, format="json")
    assert made.status_code == 201
    other = {**given, "right": {"system": "notes", "id": "B"}}
    refused = operator.post("/api/v1/links", other, format="json")
    assert (refused.status_code, refused.json()["code"]) == (409, "linked_otherwise")
    path = f"/api/v1/links/{made.json()['id']}"
    assert operator.delete(path).status_code == 204
    assert operator.get(path).status_code == 404
    assert operator.post("/api/v1/links", other, format="json").status_code == 201


def test_a_link_that_a_run_works_on_is_not_forgotten(house: House, as_role: AsRole) -> None:
    held = make_link(house, new_id())
    answer = as_role(Role.OPERATOR).delete(f"/api/v1/links/{held.id}")
    assert (answer.status_code, answer.json()["code"]) == (409, "link_busy")


def test_looking_now_starts_the_flow_with_the_record(
    house: House, as_role: AsRole, link: Link
) -> None:
    link.left_system = house.shop.system
    link.save()
    answer = as_role(Role.OPERATOR).post(f"/api/v1/links/{link.id}/refresh")
    assert answer.status_code == 202
    run = Run.objects.get(pk=answer.json()["run_ids"][0])
    assert (run.trigger_node, run.event.entity_id) == ("placed", "6")


def test_a_link_whose_flow_is_gone_says_so(house: House, as_role: AsRole, link: Link) -> None:
    link.flow = None
    link.save()
    answer = as_role(Role.OPERATOR).post(f"/api/v1/links/{link.id}/refresh")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_deployed")


def test_pairs_go_in_and_out(house: House, as_role: AsRole) -> None:
    operator = as_role(Role.OPERATOR)
    text = (
        "\ufeff" + HEADER + "shop,1,notes,A\nshop,2,notes,B\nshop,1,notes,A\nshop,1,notes,C\n"
        "shop,,notes,D\n\n"
    )
    body = {"environment": "demo", "entity": "order", "csv": text}
    told = operator.post("/api/v1/links/pairs", body, format="json").json()
    assert (told["made"], told["known"], told["refused_count"]) == (2, 1, 2)
    assert [one["line"] for one in told["refused"]] == [5, 6]
    again = operator.post("/api/v1/links/pairs", body, format="json").json()
    assert (again["made"], again["known"]) == (0, 3)
    out = operator.get("/api/v1/links/pairs?environment=demo&entity=order")
    lines = out.content.decode().split()
    assert lines == [HEADER.strip(), "shop,1,notes,A", "shop,2,notes,B"]


@pytest.mark.parametrize("text", ["a,b\n1,2\n", HEADER + 'shop,"1\n', "\x00"])
def test_what_is_no_table_of_pairs_is_refused_whole(
    house: House, as_role: AsRole, text: str
) -> None:
    body = {"environment": "demo", "entity": "order", "csv": text}
    answer = as_role(Role.OPERATOR).post("/api/v1/links/pairs", body, format="json")
    assert answer.status_code in (400, 422)
    assert Link.objects.count() == 0


# -- the inbox ----------------------------------------------------------------------------------


def decide(client: APIClient, conflict: Conflict, *decisions: Any, **more: Any) -> Any:
    body = {"decisions": list(decisions), **more}
    return client.post(f"/api/v1/conflicts/{conflict.pk}/decide", body, format="json")


def test_a_conflict_is_decided_and_remembered(house: House, as_role: AsRole, link: Link) -> None:
    conflict = link.conflicts.get()
    operator = as_role(Role.OPERATOR)
    choice = {"field": "name", "choice": "right"}
    answer = decide(operator, conflict, choice, remember=True)
    assert answer.status_code == 200
    assert answer.json()["state"] == "answered"
    conflict.refresh_from_db()
    assert conflict.resolutions == {"name": {"choice": "right", "value": None}}
    rule = SyncRule.objects.get(field="name")
    assert (rule.entity, rule.winner) == ("customer", "right")
    rules = operator.get("/api/v1/sync-rules").json()["results"]
    assert {one["field"] for one in rules} == {"name", "phone"}
    assert operator.delete(f"/api/v1/sync-rules/{rule.pk}").status_code == 204
    assert SyncRule.objects.count() == 1


def test_the_inbox_hides_values_from_whoever_may_not_see_them(
    house: House, as_role: AsRole, link: Link
) -> None:
    viewer = as_role(Role.VIEWER).get("/api/v1/conflicts?environment=demo&state=open")
    assert PAYLOAD not in viewer.content.decode()
    [row] = viewer.json()["results"]
    assert row["fields"][0]["left"] == {"masked": True}


@pytest.mark.parametrize(
    ("decision", "remember"),
    [
        ({"field": "other", "choice": "left"}, False),
        ({"field": "name", "choice": "keep"}, False),
        ({"field": "name", "choice": "middle"}, False),
        ({"field": "name", "choice": "value", "value": "Z"}, True),
    ],
)
def test_what_cannot_be_chosen_is_refused(
    house: House, as_role: AsRole, link: Link, decision: dict[str, Any], remember: bool
) -> None:
    answer = decide(as_role(Role.OPERATOR), link.conflicts.get(), decision, remember=remember)
    assert answer.status_code == 422
    assert link.conflicts.get().state == "open"
    assert SyncRule.objects.count() == 1


def test_what_is_closed_is_not_decided(house: House, as_role: AsRole, link: Link) -> None:
    link.conflicts.update(state="settled")
    choice = {"field": "name", "choice": "left"}
    answer = decide(as_role(Role.OPERATOR), link.conflicts.get(), choice)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict_closed")


def test_many_are_decided_alike(house: House, as_role: AsRole, link: Link) -> None:
    conflict = link.conflicts.get()
    gone = str(new_id())
    body = {"environment": "demo", "ids": [str(conflict.pk), gone], "choice": "left"}
    answer = as_role(Role.OPERATOR).post("/api/v1/conflicts/decide", body, format="json")
    assert answer.json() == {"decided": [str(conflict.pk)], "left_out": [gone]}
    conflict.refresh_from_db()
    assert conflict.state == "answered"


def candidates(link: Link) -> Conflict:
    link.conflicts.all().delete()
    link.right_id = ""
    link.save()
    told: list[dict[str, Any]] = [{"id": id_, "label": id_, "values": {}} for id_ in ("B", "C")]
    return Conflict.objects.create(
        workspace=link.workspace,
        environment=link.environment,
        link=link,
        entity=link.entity,
        kind="candidates",
        fields=[
            {
                "field": "*candidates*",
                "left": [],
                "right": told,
                "left_base": None,
                "right_base": None,
                "winner": "",
                "by": "right",
            }
        ],
        digest="c",
        created_at=timezone.now(),
        changed_at=timezone.now(),
    )


@pytest.mark.parametrize(("value", "right_id", "matching"), [("C", "C", "find"), (None, "", "new")])
def test_one_of_several_candidates_is_chosen_or_none(
    house: House, as_role: AsRole, link: Link, value: str | None, right_id: str, matching: str
) -> None:
    choice = {"field": "*candidates*", "choice": "value", "value": value}
    answer = decide(as_role(Role.OPERATOR), candidates(link), choice)
    assert answer.json()["state"] == "decided"
    link.refresh_from_db()
    assert (link.right_id, link.matching) == (right_id, matching)


def test_a_record_that_is_no_candidate_cannot_be_chosen(
    house: House, as_role: AsRole, link: Link
) -> None:
    choice = {"field": "*candidates*", "choice": "value", "value": "Z"}
    assert decide(as_role(Role.OPERATOR), candidates(link), choice).status_code == 422


def test_what_diverged_may_be_kept_as_it_is(house: House, as_role: AsRole, link: Link) -> None:
    link.conflicts.update(kind="diverged")
    choice = {"field": "name", "choice": "keep"}
    answer = decide(as_role(Role.OPERATOR), link.conflicts.get(), choice)
    assert answer.json()["state"] == "decided"


def test_fields_are_answered_one_after_the_other(house: House, as_role: AsRole, link: Link) -> None:
    conflict = link.conflicts.get()
    conflict.fields = [*conflict.fields, {**conflict.fields[0], "field": "mail"}]
    conflict.save()
    operator = as_role(Role.OPERATOR)
    first = decide(operator, conflict, {"field": "name", "choice": "left"}).json()
    assert (first["state"], first["looked_at"]) == ("open", False)
    second = decide(operator, conflict, {"field": "mail", "choice": "right"}).json()
    assert second["state"] == "answered"
    assert {one["field"]: one["choice"] for one in second["resolutions"]} == {
        "name": "left",
        "mail": "right",
    }
