"""What may be done with flows and their versions."""

from collections.abc import Mapping
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import Http404

from causeway.base.actors import Actor
from causeway.base.audit import record, subject
from causeway.base.models import Workspace
from causeway.base.permissions import check, workspaces_visible_to
from causeway.base.problems import FieldError, Problem
from flows.models import Flow, FlowVersion
from flows.services.documents import digest_of, plan_of

RESERVED: Final = frozenset({"check"})  # /flows/check


def visible_to(actor: Actor) -> QuerySet[Flow]:
    """The flows that the actor may read. Every read starts here."""
    return Flow.objects.filter(
        workspace__in=workspaces_visible_to(actor, "read_flows")
    ).select_related("workspace")


def find_flow(actor: Actor, slug: str, *, workspace: Workspace) -> Flow:
    """The flow of that name. Raises `Http404` when it is not visible."""
    found = visible_to(actor).filter(workspace=workspace, slug=slug).first()
    if found is None:
        raise Http404(f"There is no flow {slug!r}.")
    return found


def versions_of(flow: Flow) -> QuerySet[FlowVersion]:
    """Versions, newest first."""
    return flow.versions.select_related("created_by").order_by("-number")


def find_version(flow: Flow, number: int) -> FlowVersion:
    """The version of that number. Raises `Http404`."""
    found = versions_of(flow).filter(number=number).first()
    if found is None:
        raise Http404(f"{flow.name} has no version {number}.")
    return found


def latest_version(flow: Flow) -> FlowVersion:
    """The newest version; a flow always has one."""
    return versions_of(flow)[0]


def create_flow(
    actor: Actor, *, workspace: Workspace, document: Mapping[str, Any], note: str = ""
) -> FlowVersion:
    """A new flow and its version 1.

    Raises `PermissionDenied` without `edit_flows`, a 422 problem with pointers for a document
    that is not valid, a 409 one when the slug is taken.
    """
    check(actor, "edit_flows", workspace)
    plan_of(document)
    slug = str(document["slug"])
    if slug in RESERVED:
        message = f"{slug!r} has a meaning of its own in addresses."
        raise Problem(
            422,
            "slug_reserved",
            message,
            errors=[FieldError(pointer="/slug", code="reserved", message="Choose another slug.")],
        )
    try:
        with transaction.atomic():
            flow = Flow.objects.create(
                workspace=workspace,
                slug=slug,
                name=str(document["name"]),
                description=str(document.get("description", "")),
            )
            return _add_version(actor, flow, number=1, document=document, note=note)
    except IntegrityError:
        raise Problem(
            409,
            "slug_taken",
            f"There is already a flow {slug!r}. Publish a version of it, or choose another slug.",
            errors=[FieldError(pointer="/slug", code="taken", message="Choose another slug.")],
        ) from None


def publish_version(
    actor: Actor,
    flow: Flow,
    *,
    document: Mapping[str, Any],
    note: str = "",
    expected: int | None = None,
) -> tuple[FlowVersion, bool]:
    """The next version, and whether it is new: the same logic is not published twice.

    `expected` is the number that the author started from; another latest number raises a 412
    problem. Raises otherwise like `create_flow`.
    """
    check(actor, "edit_flows", flow.workspace)
    plan_of(document)
    if document["slug"] != flow.slug:
        message = f"The document calls itself {document['slug']!r}, the flow is {flow.slug!r}."
        raise Problem(
            422,
            "slug_differs",
            message,
            errors=[FieldError(pointer="/slug", code="differs", message=message)],
        )
    with transaction.atomic():
        Flow.objects.select_for_update().get(pk=flow.pk)
        latest = latest_version(flow)
        if expected is not None and expected != latest.number:
            raise Problem(
                412,
                "stale",
                f"Version {latest.number} was published since you started from {expected}.",
            )
        if latest.digest == digest_of(document):
            return latest, False
        flow.name = str(document["name"])
        flow.description = str(document.get("description", ""))
        flow.save(update_fields=["name", "description"])
        return _add_version(
            actor, flow, number=latest.number + 1, document=document, note=note, before=latest
        ), True


def _add_version(
    actor: Actor,
    flow: Flow,
    *,
    number: int,
    document: Mapping[str, Any],
    note: str,
    before: FlowVersion | None = None,
) -> FlowVersion:
    version = FlowVersion.objects.create(
        flow=flow,
        number=number,
        document=dict(document),
        digest=digest_of(document),
        note=note,
        created_by=actor.user,
    )
    record(
        actor,
        "published",
        subject("flow", flow.id, flow.slug, flow.workspace),
        before=before.digest if before else "",
        after=version.digest,
        detail={"version": number, "note": note},
    )
    return version
