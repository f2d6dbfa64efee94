"""Replays: they end as the original would, attach what was finished, and do nothing twice."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sdk.errors import RejectedError, UncertainError
from flows.engine.events import EventType
from flows.engine.execute import effect_key
from flows.engine.inline import InlineResult
from flows.engine.plan import Plan
from flows.engine.replay import ReplayError, ReplayOrder, Verdict, changed_nodes, seed
from flows.engine.run import EndState, RunHeader
from tests.flows.engine.support import START, FarSide, flow, go, header, node, output, plan, ran
from tests.flows.engine.test_crash import SCRIPT, revive, rich_plan

PUT = effect_key("event-1", "put", "")
REFUSED = RejectedError("no", code="refused", fix="Correct it.")


def again(**more: Any) -> ReplayOrder:
    return ReplayOrder(**{"of": "run-1", "number": 1, **more})


async def replayed(
    made: Plan,
    far: FarSide,
    original: InlineResult,
    order: ReplayOrder,
    run: RunHeader | None = None,
) -> InlineResult:
    head = replace(run or header(), run_id="run-2")
    seeds = revive(seed(made, head, revive(list(original.events)), order, at=START))
    assert [one.seq for one in seeds] == list(range(1, len(seeds) + 1))
    return await go(made, far, run=head, history=seeds)


def chain(*types: str) -> Plan:
    """start > n0 > n1 > ... of the given types; each passes the one before on as data."""
    names = [f"n{place}" for place in range(len(types))]
    froms = ["trigger.data", *names]
    return plan(
        [
            node(name, type_, params={"data": "{{ " + source + " }}"})
            for name, type_, source in zip(names, types, froms, strict=False)
        ],
        [f"{a} > {b}" for a, b in zip(["start", *names], names, strict=False)],
    )


async def test_a_dead_letter_goes_on_where_it_broke_off() -> None:
    made = chain("far.read@1", "far.write@1", "far.write@1", "far.put@1")
    far = FarSide(script={"n2": [REFUSED]})
    dead = await go(made, far)
    assert dead.end.state is EndState.DEAD
    far.calls.clear()
    done = await replayed(made, far, dead, again())
    assert done.end.state is EndState.SUCCEEDED
    assert far.calls == [("n2", ""), ("n3", "")]
    assert far.probes == []
    assert sorted(far.effects.values()) == [1, 1, 1]
    assert ran(done) == ["start", "n0", "n1", "n2", "n3"]
    attached = {one.node for one in done.events if one.data.get("attached") == "run-1"}
    assert attached == {"start", "n0", "n1"}


@given(place=st.sampled_from(["", *(one.id for one in rich_plan().nodes)]))
@settings(max_examples=40, deadline=None)
async def test_from_any_node_it_ends_the_same_and_effects_stay_once(place: str) -> None:
    made, far = rich_plan(), FarSide(script=SCRIPT)
    first = await go(made, far)
    assert first.end.state is EndState.SUCCEEDED
    second = await replayed(made, far, first, again(from_node=place))
    assert second.end == first.end
    # `put` may be sent again: it is idempotent and cannot be asked for.
    assert {count for key, count in far.effects.items() if key != PUT} == {1}
    for one in made.nodes:
        if one.id != "wait":  # a delay that is done again ends later
            assert output(second, one.id) == output(first, one.id)


@pytest.mark.parametrize("place", ["look", "make", "push", "put"])
async def test_wherever_a_run_died_its_replay_completes_it_once(place: str) -> None:
    made, whole = rich_plan(), FarSide()
    expected = await go(made, whole)
    far = FarSide(script={place: [REFUSED]})
    dead = await go(made, far)
    assert dead.end.state is EndState.DEAD
    second = await replayed(made, far, dead, again())
    assert second.end == expected.end
    assert far.effects == whole.effects
    third = await replayed(made, far, second, again(of="run-2", number=2, from_node="make"))
    assert third.end == expected.end
    assert {far.effects[key] for key in far.effects if key != PUT} == {1}


async def test_what_may_have_happened_is_asked_for_before_it_is_sent() -> None:
    lost = [("lost", UncertainError("no answer"))]
    made = plan(
        [node("w", "far.write@1", policy={"retry": {"max_attempts": 1}})],
        ["start > w"],
        settings={"deadline": "PT1S"},
    )
    far = FarSide(script={"w": [*lost]})
    first = await go(made, far)
    unknown = [one for one in first.events if one.type is not EventType.PROBE_FINISHED][:4]
    second = await replayed(made, far, InlineResult(end=first.end, events=unknown), again())
    assert second.end.state is EndState.SUCCEEDED
    assert set(far.effects.values()) == {1}
    assert far.calls == [("w", "")]


async def test_what_cannot_be_asked_for_is_never_sent_twice() -> None:
    made = chain("far.shoot@1", "far.write@1")
    far = FarSide({"n0": {"number": 7}}, script={"n1": [REFUSED]})
    dead = await go(made, far)
    done = await replayed(made, far, dead, again(from_node="n0"))
    assert done.end.state is EndState.SUCCEEDED
    assert far.calls.count(("n0", "")) == 1
    assert output(done, "n0") == {"number": 7}


async def test_an_edit_takes_effect_on_updates_that_had_happened() -> None:
    made = chain("far.read@1", "far.write@1")
    far = FarSide()
    first = await go(made, far)
    edited = await replayed(made, far, first, again(outputs={"n0": {"right": True}}))
    assert output(edited, "n0") == {"right": True}
    assert far.effects == {
        effect_key("event-1", "n1", ""): 1,
        effect_key("event-1", "n1", "", 1): 1,
    }
    # Replaying the edited run again changes nothing more.
    await replayed(made, far, edited, again(of="run-2", number=2, from_node="n1"))
    assert sorted(far.effects.values()) == [1, 1]


async def test_edited_trigger_data_goes_through_everything() -> None:
    made = chain("far.read@1", "far.write@1")
    far = FarSide(script={"n1": [REFUSED]})
    dead = await go(made, far, run=header(id="bad"))
    order = again(trigger_edited=True)
    done = await replayed(made, far, dead, order, run=header(id="good"))
    assert output(done, "start") == {"id": "good"}
    assert far.calls == [("n0", ""), ("n1", ""), ("n0", ""), ("n1", "")]


async def test_the_output_of_the_step_that_failed_can_be_given() -> None:
    made = chain("far.read@1", "far.write@1")
    far = FarSide(script={"n0": [REFUSED]})
    dead = await go(made, far)
    done = await replayed(made, far, dead, again(outputs={"n0": {"id": "6"}}))
    assert done.end.state is EndState.SUCCEEDED
    assert far.calls == [("n0", ""), ("n1", "")]


async def test_another_version_keeps_what_has_not_changed() -> None:
    def nodes(value: str) -> list[dict[str, Any]]:
        return [
            node("a", "far.read@1"),
            node("m", "data.map@1", params={"fields": [{"target": "x", "value": value}]}),
            node("w", "far.write@1", params={"data": "{{ m.x }}"}),
        ]

    ways = ["start > a", "a > m", "m > w"]
    far = FarSide(script={"w": [REFUSED]})
    dead = await go(plan(nodes("wrong"), ways), far)
    changed = changed_nodes(flow(nodes("wrong"), ways), flow(nodes("right"), ways))
    assert changed == {"m"}
    done = await replayed(plan(nodes("right"), ways), far, dead, again(changed=changed))
    assert output(done, "m") == {"x": "right"}
    assert far.calls == [("a", ""), ("w", ""), ("w", "")]


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({"from_node": "nobody"}, "from_node"),
        ({"outputs": {"nobody": 1}}, "output_place"),
        ({"outputs": {"n1": 1}, "from_node": "n0"}, "output_place"),
        ({"trigger_edited": True, "from_node": "n1"}, "trigger_edited"),
        ({"trigger_edited": True, "outputs": {"n0": 1}}, "trigger_edited"),
    ],
)
async def test_an_order_that_makes_no_sense_is_refused(order: dict[str, Any], code: str) -> None:
    made = chain("far.read@1", "far.write@1")
    first = await go(made, FarSide())
    with pytest.raises(ReplayError) as refused:
        seed(made, header(), first.events, again(**order), at=START)
    assert refused.value.code == code
    assert refused.value.pointer


LOST = ("lost", UncertainError("no answer", code="timeout", fix="Look."))
UNSENT = UncertainError("no answer", code="timeout", fix="Look.")


def shots() -> Plan:
    """start > n0 (nobody can ask for it) > n1, which passes on what n0 gave."""
    return chain("far.shoot@1", "far.write@1")


def found_out(happened: bool, output: Any = None, **more: Any) -> ReplayOrder:
    verdict = Verdict(node="n0", path="", happened=happened, output=output)
    return again(**{"verdict": verdict, **more})


async def test_what_a_person_found_done_is_not_sent_again() -> None:
    made, far = shots(), FarSide(script={"n0": [LOST]})
    dead = await go(made, far)
    assert (dead.end.error or {})["code"] == "unresolved"
    done = await replayed(made, far, dead, found_out(True, {"number": 7}))
    assert done.end.state is EndState.SUCCEEDED
    assert far.calls == [("n0", ""), ("n1", "")]
    assert output(done, "n0") == {"number": 7}
    assert set(far.effects.values()) == {1}
    [said] = [one for one in done.events if one.data.get("verdict")]
    assert said.type is EventType.ATTEMPT_SUCCEEDED
    # The verdict outlives the replay that it was given for.
    third = await replayed(made, far, done, again(of="run-2", number=2, from_node="n0"))
    assert third.end.state is EndState.SUCCEEDED
    assert output(third, "n0") == {"number": 7}
    assert far.calls.count(("n0", "")) == 1


async def test_what_a_person_found_not_done_is_sent_once_more() -> None:
    made, far = shots(), FarSide(script={"n0": [UNSENT]})
    dead = await go(made, far)
    assert far.effects == {}
    plain = await replayed(made, far, dead, again())
    assert (plain.end.error or {})["code"] == "unresolved"  # nothing is repeated blindly
    done = await replayed(made, far, dead, found_out(False))
    assert done.end.state is EndState.SUCCEEDED
    assert set(far.effects.values()) == {1}
    assert done.events[0].data["replay"]["verdict"] == {
        "node": "n0",
        "path": "",
        "happened": False,
    }


async def test_a_verdict_reaches_a_replay_of_a_replay() -> None:
    made, far = shots(), FarSide(script={"n0": [LOST]})
    dead = await go(made, far)
    still = await replayed(made, far, dead, again())
    done = await replayed(made, far, still, found_out(True, {}, of="run-2", number=2))
    assert done.end.state is EndState.SUCCEEDED
    assert far.calls.count(("n0", "")) == 1


@pytest.mark.parametrize("happened", [True, False])
async def test_a_verdict_about_one_loop_item_leaves_the_others(happened: bool) -> None:
    made = plan(
        [
            node("each", "flow.for_each@1", params={"items": "{{ trigger.data.ids }}"}),
            node("put", "far.shoot@1", params={"id": "{{ item }}"}),
        ],
        ["start > each", "each.item > put"],
    )
    run = header(ids=["a", "b", "c"])
    far = FarSide(script={"put": [None, LOST if happened else UNSENT]})
    dead = await go(made, far, run=run)
    assert (dead.end.error or {})["path"] == "each/1"
    verdict = Verdict(node="put", path="each/1", happened=happened, output={"done": True})
    done = await replayed(made, far, dead, again(verdict=verdict), run)
    assert done.end.state is EndState.SUCCEEDED
    assert far.calls.count(("put", "each/0")) == 1
    assert far.calls.count(("put", "each/1")) == (1 if happened else 2)
    assert sorted(far.effects.values()) == [1, 1, 1]
    assert (output(done, "each")["items"][1] == {"done": True}) is happened


@pytest.mark.parametrize("place", [("n1", ""), ("n0", "each/0"), ("nobody", "")])
async def test_a_verdict_needs_something_in_doubt(place: tuple[str, str]) -> None:
    made, far = shots(), FarSide(script={"n0": [LOST]})
    dead = await go(made, far)
    verdict = Verdict(node=place[0], path=place[1], happened=True)
    with pytest.raises(ReplayError) as refused:
        await replayed(made, far, dead, again(verdict=verdict))
    assert refused.value.code == "not_unresolved"
