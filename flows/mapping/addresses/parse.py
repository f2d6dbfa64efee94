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


# What forms and mails write before an address.
_LABEL: Final = re.compile(
    r"(?im)^[ \t]*(?:(?:liefer|rechnungs|versand|post|haus)?(?:adresse|anschrift)|"
    r"(?:(?:shipping|delivery|billing|postal|mailing|street|home|ship-to|invoice)\s)?address(?:\sline)?|"
    r"(?:ship|deliver|bill|invoice|send)\s?to|adresse\s(?:de\s)?(?:livraison|facturation|postale)|"
    r"livraison|indirizzo(?:\sdi\s\w+)?|direcci[óo]n(?:\sde\s\w+)?|morada|endere[çc]o|"
    r"(?:bezorg|aflever|factuur)?adres|adres(?:\sdostawy)?|adresa|adress|leveringsadresse|"
    r"lieferung\san|rechnung\san|an)\s*:\s*"
)
# Telephone, mail and tax numbers that stand below an address.
_REACHED: Final = re.compile(
    r"(?i)(?:tel(?:efon|ephone|efono|éfono)?|t[ée]l(?:éphone)?|fax|mob(?:il|ile)?|phone|handy|gsm)"
    r"(?:\s?(?:nr|no|n°))?\b\s?[.:/]*\s?[\d+(].*"
    r"|(?:e-?mail|mail|web|www|https?)\b\s?[.:/]+\s?\w.*"
    r"|(?:vat|ust-?id(?:nr)?|uid|tva|siret|siren|nif|cif|p\.?\s?iva|c\.f|kvk|btw|nip|i[čc]o|di[čc])"
    r"(?:\s?(?:nr|no|n°|id))?\b\s?[.:/]*\s?[\w-]*\d[\w. -]*\Z"
    r"|\S+@\S+\.\w+|\+\d[\d\s()/-]{6,}\Z"
)
# What forms write before a postcode.
_CODE: Final = re.compile(
    r"(?i)\b(?:cep|cap|plz|zip(?:\scode)?|post\s?code|code\spostal|postal\scode|psč|kod\spocztowy|"
    r"postnr|postcode)\b[:.]?\s*(?=[a-z]{0,2}-?\d)"
)
_RANGE: Final = re.compile(r"(\d[a-zA-Z]?)\s+([-–])\s+(\d{1,4}[a-zA-Z]?)(?=\s*(?:,|\n|\Z))")
_SLASH: Final = re.compile(r"\s+/\s+")


def parse_address(text: str, hint: str = "") -> Address:
    """The parts of an address written in one text, on one line or several.

    `hint` is the ISO code or name of the country that is meant where the text names none.
    """
    text = _LABEL.sub("", text[:MAX_TEXT])
    if len(_SLASH.findall(text)) > 1 and "\n" not in text:
        text = _SLASH.sub("\n", text)
    text = " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split(" "))
    text = _CODE.sub("", _RANGE.sub(r"\1\2\3", text))
    if re.search(r"(?i)singapore", text):
        text = re.sub(r"(?<=\w)\s(#\d{1,3}-\d{1,5}\w?)\s*,?\s*", r", \1, ", text)
    parts = [one for part in _SPLIT.split(text) if (one := " ".join(part.split()).strip(" ,"))]
    reached = [one for one in parts if _REACHED.match(one)]
    draft = Draft([one for one in parts if one not in reached])
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
    if country == "KR":
        _of_korea(draft)
    read_street(draft, country)
    kept = (draft.found.get("rest", ""), *reached)
    draft.found["rest"] = ", ".join(one for one in kept if one)
    return _made(draft)


def _of_korea(draft: Draft) -> None:
    """A city that is a province of its own, like Seoul, has wards (-gu) below it."""
    city, state = draft.found.get("city", ""), draft.found.get("state", "")
    if state and re.search(r"-?\s?(?:gu|gun|dong)\Z", city, re.IGNORECASE):
        draft.parts.append(city)
        draft.found["city"] = draft.found.pop("state")


def _made(draft: Draft) -> Address:
    known: dict[str, Any] = {
        key: value for key, value in draft.found.items() if key != "country_text"
    }
    return Address(**known)
