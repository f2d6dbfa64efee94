"""What is left of an address when its town is off: names, street and flat."""

import re
from dataclasses import replace
from typing import Final

from flows.mapping.addresses import street as streets
from flows.mapping.addresses.draft import Draft

_DISTRICT: Final = re.compile(
    r"(?:sector(?:ul)?\s\d|col\.|colonia\s|barrio\s|bairro\s)", re.IGNORECASE
)


_UNITED: Final = re.compile(
    r"(?:unit|flat|apartment|suite|shop|plot)\s(?:no\.?\s)?\w?\d+\w?(?!\w)", re.IGNORECASE
)


_CARE: Final = re.compile(
    r"\A(?:c/o|z\.?\s?hd\.?|attn\.?:?|att\.?:?|à l'attention de|at)\s", re.IGNORECASE
)


def read_street(draft: Draft, country: str) -> None:
    parts = draft.parts
    if not parts:
        return
    scored = [(_street_score(parts, at), at) for at in range(len(parts))]
    score, at = max(scored, key=lambda one: (one[0], -abs(one[1] - draft.at), one[1]))
    if score <= 0:
        lone = [n for n in range(len(parts)) if not streets.is_unit(parts[n])]
        if "po_box" in draft.found or not lone or (len(lone) > 1 and not country):
            _names(draft, parts, len(parts))
            return
        at = lone[-1]
    found = streets.part(parts[at], country)
    if score <= 0 and (number := streets.number_alone(parts[at])):
        found = streets.Street(number=number)  # a house in a village without streets
    if len(found.street) == 1 and at + 1 < len(parts) and streets.number_alone(parts[at + 1]):
        found = streets.Street(street=parts[at])  # Mannheim: D 6, 2
    units = []
    last = at
    if not found.number:
        after = streets.number_alone(parts[at + 1]) if at + 1 < len(parts) else ""
        before = streets.number_alone(parts[at - 1]) if at > 0 else ""
        if after:
            found, last = replace(found, number=after), at + 1
        elif (
            at + 1 < len(parts)
            and (
                late := re.match(
                    rf"(?:n[°ºo]?\.?\s?|nr\.?\s?)?({streets.NUMBER})[\s,]+(.+)\Z",
                    parts[at + 1],
                    re.IGNORECASE,
                )
            )
            and not streets.is_unit(parts[at + 1])
        ):
            found, last = replace(found, number=late[1], after=late[2]), at + 1
        elif before:
            found, at = replace(found, number=before), at - 1
    if found.after:
        units.append(found.after)
    rest: list[str] = []
    for part in parts[last + 1 :]:
        if streets.is_unit(part) or (streets.number_alone(part) and not units):
            units.append(part)
        else:
            rest.append(part)
    names: list[str] = []
    for part in parts[:at]:
        united = _UNITED.match(part)
        if united and not streets.is_unit(part):
            units.append(united[0])
            rest.insert(0, part[united.end() :].strip(" ,-"))
            continue
        (units if streets.is_unit(part) else names).append(part)
    if found.before:
        if country in ("AU", "NZ", "CA") or streets.is_unit(found.before):
            units.insert(0, found.before)
        else:
            names.append(found.before)
    draft.found.update(
        street=found.street,
        house_number=found.number,
        unit=", ".join(one.strip("()") for one in units),
        rest=", ".join(rest),
    )
    _names(draft, names, len(names))


def _numbered(part: str) -> bool:
    """Whether a part is the house's number with the flat behind it: `3 int. 5`."""
    found = re.match(rf"{streets.NUMBER}[\s,]+(?=[^\W\d])", part, re.IGNORECASE)
    return bool(found) and streets.is_unit(part[found.end() :] if found else "")


def _elsewhere(parts: list[str], at: int) -> bool:
    """Whether another part behind this one is called a street."""
    return any(streets.worded(one) and not _UNITED.match(one) for one in parts[at + 1 :])


def _street_score(parts: list[str], at: int) -> float:
    part = parts[at]
    digits = any(map(str.isdigit, part))
    if streets.is_unit(part) or streets.number_alone(part) or _CARE.match(part):
        return -1
    if at and _numbered(part):
        return -1
    beside = (
        at + 1 < len(parts)
        and bool(streets.number_alone(parts[at + 1]) or _numbered(parts[at + 1]))
    ) or (at > 0 and bool(streets.number_alone(parts[at - 1])))
    found = streets.part(part)
    if _DISTRICT.match(part):
        return -1
    score = (
        2.0 * streets.worded(part)
        - (4.0 if _elsewhere(parts, at) else 2.0) * bool(_UNITED.match(part))
        + 1.6 * bool(found.number)
        + 1.5 * beside
    )
    if not digits and not beside:
        score -= 1.2
    return score + 0.05 * at


def _names(draft: Draft, names: list[str], end: int) -> None:
    shown = [one for one in names[:end] if one]
    if shown:
        draft.found["name"] = ", ".join(shown)
