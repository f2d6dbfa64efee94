"""The country of an address that names none, by what its addresses alone look like."""

import re
from typing import Final

from flows.mapping.addresses.countries import (
    TABLE,
    plain,
    states,
)

_PLATED: Final = re.compile(
    rf"(?<!\w)(?P<plate>{'|'.join(TABLE['plates'])})\s?[-–]\s?(?=\d{{3}}[\s\d]|\d{{2}}-)"
)


# Codes that name their country by their form alone.
_TELLING: Final = (
    ("AU", re.compile(r"\b(?:NSW|VIC|QLD|TAS|WA|SA|ACT|NT),?\s+\d{4}\b")),
    ("GB", re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}\b", re.I)),
    ("CA", re.compile(r"\b[ABCEGHJ-NPRSTVXY]\d[A-Z] ?\d[A-Z]\d\b", re.I)),
    ("NL", re.compile(r"\b[1-9]\d{3} ?[A-Z]{2}\b(?=[\s,]+[A-Z'’])")),
    ("IE", re.compile(r"\b[A-Z]\d[\dW] ?[A-Z\d]{4}\b(?=\W*\Z)")),
    ("BR", re.compile(r"\b\d{5}-\d{3}\b")),
    ("PT", re.compile(r"\b\d{4}-\d{3}\b")),
    ("PL", re.compile(r"\b\d{2}-\d{3}\b")),
    ("JP", re.compile(r"\b\d{3}-\d{4}\b")),
    ("LV", re.compile(r"\bLV-\d{4}\b")),
)


def guess(text: str) -> str:
    """The country by what its addresses alone look like."""
    plated = _PLATED.search(text)
    if plated:
        return str(TABLE["plates"][plated["plate"]])
    if _american(text):
        return "US"
    if re.search(r"\bsingapore\W+(?:s\W?)?\d{6}\b", text, re.IGNORECASE):
        return "SG"
    for code, pattern in _TELLING:
        if pattern.search(text):
            return code
    if re.search(r"(?<!\d)\d{5} [^\d,]{2,40} \([A-Z]{2}\)", text):
        return "IT"
    if re.search(r"(?i)\bbox \d+\b[^\d]*\d{3} \d{2}(?!\d)", text):
        return "SE"
    figures = {len(one) for one in re.findall(r"(?<![\w/-])\d{4,7}(?![\w/-])", text)}
    if re.search(r"(?<![\w/-])\d{3} \d{2}(?![\w/-])", text):
        figures.add(5)
    if figures and (town := _by_town(text)):
        return town
    for code, digits, words in TABLE["guess"]:
        if digits in figures and re.search(words, text, re.IGNORECASE):
            return str(code)
    return ""


def _by_town(text: str) -> str:
    """The country of a large town behind or before the postcode."""
    for part in reversed(re.split(r"[,\n;]", text)):
        found = re.match(r"\s*(?:\d[\d ]{2,6}\s+)?([^\d]+?)(?:\s+\d[\d ]{0,6})?\s*\Z", part)
        town = TABLE["cities"].get(plain(found[1])) if found else None
        if town:
            return str(town)
    return ""


def _american(text: str) -> bool:
    found = re.search(
        r"\b([A-Z]{2}|[A-Z][a-z]+(?: [A-Z][a-z]+)?),?\s+\d{5}(?:-\d{4})?\W*\Z", text.strip()
    )
    if not found:
        return False
    tokens = found[1].split()
    return plain(found[1]) in states("US") or plain(tokens[-1]) in states("US")
