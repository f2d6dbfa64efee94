"""Carrying one claimed run: everything it needs, then the engine."""

import random
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final
from uuid import UUID

import psycopg
import structlog

from connectors.sdk.errors import ConfigurationError
from connectors.sdk.permit import writes_while
from flows.dispatch.crosswalks import Crosswalks
from flows.dispatch.journal import RunJournal
from flows.dispatch.limits import run_limits
from flows.dispatch.plans import LoadedVersion, plans
from flows.dispatch.reach import Reach, utcnow
from flows.dispatch.steady import AWAY, SteadyOperations
from flows.dispatch.syncing import SyncRun, with_syncs
from flows.dispatch.waits import signals, topics
from flows.engine.chunks import as_written
from flows.engine.driver import drive
from flows.engine.events import RunEvent
from flows.engine.journal import LeaseLostError
from flows.engine.problem import FlowInvalidError
from flows.engine.run import RunHeader
from flows.store.claims import ClaimedRun, release
from flows.store.history import load_journal
from flows.store.payloads import with_data
from flows.store.pool import pool
from flows.store.writer import Writer

log = structlog.get_logger(__name__)

_MOST_BINDINGS: Final = 2048
_BINDINGS: Final = "SELECT bindings FROM flows_deployment WHERE id = %(id)s"


class Carrier:
    """Drives claimed runs with the engine; one for each event loop."""

    def __init__(self, *, writer: Writer, reach: Reach) -> None:
        self._writer = writer
        self._reach = reach
        self._crosswalks = Crosswalks()
        self._bindings: OrderedDict[UUID, Mapping[str, str]] = OrderedDict()
        self._rng = random.Random()

    async def carry(self, run: ClaimedRun) -> None:
        """Returns when the run ended, waits, or is no longer ours. Lets nothing but a
        cancellation through: what fails here is written on the run."""
        with writes_while(run.lease.holds):
            try:
                await self._drive(run)
            finally:
                self._writer.forget(run.token)

    async def _drive(self, run: ClaimedRun) -> None:
        journal = RunJournal(self._writer, run)
        try:
            run = replace(run, trigger=await with_data(run.trigger))
            if run.next_seq > 1:
                history, answers = await load_journal(run.id)
                journal = RunJournal(self._writer, run, history)
            else:
                history, answers = [], []
            version = await self._version(run)
            bindings = await self._bindings_of(run.deployment_id)
            journal.topics = topics(version.plan, bindings)
            journal.responds = version.plan.responds
            alone = bool(history) and as_written(history[0].data)
            plan = version.whole if alone else version.plan
            crosswalks = await self._crosswalks.get(run.workspace_id, plan.crosswalks)
            operations = with_syncs(
                SteadyOperations(reach=self._reach, bindings=bindings),
                reach=self._reach,
                bindings=bindings,
                plan=plan,
                crosswalks=crosswalks,
                run=SyncRun(
                    workspace_id=run.workspace_id,
                    environment_id=run.environment_id,
                    flow_id=version.flow_id,
                    run_id=run.id,
                    trigger_node=run.trigger_node,
                ),
            )
            await drive(
                plan=plan,
                header=_header(run, version),
                history=_let_go(history),
                journal=journal,
                operations=operations,
                crosswalks=crosswalks,
                clock=utcnow,
                rng=self._rng,
                hold=operations.hold,
                signals=signals(answers),
                limits=run_limits(),
            )
        except LeaseLostError:
            log.info("run is carried by another worker", run=str(run.id))
        except AWAY as error:
            log.warning("database away, run given back", run=str(run.id), error=_kind(error))
            await self._give_back(run)
        except Exception as error:
            log.exception("run failed in our own code", run=str(run.id))
            await self._bury(run, journal, error)

    async def _version(self, run: ClaimedRun) -> LoadedVersion:
        try:
            return await plans.get(run.version_id)
        except FlowInvalidError as error:
            raise ConfigurationError(
                f"The flow version can no longer run: {error}",
                code="flow_invalid",
                fix="Install what is missing, or deploy a version that passes the check.",
            ) from error

    async def _bindings_of(self, deployment_id: UUID) -> Mapping[str, str]:
        """The deployment's bindings; they never change (another deployment replaces it)."""
        found = self._bindings.get(deployment_id)
        if found is None:
            async with (await pool()).connection() as connection:
                cursor = await connection.execute(_BINDINGS, {"id": deployment_id})
                row = await cursor.fetchone()
            found = self._bindings[deployment_id] = dict(row[0]) if row else {}
            if len(self._bindings) > _MOST_BINDINGS:
                self._bindings.popitem(last=False)
        return found

    async def _bury(self, run: ClaimedRun, journal: RunJournal, error: Exception) -> None:
        try:
            await journal.bury(error, at=utcnow())
        except (LeaseLostError, psycopg.Error) as other:
            # The lease ends by itself, and the sweep takes it from there.
            log.warning("dead letter not written", run=str(run.id), error=_kind(other))

    async def _give_back(self, run: ClaimedRun) -> None:
        try:
            await release(run)
        except psycopg.Error as error:
            log.warning("run not given back", run=str(run.id), error=_kind(error))


def _let_go(history: list[RunEvent]) -> Iterator[RunEvent]:
    """In order, and emptying the list: what the run's state does not keep need not stay."""
    history.reverse()
    while history:
        yield history.pop()


def _header(run: ClaimedRun, version: LoadedVersion) -> RunHeader:
    return RunHeader(
        run_id=str(run.id),
        flow=version.flow,
        version=version.number,
        trigger_node=run.trigger_node,
        trigger=run.trigger,
        origin_event_id=str(run.event_id),
    )


def _kind(error: Exception) -> str:
    return type(error).__name__
