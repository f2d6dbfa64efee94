"""Dry runs: what a flow version would do with past trigger events, without doing it.

The same code path as a run: the plan, the expressions, the connector's operations. Reads leave,
writes are intercepted by the operation and predicted. Nothing is stored. With another version than
the deployed one it is a shadow run: what would the change have done with last week's orders?
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.utils import timezone

from causeway.base.actors import Actor
from causeway.base.audit import record, subject
from causeway.base.models import Environment
from causeway.base.permissions import allowed, check
from causeway.base.problems import FieldError, Problem
from connectors.connections.models import Connection
from connectors.sdk.errors import FarSideError, RejectedError
from connectors.sdk.operation import OperationResult, ProbeResult
from flows.dispatch.crosswalks import Crosswalks
from flows.dispatch.limits import run_limits
from flows.dispatch.operations import BoundOperations
from flows.dispatch.reach import Reach
from flows.dispatch.syncing import SyncRun, with_syncs
from flows.engine.events import EventType, RunEvent
from flows.engine.inline import InlineResult, VirtualClock, run_inline
from flows.engine.operations import OperationCall
from flows.engine.plan import Plan
from flows.engine.run import RunHeader
from flows.models import Deployment, Flow, FlowVersion, Run
from flows.services.deployments import active_deployment
from flows.services.documents import plan_of
from flows.services.masking import masked_error
from flows.services.runs import visible_to
from flows.services.starts import seen_by_expressions
from flows.store import pool

MOST: Final = 100
_AT_ONCE: Final = 8
_WITHIN: Final = timedelta(seconds=50)  # all of them; a request must not hang


@dataclass(frozen=True, slots=True, kw_only=True)
class DryOrder:
    """Which events and which version: those of `runs`, else of the `last` ones. `version` None is
    the deployed one. `bindings` (slot to slug) go before those of the deployment."""

    runs: Sequence[UUID] = ()
    last: int = 20
    version: int | None = None
    bindings: Mapping[str, str] = field(default_factory=dict)


def dry_run(
    actor: Actor, *, flow: Flow, environment: Environment, order: DryOrder
) -> list[dict[str, Any]]:
    """One result for each event, in source-time order.

    Raises `PermissionDenied` without `start_runs` (reads leave over the connections), a 409 problem
    when the flow was never deployed there and no version is named, a 422 one for a version, run or
    slot that does not exist.
    """
    check(actor, "start_runs", environment.workspace)
    deployment = active_deployment(flow, environment)
    version = _version(flow, deployment, order.version)
    plan = plan_of(version.document)
    bindings = _bindings(plan, deployment, environment, order.bindings)
    runs = _runs(actor, flow, environment, order)
    # In a thread of its own: one that serves a request waits for itself when what it awaits wants
    # to use the ORM.
    with ThreadPoolExecutor(max_workers=1) as aside:
        results = aside.submit(
            asyncio.run, _all(plan, flow, version, bindings, environment.workspace_id, runs)
        ).result()
    record(
        actor,
        "dry_run",
        subject("flow", flow.id, flow.slug, flow.workspace),
        detail={"version": version.number, "environment": environment.slug, "events": len(runs)},
    )
    payloads = allowed(actor, "read_payloads", environment.workspace)
    known = Connection.objects.in_bulk(bindings.values())
    slugs = {slot: known[UUID(id_)].slug for slot, id_ in bindings.items() if UUID(id_) in known}
    return [
        _told(plan, slugs, run, result, payloads=payloads)
        for run, result in zip(runs, results, strict=True)
    ]


def _version(flow: Flow, deployment: Deployment | None, number: int | None) -> FlowVersion:
    if number is None:
        if deployment is None:
            raise Problem(
                409, "not_deployed", f"{flow.name} is not deployed there. Name a version."
            )
        return deployment.version
    found = FlowVersion.objects.filter(flow=flow, number=number).first()
    if found is None:
        raise _unfit("/version", "unknown", f"There is no version {number}.")
    return found


def _bindings(
    plan: Plan,
    deployment: Deployment | None,
    environment: Environment,
    wished: Mapping[str, str],
) -> dict[str, str]:
    bound: dict[str, str] = dict(deployment.bindings) if deployment is not None else {}
    slugs = {
        one.slug: one
        for one in Connection.objects.filter(environment=environment).only("id", "slug")
    }
    for slot, slug in wished.items():
        if slug not in slugs:
            raise _unfit(f"/bindings/{slot}", "unknown", f"There is no connection {slug!r}.")
        bound[slot] = str(slugs[slug].id)
    for one in plan.slots:
        if one.name not in bound:
            raise _unfit(
                f"/bindings/{one.name}",
                "slot_unbound",
                f"The slot {one.name!r} has no connection: name one in `bindings`.",
            )
    return bound


def _runs(actor: Actor, flow: Flow, environment: Environment, order: DryOrder) -> list[Run]:
    found = (
        visible_to(actor)
        .select_related("event")
        .filter(flow=flow, environment=environment, replay_number=0)
    )
    if order.runs:
        runs = list(found.filter(pk__in=order.runs))
        missing = {str(one) for one in order.runs} - {str(run.pk) for run in runs}
        if missing:
            raise _unfit("/runs", "unknown", f"This flow has no run {min(missing)} there.")
    else:
        runs = list(found.order_by("-id")[: min(order.last, MOST)])
    return sorted(runs, key=lambda run: (run.source_time, run.source_sequence, run.id))


class _OnceOperations(BoundOperations):
    """Nothing is tried again: no time passes in a dry run, and no far side is to be hammered."""

    async def run(self, call: OperationCall) -> OperationResult:
        try:
            return await super().run(call)
        except FarSideError as error:
            raise RejectedError(
                error.message, code=error.code, fix=error.fix, detail=error.detail
            ) from error

    async def probe(self, call: OperationCall) -> ProbeResult:
        return ProbeResult(happened=False)


async def _all(
    plan: Plan,
    flow: Flow,
    version: FlowVersion,
    bindings: Mapping[str, str],
    workspace_id: UUID,
    runs: Sequence[Run],
) -> list[InlineResult | None]:
    """By run; None for what was not finished in time."""
    reach = Reach()
    crosswalks = await Crosswalks().get(workspace_id, plan.crosswalks)
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(run: Run) -> InlineResult:
        async with places:
            return await run_inline(
                plan,
                header=RunHeader(
                    run_id=str(run.id),
                    flow=flow.slug,
                    version=version.number,
                    trigger_node=run.trigger_node,
                    trigger=seen_by_expressions(run.event),
                    origin_event_id=str(run.event_id),
                ),
                operations=with_syncs(
                    _OnceOperations(reach=reach, bindings=bindings),
                    reach=reach,
                    bindings=bindings,
                    plan=plan,
                    crosswalks=crosswalks,
                    run=SyncRun(
                        workspace_id=workspace_id,
                        environment_id=run.environment_id,
                        flow_id=flow.id,
                        run_id=None,
                        trigger_node=run.trigger_node,
                    ),
                ),
                clock=VirtualClock(timezone.now()),
                rng=random.Random(0),
                crosswalks=crosswalks,
                dry_run=True,
                limits=run_limits(),
            )

    fit = [run for run in runs if run.trigger_node in plan.by_id]
    tasks = {run.id: asyncio.create_task(one(run)) for run in fit}
    try:
        if tasks:
            await asyncio.wait(tasks.values(), timeout=_WITHIN.total_seconds())
        found: list[InlineResult | None] = []
        for run in runs:
            task = tasks.get(run.id)
            found.append(task.result() if task is not None and task.done() else None)
        return found
    finally:
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
        await reach.aclose()
        await pool.close()


def _told(
    plan: Plan, slugs: Mapping[str, str], run: Run, result: InlineResult | None, *, payloads: bool
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "run_id": run.id,
        "business_key": run.business_key,
        "entity_id": run.event.entity_id,
        "source_time": run.source_time,
        "state_then": run.state,
        "state": "not_finished",
        "outcome": "",
        "error": None,
        "effects": [],
        "steps": 0,
    }
    if result is None:
        return told
    error = result.end.error
    return {
        **told,
        "state": result.end.state.value,
        "outcome": result.end.outcome if payloads else "",
        "error": None if error is None else dict(error) if payloads else masked_error(dict(error)),
        "effects": [
            _effect(plan, slugs, event, payloads=payloads)
            for event in result.events
            if "prediction" in event.data
        ],
        "steps": sum(event.type is EventType.STEP_SUCCEEDED for event in result.events),
    }


def _effect(
    plan: Plan, slugs: Mapping[str, str], event: RunEvent, *, payloads: bool
) -> dict[str, Any]:
    node = plan.by_id[event.node]
    slot = node.call.slot if node.call is not None else ""
    return {
        "node": node.id,
        "name": node.name,
        "path": event.path,
        "type": node.type,
        "connection": slugs.get(slot),
        "says": event.data["prediction"] if payloads else "",
        "output": event.data.get("output") if payloads else None,
    }


def _unfit(pointer: str, code: str, message: str) -> Problem:
    return Problem(
        422, code, message, errors=[FieldError(pointer=pointer, code=code, message=message)]
    )
