"""Is a connection fit for use? The ways in, login, database, the locks, views."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.notes.client import NotesClient, Survey
from connectors.notes.doctor import (
    failed,
    look_around,
    look_at_clock,
    look_at_views,
    well,
    worrying,
)
from connectors.notes.login import auth_kind
from connectors.notes.transport import AUTO, Way, connect, try_ways, wanted
from connectors.sdk.connector import CheckResult, Finding, Level
from connectors.sdk.errors import ConfigurationError, FarSideError
from connectors.sdk.operation import OperationContext


async def check(ctx: OperationContext) -> CheckResult:
    """Try everything a flow needs, in the order in which it can fail; raises nothing.

    Facts: transport, server, database, title, replica_id, login, views, clock_skew_s and the
    findings, each with its remedy. What stands in the way of everything ends the look; the
    message is that of the first finding that failed. Changes nothing.
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
        if wanted(ctx.connection) == AUTO:
            stage = "transport"
            ways = await try_ways(ctx)
            findings += _ways(ways)
            if findings[-1].level is Level.FAIL:
                return
        stage = "login"
        client = await connect(ctx)
        facts["transport"] = client.name
        seen = await client.survey()
        facts.update(_server_facts(ctx, seen))
        facts["database"] = client.database
        findings.append(
            well("login", f"The server takes {settings['username']} with {seen.login}.")
        )
        findings.append(look_at_clock(facts.get("clock_skew_s"), exact=client.name != "dds"))
        findings += [
            worrying(f"remark.{number}", one, "See the connector's README, Ways into the database.")
            for number, one in enumerate(seen.remarks, 1)
        ]
        stage = "database"
        findings.append(_database(client, seen, settings, facts))
        if findings[-1].level is Level.FAIL:
            return
        views = await client.views()
        facts["views"] = len(views)
        stage = "documents"
        await client.prove()
        findings.append(well("documents", "The database serves views and documents."))
        known = {name.lower() for one in views for name in one}
        required = [str(one) for one in settings.get("required_views") or ()]
        findings += await look_at_views(client, known, required)
        findings += await look_around(client, settings)
    except FarSideError as error:
        findings.append(failed(stage, error))


def _ways(ways: Sequence[Way]) -> list[Finding]:
    """Each way that was tried, and last the one that is used, with the reason. What is closed
    behind the one that is used worries nobody."""
    used = next((one for one in ways if one.error is None), None)
    found: list[Finding] = []
    for place, one in enumerate(ways):
        id_ = f"way.{one.name}"
        if one.error is None:
            found.append(well(id_, f"{one.title} is open."))
        elif used is not None and place > ways.index(used):
            found.append(well(id_, f"{one.title} is not open, nor needed: {one.error.message}"))
        else:
            found.append(worrying(id_, f"{one.title}: {one.error.message}", one.error.fix))
    if used is None:
        refused = [one.error for one in ways if one.error is not None]
        return [*found, failed("transport", refused[0])]
    why = "the first choice" if used is ways[0] else "what is preferred to it is closed"
    return [*found, well("transport", f"{used.title} is used: {why}.")]


def _database(
    client: NotesClient, seen: Survey, settings: Mapping[str, Any], facts: dict[str, Any]
) -> Finding:
    if not seen.replica_id:
        return worrying(
            "database",
            "The server does not list the database: its replica id cannot be compared.",
            'Database properties, Design: tick "Show in Open Application dialog", if you want it '
            "compared."
            if client.name == "dds"
            else "See in Notes that it is the right one, if there are copies of it.",
        )
    facts["title"], facts["replica_id"] = seen.title, seen.replica_id
    wanted_id = str(settings["replica_id"]).upper()
    if seen.replica_id.upper() == wanted_id:
        return well("database", f"{seen.title} is the database with this replica id.")
    other = ConfigurationError(
        f"The database at {client.database} is another one: its replica id is {seen.replica_id}, "
        f"not {wanted_id}.",
        fix="Correct the path or the replica id.",
    )
    return failed("database", other)


def _server_facts(ctx: OperationContext, seen: Survey) -> Mapping[str, Any]:
    facts: dict[str, Any] = {"server": seen.server}
    if seen.clock:
        facts["clock_skew_s"] = round((seen.clock - ctx.now()).total_seconds())
    return facts
