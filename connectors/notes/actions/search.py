"""notes.document.search: documents that the full-text index or a DQL query finds."""

from collections.abc import Mapping
from typing import Any

from connectors.notes.actions.changed import moment_of
from connectors.notes.transport import connect
from connectors.sdk.operation import OperationContext, OperationResult

MOST = 1000
DEFAULT_MOST = 100


async def run_search(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """{documents: [{…document, score}], conflicts: [unid], complete}.

    With `query` it is DQL, whose `values` are bound to its variables. The full-text index is
    built by the server now and then: what was saved just now may not be in it. Documents that were
    deleted since are left out, conflict documents are named apart.
    `complete` is False when there were as many hits as asked for. Raises `ConfigurationError`
    without an index, `RejectedError` for a query that Domino does not understand.
    """
    client = await connect(ctx)
    most = min(int(params.get("most") or DEFAULT_MOST), MOST)
    if params.get("query"):
        hits = await client.query(str(params["query"]), params.get("values") or {}, most=most)
    else:
        since = moment_of(params["since"]) if params.get("since") else None
        hits = await client.search(str(params["search"]), most=most, since=since)
    forms = {str(one).lower() for one in params.get("forms") or ()}
    scores = {one.unid: one.score for one in hits[:most]}
    found = [one for one in await client.read_all(scores) if not forms or one.form.lower() in forms]
    return OperationResult(
        output={
            "documents": [
                {**one.to_output(), "score": scores.get(one.unid)}
                for one in found
                if not one.is_conflict
            ],
            "conflicts": [one.unid for one in found if one.is_conflict],
            "complete": len(hits) < most,
        }
    )
