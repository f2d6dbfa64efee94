"""News of customers, addresses and products: polled by `date_upd`.

What is read of each is what its change can be told by; a flow reads the record itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

from connectors.prestashop.dated_poll import DatedPoll, moment_of
from connectors.prestashop.nouns import BY_NAME, Noun
from connectors.prestashop.transforms import Row, id_text, text
from connectors.sdk import codec
from connectors.sdk.trigger import SourceEvent, Trigger

CHANGES = ("created", "updated")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordNews:
    """One kind of record that is polled. `key` is the field by which people know it, if there is
    one, `told` those whose change within the same second is seen."""

    noun: Noun
    key: str
    told: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"prestashop.{self.noun.name}_event"

    def trigger(self) -> Trigger:
        names = ("id", self.key, *self.told, "date_add", "date_upd")
        fields = [name for name in names if name]
        poll = DatedPoll(
            resource=self.noun.resource,
            shape="record",
            display=f"[{','.join(fields)}]",
            mark=_mark,
            events=self._events,
            of_shop=self.noun.name == "customer",
        )
        return Trigger(name=self.name, version=1, matches=matches, poll=poll)

    def entry(self) -> dict[str, Any]:
        """What the manifest says of it."""
        one = self.noun.name
        return {
            "name": self.name,
            "version": 1,
            "title": f"{one.capitalize()} event",
            "summary": f"Starts when {_article(one)} {one} is added or changed.",
            "icon": self.noun.icon,
            "entity": one,
            "modes": ["poll"],
            "params": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "changes": {
                        "type": "array",
                        "minItems": 1,
                        "uniqueItems": True,
                        "items": {"enum": list(CHANGES)},
                        "default": list(CHANGES),
                        "title": "Listen to",
                    }
                },
            },
            "output": {
                "type": "object",
                "properties": {
                    f"{one}_id": {"type": "string"},
                    "change": {"enum": list(CHANGES)},
                    **self._known_by(),
                },
            },
        }

    def _known_by(self) -> dict[str, Any]:
        return {field.name: field.schema() for field in self.noun.fields if field.name == self.key}

    def _events(self, rows: Sequence[Row], window: str, zone: ZoneInfo) -> list[SourceEvent]:
        events = []
        for row in rows:
            placed, changed = str(row["date_add"]), str(row["date_upd"])
            if placed >= window:
                events.append(self._event(row, "created", "created", placed, zone))
            if changed != placed:
                events.append(self._event(row, "updated", _mark(row), changed, zone))
        return events

    def _event(self, row: Row, change: str, version: str, at: str, zone: ZoneInfo) -> SourceEvent:
        id_ = id_text(row["id"])
        key = text(row[self.key]) if self.key else id_
        return SourceEvent(
            type=f"{self.name}@1",
            change=change,
            entity=self.noun.name,
            entity_id=id_,
            version=version,
            occurred_at=moment_of(at, zone),
            business_key=key,
            data={
                f"{self.noun.name}_id": id_,
                "change": change,
                **({self.key: key} if self.key else {}),
            },
        )


def matches(params: Mapping[str, Any], event: SourceEvent) -> bool:
    """Whether the node listens to this kind of change; to all unless told otherwise."""
    return event.change in (params.get("changes") or CHANGES)


def _mark(row: Row) -> str:
    digest = blake2b(codec.dumps(row), digest_size=6).hexdigest()
    return f"{row['date_upd']}/{digest}"


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


RECORD_NEWS = (
    RecordNews(
        noun=BY_NAME["customer"],
        key="email",
        told=("firstname", "lastname", "company", "active", "newsletter"),
    ),
    RecordNews(
        noun=BY_NAME["address"],
        key="",
        told=(
            "id_customer", "id_country", "firstname", "lastname", "company", "address1",
            "address2", "postcode", "city", "phone", "deleted",
        ),
    ),
    RecordNews(
        noun=BY_NAME["product"],
        key="reference",
        told=("active", "price", "ean13", "id_category_default"),
    ),
)  # fmt: skip
