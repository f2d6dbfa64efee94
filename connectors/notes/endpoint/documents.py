"""Documents over the agent endpoint."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.notes.client import ChangedDocument
from connectors.notes.endpoint.items import endpoint_values, read_endpoint_document
from connectors.notes.endpoint.refusals import refusal
from connectors.notes.endpoint.wire import PROTOCOL, EndpointWire, ascii_json
from connectors.notes.transforms import NotesDocument, WrittenItem, instant_text, read_moment
from connectors.sdk.errors import (
    ContractError,
    FarSideError,
    NotFoundError,
    UncertainError,
)

_LARGE = 100_000  # characters of rich text
_ENVELOPE = 400  # bytes of a batch besides its requests


class EndpointDocuments(EndpointWire):
    """Requests about the documents of one database."""

    async def read(self, unid: str) -> NotesDocument:
        """One document with its revision. Raises `NotFoundError`, also for what a Readers item
        hides."""
        return await self._document(await self._call("get", unid=unid))

    async def read_if_there(self, unid: str) -> NotesDocument | None:
        """As `read`; None when it is gone."""
        try:
            return await self.read(unid)
        except NotFoundError:
            return None

    async def read_all(self, unids: Iterable[str]) -> list[NotesDocument]:
        """As many a request as the agent takes."""
        wanted = [one for one in dict.fromkeys(unids) if one]
        requests = [{"op": "get", "unid": one} for one in wanted]
        found = []
        for outcome in await self._batch(requests):
            if isinstance(outcome, NotFoundError):
                continue
            if isinstance(outcome, Exception):
                raise outcome
            found.append(await self._document(outcome))
        return found

    async def create(self, form: str, items: Sequence[WrittenItem], *, compute: bool) -> str:
        """Make a document; its UNID. Not idempotent over there."""
        result = await self._call("create", **_new(form, items, compute))
        return _unid(result)

    async def create_all(
        self, form: str, bodies: Sequence[Sequence[WrittenItem]], *, compute: bool
    ) -> list[str | Exception]:
        """As many a request as the agent takes, each by itself."""
        requests = [{"op": "create", **_new(form, items, compute)} for items in bodies]
        outcomes = await self._batch(requests, write=True)
        return [one if isinstance(one, Exception) else _unid(one) for one in outcomes]

    async def patch(
        self,
        before: NotesDocument,
        items: Sequence[WrittenItem],
        *,
        form: str = "",
        compute: bool = False,
    ) -> None:
        """Change some items, unless the revision has moved on. Raises `ConflictError`."""
        await self._call(
            "update",
            unid=before.unid,
            if_revision=before.revision,
            items=endpoint_values(items),
            form=form or None,
            compute=compute or None,
        )

    async def delete(self, before: NotesDocument) -> None:
        """Delete, unless somebody saved it since."""
        await self._call("delete", unid=before.unid, if_revision=before.revision)

    async def changed_since(
        self, since: datetime
    ) -> tuple[Sequence[ChangedDocument], datetime | None]:
        """Page by page in the order of note ids; the clock is that of the first page."""
        found: dict[str, ChangedDocument] = {}
        after, until = "", None
        count = await self.limit("page")
        while True:
            page = await self._call("changed", since=instant_text(since), after=after, count=count)
            try:
                until = until or read_moment(page["until"])
                rows = page["documents"]
                found.update((one.unid, one) for one in map(_changed, rows))
                following = str(rows[-1]["noteid"]) if rows else after
            except (KeyError, ValueError, TypeError) as error:
                raise _broken("documents, until", error) from error
            if not page.get("more"):
                return list(found.values()), until
            if int(following or "0", 16) <= int(after or "0", 16):
                raise _broken("rising note ids", following)
            after = following

    async def _document(self, result: Mapping[str, Any]) -> NotesDocument:
        large = sum(len(str(one)) for one in (result.get("items") or {}).values()) > _LARGE
        if not large:
            return read_endpoint_document(result, self._ctx.connection)
        # A large rich text takes a second or more: other runs of the process go on meanwhile.
        return await asyncio.to_thread(read_endpoint_document, result, self._ctx.connection)

    async def _batch(
        self, requests: Sequence[Mapping[str, Any]], *, write: bool = False
    ) -> list[Mapping[str, Any] | FarSideError]:
        """The outcome of each request. What the agent did not come to is sent again; a batch of
        writes whose answer is lost leaves all of it uncertain."""
        outcomes: list[Mapping[str, Any] | FarSideError] = []
        most, size = await self.limit("batch"), await self.limit("request_bytes")
        left = list(requests)
        while left:
            part = list(_fitting(left, most, size))
            try:
                result = await self._call("batch", write=write, requests=part)
            except FarSideError as error:
                if not write:
                    raise
                outcomes += [error] * len(part)
                left = left[len(part) :]
                continue
            rows = result.get("results")
            if not isinstance(rows, list) or not 0 < len(rows) <= len(part):
                lost = UncertainError("The batch's answer lacks its rows.", code="answer_lost")
                if not write:
                    raise _broken("results", result.get("done"))
                outcomes += [lost] * len(left)
                return outcomes
            outcomes += [_outcome(one) for one in rows]
            left = left[len(rows) :]
        return outcomes


def _fitting(
    requests: Sequence[Mapping[str, Any]], most: int, size: int
) -> Iterator[Mapping[str, Any]]:
    """The first requests that go into one batch, at least one."""
    used = _ENVELOPE
    for number, one in enumerate(requests[:most]):
        whole = {"protocol": PROTOCOL, **one}
        used += len(ascii_json(whole)) + 1
        if number and used > size:
            return
        yield whole


def _outcome(row: Any) -> Mapping[str, Any] | FarSideError:
    if isinstance(row, Mapping) and row.get("ok") is True and isinstance(row.get("result"), dict):
        result: Mapping[str, Any] = row["result"]
        return result
    error = row.get("error") if isinstance(row, Mapping) else None
    error = error if isinstance(error, Mapping) else {}
    detail = error.get("detail")
    return refusal(
        str(error.get("code") or ""),
        str(error.get("message") or "")[:300],
        detail if isinstance(detail, Mapping) else {},
    )


def _new(form: str, items: Sequence[WrittenItem], compute: bool) -> dict[str, Any]:
    return {"form": form, "items": endpoint_values(items), "compute": compute}


def _unid(result: Mapping[str, Any]) -> str:
    meta = result.get("meta")
    unid = str(meta.get("unid") or "").upper() if isinstance(meta, Mapping) else ""
    if len(unid) != 32:
        raise ContractError(
            "The agent endpoint created a document and did not say which.",
            code="no_location",
            detail={"expected": "meta.unid", "received": sorted(result)[:20]},
        )
    return unid


def _changed(meta: Mapping[str, Any]) -> ChangedDocument:
    return ChangedDocument(
        unid=str(meta["unid"]).upper(),
        modified=read_moment(meta["modified"]),
        revision=str(meta.get("revision") or ""),
    )


def _broken(expected: str, received: Any) -> ContractError:
    return ContractError(
        "The agent endpoint's list is not as its contract has it.",
        code="answer_shape",
        detail={"expected": expected, "received": repr(received)[:200]},
    )
