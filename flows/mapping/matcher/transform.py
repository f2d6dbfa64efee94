"""Which function a pair needs, and with which parameters.

Kinds are those of the command's contract: copy number date bool lookup status_lookup country
name_split name_join concat richtext_html html_text line_items address_parse arithmetic custom.
"""

from collections.abc import Sequence
from typing import Any, Final

from flows.mapping.matcher.concepts import CONCEPTS, RELATED
from flows.mapping.matcher.made import Transform
from flows.mapping.matcher.pairs import Pair
from flows.mapping.matcher.plain_values import NUMERIC, booleans, dates, lists, markup, numbers
from flows.mapping.matcher.reading import Reading
from flows.mapping.matcher.statuses import NAMES, crosswalk
from flows.mapping.matcher.wholes import rows, wholes

# A record of the far side that is named by an id there and by a word here: what to find it by.
_LOOKUPS: Final[dict[str, str]] = {
    "order.currency": "iso_code", "order.language": "iso_code", "order.carrier": "name",
    "order.payment_module": "name", "product.category": "name", "product.manufacturer": "name",
    "product.supplier": "name", "product.tax": "rate", "customer.group": "name",
    "person.salutation": "name", "customer.id": "number", "customer.number": "id",
    "line.product_id": "reference", "product.id": "reference", "line.variant_id": "reference",
    "address.state": "name", "order.shop": "name", "order.employee": "name", "address.id": "text",
    "category.parent": "name", "category.id": "name", "product.warehouse": "name",
    "product.images": "name", "product.features": "name", "product.out_of_stock": "name",
    "order.invoice_address": "text", "order.delivery_address": "text", "line.tax_rate": "rate",
    "customer.terms": "name", "product.condition": "", "product.visibility": "",
}  # fmt: skip
_OWN: Final = frozenset({"order.id", "product.id", "category.id", "line.id", "address.id"})


def transform(
    pair: Pair, sources: Sequence[Reading], targets: Sequence[Reading], language: str
) -> Transform:
    """What makes the target's value out of the source's."""
    for rule in _RULES:
        found = rule(pair, sources, targets, language)
        if found is not None:
            return found
    return Transform("copy")


def _status(
    pair: Pair, sources: Sequence[Reading], targets: Sequence[Reading], language: str
) -> Transform | None:
    left, right = pair.concept
    if not {left, right} & {"order.status", "order.payment_status"} or not left:
        return None
    if CONCEPTS[left].kind != "status" or CONCEPTS[right].kind != "status":
        return None
    mine, theirs = pair.source.field.profile, pair.target.field.profile
    if mine.count and theirs.count and set(mine.values) <= set(theirs.values):
        return Transform("copy")
    table, unknown = crosswalk(value for value in mine.values if not value.isdigit())
    params: dict[str, Any] = {}
    if table:
        params["map"] = table
        params["names"] = {state: NAMES[state] for state in sorted(set(table.values()), key=int)}
    if unknown:
        params["unknown"] = list(unknown)
    return Transform("status_lookup", params)


def _country(
    pair: Pair, sources: Sequence[Reading], targets: Sequence[Reading], language: str
) -> Transform | None:
    if pair.concept != ("address.country", "address.country"):
        return None
    left, right = _form(pair.source), _form(pair.target)
    if left == right != "id":
        return Transform("copy")
    if "id" not in (left, right) and "" in (left, right):
        other = left or right
        if other == "name":
            return Transform("copy")
    return Transform("country", {"from": left or "name", "to": right or "name"})


def _form(one: Reading) -> str:
    values = [value for value in one.field.profile.values if value.strip()]
    if values and not all(value.isdigit() for value in values):
        codes = sum(len(value) in (2, 3) and value.isupper() for value in values)
        return "iso" if codes > len(values) / 2 else "name"
    if one.is_id or one.field.kind in ("integer", "number") or (values and values[0].isdigit()):
        return "id"
    if one.atoms & {"iso", "code"} or one.leaf in ("land1", "landx"):
        return "iso"
    return "name" if "name" in one.atoms else ""


def _lookup(
    pair: Pair, sources: Sequence[Reading], targets: Sequence[Reading], language: str
) -> Transform | None:
    left, right = pair.concept
    if not left:
        return None
    by_key = pair.source.is_id or pair.target.is_id or right == "product.tax"
    if by_key and left != right and RELATED.get((left, right), (0.0, ""))[1] == "lookup":
        return Transform("lookup", _by(left, right))
    if left == right and CONCEPTS[left].kind == "id" and left not in _OWN:
        return Transform("lookup", _by(left, right))  # two systems, two keys
    if left == right and left in _LOOKUPS and pair.source.is_id and pair.target.is_id:
        return Transform("lookup", _by(left, right))
    if pair.target.is_id and not pair.source.is_id and CONCEPTS[right].kind != "id":
        return Transform("lookup", _by(left, right))
    for concept in (right, left):
        if concept in _LOOKUPS and _as_id(pair.source, left) != _as_id(pair.target, right):
            return Transform("lookup", _by(left, right))
    return None


def _as_id(one: Reading, concept: str) -> bool:
    """Whether a field holds the id of a record rather than its name or code."""
    if CONCEPTS[concept].kind == "id" and not one.field.profile.share("text"):
        return True
    if concept == "product.tax":
        return bool(one.atoms & {"group", "id"}) and not one.atoms & {"rate", "percent"}
    return one.is_id or (one.field.kind == "integer" and CONCEPTS[concept].kind not in NUMERIC)


def _by(left: str, right: str) -> dict[str, Any]:
    by = _LOOKUPS.get(right) or _LOOKUPS.get(left) or "name"
    return {"by": by}


def _terms(
    pair: Pair, sources: Sequence[Reading], targets: Sequence[Reading], language: str
) -> Transform | None:
    """Days of payment are a number, a code such as 30D names them; what happens without stock is
    a number in the shop, a yes or no or a word elsewhere."""
    if pair.concept not in (_TERMS, _WITHOUT_STOCK):
        return None
    source, target = pair.source.field, pair.target.field
    if target.kind not in ("integer", "number"):
        return None
    if source.kind in ("integer", "number") or source.profile.share("number") > _NUMBERS:
        return Transform("number") if pair.concept == _TERMS else None
    return Transform("lookup", _by(*pair.concept))


_TERMS: Final = ("customer.terms", "customer.terms")
_WITHOUT_STOCK: Final = ("product.out_of_stock", "product.out_of_stock")
_NUMBERS: Final = 0.8


def _related(
    pair: Pair, sources: Sequence[Reading], targets: Sequence[Reading], language: str
) -> Transform | None:
    left, right = pair.concept
    if left != right and RELATED.get((left, right), (0.0, ""))[1] == "custom":
        return Transform("custom")
    return None


_RULES: Final = (
    rows, wholes, _status, _country, _terms, _lookup, _related, markup, dates, booleans, numbers,
    lists,
)  # fmt: skip
