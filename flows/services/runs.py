"""Reading runs: lists, one run with its steps, its journal."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.http import Http404

from causeway.base.actors import Actor
from causeway.base.models import Environment
from causeway.base.permissions import allowed, check, workspaces_visible_to
from causeway.base.problems import FieldError, Problem
from connectors.connections.models import Connection
from flows.models import Call, Delivery, Receipt, Run, RunEvent
from flows.services.masking import MASKED, masked_error, masked_event_data
from flows.services.steps import fold_steps
from flows.services.unresolved import unresolved_steps

ENDED = frozenset({Run.State.SUCCEEDED, Run.State.FAILED, Run.State.DEAD, Run.State.CANCELLED})
EVENTS_PER_PAGE = 1000
MOST_RELATED = 200
_VERDICTS = ("confirmed", "absorbed", "diverged")


def visible_to(actor: Actor) -> QuerySet[Run]:
    """The runs that the actor may read. Every read starts here."""
    return Run.objects.filter(
        workspace__in=workspaces_visible_to(actor, "read_runs")
    ).select_related("flow", "version", "workspace")


def search_runs(
    actor: Actor,
    *,
    environment: Environment,
    flow: str = "",
    states: Sequence[str] = (),
    q: str = "",
    changed_after: int | None = None,
    attention: bool = False,
    bulk: UUID | None = None,
) -> QuerySet[Run]:
    """Runs of an environment. `q` finds by business key (its beginning), far-side id, run id or
    delivery id. With `attention` only dead letters that nobody dealt with, with `bulk` only what
    that bulk replay made. Raises a 422 problem for a state that is none."""
    check(actor, "read_runs", environment.workspace)
    unknown = sorted(set(states) - set(Run.State.values))
    if unknown:
        message = f"There is no state {unknown[0]!r}."
        raise Problem(
            422,
            "invalid",
            message,
            errors=[FieldError(pointer="/state", code="unknown", message=message)],
        )
    # The document stays in the table: a list row shows only the version's number.
    runs = visible_to(actor).filter(environment=environment).defer("version__document")
    if flow:
        runs = runs.filter(flow__slug=flow)
    if states:
        runs = runs.filter(state__in=states)
    if attention:
        runs = runs.filter(state=Run.State.DEAD, resolved_at__isnull=True)
    if bulk is not None:
        runs = runs.filter(bulk_item__bulk_id=bulk)
    if changed_after is not None:
        runs = runs.filter(revision__gt=changed_after)
    if q:
        runs = runs.filter(_matching(q))
    return runs


def find_run(actor: Actor, run_id: UUID) -> Run:
    """The run. Raises `Http404` when it is not visible."""
    found = (
        visible_to(actor)
        .select_related("event", "environment", "deployment")
        .filter(pk=run_id)
        .first()
    )
    if found is None:
        raise Http404("There is no such run.")
    return found


def run_rows(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """The rows of a list, with their receipts counted in one query."""
    counts = _receipt_counts([one.id for one in runs])
    return [run_row(one, counts.get(one.id, {})) for one in runs]


def run_row(run: Run, receipts: Mapping[str, int]) -> dict[str, Any]:
    """One row: what lists and the live channel show of a run. Free of payloads."""
    ended = run.ended_at
    started = run.started_at
    error = run.error
    return {
        "id": run.id,
        "flow": {"slug": run.flow.slug, "name": run.flow.name},
        "version": run.version.number,
        "business_key": run.business_key,
        "state": run.state,
        "outcome": run.outcome,
        "error": error
        and {key: error.get(key, "") for key in ("class", "code", "message", "fix", "node")},
        "created_at": run.created_at,
        "started_at": started,
        "ended_at": ended,
        "duration_ms": round((ended - started).total_seconds() * 1000)
        if ended and started
        else None,
        "receipts": {verdict: receipts.get(verdict, 0) for verdict in _VERDICTS},
        "revision": run.revision,
        "resolved_at": run.resolved_at,
        "replay_of": run.replay_of_id,
        "item": run.item,
        "chunk": run.chunk,
    }


def run_detail(actor: Actor, run: Run) -> dict[str, Any]:
    """Everything about one run; without `read_payloads` the data it carried is masked."""
    payloads = allowed(actor, "read_payloads", run.workspace)
    entries = list(RunEvent.objects.filter(run_id=run.id).order_by("seq"))
    nodes = [node["id"] for node in run.version.document["nodes"]]
    steps = fold_steps(entries, nodes=nodes, ended=run.state in ENDED)
    [row] = run_rows([run])
    return {
        **row,
        "error": run.error if payloads else masked_error(run.error),
        "environment": run.environment.slug,
        "due_at": run.due_at if run.state in (Run.State.PENDING, Run.State.WAITING) else None,
        "document": run.version.document,
        "trigger": _trigger(run, payloads=payloads),
        "steps": [one.to_dict(payloads=payloads) for one in steps],
        "events_seq": entries[-1].seq if entries else 0,
        "connections": _connections(run),
        "unresolved": unresolved_steps(run, entries, payloads=payloads),
        "resolved_by": run.resolved_by,
        "resolved_note": run.resolved_note,
        "called_by": _called_by(actor, run),
        "calls": _calls(actor, run),
        "replays": [
            {"id": one.id, "state": one.state}
            for one in visible_to(actor).filter(replay_of=run, item="").order_by("replay_number")
        ],
        "failed_items": [
            {"id": one.id, "state": one.state, "item": one.item, "resolved_at": one.resolved_at}
            for one in visible_to(actor)
            .filter(replay_of=run)
            .exclude(item="")
            .order_by("replay_number")[:MOST_RELATED]
        ],
    }


def run_events(
    actor: Actor, run: Run, *, after: int = 0
) -> tuple[list[dict[str, Any]], int | None]:
    """A page of the journal after `after`, and the number to go on from if there is more."""
    payloads = allowed(actor, "read_payloads", run.workspace)
    found = RunEvent.objects.filter(run_id=run.id, seq__gt=after).order_by("seq")
    page = list(found[: EVENTS_PER_PAGE + 1])
    shown = page[:EVENTS_PER_PAGE]
    more = shown[-1].seq if len(page) > len(shown) else None
    return [event_row(one, payloads=payloads) for one in shown], more


def event_row(event: RunEvent, *, payloads: bool) -> dict[str, Any]:
    """One entry of the journal, as the API and the live channel show it."""
    return {
        "seq": event.seq,
        "type": event.type,
        "node": event.node,
        "path": event.path,
        "at": event.at,
        "data": event.data if payloads else masked_event_data(event.data),
    }


def _matching(q: str) -> Q:
    term = q.strip()
    deliveries = Delivery.objects.filter(delivery_id=term, event__isnull=False)
    matching = (
        Q(business_key__startswith=term)
        | Q(business_key__startswith=term.upper())
        | Q(lane_key=term)
        | Q(event_id__in=deliveries.values("event_id"))
    )
    try:
        return matching | Q(pk=UUID(term))
    except ValueError:
        return matching


def _receipt_counts(run_ids: Iterable[UUID]) -> dict[UUID, dict[str, int]]:
    counts: dict[UUID, dict[str, int]] = {}
    rows = (
        Receipt.objects.filter(run_id__in=list(run_ids))
        .values_list("run_id", "verdict")
        .annotate(count=Count("id"))
    )
    for run_id, verdict, count in rows:
        counts.setdefault(run_id, {})[verdict] = count
    return counts


def _called_by(actor: Actor, run: Run) -> dict[str, Any] | None:
    """The run that called this one, or that called the run which this one replays."""
    call = (
        Call.objects.filter(caller__in=visible_to(actor))
        .filter(Q(called=run) if run.chunk else Q(event_id=run.event_id))
        .select_related("caller__flow")
        .order_by("-at")
        .first()
    )
    return None if call is None else _related(call, call.caller)


def _calls(actor: Actor, run: Run) -> list[dict[str, Any]]:
    """The runs that this one called, the first of them."""
    calls = (
        Call.objects.filter(caller=run, called__in=visible_to(actor))
        .select_related("called__flow")
        .order_by("at", "path", "node")
    )
    return [_related(one, one.called) for one in calls[:MOST_RELATED] if one.called is not None]


def _related(call: Call, run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "flow": run.flow.slug,
        "state": run.state,
        "node": call.node,
        "path": call.path,
    }


def _trigger(run: Run, *, payloads: bool) -> dict[str, Any]:
    event = run.event
    return {
        "node": run.trigger_node,
        "source": event.source,
        "type": event.type,
        "change": event.change,
        "system": event.system,
        "entity": event.entity,
        "entity_id": event.entity_id,
        "version": event.version,
        "business_key": event.business_key,
        "occurred_at": event.source_time,
        "accepted_at": event.accepted_at,
        "data": _trigger_data(run) if payloads else dict(MASKED),
    }


def _trigger_data(run: Run) -> Any:
    return run.event.data if run.trigger_data is None else run.trigger_data


def _connections(run: Run) -> dict[str, Any]:
    bindings: Mapping[str, str] = run.deployment.bindings
    found = {str(one.id): one for one in Connection.objects.filter(pk__in=bindings.values())}
    return {
        slot: {
            "slug": found[id_].slug,
            "name": found[id_].name,
            "connector": found[id_].connector,
            "is_twin": found[id_].is_twin,
        }
        for slot, id_ in bindings.items()
        if id_ in found
    }
