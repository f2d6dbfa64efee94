"""Documents of the databases, their saves and deletes."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connectors.notes.twin.disk import Disk
from connectors.notes.twin.index import ViewIndex
from connectors.notes.twin.values import Item, Kind
from connectors.notes.twin.world import Database, View, World

Clock = Callable[[], datetime]
FIRST_NOTE = 0x8F6


@dataclass(slots=True)
class Document:
    """One note. `note_id` is local to the file and rises with every new note; `sequence` counts
    saves (part of the OID, invisible over the service [S]); `items` by lower-case name."""

    unid: str
    note_id: int
    form: str
    created: datetime
    modified: datetime
    sequence: int = 1
    authors: list[str] = field(default_factory=list)
    parent: str = ""
    conflict: bool = False
    items: dict[str, Item] = field(default_factory=dict)

    def item(self, name: str) -> Item | None:
        return self.items.get(name.lower())

    def put(self, item: Item) -> None:
        """Replace or append; the stored spelling of a name stays [S]."""
        old = self.items.get(item.name.lower())
        self.items[item.name.lower()] = Item(old.name if old else item.name, item.kind, item.values)

    def readers(self) -> set[str]:
        return {
            value for item in self.items.values() if item.kind is Kind.READERS
            for value in item.values if value
        }  # fmt: skip

    def text(self, name: str) -> str:
        item = self.item(name)
        return str(item.values[0]) if item and item.values else ""

    def to_json(self) -> dict[str, Any]:
        return {
            "unid": self.unid,
            "note_id": self.note_id,
            "form": self.form,
            "created": self.created.isoformat(),
            "modified": self.modified.isoformat(),
            "sequence": self.sequence,
            "authors": self.authors,
            "parent": self.parent,
            "conflict": self.conflict,
            "items": [one.to_json() for one in self.items.values()],
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "Document":
        items = [Item.from_json(one) for one in raw["items"]]
        return cls(
            unid=raw["unid"],
            note_id=raw["note_id"],
            form=raw["form"],
            created=datetime.fromisoformat(raw["created"]),
            modified=datetime.fromisoformat(raw["modified"]),
            sequence=raw["sequence"],
            authors=list(raw["authors"]),
            parent=raw["parent"],
            conflict=raw["conflict"],
            items={one.name.lower(): one for one in items},
        )


class DatabaseState:
    """The documents of one database and the indexes of its views."""

    def __init__(self, design: Database, disk: Disk, clock: Clock) -> None:
        self.design = design
        self.documents: dict[str, Document] = {}
        self.hiding: set[str] = set()  # documents with Readers items
        self.read_marks: set[tuple[str, str]] = set()
        self.listeners: list[Callable[[DatabaseState, Document], None]] = []
        self.agent_runs: list[tuple[str, str]] = []
        self.agent_busy = False
        self._disk = disk
        self._clock = clock
        self._kind = f"document:{design.path.lower()}"
        self._next_note = FIRST_NOTE
        self._indexes = {one.unid: ViewIndex(one) for one in design.views}
        self._folders: dict[str, set[str]] = {one.unid: set() for one in design.views if one.folder}

    def load(self) -> None:
        for unid, members in self._disk.all(f"folder:{self.design.path.lower()}"):
            if unid in self._folders:
                self._folders[unid] = set(members)
        for _, raw in self._disk.all(self._kind):
            self._keep(Document.from_json(raw))

    def seed(self, raw: Mapping[str, Any]) -> None:
        """A document of the world file: {unid, form, created, items: {name: value}}."""
        form = self.design.form(raw["form"])
        created = datetime.fromisoformat(raw["created"])
        document = Document(
            unid=raw["unid"],
            note_id=self.next_note_id(),
            form=raw["form"],
            created=created,
            modified=created,
            authors=[raw["author"]],
        )
        for name, value in raw["items"].items():
            known = form.field_named(name) if form else None
            values = value if isinstance(value, list) else [value]
            kind = known.kind if known else _kind_of(values)
            document.put(
                Item(name, kind, [float(one) if kind is Kind.NUMBER else one for one in values])
            )
        self._keep(document)
        self._write(document)

    def now(self) -> datetime:
        """The server's clock."""
        return self._clock().astimezone(UTC)

    def next_note_id(self) -> int:
        note_id = self._next_note
        self._next_note += 4
        return note_id

    def new(self, form: str, *, parent: str = "") -> Document:
        """A document in memory, not yet saved."""
        now = self._clock().astimezone(UTC)
        return Document(
            unid=secrets.token_hex(16).upper(),
            note_id=self.next_note_id(),
            form=form,
            created=now,
            modified=now,
            sequence=0,
            parent=parent,
        )

    def save(self, document: Document, *, by: str) -> None:
        """Write it: sequence and time move on, views follow, listeners hear of it."""
        document.sequence += 1
        document.modified = self._clock().astimezone(UTC)
        document.authors = [*document.authors, by][-32:]
        self._keep(document)
        self._write(document)
        for listener in self.listeners:
            listener(self, document)

    def delete(self, unid: str) -> None:
        document = self.documents.pop(unid)
        self.hiding.discard(unid)
        for index in self._indexes.values():
            index.remove(document.unid)
        for members in self._folders.values():
            members.discard(unid)
        self._disk.drop(self._kind, unid)

    def file(self, folder: View, unid: str, *, inside: bool) -> None:
        """Put a document into a folder or take it out; the document itself is not saved."""
        members = self._folders[folder.unid]
        (members.add if inside else members.discard)(unid)
        if inside:
            self._indexes[folder.unid].put(self.documents[unid])
        else:
            self._indexes[folder.unid].remove(unid)
        kind = f"folder:{self.design.path.lower()}"
        self._disk.put(kind, folder.unid, sorted(members))

    def index(self, view: View) -> ViewIndex:
        return self._indexes[view.unid]

    def _keep(self, document: Document) -> None:
        self.documents[document.unid] = document
        (self.hiding.add if document.readers() else self.hiding.discard)(document.unid)
        self._next_note = max(self._next_note, document.note_id + 4)
        for unid, index in self._indexes.items():
            if unid not in self._folders or document.unid in self._folders[unid]:
                index.put(document)

    def _write(self, document: Document) -> None:
        self._disk.put(self._kind, document.unid, document.to_json())


class Store:
    """All databases of the server. Seeds from the world the first time only."""

    def __init__(self, world: World, disk: Disk, clock: Clock) -> None:
        self.world = world
        self._disk = disk
        self._clock = clock
        self.databases: dict[str, DatabaseState] = {}
        self._build()

    def _build(self) -> None:
        seeded = self._disk.get("twin", "seeded") == self.world.name
        self.databases = {
            path: DatabaseState(design, self._disk, self._clock)
            for path, design in self.world.databases.items()
        }
        for state in self.databases.values():
            if seeded:
                state.load()
            else:
                for raw in state.design.documents:
                    state.seed(raw)
        self._disk.put("twin", "seeded", self.world.name)

    def database(self, path: str) -> DatabaseState | None:
        return self.databases.get(path.lower())

    def reset(self) -> None:
        """Back to the world file; everything else on disk goes too."""
        self._disk.clear()
        self._build()

    def find(self, unid: str) -> tuple[DatabaseState, Document] | None:
        """A document by UNID in whichever database holds it."""
        for state in self.databases.values():
            if document := state.documents.get(unid.upper()):
                return state, document
        return None


def _kind_of(values: Iterable[Any]) -> Kind:
    numbers = all(isinstance(one, int | float) for one in values)
    return Kind.NUMBER if numbers else Kind.TEXT
