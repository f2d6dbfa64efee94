"""What the operations ask of a Notes database, whichever way leads into it.

Written once against this port, an operation looks the same to a flow over Domino Data Service
(`dds`), over the Domino REST API (`rest`) and over an agent in the database (`endpoint`);
`transport.connect` chooses. What a way cannot do it says with `TransportLacksError`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from connectors.notes.transforms import NotesDocument, WrittenItem, instant_text
from connectors.sdk.errors import ConfigurationError

PARALLEL = 8  # documents read side by side where there is no request for many


class TransportLacksError(ConfigurationError):
    """The way into the database that the connection uses has no such thing."""

    default_code = "transport_lacks"

    def __init__(self, transport: str, what: str, *, fix: str) -> None:
        super().__init__(f"{transport} cannot {what}.", fix=fix, detail={"transport": transport})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedDocument:
    """One line of the change list. `revision` is "" where the way in has none."""

    unid: str
    modified: datetime
    revision: str = ""

    @property
    def state(self) -> str:
        """Names the state that the line is about, as finely as the way in can tell."""
        return self.revision or instant_text(self.modified)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDocument:
    """One hit of a search; `score` only where the server scores."""

    unid: str
    modified: datetime
    score: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which entries of a view: at most one of key, parent, category, start_key and search."""

    key: str = ""
    exact: bool = True
    parent: str = ""
    category: str = ""
    start_key: str = ""
    search: str = ""
    search_most: int = 0
    sort_column: str = ""
    descending: bool = False
    expand_level: int | None = None
    count_all: bool = True
    bare: bool = False  # ids and forms are all that is wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a view. A category or total has `unid` "". `columns` by programmatic name: a
    list of one is a scalar, what is empty is left out, dates are full UTC times. `form` is ""
    where the way in does not tell it."""

    unid: str
    note_id: str = ""
    form: str = ""
    position: str = ""
    is_category: bool = False
    is_response: bool = False
    indent: int = 0
    columns: Mapping[str, Any] = field(default_factory=dict)

    def to_output(self) -> dict[str, Any]:
        return {
            "unid": self.unid,
            "note_id": self.note_id,
            "form": self.form,
            "position": self.position,
            "is_category": self.is_category,
            "is_response": self.is_response,
            "indent": self.indent,
            "columns": dict(self.columns),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Entries of a view in its order. `total` is the server's hint, which counts what the user
    may not read; `complete`: the end was reached; `moved`: the view changed between two pages,
    so that entries may be missing or come twice."""

    entries: Sequence[Entry]
    total: int | None = None
    complete: bool = True
    moved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a view; `name` is its key in the entries."""

    name: str
    title: str = ""
    category: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What a look at the server tells. `replica_id` and `title` are "" where the server does not
    show the database; `clock` is None where it does not tell its time."""

    server: str
    login: str
    title: str = ""
    replica_id: str = ""
    clock: datetime | None = None
    remarks: Sequence[str] = ()


class NotesClient(Protocol):
    """Requests to one database.

    Every method raises the errors of `connectors.sdk.errors`: `NotFoundError` for what is gone or
    hidden, `ConflictError` for a document that was saved since, `TransportLacksError` for what the
    way in does not offer, `UncertainError` for a write whose answer is lost.
    """

    name: str  # dds, drapi or agent
    title: str  # for people
    database: str  # file path, or scope
    tells_forms: bool  # whether entries of views carry the form of their document

    async def read(self, unid: str) -> NotesDocument:
        """One document, conflict mark included; never marks it read."""
        ...

    async def read_if_there(self, unid: str) -> NotesDocument | None:
        """As `read`; None when it is gone."""
        ...

    async def read_all(self, unids: Iterable[str]) -> list[NotesDocument]:
        """The documents in the order of `unids`, each once, without those that are gone."""
        ...

    async def create(self, form: str, items: Sequence[WrittenItem], *, compute: bool) -> str:
        """Make a document; its UNID. Not idempotent over there."""
        ...

    async def create_all(
        self, form: str, bodies: Sequence[Sequence[WrittenItem]], *, compute: bool
    ) -> list[str | Exception]:
        """Make documents, in one request where the way in takes many: UNID or error of each."""
        ...

    async def patch(
        self,
        before: NotesDocument,
        items: Sequence[WrittenItem],
        *,
        form: str = "",
        compute: bool = False,
    ) -> None:
        """Change some items, unless the document was saved since `before` was read. Success does
        not prove the save: read it back. `form` renames its form; `compute` runs the formulas."""
        ...

    async def delete(self, before: NotesDocument) -> None:
        """Delete, unless the document was saved since `before` was read."""
        ...

    async def changed_since(
        self, since: datetime
    ) -> tuple[Sequence[ChangedDocument], datetime | None]:
        """Documents saved in this file since a time of the server's clock, in no order, and that
        clock; None where the server does not tell it."""
        ...

    async def look_up(self, view: str, key: str) -> Sequence[Entry]:
        """Entries whose first sorted column is `key`. Domino ignores case here: compare the
        items."""
        ...

    async def entries(
        self, view: str, selection: Selection, *, start: int = 0, count: int | None = None
    ) -> Listing:
        """Entries from `start`, at most `count` (None: all), read page by page."""
        ...

    async def views(self) -> Sequence[Sequence[str]]:
        """Views and folders, each by its name and aliases; also those that cannot be read."""
        ...

    async def columns(self, view: str) -> Sequence[Column]:
        """The view's columns in order."""
        ...

    async def peek(self, view: str) -> None:
        """Raises what stands between us and a view's entries."""
        ...

    async def change_folder(
        self, folder: str, *, add: Sequence[str], remove: Sequence[str]
    ) -> None:
        """Put documents into a folder and take others out. Where some fail the rest is done
        all the same, and `RejectedError` is raised."""
        ...

    async def search(
        self, text: str, *, most: int, since: datetime | None = None
    ) -> Sequence[FoundDocument]:
        """Documents that the full-text index finds, best first where the server scores."""
        ...

    async def query(
        self, text: str, values: Mapping[str, Any], *, most: int
    ) -> Sequence[FoundDocument]:
        """Documents that a DQL query finds; `values` by the names of its variables."""
        ...

    async def file(self, unid: str, item: str, name: str) -> bytes | None:
        """The bytes of an attachment; None when there is none of this name (or no document)."""
        ...

    async def attach(self, unid: str, item: str, name: str, content: bytes, *, kind: str) -> None:
        """Add a file to a rich-text item. Not guarded."""
        ...

    async def replace_file(self, unid: str, item: str, name: str, content: bytes) -> None:
        """Put other bytes into an attachment that is there."""
        ...

    async def run_agent(self, agent: str, *, unid: str, wait: bool) -> None:
        """Run an agent, with a document when `unid` names one. `wait` until it is done; else
        success says only that it was started."""
        ...

    async def survey(self) -> Survey:
        """Log in and look at the server; the first thing that a check does."""
        ...

    async def prove(self) -> None:
        """Raises what stands between us and the documents of the database."""
        ...

    async def offers_later(self) -> bool:
        """Whether files and agents can be used this way."""
        ...
