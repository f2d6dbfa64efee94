"""Whether the flows that a version calls can be called, as far as it is known before a run."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from causeway.base.models import Environment, Workspace
from causeway.base.problems import FieldError, Problem
from flows.engine.nodes.call import CALL_TYPE, CALLED_TYPE
from flows.engine.problem import Problem as Finding
from flows.engine.problem import Severity
from flows.models import Deployment, Flow, FlowVersion


def need_called_flows(version: FlowVersion, environment: Environment) -> None:
    """Raises a 422 problem when a flow or pinned version that is called does not exist or has no
    trigger for it, and when what is deployed there calls this flow again.

    A called flow need not be deployed yet: the two may be deployed in either order.
    """
    calls = _calls(version.document)
    if not calls:
        return
    deployed = Deployment.objects.filter(environment=environment, retired_at__isnull=True)
    misfits = _misfits(calls, Flow.objects.filter(workspace=environment.workspace_id), deployed)
    errors = [_error(calls[place][0], code, message) for place, code, message in misfits]
    circle = _circle(version.flow.slug, {slug for _, slug, _ in calls}, environment)
    if circle:
        pointer = next(pointer for pointer, slug, _ in calls if slug == circle[0])
        way = " → ".join([version.flow.slug, *circle, version.flow.slug])
        errors.append(_error(pointer, "call_circle", f"The flows call each other: {way}."))
    if errors:
        raise Problem(422, "calls_invalid", "The flow calls what cannot be called.", errors=errors)


def call_warnings(document: Mapping[str, Any], workspaces: Iterable[Workspace]) -> list[Finding]:
    """What a document that is being drawn calls in vain, as far as these workspaces know. It can
    be published nevertheless: whoever deploys it is refused until the called flow is there."""
    calls = _calls(document)
    if not calls:
        return []
    flows = Flow.objects.filter(workspace__in=list(workspaces))
    deployed = Deployment.objects.filter(retired_at__isnull=True)
    return [
        Finding(
            code=code,
            pointer=calls[place][0],
            message=message,
            fix="Correct the slug or version, or publish the called flow first.",
            node=str(document["nodes"][int(calls[place][0].split("/")[2])].get("id", "")),
            severity=Severity.WARNING,
        )
        for place, code, message in _misfits(calls, flows, deployed)
    ]


def _misfits(
    calls: Sequence[tuple[str, str, int | None]],
    flows: QuerySet[Flow],
    deployed: QuerySet[Deployment],
) -> list[tuple[int, str, str]]:
    """Which of the calls (by their place) cannot be made, each with a code and a sentence."""
    known = {one.slug: one for one in flows.filter(slug__in={slug for _, slug, _ in calls})}
    versions = _versions(known.values(), deployed)
    found = []
    for place, (_, slug, number) in enumerate(calls):
        version = versions.get((slug, number))
        if slug not in known:
            found.append((place, "called_flow_unknown", f"There is no flow {slug!r}."))
        elif version is None:
            message = f"The flow {slug!r} has no version {number}."
            found.append((place, "called_version_unknown", message))
        elif not any(one["type"] == CALLED_TYPE for one in version.document["nodes"]):
            message = f"Version {version.number} of {slug!r} has no trigger {CALLED_TYPE}."
            found.append((place, "called_flow_no_trigger", message))
    return found


def _calls(document: Mapping[str, Any]) -> list[tuple[str, str, int | None]]:
    """Pointer, slug and pinned version of each call."""
    return [
        (f"/nodes/{index}/params/flow", one["params"]["flow"], one["params"].get("version"))
        for index, one in enumerate(document["nodes"])
        if one["type"] == CALL_TYPE and isinstance(one.get("params", {}).get("flow"), str)
    ]


def _versions(
    flows: Iterable[Flow], deployed: QuerySet[Deployment]
) -> dict[tuple[str, int | None], FlowVersion]:
    """All versions by slug and number; under None the one that is deployed, else the newest."""
    ids = [one.pk for one in flows]
    found: dict[tuple[str, int | None], FlowVersion] = {}
    for one in FlowVersion.objects.filter(flow__in=ids).select_related("flow").order_by("number"):
        found[one.flow.slug, one.number] = found[one.flow.slug, None] = one
    current = deployed.filter(flow__in=ids).select_related("flow", "version")
    return {**found, **{(one.flow.slug, None): one.version for one in current}}


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
