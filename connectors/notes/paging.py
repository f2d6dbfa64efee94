"""Lists that are read page by page while others change them.

Pages overlap by one row: where it is another one than before, the list has moved, and rows may be
missing or come twice.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from connectors.notes.client import Entry, Listing

# Rows from a place, at most so many, and the server's hint of the total.
FetchPage = Callable[[int, int], Awaitable[tuple[Sequence[Entry], int | None]]]


@dataclass(slots=True)
class _Pages:
    """How far a listing has come."""

    entries: list[Entry] = field(default_factory=list)
    seen: set[tuple[str, str]] = field(default_factory=set)
    moved: bool = False

    def add(self, rows: Sequence[Entry], *, overlaps: bool) -> None:
        if overlaps and rows and rows[0].unid != self.entries[-1].unid:
            self.moved = True
        for row in rows:
            id_ = (row.position, row.unid)
            if id_ not in self.seen:
                self.seen.add(id_)
                self.entries.append(row)


@dataclass(slots=True)
class PageSize:
    """Rows of a page; a server with a lower limit than usual says so, and gets smaller ones."""

    rows: int


class SmallerPagesError(Exception):
    """The server wants smaller pages; the size is set already."""


async def read_pages(
    fetch: FetchPage, size: PageSize, *, start: int = 0, count: int | None = None
) -> Listing:
    """Entries from `start`, at most `count` (None: all). `fetch` may raise
    `SmallerPagesError`."""
    pages, total = _Pages(), None
    while count is None or len(pages.entries) < count:
        overlap = 1 if pages.entries else 0
        left = size.rows if count is None else count - len(pages.entries) + overlap
        wanted = min(left, size.rows)
        at = start + len(pages.entries) - overlap
        try:
            rows, hint = await fetch(at, wanted)
        except SmallerPagesError:
            continue
        total = hint if hint is not None else total
        before = len(pages.entries)
        pages.add(rows, overlaps=bool(overlap))
        if len(rows) < wanted or len(pages.entries) == before:
            return Listing(entries=pages.entries, total=total, moved=pages.moved)
    return Listing(entries=pages.entries, total=total, complete=False, moved=pages.moved)
