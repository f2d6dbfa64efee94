"""Values on their way into the shop, and what it holds of them. Pure.

The kinds are those of nouns.toml; a translated value is a mapping of texts by language id.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.prestashop.reference import ShopFacts
from connectors.prestashop.transforms import (
    Row,
    decimal,
    flag,
    id_text,
    instant,
    integer,
    iso,
    local_text,
    text,
    texts,
)
from connectors.sdk.compare import as_number
from connectors.sdk.errors import RejectedError

_TRUE = ("1", "true", "yes")


def wanted_value(kind: str, value: Any, *, name: str) -> Any:
    """A param as the canonical value of its kind.

    Raises `RejectedError` for what is none. Translated values are `translations()`.
    """
    if kind == "flag":
        return value if isinstance(value, bool) else str(value).strip().lower() in _TRUE
    if kind in ("money", "int"):
        number = as_number(value)
        if number is None or (kind == "int" and number != number.to_integral_value()):
            raise RejectedError(
                f"{name} is not a number that the shop can hold: {str(value)[:40]!r}.",
                code="not_a_number",
                detail={"field": name},
            )
        return int(number) if kind == "int" else number
    if kind == "time":
        return _time(value, name=name)
    if isinstance(value, bool):
        # A flag that the shop's own description does not call one.
        return "1" if value else "0"
    return "" if value is None else str(value).strip()


def _time(value: Any, *, name: str) -> str | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise RejectedError(
            f"{name} is no time with its offset: {str(value)[:40]!r}.",
            code="bad_time",
            fix="Give a time such as 2026-11-23T10:30:00Z.",
            detail={"field": name},
        )
    return iso(moment)


def translations(value: Any, languages: Mapping[str, Row], facts: ShopFacts, *, name: str) -> Any:
    """Texts by language id, from a plain text (the shop's default language), or from
    `[{"language","value"}]` with ids or ISO codes. Raises `RejectedError`."""
    if not isinstance(value, list):
        return {facts.language: text(value)}
    codes = {text(row["iso_code"]).lower(): id_ for id_, row in languages.items()}
    found = {}
    for one in value:
        said = str(one.get("language", "") if isinstance(one, Mapping) else "").strip()
        id_ = said if said in languages else codes.get(said.lower(), "")
        if not id_:
            raise RejectedError(
                f"{name}: the shop has no language {said[:40]!r}.",
                code="unknown_language",
                fix=f"It has {', '.join(sorted(codes))}.",
                detail={"field": name},
            )
        found[id_] = text(one.get("value"))
    return found


def languages_of(
    wanted: Mapping[str, str], known: Mapping[str, Row], facts: ShopFacts
) -> dict[str, str]:
    """A new translated field: the default language's text stands where none is given."""
    spare = wanted.get(facts.language) or next((one for one in wanted.values() if one), "")
    return {id_: wanted.get(id_, spare) for id_ in sorted(known, key=int)}


def wire(kind: str, value: Any, there: Any, facts: ShopFacts) -> Any:
    """A canonical value as it is sent. `there` is what the row holds: a translated field is sent
    in all its languages, since those left out are emptied (197)."""
    if kind == "lang":
        kept = {one["language"]: one["value"] for one in texts(there, facts.language)}
        return {**kept, **value}
    if kind == "flag":
        return "1" if value else "0"
    if kind == "money":
        return f"{value:f}"
    if kind == "time":
        return local_text(datetime.fromisoformat(value), facts.zone) if value else ""
    return str(value)


def held(kind: str, there: Any, facts: ShopFacts) -> Any:
    """What a row holds, in canonical shape; a translated field as a mapping."""
    if kind == "lang":
        return {one["language"]: one["value"] for one in texts(there, facts.language)}
    if kind == "flag":
        return flag(there)
    if kind == "money":
        return decimal(there)
    if kind == "int":
        return integer(there)
    if kind == "time":
        return iso(instant(there, facts.zone))
    return id_text(there) if kind == "id" else text(there)
