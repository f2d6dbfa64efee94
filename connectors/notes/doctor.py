"""What a check looks at in a Domino database, one finding each, with the remedy in words."""

from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

from connectors.notes.later import LaterNotes
from connectors.notes.views import NotesViews
from connectors.sdk.connector import Finding, Level
from connectors.sdk.errors import ConfigurationError, FarSideError
from connectors.sdk.operation import OperationContext

_CLOCK_TOLERANCE = 5  # seconds
_SHARED = "Let the Domino server and this one set their clocks by NTP."


def well(id_: str, says: str, remedy: str = "") -> Finding:
    return Finding(id=id_, level=Level.OK, says=says, remedy=remedy)


def worrying(id_: str, says: str, remedy: str) -> Finding:
    return Finding(id=id_, level=Level.WARN, says=says, remedy=remedy)


def failed(id_: str, error: FarSideError, *, about: str = "") -> Finding:
    """A far-side error as a finding; `about` is named before its message."""
    says = f"{about}: {error.message}" if about else error.message
    return Finding(id=id_, level=Level.FAIL, says=says, remedy=error.fix)


def look_at_clock(seconds: int | None) -> Finding:
    """`seconds` that the server is ahead of us; None when it does not tell its time. Saves are
    ordered and guarded by the server's clock alone; waits and logs are by ours."""
    if seconds is None:
        return worrying(
            "clock",
            "The server's answers have no Date: a save is taken to be at rest after three of our "
            "own seconds.",
            "If a proxy stands in front of Domino, let it pass the Date header on.",
        )
    if abs(seconds) <= _CLOCK_TOLERANCE:
        return well("clock", "The server's clock agrees with ours.")
    word = "ahead of" if seconds > 0 else "behind"
    return worrying("clock", f"The server's clock is {abs(seconds)} s {word} ours.", _SHARED)


async def look_at_views(
    client: NotesViews, known: set[str], required: Sequence[str]
) -> list[Finding]:
    """Each view that flows look up: there, and let through by the third lock."""
    found = []
    for view in required:
        id_ = f"view.{view}"
        if view.lower() not in known:
            missing = ConfigurationError(
                f"The database has no view {view}.",
                fix="Create the view (its first sorted column is the key), or correct its name "
                "in the connection.",
            )
            found.append(failed(id_, missing))
            continue
        try:
            await client.peek(view)
        except FarSideError as error:
            found.append(failed(id_, error, about=view))
        else:
            found.append(well(id_, f"The view {view} answers."))
    return found


async def look_around(ctx: OperationContext, settings: Mapping[str, Any]) -> list[Finding]:
    """What only some operations and triggers need; a look that fails is a finding too."""
    return [
        await _told("deletions", _deletions(ctx, str(settings.get("sweep_view") or ""))),
        await _told("full_text", _full_text(ctx)),
        await _told("later", _later(ctx)),
    ]


async def _told(id_: str, looking: Awaitable[Finding]) -> Finding:
    try:
        return await looking
    except FarSideError as error:
        return worrying(id_, f"Could not be looked at: {error.message}", error.fix)


async def _deletions(ctx: OperationContext, view: str) -> Finding:
    if not view:
        return well(
            "deletions",
            "Deletions are not looked for.",
            "For flows that start with them, name a view to sweep in the connection.",
        )
    columns = await NotesViews(ctx).columns(view)
    if any(one.get("@category") for one in columns):
        return worrying(
            "deletions",
            f"The view {view} is categorised: a sweep reads every document once per category.",
            "Sweep a flat view.",
        )
    return well("deletions", f"Deletions are looked for in the view {view}.")


async def _full_text(ctx: OperationContext) -> Finding:
    try:
        await NotesViews(ctx).search("causeway", most=1)
    except ConfigurationError as error:
        if error.code != "no_index":
            raise
        return well("full_text", "There is no full-text index: searches fail.", error.fix)
    return well("full_text", "The database has a full-text index.")


async def _later(ctx: OperationContext) -> Finding:
    if await LaterNotes(ctx).knows_agents():
        return well("later", "The server takes attachments and runs agents (9.0.1 FP9 or newer).")
    return well(
        "later",
        "The server is older than 9.0.1 FP9: attaching files and running agents fail.",
        "Update Domino if flows need them.",
    )
