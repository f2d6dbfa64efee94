"""An address out of one combined text: peel the country, the postcode with its town, the state,
then read what is left as names, street and flat."""

import re
from typing import Any, Final

from flows.mapping.addresses.address import Address
from flows.mapping.addresses.american import parse_american
from flows.mapping.addresses.countries import (
    country_of,
)
from flows.mapping.addresses.draft import Draft
from flows.mapping.addresses.guess import guess
from flows.mapping.addresses.peel import (
    peel_box,
    peel_city,
    peel_country,
    peel_postcode,
    peel_state,
)
from flows.mapping.addresses.remainder import read_street

MAX_TEXT: Final = 2000  # characters


_SPLIT: Final = re.compile(r"\s*[\n\r;|·•]+\s*|\s*,\s+|,(?=[^\d\s])|(?<=\D),(?=\d)|\s+[-–—]\s+|\t+")


def parse_address(text: str, hint: str = "") -> Address:
    """The parts of an address written in one text, on one line or several.

    `hint` is the ISO code or name of the country that is meant where the text names none.
    """
    text = " ".join(text[:MAX_TEXT].replace("\u00a0", " ").replace("\u202f", " ").split(" "))
    parts = [one for part in _SPLIT.split(text) if (one := " ".join(part.split()).strip(" ,"))]
    draft = Draft(parts)
    named = peel_country(draft)
    country = named or country_of(hint.upper() if len(hint) < 4 else hint) or guess(text)
    if country == "US":
        found = parse_american(", ".join(draft.parts))
        if found.city and (found.street or found.po_box):
            return found
    draft.found["country"] = country
    if country == "MX":  # código postal, elsewhere a box
        draft.parts = [re.sub(r"(?i)\bc\.?\s?p\.?\s*(?=\d{5}\b)", "", one) for one in draft.parts]
    peel_box(draft)
    peel_postcode(draft, country)
    peel_state(draft, country)
    peel_city(draft, country, named)
    read_street(draft, country)
    return _made(draft)


def _made(draft: Draft) -> Address:
    known: dict[str, Any] = {
        key: value for key, value in draft.found.items() if key != "country_text"
    }
    return Address(**known)
