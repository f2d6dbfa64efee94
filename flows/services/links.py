"""Links as people see them: browse, link, unlink, look at a record now."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404
from django.utils import timezone

from causeway.base.actors import Actor
from causeway.base.audit import record, subject
from causeway.base.models import Environment
from causeway.base.permissions import allowed, check, workspaces_visible_to
from causeway.base.problems import Problem
from flows.engine.nodes.start import MANUAL_TYPE
from flows.models import Conflict, Link, Receipt, Run
from flows.services.conflicts import conflict_row
from flows.services.deployments import active_deployment
from flows.services.masking import MASKED, masked_receipt
from flows.services.starts import ManualTrigger, start_manual
from flows.sync.entity import Side
from flows.sync.packing import unpack

_SHOWN: Final = 50  # receipts and conflicts of one link
OPEN: Final = (Conflict.State.OPEN, Conflict.State.ANSWERED)


def visible_to(actor: Actor) -> QuerySet[Link]:
    """The links that the actor may see. Every read starts here."""
    return Link.objects.filter(
        workspace__in=workspaces_visible_to(actor, "read_runs")
    ).select_related("workspace", "environment", "flow")


def list_links(
    actor: Actor, environment: Environment, *, entity: str = "", state: str = "", q: str = ""
) -> QuerySet[Link]:
    """Those of an environment, with `is_open` (something waits for a person). `q` is a far-side id,
    or for those with `read_payloads` the beginning of a label. Raises `PermissionDenied` without
    `read_runs`."""
    check(actor, "read_runs", environment.workspace)
    found = visible_to(actor).filter(environment=environment).defer("memory")
    if entity:
        found = found.filter(entity=entity)
    if state:
        found = found.filter(state=state)
    if q:
        mine = Link.objects.filter(environment=environment)
        hits = mine.filter(left_id=q).values("pk").union(mine.filter(right_id=q).values("pk"))
        if allowed(actor, "read_payloads", environment.workspace):
            hits = hits.union(mine.filter(label__startswith=q).values("pk"))
        found = found.filter(pk__in=hits)
    waits = Conflict.objects.filter(link=OuterRef("pk"), state__in=OPEN)
    return found.annotate(is_open=Exists(waits))


def find_link(actor: Actor, link_id: UUID) -> Link:
    """The link. Raises `Http404` when it is not visible."""
    waits = Conflict.objects.filter(link=OuterRef("pk"), state__in=OPEN)
    found = visible_to(actor).filter(pk=link_id).annotate(is_open=Exists(waits)).first()
    if found is None:
        raise Http404("There is no such link.")
    return found


def link_rows(actor: Actor, links: Sequence[Link]) -> list[dict[str, Any]]:
    """Rows of the list; what people call a record is masked without `read_payloads`."""
    may = {one.pk: one for one in {link.workspace for link in links}}
    payloads = {pk: allowed(actor, "read_payloads", one) for pk, one in may.items()}
    return [link_row(one, payloads=payloads[one.workspace_id]) for one in links]


def link_row(link: Link, *, payloads: bool) -> dict[str, Any]:
    """A row of the list."""
    return {
        "id": link.id,
        "entity": link.entity,
        "label": link.label if payloads else "",
        "state": link.state,
        "left": {"system": link.left_system, "id": link.left_id},
        "right": {"system": link.right_system, "id": link.right_id},
        "flow": link.flow.slug if link.flow is not None else None,
        "node": link.node,
        "hops": link.hops,
        "writes": link.writes,
        "echoes": link.echoes,
        "open": bool(getattr(link, "is_open", False)),
        "created_at": link.created_at,
        "synced_at": link.synced_at,
    }


def link_detail(actor: Actor, link: Link) -> dict[str, Any]:
    """With what both sides said last, what was proven, and what went into the inbox. Values are
    masked without `read_payloads`."""
    payloads = allowed(actor, "read_payloads", link.workspace)
    memory = unpack(bytes(link.memory))
    records = [
        (link.left_system, link.left_id),
        (link.right_system, link.right_id),
    ]
    receipts = [
        receipt
        for system, id_ in records
        if id_
        for receipt in Receipt.objects.filter(
            system=system, record_id=id_, run__workspace_id=link.workspace_id
        ).order_by("-at")[:_SHOWN]
    ]
    conflicts = Conflict.objects.filter(link=link).select_related("environment", "link")
    return {
        **link_row(link, payloads=payloads),
        "base": {
            side.value: memory.base[side] if payloads or memory.base[side] is None else dict(MASKED)
            for side in Side
        },
        "pending": [
            {"side": one.side.value, "action": one.action, "fields": list(one.sent)}
            for one in memory.intents
        ],
        "receipts": [_receipt(one, payloads=payloads) for one in receipts],
        "conflicts": [
            conflict_row(one, payloads=payloads) for one in conflicts.order_by("-pk")[:_SHOWN]
        ],
    }


def _receipt(receipt: Receipt, *, payloads: bool) -> dict[str, Any]:
    told: Mapping[str, Any] = {
        "run": receipt.run_id,
        "system": receipt.system,
        "entity": receipt.entity,
        "record_id": receipt.record_id,
        "action": receipt.action,
        "verdict": receipt.verdict,
        "fields": receipt.fields,
        "at": receipt.at,
    }
    return dict(told if payloads else masked_receipt(told) or {})


def create_link(
    actor: Actor,
    environment: Environment,
    *,
    entity: str,
    left: Mapping[str, str],
    right: Mapping[str, str],
) -> Link:
    """Say that two records are the same thing; `left` and `right` are {system, id}.

    Nothing is written before the next look at them. Raises `PermissionDenied` without `start_runs`,
    and a 409 problem when one of them has another partner.
    """
    check(actor, "start_runs", environment.workspace)
    try:
        with transaction.atomic():
            link = Link.objects.create(
                workspace=environment.workspace,
                environment=environment,
                entity=entity,
                left_system=left["system"],
                left_id=left["id"],
                right_system=right["system"],
                right_id=right["id"],
                created_at=timezone.now(),
            )
            record(actor, "created", _subject(link), detail=_ends(link))
    except IntegrityError:
        raise Problem(
            409, "linked_otherwise", "One of the two records has another partner. Unlink it first."
        ) from None
    return find_link(actor, link.pk)


def unlink(actor: Actor, link: Link) -> None:
    """Forget that two records belong together; both stay as they are.

    What went into the inbox about them goes too. Raises `PermissionDenied` without `start_runs`,
    and a 409 problem while a run works on it.
    """
    check(actor, "start_runs", link.workspace)
    with transaction.atomic():
        locked = Link.objects.select_for_update(of=("self",)).filter(pk=link.pk).first()
        if locked is None:
            return
        if locked.lease_by and locked.lease_until and locked.lease_until > timezone.now():
            raise Problem(409, "link_busy", "A run works on this record now. Try again.")
        record(actor, "deleted", _subject(locked), detail=_ends(locked))
        locked.delete()


def refresh(actor: Actor, link: Link) -> list[Run]:
    """Look at the record now: a run of the flow that keeps the link.

    Raises `PermissionDenied` without `start_runs`, and a 409 problem when that flow is not
    deployed, or starts neither by hand nor with news of one of the sides.
    """
    check(actor, "start_runs", link.workspace)
    deployment = active_deployment(link.flow, link.environment) if link.flow is not None else None
    if link.flow is None or deployment is None:
        raise Problem(
            409, "not_deployed", "No flow that keeps this link is deployed in its environment."
        )
    listeners = list(deployment.listeners.select_related("connection").order_by("node"))
    by_hand = next((one for one in listeners if one.trigger_type == MANUAL_TYPE), None)
    if by_hand is not None:
        trigger = ManualTrigger(
            node=by_hand.node,
            entity=link.entity,
            business_key=link.label,
            data={"link_id": str(link.pk), "left_id": link.left_id, "right_id": link.right_id},
        )
        return start_manual(actor, flow=link.flow, environment=link.environment, trigger=trigger)
    ids = {link.left_system: link.left_id, link.right_system: link.right_id}
    for one in listeners:
        id_ = ids.get(one.connection.system, "") if one.connection is not None else ""
        if id_:
            trigger = ManualTrigger(
                node=one.node, entity=link.entity, entity_id=id_, business_key=link.label
            )
            return start_manual(
                actor, flow=link.flow, environment=link.environment, trigger=trigger
            )
    raise Problem(
        409,
        "no_start",
        f"{link.flow.name} starts neither by hand nor with news of one of the two records. "
        "Give it a trigger flow.manual.",
    )


def look_again(actor: Actor, link: Link) -> bool:
    """Carry out what was decided about a link; False where no flow that does it is deployed: then
    it is carried out with the next news."""
    try:
        refresh(actor, link)
    except Problem as problem:
        if problem.status != 409:
            raise
        return False
    return True


def _subject(link: Link) -> Any:
    return subject("link", link.pk, link.label or link.left_id or link.right_id, link.workspace)


def _ends(link: Link) -> dict[str, Any]:
    return {
        "entity": link.entity,
        "environment": link.environment.slug,
        "left": f"{link.left_system}/{link.left_id}",
        "right": f"{link.right_system}/{link.right_id}",
    }
