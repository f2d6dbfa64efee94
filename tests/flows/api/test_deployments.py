"""Deployments over the API: who may, what must fit, all or nothing."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from flows.models import Deployment, Listener, PollCursor
from flows.services import deployments as service
from flows.services.flows import publish_version
from governance.models import AuditEntry
from governance.roles import Role
from tests.flows.api.conftest import SETUP, AsRole, House, document

URL = "/api/v1/deployments"
MAY = {Role.RELEASE_ENGINEER, Role.ADMINISTRATOR}


@pytest.fixture
def second(house: House) -> int:
    other = document()
    other["nodes"][1]["params"]["outcome"] = "second"
    other["nodes"][0]["params"]["changes"] = ["updated"]
    return publish_version(SETUP, house.flow, document=other)[0].number


def deploy(client: APIClient, version: int = 2, *, key: str = "", **changes: Any) -> Any:
    return client.post(
        URL,
        {
            "flow": "orders",
            "version": version,
            "environment": "demo",
            "bindings": {"shop": "shop"},
            **changes,
        },
        headers={"Idempotency-Key": key} if key else {},
    )


@pytest.mark.parametrize("role", list(Role))
def test_who_may_deploy(role: Role, second: int, as_role: AsRole) -> None:
    assert deploy(as_role(role)).status_code == (201 if role in MAY else 403)
    active = Deployment.objects.get(retired_at__isnull=True)
    assert active.version.number == (2 if role in MAY else 1)


def test_the_flow_says_its_weight(house: House, as_role: AsRole) -> None:
    heavy = document()
    heavy["settings"]["weight"] = 70
    publish_version(SETUP, house.flow, document=heavy)
    assert deploy(as_role(Role.RELEASE_ENGINEER)).status_code == 201
    assert Deployment.objects.get(retired_at__isnull=True).weight == 70
    assert house.deployment.weight == 10


def test_one_retires_the_other_with_its_listeners(
    house: House, second: int, as_role: AsRole
) -> None:
    body = deploy(as_role(Role.RELEASE_ENGINEER)).json()
    assert body["bindings"] == {"shop": "shop"}
    assert body["deployed_by"] == "release_engineer"
    house.deployment.refresh_from_db()
    assert house.deployment.retired_at
    [listener] = Listener.objects.all()
    assert str(listener.deployment_id) == body["id"]
    assert (listener.node, listener.trigger_type, listener.params) == (
        "placed",
        "prestashop.order_event@1",
        {"changes": ["updated"]},
    )
    assert listener.connection_id == house.shop.id
    assert PollCursor.objects.filter(connection=house.shop).count() == 1
    entry = AuditEntry.objects.filter(verb="deployed").latest("id")
    assert (entry.detail["version"], entry.detail["replaced_version"]) == (2, 1)


def test_a_failure_on_the_way_changes_nothing(
    house: House, second: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(listeners: Any) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr(service, "ensure_poll_cursors", fail)
    version = house.flow.versions.get(number=2)
    with pytest.raises(RuntimeError, match="no room"):
        service.deploy(SETUP, version=version, environment=house.demo, bindings={"shop": "shop"})
    active = Deployment.objects.get(retired_at__isnull=True)
    assert active.pk == house.deployment.pk
    assert Listener.objects.get().deployment_id == house.deployment.pk
    assert AuditEntry.objects.filter(verb="deployed").count() == 1


def test_the_same_again_changes_nothing(house: House, as_role: AsRole) -> None:
    answer = deploy(as_role(Role.RELEASE_ENGINEER), version=1)
    assert (answer.status_code, answer.json()["id"]) == (200, str(house.deployment.id))
    assert Deployment.objects.count() == 1


def test_a_late_repetition_does_not_undo_what_came_after(second: int, as_role: AsRole) -> None:
    client = as_role(Role.RELEASE_ENGINEER)
    first = deploy(client, 2, key="release-2")
    assert deploy(client, 1).status_code == 201
    again = deploy(client, 2, key="release-2")
    assert again.json() == first.json()
    assert Deployment.objects.get(retired_at__isnull=True).version.number == 1


@pytest.mark.parametrize(
    ("bindings", "code"),
    [
        ({}, "unbound"),
        ({"shop": "nobody"}, "unknown_connection"),
        ({"shop": "web"}, "wrong_connector"),
        ({"shop": "shop", "extra": "shop"}, "unknown_slot"),
    ],
)
def test_bindings_must_fit(
    bindings: dict[str, str], code: str, second: int, as_role: AsRole
) -> None:
    client = as_role(Role.ADMINISTRATOR)
    client.post(
        "/api/v1/connections",
        {
            "environment": "demo",
            "slug": "web",
            "connector": "http",
            "settings": {"base_url": "https://web.example"},
        },
    )
    answer = deploy(client, bindings=bindings)
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error["code"] == code
    assert error["pointer"] == f"/bindings/{'extra' if code == 'unknown_slot' else 'shop'}"
    assert Deployment.objects.count() == 1


def test_a_connection_of_another_environment_does_not_fit(second: int, as_role: AsRole) -> None:
    answer = deploy(as_role(Role.ADMINISTRATOR), environment="test")
    assert answer.json()["errors"][0]["code"] == "unknown_connection"


def test_a_crosswalk_must_exist(house: House, as_role: AsRole) -> None:
    other = document()
    other["nodes"].insert(
        1,
        {
            "id": "map",
            "type": "data.map@1",
            "name": "Map",
            "params": {
                "fields": [
                    {
                        "target": "status",
                        "source": "placed.current_state",
                        "functions": [
                            {"name": "crosswalk", "table": "nowhere", "direction": "to_left"}
                        ],
                    }
                ]
            },
        },
    )
    other["edges"] = [
        {"from": "placed", "port": "out", "to": "map"},
        {"from": "map", "port": "out", "to": "done"},
    ]
    publish_version(SETUP, house.flow, document=other)
    answer = deploy(as_role(Role.ADMINISTRATOR))
    assert (answer.status_code, answer.json()["code"]) == (422, "crosswalk_missing")


def test_unknown_names_are_not_found(as_role: AsRole) -> None:
    client = as_role(Role.ADMINISTRATOR)
    assert deploy(client, flow="nobody").status_code == 404
    assert deploy(client, 99).status_code == 404
    assert deploy(client, environment="mars").status_code == 404


def test_strangers_and_nobody_do_nothing(stranger: APIClient, nobody: APIClient) -> None:
    assert deploy(stranger, 1).status_code == 404
    assert deploy(nobody, 1).status_code == 401
    assert stranger.get(URL, {"environment": "demo"}).status_code == 404
    assert nobody.get(URL, {"environment": "demo"}).status_code == 401


def test_listing_what_runs_and_what_ran(second: int, as_role: AsRole) -> None:
    deploy(as_role(Role.ADMINISTRATOR))
    client = as_role(Role.VIEWER)
    now = client.get(URL, {"environment": "demo"}).json()["results"]
    assert [one["version"] for one in now] == [2]
    ever = client.get(URL, {"environment": "demo", "retired": "true"}).json()["results"]
    assert [(one["version"], one["retired_at"] is None) for one in ever] == [(2, True), (1, False)]
