"""The country, the box, the postcode, the state and the town, taken off one after the other."""

import re
from typing import Final

from flows.mapping.addresses import street as streets
from flows.mapping.addresses.countries import (
    TABLE,
    TRAILING,
    country_of,
    plain,
    postcode_pattern,
    states,
)
from flows.mapping.addresses.draft import Draft

_ENGLISH: Final = frozenset(["", "GB", "US", "CA", "AU", "NZ", "IE", "ZA", "IN", "SG"])


_BOX: Final = re.compile(
    rf"(?<!\w)(?P<box>{TABLE['box']})\s*(?:n[°º]?\.?|nr\.?|no\.?|:)?\s*(?P<number>\d[\d\s]{{0,8}}\d|\d|[A-Z]?\d+)(?!\w)",
    re.IGNORECASE,
)


# Towns whose quarters are numbered, as part of their name.
_QUARTERED: Final = re.compile(
    r"(?:dublin|praha|prague|bratislava|budapest|brno|wien|paris|lyon|marseille) \d+\w?\.?\Z",
    re.IGNORECASE,
)
_TOWNS: Final = ("LU", "MC", "SG", "HK", "SM", "GI", "VA")  # lands that are towns
_BOX_WORD: Final = re.compile(
    r"postfach|case postale|casella postale|postbus|postboks|p\.?\s?o\.?\s?box|apartado|apdo\.?",
    re.IGNORECASE,
)
_STATION: Final = re.compile(r"(?:stn|station|succ(?:ursale)?|rpo|csp|lcd)\b\.?\s", re.IGNORECASE)


def peel_country(draft: Draft) -> str:
    """Take off the country where it ends the text, begins it, or ends its last part."""
    parts = draft.parts
    if len(parts) == 1 and len(parts[0]) > 3 and (code := country_of(parts[0])):
        draft.parts = []
        if code in _TOWNS:
            draft.found["country_text"] = parts[0]
        return code
    behind = re.match(r"(.+?)[\s,]+(\d{4,6})\Z", parts[-1]) if len(parts) > 1 else None
    if behind and len(behind[1]) > 3 and (code := country_of(behind[1])) and code not in _TOWNS:
        parts[-1] = behind[2]  # Republic of Korea 48094
        draft.found["country_text"] = behind[1]
        return code
    for at in (len(parts) - 1, 0, len(parts) - 2):
        if 0 <= at < len(parts) and len(parts) > 1:
            code = country_of(parts[at])
            short = len(parts[at]) <= 3 and at != len(parts) - 1
            if code and not short and not _a_state(parts, at, code):
                draft.found["country_text"] = parts.pop(at)
                return code
    if parts:
        words = parts[-1].split()
        for size in range(min(4, len(words) - 1), 0, -1):
            tail = " ".join(words[-size:])
            code = country_of(tail) if len(tail) > 2 or tail.isupper() else ""
            if len(tail.strip(".")) == 2 and tail.endswith("."):
                continue  # a quarter: Budapest VI.
            if tail.startswith("(") and len(tail.strip("()")) < 3:
                continue  # a province: Torino (TO)
            left = " ".join(words[:-size])
            if code and re.fullmatch(r"(?:[A-Z]{1,2}[- ])?\d{3,6}", left):
                return code  # Luxembourg and Monaco are towns as well
            if (
                code
                and any(map(str.isdigit, left))
                and not (len(tail) == 2 and code not in ("GB", "US", "DE", "FR"))
            ):
                if _states_end(left, tail):
                    continue
                parts[-1] = left.rstrip(" ,-")
                draft.found["country_text"] = tail
                return code
    return ""


def _a_state(parts: list[str], at: int, code: str) -> bool:
    """Whether two letters that might be a country are the state of a US or other address."""
    bare = parts[at].strip(" .()")
    if len(bare) != 2 or at != len(parts) - 1:
        return False
    return bare in (
        "CA",
        "IL",
        "IN",
        "DE",
        "CO",
        "GA",
        "AL",
        "AR",
        "PA",
        "MD",
        "MT",
        "NE",
        "SC",
        "VA",
        "SP",
        "MG",
        "BA",
        "PR",
        "PE",
        "RS",
        "SC",
        "MI",
        "TO",
        "NA",
        "BO",
        "VE",
        "GE",
    ) and (
        code not in ("DE", "CA", "IN") or bool(re.search(r"\d{5}", parts[at - 1]) and code == "CA")
    )


def _states_end(left: str, tail: str) -> bool:
    return len(tail) == 2 and bool(re.search(r",\s*\Z", left))


def peel_box(draft: Draft) -> None:
    for at, part in enumerate(draft.parts):
        found = _BOX.search(part)
        if found and not (
            found["box"].lower() in ("box", "pl", "cp", "bp", "pk", "pf")
            and found.start() > 0
            and part[found.start() - 1] != " "
        ):
            if found["box"].lower() in ("pl", "pk") and draft.found.get("country") != "FI":
                continue
            draft.found["po_box"] = " ".join(found[0].split())
            rest = (part[: found.start()] + " " + part[found.end() :]).strip(" ,-")
            draft.parts[at : at + 1] = [rest] if rest else []
            draft.boxed = rest if rest == part[found.end() :].strip() else ""
            break
    _box_alone(draft)


def _box_alone(draft: Draft) -> None:
    """A box without a number, and what names its office: `Postboks 84 Sentrum`, `Stn Main`."""
    for at, part in enumerate(draft.parts):
        if "po_box" not in draft.found and _BOX_WORD.fullmatch(part.strip()):
            draft.found["po_box"] = draft.parts.pop(at)
            return
        if "po_box" in draft.found and (
            _STATION.match(part) or (draft.found.get("country") == "NO" and part == draft.boxed)
        ):
            joint = " " if part == draft.boxed else ", "
            draft.found["po_box"] += joint + draft.parts.pop(at)
            return


def peel_postcode(draft: Draft, country: str) -> None:
    pattern = postcode_pattern(country) if country else None
    if country and pattern is None:
        return
    pattern = pattern or re.compile(r"(?<![\w/-])(?P<code>\d{3} \d{2}|\d{4,7})(?![\w/-])")
    best: tuple[float, int, re.Match[str]] | None = None
    for at, part in enumerate(draft.parts):
        for found in pattern.finditer(part):
            score = _likely(draft, at, part, found, country)
            if best is None or score >= best[0]:
                best = (score, at, found)
    if best is None or best[0] < 0:
        return
    _, at, found = best
    part = draft.parts[at]
    before, after = part[: found.start()].strip(" ,-–("), _after(part[found.end() :])
    draft.found["postcode"] = " ".join(found["code"].upper().split())
    draft.parts[at : at + 1] = _around(draft, at, before, after, country)


def _after(text: str) -> str:
    text = text.strip(" ,-–")
    return text if "(" in text else text.strip(")")


def _likely(draft: Draft, at: int, part: str, found: re.Match[str], country: str) -> float:
    before, after = part[: found.start()].strip(" ,-"), part[found.end() :].strip(" ,-")
    score = at / max(1, len(draft.parts))
    plated = len(found[0]) > len(found["code"])
    score += 3 * plated + 2 * (not before and not after)
    if country in TRAILING:
        score += 2 * (not after)
    else:
        score += 2 * (not before and after[:1].isalpha())
        score += 1 * bool(before and after[:1].isalpha())
    # A figure at the end of a street is the house number, one before a street likewise.
    if (
        not after
        and before
        and streets.worded(before)
        and found["code"].isdigit()
        and len(found["code"]) < 6
    ):
        score -= 3 if country not in TRAILING else 1
    if (
        not before
        and streets.worded(after)
        and len(found["code"]) < 5
        and at < len(draft.parts) - 1
    ):
        score -= 2
    return score


def _around(draft: Draft, at: int, before: str, after: str, country: str) -> list[str]:
    """What stood around the postcode: the town is noted, the rest goes back to the parts."""
    known = states(country)
    if country in TRAILING and after and before and plain(after) in known:
        draft.found["state"] = after
        after = ""
    draft.at = at
    if country in TRAILING:
        if before and after and not known:
            draft.found["city"] = after if any(map(str.isdigit, before)) else before
            return [before] if any(map(str.isdigit, before)) else []
        if before:
            return [before] if not after else [before, after]
        if after:
            draft.found["city"] = after
            return []
        return []
    if after:
        draft.found["city"] = after
        return [before] if before else []
    if before and not any(map(str.isdigit, before)):
        draft.found["city"] = before
        return []
    return [before] if before else []


def peel_state(draft: Draft, country: str) -> None:
    for at, part in enumerate(draft.parts if country == "RO" else ()):
        county = re.fullmatch(r"(?i)jud(?:\.|e[tț]ul)?\s+(.+)", part)
        if county:
            draft.found["state"] = county[1]
            draft.parts.pop(at)
            return
    known = states(country)
    if not known or "state" in draft.found:
        return
    city = draft.found.get("city", "")
    if city:
        bracketed = re.match(r"(.+?)\s*[(/]\s*([^()/]+?)\)?\Z", city)
        if bracketed and (plain(bracketed[2]) in known):
            draft.found["city"], draft.found["state"] = bracketed[1], bracketed[2]
            return
        words = city.split()
        if (
            len(words) > 1
            and country in ("IT", "CH", "BR")
            and re.fullmatch(r"[A-Z]{2}", words[-1])
            and plain(words[-1]) in known
        ):
            draft.found["city"], draft.found["state"] = " ".join(words[:-1]), words[-1]
            return
    for at in range(len(draft.parts) - 1, 0 if not city else -1, -1):
        part = draft.parts[at]
        if at < draft.at - 1 and not city:
            break
        if (
            plain(part) in known
            and not (city and plain(part) == plain(city))
            and at >= draft.at - 1
            and (city or at > 0)
        ):
            draft.found["state"] = part.strip("()")
            draft.parts.pop(at)
            draft.at = min(draft.at, at)
            return
    if city:
        return
    for at in range(len(draft.parts) - 1, max(-1, draft.at - 2), -1):
        words = draft.parts[at].split()
        for size in (3, 2, 1):
            tail = " ".join(words[-size:])
            if (
                len(words) > size
                and plain(tail) in known
                and (len(tail) > 3 or tail.isupper() or country == "MX")
            ):
                draft.found["state"] = tail.strip("()")
                draft.parts[at] = " ".join(words[:-size]).rstrip(" ,/-")
                return


def peel_city(draft: Draft, country: str, named: str) -> None:
    if "city" not in draft.found and draft.parts:
        at = (
            min(max(draft.at - 1, 0), len(draft.parts) - 1)
            if country not in TRAILING
            else len(draft.parts) - 1
        )
        at = (
            len(draft.parts) - 1
            if "postcode" not in draft.found or draft.at >= len(draft.parts)
            else at
        )
        if at > 0 and re.match(r"(?i)sector(?:ul)?\s?\d", draft.parts[at]):
            at -= 1
        elif country not in TRAILING and 0 < draft.at < len(draft.parts):
            at = draft.at  # a postcode between commas: the town follows
        part = draft.parts[at]
        if country in TRAILING and draft.at < len(draft.parts) and "postcode" in draft.found:
            part, at = draft.parts[draft.at], draft.at
            if any(map(str.isdigit, part)) and draft.at + 1 < len(draft.parts):
                part, at = draft.parts[draft.at + 1], draft.at + 1
        known = "postcode" in draft.found or "po_box" in draft.found
        if len(draft.parts) == 1 and known and not any(map(str.isdigit, part)):
            draft.found["city"] = part
            draft.parts.pop(at)
        elif len(draft.parts) == 1:
            head, city = _town_behind(part) if country in _ENGLISH else (part, "")
            if city:
                draft.found["city"] = city
                draft.parts[at : at + 1] = [head]
        elif (
            not streets.is_unit(part)
            and not (
                streets.worded(part) and any(map(str.isdigit, part)) and not _QUARTERED.match(part)
            )
        ) and part:
            draft.found["city"] = part
            draft.parts.pop(at)
        elif country in _ENGLISH and streets.worded(part) and any(map(str.isdigit, part)):
            head, city = _town_behind(part)
            if city:
                draft.found["city"] = city
                draft.parts[at : at + 1] = [head]
    if not draft.found.get("city") and named and draft.found.get("country_text"):
        draft.found["city"] = draft.found["country_text"]  # Luxembourg, Singapore
    city = draft.found.get("city", "").strip(" ,-–")
    if country in ("TR", "GR", "BR") and "/" in city and "state" not in draft.found:
        city, draft.found["state"] = (one.strip() for one in city.split("/", 1))
    draft.found["city"] = city


def _town_behind(part: str) -> tuple[str, str]:
    """`10 High Street London`: the town behind the last word for a street."""
    words = part.split()
    for at in range(len(words) - 2, 0, -1):
        if plain(words[at]) in (
            "street",
            "st",
            "road",
            "rd",
            "avenue",
            "ave",
            "lane",
            "drive",
            "dr",
            "court",
            "close",
            "way",
            "square",
            "terrace",
            "crescent",
            "place",
            "quay",
            "boulevard",
            "blvd",
            "parade",
        ):
            return " ".join(words[: at + 1]), " ".join(words[at + 1 :])
    if len(words) > 2 and words[0][:1].isdigit():
        return " ".join(words[:-1]), words[-1]
    return part, ""
