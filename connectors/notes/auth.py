"""Is a connection fit for use? Login, database, the three locks, views."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from connectors.notes.client import server_time
from connectors.notes.doctor import (
    failed,
    look_around,
    look_at_clock,
    look_at_views,
    well,
    worrying,
)
from connectors.notes.login import auth_kind
from connectors.notes.views import NotesViews
from connectors.sdk.connector import CheckResult, Finding, Level
from connectors.sdk.errors import ConfigurationError, FarSideError, NotFoundError
from connectors.sdk.http import Answer
from connectors.sdk.operation import OperationContext

# A well-formed id that no document has: 404 proves that the database serves documents.
NO_DOCUMENT = "0" * 32


async def check(ctx: OperationContext) -> CheckResult:
    """Try everything a flow needs, in the order in which it can fail; raises nothing.

    Facts: server, database, title, replica_id, login, views, clock_skew_s and the findings, each
    with its remedy. What stands in the way of everything ends the look; the message is that of
    the first finding that failed. Changes nothing.
    """
    facts: dict[str, Any] = {"login": auth_kind(ctx.connection)}
    findings: list[Finding] = []
    await _look(ctx, facts, findings)
    facts["findings"] = [one.to_dict() for one in findings]
    first = next((one for one in findings if one.level is Level.FAIL), None)
    if first is not None:
        return CheckResult(ok=False, message=first.says, fix=first.remedy, facts=facts)
    title = facts.get("title") or facts["database"]
    return CheckResult(ok=True, message=f"Reached {title} on {facts['server']}.", facts=facts)


async def _look(ctx: OperationContext, facts: dict[str, Any], findings: list[Finding]) -> None:
    stage = "login"
    settings = ctx.connection.settings
    try:
        client = NotesViews(ctx)
        listed, answer = await client.databases()
        facts.update(_server_facts(ctx, answer))
        facts["database"] = client.database
        kind = "a session" if facts["login"] == "session" else "Basic authentication"
        findings.append(well("login", f"The server takes {settings['username']} with {kind}."))
        findings.append(look_at_clock(facts.get("clock_skew_s")))
        stage = "database"
        findings.append(_database(listed, client.database, settings, facts))
        if findings[-1].level is Level.FAIL:
            return
        views = await client.views()
        facts["views"] = len(views)
        stage = "documents"
        with suppress(NotFoundError):
            await client.read(NO_DOCUMENT)
        findings.append(well("documents", "The database serves views and documents."))
        known = {str(one.get("@title", "")).lower() for one in views}
        required = [str(one) for one in settings.get("required_views") or ()]
        findings += await look_at_views(client, known, required)
        findings += await look_around(ctx, settings)
    except FarSideError as error:
        findings.append(failed(stage, error))


def _database(
    listed: Any, path: str, settings: Mapping[str, Any], facts: dict[str, Any]
) -> Finding:
    shown = _listed(listed, path)
    if shown is None:
        return worrying(
            "database",
            "The server does not list the database: its replica id cannot be compared.",
            'Database properties, Design: tick "Show in Open Application dialog", if you want it '
            "compared.",
        )
    facts["title"] = str(shown.get("@title", ""))
    facts["replica_id"] = str(shown.get("@replicaid", ""))
    wanted = str(settings["replica_id"]).upper()
    if facts["replica_id"].upper() == wanted:
        return well("database", f"{facts['title']} is the database with this replica id.")
    other = ConfigurationError(
        f"The database at {path} is another one: its replica id is {facts['replica_id']}, not "
        f"{wanted}.",
        fix="Correct the path or the replica id.",
    )
    return failed("database", other)


def _server_facts(ctx: OperationContext, answer: Answer) -> Mapping[str, Any]:
    facts: dict[str, Any] = {"server": answer.headers.get("server", "Domino")}
    if clock := server_time(answer):
        facts["clock_skew_s"] = round((clock - ctx.now()).total_seconds())
    return facts


def _listed(databases: Any, path: str) -> Mapping[str, Any] | None:
    """The database in the server's list. It may be usable without being listed."""
    wanted = path.lower()
    return next((one for one in databases if str(one.get("@filepath", "")).lower() == wanted), None)
