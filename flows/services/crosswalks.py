"""What may be done with crosswalks."""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import Http404

from causeway.base.actors import Actor
from causeway.base.audit import record, state_digest, subject
from causeway.base.models import Workspace
from causeway.base.permissions import check, workspaces_visible_to
from flows.models import Crosswalk, CrosswalkEntry


def visible_to(actor: Actor) -> QuerySet[Crosswalk]:
    """The crosswalks that the actor may read. Every read starts here."""
    return Crosswalk.objects.filter(workspace__in=workspaces_visible_to(actor, "read_flows"))


def list_crosswalks(actor: Actor, workspace: Workspace) -> QuerySet[Crosswalk]:
    """By slug, each with `entries_count`."""
    return (
        visible_to(actor)
        .filter(workspace=workspace)
        .annotate(entries_count=Count("entries"))
        .order_by("slug")
    )


def find_crosswalk(actor: Actor, slug: str, *, workspace: Workspace) -> Crosswalk:
    """The crosswalk of that name with its entries. Raises `Http404` when it is not visible."""
    found = list_crosswalks(actor, workspace).filter(slug=slug).prefetch_related("entries").first()
    if found is None:
        raise Http404(f"There is no crosswalk {slug!r}.")
    return found


def save_crosswalk(
    actor: Actor,
    *,
    workspace: Workspace,
    slug: str,
    name: str,
    left_label: str,
    right_label: str,
    entries: Iterable[Mapping[str, str]],
) -> Crosswalk:
    """Create the crosswalk, or make it exactly this. Running flows see it from their next run on.

    `entries`: left, right, direction (both, to_right, to_left), note. Raises `PermissionDenied`
    without `edit_flows`.
    """
    check(actor, "edit_flows", workspace)
    wanted = [
        {
            "left": one["left"],
            "right": one["right"],
            "direction": one.get("direction", "both"),
            "note": one.get("note", ""),
        }
        for one in entries
    ]
    labels = {"name": name, "left_label": left_label, "right_label": right_label}
    with transaction.atomic():
        crosswalk, made = Crosswalk.objects.select_for_update().get_or_create(
            workspace=workspace, slug=slug, defaults=labels
        )
        before = "" if made else _digest(crosswalk)
        crosswalk.entries.all().delete()
        CrosswalkEntry.objects.bulk_create(
            CrosswalkEntry(crosswalk=crosswalk, **one) for one in wanted
        )
        for field, value in labels.items():
            setattr(crosswalk, field, value)
        after = _digest(crosswalk)
        if after != before:
            crosswalk.save()
            record(
                actor,
                "created" if made else "changed",
                subject("crosswalk", crosswalk.id, slug, workspace),
                before=before,
                after=after,
                detail={"entries": len(wanted)},
            )
    return crosswalk


def _digest(crosswalk: Crosswalk) -> str:
    rows = crosswalk.entries.values_list("left", "right", "direction", "note")
    return state_digest(
        {
            "name": crosswalk.name,
            "labels": [crosswalk.left_label, crosswalk.right_label],
            "entries": sorted(rows),
        }
    )
