"""Order lines written as people do: `2 x Lamp (A-1) à 12,50 €`, `Lamp, 3 pcs @ $4.20 = $12.60`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from flows.mapping.lines import amounts, codes
from flows.mapping.lines.rows import Reading, Row, differs
from flows.mapping.lines.words import NUMBER_WORDS, UNITS, fold, is_charge, roles_of

_CURRENCY: Final = r"(?:€|\$|£|EUR|CHF|USD|GBP|Euros?|Fr\.|SEK|PLN)"
_FIGURE: Final = (
    r"(?:(?:\d{1,3}(?:[ \u00a0\u202f'’.,]\d{3})+(?:[.,]\d{1,4})?(?!\d)|\d+(?:[.,]\d{1,4})?)"
    r"(?:[.,][-–—]{1,2})?)"
)
_CASH: Final = rf"(?:{_CURRENCY}\s?{_FIGURE}|{_FIGURE}\s?{_CURRENCY})"
_MONEY: Final = rf"[-−]?\s?(?:{_CASH}|{_FIGURE})"
_ACCENTED: Final = {"a": "[aä]", "e": "[eéè]", "o": "[oöô]", "u": "[uü]"}
_UNIT: Final = "|".join(
    re.sub("[aeou]", lambda one: _ACCENTED[one[0]], re.escape(unit))
    for unit in sorted(UNITS - {"x", "u", "a", "no", "g", "m", "l", "h"}, key=len, reverse=True)
)
_WORDS: Final = "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))
_COUNT: Final = r"(?:\d{1,3}(?:[.,'’\u00a0\u202f]\d{3})+|\d{1,6}(?:[.,]\d{1,3})?)(?![\d])"
_ONE: Final = (
    r"(?:stk|st|stück|stueck|pcs?|piece|pièce|unit|unité|unite|each|ea|einheit|item|kg|m|l|box|"
    r"pack|karton|carton|set|paar|pair|rolle|roll|u)"
)
_EACH: Final = (
    rf"(?:\s*(?:/|per|pro|je|par|la|le|l['’]|by the|a|the)\s?{_ONE}\b\.?"
    r"|\s+(?:each|apiece|pièce|piece|chacune?s?|netto|net|ht|ttc)\b)*"
)
_PRICE_MARKS: Final = (
    r"@",
    r"\bà(?!\s?\w{3,}\s)",
    r"\bá\b",
    r"\bzu\s+(?:je(?:weils)?|einem\s+preis\s+von)\b",
    r"\bzum\s+(?:einzel|stück)?preis\s+(?:von|zu)(?:\s+je)?\b",
    r"\bzu(?=\s+\S*\d)",
    r"\bje(?:weils)?\b",
    r"\beach\s+at\b",
    r"\bat(?:\s+a)?(?:\s+unit)?(?:\s+price(?:\s+of)?)?\b",
    r"\b(?:einzel|stück|stueck|unit)?-?(?:preis|price|prix)"
    r"(?:\s+(?:unitaire|unit\.?|je stück|pro stück|each|per unit|u\.?))?"
    r"(?:\s+(?:ht|ttc|netto|net))?\s*(?:[:=]|of|von|de)?",
    r"\b(?:E\.?P\.?|P\.?U\.?(?:\s+HT)?|VK)\s?[:=]?",
    r"\bau prix (?:unitaire )?de\b",
    r"\bfür je\b",
    r"\bper unit\s?:",
)
_PRICE: Final = re.compile(
    rf"(?:{'|'.join(_PRICE_MARKS)})\s*(?:von\s+|of\s+|de\s+|:\s*)?(?P<money>{_MONEY}){_EACH}",
    re.IGNORECASE,
)
_PRICE_AFTER: Final = re.compile(
    rf"(?P<money>{_CASH})\s?(?:/|per\b|pro\b|je\b|par\b|l['’]|la\b|each\b|ea\b\.?|apiece\b|pièce\b|"
    rf"piece\b|chacune?\b|p\.?\s?(?:st|u|pc)\b\.?)\s?{_ONE}?\b\.?",
    re.IGNORECASE,
)
_TOTAL: Final = re.compile(
    r"(?:=|→|=>|\bsoit\b|\b(?:line\s+|zeilen)?(?:total|gesamt(?:preis)?|insgesamt|zusammen|summe|"
    r"montant|betrag|amount|ensemble|macht)\b(?:\s+(?:ht|ttc|netto|net|de|of|von))?)"
    rf"\s*:?\s*(?P<money>{_MONEY})"
    r"(?:\s+(?:au\s+total|in\s+total|total|gesamt|insgesamt|ht|ttc)\b)?",
    re.IGNORECASE,
)
_TOTAL_AFTER: Final = re.compile(
    rf"(?P<money>{_CASH})\s+(?:total|gesamt|insgesamt|in\s+total|au\s+total|altogether|zusammen)\b",
    re.IGNORECASE,
)
_PRODUCT: Final = re.compile(
    rf"(?<![\w.,/-])(?P<count>{_COUNT})\s?[x×*]\s?(?P<money>{_CASH}|\d+[.,]\d\d(?!\d))",
    re.IGNORECASE,
)
_COUNT_LABELS: Final = (
    r"qty|quantity|menge|anzahl|stückzahl|qt[ée]|quantit[ée]|nombre|quant|bestellmenge|"
    r"order(?:ed)?\s+qty"
)
_QUANTITY: Final = (
    re.compile(
        rf"\b(?:{_COUNT_LABELS})\b\.?\s*(?:von\s|of\s|de\s)?\s*[:=]?\s*"
        rf"(?P<count>{_COUNT})(?:\s?(?:{_UNIT})\b\.?)?",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<![\w.,/-])(?P<count>{_COUNT})\s?[x×*](?![\w×])(?:\s+(?:stk|st[üu]ck|pcs?|st)\b\.?)?",
        re.IGNORECASE,
    ),
    re.compile(r"(?<!\S)(?P<count>\d{1,5})[x×](?=[A-Z])"),
    re.compile(rf"(?<![\w])[x×]\s?(?P<count>{_COUNT})(?![\w.,-]*\w)", re.IGNORECASE),
    re.compile(
        rf"(?<![\w.,/-])(?P<count>{_COUNT})\s?(?:{_UNIT})\b\.?"
        r"(?:\s+(?:of|von|vom|de|d['’])(?=\s|\w))?",
        re.IGNORECASE,
    ),
    re.compile(rf"\A\W{{0,4}}(?P<count>{_COUNT})\s(?:m|m²|qm|l|g|h)\s+(?=[A-ZÄÖÜÉ])"),
    re.compile(r"\A\W{0,4}(?P<count>\d{1,5})\s+(?=[^\W\d])"),
    re.compile(r"(?<![\w.,/-])(?P<count>\d{1,5})\s+(?=(?:@|à|á|zu|je|at)\s?\S*\d)"),
    re.compile(
        rf"\b(?P<count>{_WORDS})\s+(?:(?:{_UNIT})\b\.?\s*(?:of\s|de\s)?)?(?=\S)", re.IGNORECASE
    ),
)
_START: Final = re.compile(
    rf"(?:\s*[,;]\s*|\s+)(?:(?:and|und|et|sowie|plus|as well as|ainsi que|auch|also)\s+)?"
    rf"(?=(?:{_COUNT})\s?(?:[x×]\s*|(?:{_UNIT})\b\.?\s+)(?=[^\W\d]|[\"'„«(\[#]|\d))",
    re.IGNORECASE,
)
_JOINED: Final = re.compile(
    r"(?<=[€$£)\]\d])\s*[,;]\s+(?=\d{1,5}\s+[^\W\d])"
    r"|\s*[,;]?\s+(?:and|und|et|sowie|plus|as well as|ainsi que)\s+"
    rf"(?=(?:\d{{1,5}}|{_WORDS})\s+\S)",
    re.IGNORECASE,
)
_VERBS: Final = (
    r"order(?:ing)?|bestellen|bestelle|bestellung|send(?:en)?(?: us| me)?|need|brauchen?|"
    r"benötigen?|hätten? gerne?|möchten?|would like|voudra(?:is|it)|souhaite(?:r|rais)?|"
    r"commander?(?:ons)?|commande|envoyer|deliver|liefern(?: sie)?(?: uns)?|want|possible de|livrer"
)
_LEAD: Final = re.compile(
    rf"\A.{{0,120}}?(?:\b(?:{_VERBS})\b)[^\d]{{0,40}}?(?=\d|\b(?:{_WORDS})\s)",
    re.IGNORECASE | re.DOTALL,
)
_BULLET: Final = re.compile(
    r"\A\s*(?:[-*•·‣▪>–—]+|\(?\d{1,2}[.)](?=\s)|pos\.?\s*\d{1,3}\s*[:.)]|"
    r"(?:item|line|artikel|article|ligne)\s+\d{1,3}\s*[:.)])\s*",
    re.IGNORECASE,
)
_NOISE: Final = re.compile(
    r"\b(?:please|bitte|s'il vous plaît|svp|merci|danke|thanks?|regards|grüße|cordialement)\b.*\Z",
    re.IGNORECASE | re.DOTALL,
)
_CONNECT: Final = re.compile(
    r"(?:\A|\s)(?:of|von|vom|de|d['’]|à|a|zu|je|at|for|für|pour|the|und|and|et|qty|total|au|in)\s*\Z|\A(?:of|von|vom|de|d['’]|the|und|and|et|sowie|also|mal|fois|times)\s+",
    re.IGNORECASE,
)
_DETACHED: Final = re.compile(
    rf"[\s,;:=–—-]*(?P<money>{_CASH})\s*(?:netto|net|ht|ttc|brutto)?\s*[.)]?", re.IGNORECASE
)
_BARE: Final = re.compile(r"(?:␟|[|;:–—]|\s-)\s*(?P<money>\d{1,6}[.,]\d\d)(?=\s*(?:\Z|[|;–—␟]))")
_TAIL: Final = re.compile(
    rf"\A(?P<head>.*?)[\s,;:|–—-]+(?P<figures>(?:{_MONEY}[\s,;|]+){{1,3}}{_MONEY})\s*\Z"
)
_FIGURES: Final = re.compile(_MONEY)


def read_sentences(lines: Sequence[tuple[str, str]], sign: str | None) -> Reading | None:
    """The order lines among lines of text (text, place); None where there are none."""
    clauses = [(part, place) for text, place in _few(lines) for part in _clauses(text)][:1000]
    hint = amounts.decide(
        (
            found[0]
            for part, _ in clauses
            for found in _FIGURES.finditer(part)
            if amounts.money(found[0])
        ),
        sign,
    )
    rows: list[Row] = []
    for part, place in clauses:
        row = _row(part, place, hint)
        if row is not None:
            rows.append(row)
        elif rows and (late := _late(part, hint)):
            rows[-1] = _later(rows[-1], late, place)
        elif rows and not rows[-1].reference and (given := codes.labelled(part)) and not given[1]:
            places = {**rows[-1].places, "reference": place}
            rows[-1] = replace(rows[-1], reference=given[0], places=places)
    rows = _summed(rows, [part for part, _ in clauses], hint)
    priced = [row for row in rows if row.unit_price is not None or row.total is not None]
    if priced and len(priced) * 2 >= len(rows):
        rows = [row for row in rows if row in priced or row.reference]
    if not rows:
        return None
    full = sum(
        (row.reference is not None) + (row.name is not None) + (row.unit_price is not None) + 1.5
        + 0.5 * (row.total is not None)
        for row in rows
    ) / (5 * len(rows))  # fmt: skip
    checked = [row for row in rows if row.total is not None and row.unit_price is not None]
    wrong = sum("total_differs" in row.flags for row in checked)
    arithmetic = 0.5 if not checked else 1 - wrong / len(checked)
    score = 2 * full + arithmetic + 0.08 * min(len(rows), 10)
    return Reading(kind="sentences", rows=tuple(rows), score=score)


def _summed(rows: list[Row], clauses: Sequence[str], sign: str | None) -> list[Row]:
    """Whether the one figure of each row is its price or its total, by the sum below them."""
    figures = [row.unit_price for row in rows if row.unit_price is not None and row.total is None]
    if len(figures) < len(rows) or all(row.quantity == 1 for row in rows):
        return rows
    sums = {
        value
        for part in clauses
        if is_charge(part, counted=False)
        for found in _FIGURES.finditer(part)
        if (value := _value(found[0], sign)) is not None
    }
    if sum(figures) not in sums:
        return rows
    return [
        replace(
            row,
            unit_price=None,
            total=row.unit_price,
            places={("total" if k == "unit_price" else k): v for k, v in row.places.items()},
        )
        for row in rows
    ]


def _few(lines: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The lines that people may have written, as far as there is time for."""
    left = 80_000
    for text, place in lines:
        if len(text) <= 1000 and (left := left - len(text)) > 0:
            yield text, place


def _clauses(text: str) -> list[str]:
    text = " ".join(text.split())
    text = _LEAD.sub("", text)
    parts: list[str] = []
    for one in (inner for outer in _START.split(text) for inner in _JOINED.split(outer)):
        if parts and _waits(parts[-1]):
            parts[-1] = f"{parts[-1]} {one}"
        else:
            parts.append(one)
    return [one.strip() for one in parts if any(map(str.isdigit, one))]


def _waits(text: str) -> bool:
    """Whether an article was named and its quantity is still to come: `Lamp (LO-1):`."""
    bare = _BULLET.sub("", text)
    if not re.search(r"[:)\]–—-]\s*\Z", bare) or re.match(rf"\W*(?:{_COUNT}|{_WORDS})\s", bare):
        return False
    return bool(codes.find_labelled(bare) or codes.bracketed(bare.rstrip(" :–—-")))


def _late(text: str, sign: str | None) -> dict[str, Decimal] | None:
    """A price that stands on the line below its article."""
    found: dict[str, Decimal] = {}
    for role, way in (("total", _TOTAL), ("unit_price", _PRICE_AFTER), ("unit_price", _PRICE)):
        match = None if role in found else way.search(text)
        value = _value(match["money"], sign) if match else None
        if match and value is not None and len(text) < 60 and not is_charge(text, counted=False):
            found[role] = value
            text = text[: match.start()] + " " + text[match.end() :]
    return found if found and len(codes.tidy(text)) < 12 else None


def _later(row: Row, late: dict[str, Decimal], place: str) -> Row:
    fresh = {role: value for role, value in late.items() if getattr(row, role) is None}
    changed = replace(row, **fresh)  # type: ignore[arg-type]
    return _checked(changed, {**row.places, **dict.fromkeys(fresh, place)})


def _value(text: str, sign: str | None) -> Decimal | None:
    match = amounts.first(text)
    return amounts.exact(match, sign) if match else None


def _row(text: str, place: str, sign: str | None) -> Row | None:
    if is_charge(_BULLET.sub("", text).split(":")[0], counted=False):
        return None
    text = _BULLET.sub("", text)
    if is_charge(text, counted=False):
        return None
    found: dict[str, Decimal] = {}
    given = codes.labelled(text)
    reference = given[0] if given else None
    if given:
        match = codes.find_labelled(text)
        assert match is not None  # noqa: S101 (labelled has just found it)
        text = text[: match.start()] + " ␟ " + text[match.end() :]
    product = _PRODUCT.search(text)
    if product:
        count, price = _value(product["count"], sign), _value(product["money"], sign)
        if count is not None and price is not None:
            found.update(quantity=count, unit_price=price)
            text = text[: product.start()] + " ␟ " + text[product.end() :]
    for role, way in (
        ("total", _TOTAL),
        ("total", _TOTAL_AFTER),
        ("unit_price", _PRICE_AFTER),
        ("unit_price", _PRICE),
    ):
        match = None if role in found else way.search(text)
        value = _value(match["money"], sign) if match else None
        if match and value is not None:
            found[role] = value
            text = text[: match.start()] + " ␟ " + text[match.end() :]
    if "quantity" not in found:
        text = _counted(text, found, sign)
    for match in [*_DETACHED.finditer(text), *_BARE.finditer(text)]:
        role = "unit_price" if "unit_price" not in found else "total"
        value = _value(match["money"], sign)
        if value is not None and role not in found:
            found[role] = value
            text = text.replace(match[0], " ␟ ", 1)
    if "quantity" not in found or len(found) == 1:
        text = (
            _tail(text.replace("␟", " ").strip(), found, sign)
            if found.keys() <= {"quantity"}
            else text
        )
    if "quantity" not in found:
        return None
    return _made(text, reference, found, place)


def _counted(text: str, found: dict[str, Decimal], sign: str | None) -> str:
    for way in _QUANTITY:
        match = way.search(text)
        if not match:
            continue
        word = fold(match["count"])
        value = (
            Decimal(NUMBER_WORDS[word]) if word in NUMBER_WORDS else _value(match["count"], sign)
        )
        if value is None or (word in NUMBER_WORDS and not found):
            continue
        if codes.is_code(match[0].strip(), strict=True) and not re.search("[x×]", match[0]):
            continue
        found["quantity"] = value
        return text[: match.start()] + " ␟ " + text[match.end() :]
    return text


def _tail(text: str, found: dict[str, Decimal], sign: str | None) -> str:
    """`A-1 Lamp 2 49,90 99,80`: figures at the end, believed where they multiply."""
    match = _TAIL.match(text[:300])
    if not match:
        return text
    figures = [_value(one[0], sign) for one in _FIGURES.finditer(match["figures"])]
    values = [one for one in figures if one is not None]
    if "quantity" in found:
        if len(values) > 1 and amounts.agrees(found["quantity"], values[-2], values[-1]):
            found.update(unit_price=values[-2], total=values[-1])
            return match["head"]
        return text
    for q, p, t in ((0, 1, 2), (1, 2, 3), (1, 0, 2)):
        if len(values) > t and amounts.agrees(values[q], values[p], values[t]) and values[t]:
            found.update(quantity=values[q], unit_price=values[p], total=values[t])
            return match["head"]
    return text


def _made(text: str, reference: str | None, found: dict[str, Decimal], place: str) -> Row | None:
    text = _NOISE.sub("", text)
    parts = [one for part in text.split("␟") if (one := _plain(part))]
    if reference is None:
        for at, part in enumerate(parts):
            way = _before(part) or codes.leading(part) or codes.trailing(part)
            if way is None and codes.is_code(part.strip("()[]"), strict=True) and len(parts) > 1:
                way = (part.strip("()[]"), "")
            if way:
                reference, parts[at] = way[0], _plain(way[1])
                break
    names = [one for one in parts if one and any(map(str.isalpha, one)) and not _label(one)]
    if reference is None and names and codes.is_code(names[0], strict=True):
        reference, names = names[0], names[1:]
    name = max(names, key=len) if names else None
    if (name is None and reference is None) or (name and len(name) > 160):
        return None
    if name and is_charge(name, counted=reference is not None):
        return None
    if (
        not reference
        and not found.keys() & {"unit_price", "total"}
        and name
        and len(name.split()) > 8
    ):
        return None
    row = Row(
        reference=reference,
        name=name,
        quantity=found.get("quantity"),
        unit_price=found.get("unit_price"),
        total=found.get("total"),
    )
    return _checked(
        row,
        {role: place for role in ("reference", "name", *found) if getattr(row, role) is not None},
    )


def _before(text: str) -> tuple[str, str] | None:
    """An article number in brackets and what stands before it; behind it follows the talk."""
    for found in codes.BRACKETED.finditer(text):
        way = codes.bracketed(text[: found.end()])
        if way:
            return way
    return codes.bracketed(text)


def _label(text: str) -> bool:
    """Whether nothing but a heading is left, as in `Menge: 2`."""
    return bool(roles_of(text)) and len(text.split()) < 3 and text.rstrip().endswith(":")


def _plain(text: str) -> str:
    text = codes.tidy(text)
    text = re.sub(
        r"(?i)\s*\b(?:qty|menge|anzahl|qté|preis|price|prix|art\.?-?nr\.?|sku|réf\.?)\s*[:.]?\s*\Z",
        "",
        text,
    )
    text = re.sub(
        r"(?i)\A(?:artikel|article|item|product|produit|produkt|bezeichnung|name|désignation|description)\s*:\s*",
        "",
        text,
    )
    for _ in range(2):
        text = codes.tidy(_CONNECT.sub("", text))
    quoted = re.fullmatch(r"[\"„“»«'‚‘]\s*(.+?)\s*[\"“”«»'’]", text)
    return (
        quoted[1] if quoted else text.rstrip(".") if not re.search(r"\b\w{1,3}\.\Z", text) else text
    )


def _checked(row: Row, places: dict[str, str]) -> Row:
    return replace(row, places=places, flags=("total_differs",) if differs(row) else ())
