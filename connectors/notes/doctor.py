"""What a check looks at in a Domino database, one finding each, with the remedy in words."""

from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

from connectors.notes.client import NotesClient, TransportLacksError
from connectors.sdk.connector import Finding, Level
from connectors.sdk.errors import ConfigurationError, FarSideError

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


def look_at_clock(seconds: int | None, *, exact: bool = False) -> Finding:
    """`seconds` that the server is ahead of us; None when it does not tell its time. Saves are
    ordered and guarded by the server's clock alone; waits and logs are by ours. `exact`: a
    revision guards them, no clock."""
    if seconds is None and exact:
        return well("clock", "The server does not tell its time; saves are guarded without it.")
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
    client: NotesClient, known: set[str], required: Sequence[str]
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


async def look_around(client: NotesClient, settings: Mapping[str, Any]) -> list[Finding]:
    """What only some operations and triggers need; a look that fails is a finding too."""
    return [
        await _told("deletions", _deletions(client, str(settings.get("sweep_view") or ""))),
        await _told("full_text", _full_text(client)),
        await _told("later", _later(client)),
    ]


async def _told(id_: str, looking: Awaitable[Finding]) -> Finding:
    try:
        return await looking
    except FarSideError as error:
        return worrying(id_, f"Could not be looked at: {error.message}", error.fix)


async def _deletions(client: NotesClient, view: str) -> Finding:
    if not view:
        return well(
            "deletions",
            "Deletions are not looked for.",
            "For flows that start with them, name a view to sweep in the connection.",
        )
    columns = await client.columns(view)
    if any(one.category for one in columns):
        return worrying(
            "deletions",
            f"The view {view} is categorised: a sweep reads every document once per category.",
            "Sweep a flat view.",
        )
    if not client.tells_forms and "form" not in {one.name.lower() for one in columns}:
        return worrying(
            "deletions",
            f"The view {view} does not show the forms of its documents: it cannot be swept.",
            "Add a column for the field Form to the view, and allow it in the schema.",
        )
    return well("deletions", f"Deletions are looked for in the view {view}.")


async def _full_text(client: NotesClient) -> Finding:
    try:
        await client.search("causeway", most=1)
    except TransportLacksError as error:
        return well("full_text", error.message, error.fix)
    except ConfigurationError as error:
        if error.code != "no_index":
            raise
        return well("full_text", "There is no full-text index: searches fail.", error.fix)
    return well("full_text", "The database has a full-text index.")


async def _later(client: NotesClient) -> Finding:
    if await client.offers_later():
        since = " (9.0.1 FP9 or newer)" if client.name == "dds" else ""
        return well("later", f"The server takes attachments and runs agents{since}.")
    if client.name != "dds":
        return well("later", f"{client.title} takes no attachments.")
    return well(
        "later",
        "The server is older than 9.0.1 FP9: attaching files and running agents fail.",
        "Update Domino if flows need them.",
    )
