"""What a connection's page says of the load on its far side, and of quiet hours."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from connectors.connections.models import Connection
from connectors.sdk.connector import CheckResult
from connectors.sdk.meter import Meter, counted
from connectors.sdk.operation import OperationContext
from flows.models import ConnectionLoad
from flows.services import connections as service
from flows.services.load import load_of, note_check
from governance.roles import Role
from tests.flows.api.conftest import SETUP, AsRole, House
from tests.flows.api.test_connections import replace_check

NOW = datetime(2026, 11, 27, 10, 30, 20, tzinfo=UTC)
ONE = "/api/v1/connections/demo/shop"


def asked(connection: Connection, ago: timedelta, operation: str, requests: int, ms: int) -> None:
    minute = (NOW - ago).replace(second=0)
    for grain, at in (("m", minute), ("h", minute.replace(minute=0))):
        row, _ = ConnectionLoad.objects.get_or_create(
            connection=connection, grain=grain, at=at, operation=operation
        )
        row.calls += 1
        row.requests += requests
        row.ms += ms
        row.save()


def test_the_load_by_minute_hour_and_day_with_the_share_of_each_operation(house: House) -> None:
    house.shop.settings = {**house.shop.settings, "rate_limit": "2/s"}
    asked(house.shop, timedelta(minutes=1), "prestashop.order.get@1", 6, 600)
    asked(house.shop, timedelta(minutes=40), "prestashop.order.get@1", 6, 600)
    asked(house.shop, timedelta(hours=5), "prestashop.stock_event@1", 36, 7200)
    asked(house.shop, timedelta(hours=30), "prestashop.stock_event@1", 1000, 1)
    found = load_of(SETUP, house.shop, now=NOW)
    assert [found[name]["requests"] for name in ("minute", "hour", "day")] == [6, 12, 48]
    assert (found["minute"]["mean_ms"], found["day"]["mean_ms"]) == (100, 175)
    assert found["cap_per_minute"] == 120
    assert found["learnt_per_minute"] is None
    assert [(one["operation"], one["share"]) for one in found["operations"]] == [
        ("prestashop.stock_event@1", 75.0),
        ("prestashop.order.get@1", 25.0),
    ]
    assert len(found["minutes"]) == 60
    assert (found["minutes"][-2], found["minutes"][-41], sum(found["minutes"])) == (6, 6, 12)
    assert (found["hours"][-6], sum(found["hours"])) == (36, 48)


def test_a_connection_that_nobody_asked_has_a_load_too(as_role: AsRole) -> None:
    found = as_role(Role.VIEWER).get(f"{ONE}/load").json()
    assert found["day"] == {
        "calls": 0,
        "requests": 0,
        "failed": 0,
        "throttled": 0,
        "mean_ms": None,
    }
    assert found["operations"] == []


def test_strangers_and_nobody_see_no_load(stranger: APIClient, nobody: APIClient) -> None:
    assert stranger.get(f"{ONE}/load").status_code == 404
    assert nobody.get(f"{ONE}/load").status_code == 401


def test_a_check_is_load_too(
    house: House, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    note_check(house.shop, Meter(requests=9, ms=900.0), failed=False, now=timezone.now())
    note_check(house.shop, Meter(requests=1, ms=100.0), failed=True, now=timezone.now())
    note_check(house.shop, Meter(), failed=True, now=timezone.now())
    [one] = as_role(Role.VIEWER).get(f"{ONE}/load").json()["operations"]
    assert (one["operation"], one["calls"], one["requests"], one["failed"]) == ("check", 2, 10, 1)

    async def look(ctx: OperationContext) -> CheckResult:
        for _ in range(3):
            async with counted(unless=()):
                pass
        return CheckResult(ok=True, message="It is there.")

    replace_check(monkeypatch, look)
    service.check_now(SETUP, house.shop)
    assert ConnectionLoad.objects.get(grain="h").requests == 13


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("quiet_hours", "8-20", "mo-fr 08:00-18:00"),
        ("quiet_hours", "mon 08:00-20:00", "mo-fr 08:00-18:00"),
        ("quiet_hours", "25:00-26:00", "mo-fr 08:00-18:00"),
        ("quiet_mode", "off", "'off' is not one of"),
        ("quiet_zone", "Europe/Mardid", "Europe/Madrid"),
    ],
)
def test_quiet_hours_that_cannot_be_read_are_refused(
    as_role: AsRole, name: str, value: str, says: str
) -> None:
    given = {"base_url": "https://shop.example", name: value}
    answer = as_role(Role.ADMINISTRATOR).patch(ONE, {"settings": given})
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error["pointer"] == f"/settings/{name}"
    assert says in error["message"]


def row_of(client: APIClient) -> dict[str, Any]:
    [row] = client.get("/api/v1/connections", {"environment": "demo"}).json()["results"]
    found: dict[str, Any] = row
    return found


def test_the_page_says_whether_it_is_quiet_now(house: House, as_role: AsRole) -> None:
    client = as_role(Role.ADMINISTRATOR)
    assert row_of(client)["quiet"] is None
    Connection.objects.filter(pk=house.shop.pk).update(facts={"time_zone": "Europe/Madrid"})
    given = {"base_url": "https://shop.example", "quiet_hours": "00:00-24:00"}
    assert client.patch(ONE, {"settings": given}).status_code == 200
    quiet = row_of(client)["quiet"]
    assert (quiet["mode"], quiet["zone"]) == ("pause", "Europe/Madrid")
    assert quiet["until"] is not None
    given = {**given, "quiet_zone": "Asia/Tokyo", "quiet_mode": "slow"}
    client.patch(ONE, {"settings": given})
    quiet = row_of(client)["quiet"]
    assert (quiet["mode"], quiet["zone"]) == ("slow", "Asia/Tokyo")
