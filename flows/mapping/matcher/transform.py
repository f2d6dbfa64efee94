"""Which function a pair needs, and with which parameters.

Kinds are those of the command's contract: copy number date bool lookup status_lookup country
name_split name_join concat richtext_html html_text line_items address_parse arithmetic custom.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flows.mapping.matcher.concepts import CONCEPTS, RELATED
from flows.mapping.matcher.pairs import Pair
from flows.mapping.matcher.reading import Reading
from flows.mapping.matcher.statuses import NAMES, crosswalk

KINDS: Final = (
    "copy", "number", "date", "bool", "lookup", "status_lookup", "country", "name_split",
    "name_join", "concat", "richtext_html", "html_text", "line_items", "address_parse",
    "arithmetic", "custom",
)  # fmt: skip
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
_PARTS: Final = {
    "address.street": "street", "address.house_number": "house_number", "address.city": "city",
    "address.postcode": "postcode", "address.country": "country", "address.state": "state",
    "address.addition": "unit", "address.other": "rest", "address.pobox": "po_box",
}  # fmt: skip
_WHOLE: Final = frozenset({"address.full", "address.postcode_city"})
_NUMERIC: Final = frozenset({"money", "number", "percent", "integer"})


@dataclass(frozen=True, slots=True)
class Transform:
    """A kind and its parameters, as JSON has them."""

    kind: str
    params: dict[str, Any] = field(default_factory=dict)


def transform(
    pair: Pair, sources: Sequence[Reading], targets: Sequence[Reading], language: str
) -> Transform:
    """What makes the target's value out of the source's."""
    for rule in _RULES:
        found = rule(pair, sources, targets, language)
        if found is not None:
            return found
    return Transform("copy")


def _rows(
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
    return Transform("line_items", params)


_ROW_COLUMNS: Final = {
    "line.reference": "reference", "product.reference": "reference", "line.name": "name",
    "product.name": "name", "line.quantity": "quantity", "line.unit_price": "unit_price",
    "product.price": "unit_price", "line.total": "total",
}  # fmt: skip


def _listed(one: Reading) -> bool:
    """Whether the row is an object of a list, as the shop's order_rows are."""
    return one.entity == "line" and not one.index and not one.field.multi and (
        "[" in one.field.name or bool(re.search(r"\w\.\w", one.field.name))
    )


def _wholes(
    pair: Pair, sources: Sequence[Reading], targets: Sequence[Reading], language: str
) -> Transform | None:
    """A whole and its parts: addresses, names."""
    left, right = pair.concept
    if right.startswith("address.") and _is_whole(pair.source, left, sources):
        if right in _WHOLE or (right in ("address.street",) and _is_whole(pair.target, right, targets)):
            return Transform("copy")
        if right in _PARTS:
            return Transform("address_parse", {"part": _PARTS[right]})
    if left.startswith("address.") and left not in _WHOLE and _is_whole(pair.target, right, targets):
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
    if concept in ("address.full", "address.postcode_city", "order.delivery_address",
                   "order.invoice_address"):
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
        if other is not one and other.best == concept and (
            other.roles == one.roles or not other.roles
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
    if left != right and RELATED.get((left, right), (0.0, ""))[1] == "lookup":
        if pair.source.is_id or pair.target.is_id or right in ("product.tax",):
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
    return one.is_id or (one.field.kind == "integer" and CONCEPTS[concept].kind not in _NUMERIC)


def _by(left: str, right: str) -> dict[str, Any]:
    by = _LOOKUPS.get(right) or _LOOKUPS.get(left) or "name"
    return {"by": by}


def _markup(
    pair: Pair, sources: Sequence[Reading], targets: Sequence[Reading], language: str
) -> Transform | None:
    source, target = pair.source, pair.target
    rich, theirs = _rich(source), _rich(target)
    about_html = bool(pair.concept[1]) and CONCEPTS[pair.concept[1]].kind == "html"
    if rich and (theirs or target.field.kind == "html"):
        return Transform("richtext_html")
    if rich:
        takes = about_html and (not target.field.type or target.leaf.startswith("description"))
        return Transform("richtext_html" if takes else "html_text")
    marked = source.field.kind == "html" or source.field.profile.share("html") > 0.3
    if theirs and marked:
        return Transform("richtext_html")
    if marked and target.field.kind in ("text", "list", "") and not about_target_html(target):
        return Transform("html_text")
    return None


def about_target_html(target: Reading) -> bool:
    """Whether a target of no declared type takes HTML, as the shop's descriptions do."""
    return target.field.kind == "" and bool(target.best) and CONCEPTS[target.best].kind == "html"


def _rich(one: Reading) -> bool:
    return "rich" in one.field.type.lower()


def _dates(
    pair: Pair, sources: Sequence[Reading], targets: Sequence[Reading], language: str
) -> Transform | None:
    kinds = {CONCEPTS[one].kind for one in pair.concept if one}
    declared = {pair.source.field.kind, pair.target.field.kind}
    if "date" not in kinds | declared or (kinds and "date" not in kinds and kinds & _NUMERIC):
        return None
    forms = pair.source.field.profile.dates
    params: dict[str, Any] = {}
    if forms:
        params["format"] = forms[0]
        if len(forms) > 1:
            params["also"] = list(forms[1:4])
    return Transform("date", params)


def _booleans(
    pair: Pair, sources: Sequence[Reading], targets: Sequence[Reading], language: str
) -> Transform | None:
    right = pair.concept[1]
    declared = {pair.source.field.kind, pair.target.field.kind}
    if not (right and CONCEPTS[right].kind == "bool") and "bool" not in declared:
        return None
    inverted = ("blocked" in pair.source.atoms) != ("blocked" in pair.target.atoms)
    inverted = inverted and "active" in pair.source.atoms | pair.target.atoms
    params: dict[str, Any] = {"invert": True} if inverted else {}
    words = [one for one in pair.source.field.profile.values if len(one) <= 20]
    if 0 < len(words) <= 4:
        params["words"] = words
    return Transform("bool", params)


def _numbers(
    pair: Pair, sources: Sequence[Reading], targets: Sequence[Reading], language: str
) -> Transform | None:
    left, right = pair.concept
    if left and right and CONCEPTS[left].kind == CONCEPTS[right].kind == "money":
        mine, theirs = pair.source.tax, pair.target.tax
        if mine and theirs and mine != theirs:
            sign = "*" if theirs == "gross" else "/"
            return Transform("arithmetic", {"expression": f"value {sign} (1 + tax_rate / 100)"})
    if left != right and RELATED.get((left, right), (0.0, ""))[1] == "arithmetic":
        return Transform("arithmetic")
    if "grams" in pair.source.path.split() and right.endswith(".weight"):
        return Transform("arithmetic", {"expression": "value / 1000"})
    numeric = ("number", "integer")
    declared = pair.source.field.kind in numeric, pair.target.field.kind in numeric
    meant = bool(right) and CONCEPTS[right].kind in _NUMERIC
    if right and CONCEPTS[right].kind in ("code", "ean", "phone", "postcode", "house"):
        return None
    if not (all(declared) or (meant and pair.target.field.kind in (*numeric, ""))
            or (meant and declared[0])):
        return None  # fmt: skip
    seen = pair.source.field.profile
    params: dict[str, Any] = {}
    if seen.decimal == ",":
        params["locale"] = language if language in ("de", "fr", "es", "it", "nl") else "de"
    elif seen.decimal == ".":
        params["locale"] = "en"
    return Transform("number", params)


def _lists(
    pair: Pair, sources: Sequence[Reading], targets: Sequence[Reading], language: str
) -> Transform | None:
    if pair.source.field.multi and not pair.target.field.multi and pair.target.field.kind == "text":
        return Transform("concat", {"separator": ", "})
    return None


def _related(
    pair: Pair, sources: Sequence[Reading], targets: Sequence[Reading], language: str
) -> Transform | None:
    left, right = pair.concept
    if left != right and RELATED.get((left, right), (0.0, ""))[1] == "custom":
        return Transform("custom")
    return None


_RULES: Final = (
    _rows, _wholes, _status, _country, _lookup, _related, _markup, _dates, _booleans, _numbers,
    _lists,
)  # fmt: skip
