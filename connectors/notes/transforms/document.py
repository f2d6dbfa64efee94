"""One document as the service shows it, in Causeway's canonical items.

A Notes item is a list of values of one type. The service shows a list of one as a scalar and
leaves an empty list out, so JSON alone cannot tell "one line" from "no lines": the connection's
form profile can, and here it decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.notes.fingerprint import fingerprint
from connectors.notes.transforms.moment import instant_text, read_moment
from connectors.notes.transforms.number import item_number
from connectors.notes.transforms.profile import profile_of
from connectors.notes.transforms.rich_item import read_rich_item
from connectors.notes.transforms.richtext import is_rich_text
from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.errors import ContractError


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesDocument:
    """One document as the service showed it. `values` has every item as a list, under the
    profile's spelling; `items` is the canonical shape for flows, rich text as `{html, text,
    losses, fingerprint}`. `note_id` is the number of the note in its file: it rises with every new
    note. `last_modified` is an HTTP date, over the data service the header word for word;
    `revision` names the state exactly, "" where the way in has none; `read_at` is the server's
    clock at the answer; `parent` the UNID that a response hangs from; `date_items` the items known
    to be dates, lower case."""

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
    revision: str = ""
    read_at: datetime | None = None
    parent: str = ""
    date_items: frozenset[str] = frozenset()

    def text(self, name: str) -> str:
        """First value of an item as text, "" when there is none."""
        wanted = name.lower()
        for known, values in self.values.items():
            if known.lower() == wanted:
                return str(values[0]) if values else ""
        return ""

    @property
    def rich_names(self) -> frozenset[str]:
        """Rich-text items, by their lower-case names."""
        plain = {one.lower() for one in self.values}
        return frozenset(
            name.lower()
            for name, value in self.items.items()
            if isinstance(value, Mapping) and name.lower() not in plain
        )

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
        """What a later write is compared with: the save's second, synced items, all items, and
        the revision where there is one."""
        content = fingerprint(self.values)
        version = {"last_modified": self.last_modified, "hash": self.hash, "content": content}
        return {**version, "revision": self.revision} if self.revision else version

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


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredItem:
    """An item as it is stored: its values as a list, or a rich text as the way in gives it.
    `is_date`: the way in tells that it is one."""

    values: Sequence[Any] = ()
    rich: Any = None
    is_date: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFacts:
    """What is known of a document besides its items."""

    unid: str
    note_id: int
    form: str
    created: datetime
    modified: datetime
    last_modified: str
    is_conflict: bool = False
    parent: str = ""
    revision: str = ""


def make_document(
    facts: DocumentFacts, stored: Mapping[str, StoredItem], connection: ConnectionConfig
) -> NotesDocument:
    """The document in canonical items, the same whichever way it came.

    Raises `ContractError` when a number item holds other text.
    """
    profile = profile_of(connection, facts.form)
    values: dict[str, Sequence[Any]] = {}
    items: dict[str, Any] = {}
    for name, item in stored.items():
        if name.startswith(("@", "$")):
            continue
        spelling = profile.spelling(name)
        if item.rich is not None:
            items[spelling] = read_rich_item(item.rich)
            continue
        read = [item_number(spelling, one, profile) for one in item.values]
        values[spelling] = read
        items[spelling] = _canonical(read, multi=spelling.lower() in profile.multi)
    known = {one.lower() for one in items}
    for lower, name in profile.multi.items():
        if lower not in known:
            items[name] = []
    return NotesDocument(
        unid=facts.unid,
        note_id=facts.note_id,
        form=facts.form,
        created=facts.created,
        modified=facts.modified,
        is_conflict=facts.is_conflict,
        values=values,
        items=items,
        hash=fingerprint(values, profile.synced),
        last_modified=facts.last_modified,
        revision=facts.revision,
        parent=facts.parent,
        date_items=frozenset(name.lower() for name, item in stored.items() if item.is_date),
    )


def read_document(
    raw: Mapping[str, Any], last_modified: str, connection: ConnectionConfig
) -> NotesDocument:
    """A document of the data service, read with `strongtype=true&hidden=true`.

    Raises `ContractError` when a system key is missing or a number item holds other text.
    """
    try:
        facts = DocumentFacts(
            unid=str(raw["@unid"]).upper(),
            note_id=int(str(raw.get("@noteid", "0")), 16),
            form=str(raw.get("@form", "")),
            created=read_moment(raw["@created"]),
            modified=read_moment(raw["@modified"]),
            last_modified=last_modified,
            is_conflict="$Conflict" in raw,
            parent=str(raw.get("@parentid", "")).upper(),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise ContractError(
            "The document lacks a system key or has it in an unknown form.",
            code="document_shape",
            detail={"expected": "@unid, @noteid, @created, @modified", "received": repr(error)},
        ) from error
    stored = {
        name: StoredItem(rich=value)
        if is_rich_text(value)
        else StoredItem(values=_values(value), is_date=_is_date(value))
        for name, value in raw.items()
        if not name.startswith(("@", "$"))
    }
    return make_document(facts, stored, connection)


def _is_date(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("type") == "datetime"


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
