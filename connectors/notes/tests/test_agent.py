"""notes.agent.run."""

from collections.abc import Callable
from typing import Any

import pytest

from connectors.notes.actions.agent import probe_agent, run_agent
from connectors.notes.tests.conftest import Served, fits
from connectors.notes.tests.test_create import receipt_of
from connectors.sdk.errors import (
    ConfigurationError,
    ConflictError,
    NotFoundError,
    RejectedError,
    UncertainError,
)
from connectors.sdk.receipt import Verdict

UNID = "C19DBA6C3A81ABCF2BA2AED24430F4EF"
CALLED = {"called": {"Reserve stock": {"Reserved": "Yes"}}}
PARAMS: dict[str, Any] = {"agent": "Reserve stock", "unid": UNID, "proof": {"Reserved": "Yes"}}


@pytest.fixture
async def served(served_world: Callable[..., Any]) -> Served:
    one: Served = await served_world(database=CALLED)
    return one


def runs(served: Served) -> list[tuple[str, str]]:
    return served.twin.store.databases["fulfil.nsf"].agent_runs


async def test_on_a_document(served: Served) -> None:
    result = await run_agent(served.ctx(), PARAMS)
    assert fits("notes.agent.run", result.output)["document"]["items"]["Reserved"] == "Yes"
    assert receipt_of(result).verdict is Verdict.CONFIRMED
    assert runs(served) == [("Reserve stock", UNID)]


async def test_by_itself(served: Served) -> None:
    result = await run_agent(served.ctx(), {"agent": "Reserve stock"})
    assert fits("notes.agent.run", result.output)["document"] is None
    assert runs(served) == [("Reserve stock", "")]


async def test_an_agent_that_did_not_do_its_work(served: Served) -> None:
    result = await run_agent(served.ctx(), {**PARAMS, "proof": {"Reserved": "No"}})
    assert receipt_of(result).verdict is Verdict.DIVERGED


async def test_what_cannot_run(served: Served) -> None:
    with pytest.raises(RejectedError, match="not found"):
        await run_agent(served.ctx(), {**PARAMS, "agent": "Nobody"})
    with pytest.raises(NotFoundError):
        await run_agent(served.ctx(), {**PARAMS, "unid": "F" * 32})
    served.twin.store.databases["fulfil.nsf"].agent_busy = True
    with pytest.raises(ConflictError) as caught:
        await run_agent(served.ctx(), PARAMS)
    assert caught.value.code == "agent_busy"
    assert runs(served) == []


async def test_an_older_server(served_world: Callable[..., Any]) -> None:
    served = await served_world(server={"later": False}, database=CALLED)
    with pytest.raises(ConfigurationError) as caught:
        await run_agent(served.ctx(), PARAMS)
    assert caught.value.code == "too_old"


async def test_a_lost_answer_is_told_by_the_proof(served: Served) -> None:
    assert (await probe_agent(served.ctx(), PARAMS)).happened is False
    await served.fault(lost_answer=1)
    with pytest.raises(UncertainError):
        await run_agent(served.ctx(), PARAMS)
    assert (await probe_agent(served.ctx(), PARAMS)).happened


async def test_without_a_proof_a_person_looks(served: Served) -> None:
    bare = {"agent": "Reserve stock", "unid": UNID}
    with pytest.raises(UncertainError) as caught:
        await probe_agent(served.ctx(), bare)
    assert caught.value.code == "cannot_probe"
    assert (await probe_agent(served.ctx(), {**bare, "repeat_safe": True})).happened is False


async def test_a_dry_run(served: Served) -> None:
    planned = await run_agent(served.ctx(dry_run=True), PARAMS)
    assert planned.prediction == f"would run agent 'Reserve stock' on {UNID}"
    assert runs(served) == []
