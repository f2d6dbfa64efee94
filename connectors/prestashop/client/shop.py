"""The webservice of one shop: sole knower of its URLs, formats and codes.

Reads are JSON with `display` (without it the shop drops every field that is 0 or empty);
bodies are XML, since the shop understands nothing else.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx

from connectors.prestashop.client import xml
from connectors.prestashop.client.answers import (
    MethodBlockedError,
    broken,
    check_filters,
    date_header,
    good_body,
    listed,
    unwritable,
    written,
)
from connectors.prestashop.client.codes import NO_WEBSERVICE
from connectors.prestashop.client.synopsis import Synopsis, read_synopsis
from connectors.sdk.errors import ConflictError, ContractError, NotFoundError, RejectedError
from connectors.sdk.http import Answer, exchange
from connectors.sdk.operation import OperationContext
from connectors.sdk.redact import redact

_VERSION = "prestashop.version"
_PATCH_BLOCKED = "prestashop.patch_blocked"
_SYNOPSES = "prestashop.synopses"
_UNWRITABLE = "prestashop.unwritable"
# A record has no more fields that are read-only and say so only when they are sent.
_MOST_REFUSALS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows of one resource as the shop sent them, and the shop's clock (aware UTC) if told."""

    rows: Sequence[Mapping[str, Any]]
    server_time: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What `/api/` says: the shop's name, its version, verbs (upper case) per resource, and the
    clock of its web server (aware UTC) if told."""

    shop_name: str
    version: str
    verbs: Mapping[str, frozenset[str]]
    server_time: datetime | None = None


class ShopClient:
    """Requests to one shop with one key. Cheap to make: what it learns lives in `ctx.session`."""

    def __init__(self, ctx: OperationContext) -> None:
        self._ctx = ctx
        base = str(ctx.connection.settings["base_url"]).rstrip("/").removesuffix("/api")
        self._api = f"{base}/api"
        shop = str(ctx.connection.settings.get("shop_id") or "")
        group = str(ctx.connection.settings.get("shop_group_id") or "")
        # Both at once would be the group, whatever the shop.
        self._shop = [("id_shop", shop)] if shop else [("id_group_shop", group)] if group else []
        # The key is the user name, the password stays empty.
        self._auth = httpx.BasicAuth(ctx.connection.secrets.get("api_key", ""), "")

    @property
    def version(self) -> tuple[int, ...]:
        """The shop's version from its last answer, as numbers; empty before the first."""
        return tuple(int(part) for part in re.findall(r"\d+", self._session_version())[:3])

    def _session_version(self) -> str:
        return str(self._ctx.session.get(_VERSION, ""))

    def forget(self) -> None:
        """Learn anew what the shop describes, refuses and lets pass."""
        for name in (_SYNOPSES, _UNWRITABLE, _PATCH_BLOCKED):
            self._ctx.session.pop(name, None)

    async def rights(self) -> Rights:
        """What this key may do. In XML: asked for JSON, `/api/` answers with an empty 500."""
        answer = await self._send("GET", "/")
        body = good_body(answer, method="GET", resource="/api/", write=False, now=self._ctx.now())
        try:
            api = xml.parse(body).find("api")
        except ContractError as error:
            raise NO_WEBSERVICE.build(detail=error.detail) from error
        if api is None:
            raise NO_WEBSERVICE.build(detail={"received": redact(answer.text)})
        verbs = {
            child.tag: frozenset(
                verb.upper()
                for verb in ("get", "put", "post", "patch", "delete")
                if child.get(verb) == "true"
            )
            for child in api
        }
        return Rights(
            shop_name=api.get("shopName", ""),
            version=self._session_version(),
            verbs=verbs,
            server_time=date_header(answer),
        )

    async def passes(self, method: str, resource: str) -> bool:
        """Whether a method reaches the shop itself, asked with an empty body.

        The shop answers that with an error before it looks at a record (091) and changes nothing;
        a server in front of it answers without the shop's version.
        """
        answer = await self._send(method, f"/{resource}", content=b"", write=True)
        return "psws-version" in answer.headers

    async def rewriting_is_off(self) -> bool:
        """Whether the webservice answers by its file, which friendly URLs lead to."""
        answer = await exchange(
            self._ctx.http,
            "GET",
            f"{self._api.removesuffix('/api')}/webservice/dispatcher.php?url=",
            write=False,
            auth=self._auth,
            read_timeout=timedelta(seconds=30),
        )
        return "psws-version" in answer.headers

    async def rows(
        self,
        resource: str,
        *,
        shape: str | None = None,
        display: str = "full",
        filters: Mapping[str, str] | None = None,
        sort: str = "",
        limit: str = "",
        dates: bool = False,
    ) -> Rows:
        """Rows of a resource. `filters` are in the shop's syntax (`exact()` makes the usual one);
        `dates` lets date columns be filtered and sorted, which is an error without it."""
        query = [("date", "1")] if dates else []
        query += [(f"filter[{name}]", value) for name, value in (filters or {}).items()]
        query += [("display", display)]
        query += [(name, value) for name, value in (("sort", sort), ("limit", limit)) if value]
        answer = await self._send("GET", f"/{resource}", query=query)
        rows = listed(answer, resource=resource, shape=shape or resource, now=self._ctx.now())
        check_filters(resource, filters or {}, rows)
        return Rows(rows=rows, server_time=date_header(answer))

    async def row(
        self, resource: str, id_: str, *, shape: str | None = None, display: str = "full"
    ) -> Mapping[str, Any]:
        """One row by id. Raises `NotFoundError`, which names it."""
        answer = await self._send("GET", f"/{resource}/{id_}", query=[("display", display)])
        missing = NotFoundError(
            f"The shop has no record {id_} in {resource}.",
            code="not_found",
            fix="It may have been deleted since: look for it in the shop's back office. "
            "If it is there, check that the webservice key is valid for its shop.",
            detail={"resource": resource, "id": id_, "status": answer.status},
        )
        try:
            rows = listed(answer, resource=resource, shape=shape or resource, now=self._ctx.now())
        except NotFoundError as error:
            raise missing from error
        if not rows:
            raise missing
        return rows[0]

    async def create(
        self, resource: str, node: str, fields: Mapping[str, Any], *, send_email: bool = False
    ) -> Mapping[str, Any]:
        """POST one record; gives the shop's echo, which drops fields that are 0 or empty."""
        content = xml.build(node, fields)
        return await self._write(
            "POST", f"/{resource}", resource, node, content, send_email=send_email
        )

    async def change(
        self,
        resource: str,
        node: str,
        id_: str,
        fields: Mapping[str, Any],
        *,
        send_email: bool = False,
        base: Mapping[str, Any] | None = None,
    ) -> Mapping[str, Any]:
        """Change some fields of a record, by the best way that the shop has.

        PATCH; where a server in front of the shop blocks PATCH, POST with `ps_method=PATCH`;
        before 8.0, GET, edit and PUT of the whole record, since PUT resets what is left out.
        A translated field must name every language: those left out are emptied (197).
        `base` is the row on which the change rests: where the record is read again to be put,
        the fields must still be as they are there. Raises `ConflictError` when they are not.
        """
        if self.version and self.version < (8,):
            return await self._replace(
                resource, node, id_, fields, send_email=send_email, base=base
            )
        # The id in the body decides, not the one in the path.
        content = xml.build(node, {"id": id_, **fields})
        path = f"/{resource}/{id_}"
        if not self._ctx.session.get(_PATCH_BLOCKED):
            try:
                return await self._write(
                    "PATCH", path, resource, node, content, send_email=send_email
                )
            except MethodBlockedError as error:
                if error.unknown_to_shop:
                    return await self._replace(
                        resource, node, id_, fields, send_email=send_email, base=base
                    )
                self._ctx.session[_PATCH_BLOCKED] = True
        return await self._write(
            "POST", path, resource, node, content, send_email=send_email, ps_method="PATCH"
        )

    async def _replace(
        self,
        resource: str,
        node: str,
        id_: str,
        fields: Mapping[str, Any],
        *,
        send_email: bool,
        base: Mapping[str, Any] | None,
    ) -> Mapping[str, Any]:
        synopsis = await self.synopsis(resource)
        answer = await self._send("GET", f"/{resource}/{id_}")
        body = good_body(answer, method="GET", resource=resource, write=False, now=self._ctx.now())
        record = xml.parse(body).find(node)
        if record is None:
            raise broken(answer, expected=f"XML with a {node} element", write=False)
        for name in fields if base is not None else ():
            element = record.find(name)
            if element is not None and name in (base or {}):
                _still(resource, id_, name, element, (base or {})[name])
        # Before 9 the synopsis calls read-only what may be written and is emptied when it is
        # left out (a customer's secure_key, 149): only what the shop refused is left out then.
        refused: set[str] = self._ctx.session.setdefault(_UNWRITABLE, {}).setdefault(
            resource, set()
        )
        for _ in range(_MOST_REFUSALS):
            whole = xml.merged(record, {**fields, "id": id_}, drop=synopsis.refused | refused)
            try:
                return await self._write(
                    "PUT", f"/{resource}/{id_}", resource, node, whole, send_email=send_email
                )
            except RejectedError as error:
                field = unwritable(error)
                if field is None or field in fields or field in refused:
                    raise
                refused.add(field)
        raise ContractError(
            f"The shop refuses one field of {resource} after the other.", code="all_read_only"
        )

    async def synopsis(self, resource: str) -> Synopsis:
        """What the shop says of a resource's fields (`?schema=synopsis`); kept for the session."""
        known: dict[str, Synopsis] = self._ctx.session.setdefault(_SYNOPSES, {})
        if resource not in known:
            answer = await self._send("GET", f"/{resource}", query=[("schema", "synopsis")])
            body = good_body(
                answer, method="GET", resource=resource, write=False, now=self._ctx.now()
            )
            known[resource] = read_synopsis(xml.parse(body), resource=resource)
        return known[resource]

    async def remove(self, resource: str, id_: str) -> None:
        """DELETE one record. Raises `NotFoundError` when it is not there."""
        answer = await self._send("DELETE", f"/{resource}/{id_}", write=True)
        good_body(answer, method="DELETE", resource=resource, write=True, now=self._ctx.now())

    async def _write(
        self,
        method: str,
        path: str,
        resource: str,
        node: str,
        content: bytes,
        *,
        send_email: bool,
        ps_method: str = "",
    ) -> Mapping[str, Any]:
        query = [("sendemail", "1")] if send_email else []
        query += [("ps_method", ps_method)] if ps_method else []
        query += [("output_format", "JSON")]
        answer = await self._send(method, path, query=query, content=content)
        record: Mapping[str, Any] = written(
            answer, method=method, resource=resource, node=node, now=self._ctx.now()
        )
        return record

    async def _send(
        self,
        method: str,
        path: str,
        *,
        query: Sequence[tuple[str, str]] = (),
        content: bytes | None = None,
        write: bool = False,
    ) -> Answer:
        write = write or content is not None
        pairs = list(query)
        # A schema comes as XML only.
        if not write and pairs and pairs[0][0] != "schema":
            pairs.append(("output_format", "JSON"))
        pairs += self._shop
        text = "&".join(
            f"{quote(name, safe='[]')}={quote(value, safe='[],')}" for name, value in pairs
        )
        headers = {"Content-Type": "text/xml; charset=utf-8"} if write else None
        answer = await exchange(
            self._ctx.http,
            method,
            f"{self._api}{path}" + (f"?{text}" if text else ""),
            write=write,
            headers=headers,
            content=content,
            auth=self._auth,
            read_timeout=timedelta(seconds=60 if write else 30),
        )
        version = answer.headers.get("psws-version", "")
        if version not in ("", "0"):
            self._ctx.session[_VERSION] = version
        return answer


def _still(resource: str, id_: str, name: str, element: Any, value: Any) -> None:
    if not xml.same_text(element, value):
        raise ConflictError(
            f"{name} of {resource} {id_} was changed by somebody else since it was read.",
            code="changed_meanwhile",
            fix="Run it again: it starts from what is there now.",
            detail={"field": name},
        )
