"""Rows about flows, with what each did today; a fixed number of queries however many there are."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from causeway.base.actors import Actor
from causeway.base.models import Environment, Workspace
from connectors.connections.models import Connection
from flows.models import Deployment, Flow, FlowVersion
from flows.schedules import next_ticks
from flows.services.flows import versions_of, visible_to
from flows.services.home import Figures, figures_of


def flow_rows(
    actor: Actor,
    *,
    workspace: Workspace,
    environment: Environment | None,
    now: datetime,
    slug: str = "",
) -> list[dict[str, Any]]:
    """By name. With an environment, what is deployed there and what it did today."""
    flows = visible_to(actor).filter(workspace=workspace).order_by("name")
    if slug:
        flows = flows.filter(slug=slug)
    found = list(flows)
    latest = {
        row["flow_id"]: row
        for row in FlowVersion.objects.filter(flow__in=found)
        .order_by("flow_id", "-number")
        .distinct("flow_id")
        .values("flow_id", "number", "document__connections")
    }
    deployed = _deployed(found, environment)
    figures = figures_of([environment.id], now=now) if environment else {}
    return [
        _row(
            flow,
            latest=latest[flow.id],
            deployment=deployed.get(flow.id),
            figures=figures.get(flow.id) or Figures(),
        )
        for flow in found
    ]


def version_row(version: FlowVersion, *, document: bool = False) -> dict[str, Any]:
    """A version; its document only where asked for."""
    author = version.created_by
    row = {
        "number": version.number,
        "digest": version.digest,
        "note": version.note,
        "created_by": (author.get_full_name() or author.get_username()) if author else None,
        "created_at": version.created_at,
    }
    return {**row, "document": version.document} if document else row


def flow_detail(
    row: Mapping[str, Any],
    flow: Flow,
    *,
    now: datetime,
    environment: Environment | None = None,
) -> dict[str, Any]:
    """A flow's row with its latest document, all its versions, and when its deployed schedules
    tick next (in one environment, or in all)."""
    active = flow.deployments.filter(retired_at__isnull=True)
    deployments = list(active.filter(environment=environment) if environment else active)
    versions = list(versions_of(flow).defer("document"))
    document = FlowVersion.objects.values_list("document", flat=True).get(pk=versions[0].pk)
    return {
        **row,
        "document": document,
        "versions": [version_row(one) for one in versions],
        "next_ticks": next_ticks(deployments, now=now),
        "keep_days": flow.keep_days,
    }


def deployment_rows(deployments: Sequence[Deployment]) -> list[dict[str, Any]]:
    """Deployments with the slugs of what they are bound to."""
    ids = {id_ for one in deployments for id_ in one.bindings.values()}
    slugs = {
        str(id_): slug
        for id_, slug in Connection.objects.filter(pk__in=ids).values_list("id", "slug")
    }
    return [
        {
            "id": one.id,
            "flow": one.flow.slug,
            "version": one.version.number,
            "environment": one.environment.slug,
            "bindings": {slot: slugs.get(id_, "") for slot, id_ in one.bindings.items()},
            "backlog_cap": one.backlog_cap,
            "deployed_by": one.deployed_by.get_username() if one.deployed_by else None,
            "deployed_at": one.deployed_at,
            "retired_at": one.retired_at,
        }
        for one in deployments
    ]


def _deployed(flows: Sequence[Flow], environment: Environment | None) -> dict[Any, Deployment]:
    if environment is None:
        return {}
    active = Deployment.objects.filter(
        flow__in=flows, environment=environment, retired_at__isnull=True
    )
    return {one.flow_id: one for one in active.select_related("version").defer("version__document")}


def _row(
    flow: Flow,
    *,
    latest: Mapping[str, Any],
    deployment: Deployment | None,
    figures: Figures,
) -> dict[str, Any]:
    slots: Mapping[str, Any] = latest["document__connections"] or {}
    return {
        "slug": flow.slug,
        "name": flow.name,
        "description": flow.description,
        "latest_version": latest["number"],
        "deployed": deployment
        and {"version": deployment.version.number, "deployed_at": deployment.deployed_at},
        "connectors": sorted({slot["connector"] for slot in slots.values()}),
        "today": {"succeeded": figures.succeeded, "failed": figures.failed},
        "last_run_at": figures.last_ended_at,
    }
