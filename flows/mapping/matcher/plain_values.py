"""Functions for single values: marked up texts, dates, yes and no, numbers, lists."""

from collections.abc import Sequence
from typing import Any, Final

from flows.mapping.matcher.concepts import CONCEPTS, RELATED
from flows.mapping.matcher.made import Transform
from flows.mapping.matcher.pairs import Pair
from flows.mapping.matcher.reading import Reading

NUMERIC: Final = frozenset({"money", "number", "percent", "integer"})


def markup(
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
    if marked and target.field.kind in ("text", "list", "") and not _takes_html(target):
        return Transform("html_text")
    return None


def _takes_html(target: Reading) -> bool:
    """Whether a target of no declared type takes HTML, as the shop's descriptions do."""
    return target.field.kind == "" and bool(target.best) and CONCEPTS[target.best].kind == "html"


def _rich(one: Reading) -> bool:
    return "rich" in one.field.type.lower()


def dates(
    pair: Pair, sources: Sequence[Reading], targets: Sequence[Reading], language: str
) -> Transform | None:
    kinds = {CONCEPTS[one].kind for one in pair.concept if one}
    declared = {pair.source.field.kind, pair.target.field.kind}
    if "date" not in kinds | declared or (kinds and "date" not in kinds and kinds & NUMERIC):
        return None
    forms = pair.source.field.profile.dates
    params: dict[str, Any] = {}
    if forms:
        params["format"] = forms[0]
        if len(forms) > 1:
            params["also"] = list(forms[1:4])
    return Transform("date", params)


def booleans(
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


def numbers(
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
    meant = bool(right) and CONCEPTS[right].kind in NUMERIC
    if right and CONCEPTS[right].kind in ("code", "ean", "phone", "postcode", "house"):
        return None
    if not (
        all(declared)
        or (meant and pair.target.field.kind in (*numeric, ""))
        or (meant and declared[0])
    ):
        return None  # fmt: skip
    seen = pair.source.field.profile
    params: dict[str, Any] = {}
    if seen.decimal == ",":
        params["locale"] = language if language in ("de", "fr", "es", "it", "nl") else "de"
    elif seen.decimal == ".":
        params["locale"] = "en"
    return Transform("number", params)


def lists(
    pair: Pair, sources: Sequence[Reading], targets: Sequence[Reading], language: str
) -> Transform | None:
    if pair.source.field.multi and not pair.target.field.multi and pair.target.field.kind == "text":
        return Transform("concat", {"separator": ", "})
    return None
