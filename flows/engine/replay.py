"""How a replay begins: the events that attach what the first run had finished.

A replay is a run of the same trigger event under the same effect keys. Its journal opens with
events copied out of the original's; from there on it is driven like any other run. Of the writes
that it does again it knows which may have happened already: they are treated like those of a
worker that died, so that the far side is asked before anything is sent (see `decide`).

`run_started` of a replay carries `replay` ({of, from_node, revision, attached}, and the `verdict`
that it follows or the `item` that it is about), `effects`: by effect key what the original did or
may have done, and `answers`: what came from outside for steps that are done again. A question that
reads the same is not asked a second time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from flows.engine.chunks import waiting_node
from flows.engine.events import EventType, RunEvent
from flows.engine.execute import effect_key, usual_port
from flows.engine.plan import Plan, PlanNode
from flows.engine.run import RunHeader
from flows.engine.state import STOP, RunState
from flows.engine.states import IllegalTransitionError
from flows.engine.waiting import TIMEOUT, answer_entry

_HOW: Final = frozenset({"chunk_size", "concurrency"})
_STEP: Final = frozenset(
    {
        EventType.STEP_STARTED,
        EventType.ATTEMPT_STARTED,
        EventType.ATTEMPT_SUCCEEDED,
        EventType.ATTEMPT_FAILED,
        EventType.ATTEMPT_UNCERTAIN,
        EventType.PROBE_FINISHED,
        EventType.STEP_SUCCEEDED,
        EventType.STEP_FAILED,
        EventType.STEP_SKIPPED,
    }
)


class ReplayError(ValueError):
    """The order cannot be followed; `code` and `pointer` say what is wrong where."""

    def __init__(self, code: str, pointer: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.pointer = pointer
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a person found out about a write whose outcome nobody knew.

    `node` and `path` name the step. Where it `happened`, the replay takes it for done, with
    `output` as what it gave; where it did not, the replay does it again without asking.
    """

    node: str
    path: str
    happened: bool
    output: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayOrder:
    """What is asked of a replay.

    `of` is the id of the run that is replayed. `from_node` is where to begin ("": where the
    original broke off; the beginning when it succeeded). `outputs` replace what upstream nodes
    gave. `changed` are nodes that mean something else than in the original: their outputs are
    not attached. `number` is the replay's own and becomes the revision of an edit. With a
    `verdict` it begins at the step that this is about. With an `item` ("each_line/A7") it does
    that item of a for-each outside loops and nothing after it. `effects` are those of runs that
    did parts of the original.
    """

    of: str
    number: int
    from_node: str = ""
    outputs: Mapping[str, Any] = field(default_factory=dict)
    trigger_edited: bool = False
    changed: frozenset[str] = frozenset()
    verdict: Verdict | None = None
    item: str = ""
    effects: Mapping[str, Any] = field(default_factory=dict)


def changed_nodes(before: Mapping[str, Any], after: Mapping[str, Any]) -> frozenset[str]:
    """Ids of the nodes of `after` (a flow document) whose type, params, slot or incoming edges
    are not those in `before`, and of those that are new."""
    old = _definitions(before)
    return frozenset(id_ for id_, made in _definitions(after).items() if old.get(id_) != made)


def _definitions(document: Mapping[str, Any]) -> dict[str, Any]:
    incoming: dict[str, list[tuple[str, str]]] = {}
    for edge in document.get("edges", ()):
        incoming.setdefault(edge["to"], []).append((edge["from"], edge.get("port", "out")))
    return {
        one["id"]: (
            one["type"],
            # How a list is cut, and how much of it is done at a time, changes no effect.
            {key: value for key, value in one.get("params", {}).items() if key not in _HOW},
            one.get("connection", ""),
            sorted(incoming.get(one["id"], ())),
        )
        for one in document["nodes"]
    }


def seed(
    plan: Plan,
    header: RunHeader,
    original: Sequence[RunEvent],
    order: ReplayOrder,
    *,
    at: datetime,
) -> list[RunEvent]:
    """The events that a replay's journal opens with; `original` is the journal it goes back to.

    Raises `ReplayError`.
    """
    return _Seed(plan, header, original, order, at).events()


def effects_of(
    plan: Plan, header: RunHeader, events: Sequence[RunEvent], *, at: datetime
) -> dict[str, Any]:
    """By effect key what a run did, or may have done."""
    return _Seed(plan, header, events, ReplayOrder(of="", number=0), at).effects(set())


class _Seed:
    def __init__(
        self,
        plan: Plan,
        header: RunHeader,
        original: Sequence[RunEvent],
        order: ReplayOrder,
        at: datetime,
    ) -> None:
        self.plan = plan
        self.header = header
        self.original = original
        self.order = order
        self.at = at
        self.outer_of = _outer_of(plan)
        self.started = next(
            (one for one in original if one.type is EventType.RUN_STARTED),
            RunEvent(seq=1, type=EventType.RUN_STARTED, at=at),
        )
        # The replay of an item that failed again is about that item too.
        self.item = order.item or str(self.started.data.get("replay", {}).get("item", ""))

    def events(self) -> list[RunEvent]:
        if "chunk" in self.started.data:
            return self._chunk_again()
        again = self._again_item() if self.item else self._again()
        kept = self._kept(again)
        for id_ in self.order.outputs:
            if id_ not in kept:
                raise ReplayError(
                    "output_place",
                    f"/outputs/{id_}",
                    f"The original never came to {id_!r}, or the replay repeats it.",
                )
        while True:
            events, misfit = self._attach(kept)
            if misfit is None:
                return [*events, self._item_event(events[-1].seq + 1)] if self.item else events
            # The other version's graph has no place for it there: it is done again.
            kept -= self._reach([misfit])

    def _chunk_again(self) -> list[RunEvent]:
        """Its items once more: nothing is attached, and what was done is known by its effects."""
        order = self.order
        if order.trigger_edited or order.outputs or order.from_node or order.changed or order.item:
            raise ReplayError(
                "chunk",
                "/from_node",
                "A chunk is replayed as it was; replay the run that it is a part of.",
            )
        data = {
            **self.started.data,
            "replay": {"of": order.of, "from_node": "", "attached": []},
            "effects": {**order.effects, **self.effects(set())},
        }
        items = self.original[1]
        return [
            RunEvent(seq=1, type=EventType.RUN_STARTED, at=self.at, data=data),
            RunEvent(seq=2, type=items.type, node=items.node, at=self.at, data=items.data),
        ]

    def _item_event(self, seq: int) -> RunEvent:
        node, _, key = self.item.partition("/")
        data = {"keys": [key], "only": True}
        return RunEvent(seq=seq, type=EventType.STEP_STARTED, node=node, at=self.at, data=data)

    # -- what is done again, what is attached ----------------------------------------------------

    def _again_item(self) -> set[str]:
        """The loop of the item and all behind it. Only a loop that is through can be mended so:
        whatever else was left undone would be lost sight of."""
        order = self.order
        if order.trigger_edited or order.outputs or order.from_node or order.verdict:
            raise self._no_item("One item is replayed with the data that it had.")
        id_, _, key = self.item.partition("/")
        node = self.plan.by_id.get(id_)
        if node is None or node.loop is None or self.outer_of[id_] != id_:
            raise self._no_item(f"{id_!r} is no for-each of the flow outside loops.")
        mine = [one for one in self.original if one.node == id_ and not one.path]
        keys = {
            key
            for one in self.original
            if one.type is EventType.STEP_STARTED and one.node in (id_, waiting_node(id_))
            for key in one.data.get("wait", {}).get("about", one.data).get("keys", ())
        }
        if key not in keys:
            raise self._no_item(f"{id_!r} had no item {key!r}.")
        through = any(one.type is EventType.RUN_SUCCEEDED for one in self.original) and any(
            one.type is EventType.STEP_SUCCEEDED for one in mine
        )
        if not through and self.item != self.started.data.get("replay", {}).get("item"):
            raise self._no_item(
                "The run did not go through: replay it from where it broke off, items included."
            )
        return self._reach([id_])

    @staticmethod
    def _no_item(message: str) -> ReplayError:
        return ReplayError("item", "/item", message)

    def _again(self) -> set[str]:
        order = self.order
        if order.trigger_edited and (
            order.outputs or order.from_node not in ("", self.header.trigger_node)
        ):
            raise ReplayError(
                "trigger_edited",
                "/trigger_data",
                "Edited trigger data goes through the flow from its beginning.",
            )
        if order.from_node and order.from_node not in self.plan.by_id:
            raise ReplayError(
                "from_node", "/from_node", f"The flow has no node {order.from_node!r}."
            )
        if order.verdict is not None and order.verdict.node not in self.plan.by_id:
            raise self._undoubted()
        for id_ in order.outputs:
            if id_ not in self.plan.by_id or self.outer_of[id_] != id_:
                raise ReplayError(
                    "output_place",
                    f"/outputs/{id_}",
                    f"{id_!r} is no node of the flow outside loops.",
                )
        begin = self.header.trigger_node if order.trigger_edited else order.from_node
        begin = begin or (order.verdict.node if order.verdict else self._broke_off())
        starts = [] if begin in ("", *order.outputs) else [self.outer_of[begin]]
        again = self._reach(starts)
        for id_ in order.outputs:
            again |= self._reach(self._next(id_))
        return again

    def _broke_off(self) -> str:
        """The node that ended the original; the trigger when nothing went wrong, "" when nobody
        knows: then whatever is not finished goes on."""
        for event in reversed(self.original):
            if event.type is EventType.RUN_SUCCEEDED:
                return "" if self.order.outputs else self.header.trigger_node
            if event.type in (EventType.RUN_DEAD, EventType.RUN_FAILED):
                return event.node if event.node in self.plan.by_id else ""
        return ""

    def _kept(self, again: set[str]) -> set[str]:
        settled = {
            event.node
            for event in self.original
            if not event.path
            and (
                event.type in (EventType.STEP_SUCCEEDED, EventType.STEP_SKIPPED)
                or (event.type is EventType.STEP_FAILED and event.data["ports"])
            )
        }
        stops = {self.outer_of[one.id] for one in self.plan.nodes if one.type == STOP}
        before: dict[str, list[str]] = {}
        for node in self.plan.nodes:
            for target in self._next(node.id):
                before.setdefault(target, []).append(node.id)
        changed = {self.outer_of[one] for one in self.order.changed if one in self.plan.by_id}
        kept: set[str] = set()
        for index in self.plan.outer:
            id_ = self.plan.nodes[index].id
            finished = id_ in settled or id_ in self.order.outputs
            fresh = id_ in again or id_ in stops or (id_ in changed - set(self.order.outputs))
            if finished and not fresh and all(one in kept for one in before.get(id_, ())):
                kept.add(id_)
        return kept

    def _next(self, id_: str) -> list[str]:
        """The nodes outside loops that follow a node outside loops."""
        node = self.plan.by_id[id_]
        return [
            self.plan.nodes[target].id
            for port, targets in node.targets.items()
            if not (node.loop is not None and port == "item")
            for target in targets
        ]

    def _reach(self, starts: Iterable[str]) -> set[str]:
        found = set(starts)
        stack = list(found)
        while stack:
            for one in self._next(stack.pop()):
                if one not in found:
                    found.add(one)
                    stack.append(one)
        return found

    # -- events ----------------------------------------------------------------------------------

    def _attach(self, kept: set[str]) -> tuple[list[RunEvent], str | None]:
        """The events, or the node that has no place for its own."""
        state = RunState(self.plan)
        events = [self._start(kept)]
        state.apply(events[0])
        edited = set(self.order.outputs)
        for event in self.original:
            outer = self.outer_of.get(event.path.split("/", 1)[0] or event.node)
            if outer not in kept or event.type not in _STEP:
                continue
            data = {**event.data, "attached": self.order.of}
            type_, path = event.type, event.path
            if outer in edited:
                if path or type_ not in (EventType.STEP_SUCCEEDED, EventType.STEP_FAILED):
                    continue
                type_, data = EventType.STEP_SUCCEEDED, self._edited(outer, event)
                edited.discard(outer)
            copy = RunEvent(
                seq=len(events) + 1, type=type_, node=event.node, path=path, at=self.at, data=data
            )
            try:
                state.apply(copy)
            except (IllegalTransitionError, LookupError, ValueError):
                return [], outer
            events.append(copy)
        return events, None

    def _edited(self, id_: str, event: RunEvent) -> dict[str, Any]:
        node = self.plan.by_id[id_]
        ports = list(event.data["ports"])
        if event.type is EventType.STEP_FAILED or not ports:
            ports = [node.ports[0] if node.call is not None else usual_port(node)]
        return {
            "output": self.order.outputs[id_],
            "ports": ports,
            "ms": 0,
            "attached": self.order.of,
            "edited": True,
        }

    def _start(self, kept: set[str]) -> RunEvent:
        before = self.started.data.get("replay", {})
        edit = self.order.trigger_edited or self.order.outputs or self.order.changed
        replay: dict[str, Any] = {
            "of": self.order.of,
            "from_node": self.order.from_node,
            "revision": self.order.number if edit else int(before.get("revision", 0)),
            "attached": sorted(kept),
        }
        if self.item:
            replay["item"] = self.item
        if (verdict := self.order.verdict) is not None:
            replay["verdict"] = {
                "node": verdict.node,
                "path": verdict.path,
                "happened": verdict.happened,
            }
        return RunEvent(
            seq=1,
            type=EventType.RUN_STARTED,
            at=self.at,
            data={
                "flow": self.header.flow,
                "version": self.header.version,
                "trigger_node": self.header.trigger_node,
                "replay": replay,
                "effects": self.effects(kept),
                "answers": self._answers(kept),
            },
        )

    def effects(self, kept: set[str]) -> dict[str, Any]:
        """By effect key what was done, or may have been, and is not attached."""
        found: dict[str, Any] = {**self.order.effects, **self.started.data.get("effects", {})}
        keys: dict[tuple[str, str], str] = {}
        for event in self.original:
            node = self.plan.by_id.get(event.node)
            if node is None or node.call is None or not node.call.effect_is_write:
                continue
            place = (event.node, event.path)
            if event.type is EventType.ATTEMPT_STARTED:
                keys[place] = str(event.data["effect_key"])
                if self.outer_of[event.node] not in kept:
                    found.setdefault(keys[place], {})
            elif place in keys and keys[place] in found:
                self._judge(event, node, keys[place], found)
        if (verdict := self.order.verdict) is not None:
            key = keys.get((verdict.node, verdict.path))
            if key not in found:
                raise self._undoubted()
            if verdict.happened:
                found[key] = {"output": verdict.output, "verdict": True}
            else:
                del found[key]
        return found

    def _answers(self, kept: set[str]) -> list[dict[str, Any]]:
        """Answers of steps that are not attached, apart from the one where the replay begins."""
        found = {(one["node"], one["path"]): one for one in self.started.data.get("answers", ())}
        waits: dict[tuple[str, str], Any] = {}
        for event in self.original:
            place = (event.node, event.path)
            if event.type is EventType.STEP_STARTED and "wait" in event.data:
                waits[place] = event.data["wait"]
            elif event.type is not EventType.STEP_SUCCEEDED or place not in waits:
                continue
            elif event.data["ports"] != [TIMEOUT]:
                found[place] = answer_entry(event, waits[place], self.order.of)
        return [
            one
            for (node, _), one in found.items()
            if self.outer_of.get(node, node) not in kept and node != self.order.from_node
        ]

    @staticmethod
    def _undoubted() -> ReplayError:
        return ReplayError("not_unresolved", "/node", "Nothing of that step is in doubt.")

    @staticmethod
    def _judge(event: RunEvent, node: PlanNode, key: str, found: dict[str, Any]) -> None:
        call = node.call
        assert call is not None  # noqa: S101 - only called for writes
        if event.type is EventType.ATTEMPT_FAILED or (
            event.type is EventType.PROBE_FINISHED and not event.data["happened"]
        ):
            del found[key]
        elif event.type is EventType.ATTEMPT_SUCCEEDED and not (call.probe or call.idempotent):
            # Nobody can ask for it again, and nobody may send it again.
            found[key] = {"output": event.data["output"]}


def _outer_of(plan: Plan) -> dict[str, str]:
    """For every node itself, or the outermost loop that it stands in."""
    loop_of: dict[str, str] = {}
    for node in plan.nodes:
        if node.loop is not None:
            for index in node.loop.body:
                loop_of[plan.nodes[index].id] = node.id
    found: dict[str, str] = {}
    for node in plan.nodes:
        id_ = node.id
        while id_ in loop_of:
            id_ = loop_of[id_]
        found[node.id] = id_
    return found


def key_of(
    header: RunHeader, revision: int, node: PlanNode, path: str, params: Mapping[str, Any]
) -> str:
    """The effect key of a call. That of a creation never takes a revision: an edit may not make
    a second record, the first is found by its key."""
    kept = 0 if _is_creation(node, params) else revision
    return effect_key(header.origin_event_id, node.id, path, kept)


def _is_creation(node: PlanNode, params: Mapping[str, Any]) -> bool:
    name = node.type.partition("@")[0].rpartition(".")[2]
    return name == "create" or str(params.get("method", "")).upper() == "POST"


def done_before(before: Mapping[str, Any], key: str) -> list[tuple[EventType, dict[str, Any]]]:
    """What to write down in place of a first attempt that the original made, or may have made:
    as if a worker had died over it, so that the far side is asked. `before` is the entry of
    `key` in `effects`."""
    stands: list[tuple[EventType, dict[str, Any]]] = [
        (EventType.ATTEMPT_STARTED, {"attempt": 1, "effect_key": key, "replayed": True})
    ]
    if "output" in before:
        answer = {"attempt": 1, "output": before["output"], "receipt": None, "ms": 0}
        if before.get("verdict"):
            answer["verdict"] = True
        stands.append((EventType.ATTEMPT_SUCCEEDED, answer))
    return stands
