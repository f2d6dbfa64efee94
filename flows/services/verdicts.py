"""A person's verdict on a write whose outcome nobody knew: it happened there, or it did not."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from causeway.base.actors import Actor
from causeway.base.audit import record, subject
from causeway.base.permissions import check
from causeway.base.problems import FieldError, Problem
from flows.engine.replay import Verdict
from flows.models import Run, RunEvent, TriggerEvent
from flows.nudges import nudge
from flows.services.replay_drafts import AS_IT_WAS, draft_replay, store_replay
from flows.services.replays import label, refuse_open, settle
from flows.services.runs import find_run


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What somebody found at the far side of the step `node` at `path`.

    `output` is what the step would have given; it may be given only where it `happened`.
    """

    node: str
    path: str = ""
    happened: bool
    output: Any = None
    note: str = ""


def give_verdict(actor: Actor, run: Run, finding: Finding) -> Run:
    """Make a replay of `run` that follows the verdict; the dead letter counts as dealt with.

    Where it happened, the replay takes the step for done and goes on behind it; where it did not,
    the replay does the step again. Raises `PermissionDenied` without `start_runs`; a 409 problem
    when that step is not unresolved, or was replayed since: then the verdict belongs to the later
    run, which may have sent it once more.
    """
    check(actor, "start_runs", run.workspace)
    if finding.output is not None and not finding.happened:
        message = "Only a step that happened has an output."
        raise Problem(
            422,
            "invalid",
            message,
            errors=[FieldError(pointer="/output", code="invalid", message=message)],
        )
    verdict = Verdict(
        node=finding.node, path=finding.path, happened=finding.happened, output=finding.output
    )
    with transaction.atomic():
        event = TriggerEvent.objects.select_for_update(of=("self",)).get(pk=run.event_id)
        original = find_run(actor, run.pk)
        refuse_open(original)
        _refuse_old(original)
        _refuse_known(original, finding)
        replay = store_replay(original, draft_replay(original, event, AS_IT_WAS, verdict=verdict))
        settle(actor, original, note=finding.note or "replayed")
        record(
            actor,
            "decided",
            subject("run", original.id, label(original), original.workspace),
            detail={
                "replay": str(replay.id),
                "flow": original.flow.slug,
                "node": finding.node,
                "path": finding.path,
                "happened": finding.happened,
                "note": finding.note,
            },
        )
        transaction.on_commit(nudge)
    return find_run(actor, replay.pk)


def _refuse_old(original: Run) -> None:
    later = Run.objects.filter(
        event_id=original.event_id,
        trigger_node=original.trigger_node,
        replay_number__gt=original.replay_number,
        item="",
        chunk=original.chunk,
    )
    start = RunEvent.objects.filter(run_id=original.pk, seq=1).first()
    item = start.data.get("replay", {}).get("item") if start is not None else None
    if item:  # other items of the run are replayed by themselves
        later = later.filter(events__seq=1, events__data__replay__item=item)
    if later.exists():
        raise Problem(
            409, "replayed_since", "The run was replayed since. Look at the latest replay."
        )


def _refuse_known(original: Run, finding: Finding) -> None:
    failed = RunEvent.objects.filter(
        run_id=original.pk, type="step_failed", node=finding.node, path=finding.path
    ).last()
    if failed is None or not failed.data.get("unresolved"):
        raise Problem(409, "not_unresolved", "What that step did is no open question.")
