"""Views, folders and the full-text index over the data service."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.notes.client import (
    Column,
    Entry,
    FoundDocument,
    Listing,
    Selection,
    TransportLacksError,
)
from connectors.notes.dds.wire import PAGE, DdsWire
from connectors.notes.paging import PageSize, SmallerPagesError, read_pages
from connectors.notes.transforms import instant_text, read_moment
from connectors.sdk.errors import ContractError, RejectedError

_LIMIT = re.compile(r"Cannot read more than (\d+) entries")
_RANGE = re.compile(r"items \d+-\d+/(\d+)")
_BARE = str(0x002 | 0x100)  # @unid and @form


class DdsViews(DdsWire):
    """Requests to the collections of one database."""

    async def look_up(self, view: str, key: str) -> Sequence[Entry]:
        """Pages joined. Domino ignores case here: compare the items."""
        return (await self.entries(view, Selection(key=key))).entries

    async def entries(
        self, view: str, selection: Selection, *, start: int = 0, count: int | None = None
    ) -> Listing:
        """Entries page by page; a server with a lower limit than usual gets smaller pages."""
        query, size = _query(selection), PageSize(PAGE)

        async def fetch(at: int, wanted: int) -> tuple[Sequence[Entry], int | None]:
            try:
                return await self._page(view, {**query, "start": str(at)}, wanted)
            except RejectedError as error:
                size.rows = _lower_limit(error, wanted)
                raise SmallerPagesError from error

        return await read_pages(fetch, size, start=start, count=count)

    async def views(self) -> Sequence[Sequence[str]]:
        """Views and folders; those that refuse the service are listed too."""
        answer = await self._call("GET", f"{self._root}/collections", {"compact": "true"})
        return [(str(one.get("@title", "")),) for one in self._json(answer, list)]

    async def columns(self, view: str) -> Sequence[Column]:
        """The view's columns in order."""
        answer = await self._call("GET", f"{self._view(view)}/design", {"compact": "true"})
        return [
            Column(
                name=str(one.get("@name")),
                title=str(one.get("@title", "")),
                category=bool(one.get("@category")),
            )
            for one in self._json(answer, list)
        ]

    async def peek(self, view: str) -> None:
        """Raises what stands between us and a view's entries."""
        await self._call("GET", self._view(view), {"count": "1", "compact": "true"})

    async def change_folder(
        self, folder: str, *, add: Sequence[str], remove: Sequence[str]
    ) -> None:
        """Where some fail the rest is done all the same, and `RejectedError` is raised."""
        body = {"add": list(add), "remove": list(remove)}
        await self._call("PUT", self._view(folder), {}, body=body)

    async def search(
        self, text: str, *, most: int, since: datetime | None = None
    ) -> Sequence[FoundDocument]:
        """Scores come with 9.0.1 FP9.

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

    async def query(
        self, text: str, values: Mapping[str, Any], *, most: int
    ) -> Sequence[FoundDocument]:
        """The service knows no DQL."""
        raise TransportLacksError(
            "Domino Data Service",
            "run DQL queries",
            fix="Look documents up in a view, search the full-text index, or connect over the "
            "Domino REST API.",
        )

    async def _page(
        self, view: str, query: Mapping[str, str], size: int
    ) -> tuple[Sequence[Entry], int | None]:
        asked = {**query, "count": str(size), "compact": "true"}
        answer = await self._call("GET", self._view(view), asked)
        hint = _RANGE.fullmatch(answer.headers.get("content-range", "").strip())
        rows = [_entry(one) for one in self._json(answer, list) if isinstance(one, dict)]
        return rows, int(hint[1]) if hint else None


def _query(chosen: Selection) -> dict[str, str]:
    """The service takes the first selection and ignores the others without a word."""
    query: dict[str, str] = {
        name: value
        for name, value in (
            ("search", chosen.search),
            ("keys", chosen.key),
            ("parentid", chosen.parent),
            ("category", chosen.category),
            ("startkeys", chosen.start_key),
        )
        if value
    }
    if chosen.key:
        query["keysexactmatch"] = "true" if chosen.exact else "false"
    if chosen.search and chosen.search_most:
        query["searchmaxdocs"] = str(chosen.search_most)
    if chosen.sort_column:
        query["sortcolumn"] = chosen.sort_column
        query["sortorder"] = "descending" if chosen.descending else "ascending"
    if chosen.expand_level is not None:
        query["expandlevel"] = str(chosen.expand_level)
    if not chosen.count_all:
        query["entrycount"] = "false"
    if chosen.bare:
        query["systemcolumns"] = _BARE
    return query


def _entry(raw: Mapping[str, Any]) -> Entry:
    return Entry(
        unid=str(raw.get("@unid") or "").upper(),
        note_id=str(raw.get("@noteid") or ""),
        form=str(raw.get("@form") or ""),
        position=str(raw.get("@position") or str(raw.get("@entryid", "")).partition("-")[0]),
        is_category=bool(raw.get("@category", False)),
        is_response=bool(raw.get("@response", False)),
        indent=int(raw.get("@indent") or 0),
        columns={name: one for name, one in raw.items() if not name.startswith("@")},
    )


def _lower_limit(error: RejectedError, size: int) -> int:
    """The limit that the server names, when it is lower than what was asked; else `error`."""
    named = _LIMIT.search(str(error.detail.get("text", "")))
    if named is None or not 1 < int(named[1]) < size:
        raise error
    return int(named[1])
