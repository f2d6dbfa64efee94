"""Working bulk replays off: chunk by chunk, by whichever process comes.

Twice at once does no harm: a chunk is one transaction under the lock of its bulk replay's row, and
who finds the row locked leaves it alone. A process that dies leaves its chunk undone.
"""

import time
from collections.abc import Callable, Sequence
from typing import Final

import structlog
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from causeway.base.actors import Actor, person, system
from causeway.base.problems import Problem
from flows.models import BulkReplay, BulkReplayItem
from flows.services.bulk_replays import Bulk, dead_letters, superseded_of
from flows.services.replay_drafts import Wish
from flows.services.replays import replay_run

log = structlog.get_logger(__name__)

CHUNK: Final = 20
SLICE: Final = 4.0  # seconds; the sweep asks again every 2, and polls share the queue
_Outcome = BulkReplayItem.Outcome


def work_off(*, seconds: float = SLICE, clock: Callable[[], float] = time.monotonic) -> int:
    """Replay what bulk replays still have waiting, in chunks, until none is left or time is up.

    The oldest bulk replay first. How many items were settled.
    """
    until = clock() + seconds
    settled = 0
    while True:
        chunk = _next_chunk()
        settled += chunk
        if not chunk or clock() >= until:
            return settled


def _next_chunk() -> int:
    with transaction.atomic():
        bulk = (
            BulkReplay.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("environment__workspace", "user")
            .filter(state=BulkReplay.State.RUNNING)
            .order_by("id")
            .first()
        )
        if bulk is None:
            return 0
        items = list(
            bulk.items.filter(outcome=_Outcome.WAITING)
            .select_related("run__workspace")
            .order_by("place")[:CHUNK]
        )
        try:
            with transaction.atomic():
                _settle(bulk, items)
        except PermissionDenied:
            _stop(bulk)
            return 0
        BulkReplayItem.objects.bulk_update(items, ["outcome", "replay", "problem"])
        _count(bulk, items)
        return len(items)


def _settle(bulk: BulkReplay, items: Sequence[BulkReplayItem]) -> None:
    actor = _actor(bulk)
    wanted = [one.run_id for one in items]
    found = dead_letters(actor, bulk.environment, Bulk(runs=wanted)).filter(pk__in=wanted)
    open_ = set(found.values_list("pk", flat=True))
    superseded = (
        set(found.filter(superseded_of(bulk.environment)).values_list("pk", flat=True))
        if bulk.skip_superseded
        else set()
    )
    for item in items:
        if item.run_id not in open_:
            item.outcome = _Outcome.DEALT_WITH
        elif item.run_id in superseded:
            item.outcome = _Outcome.SUPERSEDED
        else:
            _replay(actor, bulk, item)


def _replay(actor: Actor, bulk: BulkReplay, item: BulkReplayItem) -> None:
    try:
        with transaction.atomic():
            item.replay = replay_run(actor, item.run, Wish(version=bulk.version))
    except Problem as problem:
        item.outcome, item.problem = _Outcome.REFUSED, problem.detail[:500]
    except (PermissionDenied, OperationalError, InterfaceError):
        raise
    except Exception as error:
        # One run that our own code trips over must not hold up those behind it for ever.
        log.exception("replay failed in our own code", run=str(item.run_id))
        item.outcome = _Outcome.REFUSED
        item.problem = f"Causeway itself failed: {type(error).__name__}."
    else:
        item.outcome = _Outcome.REPLAYED


def _count(bulk: BulkReplay, items: Sequence[BulkReplayItem]) -> None:
    def of(*outcomes: str) -> int:
        return sum(one.outcome in outcomes for one in items)

    bulk.replayed += of(_Outcome.REPLAYED)
    bulk.left_out += of(_Outcome.SUPERSEDED, _Outcome.DEALT_WITH)
    bulk.refused += of(_Outcome.REFUSED)
    if bulk.replayed + bulk.left_out + bulk.refused >= bulk.total or not items:
        bulk.state, bulk.ended_at = BulkReplay.State.DONE, timezone.now()
    bulk.save(update_fields=["replayed", "left_out", "refused", "state", "ended_at"])


def _stop(bulk: BulkReplay) -> None:
    """Who asked may no longer: what is left stays as it is."""
    bulk.state, bulk.ended_at = BulkReplay.State.CANCELLED, timezone.now()
    bulk.problem = f"{bulk.created_by} may no longer start runs here."
    bulk.save(update_fields=["state", "ended_at", "problem"])
    log.warning("bulk replay stopped", bulk=str(bulk.id), reason="permission")


def _actor(bulk: BulkReplay) -> Actor:
    """Who asked; raises `PermissionDenied` when that account is closed or gone."""
    if bulk.user is not None:
        return person(bulk.user)
    if bulk.created_by.startswith("system:"):
        return system(bulk.created_by.removeprefix("system:"))
    raise PermissionDenied("The account is gone.")
