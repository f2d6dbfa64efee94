"""Is my business flowing? Figures come from the rollups, never from counting runs."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Min

from causeway.base.actors import Actor
from causeway.base.models import Environment
from causeway.base.permissions import check
from connectors.catalog import default_catalog
from connectors.connections.models import Connection
from flows.models import Deployment, FlowRollup, FlowVersion, Run
from flows.protection.reading import circuits

HOURS = 24
LATE_AFTER = timedelta(minutes=2)
CHANGES = 10
UNFINISHED = (Run.State.PENDING, Run.State.RUNNING, Run.State.WAITING)
_VERDICTS = ("confirmed", "absorbed", "diverged")


@dataclass(slots=True, kw_only=True)
class Figures:
    """What one flow did: since midnight (UTC), and hour by hour over the last 24."""

    succeeded: int = 0
    failed: int = 0
    failed_lately: int = 0
    succeeded_lately: int = 0
    receipts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_VERDICTS, 0))
    spark: list[int] = field(default_factory=lambda: [0] * HOURS)
    lag_ms: int | None = None
    lag_max_ms: int = 0
    lag_sum_ms: int = 0
    last_ended_at: datetime | None = None


def home(actor: Actor, environment: Environment, *, now: datetime) -> dict[str, Any]:
    """One card a deployed flow, the connections' health and what changed lately.

    Raises `PermissionDenied` without `read_runs`.
    """
    check(actor, "read_runs", environment.workspace)
    deployments = list(
        Deployment.objects.filter(environment=environment, retired_at__isnull=True)
        .select_related("flow", "version")
        .order_by("flow__name")
    )
    figures = figures_of([environment.id], now=now)
    late = _late_since(environment, now=now)
    cards = [
        _card(
            one,
            figures.get(one.flow_id) or Figures(),
            late_since=late.get(one.flow_id),
            now=now,
        )
        for one in deployments
    ]
    return {
        "sentence": _sentence(cards, now=now),
        "cards": cards,
        "connections": _connections(environment),
        "changes": _changes(environment),
    }


def figures_of(environments: Iterable[UUID], *, now: datetime) -> dict[UUID, Figures]:
    """Figures by flow id, from one read of at most 25 rows a flow."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    midnight = hour.replace(hour=0)
    first = hour - timedelta(hours=HOURS - 1)
    found: dict[UUID, Figures] = defaultdict(Figures)
    rows = FlowRollup.objects.filter(
        environment_id__in=list(environments), hour__gte=min(first, midnight), hour__lte=hour
    ).order_by("hour")
    for row in rows:
        figures = found[row.flow_id]
        index = HOURS - 1 - round((hour - row.hour) / timedelta(hours=1))
        if 0 <= index < HOURS:
            figures.spark[index] += row.succeeded
        if row.last_ended_at:
            figures.last_ended_at = row.last_ended_at
        if row.last_lag_ms is not None:
            figures.lag_ms = row.last_lag_ms
        if row.hour >= hour - timedelta(hours=1):
            figures.failed_lately += row.failed
            figures.succeeded_lately += row.succeeded
        if row.hour >= midnight:
            figures.succeeded += row.succeeded
            figures.failed += row.failed
            figures.lag_sum_ms += row.lag_sum_ms
            figures.lag_max_ms = max(figures.lag_max_ms, row.lag_max_ms)
            for verdict in _VERDICTS:
                figures.receipts[verdict] += getattr(row, verdict)
    return dict(found)


def _late_since(environment: Environment, *, now: datetime) -> dict[UUID, datetime]:
    """Flows with a run that was accepted some time ago and is not finished, and since when."""
    rows = (
        Run.objects.filter(
            environment=environment, state__in=UNFINISHED, created_at__lt=now - LATE_AFTER
        )
        .values("flow_id")
        .annotate(since=Min("created_at"))
    )
    return {row["flow_id"]: row["since"] for row in rows}


def _card(
    deployment: Deployment, figures: Figures, *, late_since: datetime | None, now: datetime
) -> dict[str, Any]:
    source, target = ends_of(deployment.version)
    waited = round((now - late_since).total_seconds() * 1000) if late_since else None
    return {
        "flow": deployment.flow.slug,
        "name": deployment.flow.name,
        "version": deployment.version.number,
        "from": source,
        "to": target,
        "status": _status(figures, late=late_since is not None),
        # Who waits now is later than who arrived last.
        "lag_ms": waited if waited is not None else figures.lag_ms,
        "lag_mean_ms": round(figures.lag_sum_ms / figures.succeeded) if figures.succeeded else None,
        "lag_max_ms": figures.lag_max_ms if figures.succeeded else None,
        "late_since": late_since,
        "last_ended_at": figures.last_ended_at,
        "today": figures.succeeded,
        "receipts": figures.receipts,
        "errors": figures.failed,
        "conflicts": 0,
        "spark": figures.spark,
    }


def _status(figures: Figures, *, late: bool) -> str:
    if figures.failed_lately > figures.succeeded_lately:
        return "failing"
    if late:
        return "delayed"
    return "flowing" if sum(figures.spark) else "idle"


def ends_of(version: FlowVersion) -> tuple[str | None, str | None]:
    """Connector ids of where a flow listens and where it writes."""
    catalog = default_catalog()
    source: str | None = None
    writes: list[str] = []
    for node in version.document["nodes"]:
        owner = catalog.connector_of(node["type"])
        if owner is None:
            continue
        if catalog.trigger_spec(node["type"]) is not None:
            source = source or owner.id
        elif (catalog.operation_spec(node["type"]) or {}).get("effect") == "write":
            writes.append(owner.id)
    elsewhere = [one for one in writes if one != source]
    return source, next(iter([*elsewhere, *writes]), None)


def _sentence(cards: Sequence[Mapping[str, Any]], *, now: datetime) -> dict[str, Any]:
    by_status: dict[str, list[str]] = defaultdict(list)
    for card in cards:
        by_status[card["status"]].append(card["name"])
    parts = [
        f"{_joined(by_status[status])} {word}."
        for status, singular, plural in (
            ("failing", "is failing", "are failing"),
            ("delayed", "is late", "are late"),
            ("flowing", "is flowing", "are flowing"),
        )
        if by_status[status]
        for word in [singular if len(by_status[status]) == 1 else plural]
    ]
    if cards and len(by_status["flowing"]) == len(cards):
        parts = ["Everything is flowing."]
    if not parts:
        parts = ["Nothing has moved yet." if cards else "No flow is deployed here yet."]
    receipts = [card["receipts"] for card in cards]
    return {
        "text": " ".join(parts),
        "confirmed": sum(one["confirmed"] + one["absorbed"] for one in receipts),
        "records": sum(sum(one.values()) for one in receipts),
        "at": now,
    }


def _joined(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _connections(environment: Environment) -> list[dict[str, Any]]:
    connections = list(Connection.objects.filter(environment=environment).order_by("name"))
    found = circuits({str(one.id): one.settings for one in connections})
    return [
        {
            "slug": one.slug,
            "name": one.name,
            "connector": one.connector,
            "system": one.system,
            "state": one.state,
            "state_message": one.state_message,
            "facts": one.facts,
            "checked_at": one.checked_at,
            "is_twin": one.is_twin,
            "circuit": found[str(one.id)],
        }
        for one in connections
    ]


def _changes(environment: Environment) -> list[dict[str, Any]]:
    """Deployments here and versions published in the workspace, newest first."""
    deployed = (
        Deployment.objects.filter(environment=environment)
        .select_related("flow", "version", "deployed_by")
        .defer("version__document")
        .order_by("-deployed_at")[:CHANGES]
    )
    published = (
        FlowVersion.objects.filter(flow__workspace=environment.workspace)
        .select_related("flow", "created_by")
        .defer("document")
        .order_by("-created_at")[:CHANGES]
    )
    changes: list[dict[str, Any]] = [
        {
            "kind": "deployed",
            "title": f"{one.flow.name} v{one.version.number} deployed",
            "detail": one.version.note,
            "who": _who(one.deployed_by),
            "at": one.deployed_at,
        }
        for one in deployed
    ]
    changes += [
        {
            "kind": "published",
            "title": f"{one.flow.name} v{one.number} published",
            "detail": one.note,
            "who": _who(one.created_by),
            "at": one.created_at,
        }
        for one in published
    ]
    changes.sort(key=lambda one: one["at"], reverse=True)
    return changes[:CHANGES]


def _who(user: Any) -> str | None:
    return (user.get_full_name() or user.get_username()) if user else None
