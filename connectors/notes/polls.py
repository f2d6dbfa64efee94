"""What was saved since the last look, by the service's change list.

The list goes by the server's clock and the time of the save in this file. It is asked for with
an overlap, and the cursor remembers the states that were seen inside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.notes.settling import time_to_rest
from connectors.notes.transforms import NotesDocument, instant_text
from connectors.notes.transport import connect
from connectors.sdk.operation import OperationContext

# What was saved while the previous list was made must not be missed.
OVERLAP = timedelta(minutes=2)
PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """Documents in states that were not seen before, oldest save first; `since` is the server's
    clock at the previous look. `quiet` counts the looks in a row that saw nothing new."""

    documents: Sequence[NotesDocument]
    cursor: Mapping[str, Any]
    since: datetime
    more: bool = False
    quiet: int = 0


async def saved_since(ctx: OperationContext, cursor: Mapping[str, Any] | None) -> Saved:
    """The next page of saved documents; at first (no cursor) none, from now on.

    The cursor is {since, seen, quiet}: the server's clock at the previous list, and the states
    looked at inside the overlap, {unid: modified}, or the revision where the way in has one. A
    save that was not yet at rest when it was read stands there as modified|hash and is read again:
    the next save may come in the same second, and the list would show the same time.
    """
    client = await connect(ctx)
    if cursor is None:
        _, now = await client.changed_since(ctx.now())
        began = now or ctx.now()
        fresh = {"since": instant_text(began), "seen": {}}
        return Saved(documents=(), cursor=fresh, since=began)
    since = datetime.fromisoformat(str(cursor["since"]))
    seen: dict[str, str] = dict(cursor.get("seen") or {})
    rows, now = await client.changed_since(since - OVERLAP)
    unseen = sorted(
        (one for one in rows if seen.get(one.unid) != one.state),
        key=lambda one: (one.modified, one.unid),
    )
    page, left = unseen[:PAGE], {one.unid for one in unseen[PAGE:]}
    read = await client.read_all(one.unid for one in page)
    # A document may be younger than its row in the list: what was read is what was seen.
    marks = {one.unid: _mark(one) for one in read}
    documents = [one for one in read if not _same(seen.get(one.unid, ""), one)]
    reached = since if left else (now or since)
    kept = {
        one.unid: marks.get(one.unid, one.state)
        if one.unid in marks or one.unid not in seen
        else seen[one.unid]
        for one in rows
        if one.unid not in left and one.modified >= reached - OVERLAP
    }
    quiet = 0 if documents else int(cursor.get("quiet") or 0) + 1
    following: dict[str, Any] = {"since": instant_text(reached), "seen": kept}
    if quiet:
        following["quiet"] = quiet
    return Saved(documents=documents, cursor=following, since=since, more=bool(left), quiet=quiet)


def _mark(document: NotesDocument) -> str:
    state = document.revision or instant_text(document.modified)
    return f"{state}|{document.hash}" if time_to_rest(document) else state


def _same(mark: str, document: NotesDocument) -> bool:
    """Whether a state that was not at rest is still the one that was seen."""
    state = document.revision or instant_text(document.modified)
    return mark == f"{state}|{document.hash}"
