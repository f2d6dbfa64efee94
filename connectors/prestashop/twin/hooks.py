"""Events of the shop and the deliveries that wait for whoever registered a hook.

What a shop's own module does: the event is written down with the change, and sent later.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime

from .store import Row, Store

EVENTS = ("order.created", "order.updated", "stock.updated")
HOOKS = "_hooks"
DELIVERIES = "_deliveries"


class Hooks:
    """`on_delivery` is told of every delivery that was queued."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self.store = store
        self.clock = clock
        self.base = ""
        self.on_delivery: Callable[[Row], None] = lambda _row: None

    def register(self, url: str, secret: str, events: list[str]) -> Row:
        """One hook an address: registering again changes its secret and events."""
        fields = {"url": url, "secret": secret, "events": events}
        for row in self.store.find(HOOKS, "url", url):
            return self.store.change(HOOKS, row["id"], **fields)
        return self.store.add(HOOKS, fields)

    def remove(self, url: str) -> bool:
        found = self.store.find(HOOKS, "url", url)
        for row in found:
            for delivery in self.store.find(DELIVERIES, "hook", row["id"]):
                self.store.delete(DELIVERIES, delivery["id"])
            self.store.delete(HOOKS, row["id"])
        return bool(found)

    def emit(
        self,
        event: str,
        *,
        entity: str,
        id_: int,
        reference: str,
        current_state: str,
        date_upd: str,
        origin: str,
    ) -> None:
        """Queue one event for every hook that listens to it. `origin` is front, api or admin."""
        sequence = int(self.store.meta["sequence"]) + 1
        self.store.set_meta("sequence", sequence)
        now = self.clock().astimezone(UTC).replace(microsecond=0)
        body = {
            "event": event,
            "entity": entity,
            "id": str(id_),
            "reference": reference,
            "current_state": current_state,
            "date_upd": date_upd,
            "occurred_at": now.isoformat().replace("+00:00", "Z"),
            "sequence": sequence,
            "origin": origin,
            "shop": self.base,
        }
        for hook in list(self.store.rows(HOOKS)):
            if event not in hook["events"]:
                continue
            delivery = self.store.add(
                DELIVERIES,
                {
                    "hook": hook["id"],
                    "webhook_id": f"evt_{self.store.meta['epoch']}_{sequence}",
                    "lane": f"{hook['id']}/{entity}/{id_}",
                    "body": json.dumps(body, separators=(",", ":")),
                    "attempts": 0,
                },
            )
            self.on_delivery(delivery)
