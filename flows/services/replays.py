"""Dead letters and replays: run a trigger event again without doing anything twice.

A replay is a further run of the same trigger event: it keeps the first run's effect keys, its
place in the lane is that of its source time, and its journal opens with the finished steps of the
run that it replays (`flows.engine.replay`).
"""

from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from causeway.base.actors import Actor
from causeway.base.audit import record, subject
from causeway.base.permissions import check
from causeway.base.problems import Problem
from flows.models import Run, TriggerEvent
from flows.nudges import nudge
from flows.services.replay_drafts import AS_IT_WAS, Wish, draft_replay, store_replay
from flows.services.runs import ENDED, find_run
from flows.services.starts import next_revision

_OPEN: Final = (Run.State.PENDING, Run.State.RUNNING, Run.State.WAITING)
_TROUBLED: Final = (Run.State.DEAD, Run.State.FAILED)


def replay_run(actor: Actor, run: Run, wish: Wish = AS_IT_WAS) -> Run:
    """Make a new run that replays `run`; the original counts as dealt with.

    Raises `PermissionDenied` without `start_runs`, a 409 problem while the run or a replay of it
    is under way or when the version is not deployed, a 422 one for a wish that makes no sense.
    """
    check(actor, "start_runs", run.workspace)
    with transaction.atomic():
        # One replay of an event at a time: its number is the next one.
        event = TriggerEvent.objects.select_for_update(of=("self",)).get(pk=run.event_id)
        original = find_run(actor, run.pk)
        refuse_open(original, wish.item)
        replay = store_replay(original, draft_replay(original, event, wish))
        if original.state in _TROUBLED and original.resolved_at is None:
            settle(actor, original, note="replayed")
        if wish.item:
            for letter in _letters_of(original, wish.item).filter(resolved_at__isnull=True):
                settle(actor, letter, note="replayed")
        record(
            actor,
            "replayed",
            subject("run", original.id, label(original), original.workspace),
            detail={
                "replay": str(replay.id),
                "flow": original.flow.slug,
                "version": replay.version.number,
                "from_node": wish.from_node,
                "item": wish.item,
                "trigger_edited": wish.trigger_data is not None,
                "outputs_edited": sorted(wish.outputs),
            },
        )
        transaction.on_commit(nudge)
    return find_run(actor, replay.pk)


def preview_replay(actor: Actor, run: Run, wish: Wish = AS_IT_WAS) -> dict[str, Any]:
    """What `replay_run` would make: its version and the nodes whose outputs it takes over.

    Changes nothing. Raises what `replay_run` raises.
    """
    check(actor, "start_runs", run.workspace)
    refuse_open(run, wish.item)
    draft = draft_replay(run, run.event, wish)
    return {
        "version": draft.deployment.version.number,
        "attached": draft.events[0].data["replay"]["attached"],
    }


def resolve_run(actor: Actor, run: Run, *, note: str) -> Run:
    """Mark a dead letter or a failed run as solved. Raises `PermissionDenied` without
    `start_runs`, and a 409 problem for a run that needs nobody."""
    check(actor, "start_runs", run.workspace)
    with transaction.atomic():
        locked = Run.objects.select_for_update(of=("self",)).get(pk=run.pk)
        if locked.state not in _TROUBLED:
            raise Problem(409, "not_resolvable", f"The run is {locked.state}: nothing to solve.")
        if locked.resolved_at is None:
            settle(actor, locked, note=note)
            record(
                actor,
                "resolved",
                subject("run", run.id, label(run), run.workspace),
                detail={"flow": run.flow.slug, "note": note},
            )
    return find_run(actor, run.pk)


def refuse_open(original: Run, item: str = "") -> None:
    """Raise a 409 problem while the run, or a replay of it, is under way; of the dead letter of a
    loop item, or of that `item` of the run, also while the item is replayed otherwise."""
    if original.state not in ENDED:
        raise Problem(409, "not_ended", f"The run is {original.state}; it can be replayed later.")
    family = [original.id]
    if original.item and original.replay_of_id is not None:
        family.append(original.replay_of_id)
    if item:
        family += _letters_of(original, item).values_list("id", flat=True)
    if Run.objects.filter(
        event_id=original.event_id, replay_of__in=family, state__in=_OPEN
    ).exists():
        raise Problem(409, "replay_under_way", "A replay of this run is under way already.")


def _letters_of(run: Run, item: str) -> QuerySet[Run]:
    """The dead letter of an item of this run, if there is one."""
    return Run.objects.filter(
        event_id=run.event_id, flow_id=run.flow_id, trigger_node=run.trigger_node, item=item
    )


def settle(actor: Actor, run: Run, *, note: str) -> None:
    """Write on the run that somebody dealt with it."""
    run.resolved_at = timezone.now()
    run.resolved_by = str(actor)[:150]
    run.resolved_note = note[:500]
    run.revision = next_revision()
    run.save(update_fields=["resolved_at", "resolved_by", "resolved_note", "revision"])


def label(run: Run) -> str:
    """What the audit log calls a run."""
    return run.business_key or str(run.id)
