"""Views, folders and the full-text index of a database."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from connectors.notes.client import PAGE, NotesClient
from connectors.notes.transforms import instant_text, read_moment
from connectors.sdk.errors import ContractError, RejectedError

_LIMIT = re.compile(r"Cannot read more than (\d+) entries")
_RANGE = re.compile(r"items \d+-\d+/(\d+)")
Entry = Mapping[str, Any]


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
class FoundDocument:
    """One hit of a full-text search; `score` comes with 9.0.1 FP9."""

    unid: str
    modified: datetime
    score: int | None = None


@dataclass(slots=True)
class _Page:
    """How far a listing has come."""

    size: int
    entries: list[Entry] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    moved: bool = False

    def add(self, rows: Sequence[Entry], *, overlaps: bool) -> None:
        """Pages overlap by one entry: where it is another one, the view has moved."""
        if overlaps and rows and rows[0].get("@unid") != self.entries[-1].get("@unid"):
            self.moved = True
        for row in rows:
            id_ = str(row.get("@entryid"))
            if id_ not in self.seen:
                self.seen.add(id_)
                self.entries.append(row)


class NotesViews(NotesClient):
    """Requests to the collections of one database."""

    async def entries(
        self, view: str, query: Mapping[str, str], *, start: int = 0, count: int | None = None
    ) -> Listing:
        """Entries from `start`, at most `count` (None: all), read page by page.

        A server with a lower limit than usual says so, and gets smaller pages.
        """
        page, total = _Page(size=PAGE), None
        while count is None or len(page.entries) < count:
            overlap = 1 if page.entries else 0
            left = page.size if count is None else count - len(page.entries) + overlap
            size = min(left, page.size)
            at = start + len(page.entries) - overlap
            try:
                rows, hint = await self._page(view, {**query, "start": str(at)}, size)
            except RejectedError as error:
                page.size = _lower_limit(error, page.size)
                continue
            total = hint if hint is not None else total
            before = len(page.entries)
            page.add(rows, overlaps=bool(overlap))
            if len(rows) < size or len(page.entries) == before:
                return Listing(entries=page.entries, total=total, moved=page.moved)
        return Listing(entries=page.entries, total=total, complete=False, moved=page.moved)

    async def columns(self, view: str) -> Sequence[Mapping[str, Any]]:
        """The view's columns in order; `@name` is the key of the entries."""
        answer = await self._call("GET", f"{self._view(view)}/design", {"compact": "true"})
        return list(self._json(answer, list))

    async def change_folder(
        self, folder: str, *, add: Sequence[str], remove: Sequence[str]
    ) -> None:
        """Put documents into a folder and take others out. Where some fail the rest is done
        all the same, and `RejectedError` is raised."""
        body = {"add": list(add), "remove": list(remove)}
        await self._call("PUT", self._view(folder), {}, body=body)

    async def search(
        self, text: str, *, most: int, since: datetime | None = None
    ) -> Sequence[FoundDocument]:
        """Documents that the full-text index finds, best first where the server scores.

        Raises `ConfigurationError` without an index, `RejectedError` for a query that Domino
        does not understand.
        """
        query = {"search": text, "searchmaxdocs": str(most), "compact": "true"}
        if since is not None:
            query["since"] = instant_text(since)
        answer = await self._call("GET", f"{self._root}/documents", query)
        try:
            return [
                FoundDocument(
                    unid=str(one["@unid"]).upper(),
                    modified=read_moment(one["@modified"]),
                    score=int(one["@score"]) if "@score" in one else None,
                )
                for one in self._json(answer, list)
                if one.get("@unid")
            ]
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise ContractError(
                "A search result has another shape than documented.",
                code="document_shape",
                detail={"expected": "@unid, @modified", "received": repr(error)[:200]},
            ) from error

    async def _page(
        self, view: str, query: Mapping[str, str], size: int
    ) -> tuple[Sequence[Entry], int | None]:
        asked = {**query, "count": str(size), "compact": "true"}
        answer = await self._call("GET", self._view(view), asked)
        hint = _RANGE.fullmatch(answer.headers.get("content-range", "").strip())
        rows = [one for one in self._json(answer, list) if isinstance(one, dict)]
        return rows, int(hint[1]) if hint else None

    def _view(self, name: str) -> str:
        return f"{self._root}/collections/name/{quote(name, safe='()')}"


def _lower_limit(error: RejectedError, size: int) -> int:
    """The limit that the server names, when it is lower than what was asked; else `error`."""
    named = _LIMIT.search(str(error.detail.get("text", "")))
    if named is None or not 1 < int(named[1]) < size:
        raise error
    return int(named[1])
