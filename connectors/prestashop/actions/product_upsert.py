"""`prestashop.product.upsert`: a product, its price and texts, known by its code."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final

from connectors.prestashop.actions.upsert import Target, probe, upsert
from connectors.prestashop.client import Members, ShopClient, exact
from connectors.prestashop.nouns import BY_NAME
from connectors.prestashop.reference import Reference
from connectors.prestashop.transforms import Row, id_text, text
from connectors.prestashop.wire import translations, wanted_value
from connectors.sdk.errors import RejectedError
from connectors.sdk.operation import Operation, OperationContext, OperationResult, ProbeResult

_NOUN: Final = BY_NAME["product"]
# Params of these names are fields of the same name.
OWNED: Final = (
    "name",
    "description",
    "description_short",
    "link_rewrite",
    "price",
    "wholesale_price",
    "weight",
    "isbn",
    "upc",
    "mpn",
    "id_manufacturer",
    "id_supplier",
    "id_category_default",
    "id_tax_rules_group",
    "minimal_quantity",
    "active",
    "available_for_order",
    "on_sale",
    "condition",
    "visibility",
)
# What the shop's own form sets; a product without `state` is a draft that no list shows.
_NEW: Final = {
    "state": "1",
    "minimal_quantity": 1,
    "show_price": "1",
    "available_for_order": True,
    "visibility": "both",
    "condition": "new",
    "price": 0,
}
_USUAL_HOME: Final = "2"


async def upsert_product(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """Create the product, or change what is given and differs.

    `price` is without tax, as the shop keeps it. Texts that are given in one language leave the
    others as they are. Raises `RejectedError` when several products carry the key.
    """
    return await upsert(ctx, await _target(ctx, params))


async def probe_product(ctx: OperationContext, params: Mapping[str, Any]) -> ProbeResult:
    """Whether the product holds what was wanted."""
    return await probe(ctx, await _target(ctx, params))


async def _target(ctx: OperationContext, params: Mapping[str, Any]) -> Target:
    client = ShopClient(ctx)
    keys = {
        name: str(params.get(name) or "").strip()
        for name in ("reference", "ean13")
        if str(params.get(name) or "").strip()
    }
    if not keys:
        raise RejectedError(
            "Neither a reference nor an EAN is given.",
            code="nothing_named",
            fix="Map reference or ean13.",
        )
    # The reference names it; an EAN that stands beside it is one more field.
    key, code = next(iter(keys.items()))
    asked = exact(code)
    wanted = {name: value for name, value in keys.items() if name != key}
    wanted |= await _fields(ctx, client, params, OWNED)
    expected = await _fields(ctx, client, params.get("expected") or {}, OWNED)

    async def find() -> Sequence[Row]:
        found = await client.rows("products", filters={key: asked})
        # The database compares without regard to case; a code is exact.
        same = [one for one in found.rows if text(one.get(key)) == code]
        if len(same) > 1:
            raise RejectedError(
                f"{len(same)} products carry the {key} {code!r}.",
                code="ambiguous_reference",
                fix="Give each its own in the shop.",
                detail={key: code, "ids": [id_text(one["id"]) for one in same[:10]]},
            )
        return same

    async def complete() -> Mapping[str, Any]:
        category = wanted.get("id_category_default", "0")
        if category == "0":
            # A product of no category stands nowhere in the shop.
            reference = Reference(ctx, client)
            category = await reference.configuration("PS_HOME_CATEGORY") or _USUAL_HOME
        return {
            "id_category_default": category,
            "categories": Members(node="category", rows=[{"id": category}]),
        }

    return Target(
        noun=_NOUN,
        node="product",
        key=f"the {key} {code}",
        find=find,
        wanted=wanted,
        new={**_NEW, key: code, **_slug(wanted, code)},
        complete=complete,
        expected=expected,
    )


async def _fields(
    ctx: OperationContext, client: ShopClient, params: Mapping[str, Any], names: Sequence[str]
) -> dict[str, Any]:
    reference = Reference(ctx, client)
    facts = await reference.facts()
    found = {}
    for name in names:
        if params.get(name) is None:
            continue
        kind = _NOUN.kind(name)
        if kind == "lang":
            known = await reference.table("languages") if isinstance(params[name], list) else {}
            found[name] = translations(params[name], known, facts, name=name)
        else:
            found[name] = wanted_value(kind, params[name], name=name)
    return found


def _slug(wanted: Mapping[str, Any], code: str) -> dict[str, Any]:
    """The end of a new product's address in each language that has a name."""
    names = wanted.get("name") or {"": code}
    return {"link_rewrite": {id_: _address(name) or _address(code) for id_, name in names.items()}}


def _address(words: str) -> str:
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:128]


UPSERT_PRODUCT = Operation(
    name="prestashop.product.upsert", version=1, run=upsert_product, probe=probe_product
)
