"""The deliveries at a connection's hook: those that were accepted, and those that were refused."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from causeway.base.actors import Actor
from causeway.base.pagination import decode, encode
from causeway.base.permissions import check
from connectors.connections.models import Connection
from flows.models import Delivery, RefusedDelivery, Run

SHOWN: Final = 20

_NOT_OURS: Final = (
    "Make a new webhook secret here and enter it over there, in the module or agent. A sender "
    "that you do not know may have found the address."
)
REMEDIES: Final[Mapping[str, str]] = {
    "bad_signature": _NOT_OURS,
    "bad_secret": _NOT_OURS,
    "missing_header": "Whoever sent it does not sign: send it from the far side's module or "
    "agent, or another sender with the headers of Standard Webhooks.",
    "bad_timestamp": "The sender writes webhook-timestamp in seconds since 1970.",
    "outside_window": "Set the clocks of the far side and of this server by NTP. If the far side "
    "sends old deliveries again, it must sign each attempt anew.",
    "hook_without_secret": "Make a webhook secret for this connection and enter it over there.",
    "hook_secret_unusable": "Make a new webhook secret here and enter it over there.",
    "shared_secret_not_allowed": "Set the connection to take a shared secret, or have the far "
    "side sign.",
    "too_large": "Send less with each delivery, or raise CAUSEWAY_HOOK_MAX_BYTES and "
    "CAUSEWAY_PAYLOAD_MAX_BYTES.",
    "content_length": "Something between the sender and here rewrites the request: look at the "
    "proxies.",
    "delivery_id": "The sender shortens its webhook-id.",
    "not_json": "The sender's body has to be JSON; see whether the address was entered in a "
    "module of another make.",
    "hook_body": "Use the module or agent that belongs to this version of Causeway.",
    "hook_not_used": "Take the address out over there: connections of this kind are polled.",
    "backlog_full": "Nothing is lost while the far side sends it again. See why the flow falls "
    "behind, or deploy it with a larger backlog cap.",
    "lane_backlog_full": "Nothing is lost while the far side sends it again. See why this lane "
    "falls behind, or raise its cap.",
}


def deliveries_of(
    actor: Actor, connection: Connection, *, cursor: str = "", limit: int = SHOWN
) -> tuple[list[dict[str, Any]], str | None]:
    """One page of deliveries, newest first, without their contents, and the cursor of the next.

    The cost is that of a page, whatever the history holds. Raises `PermissionDenied` without
    `read_connections`, and a 422 problem for a foreign cursor.
    """
    check(actor, "read_connections", connection.workspace)
    accepted = Delivery.objects.filter(connection=connection).select_related("event")
    refused = RefusedDelivery.objects.filter(connection=connection)
    if cursor:
        before = decode(cursor)
        accepted, refused = accepted.filter(id__lt=before), refused.filter(id__lt=before)
    found: list[Delivery | RefusedDelivery] = [
        *accepted.order_by("-id")[: limit + 1],
        *refused.order_by("-id")[: limit + 1],
    ]
    found.sort(key=lambda one: one.id, reverse=True)
    page = found[:limit]
    runs = _runs([one for one in page if isinstance(one, Delivery)])
    rows = [_accepted(one, runs) if isinstance(one, Delivery) else _refused(one) for one in page]
    return rows, encode(page[-1].id) if len(found) > limit else None


def _runs(deliveries: Sequence[Delivery]) -> dict[Any, list[str]]:
    runs: dict[Any, list[str]] = {}
    wanted = [one.event_id for one in deliveries if one.event_id is not None]
    for event_id, run_id in Run.objects.filter(event_id__in=wanted).values_list("event_id", "id"):
        runs.setdefault(event_id, []).append(str(run_id))
    return runs


def _accepted(delivery: Delivery, runs: Mapping[Any, list[str]]) -> dict[str, Any]:
    event = delivery.event
    return {
        "delivery_id": delivery.delivery_id,
        "received_at": delivery.received_at,
        "refused": None,
        "test": delivery.delivery_id.startswith("test_") and event is None,
        "type": event.type if event else None,
        "change": event.change if event else None,
        "entity": event.entity if event else None,
        "entity_id": event.entity_id if event else None,
        "business_key": event.business_key if event else "",
        "run_ids": runs.get(delivery.event_id, []),
    }


def _refused(refusal: RefusedDelivery) -> dict[str, Any]:
    return {
        "delivery_id": refusal.delivery_id,
        "received_at": refusal.received_at,
        "refused": {
            "code": refusal.code,
            "reason": refusal.detail,
            "remedy": REMEDIES.get(refusal.code, ""),
            "size": refusal.size,
            "count": refusal.count,
        },
        "test": refusal.delivery_id.startswith("test_"),
        "type": None,
        "change": None,
        "entity": None,
        "entity_id": None,
        "business_key": "",
        "run_ids": [],
    }
