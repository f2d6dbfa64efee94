"""Why two fields are taken for the same, in words."""

from typing import Final

from flows.mapping.matcher.concepts import CONCEPTS
from flows.mapping.matcher.made import Transform
from flows.mapping.matcher.pairs import FEATURES, Pair

_AT: Final = {name: at for at, name in enumerate(FEATURES)}
_LOOKS: Final = {
    "email": "e-mail addresses", "date": "dates", "ean": "EAN codes", "iban": "IBANs",
    "phone": "phone numbers", "postcode": "postcodes", "money": "amounts", "number": "numbers",
    "currency": "currencies", "bool": "yes and no", "url": "web addresses", "percent": "percents",
    "integer": "whole numbers",
}  # fmt: skip
_DONE: Final = {
    "number": "read the number", "date": "read the date", "bool": "read yes and no",
    "lookup": "find the record", "status_lookup": "translate the status",
    "country": "translate the country", "name_split": "split the name",
    "name_join": "join the names", "concat": "put the parts together",
    "richtext_html": "turn the rich text into HTML", "html_text": "take the text of the HTML",
    "line_items": "read the order lines", "address_parse": "take the address apart",
    "arithmetic": "calculate", "custom": "needs a rule of your own",
}  # fmt: skip


def reasons(pair: Pair, made: Transform) -> tuple[str, ...]:
    """Short phrases, the weightiest first."""
    found: list[str] = []
    left, right = pair.concept
    if left and left == right:
        found.append(f"both mean {_said(left)}")
    elif left:
        found.append(f"{_said(left)} gives {_said(right)}")
    value = pair.features.__getitem__
    name = value(_AT["name"])
    if value(_AT["equal"]):
        found.append("same name")
    elif name >= 0.6:
        found.append(f"names alike {name:.2f}")
    if value(_AT["role"]):
        shared = sorted(pair.source.roles & pair.target.roles)
        found.append(f"both of the {', '.join(shared)}")
    if value(_AT["role_conflict"]):
        found.append("of different roles")
    if value(_AT["tax"]):
        found.append(f"both {pair.source.tax}")
    if value(_AT["tax_conflict"]):
        found.append(f"{pair.source.tax} against {pair.target.tax}")
    looks = _LOOKS.get(CONCEPTS[right].kind, "") if right else ""
    if value(_AT["value"]) >= 0.5 and looks:
        found.append(f"values look like {looks}")
    if value(_AT["value_conflict"]):
        found.append("values do not fit")
    if value(_AT["rows"]):
        found.append("both in order rows")
    if made.kind in _DONE:
        found.append(_DONE[made.kind])
    return tuple(found) or ("words in common",)


def _said(concept: str) -> str:
    """`order.total` as "order total"."""
    entity, _, attribute = concept.partition(".")
    if not attribute:
        return entity.replace("_", " ")
    return f"{entity} {attribute}".replace("_", " ")
