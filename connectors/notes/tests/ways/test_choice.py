"""Which way into a database is taken, and what the check tells of it."""

from collections.abc import Callable
from typing import Any

import pytest

from connectors.notes.auth import check
from connectors.notes.tests.conftest import ENDPOINT_SECRET, SCOPE, Served
from connectors.notes.tests.ways.test_same_operation import T_SHIRT, run
from connectors.notes.transport import connect, try_ways
from connectors.sdk.connector import CheckResult
from connectors.sdk.errors import (
    AuthenticationError,
    PermissionDeniedError,
    UnavailableError,
)

GET = {"unid": T_SHIRT}
REST: dict[str, Any] = {"scope": SCOPE}


@pytest.fixture
def auto(served: Served) -> Served:
    served.transport = "auto"
    return served


async def closed(served_world: Callable[..., Any], *, endpoint: bool = True) -> Served:
    """No data service for the database."""
    agent = {"endpoint": {"secret": ENDPOINT_SECRET}} if endpoint else {"endpoint": None}
    served: Served = await served_world(database={"api_level": 0, **agent})
    served.transport = "auto"
    return served


def findings(result: CheckResult) -> dict[str, tuple[str, str]]:
    return {one["id"]: (one["level"], one["says"]) for one in result.facts["findings"]}


async def test_the_rest_api_where_a_scope_is_named(auto: Served) -> None:
    assert (await connect(auto.ctx(**REST))).name == "drapi"


async def test_the_data_service_without_a_scope(auto: Served) -> None:
    assert (await connect(auto.ctx())).name == "dds"
    assert not any("/api/v1" in path for _, path, _ in await auto.requests())


async def test_the_data_service_where_the_scope_is_not_there(auto: Served) -> None:
    assert (await connect(auto.ctx(scope="elsewhere"))).name == "dds"


async def test_the_agent_where_the_service_is_closed(served_world: Callable[..., Any]) -> None:
    served = await closed(served_world)
    assert (await connect(served.ctx())).name == "agent"
    output = (await run("notes.document.get", served.ctx(), GET)).output
    assert output["document"]["unid"] == T_SHIRT


async def test_a_choice_holds_for_a_while(auto: Served) -> None:
    async def readings() -> int:
        return sum("/documents/unid/" in path for _, path, _ in await auto.requests())

    for _ in range(3):
        await run("notes.document.get", auto.ctx(), GET)
    assert await readings() == 4  # one look, three readings
    auto.clock.move(16 * 60)
    await run("notes.document.get", auto.ctx(), GET)
    assert await readings() == 6


async def test_what_is_not_needed_worries_nobody(served_world: Callable[..., Any]) -> None:
    served = await served_world(database={"endpoint": None})
    served.transport = "auto"
    result = await check(served.ctx())
    assert result.ok
    told = findings(result)
    assert told["way.agent"][0] == "ok"
    assert "nor needed" in told["way.agent"][1]
    assert {level for level, _ in told.values()} == {"ok"}


async def test_no_way_at_all_says_the_first_and_names_the_others(
    served_world: Callable[..., Any],
) -> None:
    served = await closed(served_world, endpoint=False)
    with pytest.raises(PermissionDeniedError) as caught:
        await run("notes.document.get", served.ctx(), GET)
    assert caught.value.code == "lock_database"
    [other] = caught.value.detail["other_ways"]
    assert other["code"] == "agent_endpoint_missing"


async def test_a_server_that_is_down_does_not_change_the_way(auto: Served) -> None:
    await auto.fault(html_answer={"status": 503, "path": "/api/v1", "count": 5})
    with pytest.raises(UnavailableError):
        await connect(auto.ctx(**REST))
    await auto.fault(clear=True)
    assert (await connect(auto.ctx(**REST))).name == "drapi"


async def test_a_wrong_password_is_not_tried_on_every_door(auto: Served) -> None:
    with pytest.raises(AuthenticationError):
        await connect(auto.ctx(password="wrong"))
    paths = [path for _, path, _ in await auto.requests()]
    assert sum("names.nsf" in one for one in paths) == 1


async def test_the_connection_may_say_which(auto: Served) -> None:
    for way in ("dds", "drapi", "agent"):
        auto.transport = way
        assert (await connect(auto.ctx())).name == way


async def test_a_second_look_finds_what_was_opened_since(
    served_world: Callable[..., Any],
) -> None:
    served = await closed(served_world)
    ctx = served.ctx()
    assert (await connect(ctx)).name == "agent"
    [dds, agent] = await try_ways(ctx)
    assert (dds.error is None, agent.error is None) == (False, True)


async def test_the_check_tells_what_was_found_and_why(auto: Served) -> None:
    result = await check(auto.ctx(**REST))
    assert result.ok, result.message
    assert result.facts["transport"] == "drapi"
    told = findings(result)
    assert told["way.drapi"][0] == told["way.dds"][0] == told["way.agent"][0] == "ok"
    assert told["transport"] == ("ok", "The Domino REST API is used: the first choice.")
    assert told["login"][0] == "ok"


async def test_the_check_of_a_closed_service(served_world: Callable[..., Any]) -> None:
    served = await closed(served_world)
    result = await check(served.ctx(**REST, required_views=["(StockByKey)"]))
    assert result.facts["transport"] == "drapi"
    result = await check(served.ctx())
    assert result.ok, result.message
    assert result.facts["transport"] == "agent"
    told = findings(result)
    assert told["way.dds"][0] == "warn"
    assert "not enabled for the database" in told["way.dds"][1]
    assert told["transport"][1] == "The agent endpoint is used: what is preferred to it is closed."
    assert result.facts["replica_id"] == "802579AB00112233"
    assert told["database"][0] == "ok"


async def test_the_check_where_nothing_is_open(served_world: Callable[..., Any]) -> None:
    served = await closed(served_world, endpoint=False)
    result = await check(served.ctx())
    assert not result.ok
    assert "not enabled for the database" in result.message
    assert result.fix
    assert findings(result)["way.agent"][0] == "warn"


@pytest.mark.parametrize("way", ["drapi", "agent"])
async def test_the_check_over_one_way(served: Served, way: str) -> None:
    served.transport = way
    result = await check(served.ctx(required_views=["(StockByKey)", "(Nowhere)"]))
    assert not result.ok
    assert result.message == "The database has no view (Nowhere)."
    told = findings(result)
    assert told["view.(StockByKey)"][0] == "ok"
    assert told["clock"][0] == "ok"
    assert "way.dds" not in told


async def test_the_check_names_another_database_behind_the_scope(
    served_world: Callable[..., Any],
) -> None:
    served = await served_world()
    served.transport = "drapi"
    result = await check(served.ctx(database="other.nsf"))
    assert "points to fulfil.nsf" in findings(result)["remark.1"][1]


async def test_the_check_refuses_another_replica_over_the_agent(served: Served) -> None:
    served.transport = "agent"
    result = await check(served.ctx(replica_id="802579AB00112234"))
    assert not result.ok
    assert "another one" in result.message
