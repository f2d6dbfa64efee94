"""The words that tell lines apart, in en, de, fr (and some es, it, nl), from `words.json`.

Words are compared folded: small letters, no accents, letters and digits only. German umlauts
are looked for in both spellings (Stück: `stuck`, `stueck`), so the table holds both.
"""

import json
import re
import unicodedata
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

_TABLE: Final[dict[str, Any]] = json.loads(
    files("flows.mapping.lines").joinpath("words.json").read_text("utf-8")
)
ROLES: Final = ("reference", "name", "quantity", "unit_price", "total")
NUMBER_WORDS: Final[dict[str, int]] = _TABLE["numbers"]
UNITS: Final = frozenset(_TABLE["units"])
FREE: Final = frozenset(_TABLE["free"])
ARTICLES: Final = frozenset(_TABLE["articles"])
TALK: Final = frozenset(_TABLE["talk"])
TIME_UNITS: Final = frozenset(_TABLE["time_units"])
ORDER_WORDS: Final = frozenset(_TABLE["order_words"])
_MODIFIERS: Final = frozenset(_TABLE["modifiers"])
_PREFIXES: Final = frozenset(_TABLE["row_prefixes"])
_PHRASES: Final[dict[str, str]] = {
    phrase: role for role, phrases in reversed(_TABLE["roles"].items()) for phrase in phrases
}
# Heads and tails of German and Dutch compounds: Auftragsmenge, Artikelbezeichnung, Preisangabe.
_STEMS: Final = {
    word: role
    for word, role in _PHRASES.items()
    if " " not in word and len(word) >= 5 and role in ("quantity", "unit_price", "total", "name")
} | {"nummer": "reference", "datum": "other", "gewicht": "other", "satz": "tax"}
ORDER_THINGS: Final = tuple(_TABLE["order_things"])
_COUNTED_THING: Final = re.compile(
    r"(?:nummer|number|numero|numer|nr|no|id|anzahl|count|zahl|num|ref|reference|referenz|cislo)\Z"
)
_CAMEL: Final = re.compile(
    r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=\d)(?=[A-Za-z])"
)
_PER: Final = re.compile(r"\s*/\s*|\s+(?:per|pro|je|par|por|za|pr)\.?\s+", re.IGNORECASE)
_CASH: Final = re.compile(r"[€$£]|\b(?:EUR|CHF|USD|GBP|SEK|NOK|DKK|PLN|CZK)\b", re.IGNORECASE)
_WORD: Final = re.compile(r"[a-z0-9]+")
_FOLDED: Final = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "№": " no ", "ł": "l"})

# Units and numbers that are written with accents, for patterns that look at the text as it is.
SPELLED: Final[dict[str, list[str]]] = _TABLE["spelled"]

_DEPOSITS: Final = frozenset(
    {"pfand", "consigne", "consignes", "statiegeld", "kaution", "caution", "cauzione", "kaucja"}
)
_CHARGE_PHRASES: Final[dict[str, list[tuple[str, ...]]]] = {}  # by their first word
for _phrase in _TABLE["charges"]["phrases"]:
    _CHARGE_PHRASES.setdefault(_phrase.split()[0], []).append(tuple(_phrase.split()))
_CHARGE_WORDS: Final = frozenset(_TABLE["charges"]["words"])
_CHARGE_REST: Final = frozenset(_TABLE["charges"]["rest"]) | _CHARGE_WORDS


def fold(text: str) -> str:
    """Small letters without accents."""
    lowered = text.lower().translate(_FOLDED)
    parted = unicodedata.normalize("NFKD", lowered)
    return "".join(one for one in parted if not unicodedata.combining(one))


def words(text: str, *, camel: bool = False) -> tuple[str, ...]:
    """The folded words of a text; with `camel` also those within `ItemQty`."""
    if camel:
        text = _CAMEL.sub(" ", text)
    return tuple(_WORD.findall(fold(text[:400])))


@lru_cache(maxsize=4096)
def roles_of(label: str) -> dict[str, float]:
    """How well a heading names each role, 0 to 1; roles beside the five are `index`, `unit`,
    `tax`, `discount` and `other`. Empty where it says nothing."""
    if label.strip() in ("#", "№", "N°", "n°"):
        return {"index": 1.0}
    every = words(label, camel=True) if label.strip() not in ("A", "a") else ()
    if not every or len(every) > 9:
        return {}
    if _of_the_order(every):
        return {"other": 1.0}
    if _per_unit(label):
        return {"unit_price": 1.0}
    found: dict[str, float] = {}
    _whole(every, 1.0, found)
    _whole(words(label), 1.0, found)
    kept = tuple(one for one in every if one not in _MODIFIERS and not one.isdigit())
    if kept and kept != every:
        _whole(kept, 0.95, found)
    if _CASH.search(label) and len(found.keys() & {"unit_price", "total"}) == 0:
        meant = {_PHRASES.get(one) for one in kept} & {"total", "unit_price"}
        if len(meant) == 1:  # € ges.
            return {str(meant.pop()): 1.0}
        if kept and all(one in UNITS for one in kept):
            return {"unit_price": 1.0}  # € Stk.
    if not found:
        _whole(tuple(_singular(one) for one in every), 0.9, found)
    bare = kept
    while len(bare) > 1 and (bare[0] in _PREFIXES or len(bare[0]) == 1):
        bare = bare[1:]
        _whole(bare, 0.9, found)
        _whole(tuple(_singular(one) for one in bare), 0.85, found)
    if found:
        return _second_meanings(every, found)
    _parts(kept, found)
    return _second_meanings(every, found)


def _of_the_order(tokens: tuple[str, ...]) -> bool:
    """Whether a label names a number or a count of the order and not of an article:
    Sendungsnummer, Tracking no., Paketanzahl."""
    joined = "".join(tokens)
    if not _COUNTED_THING.search(joined):
        return False
    return any(joined.startswith(one) for one in ORDER_THINGS)


def _per_unit(label: str) -> bool:
    """Whether a heading speaks of money per unit: `netto/Stk.`, `€ per pack`, `Preis / VE`."""
    head, *rest = _PER.split(label, maxsplit=1)
    unit = words(rest[0]) if rest else ()
    if not unit or unit[0] not in UNITS or (unit[0] in TIME_UNITS):
        return False
    told = words(head)
    priced = _PHRASES.get(" ".join(told)) == "unit_price" or bool(_CASH.search(head))
    return priced or (bool(told) and all(one in _MODIFIERS for one in told))


def says_nothing(label: str) -> bool:
    """Whether a heading is but a currency or a word like net."""
    return all(one in _MODIFIERS for one in words(label)) and label.strip() not in ("#", "№")


def is_row_prefix(text: str) -> bool:
    """Whether a name begins with a word for a row: Pos, Item, Ligne."""
    return "".join(words(text)) in _PREFIXES


def _singular(token: str) -> str:
    return token[:-1] if len(token) > 2 and token.endswith("s") else token


def _whole(tokens: tuple[str, ...], score: float, found: dict[str, float]) -> None:
    role = _PHRASES.get(" ".join(tokens))
    if role and not found:
        found[role] = score


def _parts(tokens: tuple[str, ...], found: dict[str, float]) -> None:
    """Phrases within a longer label: the longest counts most, then the one at its end."""
    for size in range(min(4, len(tokens)), 0, -1):
        for at in range(len(tokens) - size + 1):
            phrase = " ".join(tokens[at : at + size])
            role = _PHRASES.get(phrase)
            if role is None or (size == 1 and len(phrase) < 2):
                continue
            score = 0.5 + 0.08 * size + 0.02 * (at + size == len(tokens))
            if role == "index":
                score -= 0.2
            found[role] = max(found.get(role, 0), score)
    for token in tokens:
        for stem, role in _STEMS.items():
            if token != stem and token.endswith(stem):
                found[role] = max(found.get(role, 0), 0.55 + 0.01 * len(stem))
            elif token != stem and token.startswith(stem):
                found[role] = max(found.get(role, 0), 0.4)


_EITHER: Final = {
    "article": "reference", "artikel": "reference", "item": "reference", "product": "reference",
    "produit": "reference", "produkt": "reference", "art": "reference", "part": "reference",
    "material": "reference", "articulo": "reference", "producto": "reference", "prod": "reference",
    "nr": "reference", "no": "reference", "number": "reference", "nummer": "reference",
    "id": "reference", "n": "reference", "numero": "reference", "num": "reference",
    "nombre": "name", "code": "name", "modell": "name", "model": "reference", "modele": "name",
    "amount": "quantity", "price": "total", "preis": "total", "prix": "total", "unit": "quantity",
    "total": "unit_price", "betrag": "unit_price", "montant": "unit_price", "value": "unit_price",
    "item no": "index", "item nr": "index", "units": "unit", "position": "name", "pos": "name",
    "each": "quantity", "st": "unit", "stk": "unit", "pcs": "unit", "positionspreis": "unit_price",
    "ordered": "quantity", "bestellt": "quantity", "cost": "total", "kosten": "total",
    "nettopreis": "total", "wert": "unit_price", "pos preis": "unit_price", "unidades": "unit",
    "soll": "quantity", "pick": "quantity", "ref": "name", "amt": "quantity", "title": "reference",
    "stock code": "reference", "einheiten": "unit",
    "ek": "unit_price", "einkaufspreis": "unit_price", "purchase price": "unit_price",
    "cost price": "unit_price", "prix d achat": "unit_price",
    "pieces": "unit", "stuck": "unit", "stueck": "unit", "line": "name", "model no": "reference",
    "einheit": "quantity", "satz": "unit_price", "unite": "quantity", "unidad": "quantity",
}  # fmt: skip


def _second_meanings(tokens: tuple[str, ...], found: dict[str, float]) -> dict[str, float]:
    """What else a heading may mean, for the values to decide: an Artikel is a name or a number."""
    kept = tuple(one for one in tokens if one not in _MODIFIERS and not one.isdigit()) or tokens
    led = len(kept) > 1 and (kept[0] in _PREFIXES or len(kept[0]) == 1)
    bare = kept[1:] if led else kept
    for phrase in (" ".join(kept), " ".join(bare)):
        other = _EITHER.get(phrase) or _EITHER.get(_singular(phrase))
        if other and other not in found:
            found[other] = 0.45
    return found


@lru_cache(maxsize=8192)
def is_charge(label: str, *, counted: bool, negative: bool = False) -> bool:
    """Whether a row is a sum, tax, shipping or voucher and no article.

    `counted` says that the row has a quantity and a reference of its own, as an article has:
    then a shipping box or a gift voucher may be for sale.
    """
    tokens = tuple(one for one in words(label) if not _is_figure(one))
    if not tokens:
        return False
    lead = tokens
    while lead and lead[0] in _CHARGE_REST and lead[0] not in _CHARGE_WORDS:
        lead = lead[1:]
    for start in {lead, tokens}:
        for phrase in _CHARGE_PHRASES.get(start[0], ()) if start else ():
            if start[: len(phrase)] == phrase and (
                not counted or all(one in _CHARGE_REST for one in start[len(phrase) :])
            ):
                return True
    if not counted and ((lead[:1] and lead[0] in _DEPOSITS) or "consignee" in lead):
        return True
    if lead and lead[0] in _CHARGE_WORDS:
        if all(one in _CHARGE_REST for one in lead):
            return True
        return negative or (not counted and len(lead) <= 2 and _is_code(label))
    return False


def begins_as_charge(label: str) -> bool:
    """Whether the first word is one for a charge: `Lieferung frei Bordsteinkante`."""
    return bool(_CHARGE_WORDS & set(words(label)[:1]))


def _is_figure(token: str) -> bool:
    return token.isdigit()


def _is_code(label: str) -> bool:
    """Whether the label ends in something like SUMMER10."""
    last = label.strip().rstrip(")]\"'»").split()[-1:] or [""]
    return bool(re.search(r"[A-Z]{2,}\d|\d[A-Z]{2,}", last[0]))
