"""Normalisers: what of a value counts when two sides are compared.

A normalised value is compared and hashed, never written: what goes to the other side is the value
as it was read.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from connectors.sdk.compare import as_number
from flows.mapping.addresses.countries import country_of
from flows.mapping.values import text


class Normaliser(StrEnum):
    """What is no difference."""

    CASE = "case"  # capitals
    SPACES = "spaces"  # white space at the ends, and how much of it is between words
    PHONE = "phone"  # how a telephone number is spelt
    COUNTRY = "country"  # a country's name in some language, or its code
    NUMBER = "number"  # how a number is spelt


# Calling codes of the ITU's list; the sign says whether the trunk prefix 0 falls away behind it.
_CALLING: Final[Mapping[str, tuple[str, bool]]] = {
    "AT": ("43", True), "AU": ("61", True), "BE": ("32", True), "BG": ("359", True),
    "BR": ("55", True), "CA": ("1", False), "CH": ("41", True), "CY": ("357", False),
    "CZ": ("420", False), "DE": ("49", True), "DK": ("45", False), "EE": ("372", False),
    "ES": ("34", False), "FI": ("358", True), "FR": ("33", True), "GB": ("44", True),
    "GR": ("30", False), "HR": ("385", True), "HU": ("36", False), "IE": ("353", True),
    "IN": ("91", True), "IT": ("39", False), "JP": ("81", True), "LT": ("370", False),
    "LU": ("352", False), "LV": ("371", False), "MT": ("356", False), "NL": ("31", True),
    "NO": ("47", False), "NZ": ("64", True), "PL": ("48", False), "PT": ("351", False),
    "RO": ("40", True), "SE": ("46", True), "SI": ("386", True), "SK": ("421", True),
    "TR": ("90", True), "UA": ("380", True), "US": ("1", False), "ZA": ("27", True),
}  # fmt: skip


def normalised(value: Any, normalisers: Sequence[Normaliser], country: str = "") -> Any:
    """What of the value counts. Nothing, an empty text and an empty list are the same; line ends
    and Unicode forms never differ. `country` (ISO code) says where a telephone number without a
    calling code is at home."""
    if isinstance(value, Mapping):
        return {key: normalised(one, normalisers, country) for key, one in value.items()}
    if isinstance(value, list | tuple):
        found = [normalised(one, normalisers, country) for one in value]
        return [one for one in found if one is not None] or None
    if isinstance(value, str):
        value = unicodedata.normalize("NFC", value).replace("\r\n", "\n").replace("\r", "\n")
    for one in normalisers:
        value = _phone(value, country) if one is Normaliser.PHONE else _OF[one](value)
    return None if value == "" else value


def _case(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _spaces(value: Any) -> Any:
    return " ".join(value.split()) if isinstance(value, str) else value


def _phone(value: Any, country: str) -> Any:
    if not isinstance(value, str | int | Decimal) or isinstance(value, bool):
        return value
    spelt = text(value).strip()
    digits = re.sub(r"\D", "", re.sub(r"\(0\)", "", spelt))
    if not digits:
        return _spaces(value)
    if spelt.startswith("+"):
        return "+" + digits
    if digits.startswith("00"):
        return "+" + digits[2:]
    code, trunk = _CALLING.get(country, ("", False))
    if not code:
        return digits
    return f"+{code}{digits[1:] if trunk and digits.startswith('0') else digits}"


def _country(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    bare = value.strip()
    return country_of(bare) or country_of(bare.upper()) or _case(_spaces(value))


def _number(value: Any) -> Any:
    found = as_number(value)
    if found is None:
        return _spaces(value)
    return found.normalize() + 0  # no exponent of its own, and no negative zero


_OF: Final[Mapping[Normaliser, Callable[[Any], Any]]] = {
    Normaliser.CASE: _case,
    Normaliser.SPACES: _spaces,
    Normaliser.COUNTRY: _country,
    Normaliser.NUMBER: _number,
}
