"""Views and folders over the REST API, which calls them lists."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from connectors.notes.client import (
    Column,
    Entry,
    FoundDocument,
    Listing,
    Selection,
    TransportLacksError,
)
from connectors.notes.paging import PageSize, read_pages
from connectors.notes.rest.items import read_column
from connectors.notes.rest.wire import Query, RestWire
from connectors.sdk.errors import ConfigurationError, ContractError

TITLE = "The Domino REST API"
_PAGE = 1000  # what the API gives by itself
_ELSEWHERE = "Connect over Domino Data Service or the agent endpoint where a flow needs it."


class RestViews(RestWire):
    """Requests to the lists of one scope."""

    async def look_up(self, view: str, key: str) -> Sequence[Entry]:
        """Pages joined. Domino ignores case here: compare the items."""
        return (await self.entries(view, Selection(key=key))).entries

    async def entries(
        self, view: str, selection: Selection, *, start: int = 0, count: int | None = None
    ) -> Listing:
        """Entries page by page; no total. Raises `TransportLacksError` for responses, for an
        entry to begin at and for a level of categories."""
        query, path = _query(selection), f"/lists/{quote(view, safe='')}"

        async def fetch(at: int, wanted: int) -> tuple[Sequence[Entry], int | None]:
            answer = await self._call("GET", path, {**query, "start": at, "count": wanted})
            rows = self._json(answer, list)
            return [_entry(one) for one in rows if isinstance(one, Mapping)], None

        return await read_pages(fetch, PageSize(_PAGE), start=start, count=count)

    async def views(self) -> Sequence[Sequence[str]]:
        """What the schema shows."""
        return [_names(one) for one in await self._lists()]

    async def columns(self, view: str) -> Sequence[Column]:
        """The view's columns in order."""
        wanted = view.lower()
        for one in await self._lists(columns=True):
            if wanted in {name.lower() for name in _names(one)}:
                return [
                    Column(
                        name=str(column.get("name", "")),
                        title=str(column.get("title", "")),
                        category=bool(column.get("categorized") or column.get("category")),
                    )
                    for column in one.get("columns") or ()
                ]
        raise ConfigurationError(
            "The scope shows no view or folder of this name.",
            code="view_missing",
            fix="Correct the name, or activate the view in the schema.",
            detail={"view": view},
        )

    async def peek(self, view: str) -> None:
        """Raises what stands between us and a view's entries."""
        await self._call("GET", f"/lists/{quote(view, safe='')}", {"count": 1, "start": 0})

    async def change_folder(
        self, folder: str, *, add: Sequence[str], remove: Sequence[str]
    ) -> None:
        """No request of the API is documented for it."""
        raise TransportLacksError(TITLE, "change folders", fix=_ELSEWHERE)

    async def search(
        self, text: str, *, most: int, since: datetime | None = None
    ) -> Sequence[FoundDocument]:
        """The API searches views, not the database."""
        raise TransportLacksError(
            TITLE,
            "search the full text of a whole database",
            fix="Read a view with a search, or query with DQL. " + _ELSEWHERE,
        )

    async def _lists(self, *, columns: bool = False) -> list[Mapping[str, Any]]:
        query: Query = {"type": "all", **({"columns": True} if columns else {})}
        rows = self._json(await self._call("GET", "/lists", query), list)
        return [one for one in rows if isinstance(one, Mapping)]


def _names(one: Mapping[str, Any]) -> list[str]:
    aliases = one.get("alias") or ()
    return [str(one.get("title", "")), *(str(name) for name in aliases)]


def _query(chosen: Selection) -> dict[str, str | int | bool]:
    lacks = {
        "list the responses of a document": chosen.parent,
        "begin a view at a key": chosen.start_key,
        "read a view to a level": chosen.expand_level is not None,
    }
    for what, wanted in lacks.items():
        if wanted:
            raise TransportLacksError(TITLE, what, fix=_ELSEWHERE)
    query: dict[str, str | int | bool] = {}
    if chosen.key:
        query |= {"key": chosen.key, "keyAllowPartial": not chosen.exact}
    if chosen.category:
        query["category"] = chosen.category
    if chosen.search:
        query["ftSearchQuery"] = chosen.search
    if chosen.sort_column:
        direction = "desc" if chosen.descending else "asc"
        query |= {"column": chosen.sort_column, "direction": direction}
    return query


def _entry(raw: Mapping[str, Any]) -> Entry:
    note_id, position = raw.get("@noteid"), str(raw.get("@index") or "")
    unid = str(raw.get("@unid") or "").upper()
    columns = {name: read_column(one) for name, one in raw.items() if not name.startswith("@")}
    if unid and len(unid) != 32:
        raise ContractError(
            "A list's row has another shape than documented.",
            code="answer_shape",
            detail={"expected": "@unid of 32 digits", "received": unid[:60]},
        )
    shown = {name.lower(): one for name, one in columns.items()}
    return Entry(
        unid=unid,
        note_id=f"{note_id:X}" if isinstance(note_id, int) else "",
        form=str(shown.get("form") or ""),
        position=position,
        is_category=not unid,
        indent=position.count("."),
        columns={name: one for name, one in columns.items() if one not in (None, [])},
    )
