"""Many dead letters replayed at once, oldest source time first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from causeway.base.actors import Actor
from causeway.base.models import Environment
from causeway.base.permissions import check
from flows.models import Run
from flows.services.replay_drafts import Wish
from flows.services.replays import replay_run
from flows.services.runs import search_runs

MOST_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """What a bulk replay takes: unresolved dead letters of an environment, in source order.

    `runs` names them (ids of others take no part); without it all that fit are meant.
    `skip_superseded` leaves those out whose record a newer run of the flow carried over since.
    """

    runs: Sequence[UUID] = ()
    flow: str = ""
    q: str = ""
    error_code: str = ""
    limit: int = 100
    skip_superseded: bool = True
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkResult:
    """`runs` are the dead letters taken, `superseded` those left out; `replays` the new runs in
    the same order as `runs` (empty when dry); `left` says that more match."""

    runs: Sequence[Run]
    superseded: Sequence[Run]
    replays: Sequence[Run]
    left: bool


def replay_many(actor: Actor, *, environment: Environment, bulk: Bulk, dry: bool) -> BulkResult:
    """Replay dead letters, oldest source time first; with `dry` only say which.

    All or none of them: raises what `replay_run` raises.
    """
    check(actor, "start_runs", environment.workspace)
    matching = _dead_letters(actor, environment, bulk)
    superseded: list[Run] = []
    if bulk.skip_superseded:
        newer = Run.objects.filter(
            Q(source_time__gt=OuterRef("source_time"))
            | Q(
                source_time=OuterRef("source_time"),
                source_sequence__gt=OuterRef("source_sequence"),
            ),
            environment=environment,
            flow_id=OuterRef("flow_id"),
            state=Run.State.SUCCEEDED,
            event__system=OuterRef("event__system"),
            event__entity=OuterRef("event__entity"),
            event__entity_id=OuterRef("event__entity_id"),
        ).exclude(event__entity_id="")
        matching = matching.annotate(is_superseded=Exists(newer))
        superseded = list(matching.filter(is_superseded=True)[: bulk.limit])
        matching = matching.filter(is_superseded=False)
    found = list(matching[: bulk.limit + 1])
    runs, left = found[: bulk.limit], len(found) > bulk.limit
    replays: list[Run] = []
    if not dry:
        with transaction.atomic():
            replays = [replay_run(actor, one, Wish(version=bulk.version)) for one in runs]
    return BulkResult(runs=runs, superseded=superseded, replays=replays, left=left)


def _dead_letters(actor: Actor, environment: Environment, bulk: Bulk) -> QuerySet[Run]:
    found = search_runs(actor, environment=environment, flow=bulk.flow, q=bulk.q, attention=True)
    if bulk.runs:
        found = found.filter(pk__in=bulk.runs)
    if bulk.error_code:
        found = found.filter(error__code=bulk.error_code)
    return found.order_by("source_time", "source_sequence", "id")
