"""What a field's values say where its name says nothing: `Column_B` full of e-mail addresses.

Only shapes that hardly anything else has; the strength stays below that of a name that is known.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final

from babel import Locale

from flows.mapping.matcher.profile import Profile
from flows.mapping.matcher.statuses import state_of
from flows.mapping.matcher.words import fold


def _set(*words: str) -> frozenset[str]:
    return frozenset(" ".join(words).split())


Meanings = tuple[tuple[str, float], ...]
_MOST: Final = 0.75
_FEWEST: Final = 2
_LANGUAGES: Final = ("en", "de", "fr", "es", "it", "nl")
_SHORT: Final = frozenset({"usa", "uk", "u k", "u s a", "england", "holland", "brd"})
_SIRET: Final = re.compile(r"\d{3} ?\d{3} ?\d{3} ?\d{5}$")
_APE: Final = re.compile(r"\d{2}\.?\d{2}[A-Z]$")
_TOWN_LINE: Final = re.compile(
    r"(?:[A-Z]{1,2}-?)?(?:\d{4,5}|\d{3} \d{2}|\d{4} ?[A-Z]{2}) [^\W\d_]{2}"
)
_TOWN: Final = re.compile(r"[A-ZÀ-Þ][^\W\d_]{2,}(?:[ '’-][^\W\d_]+){0,3}$")
_STREET: Final = re.compile(
    r"[^\W\d_].*[^\d\W_.]\.? \d{1,4} ?[a-zA-Z]?(?:[-/]\d+)?$"
    r"|\d{1,4} ?[a-zA-Z]?,? [^\W\d_]{2,}.* ?[^\W\d_]{3,}"
)
_SECOND: Final = re.compile(
    r"(?:\d+\. ?(?:og|ug|stock|etage|floor)\b|(?:flat|floor|suite|apt|appt|unit|room|bat|batiment"
    r"|hinterhaus|tor|c/o|postfach|po box|bp|etage|rear|residence|stiege|top|aufgang|zi)\b)"
)
_MOBILE: Final = re.compile(r"(?:\+49 ?\(?0?\)?|0)1[567]|(?:\+33 ?\(?0?\)?|0)[67]|(?:\+44 ?|0)7\d")
_PARCEL: Final = re.compile(r"1Z\w{16}$|0034\d{10,}$|[A-Z]{2}\d{9}[A-Z]{2}$")
_PAYMENTS: Final = _set(
    "paypal vorkasse rechnung lastschrift ueberweisung kreditkarte nachnahme klarna stripe sepa",
    "bar",
    "sofortueberweisung virement cheque carte_bancaire prelevement especes credit_card",
    "bank_transfer wire_transfer cash_on_delivery check card vorauskasse visa kauf_auf_rechnung",
    "cb mastercard contre_remboursement direct_debit twint cash invoice",
)
_CARRIERS: Final = _set(
    "dhl ups gls dpd hermes fedex tnt colissimo chronopost mondial_relay postnl bpost",
    "deutsche_post royal_mail la_poste swiss_post die_post dhl_express ups_express usps evri",
)


def evident(seen: Profile, about: str, siblings: frozenset[str]) -> Meanings:
    """Concepts with their strength, as `meanings` gives them; empty where the values are of no
    shape of their own, or too few."""
    values = [value.strip() for value in seen.values if value.strip()]
    if seen.count < _FEWEST or not values:
        return ()
    for concept, strength in _shapes(seen, values, about, siblings):
        return ((concept, strength),)
    return ()


def is_whole_address(seen: Profile) -> bool:
    """Whether the values are addresses of several lines or parts, a postcode with its town in
    one of them."""
    values = [value for value in seen.values if value.strip()]
    return len(values) >= 1 and _share(values, _has_town_line)


def _has_town_line(value: str) -> bool:
    parts = [part.strip() for part in re.split(r"\n|, ", value)]
    return len(parts) >= 2 and any(_TOWN_LINE.match(part) for part in parts[1:])


def _shapes(
    seen: Profile, values: list[str], about: str, siblings: frozenset[str]
) -> Iterator[tuple[str, float]]:
    goods, people = about == "product", about in ("customer", "order", "")
    for kind, concept, strength in (
        ("email", "person.email", 0.9), ("iban", "bank.iban", 0.85), ("vat", "company.vat", 0.85),
    ):  # fmt: skip
        if seen.share(kind) >= _MOST:
            yield concept, strength
    if seen.share("html") >= _MOST:
        yield ("product.description" if goods else "order.note"), 0.7
    if seen.share("ean") >= _MOST and all(len(value) >= 12 for value in values):
        yield "product.ean", 0.85
    if seen.share("url") >= _MOST and about == "customer":
        yield "person.website", 0.7
    if people:
        yield from _of_people(seen, values, about, siblings)
    if about == "order":
        yield from _of_orders(values)


def _of_people(
    seen: Profile, values: list[str], about: str, siblings: frozenset[str]
) -> Iterator[tuple[str, float]]:
    if _share(values, _SIRET.match):
        yield "company.registration", 0.8
    if _share(values, _APE.match):
        yield "company.ape", 0.8
    if seen.share("salutation") >= 0.9 and any(len(value) > 1 for value in values):
        yield "person.salutation", 0.8
    if _share(values, lambda value: _is_country(value)):
        yield "address.country", 0.8
    if _share(values, _TOWN_LINE.match):
        yield "address.postcode_city", 0.8
    if seen.share("postcode") >= 0.9 and not {"postcode"} & siblings:
        letters = any(character.isalpha() for value in values for character in value)
        if letters or all(len(value) == 5 for value in values):
            yield "address.postcode", 0.75 if letters else 0.55
    if seen.share("phone") >= _MOST and not seen.share("date"):
        mobile = _share(values, _MOBILE.match)
        yield ("person.mobile" if mobile else "person.phone"), 0.7
    if seen.share("company") >= 0.4 and _share(values, lambda value: " " in value, 0.4):
        yield "company.name", 0.75
    if _share(values, lambda value: _SECOND.match(fold(value))):
        yield "address.addition", 0.6
    if _share(values, _STREET.match) and not seen.share("date"):
        yield "address.street", 0.7
    if about == "customer" and seen.share("person") >= 0.9 and all(" " in one for one in values):
        yield "person.full", 0.55
    alone = about == "customer" and "city" not in siblings and not seen.share("bool")
    if alone and len(values) == seen.count and _share(values, _TOWN.match, 1.0):
        yield "address.city", 0.55


def _of_orders(values: list[str]) -> Iterator[tuple[str, float]]:
    if _share(values, lambda value: not value.isdigit() and state_of(value)):
        yield "order.status", 0.65
    if _share(values, lambda value: _key(value) in _PAYMENTS):
        yield "order.payment_method", 0.75
    if _share(values, lambda value: _key(value) in _CARRIERS):
        yield "order.carrier", 0.75
    if _share(values, _PARCEL.match):
        yield "order.tracking", 0.7


def _key(value: str) -> str:
    return "_".join(re.findall(r"\w+", fold(value)))


def _share(values: list[str], test: Callable[[str], object], least: float = _MOST) -> bool:
    return sum(bool(test(value)) for value in values) >= least * len(values)


def _is_country(value: str) -> bool:
    key = _key(value).replace("_", " ")
    return len(key) > 2 and (key in _SHORT or key in _countries())


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    return frozenset(
        _key(str(name)).replace("_", " ")
        for language in _LANGUAGES
        for code, name in Locale.parse(language).territories.items()
        if len(code) == 2
    )
