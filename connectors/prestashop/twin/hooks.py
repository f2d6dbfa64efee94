"""Events of the shop and the deliveries that wait for whoever registered a hook.

What a shop's own module does: the event is written down with the change, and sent later.
"""

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from . import told
from .store import Row, Store

MODULE_VERSION = "1.1.0"
HOOKS = "_hooks"
DELIVERIES = "_deliveries"


class Hooks:
    """`on_delivery` is told of every delivery that was queued."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self.store = store
        self.clock = clock
        self.base = ""
        # Row of the webservice key whose request is worked on; the module knows it too.
        self.key_id: str | None = None
        self._named: Counter[tuple[str, str, str]] = Counter()
        self.on_delivery: Callable[[Row], None] = lambda _row: None

    def register(self, url: str, secret: str, events: list[str], own_key: str = "1") -> Row:
        """One hook an address: registering again changes its secret and events. `own_key` is the
        row of the webservice key that its listener writes with."""
        fields = {"url": url, "secret": secret, "events": events, "own_key": own_key}
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

    def tell(self, resource: str, change: str, row: Row, origin: str, **more: Any) -> None:
        """A record was created, updated or deleted; `row` is as it is now, or was. `origin` is
        front, api or admin, `more` goes into the body."""
        noun, entity, _ = told.MODULE[resource]
        order = self.store.get("orders", row["id_order"]) if "id_order" in row else None
        said = told.facts(resource, row, order)
        if change != "deleted":
            said |= {"hashes": told.hashes(resource, row)} | more
            if resource in told.DATED:
                name = told.version(resource, row, said["hashes"])
                count = self._named[entity, str(row["id"]), name]
                self._named[entity, str(row["id"]), name] += 1
                said |= {"date_add": row["date_add"], "date_upd": row["date_upd"]}
                said["version"] = f"{name}/{count}" if count else name
        shop = (order or row).get("id_shop", 1)
        said = {"id_shop": str(shop) if shop else None} | said
        self._emit(f"{noun}.{change}", entity, row["id"], said, origin)

    def _emit(self, event: str, entity: str, id_: int, said: Row, origin: str) -> None:
        """Queue one event for every hook that listens to it."""
        sequence = int(self.store.meta["sequence"]) + 1
        self.store.set_meta("sequence", sequence)
        now = self.clock().astimezone(UTC).replace(microsecond=0)
        key_id = self.key_id if origin == "api" else None
        body = {
            "event": event,
            "entity": entity,
            "id": str(id_),
            **said,
            "occurred_at": now.isoformat().replace("+00:00", "Z"),
            "sequence": sequence,
            "origin": origin,
            "key_id": key_id,
            "shop": self.base,
            "module": MODULE_VERSION,
        }
        for hook in list(self.store.rows(HOOKS)):
            if event not in hook["events"]:
                continue
            mine = body | {"own": key_id is not None and key_id == hook.get("own_key", "1")}
            delivery = self.store.add(
                DELIVERIES,
                {
                    "hook": hook["id"],
                    "webhook_id": f"evt_{self.store.meta['epoch']}_{sequence}",
                    "lane": f"{hook['id']}/{entity}/{id_}",
                    "body": json.dumps(mine, separators=(",", ":")),
                    "attempts": 0,
                },
            )
            self.on_delivery(delivery)
