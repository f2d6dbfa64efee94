"""Functions over names and telephone numbers of people."""

import json
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

from flows.mapping.addresses.countries import country_of
from flows.mapping.functions.function import (
    Example,
    Function,
    FunctionError,
    Group,
    as_text,
    with_params,
)
from flows.mapping.values import describe, text

_TABLE: Final[dict[str, Any]] = json.loads(
    files("flows.mapping.functions").joinpath("people.json").read_text("utf-8")
)
_TITLES: Final = frozenset(_TABLE["titles"])
_SUFFIXES: Final = frozenset(_TABLE["suffixes"])
_PARTICLES: Final = frozenset(_TABLE["particles"])
_CALLING: Final[dict[str, str]] = _TABLE["calling"]
_TRUNK: Final[dict[str, str]] = _TABLE["trunk"]
NAME_PARTS: Final = ("title", "firstname", "lastname", "suffix")
_EXTENSION: Final = re.compile(
    r"(?i)[\s,;]*(?:ext(?:ension)?|durchwahl|dw|poste|int|x)\.?\s?:?\s?\d{1,6}\s*\Z"
)


def _bare(token: str) -> str:
    return token.lower().strip(".,")


def _split(value: Any, params: Mapping[str, Any]) -> Any:
    found = split_name(as_text(value), str(params.get("order", "auto")))
    return found[params["part"]] if "part" in params else found


def split_name(source: str, order: str = "auto") -> dict[str, str]:
    """Title, first name, last name and suffix of a person's name.

    A comma parts last name and first name; else the last word is the last name, together with
    the particles before it (von, de la). `order` last_first is for `Müller Anna`.
    """
    source = " ".join(source.split())
    suffix: list[str] = []
    head, comma, tail = source.partition(",")
    while comma and _bare(tail.split(",")[0]) in _SUFFIXES:
        part, comma, tail = tail.partition(",")
        suffix.append(part.strip())
    source = f"{head}, {tail.strip()}" if comma else head
    titles, words = _titled(source.split())
    while len(words) > 1 and _bare(words[-1]) in _SUFFIXES:
        suffix.insert(0, words.pop().strip(","))
    joined = " ".join(words)
    if "," in joined:
        last, _, first = (part.strip() for part in joined.partition(","))
        more, rest = _titled(first.split())
        titles += more
        while len(rest) > 1 and _bare(rest[-1]) in _PARTICLES and rest[-1].islower():
            last = f"{rest.pop()} {last}"  # Beethoven, Ludwig van
        first = " ".join(rest)
    elif order == "last_first":
        at = next((n for n, one in enumerate(words) if _bare(one) not in _PARTICLES), 0) + 1
        last, first = " ".join(words[:at]), " ".join(words[at:])
    else:
        at = max(len(words) - 1, 0)
        while at > 1 and _bare(words[at - 1]) in _PARTICLES:
            at -= 1
        first, last = " ".join(words[:at]), " ".join(words[at:])
    return {
        "title": " ".join(titles), "firstname": first, "lastname": last,
        "suffix": " ".join(suffix),
    }  # fmt: skip


def _titled(words: list[str]) -> tuple[list[str], list[str]]:
    at = 0
    while at < len(words) - 1 and _bare(words[at]) in _TITLES:
        at += 1
    return words[:at], words[at:]


def _join(value: Any, params: Mapping[str, Any]) -> str:
    if type(value) is not dict:
        raise FunctionError(f"Expected the parts of a name, found {describe(value)}.")
    parts = {key: text(value.get(key)).strip() for key in NAME_PARTS}
    if params.get("order", "first_last") == "last_first":
        given = " ".join(one for one in (parts["title"], parts["firstname"]) if one)
        return ", ".join(one for one in (parts["lastname"], given) if one)
    named = [parts[key] for key in NAME_PARTS if parts[key]]
    return " ".join(named)


def _phone(value: Any, params: Mapping[str, Any]) -> str | None:
    source = text(value) if type(value) in (int, str) else as_text(value)
    if not source.strip():
        return None
    found = e164(source, str(params.get("country", "")))
    if found:
        return found
    bad = params.get("on_bad", "fail")
    if bad != "fail":
        return source.strip() if bad == "keep" else None
    raise FunctionError(
        "That is no telephone number, or it has no country.",
        code="bad_phone",
        fix="Give `country`, or set `on_bad` to keep or null.",
    )


def e164(source: str, country: str = "") -> str:
    """A telephone number as +4930123456 (ITU E.164); empty where it is none.

    `country` (code or name) is for numbers without an international prefix.
    """
    bare = _EXTENSION.sub("", re.sub(r"\(0\)", "", source)).strip()
    if not re.fullmatch(r"[+\d\s().\-/–·]+", bare):
        return ""
    digits = re.sub(r"\D", "", bare)
    if bare.startswith("+"):
        full = digits
    elif digits.startswith("00"):
        full = digits[2:]
    else:
        code = country_of(country.upper() if len(country) < 4 else country) if country else ""
        calling = _CALLING.get(code, "")
        if not calling:
            return ""
        if digits.startswith("011") and calling == "1":
            full = digits[3:]
        else:
            trunk = _TRUNK.get(code, "0")
            national = digits[len(trunk) :] if trunk and digits.startswith(trunk) else digits
            full = calling + national
    return f"+{full}" if 8 <= len(full) <= 15 and not full.startswith("0") else ""


_ORDER: Final = {"title": "Order"}

FUNCTIONS = (
    Function(
        name="name_split",
        title="Take a name apart",
        summary="Title, firstname, lastname and suffix of a person's name; particles such as von "
        "and de la belong to the last name.",
        build=with_params(_split),
        params={
            "order": {
                **_ORDER,
                "enum": ["auto", "last_first"],
                "default": "auto",
                "description": "auto: the last name stands last, or before a comma.",
            },
            "part": {"enum": list(NAME_PARTS), "title": "Only this part"},
        },
        group=Group.PEOPLE,
        gives="object",
        filter=True,
        examples=(
            Example(
                value="Dr. Anna Maria von Berg",
                result={
                    "title": "Dr.",
                    "firstname": "Anna Maria",
                    "lastname": "von Berg",
                    "suffix": "",
                },
            ),
            Example(value="Dupont, Jean-Luc", params={"part": "firstname"}, result="Jean-Luc"),
        ),
    ),
    Function(
        name="name_join",
        title="Put a name together",
        summary="One name out of title, firstname, lastname and suffix.",
        build=with_params(_join),
        params={"order": {**_ORDER, "enum": ["first_last", "last_first"], "default": "first_last"}},
        group=Group.PEOPLE,
        takes="object",
        filter=True,
        examples=(
            Example(value={"firstname": "Ann", "lastname": "Lee"}, result="Ann Lee"),
            Example(
                value={"firstname": "Ann", "lastname": "Lee"},
                params={"order": "last_first"},
                result="Lee, Ann",
            ),
        ),
    ),
    Function(
        name="phone",
        title="Telephone number",
        summary="A telephone number in the international form +4930123456 (ITU E.164); an "
        "extension is left out.",
        build=with_params(_phone),
        params={
            "country": {
                "type": "string",
                "title": "Country",
                "description": "Of numbers without an international prefix.",
                "examples": ["DE"],
            },
            "on_bad": {
                "enum": ["fail", "keep", "null"],
                "default": "fail",
                "title": "No number",
                "description": "fail stops the run, keep leaves the text, null empties the field.",
            },
        },
        group=Group.PEOPLE,
        filter=True,
        examples=(
            Example(value="030 / 123 456-0", params={"country": "DE"}, result="+49301234560"),
            Example(value="+33 (0)1 23 45 67 89", result="+33123456789"),
            Example(value="call me", params={"on_bad": "null"}, result=None),
        ),
    ),
)
