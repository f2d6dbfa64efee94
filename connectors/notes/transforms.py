"""Between the service's JSON and Causeway's canonical items: pure.

A Notes item is a list of values of one type. The service shows a list of one as a scalar and
leaves an empty list out, so JSON alone cannot tell "one line" from "no lines": the connection's
form profile can, and here it decides.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from connectors.notes.fingerprint import STAMPS, fingerprint
from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.errors import ConfigurationError, ContractError, RejectedError
from connectors.sdk.redact import shorten

MAX_NAME_BYTES = 32
SYNC_SOURCE = "Causeway"
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})")
_BAD_NAME = re.compile(r"[\x00-\x1f\"\\/]")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormProfile:
    """What a connection knows of a form; names by their lower-case spelling, for Notes ignores
    case."""

    form: str
    multi: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)
    synced: Sequence[str] | None = None
    key_item: str = ""
    decimal: str = "."

    def spelling(self, name: str) -> str:
        """The profile's spelling of an item name, else the name itself."""
        lower = name.lower()
        return self.multi.get(lower) or self.dates.get(lower) or self.numbers.get(lower) or name


def profile_of(connection: ConnectionConfig, form: str) -> FormProfile:
    """The profile of a form in the connection's settings, an empty one when it has none."""
    settings = connection.settings
    profiles: Mapping[str, Any] = settings.get("forms") or {}
    found: Mapping[str, Any] = next(
        (one for name, one in profiles.items() if name.lower() == form.lower()), {}
    )

    def names(part: str) -> dict[str, str]:
        return {one.lower(): one for one in found.get(part, ())}

    return FormProfile(
        form=form,
        multi=names("multi"),
        dates=names("dates"),
        numbers=names("numbers"),
        synced=found.get("synced"),
        key_item=found.get("key_item", ""),
        decimal=settings.get("decimal", "."),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesDocument:
    """One document as the service showed it. `values` has every item as a list, under the
    profile's spelling; `items` is the canonical shape for flows. `note_id` is the number of the
    note in its file: it rises with every new note. `last_modified` is the header, verbatim."""

    unid: str
    note_id: int
    form: str
    created: datetime
    modified: datetime
    is_conflict: bool
    values: Mapping[str, Sequence[Any]]
    items: Mapping[str, Any]
    hash: str
    last_modified: str

    def text(self, name: str) -> str:
        """First value of an item as text, "" when there is none."""
        wanted = name.lower()
        for known, values in self.values.items():
            if known.lower() == wanted:
                return str(values[0]) if values else ""
        return ""

    def item(self, name: str) -> Any:
        """Canonical value of an item, any spelling; None when it is not there."""
        wanted = name.lower()
        return next((one for known, one in self.items.items() if known.lower() == wanted), None)

    @property
    def age(self) -> tuple[datetime, int, str]:
        """Orders documents by their birth. The time has whole seconds, so the note number
        decides within one."""
        return (self.created, self.note_id, self.unid)

    @property
    def is_echo(self) -> bool:
        """Nobody changed it since Causeway wrote it."""
        return bool(self.text("SyncHash")) and self.text("SyncHash") == self.hash

    @property
    def version(self) -> dict[str, str]:
        return {"last_modified": self.last_modified, "hash": self.hash}

    def to_output(self) -> dict[str, Any]:
        """The `document` of an operation's output (schemas/document.json)."""
        return {
            "unid": self.unid,
            "form": self.form,
            "created": instant_text(self.created),
            "modified": instant_text(self.modified),
            "is_conflict": self.is_conflict,
            "items": dict(self.items),
        }


def instant_text(moment: datetime) -> str:
    """UTC with whole seconds and `Z`: the one form that Domino reads the same in every region."""
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat() + "Z"


def read_document(
    raw: Mapping[str, Any], last_modified: str, connection: ConnectionConfig
) -> NotesDocument:
    """A document read with `strongtype=true&hidden=true`.

    Raises `ContractError` when a system key is missing or a number item holds other text.
    """
    try:
        unid, form = str(raw["@unid"]).upper(), str(raw.get("@form", ""))
        note_id = int(str(raw.get("@noteid", "0")), 16)
        created, modified = (read_moment(raw[name]) for name in ("@created", "@modified"))
    except (KeyError, ValueError, TypeError) as error:
        raise ContractError(
            "The document lacks a system key or has it in an unknown form.",
            code="document_shape",
            detail={"expected": "@unid, @noteid, @created, @modified", "received": repr(error)},
        ) from error
    profile = profile_of(connection, form)
    values: dict[str, Sequence[Any]] = {}
    items: dict[str, Any] = {}
    for name, value in raw.items():
        if name.startswith(("@", "$")):
            continue
        spelling = profile.spelling(name)
        if _is_rich(value):
            items[spelling] = value
            continue
        read = [_number(spelling, one, profile) for one in _values(value)]
        values[spelling] = read
        items[spelling] = _canonical(read, multi=spelling.lower() in profile.multi)
    for lower, name in profile.multi.items():
        if lower not in {one.lower() for one in items}:
            items[name] = []
    return NotesDocument(
        unid=unid,
        note_id=note_id,
        form=form,
        created=created,
        modified=modified,
        is_conflict="$Conflict" in raw,
        values=values,
        items=items,
        hash=fingerprint(values, profile.synced),
        last_modified=last_modified,
    )


def _is_rich(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("type") in {"multipart", "richtext"}


def _values(value: Any) -> list[Any]:
    """Every item as a list; a tagged date becomes its text."""
    if isinstance(value, list):
        return [one for part in value for one in _values(part)]
    if isinstance(value, Mapping):
        data = value.get("data")
        return list(data) if isinstance(data, list) else [data]
    return [value]


def _canonical(values: Sequence[Any], *, multi: bool) -> Any:
    if multi:
        return [one for one in values if one is not None]
    return values[0] if len(values) == 1 else list(values)


def read_moment(value: Any) -> datetime:
    """A system time as aware UTC; one without a zone is UTC. Raises `ValueError`."""
    moment = datetime.fromisoformat(str(_values(value)[0]))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _number(name: str, value: Any, profile: FormProfile) -> Any:
    """Text in a number item is read with the connection's decimal sign; empty text is nothing."""
    if name.lower() not in profile.numbers or not isinstance(value, str):
        return value
    if not value.strip():
        return None
    number = parse_number(value, profile.decimal)
    if number is None:
        raise ContractError(
            f"{name} should be a number and holds other text.",
            code="not_a_number",
            fix=f"Correct {name} in Notes, or take it off the connection's number items.",
            detail={"expected": f"a number, decimal sign {profile.decimal}",
                    "received": shorten(value, 40)},
        )  # fmt: skip
    return number


def parse_number(text: str, decimal: str) -> Decimal | None:
    """A number as people type it, with or without parted thousands; None when it is none.

    "129,50" is no number where the decimal sign is ".": guessing would make it 12,950.
    """
    plain = re.sub(r"[\s'’\u00a0\u202f]", "", text)
    other = "," if decimal == "." else "."
    parted = re.fullmatch(
        rf"[+-]?\d{{1,3}}(?:{re.escape(other)}\d{{3}})+(?:{re.escape(decimal)}\d+)?", plain
    )
    if parted:
        plain = plain.replace(other, "")
    if not re.fullmatch(rf"[+-]?\d+(?:{re.escape(decimal)}\d+)?", plain):
        return None
    return Decimal(plain.replace(decimal, "."))


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenItem:
    """One item to write: canonical `values`, what the service gets as `body`, and a `note` when
    it cannot take the value as it is."""

    name: str
    sent: Any
    values: Sequence[Any]
    body: Any
    note: str = ""


def write_items(items: Mapping[str, Any], profile: FormProfile) -> list[WrittenItem]:
    """Canonical items as the service takes them.

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
        written[name.lower()] = _written(profile.spelling(name), value, profile)
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


def _written(name: str, value: Any, profile: FormProfile) -> WrittenItem:
    lower = name.lower()
    values = [_plain(name, one) for one in (value if isinstance(value, list) else [value])]
    values = ["" if one is None and len(values) > 1 else one for one in values]
    values = [one for one in values if one is not None]
    if lower in profile.dates:
        return _written_dates(name, value, values)
    if lower in profile.numbers:
        values = [_number(name, one, profile) for one in values if one != ""]
    if len({isinstance(one, str) for one in values}) > 1:
        raise RejectedError(
            f"{name} mixes texts and numbers: a Notes item has one type.",
            code="mixed_list",
            fix="Map all its values to text or all to numbers.",
        )
    body: Any = "" if not values else values if len(values) > 1 else values[0]
    return WrittenItem(name=name, sent=value, values=values, body=body)


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
        return WrittenItem(name=name, sent=sent, values=[], body="")
    body = {"type": "datetime", "data": texts if len(texts) > 1 else texts[0]}
    return WrittenItem(name=name, sent=sent, values=texts, body=body, note=note)
