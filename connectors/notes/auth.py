"""Is a connection fit for use? Login, database, the three locks, views."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from connectors.notes.client import NotesClient, server_time
from connectors.notes.login import auth_kind
from connectors.sdk.connector import CheckResult
from connectors.sdk.errors import FarSideError, NotFoundError
from connectors.sdk.http import Answer
from connectors.sdk.operation import OperationContext

# A well-formed id that no document has: 404 proves that the database serves documents.
NO_DOCUMENT = "0" * 32


async def check(ctx: OperationContext) -> CheckResult:
    """Try everything a flow needs, in the order in which it can fail; raises nothing.

    Facts: server, database, title, replica_id, login, views, clock_skew_s.
    """
    facts: dict[str, Any] = {"login": auth_kind(ctx.connection)}
    try:
        return await _check(ctx, facts)
    except FarSideError as error:
        return CheckResult(ok=False, message=error.message, fix=error.fix, facts=facts)


async def _check(ctx: OperationContext, facts: dict[str, Any]) -> CheckResult:
    client = NotesClient(ctx)
    settings = ctx.connection.settings
    listed, answer = await client.databases()
    facts.update(_server_facts(ctx, answer))
    facts["database"] = client.database
    shown = _listed(listed, client.database)
    if shown is not None:
        facts["title"] = str(shown.get("@title", ""))
        facts["replica_id"] = str(shown.get("@replicaid", ""))
        wanted = str(settings["replica_id"]).upper()
        if facts["replica_id"].upper() != wanted:
            return CheckResult(
                ok=False,
                message=f"The database at {client.database} is another one: its replica id is "
                f"{facts['replica_id']}, not {wanted}.",
                fix="Correct the path or the replica id.",
                facts=facts,
            )
    views = await client.views()
    facts["views"] = len(views)
    with suppress(NotFoundError):
        await client.read(NO_DOCUMENT)
    names = {str(one.get("@title", "")).lower() for one in views}
    required = [str(one) for one in settings.get("required_views") or ()]
    missing = [one for one in required if one.lower() not in names]
    if missing:
        return CheckResult(
            ok=False,
            message=f"The database has no view {', '.join(missing)}.",
            fix="Create the view (its first sorted column is the key), or correct its name in "
            "the connection.",
            facts=facts,
        )
    for view in required:
        await _try_view(client, view)
    title = facts.get("title") or client.database
    return CheckResult(ok=True, message=f"Reached {title} on {facts['server']}.", facts=facts)


async def _try_view(client: NotesClient, view: str) -> None:
    try:
        await client.peek(view)
    except FarSideError as error:
        error.message = f"{view}: {error.message}"
        raise


def _server_facts(ctx: OperationContext, answer: Answer) -> Mapping[str, Any]:
    facts: dict[str, Any] = {"server": answer.headers.get("server", "Domino")}
    if clock := server_time(answer):
        facts["clock_skew_s"] = round((clock - ctx.now()).total_seconds())
    return facts


def _listed(databases: Any, path: str) -> Mapping[str, Any] | None:
    """The database in the server's list. It may be usable without being listed."""
    wanted = path.lower()
    return next((one for one in databases if str(one.get("@filepath", "")).lower() == wanted), None)
