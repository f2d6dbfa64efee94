"""How two fields compare in role, entity, tax, declared type and values."""

from typing import Final

from flows.mapping.matcher.concepts import CONCEPTS
from flows.mapping.matcher.profile import Profile
from flows.mapping.matcher.reading import Reading

_RELATED_ENTITIES: Final = frozenset(
    frozenset(one)
    for one in (
        ("order", "line"), ("product", "line"), ("product", "stock"), ("customer", "address"),
        ("customer", "person"), ("address", "person"), ("order", "address"), ("order", "payment"),
        ("order", "carrier"), ("order", "invoice"), ("order", "customer"), ("product", "category"),
        ("product", "manufacturer"), ("product", "supplier"), ("stock", "line"),
    )
)  # fmt: skip
_GROUP: Final = {"integer": "number", "number": "number", "bool": "bool", "date": "date"}


def roles(source: Reading, target: Reading, concept: tuple[str, str]) -> tuple[float, float, float]:
    matters = bool(concept[0]) and CONCEPTS[concept[0]].entity in ("address", "person", "customer")
    mine, theirs = source.roles, target.roles
    if not mine and not theirs:
        return 0.0, 0.0, 0.0
    if mine and theirs:
        return (1.0, 0.0, 0.0) if mine & theirs else (0.0, 1.0, 0.0)
    if not matters:
        return 0.0, 0.0, 0.4
    return 0.0, 0.0, 0.7 if (mine or theirs) & {"invoice"} else 1.0


def entities(source: Reading, target: Reading) -> tuple[float, float]:
    mine, theirs = source.contexts, target.contexts
    if not mine or not theirs:
        return 0.0, 0.0
    if mine & theirs:
        return 1.0, 0.0
    for left in mine:
        for right in theirs:
            if frozenset((left, right)) in _RELATED_ENTITIES:
                return 0.4, 0.0
    return 0.0, 1.0


def taxes(source: Reading, target: Reading, concept: tuple[str, str]) -> tuple[float, float, float]:
    """Whether both are net or gross; where one does not say, totals are gross, prices net."""
    mine, theirs = source.tax, target.tax
    if mine and theirs:
        return (1.0, 0.0, 0.0) if mine == theirs else (0.0, 1.0, 0.0)
    if not concept[0] or CONCEPTS[concept[0]].kind != "money":
        return 0.0, 0.0, 0.0
    if not mine and not theirs:
        return 0.0, 0.0, 1.0
    usual = "gross" if CONCEPTS[concept[0]].entity == "order" else "net"
    return 0.0, 0.0, 0.5 if (mine or theirs) == usual else -1.0


# The kinds of values that a concept's field may hold; elsewhere anything goes.
_FITS: Final[dict[str, tuple[str, ...]]] = {
    "email": ("email",), "url": ("url", "text"), "phone": ("phone", "number", "text"),
    "date": ("date",), "money": ("number",), "number": ("number",), "percent": ("number",),
    "integer": ("number",), "bool": ("bool", "integer", "text"), "ean": ("ean", "integer"),
    "iban": ("iban",), "postcode": ("postcode", "integer", "text"),
    "currency": ("currency", "integer"),
}  # fmt: skip
_SURE: Final = ("email", "date", "ean", "iban", "url", "html", "salutation", "currency")


def values(
    source: Reading, target: Reading, concept: tuple[str, str]
) -> tuple[float, float, float]:
    """(declared types that cannot be the same, values that speak for it, values against it)."""
    mine, theirs = _GROUP.get(source.field.kind, ""), _GROUP.get(target.field.kind, "")
    declared = {source.field.kind, target.field.kind}
    unlike = bool(mine and theirs and mine != theirs and {mine, theirs} != {"number", "bool"})
    conflict = float(unlike or ("date" in declared and bool(declared & {"html", "names"})))
    seen = source.field.profile
    expected = CONCEPTS[concept[1]].kind if concept[1] else _kind_of(target)
    speaks, against = _fit(seen, expected)
    own, other = target.field.profile, seen
    if own.count and other.count:
        alike, differ = _overlap(other, own)
        speaks, against = max(speaks, alike), max(against, differ)
    elif own.count:
        more, less = _fit(own, CONCEPTS[concept[0]].kind if concept[0] else _kind_of(source))
        speaks, against = max(speaks, more), max(against, less)
    return conflict, speaks, against


def _kind_of(one: Reading) -> str:
    return CONCEPTS[one.best].kind if one.best else _GROUP.get(one.field.kind, "")


def _fit(seen: Profile, expected: str) -> tuple[float, float]:
    if not seen.count or not expected:
        return 0.0, 0.0
    wanted = _FITS.get(expected)
    if wanted is None:
        if (
            expected in ("text", "name", "html")
            and max(seen.share("email"), seen.share("date"), seen.share("url"), seen.share("iban"))
            > 0.6
        ):
            return 0.0, 0.7
        return 0.0, 0.0
    share = max(seen.share(one) for one in wanted)
    if "text" in wanted[1:]:
        return seen.share(wanted[0]), 0.6 if seen.share("email") > 0.5 else 0.0
    return share, 1.0 if share < 0.3 else 0.0


def _overlap(mine: Profile, theirs: Profile) -> tuple[float, float]:
    """Common values, and kinds that the one has and the other lacks."""
    common = len({one.lower() for one in mine.values} & {one.lower() for one in theirs.values})
    share = common / min(len(mine.values), len(theirs.values))
    for kind in ("email", "date", "number", "url", "iban"):
        if abs(mine.share(kind) - theirs.share(kind)) > 0.7:
            return share, 0.8
    both = any(mine.share(kind) > 0.6 and theirs.share(kind) > 0.6 for kind in _SURE)
    return max(share, 0.7 if both else 0.0), 0.0
