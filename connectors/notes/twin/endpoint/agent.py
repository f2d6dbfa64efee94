"""The web agent itself: proof, envelope, dispatch."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from connectors.notes.twin.access import Gate, LoginPage, level_of
from connectors.notes.twin.endpoint import look
from connectors.notes.twin.endpoint import run as documents
from connectors.notes.twin.endpoint.run import Run
from connectors.notes.twin.endpoint.wrong import Wrong
from connectors.notes.twin.store import DatabaseState
from connectors.notes.twin.values import instant
from connectors.notes.twin.ways import Endpoint
from connectors.notes.twin.wire import WebError
from connectors.notes.twin.world import Server, User

PROTOCOL = 1
MOST_SKEW = 300  # seconds
Handler = Callable[[Run, Mapping[str, Any]], dict[str, Any]]
HANDLERS: Mapping[str, Handler] = {
    "get": documents.get,
    "find": look.find,
    "list": look.read_list,
    "changed": look.changed,
    "search": look.search,
    "views": look.views,
    "design": look.design,
    "forms": look.forms,
    "create": documents.create,
    "update": documents.update,
    "delete": documents.delete,
    "folder": look.folder,
    "run": look.run_agent,
    "attach": look.attach,
    "file": look.file,
}


class WebAgent:
    """Answers POST {database}/{agent}?OpenAgent."""

    def __init__(self, gate: Gate, server: Server) -> None:
        self._gate = gate
        self._server = server

    def answer(
        self,
        request: Request,
        state: DatabaseState | None,
        agent: str,
        body: bytes,
        *,
        lose_save: bool,
        anonymous: bool,
    ) -> Response:
        """JSON with status 200 whatever comes of it; `WebError` and `LoginPage` are the web
        engine's: an unknown database or agent, a user without access."""
        endpoint = state.design.endpoint if state else None
        if state is None or endpoint is None or agent.lower() != endpoint.agent.lower():
            raise WebError(404, f"Couldn't find design note - {agent}")
        user = None if anonymous else self._gate.user(request)
        if not anonymous:
            self._gate.admit(user, state.design)
        if user is None and not anonymous:
            raise LoginPage
        out: dict[str, Any] = {
            "ok": True,
            "protocol": PROTOCOL,
            "id": request.query_params.get("id", ""),
            "server_time": instant(state.now()),
            "user": user.name if user else "Anonymous",
        }
        try:
            out["result"] = self._result(
                request.query_params, state, endpoint, user, body, lose_save=lose_save
            )
        except Wrong as error:
            out |= {"ok": False, "error": error.to_json()}
        content = json.dumps(out)
        if len(content) > endpoint.limits["response_bytes"]:
            del out["result"]
            wrong = Wrong("too_large", "The answer is too large.")
            content = json.dumps(out | {"ok": False, "error": wrong.to_json()})
        return Response(content, media_type="application/json")

    def _result(
        self,
        query: Mapping[str, str],
        state: DatabaseState,
        endpoint: Endpoint,
        user: User | None,
        body: bytes,
        *,
        lose_save: bool,
    ) -> dict[str, Any]:
        if user is None:
            raise Wrong("anonymous", "Anonymous may not use this agent.")
        if len(body) > endpoint.limits["request_bytes"]:
            limit = endpoint.limits["request_bytes"]
            raise Wrong("too_large", "The request is too large.", limit=limit)
        given = _object(body)
        _prove(query, endpoint, given, body, state.now().timestamp())
        run = Run(
            state=state,
            endpoint=endpoint,
            user=user,
            level=level_of(user, state.design),
            server=self._server,
            lose_save=lose_save,
        )
        return _carry_out(run, given)


def _object(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body.decode("ascii"))
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise Wrong("bad_request", "One JSON object in ASCII is expected.")
    return given


def _prove(
    query: Mapping[str, str], endpoint: Endpoint, given: dict[str, Any], body: bytes, now: float
) -> None:
    if not endpoint.secret:
        raise Wrong("not_configured", "There is no configuration document to be read.")
    secret, signature = given.pop("secret", None), query.get("signature", "")
    if secret is not None and (not endpoint.signs or endpoint.allow_secret):
        if not hmac.compare_digest(str(secret).encode(), endpoint.secret.encode()):
            raise Wrong("proof_wrong", "The secret is another one.")
        return
    if not endpoint.signs:
        raise Wrong("proof_missing", "The agent asks for the secret in the body.")
    if not signature:
        raise Wrong("proof_missing", "The agent asks for a signature.")
    id_, at = query.get("id", ""), query.get("at", "")
    if not at.isdigit() or abs(int(at) - now) > MOST_SKEW:
        raise Wrong("clock", "The request is too old or too new.")
    prefixed = endpoint.secret.startswith("whsec_")
    key = base64.b64decode(endpoint.secret[6:]) if prefixed else endpoint.secret.encode()
    expected = hmac.new(key, f"{id_}.{at}.".encode() + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, signature):
        raise Wrong("proof_wrong", "The signature is wrong.")


def _carry_out(run: Run, given: Mapping[str, Any]) -> dict[str, Any]:
    if given.get("protocol") != PROTOCOL:
        raise Wrong("protocol", f"The agent speaks protocol {PROTOCOL}.")
    op = given.get("op")
    ops = [one for one in ("hello", "batch", *HANDLERS) if one not in run.endpoint.without]
    if op not in {"hello", "batch", *HANDLERS}:
        raise Wrong("unknown_op", f"There is no operation {op}.")
    if op not in ops:
        raise Wrong("not_supported", f"This agent leaves {op} out.")
    if op == "hello":
        return documents.hello(run, given, ops)
    if op == "batch":
        return _batch(run, given)
    try:
        return HANDLERS[str(op)](run, given)
    except (KeyError, ValueError, TypeError) as error:
        raise Wrong("bad_request", f"{op}: {error!r}") from error


def _batch(run: Run, given: Mapping[str, Any]) -> dict[str, Any]:
    """In order, each by itself; no more than the limit, the rest is sent again."""
    results: list[dict[str, Any]] = []
    for one in list(given.get("requests") or ())[: run.endpoint.limits["batch"]]:
        try:
            if not isinstance(one, dict) or one.get("op") == "batch":
                raise Wrong("bad_request", "No batch within a batch.")
            results.append({"ok": True, "result": _carry_out(run, one)})
        except Wrong as error:
            results.append({"ok": False, "error": error.to_json()})
    return {"results": results, "done": len(results)}
