"""The lines of an order to be: ids, or references that are looked up together."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from connectors.prestashop.client import ShopClient, clean_id, exact
from connectors.prestashop.transforms import id_text, text
from connectors.prestashop.wire import wanted_value
from connectors.sdk.errors import NotFoundError, RejectedError

# As many references as fit into one address, whatever their length.
_MOST_LINES: Final = 50


def asked_lines(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The lines with whole quantities above zero. Raises `RejectedError`."""
    if not 0 < len(lines) <= _MOST_LINES:
        raise RejectedError(
            f"An order has between 1 and {_MOST_LINES} lines; this one has {len(lines)}.",
            code="bad_lines",
        )
    found = []
    for one in lines:
        quantity = wanted_value("int", one.get("quantity"), name="quantity")
        if quantity < 1:
            raise RejectedError("A line's quantity is not above zero.", code="bad_quantity")
        found.append({**one, "quantity": quantity})
    return found


async def resolved_lines(
    client: ShopClient, lines: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """`product_id`, `combination_id` ("0" for none) and `quantity` of each.

    Raises `NotFoundError` for a reference that nothing carries, `RejectedError` for one that
    several carry.
    """
    wanted = [str(one.get("reference") or "").strip() for one in lines if not one.get("product_id")]
    known = await _by_reference(client, sorted({one for one in wanted if one}))
    found = []
    for one in lines:
        reference = str(one.get("reference") or "").strip()
        if one.get("product_id"):
            product = clean_id(one["product_id"], what="product_id")
            given = str(one.get("combination_id") or "0")
            combination = "0" if given == "0" else clean_id(given, what="combination_id")
        elif reference:
            product, combination = _only_one(reference, known.get(reference, set()))
        else:
            raise RejectedError(
                "A line names neither a product nor a reference.",
                code="nothing_named",
                fix="Map product_id or reference of each line.",
            )
        found.append(
            {"product_id": product, "combination_id": combination, "quantity": one["quantity"]}
        )
    return found


def _only_one(reference: str, hits: set[tuple[str, str]]) -> tuple[str, str]:
    if not hits:
        raise NotFoundError(
            f"The shop has no product or combination with the reference {reference!r}.",
            detail={"reference": reference},
        )
    if len(hits) > 1:
        raise RejectedError(
            f"{len(hits)} products or combinations carry the reference {reference!r}.",
            code="ambiguous_reference",
            fix="Give each its own reference in the shop, or name product and combination by id.",
            detail={"reference": reference},
        )
    return next(iter(hits))


async def _by_reference(
    client: ShopClient, references: Sequence[str]
) -> Mapping[str, set[tuple[str, str]]]:
    """Product and combination by reference; combinations first, since each of them may carry
    its product's."""
    if not references:
        return {}
    for reference in references:
        exact(reference)
    asked = {"reference": f"[{'|'.join(references)}]"}
    combinations, products = await asyncio.gather(
        client.rows("combinations", display="[id,id_product,reference]", filters=asked),
        client.rows("products", display="[id,reference]", filters=asked),
    )
    found: dict[str, set[tuple[str, str]]] = {}
    for one in combinations.rows:
        hit = (id_text(one["id_product"]), id_text(one["id"]))
        found.setdefault(text(one["reference"]), set()).add(hit)
    carried = set(found)
    for one in products.rows:
        if text(one["reference"]) not in carried:
            found.setdefault(text(one["reference"]), set()).add((id_text(one["id"]), "0"))
    return found
