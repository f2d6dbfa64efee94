"""One request to the agent endpoint: proof, envelope, answers that are none."""

import asyncio
import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode
from weakref import WeakKeyDictionary

from connectors.notes.endpoint.refusals import FORBIDDEN, MISSING, PAGE, refusal
from connectors.notes.transforms import read_moment
from connectors.notes.web import HTML, DominoWeb
from connectors.sdk import codec
from connectors.sdk.errors import (
    ConfigurationError,
    ContractError,
    RateLimitedError,
    RejectedError,
    UnavailableError,
    UncertainError,
)
from connectors.sdk.http import Answer
from connectors.sdk.operation import OperationContext
from connectors.sdk.redact import shorten
from connectors.sdk.status import retry_after

PROTOCOL = 1
_SLOT = "notes.endpoint"
_TURNS = "notes.endpoint_turns"
_WRITES = {"create", "update", "delete", "folder", "run", "attach"}
_LIMITS = ("request_bytes", "response_bytes", "page", "batch", "seconds")


class EndpointWire:
    """Requests to the agent of one database."""

    def __init__(self, ctx: OperationContext) -> None:
        self._ctx = ctx
        settings = ctx.connection.settings
        self._web = DominoWeb(ctx)
        self.database = str(settings["database"]).strip().replace("\\", "/").strip("/")
        self._agent = str(settings.get("agent") or "causeway")
        self._signs = str(settings.get("webhook_auth") or "signature") == "signature"
        self.now: datetime | None = None  # the server's clock at the last answer

    async def hello(self, *, again: bool = False) -> Mapping[str, Any]:
        """What the agent offers; asked for once in a process."""
        known: Mapping[str, Any] | None = self._ctx.session.get(_SLOT)
        if known is None or again:
            known = await self._ask({"op": "hello"}, write=False)
            limits, agent = known.get("limits"), known.get("agent")
            limits = limits if isinstance(limits, Mapping) else {}
            complete = all(isinstance(limits.get(one), int) for one in _LIMITS)
            if not complete or not isinstance(agent, Mapping):
                raise ContractError(
                    "The agent endpoint does not say what it is and what its limits are.",
                    code="answer_shape",
                    detail={"expected": "agent, limits", "received": sorted(known)[:20]},
                )
            self._ctx.session[_SLOT] = known
        return known

    async def limit(self, name: str) -> int:
        """page, batch, request_bytes, ... as the agent says."""
        return int((await self.hello())["limits"][name])

    async def _call(
        self, op: str, *, write: bool | None = None, **members: Any
    ) -> Mapping[str, Any]:
        """The result of an operation; members that are None are left out. `write` says whether
        it changes something, where the operation's name does not."""
        body = {"op": op, **{name: one for name, one in members.items() if one is not None}}
        writes = op in _WRITES if write is None else write
        return await self._ask(body, write=writes, turn=await self._turn())

    async def _turn(self) -> AbstractAsyncContextManager[Any]:
        """A LotusScript agent gets one request at a time: web agents wait for one another."""
        if (await self.hello())["agent"].get("language") == "java":
            return nullcontext()
        turns = self._ctx.session.setdefault(_TURNS, WeakKeyDictionary())
        turn: asyncio.Lock = turns.setdefault(asyncio.get_running_loop(), asyncio.Lock())
        return turn

    async def _ask(
        self,
        body: Mapping[str, Any],
        *,
        write: bool,
        turn: AbstractAsyncContextManager[Any] | None = None,
    ) -> Mapping[str, Any]:
        id_ = secrets.token_hex(12)
        content = self._content(body)
        async with turn or nullcontext():
            answer = await self._web.send(
                "POST",
                self._target(id_, content),
                write=write,
                headers={
                    "Accept": "application/json",
                    "Content-Type": "application/json",
                    "Cache-Control": "no-cache",
                },
                content=content,
                pages=True,
            )
        return self._result(answer, id_, write=write)

    def _content(self, body: Mapping[str, Any]) -> bytes:
        whole = {"protocol": PROTOCOL, **body}
        if not self._signs:
            whole["secret"] = self._secret()
        content = ascii_json(whole)
        known = self._ctx.session.get(_SLOT)
        most = int(known["limits"]["request_bytes"]) if known else 0
        if most and len(content) > most:
            raise RejectedError(
                f"The request has {len(content)} bytes; the agent endpoint takes {most}.",
                code="too_large",
                fix="Write less at once; a Java agent takes more than one in LotusScript.",
            )
        return content

    def _target(self, id_: str, content: bytes) -> str:
        path = f"/{quote(self.database)}/{quote(self._agent, safe='()')}?OpenAgent"
        if not self._signs:
            return f"{path}&{urlencode({'id': id_})}"
        at = str(int(self._ctx.now().timestamp()))
        signature = sign(self._secret(), id_, at, content)
        return f"{path}&{urlencode({'id': id_, 'at': at, 'signature': signature})}"

    def _secret(self) -> str:
        secret = self._ctx.connection.secrets.get("webhook_secret", "")
        if not secret:
            raise ConfigurationError(
                "The connection has no webhook secret, which the agent endpoint asks for.",
                code="no_secret",
                fix="Make one in the connection and enter it in the database's "
                "CausewayConfiguration document.",
            )
        return secret

    def _result(self, answer: Answer, id_: str, *, write: bool) -> Mapping[str, Any]:
        body = None
        if answer.status == 200 and answer.content_type not in HTML:
            body = _object(answer)
        if body is None:
            raise self._no_answer(answer, write=write)
        if body.get("id") not in {id_, ""}:
            raise ContractError(
                "The agent endpoint's answer belongs to another request.",
                code="other_answer",
                fix="Look for a proxy that keeps answers of POST requests.",
                detail={"expected": id_, "received": shorten(str(body.get("id")), 60)},
            )
        self.now = _moment(body.get("server_time"))
        if body.get("ok") is False:
            error = body.get("error")
            error = error if isinstance(error, Mapping) else {}
            text = shorten(" ".join(str(error.get("message") or "").split()), 300)
            detail = error.get("detail")
            raise refusal(
                str(error.get("code") or ""), text, detail if isinstance(detail, Mapping) else {}
            )
        if str(body.get("user") or "").lower() in {"anonymous", "cn=anonymous"}:
            raise refusal("anonymous", "", {})
        result = body.get("result")
        if body.get("ok") is not True or not isinstance(result, Mapping):
            raise ContractError(
                "The agent endpoint's answer has another shape than its contract.",
                code="answer_shape",
                detail={"expected": "ok, result", "received": sorted(body)[:20]},
            )
        return result

    def _no_answer(self, answer: Answer, *, write: bool) -> Exception:
        """A web page, nothing, or half of an answer."""
        detail = {"status": answer.status, "received": shorten(_words(answer.text), 200)}
        if answer.status == 404:
            return MISSING.build(detail=detail)
        if answer.status == 403:
            return FORBIDDEN.build(detail=detail)
        if answer.status == 405:
            return MISSING.build(detail=detail)
        if answer.status == 429:
            wait = retry_after(answer.headers, now=self._ctx.now())
            return RateLimitedError("Too many requests.", retry_after=wait, detail=detail)
        if answer.status == 503:
            return UnavailableError(
                "The web server is not ready to answer.", code="server_down", detail=detail
            )
        says = "The web server showed a page, or nothing, where the agent should have answered."
        if write:
            return UncertainError(says, code="agent_page", fix=PAGE, detail=detail)
        if answer.status in {500, 502, 504}:
            return UnavailableError(says, code="agent_page", fix=PAGE, detail=detail)
        return ContractError(
            says, code="agent_page", fix=PAGE, detail={"expected": "JSON", **detail}
        )


def sign(secret: str, id_: str, at: str, content: bytes) -> str:
    """Lower-case hex HMAC-SHA256 over id.at.body. Raises `ConfigurationError` for a secret with
    the prefix whsec_ that is not base64."""
    try:
        prefixed = secret.startswith("whsec_")
        key = base64.b64decode(secret[6:], validate=True) if prefixed else secret.encode()
    except ValueError:
        raise ConfigurationError(
            "The webhook secret is not base64 behind its prefix whsec_.",
            code="secret_shape",
            fix="Make a new secret and enter it on both sides.",
        ) from None
    return hmac.new(key, f"{id_}.{at}.".encode() + content, hashlib.sha256).hexdigest()


def ascii_json(body: Mapping[str, Any]) -> bytes:
    """JSON in ASCII, as the contract wants it."""
    text = codec.dumps(body).decode()
    return re.sub(r"[^\x00-\x7f]", _escape, text).encode("ascii")


def _escape(hit: re.Match[str]) -> str:
    units = hit[0].encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _object(answer: Answer) -> Mapping[str, Any] | None:
    try:
        body = codec.loads(answer.body)
    except ValueError:
        return None
    return body if isinstance(body, Mapping) else None


def _moment(value: Any) -> datetime | None:
    try:
        return read_moment(value)
    except ValueError:
        return None


def _words(page: str) -> str:
    """What a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]*>", " ", page[:5000]).split())
