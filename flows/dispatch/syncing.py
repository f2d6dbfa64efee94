"""Sync nodes over the connections of a deployment: the engine sees one action."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from connectors.sdk.errors import (
    ConfigurationError,
    FarSideError,
    RejectedError,
    UnavailableError,
)
from connectors.sdk.operation import OperationResult, ProbeResult
from flows.dispatch.operations import BoundOperations
from flows.dispatch.reach import Reach, utcnow
from flows.dispatch.sync_sides import Sides
from flows.dispatch.sync_work import SyncWork
from flows.engine.execute import as_far_side
from flows.engine.nodes.sync import FIND_TYPE, SYNC_TYPE, id_text
from flows.engine.operations import Hold, OperationCall
from flows.engine.plan import Plan
from flows.mapping.crosswalk import Crosswalk
from flows.store import links
from flows.store.links import (
    Ends,
    LinkBusyError,
    LinkedOtherwiseError,
    LinkTakenError,
    Place,
)
from flows.sync.entity import Side
from flows.sync.plan import SyncPlan

_TYPES: Final = frozenset({SYNC_TYPE, FIND_TYPE})


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncRun:
    """What a sync node has to know of its run. `run_id` None: it is not stored."""

    workspace_id: UUID
    environment_id: UUID
    flow_id: UUID | None
    run_id: UUID | None
    trigger_node: str


class SyncOperations:
    """The operations of a run whose plan has sync nodes; all others go through as they are."""

    def __init__(
        self,
        *,
        inner: BoundOperations,
        reach: Reach,
        bindings: Mapping[str, str],
        plan: Plan,
        crosswalks: Mapping[str, Crosswalk],
        run: SyncRun,
    ) -> None:
        self._inner = inner
        self._reach = reach
        self._bindings = bindings
        self._plan = plan
        self._crosswalks = crosswalks
        self._run = run

    async def run(self, call: OperationCall) -> OperationResult:
        """See `flows.engine.operations.Operations.run`."""
        if call.type not in _TYPES:
            return await self._inner.run(call)
        try:
            if call.type == FIND_TYPE:
                return await self._find(call)
            return await self._sync(call)
        except FarSideError:
            raise
        except LinkBusyError as error:
            raise UnavailableError(
                "Another run works on this record now.",
                code="link_busy",
                fix="Nothing to do: it is tried again.",
            ) from error
        except LinkedOtherwiseError as error:
            raise RejectedError(
                "Each of the two records is linked with another one.",
                code="linked_otherwise",
                fix="Unlink them, or name the records that belong together.",
            ) from error
        except LinkTakenError as error:
            raise UnavailableError(
                "Another run has taken this record over.",
                code="link_taken",
                fix="Nothing to do: it is tried again.",
            ) from error

    async def probe(self, call: OperationCall) -> ProbeResult:
        """A sync node is looked after by being done again: it reads both sides, and finds out from
        the link what a lost attempt had written."""
        if call.type in _TYPES:
            return ProbeResult(happened=False)
        return await self._inner.probe(call)

    async def hold(self, slot: str, effect_key: str) -> Hold | None:
        return await self._inner.hold(slot, effect_key)

    async def _sync(self, call: OperationCall) -> OperationResult:
        plan = self._plan.by_id[call.node].sync
        if plan is None:
            raise ConfigurationError(
                "The flow version was compiled without its sync node.", code="flow_invalid"
            )
        names: Mapping[str, Any] = call.params["names"]
        sides = Sides(
            plan=plan,
            call=call,
            names=names,
            operations=self._inner,
            crosswalks=self._crosswalks,
            systems={side: await self._system(plan.sides[side].slot) for side in Side},
        )
        news, ids = self._asked(plan, names)
        if not any(ids.values()):
            raise ConfigurationError(
                "The step knows the id of neither record.",
                code="sync_no_record",
                fix="Name the trigger in `news` of a side, or give `left_id` or `right_id`.",
            )
        place = Place(
            workspace_id=self._run.workspace_id,
            environment_id=self._run.environment_id,
            entity=plan.entity.name,
            flow_id=self._run.flow_id,
            node=call.node,
        )
        work = SyncWork(
            plan=plan, place=place, sides=sides, call=call, run_id=self._run.run_id, clock=utcnow
        )
        return await work.done(news, ids)

    async def _find(self, call: OperationCall) -> OperationResult:
        slots, ids = call.params["slots"], call.params["ids"]
        left, right = (id_text(ids.get(side.value), side) for side in Side)
        place = Place(
            workspace_id=self._run.workspace_id,
            environment_id=self._run.environment_id,
            entity=call.params["entity"],
        )
        ends = Ends(
            left_system=await self._system(slots["left"]),
            left_id=left,
            right_system=await self._system(slots["right"]),
            right_id=right,
        )
        [found] = await links.find(place, [ends])
        told = found or {"id": None, "state": None, "left_id": left, "right_id": right}
        return OperationResult(
            output={
                "found": bool(told["id"] and told["left_id"] and told["right_id"]),
                "link_id": told["id"],
                "state": told["state"],
                "left_id": told["left_id"],
                "right_id": told["right_id"],
            }
        )

    async def _system(self, slot: str) -> str:
        bound = self._bindings.get(slot)
        if bound is None:
            raise ConfigurationError(
                f"The deployment binds no connection to the slot {slot!r}.",
                code="slot_unbound",
                fix="Deploy the flow again and choose a connection for the slot.",
            )
        return (await self._reach.context(UUID(str(bound)))).connection.system

    def _asked(
        self, plan: SyncPlan, names: Mapping[str, Any]
    ) -> tuple[Side | None, dict[Side, str]]:
        """The side whose news this is, and the ids of the records as far as they are known.

        A trigger started by hand names them in its data: `left_id`, `right_id`.
        """
        trigger = names["trigger"]
        data = trigger.get("data")
        news = self._news(plan, trigger["type"])
        ids = dict.fromkeys(Side, "")
        for side in Side:
            if side in plan.ids:
                try:
                    value = plan.ids[side](names)
                except Exception as error:
                    raise as_far_side(error) from error
                ids[side] = id_text(value, side)
            elif side is news:
                ids[side] = id_text(trigger["entity_id"], side)
            elif news is None and isinstance(data, Mapping):
                ids[side] = id_text(data.get(f"{side.value}_id"), side)
        return news, ids

    def _news(self, plan: SyncPlan, type_: str) -> Side | None:
        """Of two sides of one kind the one over whose slot the news came."""
        sides = [side for side in Side if type_ in plan.sides[side].news]
        slots = {one.node: one.slot for one in self._plan.triggers}
        slot = slots.get(self._run.trigger_node)
        return next((side for side in sides if plan.sides[side].slot == slot), None)


def with_syncs(
    inner: BoundOperations,
    *,
    reach: Reach,
    bindings: Mapping[str, str],
    plan: Plan,
    crosswalks: Mapping[str, Crosswalk],
    run: SyncRun,
) -> BoundOperations | SyncOperations:
    """The operations of a run: with its sync nodes, where the plan has some."""
    if not any(node.type in _TYPES for node in plan.nodes):
        return inner
    return SyncOperations(
        inner=inner, reach=reach, bindings=bindings, plan=plan, crosswalks=crosswalks, run=run
    )
