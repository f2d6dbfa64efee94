"""One order line out of one piece of text: `2 x Lamp (A-1) à 12,50 €`."""

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import Final

from flows.mapping.lines import amounts, codes, spoken
from flows.mapping.lines.reading import Row
from flows.mapping.lines.rows import counted, differs
from flows.mapping.lines.words import (
    NUMBER_WORDS,
    TALK,
    TIME_UNITS,
    UNITS,
    fold,
    is_charge,
    roles_of,
    words,
)

CUT: Final = "␟"  # where something was taken out, or a line ended
_ATTRIBUTE: Final = re.compile(r"\s*[^\W\d][^:=]{0,29}\s?[:=]\s*\S.{0,80}\Z")


# Ways to tell a quantity that count only where a price was found.
_CAREFUL: Final = (spoken.ALONE, spoken.BETWEEN, spoken.BEHIND, spoken.UNIT_BEFORE, spoken.MEASURED)
_COUNT_FIRST: Final = re.compile(r"\W{0,3}\d{1,5}(?:[.,]\d+)?\s?(?:[x×]\s?|[^\W\d]{1,9}\.?\s)")
_PRIVATE: Final = 0xE000  # letters that nobody writes, in the place of sizes
_SIZE: Final = re.compile(
    r"(?<![\w.,])\d+(?:[.,]\d+)?\s?[x×]\s?\d+(?:[.,]\d+)?(?:\s?[x×]\s?\d+(?:[.,]\d+)?)?\s?(?:cm|mm|m)\b"
)
_CLOCK: Final = re.compile(r"(?<!\d)\d{1,2}:\d\d(?!\d)")
_MAIL: Final = re.compile(r"[\w.-]+@[\w-]+\.\w")
_BEGUN: Final = re.compile(r"\(\s*(?P<code>[\w./#-]{2,40})\s*[,;:]\s+")


def _closed(match: re.Match[str]) -> str:
    """`(LO-1, 12.50 €)` as `(LO-1) (12.50 €)`: the number stands in brackets of its own."""
    return f"({match['code']}) (" if codes.is_code(match["code"], strict=True) else match[0]


def clause_row(text: str, place: str, sign: str | None, *, block: bool = False) -> Row | None:
    """The order line of a piece of text; None where it has no quantity or names no article.

    `block` says that the piece was made of several lines, held apart by `CUT`: then the name is
    the first of them and not the longest.
    """
    row = _read(text, sign, block)
    return row and replace(row, places=dict.fromkeys(row.places, place))


@lru_cache(maxsize=4096)  # the same lines are read alone and in several blocks
def _read(text: str, sign: str | None, block: bool) -> Row | None:
    if _MAIL.search(text) or is_charge(spoken.BULLET.sub("", text).split(":")[0], counted=False):
        return None
    text = " ".join(_BEGUN.sub(_closed, spoken.BULLET.sub("", text)).split())
    text = spoken.LED_ON.sub("", text)
    if is_charge(text, counted=False):
        return None
    text = spoken.DAY.sub(f" {CUT} ", text)
    sizes = _SIZE.findall(text)
    for at, size in enumerate(sizes):  # 30 x 20 cm counts nothing
        text = text.replace(size, chr(_PRIVATE + at), 1)
    if text.count(" | ") > 1:
        text, block = text.replace(" | ", f" {CUT} "), True
    whole = text
    found: dict[str, Decimal] = {}
    given = codes.find_labelled(text)
    reference = given["code"] if given else None
    if given:
        text = _without(text, given)
    text = _multiplied(text, found, sign)
    for role, way in (
        ("total", spoken.TOTAL),
        ("total", spoken.TOTAL_AFTER),
        ("unit_price", spoken.PRICE_AFTER),
        ("unit_price", spoken.PRICE),
    ):
        match = None if role in found else way.search(text)
        value = value_of(match["money"], sign) if match else None
        if match and value is not None and not _counts_on(text, match, found):
            found[role] = value
            text = _without(text, match)
    if "quantity" not in found:
        coded = reference is not None or _before(text) is not None
        text = _counted(text, found, sign, coded=coded)
    for match in [*spoken.DETACHED.finditer(text), *spoken.BARE.finditer(text)]:
        role = "unit_price" if "unit_price" not in found else "total"
        value = value_of(match["money"], sign)
        if value is not None and role not in found:
            found[role] = value
            text = text.replace(match[0], f" {CUT} ", 1)
    if found.keys() <= {"quantity"}:
        known = len(found)
        tail = _tail(text if block else text.replace(CUT, " ").strip(), found, sign)
        text = tail if len(found) > known else text
        last = spoken.LAST.match(text.replace(CUT, " ").strip())
        value = value_of(last["money"], sign) if last and len(found) == 1 and not block else None
        if last and value is not None:  # 2x Margherita 9.50
            found["unit_price"] = value
            text = last["head"]
    if "quantity" not in found:
        return None
    row = _made(text, reference, found, "", block=block, unit=_unit(whole, found), whole=whole)
    if row is None:
        return row
    if row.name is None:
        own = re.match(rf"\W*\d+\s+({spoken.UNIT})\b", whole, re.IGNORECASE)
        return replace(row, name=own[1], places={**row.places, "name": ""}) if own else row
    name = row.name
    for at, size in enumerate(sizes):
        name = name.replace(chr(_PRIVATE + at), size)
    return replace(row, name=name)


def _without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {CUT} {text[match.end() :]}"


def value_of(text: str, sign: str | None) -> Decimal | None:
    """The first number of a text."""
    match = amounts.first(text)
    return amounts.exact(match, sign) if match else None


def _counts_on(text: str, match: re.Match[str], found: dict[str, Decimal]) -> bool:
    """Whether a figure without a currency behind `at`, `je` or `po` is a count: `po 4 szt.`."""
    money = match["money"]
    if amounts.money(money) or "quantity" in found:
        return False
    behind = text[match.end("money") :]
    if not re.match(rf"\s*(?:{spoken.UNIT})\b", behind, re.IGNORECASE):
        return False
    return not re.search(r"(?:preis|price|prix|total|=|@)", match[0], re.IGNORECASE)


def _multiplied(text: str, found: dict[str, Decimal], sign: str | None) -> str:
    """`3 × 12,50 €` and `12,50 € × 3`."""
    for way in (spoken.PRODUCT, spoken.PRODUCT_BACK):
        match = way.search(text)
        if match:
            count, price = value_of(match["count"], sign), value_of(match["money"], sign)
            if count is not None and price is not None:
                found.update(quantity=count, unit_price=price)
                return _without(text, match)
    return text


def _counted(text: str, found: dict[str, Decimal], sign: str | None, *, coded: bool) -> str:
    for way in spoken.QUANTITY:
        match = way.search(text)
        if not match or (way in _CAREFUL and not found and not (coded and way is spoken.BEHIND)):
            continue
        word = fold(match["count"])
        value = (
            Decimal(NUMBER_WORDS[word]) if word in NUMBER_WORDS else value_of(match["count"], sign)
        )
        if value is None or (word in NUMBER_WORDS and not found and not codes.find_code(text)):
            continue
        if codes.is_code(match[0].strip(), strict=True) and not re.search("[x×]", match[0]):
            continue
        found["quantity"] = value
        if word in NUMBER_WORDS:  # what was said before it is no name: "Could I get two of"
            return f"{CUT} {text[match.end() :]}"
        return _without(text, match)
    return text


def _tail(text: str, found: dict[str, Decimal], sign: str | None) -> str:
    """`A-1 Lamp 2 49,90 99,80`: figures at the end, believed where they multiply."""
    match = spoken.TAIL.match(text[:300])
    if not match:
        return text
    figures = [value_of(one[0], sign) for one in spoken.FIGURES.finditer(match["figures"])]
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


def _made(
    text: str,
    reference: str | None,
    found: dict[str, Decimal],
    place: str,
    *,
    block: bool,
    unit: str,
    whole: str,
) -> Row | None:
    text = spoken.NOISE.sub("", text)
    cuts = text.split(CUT)
    if block:
        plain = [one for one in cuts if not _attribute(one)]
        cuts = plain if any(any(map(str.isalpha, one)) for one in plain) else cuts
    else:
        cuts = [one for one in cuts if not _afterwards(one, whole)] or cuts
    parts = [one for part in cuts if (one := _plain(part))]
    if reference is None:
        reference = _coded(parts)
    names = [one for one in parts if one and any(map(str.isalpha, one)) and not _label(one)]
    if len(names) > 1:
        names = [one for one in names if not is_charge(one, counted=True)] or names
    if block:
        names = [one for one in names if not _talks(one)] or names
    if reference is None and names and codes.is_code(names[0], strict=True):
        reference, names = names[0], names[1:]
    worded = [one for one in names if any(len(word) > 2 for word in re.findall(r"[^\W\d]+", one))]
    name = max(names, key=len, default=None)
    if names and (block or (_COUNT_FIRST.match(whole) and (worded or names)[0][0].isupper())):
        name = (worded or names)[0]
    if (name is None and reference is None) or (name and len(name) > 160):
        return None
    if name and is_charge(name, counted=reference is not None):
        return None
    short = re.match(r"[A-Z]{2,8}\s+(\S+)\Z", name or "")
    if short and reference is None and is_charge(short[1], counted=True):
        return None  # FRT FREIGHT
    priced = found.keys() & {"unit_price", "total"}
    said = any(map(_talks, names)) or (name is not None and bool(_CLOCK.search(name)))
    if not reference and not priced and any(map(_field, names)):
        return None
    if not reference and not priced and name and re.match(r"\d{5}", name):
        return None
    if name and said and not (reference and priced):
        return None
    if name and not reference and not priced and (unit in TIME_UNITS or _field(name)):
        return None
    if not reference and name and len(name.split()) > (16 if priced else 8):
        return None
    row = Row(
        reference=reference,
        name=name,
        quantity=found.get("quantity"),
        unit_price=found.get("unit_price"),
        total=found.get("total"),
    )
    kept = [role for role in ("reference", "name", *found) if getattr(row, role) is not None]
    return checked(row, dict.fromkeys(kept, place))


def _coded(parts: list[str]) -> str | None:
    """The article number that stands in one of the parts; that part keeps the rest."""
    for at, part in enumerate(parts):
        way = _before(part) or codes.leading(part) or codes.trailing(part)
        if way is None and codes.is_code(part.strip("()[]"), strict=True) and len(parts) > 1:
            way = (part.strip("()[]"), "")
        if way:
            parts[at] = _plain(way[1])
            return way[0]
    return None


def _field(name: str) -> bool:
    """Whether a name is what a form calls a field that no article has: Gewicht, Datum."""
    meant = roles_of(name)
    best = max(meant, key=lambda role: meant[role], default="")
    if best == "other":
        return meant[best] >= 0.5 and len(name.split()) == 1
    return best in ("tax", "index", "discount", "unit") and meant[best] >= 0.9


def _afterwards(cut: str, whole: str) -> bool:
    """Whether a cut begins a new sentence: `… at 3.75 each. Delivery ex works.`"""
    if re.match(r"\s*[.!?]\s+[^\W\d_]", cut):
        return True
    bare = cut.strip(" .,;")
    at = whole.find(bare) if len(bare) > 3 else -1
    ended = re.match(r"\W*\d+\s+([^\W\d]+)\.\s*\Z", whole[:at]) if at > 0 else None
    if ended and fold(ended[1]) in UNITS:
        return False  # 5 opak. gloves
    return at > 0 and bool(re.search(r"(?:[^\W\d]{4}|\b[A-Z]{3}|\d|[€$£)])[.!?]\s*\Z", whole[:at]))


def _unit(text: str, found: dict[str, Decimal]) -> str:
    """The word behind the quantity, folded: of 14 days the days."""
    match = re.search(rf"(?<!\d){found['quantity']}\s+([^\W\d]+)", text)
    return fold(match[1]) if match else ""


def _talks(name: str) -> bool:
    """Whether a name is a sentence about something: `Invoice 20391 is overdue by`."""
    return any(one in TALK for one in words(name))


def _attribute(text: str) -> bool:
    """Whether a line says something else about the article: `Colour: blue`, `Sold by: Shop`."""
    text = text.strip()
    return bool(_ATTRIBUTE.match(text)) and not spoken.LABEL_AT_START.match(text)


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
    text = spoken.LABEL_AT_END.sub("", codes.tidy(text))
    text = spoken.LABEL_AT_START.sub("", text)
    for _ in range(2):
        text = codes.tidy(spoken.CONNECT.sub("", text))
    quoted = re.fullmatch(r"[\"„“»«'‚‘]\s*(.+?)\s*[\"“”«»'’]", text)
    if quoted:
        return quoted[1]
    inner = re.fullmatch(r"\(([^()]+)\)\.?", text)
    text = inner[1].strip() if inner else text
    return text.rstrip(".") if not re.search(r"\b\w{1,3}\.\Z", text) else text


def checked(row: Row, places: dict[str, str]) -> Row:
    """The row with its places, flagged where its numbers do not multiply."""
    return replace(row, places=places, flags=("total_differs",) if differs(row) else ())


def scored(rows: Sequence[Row]) -> float:
    """How much of each row was said, and whether the numbers multiply."""
    full = sum(
        (row.reference is not None) + (row.name is not None) + (row.unit_price is not None) + 1.5
        + 0.5 * (row.total is not None)
        for row in rows
    ) / (5 * len(rows))  # fmt: skip
    multiplied = [row for row in rows if row.total is not None and row.unit_price is not None]
    wrong = sum("total_differs" in row.flags for row in multiplied)
    arithmetic = 0.5 if not multiplied else 1 - wrong / len(multiplied)
    proved = 0.8 if multiplied and len(multiplied) == len(rows) and not wrong else 0.0
    return 2 * full + arithmetic + proved + counted(len(rows))
