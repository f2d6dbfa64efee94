"""News of customers, addresses and products: pushed by the shop's module, polled by `date_upd`.

What is read of each is what its change can be told by; a flow reads the record itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from connectors.prestashop.dated_poll import DatedPoll, moment_of
from connectors.prestashop.hook_news import HASHES_SCHEMA, ORIGIN_SCHEMAS, POLLED, HookNews
from connectors.prestashop.marks import field_hashes, mark
from connectors.prestashop.nouns import BY_NAME, Noun
from connectors.prestashop.transforms import Row, id_text, text
from connectors.sdk.trigger import SourceEvent, Trigger

# Without a choice; that a record is gone has to be asked for, since it cannot be read any more.
CHANGES = ("created", "updated")
ALL_CHANGES = (*CHANGES, "deleted")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordNews:
    """One kind of record. `key` is the field by which people know it, if there is one, `told` those
    whose change within the same second is seen; the module hashes the same."""

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
            mark=self._version,
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
            "modes": ["hook", "poll"],
            "params": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "changes": {
                        "type": "array",
                        "minItems": 1,
                        "uniqueItems": True,
                        "items": {"enum": list(ALL_CHANGES)},
                        "default": list(CHANGES),
                        "title": "Listen to",
                        "description": "Only the shop's module tells that a record was deleted.",
                    }
                },
            },
            "output": {
                "type": "object",
                "properties": {
                    f"{one}_id": {"type": "string"},
                    "change": {"enum": list(ALL_CHANGES)},
                    **self._known_by(),
                    **ORIGIN_SCHEMAS,
                    "field_hashes": dict(HASHES_SCHEMA),
                },
            },
        }

    def _known_by(self) -> dict[str, Any]:
        return {field.name: field.schema() for field in self.noun.fields if field.name == self.key}

    @property
    def _hashed(self) -> tuple[str, ...]:
        return (self.key, *self.told) if self.key else self.told

    def _hashes(self, row: Row) -> dict[str, str]:
        return field_hashes(self.noun.name, id_text(row["id"]), row, self._hashed)

    def _version(self, row: Row) -> str:
        """The module gives a state the same name."""
        return f"{row['date_upd']}/{mark(self._hashes(row))}"

    def _events(self, rows: Sequence[Row], window: str, zone: ZoneInfo) -> list[SourceEvent]:
        events = []
        for row in rows:
            placed, changed = str(row["date_add"]), str(row["date_upd"])
            id_ = id_text(row["id"])
            key = text(row[self.key]) if self.key else ""
            extra = {**POLLED, "field_hashes": self._hashes(row)}
            if placed >= window:
                at = moment_of(placed, zone)
                events.append(self._event("created", "created", at, extra, id_=id_, key=key))
            if changed != placed:
                at = moment_of(changed, zone)
                version = self._version(row)
                events.append(self._event("updated", version, at, extra, id_=id_, key=key))
        return events

    def read(self, news: HookNews) -> Sequence[SourceEvent]:
        """The events of a delivery of the module."""
        versions = {news.change: news.change if news.change != "updated" else news.version}
        if news.change == "created" and news.changed_since_created:
            versions["updated"] = news.version
        extra = {**news.origin(), "field_hashes": news.hashes()}
        key = news.said(self.key) if self.key else ""
        return [
            self._event(
                change, version, news.moment, extra, id_=news.id, key=key, sequence=news.sequence
            )
            for change, version in versions.items()
        ]

    def _event(
        self,
        change: str,
        version: str,
        at: datetime,
        extra: Mapping[str, Any],
        *,
        id_: str,
        key: str,
        sequence: int = 0,
    ) -> SourceEvent:
        return SourceEvent(
            type=f"{self.name}@1",
            change=change,
            entity=self.noun.name,
            entity_id=id_,
            version=version,
            occurred_at=at,
            business_key=key or id_,
            sequence=sequence,
            data={
                f"{self.noun.name}_id": id_,
                "change": change,
                **({self.key: key} if self.key else {}),
                **extra,
            },
        )


def matches(params: Mapping[str, Any], event: SourceEvent) -> bool:
    """Whether the node listens to this kind of change; to all unless told otherwise."""
    return event.change in (params.get("changes") or CHANGES)


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
