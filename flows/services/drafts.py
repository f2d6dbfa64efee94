"""What may be done with drafts: each person's own, and who else has one."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from causeway.base.actors import Actor
from causeway.base.permissions import check
from causeway.base.problems import FieldError, Problem
from flows.models import Flow, FlowDraft
from flows.services.flows import latest_version, visible_to


def drafts_visible_to(actor: Actor) -> QuerySet[FlowDraft]:
    """The actor's own drafts of flows that they may still read. Every read starts here."""
    return FlowDraft.objects.filter(user=actor.user, flow__in=visible_to(actor))


def find_draft(actor: Actor, flow: Flow) -> FlowDraft | None:
    """The actor's draft of the flow, if there is one."""
    return drafts_visible_to(actor).filter(flow=flow).first()


def others_with_draft(actor: Actor, flow: Flow) -> list[dict[str, Any]]:
    """Who else has a draft of a flow that the actor sees: names and times, no documents."""
    rows = (
        FlowDraft.objects.filter(flow=flow)
        .exclude(user=actor.user)
        .select_related("user")
        .defer("document")
        .order_by("-updated_at")
    )
    return [
        {
            "name": one.user.get_full_name() or one.user.get_username(),
            "base": one.base,
            "updated_at": one.updated_at,
        }
        for one in rows
    ]


def save_draft(
    actor: Actor, flow: Flow, *, document: Mapping[str, Any], base: int, revision: int
) -> FlowDraft:
    """The draft as it is from now on.

    Raises `PermissionDenied` without `edit_flows`, a 422 problem for what is no document of this
    flow, a 409 one when the draft is at another revision than the save started from.
    """
    user = _editor(actor, flow)
    _check_bones(flow, document)
    if base > latest_version(flow).number:
        raise _refused("/base", "base_unknown", f"{flow.name} has no version {base}.")
    if revision == 0:
        return _first(flow, user, document=document, base=base)
    mine = FlowDraft.objects.filter(flow=flow, user=user)
    # One statement: of two saves that started from the same revision, one finds it gone.
    saved = mine.filter(revision=revision).update(
        document=dict(document),
        base=base,
        revision=F("revision") + 1,
        updated_at=timezone.now(),
    )
    if not saved:
        raise _stale()
    return mine.get()


def delete_draft(actor: Actor, flow: Flow) -> None:
    """Take the actor's draft away, if there is one. Raises `PermissionDenied`."""
    FlowDraft.objects.filter(flow=flow, user=_editor(actor, flow)).delete()


def _editor(actor: Actor, flow: Flow) -> User:
    check(actor, "edit_flows", flow.workspace)
    if actor.user is None:
        raise PermissionDenied("A draft belongs to a person.")
    return actor.user


def _first(flow: Flow, user: User, *, document: Mapping[str, Any], base: int) -> FlowDraft:
    try:
        with transaction.atomic():
            return FlowDraft.objects.create(
                flow=flow,
                user=user,
                document=dict(document),
                base=base,
                revision=1,
                updated_at=timezone.now(),
            )
    except IntegrityError:
        raise _stale() from None


def _check_bones(flow: Flow, document: Mapping[str, Any]) -> None:
    """What the designer needs to open it again; whether the flow is valid is said elsewhere."""
    if document.get("slug") != flow.slug:
        raise _refused("/document/slug", "slug_differs", f"The flow's slug is {flow.slug!r}.")
    if not isinstance(document.get("name"), str):
        raise _refused("/document/name", "draft_broken", "A flow has a name.")
    for part, texts in (("nodes", ("id", "type")), ("edges", ("from", "port", "to"))):
        rows = document.get(part)
        if not isinstance(rows, list):
            raise _refused(f"/document/{part}", "draft_broken", f"{part} is a list.")
        for index, row in enumerate(rows):
            if not isinstance(row, dict) or not all(isinstance(row.get(one), str) for one in texts):
                raise _refused(
                    f"/document/{part}/{index}",
                    "draft_broken",
                    f"Each of {part} is an object with the texts {', '.join(texts)}.",
                )
    ids = [one["id"] for one in document["nodes"]]
    if len(set(ids)) < len(ids):
        raise _refused("/document/nodes", "draft_broken", "Each node has an id of its own.")


def _refused(pointer: str, code: str, message: str) -> Problem:
    return Problem(
        422, code, message, errors=[FieldError(pointer=pointer, code=code, message=message)]
    )


def _stale() -> Problem:
    return Problem(
        409,
        "draft_stale",
        "Your draft was saved elsewhere since. Read it again and save on top of that.",
    )
