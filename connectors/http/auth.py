"""Credentials of a generic connection, and whether its address answers."""

from collections.abc import Mapping

from connectors.http.client import address, send
from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.connector import CheckResult
from connectors.sdk.errors import FarSideError
from connectors.sdk.operation import OperationContext


def auth_headers(connection: ConnectionConfig) -> Mapping[str, str]:
    """The header that carries the token; empty without one."""
    token = connection.secrets.get("token", "")
    if not token:
        return {}
    header = str(connection.settings.get("auth_header", "Authorization"))
    return {header: f"Bearer {token}" if header.lower() == "authorization" else token}


async def check(ctx: OperationContext) -> CheckResult:
    """Ask the address once with GET: any answer but 401, 403 and server failures will do, since
    nothing says that the address itself is a page."""
    try:
        answer = await send(
            ctx,
            "GET",
            address(ctx.connection),
            headers=auth_headers(ctx.connection),
        )
    except FarSideError as error:
        return CheckResult(ok=False, message=error.message, fix=error.fix)
    facts = {"status": answer.status, "server": answer.headers.get("server", "")}
    if answer.status in (401, 403):
        return CheckResult(
            ok=False,
            message=f"The address refuses the token (status {answer.status}).",
            fix="Correct the token of the connection.",
            facts=facts,
        )
    if answer.status >= 500:
        return CheckResult(
            ok=False, message=f"The address fails with status {answer.status}.", facts=facts
        )
    return CheckResult(ok=True, message=f"The address answers ({answer.status}).", facts=facts)
