"""A run's state, folded from its events one by one.

The fold knows the graph: which node is ready, which is dead because no way to it was taken
(dead-path elimination), which loop item comes next. It is a function of plan and events alone;
the live driver and a resume after a crash see the same state.
"""

from bisect import insort
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from flows.engine.events import EventType, RunEvent
from flows.engine.limits import Limits
from flows.engine.nodes.node import NodeKind
from flows.engine.nodes.repeat import MAX_ITEMS
from flows.engine.nodes.respond import RESPOND_TYPE
from flows.engine.operations import HELD, QUIET
from flows.engine.plan import Join, Loop, Plan, PlanNode
from flows.engine.run import FailedItem
from flows.engine.scopes import LoopRun, Scope, Step
from flows.engine.states import IllegalTransitionError, RunStatus, StepStatus, run_after, step_after
from flows.engine.waiting import OpenWait, Place

STOP = "flow.stop@1"
_SETTLED = frozenset({StepStatus.SUCCEEDED, StepStatus.FAILED, StepStatus.SKIPPED})
_IDLE = frozenset({StepStatus.NEW, StepStatus.STARTED, StepStatus.RETRYING})
_ENDED = frozenset({RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.DEAD})


class RunState:
    """Feed it events with `apply`; `decide` reads it."""

    def __init__(
        self,
        plan: Plan,
        names: Mapping[str, Any] | None = None,
        most_events: int = Limits().events,
    ) -> None:
        """`names` are what every scope knows: trigger, run, _crosswalks. With `most_events` the
        run has to end."""
        self.plan = plan
        self.most_events = most_events
        self.held = 0  # by all steps that are within reach, in bytes of JSON
        self.status = RunStatus.NEW
        self.started_at: datetime | None = None
        self.root = Scope(path="", nodes=plan.outer, names=dict(names or {}), open=len(plan.outer))
        self.scopes: dict[str, Scope] = {"": self.root}
        self.fatal: Mapping[str, Any] | None = None
        self.stop: Mapping[str, Any] | None = None
        self.end_event: RunEvent | None = None
        # What the run gives to a flow that called it: the body of its first respond node, else
        # the output of the last step outside loops that succeeded.
        self.result: Any = None
        self._responded = False
        self.failed_items: list[FailedItem] = []  # that become dead letters of their own
        self.last_seq = 0
        self.revision = 0  # of a replay with an edited payload
        self.effects: Mapping[str, Any] = {}  # of a replay: what the original may have done
        self.answers: dict[Place, Mapping[str, Any]] = {}  # of a replay: what the original was told
        self._waits: dict[Place, tuple[Scope, int]] = {}  # of scopes that are not closed
        self._waited = False

    @property
    def ended(self) -> bool:
        return self.status in _ENDED

    @property
    def parallel(self) -> bool:
        """Whether several loop items or branches may be at work at the same time."""
        return self.plan.branched or len(self.scopes) > 2

    def open_waits(self) -> tuple[OpenWait, ...] | None:
        """The steps that wait for an answer from outside, in the order in which they began; None
        when the run never had one."""
        if not self._waited:
            return None
        if self.ended:
            return ()
        found = []
        for scope, index in self._waits.values():
            wait = scope.steps[index].wait
            if wait is not None and index in scope.ready and self._lives(scope):
                found.append(wait)
        return tuple(found)

    def _lives(self, scope: Scope) -> bool:
        inner: Scope | None = scope
        while inner is not None:
            if self.scopes.get(inner.path) is not inner:
                return False
            inner = inner.parent
        return True

    def held_with(self, node: PlanNode, path: str, size: int) -> int:
        """What the run would hold if that step's value were one of `size` bytes."""
        step = self.scopes[path].steps.get(node.index)
        return self.held + size - (step.size if step is not None else 0)

    def _hold(self, scope: Scope, step: Step, size: int) -> None:
        more = size - step.size
        step.size = size
        scope.held += more
        self.held += more

    def of_one_item(self, node: PlanNode, path: str) -> bool:
        """Whether that step is a for-each of which one item is replayed."""
        step = self.scopes[path].steps.get(node.index)
        return step is not None and step.loop is not None and step.loop.only

    def apply(self, event: RunEvent) -> None:
        """Take one event in. Raises `IllegalTransitionError` when it cannot follow the others."""
        self.last_seq = event.seq
        if not event.node or event.type in (EventType.RUN_DEAD, EventType.RUN_FAILED):
            self._apply_run(event)
            return
        scope = self.scopes.get(event.path)
        node = self.plan.by_id.get(event.node)
        if scope is None or node is None or self.ended:
            raise IllegalTransitionError(f"{event.type} of {event.node} {event.path} has no place.")
        self.status = RunStatus.RUNNING
        step = scope.steps.get(node.index)
        if step is None:
            step = scope.steps[node.index] = Step()
        step.status = step_after(step.status, event.type)
        self._TAKE[event.type](self, event, scope, node, step)

    def _apply_run(self, event: RunEvent) -> None:
        self.status = run_after(self.status, event.type)
        if event.type is EventType.RUN_STARTED:
            self.started_at = event.at
            told = event.data.get("chunk") or event.data.get("replay") or {}
            self.revision = int(told.get("revision", 0))
            self.effects = event.data.get("effects", {})
            for one in event.data.get("answers", ()):
                self.answers[one["path"], one["node"]] = one
            if "chunk" in event.data:
                self._open_chunk(event.data["chunk"])
            else:
                self._open_root(str(event.data["trigger_node"]))
        elif event.type is not EventType.RUN_WAITING:
            self.end_event = event

    def _open_chunk(self, chunk: Mapping[str, Any]) -> None:
        """The run is about some items of a for-each: that is ready, and there is nothing else."""
        root, each = self.root, self.plan.by_id[str(chunk["node"])].index
        root.names.update(chunk["names"])
        root.cancelled.update(one for one in root.nodes if one != each)
        root.nodes, root.open = (each,), 1
        insort(root.ready, each)

    def _open_root(self, trigger: str) -> None:
        root = self.root
        for index in root.nodes:
            node = self.plan.nodes[index]
            root.remaining[index] = node.incoming
            if node.kind is NodeKind.TRIGGER and node.id == trigger:
                insort(root.ready, index)
        others = [
            index
            for index in root.nodes
            if self.plan.nodes[index].kind is NodeKind.TRIGGER
            and self.plan.nodes[index].id != trigger
        ]
        self._bury(root, others)

    # -- what each event does -------------------------------------------------------------------

    def _step_started(self, event: RunEvent, scope: Scope, node: PlanNode, step: Step) -> None:
        if node.loop is not None:
            keys = tuple(event.data["keys"])
            values = event.data.get("values")
            step.loop = LoopRun(
                keys=keys,
                results=[None] * len(keys),
                items=None if values is None else tuple(values),
                first=int(event.data.get("first", 0)),
                chunk=values is not None,
                spread=node.loop.spread,
                only=bool(event.data.get("only")),
            )
            if values is not None:
                self._hold(scope, step, event.size)
            if not node.loop.body:
                step.loop.settled = len(keys)
            self._open_items(scope, node, step.loop)
        elif "wait" in event.data:
            step.wait = OpenWait.of(node.id, scope.path, event.data["wait"])
            step.due, step.reason = step.wait.until, step.wait.kind
            self._waits[scope.path, node.id] = scope, node.index
            self._waited = True
        elif "until" in event.data:
            step.due = datetime.fromisoformat(event.data["until"])
            step.reason = "delay"

    def _attempt_started(self, event: RunEvent, scope: Scope, node: PlanNode, step: Step) -> None:
        step.attempt = int(event.data["attempt"])
        step.attempt_at = event.at
        step.due = None
        if step.first_at is None:
            step.first_at = event.at

    def _attempt_succeeded(self, event: RunEvent, scope: Scope, node: PlanNode, step: Step) -> None:
        step.output = event.data["output"]
        step.due = None
        self._hold(scope, step, event.size)

    def _attempt_ended(self, event: RunEvent, scope: Scope, node: PlanNode, step: Step) -> None:
        due = event.data.get("retry_at")
        step.error = event.data["error"]
        step.due = datetime.fromisoformat(due) if due else None
        if event.type is EventType.ATTEMPT_UNCERTAIN:
            step.looks += 1
            step.reason = "uncertain"
        else:
            is_auth = step.error["class"] == "AuthenticationError"
            held = step.error["code"] in HELD
            waits = {QUIET: "quiet", "link_busy": "retry"}.get(step.error["code"], "circuit")
            step.reason = "connection" if is_auth else waits if held else "retry"
            step.uncounted += is_auth or held

    def _probe_finished(self, event: RunEvent, scope: Scope, node: PlanNode, step: Step) -> None:
        step.happened = bool(event.data["happened"])
        step.due = None

    def _step_succeeded(self, event: RunEvent, scope: Scope, node: PlanNode, step: Step) -> None:
        if "output" in event.data:
            step.output = event.data["output"]
            self._hold(scope, step, event.size)
        scope.names[node.id] = step.output
        if node.loop is not None and node.loop.dead_letter and step.loop and not step.loop.only:
            self.failed_items += (
                FailedItem(
                    item=f"{node.id}/{one['key']}",
                    error=one["error"],
                    fresh="attached" not in event.data,
                )
                for one in step.loop.failed
            )
        if node.type == RESPOND_TYPE and not self._responded:
            self.result, self._responded = step.output["body"], True
        elif scope is self.root and not self._responded:
            self.result = step.output
        if node.type == STOP:
            self.stop = {"node": node.id, "path": scope.path, **step.output}
        self._settle(scope, node, step, tuple(event.data["ports"]))

    def _step_failed(self, event: RunEvent, scope: Scope, node: PlanNode, step: Step) -> None:
        ports = tuple(event.data["ports"])
        step.error = event.data["error"]
        step.output = None
        self._hold(scope, step, event.size)
        if step.loop is not None:
            self._drop_items(step.loop)
            step.loop.results.clear()
        if not ports and (event.data.get("unresolved") or not step.overtaken):
            # A loop that breaks passes on where its item failed.
            failure = {"node": node.id, "path": scope.path, **event.data["error"]}
            if event.data.get("unresolved") or scope.loop_node is None:
                self.fatal = failure
            scope.failure = failure
        elif ports:
            scope.names[node.id] = {"error": event.data["error"]}
        self._settle(scope, node, step, ports)

    def _step_skipped(self, event: RunEvent, scope: Scope, node: PlanNode, step: Step) -> None:
        scope.skipped.remove(node.index)
        self._close_item(scope)

    _TAKE = {  # noqa: RUF012 - a constant table of methods
        EventType.STEP_STARTED: _step_started,
        EventType.ATTEMPT_STARTED: _attempt_started,
        EventType.ATTEMPT_SUCCEEDED: _attempt_succeeded,
        EventType.ATTEMPT_FAILED: _attempt_ended,
        EventType.ATTEMPT_UNCERTAIN: _attempt_ended,
        EventType.PROBE_FINISHED: _probe_finished,
        EventType.STEP_SUCCEEDED: _step_succeeded,
        EventType.STEP_FAILED: _step_failed,
        EventType.STEP_SKIPPED: _step_skipped,
    }

    # -- the graph ------------------------------------------------------------------------------

    def _settle(self, scope: Scope, node: PlanNode, step: Step, ports: tuple[str, ...]) -> None:
        step.ports = ports
        scope.ready.remove(node.index)
        scope.open -= 1
        if not (scope.failure and scope.loop_node):
            self._bury(scope, self._follow(scope, node, ports))
        self._close_item(scope)

    def _follow(self, scope: Scope, node: PlanNode, ports: tuple[str, ...]) -> list[int]:
        """Settle the edges that leave a node; the nodes that are dead by that are given back."""
        dead = []
        for port, targets in node.targets.items():
            if node.loop is not None and port == "item":
                continue
            taken = port in ports
            for target in targets:
                if target in scope.cancelled:
                    continue
                scope.remaining[target] -= 1
                join = self.plan.nodes[target].join
                if taken:
                    scope.taken.add(target)
                    if join is not None:
                        dead.extend(self._arrive(scope, node, port, target, join))
                if scope.remaining[target] == 0:
                    if target not in scope.taken:
                        dead.append(target)
                    elif join is None or not join.any_:
                        insort(scope.ready, target)
        return dead

    def _arrive(
        self, scope: Scope, node: PlanNode, port: str, target: int, join: Join
    ) -> list[int]:
        """Note a branch's arrival; the first one at a join for any cancels the others."""
        came = scope.arrived.setdefault(target, {})
        if not (join.any_ and came):
            came[join.entries[node.index, port]] = node.id
            if join.any_:
                insort(scope.ready, target)
                return self._overtake(scope, target, join)
        return []

    def _overtake(self, scope: Scope, target: int, join: Join) -> list[int]:
        """Bury what the other branches have not begun or only wait for; what is under way may
        finish. The nodes that are dead by that are given back."""
        buried = []
        for branch, nodes in join.inside.items():
            if branch in scope.arrived[target]:
                continue
            for index in nodes:
                step = scope.steps.get(index)
                if step is None or (step.status in _IDLE and step.loop is None):
                    buried.append(index)
                elif step.status not in _SETTLED:
                    step.overtaken = True
        scope.cancelled.update(buried)
        dead = []
        for index in buried:
            scope.steps[index] = Step(status=StepStatus.SKIPPED)
            scope.open -= 1
            if index in scope.ready:
                scope.ready.remove(index)
            insort(scope.skipped, index)
            dead.extend(self._follow(scope, self.plan.nodes[index], ()))
        return dead

    def _bury(self, scope: Scope, dead: list[int]) -> None:
        """Mark nodes as skipped, and all that only they lead to."""
        stack = list(dead)
        while stack:
            index = stack.pop()
            scope.steps[index] = Step(status=StepStatus.SKIPPED)
            scope.open -= 1
            insort(scope.skipped, index)
            stack.extend(self._follow(scope, self.plan.nodes[index], ()))

    def _open_items(self, scope: Scope, node: PlanNode, loop: LoopRun) -> None:
        assert node.loop is not None  # noqa: S101 - only called for loops
        while (
            loop.next < len(loop.keys)
            and len(loop.active) < node.loop.concurrency
            and loop.broken is None
            and node.loop.body
        ):
            index, key = loop.next, loop.keys[loop.next]
            loop.next += 1
            path = f"{scope.path}/{node.id}/{key}" if scope.path else f"{node.id}/{key}"
            item = Scope(
                path=path,
                nodes=node.loop.body,
                names=dict(scope.names),
                open=len(node.loop.body),
                parent=scope,
                loop_node=node,
                index=index,
                key=key,
                remaining={one: self.plan.nodes[one].incoming for one in node.loop.body},
            )
            if loop.items is not None:
                item.names.update(item=loop.items[index], index=loop.first + index)
            for target in node.targets["item"]:
                item.remaining[target] -= 1
                item.taken.add(target)
                if item.remaining[target] == 0:
                    insort(item.ready, target)
            loop.active[path] = item
            self.scopes[path] = item

    def _close_item(self, item: Scope) -> None:
        """Close a loop item that is done: all settled (or one failed), all skips written down."""
        parent, node = item.parent, item.loop_node
        if parent is None or node is None or node.loop is None:
            return
        loop = parent.steps[node.index].loop
        if loop is None or item.skipped or (item.open > 0 and item.failure is None):
            return
        del loop.active[item.path]
        self._release(item)
        loop.settled += 1
        most = _most_failures(node.loop)
        if item.failure is None:
            loop.results[item.index], size = self._last_output(item)
            step = parent.steps[node.index]
            self._hold(parent, step, step.size + size)
            if loop.spread:
                loop.failed.extend(loop.results[item.index]["failed"])
                if len(loop.failed) > most:
                    loop.broken = loop.failed[-1]["error"]
        elif (
            node.loop.collect
            and not loop.spread
            and (loop.chunk or not loop.only)
            and len(loop.failed) < most
        ):
            place = loop.first + item.index
            loop.failed.append({"index": place, "key": item.key, "error": item.failure})
        else:
            loop.broken = item.failure
        self._open_items(parent, node, loop)

    def _drop_items(self, loop: LoopRun) -> None:
        for item in loop.active.values():
            self._release(item)
            for step in item.steps.values():
                if step.loop is not None:
                    self._drop_items(step.loop)
        loop.active.clear()

    def _release(self, item: Scope) -> None:
        """Let go of a loop item and all that its steps held."""
        del self.scopes[item.path]
        self.held -= item.held
        if self._waited:
            for index in item.steps:
                self._waits.pop((item.path, self.plan.nodes[index].id), None)

    def _last_output(self, item: Scope) -> tuple[Any, int]:
        """What the item's last step gave, and its size."""
        for index in reversed(item.nodes):
            node = self.plan.nodes[index]
            step = item.steps.get(index)
            if not node.targets and step is not None and node.id in item.names:
                if step.status is StepStatus.SKIPPED:
                    continue
                return item.names[node.id], step.size
        return None, 0


def _most_failures(loop: Loop) -> int:
    return MAX_ITEMS if loop.max_failures is None else loop.max_failures


def fold(plan: Plan, events: Iterable[RunEvent]) -> RunState:
    """The state after `events`. Raises `IllegalTransitionError`."""
    state = RunState(plan)
    for event in events:
        state.apply(event)
    return state
