"""Views, folders and the full-text index over the agent endpoint."""

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
from connectors.notes.endpoint.wire import EndpointWire
from connectors.notes.paging import PageSize, read_pages
from connectors.notes.transforms import instant_text, read_moment
from connectors.sdk.errors import ContractError, RejectedError

TITLE = "The agent endpoint"
_ELSEWHERE = "Connect over Domino Data Service where a flow needs it."


class EndpointViews(EndpointWire):
    """Requests about the views and folders of one database."""

    async def look_up(self, view: str, key: str) -> Sequence[Entry]:
        """Pages joined. Domino ignores case here: compare the items."""
        return (await self.entries(view, Selection(key=key))).entries

    async def entries(
        self, view: str, selection: Selection, *, start: int = 0, count: int | None = None
    ) -> Listing:
        """Entries page by page. Raises `TransportLacksError` for another order and for a level of
        categories."""
        if selection.sort_column or selection.expand_level is not None:
            what = "sort a view anew" if selection.sort_column else "read a view to a level"
            raise TransportLacksError(TITLE, what, fix=_ELSEWHERE)
        op, members = _selected(selection)
        size = PageSize(await self.limit("page"))

        async def fetch(at: int, wanted: int) -> tuple[Sequence[Entry], int | None]:
            rows: list[Entry] = []
            total = None
            while len(rows) < wanted:
                page = await self._call(
                    op, view=view, start=at + len(rows), count=wanted - len(rows), **members
                )
                part, total = _entries(page), page.get("total")
                rows += part
                if not page.get("more") or not part:
                    break
            return rows, total if isinstance(total, int) else None

        return await read_pages(fetch, size, start=start, count=count)

    async def views(self) -> Sequence[Sequence[str]]:
        """All views and folders of the database."""
        rows = (await self._call("views")).get("views") or ()
        return [
            [str(name) for name in (one.get("name"), *(one.get("aliases") or ()))] for one in rows
        ]

    async def columns(self, view: str) -> Sequence[Column]:
        """The view's columns in order, where the agent tells them."""
        await self._need("design", "tell the columns of a view")
        rows = (await self._call("design", view=view)).get("columns") or ()
        return [
            Column(
                name=str(one.get("name")),
                title=str(one.get("title") or ""),
                category=bool(one.get("category")),
            )
            for one in rows
        ]

    async def peek(self, view: str) -> None:
        """Raises what stands between us and a view's entries."""
        await self._call("list", view=view, count=1)

    async def change_folder(
        self, folder: str, *, add: Sequence[str], remove: Sequence[str]
    ) -> None:
        """Where some fail the rest is done all the same, and `RejectedError` is raised."""
        result = await self._call("folder", folder=folder, add=list(add), remove=list(remove))
        if failed := result.get("failed"):
            raise RejectedError(
                f"{len(failed)} documents could not be moved; the others were.",
                code="folder_partly",
                fix="Look whether these documents are still there and visible to the user.",
                detail={"failed": list(failed)[:50]},
            )

    async def search(
        self, text: str, *, most: int, since: datetime | None = None
    ) -> Sequence[FoundDocument]:
        """At most as many as the agent gives in one page."""
        await self._need("search", "search the full text")
        count = min(most, await self.limit("page"))
        result = await self._call(
            "search", query=text, count=count, since=instant_text(since) if since else None
        )
        try:
            return [
                FoundDocument(
                    unid=str(one["unid"]).upper(),
                    modified=read_moment(one["modified"]),
                    score=int(one["score"]) if "score" in one else None,
                )
                for one in result["documents"]
            ]
        except (KeyError, ValueError, TypeError) as error:
            raise ContractError(
                "A search result is not as the endpoint's contract has it.",
                code="document_shape",
                detail={"expected": "unid, modified", "received": repr(error)[:200]},
            ) from error

    async def query(
        self, text: str, values: Mapping[str, Any], *, most: int
    ) -> Sequence[FoundDocument]:
        """The contract has no DQL."""
        raise TransportLacksError(
            TITLE,
            "run DQL queries",
            fix="Look documents up in a view, search the full-text index, or connect over the "
            "Domino REST API.",
        )

    async def _need(self, op: str, what: str) -> None:
        if op not in (await self.hello()).get("ops", ()):
            raise TransportLacksError(
                TITLE, what, fix="Import the agent of this Causeway; the one there is older."
            )


def _selected(chosen: Selection) -> tuple[str, dict[str, Any]]:
    if chosen.key:
        return "find", {"key": chosen.key, "exact": chosen.exact}
    members = {
        "category": chosen.category,
        "from_key": chosen.start_key,
        "parent": chosen.parent,
        "search": chosen.search,
    }
    return "list", {name: one for name, one in members.items() if one}


def _entries(page: Mapping[str, Any]) -> list[Entry]:
    try:
        return [_entry(one) for one in page["entries"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise ContractError(
            "A view's entry is not as the endpoint's contract has it.",
            code="answer_shape",
            detail={"expected": "unid, columns", "received": repr(error)[:200]},
        ) from error


def _entry(raw: Mapping[str, Any]) -> Entry:
    position = str(raw.get("position") or "")
    columns = {
        name: one[0] if isinstance(one, list) and len(one) == 1 else one
        for name, one in raw["columns"].items()
    }
    return Entry(
        unid=str(raw["unid"]).upper(),
        note_id=str(raw.get("noteid") or ""),
        form=str(raw.get("form") or ""),
        position=position,
        is_category=bool(raw.get("category", False)) or not raw["unid"],
        is_response=bool(raw.get("response", False)),
        indent=position.count("."),
        columns={name: one for name, one in columns.items() if one not in (None, "", [])},
    )
