"""The Domino REST API over HTTP: addresses, tokens, JSON and answers."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from connectors.notes.rest.statuses import far_side_error
from connectors.notes.rest.token import bearer
from connectors.notes.statuses import redirect_error
from connectors.notes.web import HTML
from connectors.sdk import codec
from connectors.sdk.errors import ConfigurationError, ContractError
from connectors.sdk.http import Answer, exchange
from connectors.sdk.operation import OperationContext
from connectors.sdk.redact import shorten
from connectors.sdk.status import retry_after

Query = Mapping[str, str | int | bool | Sequence[str]]


class RestWire:
    """Requests to one scope. Raises `ConfigurationError` when the connection names none."""

    def __init__(self, ctx: OperationContext) -> None:
        self._ctx = ctx
        settings = ctx.connection.settings
        address = str(settings.get("rest_url") or settings["base_url"]).rstrip("/")
        self._address = address.removesuffix("/api/v1") + "/api/v1"
        self.database = str(settings.get("scope") or "").strip()
        self._mode = str(settings.get("mode") or "default")
        if not self.database:
            raise ConfigurationError(
                "The connection does not name the scope of the Domino REST API.",
                code="no_scope",
                fix="Enter the scope that an administrator made for the database.",
            )

    async def _call(
        self,
        method: str,
        path: str,
        query: Query,
        *,
        body: Any = None,
        content: bytes | None = None,
        kind: str = "application/json",
        write: bool | None = None,
        file: bool = False,
    ) -> Answer:
        """One request to the scope; a token that turns out to be over is replaced once. `write`
        says whether it changes something (by default what is no GET), `file` that the answer may
        be any file."""
        writes = method != "GET" if write is None else write
        asked = {"dataSource": self.database, **query}
        pairs = [
            (name, _text(one))
            for name, value in asked.items()
            for one in ([value] if isinstance(value, str | int) else value)
        ]
        sent = {"Accept": "application/json", "Cache-Control": "no-cache"}
        if body is not None:
            content = codec.dumps(body)
        if content is not None:
            sent["Content-Type"] = kind
        token = ""
        for _ in range(2):
            token = await bearer(self._ctx, self._address, stale=token)
            answer = await exchange(
                self._ctx.http,
                method,
                f"{self._address}{path}?{urlencode(pairs)}",
                write=writes,
                headers={**sent, "Authorization": f"Bearer {token}"},
                content=content,
            )
            if answer.status != 401:
                break
        if answer.status in {200, 201} and (file or answer.content_type not in HTML):
            return answer
        moved = redirect_error(
            answer.status, answer.headers.get("location", ""), base=self._address
        )
        if moved is not None:
            raise moved
        message, error_id = _problem(answer)
        raise far_side_error(
            status=answer.status,
            html=answer.content_type in HTML,
            text=message,
            error_id=error_id,
            write=writes,
            where=f"{method} {path}",
            wait=retry_after(answer.headers, now=self._ctx.now()),
        )

    def _json(self, answer: Answer, kind: type[Any]) -> Any:
        try:
            value = codec.loads(answer.body)
        except ValueError as error:
            raise ContractError(
                "The REST API's answer is not JSON.",
                code="not_json",
                detail={"expected": "JSON", "received": shorten(answer.text, 200)},
            ) from error
        if not isinstance(value, kind):
            raise ContractError(
                "The REST API's answer has another shape than documented.",
                code="answer_shape",
                detail={"expected": kind.__name__, "received": type(value).__name__},
            )
        return value


def server_time(answer: Answer) -> datetime | None:
    """The server's clock, from the Date header, which the API need not send."""
    try:
        return parsedate_to_datetime(answer.headers.get("date", "")).astimezone(UTC)
    except ValueError:
        return None


def _text(value: str | int | bool) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _problem(answer: Answer) -> tuple[str, int | None]:
    """The API's own sentence and the number of the error."""
    try:
        body = codec.loads(answer.body)
    except ValueError:
        return "", None
    if not isinstance(body, Mapping):
        return "", None
    number = body.get("errorId")
    text = str(body.get("message") or "")
    if details := body.get("details"):
        text = f"{text} ({details})" if text else str(details)
    return shorten(" ".join(text.split()), 300), number if isinstance(number, int) else None
