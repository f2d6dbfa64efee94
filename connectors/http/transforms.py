"""Bodies and query parameters between a flow and the wire."""

from collections.abc import Mapping
from typing import Any

from connectors.sdk.codec import dumps, loads
from connectors.sdk.errors import ContractError
from connectors.sdk.http import Answer
from connectors.sdk.redact import redact

# Carry sessions or tokens and are no news for a flow.
_DROPPED = frozenset({"set-cookie", "www-authenticate", "authorization"})


def body_bytes(body: Any) -> tuple[bytes | None, str | None]:
    """A flow's body as bytes and media type: nothing, text, or JSON for anything else."""
    if body is None:
        return None, None
    if isinstance(body, str):
        return body.encode(), "text/plain; charset=utf-8"
    return dumps(body), "application/json"


def query_items(query: Mapping[str, Any]) -> dict[str, str]:
    """Query parameters as text; booleans as true and false, nulls left out."""
    return {
        name: ("true" if value else "false") if isinstance(value, bool) else str(value)
        for name, value in query.items()
        if value is not None
    }


def output_of(answer: Answer) -> dict[str, Any]:
    """What the flow gets. Raises `ContractError` when an answer that calls itself JSON is none."""
    body: Any = answer.text
    media_type = answer.content_type
    if answer.body and (media_type == "application/json" or media_type.endswith("+json")):
        try:
            body = loads(answer.body)
        except ValueError as error:
            raise ContractError(
                "The answer calls itself JSON and is none.",
                code="not_json",
                detail={"expected": media_type, "received": redact(answer.text)},
            ) from error
    return {
        "status": answer.status,
        "headers": {n: v for n, v in answer.headers.items() if n not in _DROPPED},
        "body": body,
    }
