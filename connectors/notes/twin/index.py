"""View indexes: sorted rows, kept up to date with every save."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from connectors.notes.twin.values import Kind
from connectors.notes.twin.world import Column, View

if TYPE_CHECKING:
    from connectors.notes.twin.store import Document

Part = tuple[int, float, str]


@dataclass(frozen=True, slots=True)
class Descending:
    """A sort key the other way round."""

    part: Part

    def __lt__(self, other: Descending) -> bool:
        return other.part < self.part


Key = tuple[Any, ...]


def part_of(value: Any) -> Part:
    """Sort order of one value: nothing, numbers, then text without regard to case."""
    if value is None or value == "":
        return (0, 0.0, "")
    if isinstance(value, int | float):
        return (1, float(value), "")
    return (2, 0.0, str(value).casefold())


class ViewIndex:
    """The rows of one view: (key, unid), a document once per value of a multi-value sorted
    category column, else once."""

    def __init__(self, view: View) -> None:
        self.view = view
        self._rows: list[tuple[Key, str]] = []
        self._keys: dict[str, list[Key]] = {}
        self._listed: list[str] | None = None

    def __len__(self) -> int:
        return len(self._rows)

    def put(self, document: Document) -> None:
        self.remove(document.unid)
        if self.view.forms and document.form.lower() not in {
            one.lower() for one in self.view.forms
        }:
            return
        keys = [(*one, document.note_id) for one in self._sort_keys(document)]
        for key in keys:
            insort(self._rows, (key, document.unid))
        self._keys[document.unid] = keys
        self._listed = None

    def remove(self, unid: str) -> None:
        for key in self._keys.pop(unid, ()):
            at = bisect_left(self._rows, (key, unid))
            del self._rows[at]
            self._listed = None

    def unids(self) -> Iterator[str]:
        """In view order; a document may come several times."""
        return (unid for _, unid in self._rows)

    def listed(self) -> Sequence[str]:
        """As `unids`, made once for many readers."""
        if self._listed is None:
            self._listed = list(self.unids())
        return self._listed

    def first_column(self) -> Column | None:
        return next((one for one in self.view.columns if one.sorted), None)

    def matching(self, key: str, *, exact: bool) -> list[str]:
        """`keys`: text against the first sorted column, whole or as a prefix, any case; number
        and date columns are never found this way [S]."""
        column = self.first_column()
        if column is None:
            return []
        wanted = key.casefold()
        if column.sorted == "desc":
            hits = [unid for row, unid in self._rows if _hit(row[0].part, wanted, exact)]
            return list(dict.fromkeys(hits))
        start = bisect_left(self._rows, (((2, 0.0, wanted),), ""))
        found: list[str] = []
        for row, unid in islice(self._rows, start, None):
            if not _hit(row[0], wanted, exact):
                break
            found.append(unid)
        return list(dict.fromkeys(found))

    def from_key(self, key: str) -> list[str]:
        """`startkeys`: from the first entry not below the key to the end [S]."""
        column = self.first_column()
        if column is None:
            return []
        part = (2, 0.0, key.casefold())
        if column.sorted == "desc":
            return [unid for row, unid in self._rows if not row[0].part > part]
        start = bisect_left(self._rows, ((part,), ""))
        return [unid for _, unid in self._rows[start:]]

    def _sort_keys(self, document: Document) -> list[Key]:
        keys: list[Key] = [()]
        for column in self.view.columns:
            if not column.sorted:
                continue
            values = column_values(column, document) or [None]
            if not column.category:
                values = values[:1]
            wrap = Descending if column.sorted == "desc" else (lambda part: part)
            keys = [(*key, wrap(part_of(one))) for key in keys for one in values]
        return keys


def _hit(part: Part, wanted: str, exact: bool) -> bool:
    if part[0] != 2:
        return False
    return part[2] == wanted if exact else part[2].startswith(wanted)


def column_values(column: Column, document: Document) -> list[Any]:
    """What a column shows for a document; empty when there is nothing."""
    if column.item == "@modified":
        return [document.modified.strftime("%Y-%m-%dT%H:%M:%SZ")]
    if column.item == "@form":
        return [document.form] if document.form else []
    item = document.item(column.item)
    if item is None or item.kind is Kind.RICHTEXT:
        return []
    return [one for one in item.values if one != ""]
