"""Numbers as people write them, decided column by column; Decimal throughout.

"1.234" is a thousand or one and a bit: the other numbers of the column say which, then those
of the table, then the locale. Spaces of every width and apostrophes part thousands.
"""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

from babel import Locale, UnknownLocaleError

from flows.mapping.lines.grid import Cell
from flows.mapping.lines.words import FREE, NUMBER_WORDS, UNITS, fold, words

_SPACES: Final = " \u00a0\u202f\u2009\u2007"
_GROUP: Final = _SPACES + "'’´`"
_BODY: Final = (
    rf"\d{{1,3}}(?:[{_GROUP}]\d{{3}})+(?:[.,]\d+)?(?!\d)"
    r"|\d{1,3}(?:[.,]\d{3})+(?:[.,]\d+)?(?!\d)"
    r"|\d{1,30}(?:[.,]\d{1,30})?"
    r"|[.,]\d{1,30}"
)
_CODES: Final = (
    "EUR|CHF|USD|GBP|SEK|NOK|DKK|PLN|CZK|HUF|RON|BGN|CAD|AUD|NZD|JPY|TRY|SFr|Fr|US\\$|C\\$|A\\$"
)
CURRENCY: Final = (
    rf"(?:[€$£¥₣₺]|(?:{_CODES})(?![^\W\d])\.?|Euros?\b|z[łl](?:ot(?:y|ych))?\b|Kč|Kc\b|kr(?:onor|oner)?\b\.?|"
    r"Ft\b|lei\b|dollars?\b|pounds?\b(?!\s+of)|€uro)"
)
_NUMBER: Final = re.compile(
    rf"(?<![\w.,])(?<![^\W\d]-)(?P<cur>[€$£]|{_CODES}|kr\.?)?(?P<sign>[-−–+]?)\s?"
    rf"(?:[€$£]|{_CODES})?\s?(?P<body>{_BODY})"
    rf"(?:[.,][-–—]{{1,2}})?(?P<cents>\s?€\s?\d\d(?!\d))?(?P<after>\s?[-−](?![\w\d]))?"
)
_MONEY: Final = re.compile(rf"(?<![^\W\d]){CURRENCY}", re.IGNORECASE)
_DATE: Final = re.compile(
    r"\s*(?:\d{1,2}[./]\d{1,2}\.|\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d\d|(?:19|20)\d\d[./-]\d\d?[./-]\d\d?)"
    r"(?:[ T]\d\d?:\d\d(?::\d\d)?)?\s*\Z"
)
# 41.205.10 is a number of something: what the same sign parts twice are thousands.
_PARTED: Final = re.compile(r"\d([.,])\d{1,4}\1(?:\d{1,2}|\d{4,})(?!\d)")
_TIMES: Final = re.compile(r"\A\s*[x×]\s?(?=\d)")
_PARENS: Final = re.compile(r"^\s*\(\s*[^()]*\d[^()]*\)\s*$")
_RANGE: Final = Decimal(10) ** 15


@lru_cache(maxsize=8192)
def numeric(text: str) -> bool:
    """Whether a text is a number with at most a currency, a unit or a multiplication mark."""
    text = _TIMES.sub("", text)
    if not any(one.isdigit() for one in text) or len(text) > 60 or _DATE.match(text):
        return False
    found = first(text)
    if found is None:
        return False
    rest = _MONEY.sub(" ", text[: found.start()] + " " + text[found.end() :])
    letters = [one for one in words(rest) if not one.isdigit()]
    known = {"per", "pro", "je", "par", "la", "le", "l", "a", "the", "ht", "ttc", "net", "netto"}
    return all(one in UNITS or one in known for one in letters) and not re.search(r"\d", rest[:9])


def percent(text: str) -> bool:
    """Whether the number is a share."""
    return "%" in text or "v.H." in text


def money(text: str) -> bool:
    """Whether a currency stands beside the number, or it has two decimals."""
    if _DATE.match(text) or _PARTED.search(text):
        return False
    return bool(_MONEY.search(text)) or bool(re.search(r"\d[.,](?:\d\d|[-–—]{1,2})(?!\d)", text))


def first(text: str) -> re.Match[str] | None:
    """The first number of a text."""
    return _NUMBER.search(text)


def _vote(body: str) -> str | None:
    """The decimal sign that a number proves, if it proves one."""
    points, commas = body.count("."), body.count(",")
    if points and commas:
        return "." if body.rfind(".") > body.rfind(",") else ","
    sign = "." if points else ","
    other = "," if points else "."
    if points + commas == 0:
        return None
    if points + commas > 1:
        return other
    before, _, after = body.rpartition(sign)
    if len(after) != 3 or before in ("0", "") or len(before) > 3:
        return sign
    return sign if re.search(rf"[{_GROUP}]", before) else None


@lru_cache(maxsize=256)
def sign_of(locale: str) -> str | None:
    """The decimal sign of a locale such as `de`, `fr_CA` or `en-GB`; None where it is unknown."""
    try:
        parsed = Locale.parse(locale.strip().replace("-", "_"))
        found = str(parsed.number_symbols["latn"]["decimal"])
    except (UnknownLocaleError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return found if found in ".," else None


def decide(texts: Iterable[str], otherwise: str | None) -> str | None:
    """The decimal sign of these texts by majority of proofs."""
    points = commas = 0
    for text in texts:
        found = _NUMBER.search(text)
        if found:
            proof = _vote(found["body"])
            points += proof == "."
            commas += proof == ","
    if points == commas:
        return otherwise
    return "." if points > commas else ","


def exact(match: re.Match[str], sign: str | None, text: str = "") -> Decimal | None:
    """The number of a match, its decimal sign being `sign` unless the number proves another."""
    body = re.sub(rf"[{_GROUP}]", "", match["body"])
    own = _vote(match["body"])
    mark = own or sign
    if mark is None:  # nothing known: three digits behind a sign are thousands
        body = body.replace(".", "").replace(",", "")
    else:
        body = body.replace("," if mark == "." else ".", "").replace(mark, ".")
    if match["cents"]:
        body += "." + match["cents"].strip()[-2:]
    try:
        value = Decimal(body)
    except InvalidOperation:
        return None
    negative = match["sign"] in ("-", "−", "–") if match["sign"] else bool(match["after"])
    if negative or (_PARENS.match(text) and money(text)):
        value = -value
    return value if abs(value) < _RANGE else None


def amount(one: Cell, sign: str | None, *, priced: bool = False) -> Decimal | None:
    """The number of a cell; a price may be called free. None where there is none."""
    if one.value is not None:
        return one.value
    for line in (one.text, *one.lines):
        if _DATE.match(line):
            return None
        if percent(line) and not money(line):
            return None
        found = first(_TIMES.sub("", line))
        if found:
            return None if _talk(line) else exact(found, sign, line)
    folded = " ".join(words(one.text))
    if priced:
        return Decimal(0) if folded in FREE else None
    return Decimal(NUMBER_WORDS[folded]) if folded in NUMBER_WORDS else None


def _talk(text: str) -> bool:
    """Whether a text has more to say than a number with its unit and currency."""
    letters = [one for one in words(_MONEY.sub(" ", text)) if one.isalpha() and len(one) > 1]
    return sum(one not in UNITS for one in letters) > 3


def amounts(
    cells: Sequence[Cell], hint: str | None, *, priced: bool = False
) -> list[Decimal | None]:
    """The numbers of one column; `hint` is the decimal sign where the column proves none."""
    sign = decide((one.text for one in cells if one.value is None), hint)
    return [amount(one, sign, priced=priced) for one in cells]


def agrees(quantity: Decimal, price: Decimal, total: Decimal) -> bool:
    """Whether quantity × price is the total, half a cent of rounding per unit allowed."""
    away = abs(quantity * price - total)
    allowed = max(Decimal("0.011"), min(abs(quantity), Decimal(100)) * Decimal("0.0051"))
    return away <= allowed


def is_unit(text: str) -> bool:
    return fold(text).strip(".") in UNITS
