"""The agent manager: a docupdate agent that fills an outbox, and its delivery.

What is imitated [D]: the agent runs some time after a save and once over all that piled up,
over a set fixed before the run; several saves become one event; deletes go unnoticed; marks
belong to the agent and survive restarts; delivery is at least once.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from connectors.notes.twin.disk import Disk
from connectors.notes.twin.fingerprint import fingerprint
from connectors.notes.twin.store import DatabaseState, Document, Store
from connectors.notes.twin.values import instant

MAX_ATTEMPTS = 20
PARALLEL = 16
RETRY_FIRST = 0.5
RETRY_CAP = 15.0
log = logging.getLogger("twin.notes.agent")


class AgentManager:
    """Captures changes into the outbox and delivers it.

    `delay` stands for AMgr_DocUpdateEventDelay (5 minutes on a real server, less here);
    `paused` for a disabled agent: changes pile up.
    """

    def __init__(
        self, store: Store, disk: Disk, *, clock: Callable[[], datetime], delay: float
    ) -> None:
        self.delay = delay
        self.paused = False
        self.echoes = 0
        self.delivered = 0
        self._store = store
        self._disk = disk
        self._clock = clock
        self._changed = asyncio.Event()
        self._queued = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._load()

    def _load(self) -> None:
        self.hook: dict[str, str] = self._disk.get("twin", "hook") or {}
        self._marks = dict(self._disk.all("mark"))
        self._pending: dict[str, str] = dict(self._disk.all("pending"))
        self._outbox: dict[str, dict[str, Any]] = dict(self._disk.all("outbox"))
        for state in self._store.databases.values():
            state.listeners.append(self._saved)
            if not self._disk.get("twin", "installed"):
                for unid in state.documents:
                    self._mark(unid)
        self._disk.put("twin", "installed", True)

    def reload(self) -> None:
        """After a reset of the store; the hook stays configured."""
        hook, self.echoes, self.delivered = self.hook, 0, 0
        self._load()
        self.set_hook(hook.get("url", ""), hook.get("secret", ""))

    def set_hook(self, url: str, secret: str) -> None:
        self.hook = {"url": url, "secret": secret}
        self._disk.put("twin", "hook", self.hook)
        self._queued.set()

    def wake(self) -> None:
        """Look again now: settings have changed."""
        self._changed.set()
        self._queued.set()

    def to_json(self) -> dict[str, Any]:
        return {
            "delay": self.delay,
            "paused": self.paused,
            "pending": sorted(self._pending),
            "outbox": list(self._outbox.values()),
            "echoes": self.echoes,
            "delivered": self.delivered,
            "hook": {"url": self.hook.get("url", ""), "secret_set": bool(self.hook.get("secret"))},
        }

    # capture

    def _saved(self, state: DatabaseState, document: Document) -> None:
        agent = state.design.agent
        if agent is None or document.form.lower() not in agent.forms:
            return
        if document.unid not in self._pending:
            self._pending[document.unid] = instant(self._clock())
            self._disk.put("pending", document.unid, self._pending[document.unid])
        self._changed.set()

    def capture(self) -> int:
        """One run of the agent over everything that changed; the number of new events."""
        events = 0
        for unid in list(self._pending):
            found = self._store.find(unid)
            if found is not None:
                events += self._handle(*found)
            del self._pending[unid]
            self._disk.drop("pending", unid)
        if events:
            self._queued.set()
        return events

    def _handle(self, state: DatabaseState, document: Document) -> bool:
        agent = state.design.agent
        if agent is None or document.conflict:
            return False
        chosen = agent.forms.get(document.form.lower())
        current = fingerprint(document.items.values(), chosen)
        kind = "updated" if document.unid in self._marks else "created"
        self._mark(document.unid)
        if current == document.text("SyncHash"):
            self.echoes += 1
            return False
        modified = instant(document.modified)
        compact = modified.replace("-", "").replace(":", "")
        event_id = f"{state.design.replica_id}-{document.unid}-{compact}-{document.sequence}"
        body = {
            "event_id": event_id,
            "kind": kind,
            "replica_id": state.design.replica_id,
            "database": state.design.path,
            "unid": document.unid,
            "form": document.form,
            "modified": modified,
            "hash": current,
            "key": document.text(agent.key_items.get(document.form.lower(), "")),
            "server": self._store.world.server.name,
            "origin": "",
            "sync_rev": document.text("SyncRev"),
        }
        self._put(
            {
                "id": event_id,
                "unid": document.unid,
                "state": "new",
                "attempts": 0,
                "due": instant(self._clock()),
                "answer": "",
                "body": body,
            }
        )
        return True

    def _mark(self, unid: str) -> None:
        if unid not in self._marks:
            self._marks[unid] = True
            self._disk.put("mark", unid, True)

    def _put(self, entry: dict[str, Any]) -> None:
        self._outbox[entry["id"]] = entry
        self._disk.put("outbox", entry["id"], entry)

    # delivery

    async def deliver(self, http: httpx.AsyncClient) -> int:
        """Send what is due, documents side by side, each one's events in order; the number that
        arrived. A failed event holds back the later ones of its document."""
        now = instant(self._clock())
        chains: dict[str, list[dict[str, Any]]] = {}
        for entry in self._outbox.values():
            if entry["state"] != "dead":
                chains.setdefault(entry["unid"], []).append(entry)
        gate = asyncio.Semaphore(PARALLEL)

        async def send_chain(chain: list[dict[str, Any]]) -> int:
            sent = 0
            async with gate:
                for entry in chain:
                    if entry["due"] > now or not await self._send(http, entry):
                        break
                    sent += 1
            return sent

        counts = await asyncio.gather(*(send_chain(one) for one in chains.values()))
        return sum(counts)

    async def _send(self, http: httpx.AsyncClient, entry: dict[str, Any]) -> bool:
        raw = json.dumps(entry["body"]).encode()
        headers = signature(self.hook["secret"], entry["id"], self._clock(), raw)
        try:
            answer = await http.post(self.hook["url"], content=raw, headers=headers)
            status, word = answer.status_code, f"HTTP {answer.status_code}"
        except httpx.HTTPError as error:
            status, word = 0, type(error).__name__
        if self._outbox.get(entry["id"]) is not entry:
            return True  # reset in between
        if 200 <= status < 300 or status == 409:
            del self._outbox[entry["id"]]
            self._disk.drop("outbox", entry["id"])
            self.delivered += 1
            return True
        entry["attempts"] += 1
        entry["answer"] = word
        refused = 400 <= status < 500 and status not in {401, 404, 408, 425, 429}
        if refused or entry["attempts"] >= MAX_ATTEMPTS:
            entry["state"] = "dead"
        else:
            entry["state"] = "retry"
            wait = min(RETRY_CAP, RETRY_FIRST * 2 ** (entry["attempts"] - 1))
            due = self._clock() + timedelta(seconds=wait * random.uniform(0.7, 1.0))
            entry["due"] = instant(due)
        self._put(entry)
        log.info("event %s: %s, attempt %d", entry["id"], word, entry["attempts"])
        return False

    # life

    async def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._capture_forever()),
            asyncio.create_task(self._deliver_forever()),
        ]
        self.wake()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task

    async def _capture_forever(self) -> None:
        while True:
            await self._changed.wait()
            await asyncio.sleep(self.delay)
            self._changed.clear()
            if not self.paused:
                self.capture()

    async def _deliver_forever(self) -> None:
        async with httpx.AsyncClient(timeout=10, trust_env=False) as http:
            while True:
                waiting = any(one["state"] != "dead" for one in self._outbox.values())
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._queued.wait(), 0.25 if waiting else None)
                self._queued.clear()
                if self.hook.get("url") and not self.paused:
                    await self.deliver(http)


def signature(secret: str, message_id: str, now: datetime, body: bytes) -> dict[str, str]:
    """Standard Webhooks headers: HMAC-SHA256 over id.timestamp.body, base64.

    Raises `ValueError` when a secret with the prefix whsec_ is not base64.
    """
    prefixed = secret.startswith("whsec_")
    key = base64.b64decode(secret[6:], validate=True) if prefixed else secret.encode()
    stamp = str(int(now.astimezone(UTC).timestamp()))
    signed = f"{message_id}.{stamp}.".encode() + body
    mac = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{mac}",
    }
