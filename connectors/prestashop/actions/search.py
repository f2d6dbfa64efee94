"""`prestashop.<noun>.search`: the records of a kind, by ids in bulk or page by page.

Pages go by id (`filter[id]=>[last]`, sorted by id), not by offset: a record that is added or
deleted meanwhile shifts nothing, and a page cannot come twice.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.prestashop.client import ShopClient, clean_id, exact
from connectors.prestashop.nouns import MAX_RECORDS, NOUNS, Noun
from connectors.prestashop.reference import Reference, ShopFacts
from connectors.prestashop.transforms import Row, id_text, local_text
from connectors.sdk.errors import ContractError, RejectedError
from connectors.sdk.operation import Operation, OperationContext, OperationResult

# 100 ids of nineteen digits stay below the 2 KB at which some servers cut an address.
BULK = 100


async def search(ctx: OperationContext, params: Mapping[str, Any], noun: Noun) -> OperationResult:
    """Items in order of their ids, `more`, `next_after_id` and which `ids` the shop lacks.

    Raises `RejectedError` for ids and values that the shop cannot be asked for.
    """
    client = ShopClient(ctx)
    given = params.get("ids")
    ids = None if given is None else [clean_id(one, what="ids") for one in given]
    limit = _limit(params.get("limit"))
    if ids is not None and len(ids) > MAX_RECORDS:
        raise RejectedError(f"More than {MAX_RECORDS} ids.", code="too_many", fix="Use batches.")
    filters = {name: _exact(value) for name, value in (params.get("filters") or {}).items()}
    facts = await Reference(ctx, client).facts()
    since = params.get("changed_since")
    if since:
        # ">[…]" is strict, and the shop's seconds are whole.
        filters["date_upd"] = f">[{local_text(_moment(since), facts.zone)}]"
    display = _display(noun, params.get("fields") or ())
    rows: Sequence[Row]
    if ids is not None:
        rows = await _bulk(client, noun, ids, filters, display, dates=bool(since))
        more = False
    else:
        rows, more = await _page(client, noun, params, filters, display, limit, dates=bool(since))
    return _result(noun, rows, facts, more=more, ids=ids or ())


async def _bulk(
    client: ShopClient,
    noun: Noun,
    ids: Sequence[str],
    filters: Mapping[str, str],
    display: str,
    *,
    dates: bool,
) -> list[Row]:
    unique = sorted(set(ids), key=int)
    rows: list[Row] = []
    for start in range(0, len(unique), BULK):
        chunk = "|".join(unique[start : start + BULK])
        found = await client.rows(
            noun.resource,
            shape="record",
            display=display,
            filters={"id": f"[{chunk}]", **filters},
            sort="[id_ASC]",
            dates=dates,
        )
        rows += found.rows
    return rows


async def _page(
    client: ShopClient,
    noun: Noun,
    params: Mapping[str, Any],
    filters: Mapping[str, str],
    display: str,
    limit: int,
    *,
    dates: bool,
) -> tuple[Sequence[Row], bool]:
    after = str(params.get("after_id") or "0").strip()
    floor = 0 if after == "0" else int(clean_id(after, what="after_id"))
    found = await client.rows(
        noun.resource,
        shape="record",
        display=display,
        filters={"id": f">[{floor}]", **filters},
        sort="[id_ASC]",
        limit=str(limit + 1),
        dates=dates,
    )
    if any(int(id_text(row["id"])) <= floor for row in found.rows):
        raise ContractError(
            f"The shop sent a page of {noun.resource} that was read before.",
            code="page_repeats",
            fix="See whether a module of the shop changes its webservice.",
            detail={"expected": f"ids above {floor}", "received": str(len(found.rows))},
        )
    return found.rows[:limit], len(found.rows) > limit


def _result(
    noun: Noun, rows: Sequence[Row], facts: ShopFacts, *, more: bool, ids: Sequence[str]
) -> OperationResult:
    items = [noun.item(row, zone=facts.zone, language=facts.language) for row in rows]
    known = {one["id"] for one in items}
    return OperationResult(
        output={
            "items": items,
            "more": more,
            "next_after_id": items[-1]["id"] if more else None,
            "missing_ids": sorted({one for one in ids if one not in known}, key=int),
        }
    )


def _display(noun: Noun, fields: Sequence[str]) -> str:
    if not fields:
        return "full"
    known = {one.name for one in noun.fields}
    unknown = sorted(set(fields) - known)
    if unknown:
        raise RejectedError(
            f"{noun.title} have no {', '.join(unknown)}.",
            code="unknown_field",
            fix="Choose from the node's list of fields.",
        )
    return f"[{','.join(['id', *fields])}]"


def _limit(value: Any) -> int:
    try:
        limit = 100 if value is None else int(value)
    except (TypeError, ValueError):
        limit = 0
    if not 1 <= limit <= MAX_RECORDS:
        raise RejectedError(f"The limit is not between 1 and {MAX_RECORDS}.", code="bad_limit")
    return limit


def _exact(value: Any) -> str:
    return exact(str(int(value)) if isinstance(value, bool) else str(value))


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise RejectedError(
            f"changed_since is no time: {str(value)[:40]!r}.", code="bad_time"
        ) from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _operation(noun: Noun) -> Operation:
    async def run(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
        return await search(ctx, params, noun)

    return Operation(name=noun.operation, version=1, run=run)


SEARCHES = tuple(_operation(noun) for noun in NOUNS)
