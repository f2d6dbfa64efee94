"""Documents over the data service: read, create, change, delete, list what changed."""

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from connectors.notes.client import ChangedDocument
from connectors.notes.dds.wire import DdsWire, server_time
from connectors.notes.reading import side_by_side
from connectors.notes.transforms import (
    NotesDocument,
    WrittenItem,
    instant_text,
    read_document,
    read_moment,
)
from connectors.sdk.errors import ContractError, FarSideError, NotFoundError
from connectors.sdk.redact import shorten

_UNID = re.compile(r"[0-9A-F]{32}")
_LARGE = 100_000  # bytes of a document


class DdsDocuments(DdsWire):
    """Requests to the documents of one database."""

    async def read(self, unid: str) -> NotesDocument:
        """GET one document, conflict mark and typed dates included; never marks it read.

        Raises `NotFoundError`, also for what a Readers item hides.
        """
        query = {"strongtype": "true", "hidden": "true", "markread": "false", "compact": "true"}
        answer = await self._call("GET", self._document(unid), query)
        raw = self._json(answer, dict)
        last_modified = answer.headers.get("last-modified", "")
        if not last_modified:
            raise ContractError(
                "The document came without Last-Modified.",
                code="document_shape",
                detail={"expected": "Last-Modified", "received": "no such header"},
            )
        if len(answer.body) < _LARGE:
            document = read_document(raw, last_modified, self._ctx.connection)
        else:
            # A large rich text takes a second or more: other runs of the process go on meanwhile.
            document = await asyncio.to_thread(
                read_document, raw, last_modified, self._ctx.connection
            )
        return replace(document, read_at=server_time(answer))

    async def read_if_there(self, unid: str) -> NotesDocument | None:
        """As `read`; None when it is gone."""
        try:
            return await self.read(unid)
        except NotFoundError:
            return None

    async def read_all(self, unids: Iterable[str]) -> list[NotesDocument]:
        """One request each, some side by side."""
        return await side_by_side(self.read_if_there, unids)

    async def create(self, form: str, items: Sequence[WrittenItem], *, compute: bool) -> str:
        """POST a document; its UNID, from the Location header.

        Not idempotent over there: a lost answer raises `UncertainError`.
        """
        query = {"form": form, "computewithform": "true"} if compute else {"form": form}
        answer = await self._call("POST", f"{self._root}/documents", query, body=_body(items))
        unid = answer.headers.get("location", "").rstrip("/").rsplit("/", 1)[-1].upper()
        if not _UNID.fullmatch(unid):
            raise ContractError(
                "The service created a document and did not say where.",
                code="no_location",
                detail={
                    "expected": "201 and a Location that ends in a universal id",
                    "received": f"{answer.status}, Location {shorten(unid, 60)!r}",
                },
            )
        return unid

    async def create_all(
        self, form: str, bodies: Sequence[Sequence[WrittenItem]], *, compute: bool
    ) -> list[str | Exception]:
        """One after the other: the service has no request for many, and dates are safest when
        no other write is under way (reference, 9.5)."""
        made: list[str | Exception] = []
        for items in bodies:
            try:
                made.append(await self.create(form, items, compute=compute))
            except FarSideError as error:
                made.append(error)
        return made

    async def patch(
        self,
        before: NotesDocument,
        items: Sequence[WrittenItem],
        *,
        form: str = "",
        compute: bool = False,
    ) -> None:
        """Change some items, unless the document was saved since `before.last_modified`.

        Raises `ConflictError` on 412. A 200 does not prove the save: read it back. The document
        gets `form`; `compute` runs the formulas of its fields.
        """
        query = {"form": form} if form else {}
        if compute:
            query["computewithform"] = "true"
        headers = {"If-Unmodified-Since": before.last_modified}
        path = self._document(before.unid)
        await self._call("PATCH", path, query, body=_body(items), headers=headers)

    async def delete(self, before: NotesDocument) -> None:
        """Delete, unless the document was saved since. Raises `ConflictError`,
        `NotFoundError`."""
        headers = {"If-Unmodified-Since": before.last_modified}
        await self._call("DELETE", self._document(before.unid), {}, headers=headers)

    async def changed_since(
        self, since: datetime
    ) -> tuple[Sequence[ChangedDocument], datetime | None]:
        """All in one answer and in no order; the clock is the Date header."""
        query = {"since": instant_text(since), "compact": "true"}
        answer = await self._call("GET", f"{self._root}/documents", query)
        rows = []
        for one in self._json(answer, list):
            if not isinstance(one, dict) or not one.get("@unid"):
                continue
            try:
                modified = read_moment(one["@modified"])
            except (KeyError, ValueError) as error:
                raise ContractError(
                    "The change list has a document without the time of its save.",
                    code="document_shape",
                    detail={"expected": "@modified", "received": repr(error)[:200]},
                ) from error
            rows.append(ChangedDocument(unid=str(one["@unid"]).upper(), modified=modified))
        return rows, server_time(answer)


def _body(items: Sequence[WrittenItem]) -> Mapping[str, Any]:
    return {one.name: one.body for one in items}
