"""Documents over the REST API: read one or many, create, change by revision, delete."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from connectors.notes.client import ChangedDocument, FoundDocument
from connectors.notes.rest.dql import changed_query, prepare
from connectors.notes.rest.items import read_rest_document, rest_values
from connectors.notes.rest.wire import Query, RestWire, server_time
from connectors.notes.transforms import NotesDocument, WrittenItem, read_moment
from connectors.sdk.errors import (
    ConflictError,
    ContractError,
    FarSideError,
    NotFoundError,
    RejectedError,
    UncertainError,
)

AT_ONCE = 50  # documents of one request
_QUERY_PAGE = 500
_LARGE = 100_000  # bytes of an answer
_READING: Query = {
    "meta": True,
    "markRead": False,
    "richTextAs": "mime",
    "computeWithForm": False,
}


class RestDocuments(RestWire):
    """Requests to the documents of one scope."""

    async def read(self, unid: str) -> NotesDocument:
        """GET one document with its revision; never marks it read.

        Raises `NotFoundError`, also for what a Readers item hides.
        """
        answer = await self._call("GET", _document(unid), {**_READING, "mode": self._mode})
        return await self._documents_of(self._json(answer, dict), len(answer.body))

    async def read_if_there(self, unid: str) -> NotesDocument | None:
        """As `read`; None when it is gone."""
        try:
            return await self.read(unid)
        except NotFoundError:
            return None

    async def read_all(self, unids: Iterable[str]) -> list[NotesDocument]:
        """Fifty a request; rows that are no document say that it is gone."""
        wanted = [one for one in dict.fromkeys(unids) if one]
        found: dict[str, NotesDocument] = {}
        for at in range(0, len(wanted), AT_ONCE):
            part = wanted[at : at + AT_ONCE]
            answer = await self._call(
                "POST",
                "/bulk/unid",
                {"meta": True, "richTextAs": "mime"},
                body={"mode": self._mode, "unids": part},
                write=False,
            )
            for row in self._json(answer, list):
                if isinstance(row, Mapping) and "@meta" in row:
                    document = await self._documents_of(row, len(answer.body))
                    found[document.unid] = document
                    continue
                self._refuse_row(row)
        return [found[one] for one in wanted if one in found]

    async def create(self, form: str, items: Sequence[WrittenItem], *, compute: bool) -> str:
        """POST a document; its UNID. Not idempotent over there."""
        query: Query = {"computeWithForm": compute, "mode": self._mode, "richTextAs": "mime"}
        body = {"Form": form, **rest_values(items)}
        answer = await self._call("POST", "/document", query, body=body)
        return _unid(self._json(answer, dict))

    async def create_all(
        self, form: str, bodies: Sequence[Sequence[WrittenItem]], *, compute: bool
    ) -> list[str | Exception]:
        """Fifty a request, each by itself. When the answer to one request is lost, all of its
        documents are uncertain."""
        made: list[str | Exception] = []
        query: Query = {"computeWithForm": compute, "mode": self._mode, "richTextAs": "mime"}
        for at in range(0, len(bodies), AT_ONCE):
            part = bodies[at : at + AT_ONCE]
            documents = [{"Form": form, **rest_values(items)} for items in part]
            try:
                answer = await self._call(
                    "POST", "/bulk/create", query, body={"documents": documents}
                )
                rows = self._json(answer, list)
            except FarSideError as error:
                made += [error] * len(part)
                continue
            made += [_made(row) for row in rows[: len(part)]]
            made += [_no_row() for _ in range(len(part) - len(rows))]
        return made

    async def patch(
        self,
        before: NotesDocument,
        items: Sequence[WrittenItem],
        *,
        form: str = "",
        compute: bool = False,
    ) -> None:
        """Change some items, unless the revision has moved on. Raises `ConflictError`."""
        query: Query = {
            "mode": self._mode,
            "revision": before.revision,
            "computeWithForm": compute,
            "richTextAs": "mime",
        }
        body = {**({"Form": form} if form else {}), **rest_values(items)}
        await self._call("PATCH", _document(before.unid), query, body=body)

    async def delete(self, before: NotesDocument) -> None:
        """Delete, unless somebody saved it since. The API takes no revision here, so it is
        compared just before: a save in the moment between is lost with the document."""
        answer = await self._call("GET", f"/docmeta/{quote(before.unid, safe='')}", {})
        meta = self._json(answer, dict)
        now = str(meta.get("@meta", meta).get("revision", ""))
        if now != before.revision:
            raise ConflictError(
                "Somebody saved the document since it was read.",
                code="changed",
                fix="Read it again and decide with its present values.",
                detail={"unid": before.unid, "read": before.revision, "now": now},
            )
        await self._call("DELETE", _document(before.unid), {"mode": self._mode})

    async def changed_since(
        self, since: datetime
    ) -> tuple[Sequence[ChangedDocument], datetime | None]:
        """By DQL over @ModifiedInThisFile, so forms need a mode named dql. The clock is the Date
        header, where the API sends one, else the latest save that the list shows."""
        rows, clock = await self._run(changed_query(since), {}, most=None)
        found = [
            ChangedDocument(
                unid=str(meta["unid"]).upper(),
                modified=_modified(meta),
                revision=str(meta.get("revision") or ""),
            )
            for meta in rows
        ]
        latest = max((one.modified for one in found), default=None)
        return found, clock or latest

    async def query(
        self, text: str, values: Mapping[str, Any], *, most: int
    ) -> Sequence[FoundDocument]:
        """Documents that a DQL query finds; values never become a part of its syntax."""
        query, variables = prepare(text, values)
        rows, _ = await self._run(query, variables, most=most)
        return [
            FoundDocument(unid=str(one["unid"]).upper(), modified=_modified(one)) for one in rows
        ]

    async def _run(
        self, query: str, variables: Mapping[str, Any], *, most: int | None
    ) -> tuple[list[Mapping[str, Any]], datetime | None]:
        """The @meta of what a query finds, each document once. Pages overlap by one row; a list
        that moved meanwhile is read again from its beginning, twice at most."""
        clock: datetime | None = None
        for attempt in range(3):
            found: dict[str, Mapping[str, Any]] = {}
            last, at, moved = "", 0, False
            while True:
                body = {
                    "query": query,
                    "mode": "dql",
                    "maxScanDocs": 1_000_000,
                    "maxScanEntries": 1_000_000,
                    "timeoutSecs": 60,
                    "start": at,
                    "count": _QUERY_PAGE,
                    **({"variables": dict(variables)} if variables else {}),
                }
                answer = await self._call(
                    "POST", "/query", {"action": "execute", "meta": True}, body=body, write=False
                )
                if clock is None:
                    clock = server_time(answer)
                page = [_meta(one) for one in self._json(answer, list)]
                moved = moved or bool(last and page and page[0]["unid"] != last)
                before = len(found)
                found.update({str(one["unid"]): one for one in page})
                enough = most is not None and len(found) >= most
                if enough or len(page) < _QUERY_PAGE or len(found) == before:
                    break
                last, at = str(page[-1]["unid"]), at + len(page) - 1
            if not moved or attempt == 2:
                break
        rows = list(found.values())
        return rows if most is None else rows[:most], clock

    async def _documents_of(self, raw: Mapping[str, Any], size: int) -> NotesDocument:
        if size < _LARGE:
            return read_rest_document(raw, self._ctx.connection)
        # A large rich text takes a second or more: other runs of the process go on meanwhile.
        return await asyncio.to_thread(read_rest_document, raw, self._ctx.connection)

    def _refuse_row(self, row: Any) -> None:
        """A row without a document: gone or hidden is 404, anything else is no answer."""
        status = row.get("status") if isinstance(row, Mapping) else None
        if status != 404:
            raise ContractError(
                "The REST API did not give one of the documents.",
                code="document_shape",
                detail={"expected": "a document, or 404", "received": str(row)[:200]},
            )


def _document(unid: str) -> str:
    return f"/document/{quote(unid, safe='')}"


def _unid(raw: Mapping[str, Any]) -> str:
    meta = raw.get("@meta")
    unid = str(meta.get("unid", "") if isinstance(meta, Mapping) else raw.get("unid", "")).upper()
    if len(unid) != 32:
        raise ContractError(
            "The REST API created a document and did not say which.",
            code="no_location",
            detail={"expected": "@meta.unid", "received": sorted(raw)[:20]},
        )
    return unid


def _made(row: Any) -> str | Exception:
    if not isinstance(row, Mapping):
        return _no_row()
    status = row.get("status", 200) if "@meta" not in row else 200
    if status not in {200, 201}:
        return RejectedError(
            f"Notes refused the document: {str(row.get('message') or '')[:300]}",
            code="refused",
            fix="Correct the data, or the form's validation.",
            detail={"status": status},
        )
    try:
        return _unid(row)
    except ContractError as error:
        return error


def _no_row() -> UncertainError:
    return UncertainError("The answer has no row for the document.", code="answer_lost")


def _meta(row: Any) -> Mapping[str, Any]:
    meta = row.get("@meta", row) if isinstance(row, Mapping) else None
    if not isinstance(meta, Mapping) or not meta.get("unid"):
        raise ContractError(
            "A query's result has another shape than documented.",
            code="document_shape",
            detail={"expected": "@meta.unid", "received": str(row)[:200]},
        )
    return meta


def _modified(meta: Mapping[str, Any]) -> datetime:
    try:
        return read_moment(meta.get("lastmodifiedinfile") or meta["lastmodified"])
    except (KeyError, ValueError) as error:
        raise ContractError(
            "A document came without the time of its save.",
            code="document_shape",
            detail={"expected": "lastmodifiedinfile", "received": repr(error)[:200]},
        ) from error
