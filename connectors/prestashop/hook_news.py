"""What the shop's module delivers: one body a change, read as the news that a poll brings too."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.prestashop.schemas import hook_validator
from connectors.prestashop.transforms import text
from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.trigger import SourceEvent

NOT_OURS = "Not a delivery of the shop's module"


@dataclass(frozen=True, slots=True, kw_only=True)
class HookNews:
    """A body whose shape is right. `version` is the name of the record's state, "" from module 1.0
    and for records without a date."""

    change: str
    id: str
    version: str
    moment: datetime
    sequence: int
    body: Mapping[str, Any]

    @property
    def changed_since_created(self) -> bool:
        """Whether a record that is told as new was changed after the second of its making: a poll
        would tell that as a change of its own."""
        made, changed = text(self.body.get("date_add")), text(self.body.get("date_upd"))
        return bool(self.version and made and changed and made != changed)

    def said(self, name: str) -> str:
        return text(self.body.get(name))

    def hashes(self) -> dict[str, str]:
        return dict(self.body.get("hashes") or {})

    def origin(self) -> dict[str, Any]:
        """Who made the change and in which shop, as far as the module knows."""
        return {
            "origin": self.said("origin"),
            "echo": self.body.get("own"),
            "shop_id": self.said("id_shop") or None,
        }


# What a poll knows of the same.
POLLED: Mapping[str, Any] = {"origin": "", "echo": None, "shop_id": None}
ORIGIN_SCHEMAS: Mapping[str, Any] = {
    "origin": {
        "enum": ["front", "api", "admin", "cli", ""],
        "description": "Where the change was made; empty when the news was polled.",
    },
    "echo": {
        "type": ["boolean", "null"],
        "description": "Whether Causeway's own key made the change; null when that is not known.",
    },
    "shop_id": {
        "type": ["string", "null"],
        "description": "Which shop of a multistore; null for all, and when that is not known.",
    },
}
HASHES_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": {"type": "string"},
    "description": "A short hash of each field; one that differs from before was changed.",
}

Reader = Callable[[HookNews], Sequence[SourceEvent]]


def reader(
    readers: Mapping[str, Reader],
) -> Callable[[ConnectionConfig, Mapping[str, Any]], Sequence[SourceEvent]]:
    """`readers` by what comes before the dot of the event's name."""

    def read(_connection: ConnectionConfig, body: Mapping[str, Any]) -> Sequence[SourceEvent]:
        """The events of a delivery. Raises `ValueError` with a sentence for another body."""
        error = next(hook_validator().iter_errors(body), None)
        if error is not None:
            place = "/".join(map(str, error.absolute_path)) or "the body"
            raise ValueError(f"{NOT_OURS}: {place}: {error.message[:200]}")
        noun, change = str(body["event"]).split(".")
        return readers[noun](_news(change, body))

    return read


def _news(change: str, body: Mapping[str, Any]) -> HookNews:
    try:
        sequence = int(body.get("sequence") or 0)
        moment = datetime.fromisoformat(str(body["occurred_at"]))
    except ValueError as broken:
        raise ValueError(f"{NOT_OURS}: {broken}") from broken
    if moment.tzinfo is None:
        raise ValueError(f"{NOT_OURS}: occurred_at has no offset.")
    return HookNews(
        change=change,
        id=str(body["id"]),
        version=text(body.get("version")),
        moment=moment.astimezone(UTC),
        sequence=sequence,
        body=body,
    )


def needed(news: HookNews, *names: str) -> None:
    """Raises `ValueError` when the body lacks what this event carries."""
    for name in names:
        if name not in news.body:
            raise ValueError(f"{NOT_OURS}: {name} is missing.")
