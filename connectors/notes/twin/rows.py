"""The rows of a view as somebody sees it, whichever way the view is read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, overload

from connectors.notes.twin.access import can_read
from connectors.notes.twin.index import column_values
from connectors.notes.twin.store import DatabaseState, Document
from connectors.notes.twin.values import Kind, view_date
from connectors.notes.twin.world import LEVELS, Column, Server, User, View


class Viewer(Protocol):
    """Who looks at a view, whichever way."""

    @property
    def state(self) -> DatabaseState: ...
    @property
    def user(self) -> User | None: ...
    @property
    def level(self) -> str: ...
    @property
    def server(self) -> Server: ...


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a view; a category row has no document."""

    position: str
    document: Document | None
    category: Any = None
    siblings: int = 0
    descendants: int = 0
    indent: int = 0


class FlatRows(Sequence[Row]):
    """Documents one below the other; a row is made when it is looked at, for a view may have a
    hundred thousand."""

    def __init__(self, state: DatabaseState, unids: Sequence[str]) -> None:
        self._state = state
        self._unids = unids

    def __len__(self) -> int:
        return len(self._unids)

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> list[Row]: ...
    def __getitem__(self, at: int | slice) -> Row | list[Row]:
        if isinstance(at, slice):
            return [self._row(one) for one in range(*at.indices(len(self._unids)))]
        return self._row(range(len(self._unids))[at])

    def _row(self, place: int) -> Row:
        document = self._state.documents[self._unids[place]]
        return Row(str(place + 1), document, siblings=len(self._unids))


def flat(call: Viewer, unids: Sequence[str]) -> FlatRows:
    """What the caller may read, in this order."""
    state = call.state
    if state.hiding or LEVELS.index(call.level) < LEVELS.index("reader"):
        documents = state.documents
        unids = [one for one in unids if can_read(call.user, call.level, documents[one])]
    return FlatRows(state, unids)


def categorised(call: Viewer, view: View, category: Column) -> Iterator[Row]:
    """A row per category, then its documents."""
    groups: dict[str, tuple[Any, list[Document]]] = {}
    for unid in call.state.index(view).unids():
        document = call.state.documents[unid]
        if not can_read(call.user, call.level, document):
            continue
        for value in column_values(category, document) or ["(Not Categorized)"]:
            documents = groups.setdefault(str(value).casefold(), (value, []))[1]
            if document not in documents:
                documents.append(document)
    for number, name in enumerate(sorted(groups), 1):
        value, documents = groups[name]
        yield Row(
            str(number), None, category=value, siblings=len(groups), descendants=len(documents)
        )
        for place, document in enumerate(documents, 1):
            yield Row(f"{number}.{place}", document, siblings=len(documents), indent=1)


def resorted(view: View, rows: Sequence[Row], name: str, order: str) -> Sequence[Row]:
    """Only columns with user resorting; anything else is swallowed [S]."""
    column = next((one for one in view.columns if one.name == name and one.resort), None)
    if column is None:
        return rows

    def key(row: Row) -> str:
        values = column_values(column, row.document) if row.document else []
        return str(values[0]).casefold() if values else ""

    return sorted(rows, key=key, reverse=order == "descending")


def column_shown(call: Viewer, column: Column, row: Row) -> list[Any]:
    """What a column shows in a row; dates as full UTC times [S]."""
    if row.document is None:
        return [row.category] if column.category else []
    if column.category and row.indent:
        return []
    values = column_values(column, row.document)
    item = row.document.item(column.item)
    if item is not None and item.kind is Kind.DATETIME:
        return [view_date(str(one), call.server.zone) for one in values]
    return values
