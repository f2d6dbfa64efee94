"""Connections over the API; above all: a secret never comes back."""

from dataclasses import replace
from typing import Any

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from connectors.connections import service
from connectors.connections.models import Connection
from connectors.connections.service import load_connection
from connectors.connections.validation import connector_of
from connectors.sdk.connector import CheckResult
from connectors.sdk.errors import AuthenticationError
from connectors.sdk.operation import OperationContext
from governance.models import AuditEntry
from governance.roles import Role
from tests.flows.api.conftest import HOOK_SECRET, SECRET, AsRole, House, make_run

URL = "/api/v1/connections"
ONE = f"{URL}/demo/shop"


def new(**changes: Any) -> dict[str, Any]:
    return {
        "environment": "test",
        "slug": "second",
        "name": "Second",
        "connector": "prestashop",
        "settings": {"base_url": "https://second.example/shop/"},
        "secrets": {"api_key": "B" * 32},
        **changes,
    }


def test_a_row_says_which_secrets_are_set(house: House, as_role: AsRole) -> None:
    [row] = as_role(Role.VIEWER).get(URL, {"environment": "demo"}).json()["results"]
    assert (row["slug"], row["system"], row["state"]) == ("shop", "shop.example", "unchecked")
    assert row["secrets"]["api_key"]["set"] is True
    assert row["secrets"]["api_key"]["changed_at"]
    assert row["settings"] == {"base_url": "https://shop.example"}
    assert row["hook_path"] is None


def test_who_sets_hooks_up_sees_their_address(house: House, as_role: AsRole) -> None:
    [row] = as_role(Role.ADMINISTRATOR).get(URL, {"environment": "demo"}).json()["results"]
    assert row["hook_path"] == f"/hooks/{house.shop.hook_token}"


def test_no_answer_ever_holds_a_secret(
    house: House, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check(context: OperationContext) -> CheckResult:
        return CheckResult(ok=True, message="fine")

    replace_check(monkeypatch, check)
    run = make_run(house)
    client = as_role(Role.ADMINISTRATOR)
    answers = [
        client.post(URL, new(secrets={"api_key": SECRET, "webhook_secret": HOOK_SECRET})),
        client.patch(ONE, {"secrets": {"api_key": SECRET}}),
        client.patch(ONE, {"secrets": {"api_key": f"{SECRET} too long"}}),
        client.patch(ONE, {"secrets": {"nonsense": SECRET}}),
        client.post(URL, new(slug="third", settings={}, secrets={"api_key": SECRET})),
        client.post(f"{ONE}/check"),
        *(
            client.get(f"/api/v1/{path}")
            for path in (
                "session",
                "catalog",
                "home?environment=demo",
                "flows?environment=demo",
                "flows/orders?environment=demo",
                "flows/orders/versions/1",
                "deployments?environment=demo",
                "runs?environment=demo",
                f"runs/{run.id}",
                f"runs/{run.id}/events",
                "connections?environment=demo",
                "connections?environment=test",
                "crosswalks",
            )
        ),
    ]
    assert {one.status_code for one in answers} == {200, 201, 422}
    for answer in answers:
        assert SECRET not in answer.content.decode()
        assert HOOK_SECRET not in answer.content.decode()
    for entry in AuditEntry.objects.all():
        assert SECRET not in str(entry.detail)


@pytest.mark.parametrize("role", list(Role))
def test_only_administrators_manage(role: Role, house: House, as_role: AsRole) -> None:
    client = as_role(role)
    allowed = role is Role.ADMINISTRATOR
    assert client.post(URL, new()).status_code == (201 if allowed else 403)
    assert client.patch(ONE, {"name": "X"}).status_code == (200 if allowed else 403)
    if not allowed:
        assert client.post(f"{ONE}/check").status_code == 403
        assert Connection.objects.get().name == "Shop"


def test_strangers_and_nobody_see_none(stranger: APIClient, nobody: APIClient) -> None:
    assert stranger.get(URL, {"environment": "demo"}).status_code == 404
    assert stranger.patch(ONE, {"name": "X"}).status_code == 404
    assert stranger.post(f"{ONE}/check").status_code == 404
    assert stranger.post(URL, new()).status_code == 404
    assert nobody.get(URL, {"environment": "demo"}).status_code == 401
    assert nobody.patch(ONE, {"name": "X"}).status_code == 401


def test_creating_seals_the_secrets_and_names_the_system(as_role: AsRole) -> None:
    answer = as_role(Role.ADMINISTRATOR).post(URL, new())
    assert answer.status_code == 201
    assert answer.json()["system"] == "second.example/shop"
    stored = Connection.objects.get(slug="second")
    assert load_connection(stored.id).secrets == {"api_key": "B" * 32}
    assert "B" * 32 not in repr(load_connection(stored.id))


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"settings": {}}, "/settings/base_url"),
        ({"settings": {"base_url": "ftp://x"}}, "/settings/base_url"),
        ({"secrets": {}}, "/secrets/api_key"),
        ({"secrets": {"api_key": "short"}}, "/secrets/api_key"),
        ({"secrets": {"api_key": "B" * 32, "nonsense": "x"}}, "/secrets/nonsense"),
        ({"connector": "sap"}, "/connector"),
        ({"slug": "a b"}, "/slug"),
        ({"slug": ""}, "/slug"),
    ],
)
def test_what_does_not_fit_is_refused(
    changes: dict[str, Any], pointer: str, as_role: AsRole
) -> None:
    answer = as_role(Role.ADMINISTRATOR).post(URL, new(**changes))
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
    assert not Connection.objects.filter(slug="second").exists()


def test_a_taken_slug_is_a_conflict(as_role: AsRole) -> None:
    client = as_role(Role.ADMINISTRATOR)
    assert client.post(URL, new()).status_code == 201
    answer = client.post(URL, new())
    assert (answer.status_code, answer.json()["code"]) == (409, "slug_taken")
    assert client.post(URL, new(environment="demo")).status_code == 201


def test_secrets_stay_change_and_go(house: House, as_role: AsRole) -> None:
    client = as_role(Role.ADMINISTRATOR)
    client.patch(ONE, {"name": "Renamed"})
    assert load_connection(house.shop.id).secrets["api_key"] == SECRET
    client.patch(ONE, {"secrets": {"api_key": "C" * 32}})
    assert load_connection(house.shop.id).secrets == {
        "api_key": "C" * 32,
        "webhook_secret": HOOK_SECRET,
    }
    client.patch(ONE, {"secrets": {"webhook_secret": None}})
    assert load_connection(house.shop.id).secrets == {"api_key": "C" * 32}
    answer = client.patch(ONE, {"secrets": {"api_key": None}})
    assert answer.status_code == 422
    assert answer.json()["errors"][0] == {
        "pointer": "/secrets/api_key",
        "code": "required",
        "message": "This secret is needed.",
    }
    assert load_connection(house.shop.id).secrets == {"api_key": "C" * 32}


def replace_check(monkeypatch: pytest.MonkeyPatch, check: Any) -> None:
    class Fake:
        def __init__(self, inner: Any) -> None:
            self.manifest = inner.manifest
            self.check = check

    original = connector_of
    monkeypatch.setattr(service, "connector_of", lambda id_: Fake(original(id_)))


def test_a_check_keeps_what_the_far_side_said(
    house: House, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check(context: OperationContext) -> CheckResult:
        assert context.connection.secrets["api_key"] == SECRET
        return CheckResult(ok=True, message="PrestaShop 9.1", facts={"version": "9.1"})

    replace_check(monkeypatch, check)
    body = as_role(Role.ADMINISTRATOR).post(f"{ONE}/check").json()
    assert (body["state"], body["state_message"]) == ("healthy", "PrestaShop 9.1")
    assert body["facts"] == {"version": "9.1"}
    assert body["checked_at"]


def test_a_refused_login_needs_attention(
    house: House, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check(context: OperationContext) -> CheckResult:
        raise AuthenticationError("The shop refuses the key.", fix="Enter it again.")

    replace_check(monkeypatch, check)
    body = as_role(Role.ADMINISTRATOR).post(f"{ONE}/check").json()
    assert body["state"] == "needs_attention"
    assert body["state_message"] == "The shop refuses the key. Enter it again."


def test_a_check_that_breaks_says_so_without_its_reason(
    house: House, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check(context: OperationContext) -> CheckResult:
        raise RuntimeError(context.connection.secrets["api_key"])

    replace_check(monkeypatch, check)
    answer = as_role(Role.ADMINISTRATOR).post(f"{ONE}/check")
    assert answer.json()["state"] == "needs_attention"
    assert SECRET not in answer.content.decode()


def test_a_private_address_is_not_reached(house: House, as_role: AsRole) -> None:
    client = as_role(Role.ADMINISTRATOR)
    client.patch(ONE, {"settings": {"base_url": "http://169.254.169.254"}})
    body = client.post(f"{ONE}/check").json()
    assert body["state"] == "needs_attention"
    assert "may not be reached" in body["state_message"]


def test_changing_settings_asks_for_a_new_check(house: House, as_role: AsRole) -> None:
    Connection.objects.update(state="healthy", state_message="fine")
    client = as_role(Role.ADMINISTRATOR)
    assert client.patch(ONE, {"name": "Renamed"}).json()["state"] == "healthy"
    moved = client.patch(ONE, {"settings": {"base_url": "https://new.example"}}).json()
    assert (moved["state"], moved["system"]) == ("unchecked", "new.example")


def test_acts_are_recorded_without_values(house: House, as_role: AsRole) -> None:
    as_role(Role.ADMINISTRATOR).patch(ONE, {"secrets": {"api_key": "D" * 32}})
    entry = AuditEntry.objects.get(object_kind="connection", verb="changed")
    assert entry.detail["secrets_changed"] == ["api_key"]
    assert entry.before
    assert entry.after
    assert entry.before != entry.after


def test_the_number_of_queries_does_not_grow(
    house: House, as_role: AsRole, django_assert_num_queries: Any
) -> None:
    client = as_role(Role.ADMINISTRATOR)

    def queries() -> int:
        with django_assert_num_queries(20, exact=False) as captured:
            client.get(URL, {"environment": "demo"})
        return len(captured)

    before = queries()
    for number in range(5):
        client.post(URL, new(environment="demo", slug=f"s{number}"))
    assert queries() == before


def test_rotating_keys_keeps_connections_working(house: House, capsys: Any) -> None:
    call_command("rotate_keys")
    assert "2 secrets" in capsys.readouterr().out
    assert load_connection(house.shop.id).secrets["api_key"] == SECRET


@pytest.mark.parametrize(
    ("more", "imitated"),
    [
        ({}, True),
        ({"rest_url": "http://127.0.0.1:1"}, True),
        ({"rest_url": "https://a.example"}, False),
    ],
)
def test_a_connection_is_to_an_imitated_system_by_all_its_addresses(
    house: House, as_role: AsRole, settings: Any, more: dict[str, str], imitated: bool
) -> None:
    settings.CAUSEWAY = replace(settings.CAUSEWAY, notes_twin_url="http://127.0.0.1:1")
    given = {
        "base_url": "http://127.0.0.1:1",
        "database": "fulfil.nsf",
        "replica_id": "802579AB00112233",
        "username": "svc",
        **more,
    }
    made = new(connector="notes", settings=given, secrets={"password": "x"})
    answer = as_role(Role.ADMINISTRATOR).post(URL, made, format="json")
    assert answer.status_code == 201, answer.json()
    assert answer.json()["is_twin"] is imitated
