"""Flows and versions over the API."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from flows.models import Flow, FlowVersion
from governance.models import AuditEntry
from governance.roles import Role
from tests.flows.api.conftest import AsRole, House, document, make_run

URL = "/api/v1/flows"
MAY_EDIT = {Role.ANALYST, Role.RELEASE_ENGINEER, Role.ADMINISTRATOR}


@pytest.mark.parametrize("role", list(Role))
def test_every_role_sees_the_flows(role: Role, as_role: AsRole) -> None:
    [row] = as_role(role).get(URL, {"environment": "demo"}).json()["results"]
    assert (row["slug"], row["latest_version"], row["connectors"]) == (
        "orders",
        1,
        ["prestashop"],
    )
    assert row["deployed"]["version"] == 1
    assert row["today"] == {"succeeded": 0, "failed": 0}


def test_what_runs_elsewhere_does_not_show_here(as_role: AsRole) -> None:
    [row] = as_role(Role.VIEWER).get(URL, {"environment": "test"}).json()["results"]
    assert row["deployed"] is None


@pytest.mark.parametrize(
    "path",
    ["", "/orders", "/orders/versions", "/orders/versions/1"],
)
def test_strangers_and_nobody_see_nothing(
    path: str, stranger: APIClient, nobody: APIClient
) -> None:
    assert nobody.get(URL + path).status_code == 401
    answer = stranger.get(URL + path)
    if path:
        assert answer.status_code == 404
    else:
        assert answer.json()["results"] == []


def test_one_flow_with_document_and_versions(as_role: AsRole) -> None:
    body = as_role(Role.VIEWER).get(f"{URL}/orders").json()
    assert body["document"]["nodes"][0]["id"] == "placed"
    assert [one["number"] for one in body["versions"]] == [1]
    assert body["versions"][0]["note"] == "First"
    version = as_role(Role.VIEWER).get(f"{URL}/orders/versions/1").json()
    assert version["document"] == body["document"]
    assert as_role(Role.VIEWER).get(f"{URL}/orders/versions/9").status_code == 404


@pytest.mark.parametrize("role", list(Role))
def test_only_editors_create(role: Role, as_role: AsRole) -> None:
    answer = as_role(role).post(URL, {"document": document("second"), "note": "new"})
    assert answer.status_code == (201 if role in MAY_EDIT else 403)
    assert Flow.objects.filter(slug="second").exists() == (role in MAY_EDIT)


def test_creating_records_who_and_what(as_role: AsRole) -> None:
    body = as_role(Role.ANALYST).post(URL, {"document": document("second")}).json()
    assert body["versions"][0]["created_by"] == "analyst"
    entry = AuditEntry.objects.get(object_label="second")
    assert (entry.actor, entry.verb, entry.after) == (
        "analyst",
        "published",
        body["versions"][0]["digest"],
    )


def test_a_taken_slug_is_a_conflict(as_role: AsRole) -> None:
    answer = as_role(Role.ANALYST).post(URL, {"document": document()})
    assert (answer.status_code, answer.json()["code"]) == (409, "slug_taken")
    assert FlowVersion.objects.count() == 1


def test_a_slug_with_a_meaning_of_its_own_is_refused(as_role: AsRole) -> None:
    answer = as_role(Role.ANALYST).post(URL, {"document": document("check")})
    assert (answer.status_code, answer.json()["code"]) == (422, "slug_reserved")


def test_an_invalid_flow_is_refused_with_all_pointers(as_role: AsRole) -> None:
    broken = document("broken")
    broken["nodes"][0]["type"] = "no.such@1"
    broken["edges"][0]["to"] = "nowhere"
    answer = as_role(Role.ANALYST).post(URL, {"document": broken})
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    pointers = [one["pointer"] for one in answer.json()["errors"]]
    assert any(one.startswith("/nodes/0") for one in pointers)
    assert any(one.startswith("/edges/0") for one in pointers)
    assert not Flow.objects.filter(slug="broken").exists()


@pytest.mark.parametrize("body", [{}, {"document": 7}, {"document": {}}, {"document": []}])
def test_what_is_no_document_is_refused(body: dict[str, object], as_role: AsRole) -> None:
    answer = as_role(Role.ANALYST).post(URL, body)
    assert answer.status_code == 422
    assert answer.json()["errors"]


def test_text_that_is_not_json_is_refused(as_role: AsRole) -> None:
    client = as_role(Role.ADMINISTRATOR)
    answer = client.post(URL, "<order/>", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")


def test_checking_stores_nothing(as_role: AsRole) -> None:
    broken = document("checked", edges=[{"from": "placed", "port": "nope", "to": "done"}])
    client = as_role(Role.VIEWER)
    problems = client.post(f"{URL}/check", {"document": broken}).json()["problems"]
    assert problems
    assert {"code", "pointer", "message", "fix", "node", "severity"} == set(problems[0])
    assert client.post(f"{URL}/check", {"document": document()}).json()["problems"] == []
    assert not Flow.objects.filter(slug="checked").exists()


def test_checking_knows_which_flows_can_be_called(as_role: AsRole) -> None:
    calling = document("calling")
    call = {"id": "call", "type": "flow.call@1", "params": {"flow": "nowhere"}}
    calling["nodes"].insert(1, call)
    calling["edges"] = [
        {"from": "placed", "port": "out", "to": "call"},
        {"from": "call", "port": "out", "to": "done"},
    ]
    client = as_role(Role.VIEWER)
    [problem] = client.post(f"{URL}/check", {"document": calling}).json()["problems"]
    assert (problem["code"], problem["severity"]) == ("called_flow_unknown", "warning")
    assert (problem["pointer"], problem["node"]) == ("/nodes/1/params/flow", "call")


def changed(outcome: str) -> dict[str, object]:
    other = document()
    other["nodes"][1]["params"]["outcome"] = outcome
    return other


def test_publishing_adds_a_version(as_role: AsRole) -> None:
    client = as_role(Role.ANALYST)
    answer = client.post(f"{URL}/orders/versions", {"document": changed("other"), "note": "n"})
    assert answer.status_code == 201
    assert answer.json()["number"] == 2
    assert answer.headers["ETag"] == '"2"'
    assert client.get(f"{URL}/orders").json()["latest_version"] == 2


def test_the_same_logic_is_not_published_twice(as_role: AsRole) -> None:
    moved = document(layout={"nodes": {"placed": {"x": 5, "y": 9}}})
    answer = as_role(Role.ANALYST).post(f"{URL}/orders/versions", {"document": moved})
    assert (answer.status_code, answer.json()["number"]) == (200, 1)
    assert FlowVersion.objects.count() == 1


def test_a_stale_author_is_told(as_role: AsRole) -> None:
    client = as_role(Role.ANALYST)
    url = f"{URL}/orders/versions"
    fresh = client.post(url, {"document": changed("b")}, headers={"If-Match": '"1"'})
    assert fresh.status_code == 201
    stale = client.post(url, {"document": changed("c")}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    nonsense = client.post(url, {"document": changed("c")}, headers={"If-Match": "abc"})
    assert nonsense.status_code == 412
    assert FlowVersion.objects.count() == 2


def test_viewers_and_operators_do_not_publish(as_role: AsRole) -> None:
    for role in set(Role) - MAY_EDIT:
        answer = as_role(role).post(f"{URL}/orders/versions", {"document": changed("x")})
        assert answer.status_code == 403
    assert FlowVersion.objects.count() == 1


def test_a_document_of_another_name_is_refused(as_role: AsRole) -> None:
    answer = as_role(Role.ANALYST).post(f"{URL}/orders/versions", {"document": document("another")})
    assert (answer.status_code, answer.json()["code"]) == (422, "slug_differs")


def test_the_number_of_queries_does_not_grow_with_the_flows(
    house: House, as_role: AsRole, django_assert_max_num_queries: Any
) -> None:
    client = as_role(Role.ADMINISTRATOR)
    for number in range(12):
        client.post(URL, {"document": document(f"flow-{number}")})
    make_run(house)
    with django_assert_max_num_queries(12):
        rows = client.get(URL, {"environment": "demo"}).json()["results"]
    assert len(rows) == 13


def test_exact_numbers_survive(as_role: AsRole) -> None:
    exact = document("exact", samples={"price": {"amount": 0}})
    client = as_role(Role.ANALYST)
    text = json.dumps({"document": exact}).replace('"amount": 0', '"amount": 19.90')
    made = client.generic("POST", URL, text, content_type="application/json")
    assert made.status_code == 201, made.content
    assert b"19.90" in client.get(f"{URL}/exact").content


def test_the_catalog_lists_what_flows_are_made_of(as_role: AsRole, nobody: APIClient) -> None:
    body = as_role(Role.VIEWER).get("/api/v1/catalog").json()
    kinds = {one["type"]: one["kind"] for one in body["node_types"]}
    assert kinds["prestashop.order_event@1"] == "trigger"
    assert kinds["prestashop.order.get@1"] == "action"
    assert kinds["flow.branch@1"] == "control"
    assert kinds["data.map@1"] == "data"
    assert {"prestashop", "notes", "http"} <= {one["id"] for one in body["connectors"]}
    assert nobody.get("/api/v1/catalog").status_code == 401


def test_the_functions_come_with_schemas_for_their_forms(as_role: AsRole) -> None:
    answer = as_role(Role.VIEWER).get("/api/v1/catalog/functions")
    functions = {one["name"]: one for one in answer.json()["functions"]}
    assert {"money", "address_parse", "line_items", "rich_text"} <= functions.keys()
    assert functions["money"]["schema"]["properties"]["locale"]["title"] == "Language"
    assert b"1234.56" in answer.content
