"""A worker may die after any event: resumed, the run ends the same and no effect happens twice.

Also: saved runs replay through `decide` to the same commands.
"""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sdk import codec
from connectors.sdk.errors import UnavailableError, UncertainError
from flows.engine.decide import Command, CommandKind, decide, decide_state
from flows.engine.driver import drive
from flows.engine.events import EventType, RunEvent
from flows.engine.inline import InlineResult, VirtualClock
from flows.engine.journal import MemoryJournal
from flows.engine.plan import Plan
from flows.engine.run import EndState
from flows.engine.state import RunState
from tests.flows.engine.support import START, FarSide, go, header, node, output, plan

PATIENT = {"retry": {"max_attempts": 50, "horizon": "PT6H"}}


def rich_plan() -> Plan:
    """Reads, writes of both safe kinds, a branch with a dead way, a loop, a delay, a stop."""
    return plan(
        [
            node("look", "far.read@1", params={"id": "{{ trigger.entity_id }}"}, policy=PATIENT),
            node("which", "flow.branch@1", params={"condition": "{{ look.node == 'look' }}"}),
            node("never", "far.write@1"),
            node(
                "make",
                "far.write@1",
                params={"data": "{{ look }}", "id": "{{ look.path }}"},
                policy=PATIENT,
            ),
            node("wait", "flow.delay@1", params={"for": "PT1H"}),
            node(
                "each",
                "flow.for_each@1",
                params={"items": ["a", "b", "c"], "concurrency": 2, "key": "item"},
            ),
            node("odd", "flow.filter@1", params={"condition": "{{ item != 'b' }}"}),
            node("push", "far.write@1", params={"id": "{{ item }}"}, policy=PATIENT),
            node("put", "far.put@1", params={"data": "{{ each.items }}"}, policy=PATIENT),
            node("end", "flow.stop@1", params={"outcome": "{{ make.node }} {{ each.count }}"}),
        ],
        [
            "start > look",
            "look > which",
            "which.no > never",
            "which.yes > make",
            "make > wait",
            "never > wait",
            "wait > each",
            "each.item > odd",
            "odd > push",
            "each.done > put",
            "put > end",
        ],
    )


SCRIPT: dict[str, list[Any]] = {
    "look": [UnavailableError("down"), None],
    "make": [("lost", UncertainError("no answer"))],
    "push": [UncertainError("no answer"), ("lost", UncertainError("no answer")), None, None],
}


def revive(events: list[RunEvent]) -> list[RunEvent]:
    """The events as a database gives them back: through JSON."""
    return [
        RunEvent(
            seq=event.seq,
            type=event.type,
            node=event.node,
            path=event.path,
            at=event.at,
            data=codec.loads(codec.dumps(event.data)),
        )
        for event in events
    ]


class Store(FarSide):
    """Keeps what is there by key, and how often something not idempotent was done."""

    def __init__(self, effects: dict[str, int], script: dict[str, list[Any]]) -> None:
        super().__init__(script=script)
        self.effects = effects


def check(result: InlineResult, effects: dict[str, int]) -> None:
    assert result.end.state is EndState.SUCCEEDED
    assert result.end.outcome == "make 3"
    assert [one is None for one in output(result, "each")["items"]] == [False, True, False]
    assert len(effects) == 4  # make, push a, push c, put
    put = {event.data["effect_key"] for event in result.events if "effect_key" in event.data
           and event.node == "put"}  # fmt: skip
    assert all(times == 1 for key, times in effects.items() if key not in put)
    assert [event.seq for event in result.events] == list(range(1, len(result.events) + 1))


class CrashError(Exception):
    """The worker died."""


class DyingJournal(MemoryJournal):
    """Lets `left` events in and then dies; what was durable by then stays."""

    def __init__(self, left: int) -> None:
        super().__init__()
        self.left = left

    def _count(self, events: Any) -> None:
        self.left -= len(events)
        if self.left < 0:
            raise CrashError

    async def append(self, run_id: str, events: Any, *, durable: bool) -> None:
        self._count(events)
        await super().append(run_id, events, durable=durable)

    async def finish(self, run_id: str, events: Any, end: Any) -> None:
        self._count(events)
        await super().finish(run_id, events, end)


@pytest.mark.parametrize("script", [{}, SCRIPT], ids=["calm", "stormy"])
async def test_a_run_resumed_after_any_prefix_of_its_journal_ends_the_same(
    script: dict[str, list[Any]],
) -> None:
    """The effects that the lost part of the journal had caused are there already."""
    made = rich_plan()
    effects: dict[str, int] = {}
    whole = await go(made, Store(effects, script))
    check(whole, effects)
    for length in range(len(whole.events) + 1):
        prefix = revive(list(whole.events[:length]))
        for lost_happened in (True, False):
            done = _there(prefix, lost_happened)
            result = await go(made, Store(done, {}), history=prefix)
            check(result, done)


def _there(prefix: list[RunEvent], lost_happened: bool) -> dict[str, int]:
    """The effects that stand on the far side after this prefix; one whose outcome the prefix
    does not know took place or not, as `lost_happened` says."""
    keys = {
        (event.node, event.path): event.data["effect_key"]
        for event in prefix
        if event.type is EventType.ATTEMPT_STARTED and event.node != "look"
    }
    there: dict[str, int] = {}
    for event in prefix:
        key = keys.get((event.node, event.path))
        if key is None:
            continue
        if event.type in (EventType.ATTEMPT_STARTED, EventType.ATTEMPT_UNCERTAIN):
            happened = lost_happened
        elif event.type is EventType.PROBE_FINISHED:
            happened = event.data["happened"]
        else:
            happened = event.type is not EventType.STEP_STARTED
        if happened:
            there[key] = 1
        else:
            there.pop(key, None)
    return there


@settings(max_examples=60, deadline=None)
@given(
    deaths=st.lists(st.integers(min_value=0, max_value=45), max_size=6),
    keep=st.randoms(use_true_random=False),
    stormy=st.booleans(),
)
async def test_any_number_of_deaths_leaves_every_effect_exactly_once(
    deaths: list[int], keep: random.Random, stormy: bool
) -> None:
    """Dies after k events; of what was not durable any part may be lost."""
    made = rich_plan()
    effects: dict[str, int] = {}
    far = Store(effects, SCRIPT if stormy else {})
    log: list[RunEvent] = []
    clock = VirtualClock(START)
    for death in [*deaths, None]:
        left = 10_000 if death is None else death
        journal = DyingJournal(left)
        journal.events["run-1"] = revive(log)
        journal.committed["run-1"] = len(log)
        try:
            result = await go(made, far, journal=journal, clock=clock)
        except CrashError:
            recorded = journal.events["run-1"]
            log = recorded[: keep.randint(journal.committed["run-1"], len(recorded))]
            continue
        check(result, effects)
        return


async def test_a_run_whose_row_missed_its_end_is_finished_again() -> None:
    made = rich_plan()
    whole = await go(made, FarSide())
    journal = MemoryJournal()
    clock = VirtualClock(START)
    end = await drive(
        plan=made,
        header=header(),
        history=whole.events,
        journal=journal,
        operations=FarSide(),
        crosswalks={},
        clock=clock,
        rng=random.Random(1),
        sleep=clock.sleep,
    )
    assert (end.state, end.outcome) == (whole.end.state, whole.end.outcome)
    assert journal.ends["run-1"] == end


async def test_an_unsafe_write_cut_off_by_a_crash_goes_to_a_person() -> None:
    made = plan([node("shoot", "far.shoot@1")], ["start > shoot"])
    whole = await go(made, FarSide())
    started = [e.type for e in whole.events].index(EventType.ATTEMPT_STARTED)
    far = FarSide()
    result = await go(made, far, history=whole.events[: started + 1])
    assert far.calls == []
    assert result.end.state is EndState.DEAD
    assert result.end.error is not None
    assert result.end.error["code"] == "unresolved"


# -- replay through decide -------------------------------------------------------------------------


def described(commands: list[Command]) -> list[tuple[str, str, str, int]]:
    return [(one.kind.value, one.node, one.path, one.attempt) for one in commands]


async def test_a_saved_run_replays_through_decide_to_the_same_commands() -> None:
    made = rich_plan()
    whole = await go(made, Store({}, SCRIPT))
    events = revive(list(whole.events))
    state = RunState(made)
    for index, event in enumerate(events):
        folded = decide(made, events[:index], event.at)
        assert described(folded) == described(decide_state(state, event.at))
        if event.type in NAMING:
            wanted = NAMING[event.type]
            assert (event.node, event.path) in {
                (one.node, one.path) for one in folded if one.kind in wanted
            }
        state.apply(event)
    assert decide(made, events, events[-1].at) == []


NAMING = {
    EventType.STEP_SKIPPED: {CommandKind.SKIP},
    EventType.ATTEMPT_STARTED: {CommandKind.ATTEMPT},
    EventType.PROBE_FINISHED: {CommandKind.PROBE},
}


def test_a_saved_journal_of_format_1_still_means_the_same() -> None:
    """A journal written down by hand, as a database would give it back."""
    made = plan(
        [node("a", "far.write@1"), node("b", "far.read@1", params={"data": "{{ a }}"})],
        ["start > a", "a > b"],
    )
    written: list[tuple[str, str, dict[str, Any], list[tuple[str, str, str, int]]]] = [
        ("run_started", "", {"flow": "t", "version": 1, "trigger_node": "start"},
         [("start", "", "", 0)]),
        ("step_succeeded", "start", {"output": {}, "ports": ["out"], "ms": 0},
         [("evaluate", "start", "", 1)]),
        ("step_started", "a", {}, [("attempt", "a", "", 1)]),
        ("attempt_started", "a", {"attempt": 1, "effect_key": "k"}, [("attempt", "a", "", 1)]),
        ("attempt_uncertain", "a",
         {"attempt": 1, "error": {"class": "UncertainError"}, "retry_at": START.isoformat()},
         [("probe", "a", "", 1)]),
        ("probe_finished", "a", {"attempt": 1, "happened": False}, [("probe", "a", "", 1)]),
        ("attempt_started", "a", {"attempt": 2, "effect_key": "k"}, [("attempt", "a", "", 2)]),
        ("attempt_succeeded", "a", {"attempt": 2, "output": 1, "receipt": None, "ms": 0},
         [("probe", "a", "", 2)]),
        ("step_succeeded", "a", {"ports": ["out"], "ms": 0}, [("finish", "a", "", 0)]),
        ("step_started", "b", {}, [("attempt", "b", "", 1)]),
        ("attempt_started", "b", {"attempt": 1, "effect_key": "l"}, [("attempt", "b", "", 1)]),
        ("attempt_succeeded", "b", {"attempt": 1, "output": 2, "receipt": None, "ms": 0},
         [("attempt", "b", "", 2)]),
        ("step_succeeded", "b", {"ports": ["out"], "ms": 0}, [("finish", "b", "", 0)]),
        ("run_succeeded", "", {"outcome": ""}, [("end", "", "", 0)]),
    ]  # fmt: skip
    events: list[RunEvent] = []
    for type_, node_, data, commands in written:
        assert described(decide(made, events, START)) == commands
        events.append(
            RunEvent(
                seq=len(events) + 1, type=EventType(type_), node=node_, path="", at=START, data=data
            )
        )
    assert decide(made, events, START) == []
