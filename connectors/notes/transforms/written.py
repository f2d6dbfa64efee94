"""Canonical items as the service takes them."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from connectors.notes.fingerprint import STAMPS
from connectors.notes.transforms.moment import instant_text
from connectors.notes.transforms.number import item_number
from connectors.notes.transforms.profile import FormProfile
from connectors.notes.transforms.rich_item import is_rich_value, write_rich_item
from connectors.notes.transforms.richtext import WrittenRichText
from connectors.sdk.errors import ConfigurationError, RejectedError
from connectors.sdk.redact import shorten

MAX_NAME_BYTES = 32
SYNC_SOURCE = "Causeway"
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})")
_BAD_NAME = re.compile(r"[\x00-\x1f\"\\/]")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenItem:
    """One item to write: canonical `values`, what the data service gets as `body`, and a `note`
    when it cannot take the value as it is; `is_date`: the values are instants. A rich text has no
    values: it does not count in SyncHash."""

    name: str
    sent: Any
    values: Sequence[Any]
    body: Any
    note: str = ""
    rich: WrittenRichText | None = None
    is_date: bool = False

    @property
    def is_something(self) -> bool:
        """Whether a new document needs the item at all."""
        return bool(self.rich.html if self.rich is not None else self.values)


def write_items(
    items: Mapping[str, Any], profile: FormProfile, rich: Collection[str] = ()
) -> list[WrittenItem]:
    """Canonical items as the service takes them. `rich` has the lower-case names of items that
    are rich text in Notes and stay so.

    Raises `ConfigurationError` for names that the service would ignore and `RejectedError` for
    values that Notes does not have (true/false, objects, lists of several types).
    """
    written: dict[str, WrittenItem] = {}
    for name, value in items.items():
        check_item_name(name)
        if name.lower() in written:
            raise ConfigurationError(
                f"The item {name} is given twice: Notes ignores upper and lower case.",
                code="item_twice",
                fix="Keep one of them.",
            )
        spelling = profile.spelling(name)
        if is_rich_value(value) or name.lower() in rich:
            written[name.lower()] = _written_rich(spelling, value)
        else:
            written[name.lower()] = _written(spelling, value, profile)
    return list(written.values())


def check_item_name(name: str) -> None:
    """Raises `ConfigurationError` for a name that cannot be written over the service."""
    reason = ""
    if name.startswith(("$", "@")) or name.lower() == "form":
        reason = "belongs to the system and is ignored by the service"
    elif name.upper() in STAMPS:
        reason = "is one of Causeway's own stamps"
    elif not name or len(name.encode()) > MAX_NAME_BYTES or _BAD_NAME.search(name):
        reason = f"is no item name (1 to {MAX_NAME_BYTES} bytes)"
    if reason:
        raise ConfigurationError(
            f"The item {shorten(name, 60)!r} {reason}.",
            code="item_name",
            fix="Write another item.",
        )


def stamp(name: str, text: str) -> WrittenItem:
    """One of Causeway's own items, which flows may not write."""
    return WrittenItem(name=name, sent=text, values=[text], body=text)


def _written(name: str, value: Any, profile: FormProfile) -> WrittenItem:
    lower = name.lower()
    values = [_plain(name, one) for one in (value if isinstance(value, list) else [value])]
    values = ["" if one is None and len(values) > 1 else one for one in values]
    values = [one for one in values if one is not None]
    if lower in profile.dates:
        return _written_dates(name, value, values)
    if lower in profile.numbers:
        values = [item_number(name, one, profile) for one in values if one != ""]
    if len({isinstance(one, str) for one in values}) > 1:
        raise RejectedError(
            f"{name} mixes texts and numbers: a Notes item has one type.",
            code="mixed_list",
            fix="Map all its values to text or all to numbers.",
        )
    body: Any = "" if not values else values if len(values) > 1 else values[0]
    return WrittenItem(name=name, sent=value, values=values, body=body)


def _written_rich(name: str, value: Any) -> WrittenItem:
    rich = write_rich_item(name, value)
    lost = ", ".join(dict.fromkeys(one.kind.value for one in rich.losses))
    note = f"without {lost}" if lost else ""
    return WrittenItem(name=name, sent=value, values=(), body=rich.item, note=note, rich=rich)


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, bool | Mapping | list):
        kind = "true/false" if isinstance(value, bool) else "an object"
        raise RejectedError(
            f"{name}: Notes has no {kind}.",
            code="value_type",
            fix="Map it to text, a number or a list of these.",
        )
    return value


def _written_dates(name: str, sent: Any, values: Iterable[Any]) -> WrittenItem:
    texts: list[str] = []
    note = ""
    for value in values:
        if value == "":
            continue
        try:
            if isinstance(value, str) and _INSTANT.fullmatch(value):
                texts.append(instant_text(datetime.fromisoformat(value)))
                continue
            day = date.fromisoformat(str(value))
        except ValueError:
            raise RejectedError(
                f"{name} is a date item and got {shorten(str(value), 40)!r}.",
                code="not_a_date",
                fix="Give a date (2026-11-23) or a time with its zone (2026-11-23T10:21:30Z).",
            ) from None
        # The service has no form for a date alone that every server region reads alike.
        texts.append(f"{day.isoformat()}T00:00:00Z")
        note = "stored as midnight UTC"
    if not texts:
        return WrittenItem(name=name, sent=sent, values=[], body="", is_date=True)
    body = {"type": "datetime", "data": texts if len(texts) > 1 else texts[0]}
    return WrittenItem(name=name, sent=sent, values=texts, body=body, note=note, is_date=True)
