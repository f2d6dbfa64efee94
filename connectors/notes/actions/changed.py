"""notes.document.changed: which documents were saved since a time, as ids without items."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.notes.transforms import instant_text
from connectors.notes.transport import connect
from connectors.sdk.errors import ConfigurationError
from connectors.sdk.operation import OperationContext, OperationResult


async def run_changed(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """{documents: [{unid, modified}], server_time}: oldest save first, each document once.

    The list goes by the server's clock and the save in this file; it shows neither deletions
    nor forms. Ask again with `server_time` less an overlap, never with our own clock.
    Raises `ConfigurationError` when `since` is no time with a zone.
    """
    since = moment_of(params["since"])
    rows, now = await (await connect(ctx)).changed_since(since)
    latest = {one.unid: one.modified for one in sorted(rows, key=lambda one: one.modified)}
    ordered = sorted(latest.items(), key=lambda one: (one[1], one[0]))
    return OperationResult(
        output={
            "documents": [{"unid": unid, "modified": instant_text(at)} for unid, at in ordered],
            "server_time": instant_text(now) if now else None,
        }
    )


def moment_of(text: Any) -> datetime:
    """A time of a param. Raises `ConfigurationError` for one that is none or has no zone."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ConfigurationError(
            f"{str(text)[:40]!r} is no time with a zone.",
            code="since",
            fix="Give a time such as 2026-11-23T10:21:30Z.",
        )
    return moment
