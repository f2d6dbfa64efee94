"""The functions of the registry that do what a suggestion proposes, for a field of a mapping."""

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from flows.mapping.functions import FUNCTIONS
from flows.mapping.matcher.made import Transform
from flows.mapping.matcher.profile import EMPTY, Profile, truth_of

Chain = list[dict[str, Any]]
_FORMS: Final = {"ISO": None, "DXL": "yyyyMMdd'T'HHmmss"}
_TRUE: Final = ("1", "true", "yes", "ja", "oui", "x")
_FALSE: Final = ("0", "false", "no", "nein", "non", "")
_MONEY: Final = re.compile(
    r"[€$£¥]|\d[ '’\u00a0\u202f]\d|\b[A-Z]{3}$|\b(?:fr|chf|eur|euros?)\b", re.IGNORECASE
)
_MARKED: Final = re.compile(
    r"\s*<(?:richtext|note|document|item)\b|^Content-Type:|^MIME-Version:", re.I
)
_NEVER: Final = "0000-00-00"
# The parts of an address by the names that the function gives them.
_PARTS: Final = {"rest": "address2", "unit": "unit"}
_NAMES: Final = {"first": "firstname", "last": "lastname"}


def functions_of(made: Transform, seen: Profile = EMPTY) -> Chain:
    """Entries for `functions` of a field. `seen` are the source's values: amounts with a sign are
    money, rich text as the database exports it is not yet HTML. Nothing where a person has to
    choose, or where the connector does it (records found by a key)."""
    build = _BUILDERS.get(made.kind)
    found = build(made.params, seen) if build else []
    return found if all(one["name"] in FUNCTIONS for one in found) else []


def _number(params: dict[str, Any], seen: Profile) -> Chain:
    if any(_MONEY.search(value) for value in seen.values):
        return [{"name": "money", **_given(params, "locale")}]
    return [{"name": "number", "locale": params.get("locale", "en")}]


def _date(params: dict[str, Any], seen: Profile) -> Chain:
    form = _FORMS.get(params.get("format", ""), params.get("format"))
    found: Chain = [{"name": "date", **({"in": form} if form else {})}]
    if any(
        value.startswith(_NEVER) for value in seen.values
    ):  # how MySQL writes that there is none
        found.insert(0, {"name": "regex_replace", "pattern": f"^{_NEVER}.*$", "new": ""})
    return found


def _bool(params: dict[str, Any], seen: Profile) -> Chain:
    true, false = list(_TRUE), list(_FALSE)
    for word in params.get("words", ()):  # j and n, O and N: as this column writes them
        known = truth_of(word)
        if known is None and word.strip().lower() not in (*true, *false):
            return []  # publish, draft, pending: for a person
        if known is not None and word.strip().lower() not in (*true, *false):
            (true if known else false).append(word.strip())
    if params.get("invert"):
        true, false = false, true
    return [{"name": "bool", "true": true, "false": false}]


def _html_text(params: dict[str, Any], seen: Profile) -> Chain:
    if _exported(seen.values):
        return [{"name": "rich_text", "to": "text"}]
    return [{"name": "html_to_text"}]


def _richtext_html(params: dict[str, Any], seen: Profile) -> Chain:
    """HTML that comes from the connector is cleaned by it already."""
    return [{"name": "rich_text"}] if _exported(seen.values) else []


def _exported(values: Iterable[str]) -> bool:
    return any(_MARKED.search(value) for value in values)


def _join(params: dict[str, Any], seen: Profile) -> Chain:
    if params.get("with"):
        return []  # which path the other fields have in the flow, the matcher cannot know
    return [{"name": "join", "separator": params.get("separator", " ")}]


def _name_split(params: dict[str, Any], seen: Profile) -> Chain:
    part = _NAMES.get(params.get("part", ""))
    if part is None:
        return []
    # A comma tells the order by itself; "Dupont Jean" does not.
    comma = params.get("order") == "last, first" and all("," in value for value in seen.values)
    last = params.get("order") == "last, first" and not comma
    return [{"name": "name_split", "part": part, **({"order": "last_first"} if last else {})}]


def _address(params: dict[str, Any], seen: Profile) -> Chain:
    part = params.get("part", "")
    part = _PARTS.get(part, part)
    if not part:
        return []
    return [{"name": "address_parse", "part": part, **_given(params, "country")}]


def _country(params: dict[str, Any], seen: Profile) -> Chain:
    wanted, given = params.get("to"), params.get("from")
    if given == "id":
        return []
    if wanted == "name":
        return [{"name": "country_name"}] if given == "iso" else []
    if wanted == "id":  # the connector finds the record by its code
        return [] if given == "iso" and _two_letters(seen) else [{"name": "country_code"}]
    return [{"name": "country_code"}]


def _two_letters(seen: Profile) -> bool:
    return bool(seen.values) and all(re.fullmatch("[A-Z]{2}", one) for one in seen.values)


def _status(params: dict[str, Any], seen: Profile) -> Chain:
    """A table only where it is complete; the words left over are for a person."""
    if not params.get("map") or params.get("unknown"):
        return []
    return [{"name": "lookup", "table": dict(params["map"])}]


def _line_items(params: dict[str, Any], seen: Profile) -> Chain:
    """The rows out of a text or a table that holds them all; a list of one column is taken as it
    is, by its place."""
    if seen.listed or params.get("row") or not params.get("whole"):
        return []
    found: Chain = [{"name": "line_items", **_given(params, "locale")}]
    if params.get("column"):
        found.append({"name": "pick", "path": params["column"]})
    return found


def _arithmetic(params: dict[str, Any], seen: Profile) -> Chain:
    if params.get("expression") == "value / 1000":
        return [{"name": "unit_convert", "unit": "g", "to": "kg"}]
    return []


def _given(params: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: params[name] for name in names if params.get(name)}


_BUILDERS: Final[dict[str, Callable[[dict[str, Any], Profile], Chain]]] = {
    "number": _number, "date": _date, "bool": _bool, "html_text": _html_text,
    "richtext_html": _richtext_html, "concat": _join, "name_join": _join,
    "name_split": _name_split, "address_parse": _address, "country": _country,
    "status_lookup": _status, "line_items": _line_items, "arithmetic": _arithmetic,
}  # fmt: skip
