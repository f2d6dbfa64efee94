"""check(): every lock told apart, in words, with what to do."""

from collections.abc import Callable
from typing import Any

import pytest

from connectors.notes import CONNECTOR
from connectors.notes.auth import check
from connectors.notes.doctor import look_at_clock
from connectors.notes.tests.conftest import Served
from connectors.sdk.manifest import disagreements

SERVICE = "CN=Causeway Service/O=Meadow"


def test_code_and_manifest_tell_the_same_story() -> None:
    assert disagreements(CONNECTOR) == []


@pytest.mark.parametrize("auth", ["session", "basic"])
async def test_a_good_connection(served: Served, auth: str) -> None:
    result = await check(served.ctx(auth=auth, required_views=["(OrdersByExternalKey)"]))
    assert result.ok
    assert result.message == "Reached Fulfilment on Lotus-Domino."
    facts = dict(result.facts)
    findings = {one["id"]: one["level"] for one in facts.pop("findings")}
    assert findings == dict.fromkeys(
        (
            "login", "clock", "database", "documents", "view.(OrdersByExternalKey)", "deletions",
            "full_text", "later",
        ),
        "ok",
    )  # fmt: skip
    assert facts == {
        "login": auth,
        "transport": "dds",
        "server": "Lotus-Domino",
        "clock_skew_s": 0,
        "database": "fulfil.nsf",
        "title": "Fulfilment",
        "replica_id": "802579AB00112233",
        "views": 7,
    }


@pytest.mark.parametrize(
    ("changes", "message", "fix"),
    [
        ({"server": {"data_service": False}}, "on the server", "add Data"),
        ({"database": {"api_level": 0}}, "for the database", "Views and documents"),
        ({"database": {"api_level": 1}}, "views only", "Views and documents"),
        ({"views": {"(StockByKey)": {"api": False}}}, "(StockByKey): ", "View properties"),
        ({"database": {"acl": {"-Default-": "none"}}}, "no access", "Access Control"),
        ({"server": {"auth": "basic"}}, "user name and password", "basic authentication"),
    ],
    ids=["server", "database", "level", "view", "acl", "no sessions"],
)
async def test_every_lock_has_its_sentence(
    served_world: Callable[..., Any], changes: dict[str, Any], message: str, fix: str
) -> None:
    served = await served_world(**changes)
    result = await check(served.ctx(required_views=["(StockByKey)"]))
    assert not result.ok
    assert message in result.message
    assert fix in result.fix


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"replica_id": "0" * 16}, "is another one"),
        ({"database": "other.nsf"}, "no database at this path"),
        ({"required_views": ["(Missing)"]}, "has no view (Missing)"),
        ({"password": "wrong-one"}, "does not accept"),
        ({"base_url": "http://127.0.0.1:1"}, "may not be reached"),
        ({"username": ""}, "no user name"),
    ],
    ids=lambda one: next(iter(one)) if isinstance(one, dict) else None,
)
async def test_wrong_settings(served: Served, settings: dict[str, Any], message: str) -> None:
    result = await check(served.ctx(**settings))
    assert not result.ok
    assert message in result.message
    assert "wrong-one" not in f"{result}"


async def test_a_database_that_the_server_does_not_list_is_fine(
    served_world: Callable[..., Any],
) -> None:
    served = await served_world(database={"listed": False})
    result = await check(served.ctx())
    assert result.ok
    assert result.message == "Reached fulfil.nsf on Lotus-Domino."


async def findings_of(served: Served, **settings: Any) -> dict[str, dict[str, str]]:
    result = await check(served.ctx(**settings))
    return {one["id"]: one for one in result.facts["findings"]}


async def test_everything_that_is_wrong_with_views_is_told_at_once(
    served_world: Callable[..., Any],
) -> None:
    served = await served_world(views={"(StockByKey)": {"api": False}})
    views = ["(Missing)", "(StockByKey)", "Stock"]
    found = await findings_of(served, required_views=views)
    assert [found[f"view.{one}"]["level"] for one in views] == ["fail", "fail", "ok"]
    assert "View properties" in found["view.(StockByKey)"]["remedy"]
    assert found["later"]["level"] == "ok"


@pytest.mark.parametrize(
    ("seconds", "level", "says"),
    [
        (3, "ok", "agrees"),
        (-90, "warn", "90 s behind ours"),
        (600, "warn", "600 s ahead of ours"),
        (None, "warn", "no Date"),
    ],
)
def test_clocks(seconds: int | None, level: str, says: str) -> None:
    found = look_at_clock(seconds)
    assert (found.level.value, says in found.says) == (level, True)
    assert bool(found.remedy) is (level != "ok")


@pytest.mark.parametrize(
    ("changes", "settings", "finding", "level", "says"),
    [
        ({}, {"sweep_view": "Stock"}, "deletions", "ok", "in the view Stock"),
        ({}, {"sweep_view": "OrdersByStatus"}, "deletions", "warn", "categorised"),
        ({}, {"sweep_view": "Nope"}, "deletions", "warn", "not in the database"),
        ({"database": {"full_text": True}}, {}, "full_text", "ok", "has a full-text index"),
        ({}, {}, "full_text", "ok", "no full-text index"),
        ({"server": {"later": False}}, {}, "later", "ok", "older than 9.0.1 FP9"),
        ({"database": {"listed": False}}, {}, "database", "warn", "does not list"),
    ],
    ids=lambda one: "" if isinstance(one, dict) else None,
)
async def test_what_only_some_flows_need(
    served_world: Callable[..., Any],
    changes: dict[str, Any],
    settings: dict[str, Any],
    finding: str,
    level: str,
    says: str,
) -> None:
    served = await served_world(**changes)
    found = (await findings_of(served, **settings))[finding]
    assert found["level"] == level
    assert says in found["says"]
