"""`http.request`: one request, its answer to the flow."""

from collections.abc import Mapping
from typing import Any

from connectors.http.auth import auth_headers
from connectors.http.client import READS, REPEATABLE, address, failure, send
from connectors.http.transforms import body_bytes, output_of, query_items
from connectors.sdk.errors import ConfigurationError, UncertainError
from connectors.sdk.operation import Operation, OperationContext, OperationResult, ProbeResult

# Ours to set: a flow must not override where a request goes or who it comes from.
_RESERVED = frozenset({"host", "content-length", "transfer-encoding", "connection", "cookie"})


async def request(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """Send it. A status outside `expect_status` (200 to 299 without one) is an error; in a dry
    run only GET and HEAD leave."""
    method = str(params.get("method", "GET"))
    url = address(
        ctx.connection, path=str(params.get("path") or ""), url=str(params.get("url") or "")
    )
    query = query_items(params.get("query") or {})
    if query:
        url = url.copy_merge_params(query)
    if ctx.dry_run and method not in READS:
        return OperationResult(
            output={"status": 0, "headers": {}, "body": None},
            prediction=f"would send {method} {url.copy_with(query=None)}",
        )
    content, media_type = body_bytes(params.get("body"))
    headers = {"accept": "application/json, */*;q=0.5"}
    if media_type:
        headers["content-type"] = media_type
    if method not in REPEATABLE:
        headers["idempotency-key"] = ctx.effect_key
    for name, value in (params.get("headers") or {}).items():
        if name.lower() in _RESERVED:
            raise ConfigurationError(f"The header {name!r} cannot be set.", code="header")
        headers[name.lower()] = str(value)
    headers.update({name.lower(): value for name, value in auth_headers(ctx.connection).items()})
    answer = await send(ctx, method, url, headers=headers, content=content)
    expected = params.get("expect_status")
    good = answer.status in expected if expected else 200 <= answer.status < 300
    if not good:
        raise failure(ctx, method, url.netloc.decode("ascii"), answer)
    return OperationResult(output=output_of(answer))


async def probe(ctx: OperationContext, params: Mapping[str, Any]) -> ProbeResult:
    """Whether a lost request may be sent again.

    Nothing can be looked up at an unknown address. What RFC 9110 calls idempotent, and what the
    flow declares safe to repeat, is reported as not happened; anything else raises
    `UncertainError` for a person.
    """
    if str(params.get("method", "GET")) in REPEATABLE or params.get("repeat_safe"):
        return ProbeResult(happened=False)
    raise UncertainError(
        "The request left and its answer was lost; nobody can tell whether it took effect.",
        code="cannot_probe",
        fix="Look on the far side, then replay or close the run. Mark the node as safe to send "
        "twice if the address recognises the Idempotency-Key header.",
    )


REQUEST = Operation(name="http.request", version=1, run=request, probe=probe)
