"""Between the waits of the engine and their rows: which news a step waits for, what it is told."""

from collections.abc import Iterable, Mapping, Sequence

from connectors.sdk.errors import ConfigurationError
from flows.engine.nodes.approval import APPROVAL
from flows.engine.nodes.wait_for_event import event_signal
from flows.engine.plan import Plan
from flows.engine.waiting import OpenWait, Place, Signal
from flows.store.claims import instant_text
from flows.store.pool import json_text
from flows.store.questions import Question
from flows.store.waits import AnswerRow, WaitRow, topic_of


def topics(plan: Plan, bindings: Mapping[str, str]) -> dict[str, str]:
    """By node the topic of the news that it waits for. Raises `ConfigurationError`."""
    return {
        one.node: topic_of(_bound(one.slot, bindings), one.type, one.match, one.params)
        for one in plan.waits
    }


def _bound(slot: str, bindings: Mapping[str, str]) -> str:
    bound = bindings.get(slot)
    if bound is None:
        raise ConfigurationError(
            f"The deployment binds no connection to the slot {slot!r}.",
            code="slot_unbound",
            fix="Deploy the flow again and choose a connection for the slot.",
        )
    return bound


def wait_rows(waits: Sequence[OpenWait], topics: Mapping[str, str]) -> list[WaitRow]:
    """What is to be stored about steps that wait."""
    return [
        WaitRow(
            node=one.node,
            path=one.path.replace("\x00", ""),
            kind=one.kind,
            topic=topics.get(one.node, ""),
            key=one.key,
            until=one.until,
            question=_question(one),
        )
        for one in waits
    ]


def _question(wait: OpenWait) -> Question | None:
    if wait.kind != APPROVAL:
        return None
    return Question(
        title=wait.about["title"],
        message=wait.about["message"],
        role=wait.about["role"],
        users=json_text(wait.about["users"]),
        until=wait.until,
    )


def signals(answers: Iterable[AnswerRow]) -> dict[Place, Signal]:
    """The answers as the engine takes them."""
    found: dict[Place, Signal] = {}
    for one in answers:
        if one.trigger is not None and one.source_time is not None:
            trigger = {**one.trigger, "occurred_at": instant_text(one.source_time)}
            found[one.path, one.node] = event_signal(trigger)
        else:
            found[one.path, one.node] = Signal(**one.answer)
    return found
