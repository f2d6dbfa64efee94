"""Private drafts over the API."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from rest_framework.test import APIClient

from causeway.base.actors import person
from causeway.base.problems import Problem
from flows.models import FlowDraft, FlowVersion
from flows.services.drafts import save_draft
from governance.models import AuditEntry
from governance.roles import Role, grant_role
from tests.flows.api.conftest import SETUP, AsRole, House, client_of, document

URL = "/api/v1/flows/orders/draft"
MAY_EDIT = {Role.ANALYST, Role.RELEASE_ENGINEER, Role.ADMINISTRATOR}


def save(client: APIClient, name: str = "Draft", *, revision: int = 0, **changes: Any) -> Any:
    body = {"document": document(name=name), "base": 1, "revision": revision, **changes}
    return client.put(URL, body)


def test_there_is_none_until_it_is_saved(as_role: AsRole) -> None:
    client = as_role(Role.ANALYST)
    assert client.get(URL).json() == {"draft": None, "others": []}
    saved = save(client)
    assert saved.status_code == 200
    assert saved.json()["draft"]["revision"] == 1
    draft = client.get(URL).json()["draft"]
    assert (draft["document"]["name"], draft["base"]) == ("Draft", 1)
    # What runs and what others read stays as it was published.
    assert client.get("/api/v1/flows/orders").json()["document"]["name"] == "Orders"
    assert FlowVersion.objects.count() == 1


@pytest.mark.parametrize("role", list(Role))
def test_only_editors_have_drafts(role: Role, as_role: AsRole) -> None:
    client = as_role(role)
    assert client.get(URL).status_code == 200
    assert save(client).status_code == (200 if role in MAY_EDIT else 403)
    assert client.delete(URL).status_code == (200 if role in MAY_EDIT else 403)


def test_nobody_sees_the_draft_of_somebody_else(as_role: AsRole, stranger: APIClient) -> None:
    assert save(as_role(Role.ANALYST), "A secret plan").status_code == 200
    for role in (Role.VIEWER, Role.RELEASE_ENGINEER, Role.ADMINISTRATOR):
        answer = as_role(role).get(URL)
        assert answer.json()["draft"] is None
        assert b"secret" not in answer.content
        [other] = answer.json()["others"]
        assert (other["name"], other["base"]) == ("analyst", 1)
    assert stranger.get(URL).status_code == 404
    assert save(stranger).status_code == 404
    assert stranger.delete(URL).status_code == 404
    assert FlowDraft.objects.count() == 1


def test_two_people_have_one_each(as_role: AsRole) -> None:
    one, two = as_role(Role.ANALYST), as_role(Role.ADMINISTRATOR)
    save(one, "Mine")
    save(two, "Theirs")
    assert one.get(URL).json()["draft"]["document"]["name"] == "Mine"
    two.delete(URL)
    assert one.get(URL).json()["draft"]["document"]["name"] == "Mine"
    assert one.get(URL).json()["others"] == []


def test_who_lost_the_role_does_not_get_the_draft_back(house: House, as_role: AsRole) -> None:
    client = as_role(Role.ANALYST)
    save(client)
    User.objects.get(username="analyst").groups.clear()
    assert client.get(URL, {"workspace": "main"}).status_code == 404


def test_a_stale_save_changes_nothing(as_role: AsRole) -> None:
    client = as_role(Role.ANALYST)
    save(client, "First")
    save(client, "Second", revision=1)
    for revision in (0, 1, 3):
        answer = save(client, "Lost", revision=revision)
        assert (answer.status_code, answer.json()["code"]) == (409, "draft_stale")
    draft = client.get(URL).json()["draft"]
    assert (draft["document"]["name"], draft["revision"]) == ("Second", 2)


def test_a_save_of_a_draft_that_is_gone_is_stale(as_role: AsRole) -> None:
    client = as_role(Role.ANALYST)
    save(client)
    client.delete(URL)
    assert save(client, revision=1).status_code == 409
    assert client.get(URL).json()["draft"] is None


def test_digits_survive(as_role: AsRole) -> None:
    client = as_role(Role.ANALYST)
    body = {"document": document(samples={"p": {"n": 0}}), "base": 1, "revision": 0}
    text = json.dumps(body).replace('"n": 0', '"n": 12345678901234567890.10')
    answer = client.generic("PUT", URL, text, content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert b"12345678901234567890.10" in client.get(URL).content


def test_a_draft_need_not_be_valid(as_role: AsRole) -> None:
    client = as_role(Role.ANALYST)
    assert save(client, document=document(nodes=[], edges=[])).status_code == 200
    odd = document(nodes=[{"id": "a", "type": "no.such@1"}], edges=[])
    assert save(client, document=odd, revision=1).status_code == 200


@pytest.mark.parametrize(
    ("pointer", "broken"),
    [
        ("/document/slug", document("another")),
        ("/document/name", document(name=7)),
        ("/document/nodes", document(nodes={})),
        ("/document/nodes/0", document(nodes=[7])),
        ("/document/nodes/0", document(nodes=[{"id": "a"}])),
        ("/document/edges/0", document(edges=[{"from": "a", "to": "b"}])),
        ("/document/nodes", document(nodes=[{"id": "a", "type": "x.y@1"}] * 2)),
        ("/document/slug", {}),
    ],
)
def test_what_could_not_be_opened_again_is_refused(
    pointer: str, broken: dict[str, Any], as_role: AsRole
) -> None:
    answer = save(as_role(Role.ANALYST), document=broken)
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
    assert not FlowDraft.objects.exists()


def test_the_version_that_it_started_from_exists(as_role: AsRole) -> None:
    client = as_role(Role.ANALYST)
    assert save(client, base=2).json()["code"] == "base_unknown"
    for body in ({}, {"document": document()}, {"document": 3, "base": 1, "revision": 0}):
        assert client.put(URL, body).status_code == 422
    assert save(client, revision=-1).status_code == 422


def test_saving_is_no_news_for_the_audit_log(as_role: AsRole) -> None:
    before = AuditEntry.objects.count()
    save(as_role(Role.ANALYST))
    assert AuditEntry.objects.count() <= before + 1  # the role that the helper grants


def test_an_unknown_flow_has_no_draft(as_role: AsRole, nobody: APIClient) -> None:
    assert as_role(Role.ANALYST).get("/api/v1/flows/nothing/draft").status_code == 404
    assert nobody.get(URL).status_code == 401


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("revision", [0, 1])
def test_of_two_saves_at_once_one_wins(house: House, revision: int) -> None:
    user = User.objects.create_user("pat")
    grant_role(SETUP, user=user, workspace=house.workspace, role=Role.ANALYST)
    if revision:
        assert save(client_of(user)).status_code == 200

    def one(number: int) -> str:
        try:
            named = document(name=f"Tab {number}")
            save_draft(person(user), house.flow, document=named, base=1, revision=revision)
        except Problem as problem:
            return problem.code
        finally:
            connection.close()
        return "saved"

    with ThreadPoolExecutor(max_workers=4) as pool:
        ends = list(pool.map(one, range(4)))
    assert sorted(ends) == ["draft_stale"] * 3 + ["saved"]
    draft = FlowDraft.objects.get()
    assert draft.revision == revision + 1
    assert draft.document["name"] == f"Tab {ends.index('saved')}"
