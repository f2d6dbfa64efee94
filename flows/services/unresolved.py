"""Both facts about a write whose outcome nobody knows: what was sent, and what came back."""

from collections.abc import Sequence
from typing import Any

from causeway.base.problems import Problem
from connectors.sdk.errors import FarSideError
from flows.dispatch.crosswalks import crosswalk
from flows.engine import execute
from flows.engine.chunks import as_written
from flows.engine.events import EventType
from flows.engine.events import RunEvent as Entry
from flows.engine.run import RunHeader
from flows.engine.state import RunState
from flows.engine.states import IllegalTransitionError
from flows.models import CrosswalkEntry, Run, RunEvent
from flows.services.documents import plan_of_version
from flows.services.masking import MASKED, masked_error
from flows.services.starts import seen_by_expressions


def unresolved_steps(
    run: Run, entries: Sequence[RunEvent], *, payloads: bool
) -> list[dict[str, Any]]:
    """The steps of a dead letter that wait for a person's verdict, in the order of the journal.

    `params` are what the last attempt sent, made once more of the journal (null where they cannot
    be: a crosswalk has gone, say); `answer` is the error that ended it, null when nothing came
    back at all; `looks` are the times that the far side was asked. Without `payloads` what was
    carried is masked. Costs nothing for a run that has no such step.
    """
    doubted = [
        one for one in entries if one.type == "step_failed" and one.data.get("unresolved") is True
    ]
    if run.state != Run.State.DEAD or not doubted:
        return []
    return [_facts(run, entries, one, payloads=payloads) for one in doubted]


def _facts(
    run: Run, entries: Sequence[RunEvent], failed: RunEvent, *, payloads: bool
) -> dict[str, Any]:
    place = (failed.node, failed.path)
    own = [one for one in entries if (one.node, one.path) == place and one.seq < failed.seq]
    starts = [one for one in own if one.type == "attempt_started"]
    sent = starts[-1] if starts else None
    since = [one for one in own if sent is not None and one.seq > sent.seq]
    doubts = [one for one in since if one.type == "attempt_uncertain"]
    heard = next((one for one in doubts if not one.data.get("look")), None)
    looks = [one for one in since if one.type == "probe_finished" or one.data.get("look")]
    params = _params(run, entries, sent) if payloads and sent is not None else None

    def shown(error: Any) -> Any:
        return error if payloads else masked_error(error)

    return {
        "node": failed.node,
        "path": failed.path,
        "attempt": int(sent.data["attempt"]) if sent else 0,
        "effect_key": str(sent.data["effect_key"]) if sent else "",
        "sent_at": sent.at if sent and not _replayed(sent) else None,
        "sent_before": _replayed(sent),
        "params": params if payloads else dict(MASKED),
        "answer": {"at": heard.at, "error": shown(heard.data["error"])} if heard else None,
        "looks": [
            {
                "at": one.at,
                "happened": one.data.get("happened"),
                "error": shown(one.data.get("error")),
            }
            for one in looks
        ],
    }


def _replayed(sent: RunEvent | None) -> bool:
    """Whether the attempt stands for what an earlier run sent."""
    return sent is not None and bool(sent.data.get("replayed"))


def _params(run: Run, entries: Sequence[RunEvent], sent: RunEvent) -> Any:
    """What the attempt sent: the params are no part of the journal, but all that they are made
    of is. None when the flow, or what it reads, is no longer what it was."""
    try:
        plan = plan_of_version(run.version, whole=as_written(entries[0].data))
    except Problem:
        return None
    node = plan.by_id.get(sent.node)
    if node is None or node.call is None:
        return None
    trigger = seen_by_expressions(run.event)
    if run.trigger_data is not None:
        trigger = {**trigger, "data": run.trigger_data}
    header = RunHeader(
        run_id=str(run.id),
        flow=run.flow.slug,
        version=run.version.number,
        trigger_node=run.trigger_node,
        trigger=trigger,
        origin_event_id=str(run.event_id),
    )
    crosswalks = {slug: crosswalk(slug, _pairs(run, slug)) for slug in plan.crosswalks}
    state = RunState(plan, execute.root_names(header, crosswalks))
    try:
        for one in entries:
            if one.seq > sent.seq:
                break
            state.apply(_entry(one))
        scope = state.scopes[sent.path]
        execute.materialize(state, scope, crosswalks, sent.at)
        return execute.call_params(node, node.call, scope)
    except (FarSideError, IllegalTransitionError, LookupError, ValueError):
        return None


def _pairs(run: Run, slug: str) -> list[tuple[str, str, str]]:
    return list(
        CrosswalkEntry.objects.filter(
            crosswalk__workspace_id=run.workspace_id, crosswalk__slug=slug
        ).values_list("left", "right", "direction")
    )


def _entry(one: RunEvent) -> Entry:
    return Entry(
        seq=one.seq,
        type=EventType(one.type),
        node=one.node,
        path=one.path,
        at=one.at,
        data=one.data,
    )
