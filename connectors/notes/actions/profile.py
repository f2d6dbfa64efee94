"""notes.form.profile: what a form's documents really hold, from a sample."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors.notes.client import Entry, NotesClient, Selection
from connectors.notes.habits import habits_of, suggested_profile
from connectors.notes.transport import connect
from connectors.sdk.errors import NotFoundError
from connectors.sdk.operation import OperationContext, OperationResult

DEFAULT_SAMPLE = 100
MOST_SAMPLE = 500
_PAGES = 20
_PER_PAGE = 100


async def run_profile(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """{form, sampled, conflicts, items: [habit], suggested}.

    The sample comes from pages that are spread over the view, so that old documents are among
    them. Conflict documents do not count. `suggested` is a form profile for the connection.
    Raises `NotFoundError` when the view shows no document of the form.
    """
    # Read without the form profiles that are there: they would refuse what is to be found out.
    settings = {**ctx.connection.settings, "forms": {}}
    bare = replace(ctx, connection=replace(ctx.connection, settings=settings))
    client, form, view = await connect(bare), str(params["form"]), str(params["view"])
    most = min(int(params.get("sample") or DEFAULT_SAMPLE), MOST_SAMPLE)
    unids = await _spread(client, view, form, most)
    found = [one for one in await client.read_all(unids) if one.form.lower() == form.lower()]
    documents = [one for one in found if not one.is_conflict]
    if not documents:
        raise NotFoundError(
            f"The view {view!r} shows no document of the form {form!r}.",
            code="no_sample",
            fix="Name a view that shows documents of this form, and the form as it is stored.",
        )
    habits = habits_of(documents, {one.unid: set(one.date_items) for one in documents})
    return OperationResult(
        output={
            "form": documents[0].form,
            "sampled": len(documents),
            "conflicts": len(found) - len(documents),
            "items": [habits[name].to_output(len(documents)) for name in sorted(habits)],
            "suggested": suggested_profile(habits, len(documents)),
        }
    )


async def _spread(client: NotesClient, view: str, form: str, most: int) -> list[str]:
    """UNIDs of the form, from pages evenly over the view."""
    first = await client.entries(view, Selection(), count=_PER_PAGE)
    total = first.total or len(first.entries)
    pages = min(_PAGES, max(1, total // _PER_PAGE))
    starts = [total * number // pages for number in range(1, pages)]
    form = form if client.tells_forms else ""
    per_page = [_of_form(first.entries, form)]
    for start in starts:
        listing = await client.entries(view, Selection(), start=start, count=_PER_PAGE)
        per_page.append(_of_form(listing.entries, form))
    chosen: dict[str, None] = {}
    for place in range(_PER_PAGE):  # in turn, so that each page has its share
        for unids in per_page:
            if place < len(unids) and len(chosen) < most:
                chosen[unids[place]] = None
    return list(chosen)


def _of_form(entries: Sequence[Entry], form: str) -> list[str]:
    """Of any form where `form` is "": what is read tells."""
    return [
        one.unid for one in entries if one.unid and (not form or one.form.lower() == form.lower())
    ]
