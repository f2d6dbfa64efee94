"""Whether the flows that a version calls can be called, as far as it is known before a run."""

from collections.abc import Iterable, Mapping
from typing import Any

from causeway.base.models import Environment
from causeway.base.problems import FieldError, Problem
from flows.engine.nodes.call import CALL_TYPE, CALLED_TYPE
from flows.models import Deployment, Flow, FlowVersion


def need_called_flows(version: FlowVersion, environment: Environment) -> None:
    """Raises a 422 problem when a flow or pinned version that is called does not exist or has no
    trigger for it, and when what is deployed there calls this flow again.

    A called flow need not be deployed yet: the two may be deployed in either order.
    """
    calls = _calls(version.document)
    if not calls:
        return
    flows = {
        one.slug: one
        for one in Flow.objects.filter(
            workspace_id=environment.workspace_id, slug__in={flow for _, flow, _ in calls}
        )
    }
    versions = _versions(flows.values(), environment)
    errors = []
    for pointer, slug, number in calls:
        flow = flows.get(slug)
        found = None if flow is None else versions.get((slug, number))
        if flow is None:
            errors.append(_error(pointer, "called_flow_unknown", f"There is no flow {slug!r}."))
        elif found is None:
            message = f"The flow {slug!r} has no version {number}."
            errors.append(_error(pointer, "called_version_unknown", message))
        elif not any(one["type"] == CALLED_TYPE for one in found.document["nodes"]):
            message = f"Version {found.number} of {slug!r} has no trigger {CALLED_TYPE}."
            errors.append(_error(pointer, "called_flow_no_trigger", message))
    circle = _circle(version.flow.slug, {slug for _, slug, _ in calls}, environment)
    if circle:
        pointer = next(pointer for pointer, slug, _ in calls if slug == circle[0])
        way = " → ".join([version.flow.slug, *circle, version.flow.slug])
        errors.append(_error(pointer, "call_circle", f"The flows call each other: {way}."))
    if errors:
        raise Problem(422, "calls_invalid", "The flow calls what cannot be called.", errors=errors)


def _calls(document: Mapping[str, Any]) -> list[tuple[str, str, int | None]]:
    """Pointer, slug and pinned version of each call."""
    return [
        (f"/nodes/{index}/params/flow", one["params"]["flow"], one["params"].get("version"))
        for index, one in enumerate(document["nodes"])
        if one["type"] == CALL_TYPE
    ]


def _versions(
    flows: Iterable[Flow], environment: Environment
) -> dict[tuple[str, int | None], FlowVersion]:
    """All versions by slug and number; under None the one that is deployed, else the newest."""
    ids = [one.pk for one in flows]
    found: dict[tuple[str, int | None], FlowVersion] = {}
    for one in FlowVersion.objects.filter(flow__in=ids).select_related("flow").order_by("number"):
        found[one.flow.slug, one.number] = found[one.flow.slug, None] = one
    deployed = Deployment.objects.filter(
        flow__in=ids, environment=environment, retired_at__isnull=True
    ).select_related("flow", "version")
    return {**found, **{(one.flow.slug, None): one.version for one in deployed}}


def _circle(slug: str, called: Iterable[str], environment: Environment) -> list[str]:
    """The way from a called flow back to this one over what is deployed; [] if there is none."""
    ways = {one: [one] for one in called}
    frontier = set(ways)
    while frontier:
        deployed = Deployment.objects.filter(
            flow__slug__in=frontier, environment=environment, retired_at__isnull=True
        ).select_related("flow", "version")
        frontier = set()
        for one in deployed:
            for _, target, _ in _calls(one.version.document):
                if target == slug:
                    return ways[one.flow.slug]
                if target not in ways:
                    ways[target] = [*ways[one.flow.slug], target]
                    frontier.add(target)
    return []


def _error(pointer: str, code: str, message: str) -> FieldError:
    return FieldError(pointer=f"/version{pointer}", code=code, message=message)
