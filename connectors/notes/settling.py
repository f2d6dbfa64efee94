"""Reading a document so that its state can guard a write.

Where a revision names the state nothing is to be waited for. The data service compares
If-Unmodified-Since with whole seconds: a save in the same second as the one we read goes
unnoticed, and our write would cover it. So a document that was saved just now is read again until
the server's clock stands two seconds past its save. Whoever saves after that leaves another second
in Last-Modified, and the guard tells.
"""

import re
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime

from connectors.notes.client import NotesClient
from connectors.notes.transforms import NotesDocument
from connectors.sdk.errors import ConflictError
from connectors.sdk.operation import OperationContext

# The stored time has hidden parts of a second, and the header is cut to whole ones.
REST = timedelta(seconds=2)
# By our own clock, where the Date header is missing or of another clock (a proxy's).
OWN_REST = timedelta(seconds=3)
_MOST_READS = 12
# An agent that cannot read parts of a second: its revision tells items apart, not rich texts.
_COARSE = re.compile(r"\d{8}T\d{6}-.*")


def time_to_rest(document: NotesDocument) -> timedelta:
    """How long to wait before the document's version names this state alone; zero when it
    does."""
    coarse = bool(_COARSE.fullmatch(document.revision)) and bool(document.rich_names)
    if document.revision and not coarse:
        return timedelta()
    try:
        saved = parsedate_to_datetime(document.last_modified)
    except ValueError:
        return OWN_REST
    if document.read_at is None:
        return OWN_REST
    saved = saved.replace(tzinfo=UTC) if saved.tzinfo is None else saved
    return min(max(saved + REST - document.read_at, timedelta()), REST)


async def read_settled(
    ctx: OperationContext, client: NotesClient, unid: str, *, first: NotesDocument | None = None
) -> NotesDocument:
    """The document, read when its last save was at rest; `first` is a reading made already.

    Raises `ConflictError` for one that is saved again every moment, and what `read` raises.
    """
    document = first or await client.read(unid)
    waited = timedelta()
    for _ in range(_MOST_READS):
        left = time_to_rest(document)
        if not left or waited >= OWN_REST:
            return document
        await ctx.wait(left.total_seconds())
        again = await client.read(unid)
        waited = waited + left if again.last_modified == document.last_modified else timedelta()
        document = again
    raise ConflictError(
        "The document is saved again every moment: nobody else can change it safely.",
        code="never_rests",
        fix="Look which agent or flow saves it all the time.",
        detail={"unid": document.unid, "last_modified": document.last_modified},
    )
