"""Functions for wholes and their parts: rows of an order, addresses, names."""

import re
from collections.abc import Sequence
from typing import Any, Final

from flows.mapping.matcher.concepts import CONCEPTS
from flows.mapping.matcher.made import Transform
from flows.mapping.matcher.pairs import Pair
from flows.mapping.matcher.reading import Reading

_PARTS: Final = {
    "address.street": "street", "address.house_number": "house_number", "address.city": "city",
    "address.postcode": "postcode", "address.country": "country", "address.state": "state",
    "address.addition": "unit", "address.other": "rest", "address.pobox": "po_box",
}  # fmt: skip
_WHOLE: Final = frozenset({"address.full", "address.postcode_city"})


def rows(
    pair: Pair, sources: Sequence[Reading], targets: Sequence[Reading], language: str
) -> Transform | None:
    source, target = pair.source, pair.target
    mine = source.field.multi or bool(source.index) or pair.concept[0] == "line.list"
    theirs = target.field.multi or bool(target.index) or pair.concept[1] == "line.list"
    of_rows = (source.row or target.row or "line.list" in pair.concept) and any(
        CONCEPTS[one].entity in ("line", "product", "stock") for one in pair.concept if one
    )
    if not of_rows or not (mine or theirs):
        return None
    if _listed(source) and _listed(target):
        return None
    column = _ROW_COLUMNS.get(pair.concept[1] or pair.concept[0], "")
    params: dict[str, Any] = {"column": column} if column else {}
    if source.index:
        params["row"] = source.index
    if pair.concept[0] == "line.list":
        params["whole"] = True
    return Transform("line_items", params)


_ROW_COLUMNS: Final = {
    "line.reference": "reference", "product.reference": "reference", "line.name": "name",
    "product.name": "name", "line.quantity": "quantity", "line.unit_price": "unit_price",
    "product.price": "unit_price", "line.total": "total",
}  # fmt: skip


def _listed(one: Reading) -> bool:
    """Whether the row is an object of a list, as the shop's order_rows are."""
    return (
        one.entity == "line"
        and not one.index
        and not one.field.multi
        and ("[" in one.field.name or bool(re.search(r"\w\.\w", one.field.name)))
    )


def wholes(
    pair: Pair, sources: Sequence[Reading], targets: Sequence[Reading], language: str
) -> Transform | None:
    """A whole and its parts: addresses, names."""
    left, right = pair.concept
    if right.startswith("address.") and _is_whole(pair.source, left, sources):
        if right in _WHOLE or (
            right in ("address.street",) and _is_whole(pair.target, right, targets)
        ):
            return Transform("copy")
        if right in _PARTS:
            return Transform("address_parse", {"part": _part(pair.target, right, targets)})
    if (
        left.startswith("address.")
        and left not in _WHOLE
        and _is_whole(pair.target, right, targets)
    ):
        return Transform("concat", _with(pair.source, sources, _PARTS, ", "))
    if left == "address.street" and right == "address.house_number":
        return Transform("address_parse", {"part": "house_number"})
    if left == "address.house_number" and right == "address.street":
        return Transform("concat", _with(pair.source, sources, ("address.street",), " "))
    if right == "address.street" and left == "address.street":
        numbers = _sibling(pair.source, sources, "address.house_number")
        if numbers and not _sibling(pair.target, targets, "address.house_number"):
            return Transform("concat", {"with": [numbers.field.name], "separator": " "})
        if _sibling(pair.target, targets, "address.house_number") and not numbers:
            return Transform("address_parse", {"part": "street"})
    return _names(pair, sources, targets)


def _part(target: Reading, concept: str, targets: Sequence[Reading]) -> str:
    """The street with its number where the target has no field for the number."""
    if concept == "address.street" and not _sibling(target, targets, "address.house_number"):
        return "address1"
    return _PARTS[concept]


def _names(pair: Pair, sources: Sequence[Reading], targets: Sequence[Reading]) -> Transform | None:
    left, right = pair.concept
    fulls = ("person.full", "order.customer_name")
    if left in fulls and right in ("person.first", "person.last"):
        if right == "person.last" and not _sibling(pair.target, targets, "person.first"):
            return None
        params: dict[str, Any] = {"part": right.partition(".")[2]}
        values = pair.source.field.profile.values
        if values and sum("," in one for one in values) > len(values) / 2:
            params["order"] = "last, first"
        else:
            params["order"] = "first last"
        return Transform("name_split", params)
    if left in ("person.first", "person.last", "person.middle") and right in fulls:
        others = _with(pair.source, sources, ("person.first", "person.last"), " ")
        return Transform("name_join", others)
    return None


def _is_whole(one: Reading, concept: str, siblings: Sequence[Reading]) -> bool:
    """Whether a field holds a whole address: by its name, its values, or by what stands beside."""
    if concept in (
        "address.full",
        "address.postcode_city",
        "order.delivery_address",
        "order.invoice_address",
    ):
        return not one.is_id and (
            concept == "address.postcode_city" or not _sibling(one, siblings, "address.city")
        )  # fmt: skip
    if concept != "address.street" or "street" in one.atoms or "#1" in one.atoms:
        return False
    seen = one.field.profile
    if seen.count:
        return seen.share("parts") > 0.5 and not _sibling(one, siblings, "address.city")
    return not _sibling(one, siblings, "address.city") and not _sibling(
        one, siblings, "address.postcode"
    )


def _sibling(one: Reading, siblings: Sequence[Reading], concept: str) -> Reading | None:
    """The field of the same record and role that means this."""
    for other in siblings:
        if (
            other is not one
            and other.best == concept
            and (other.roles == one.roles or not other.roles)
        ):
            return other
    return None


def _with(
    one: Reading, siblings: Sequence[Reading], concepts: Any, separator: str
) -> dict[str, Any]:
    others = [
        other.field.name
        for concept in concepts
        if (other := _sibling(one, siblings, concept)) is not None
    ]
    return {"with": others, "separator": separator}
