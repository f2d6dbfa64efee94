"""Order lines written as `label: value`, one field after the other."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from flows.mapping.lines import amounts, codes, spoken
from flows.mapping.lines.grid import Cell, Grid, cell, squared
from flows.mapping.lines.words import ROLES, is_charge, roles_of, words

_PAIR: Final = re.compile(r"\s*(?:[-*•·]\s*)?([^:=\t|]{1,40}?)\s*[:=\t]\s*(\S.*)\Z")
_INNER: Final = re.compile(
    r"\s*[,;|/•·–—]\s*(?=[^\d:;|,]{1,30}?\s?[:=]\s*\S)|"
    r"(?:\s{2,}|\t)(?=[^\W\d][\w. #-]{0,20}(?::\s|\s?=\s?\S))"
)
_OF_ORDER: Final = tuple(
    (word,)
    for word in ("order", "grand", "invoice", "commande", "bestellung", "rechnung", "pedido")
)
_FIELD: Final = re.compile(r"[^\W\d][^:]{1,28}:\s+\S")
_SPOKEN: Final = re.compile(r"\s*([^\W\d][\w.-]{2,24})\s+(\S.*)\Z")
# The number of an article and the article itself on one line: `Pos. 10:  Conveyor belt`
_POSITION: Final = re.compile(
    r"\s*(?:pos(?:ition)?|poz|item|line|artikel|article|ligne|zeile|lot|los|riga|regel|linje)\.?"
    r"\s*(?:no\.?|nr\.?|n°|#)?\s*\d{1,4}\s*(?:[:.)–-])\s*(?P<rest>[^\W\d].*)\Z",
    re.IGNORECASE,
)
_LINE: Final = re.compile(
    r"\s*(?:pos(?:ition)?|item|line|artikel|article|ligne|zeile|produkt|product|produit)\.?"
    r"\s*(?:no\.?|nr\.?|n°|#)?\s*\d{1,3}\s*[:.)]?\s*\Z",
    re.IGNORECASE,
)


def pairs_of(line: str, place: str) -> list[tuple[str, Cell]]:
    """The fields of a line: one, or several parted by commas or bars."""
    found = []
    for part in _INNER.split(line)[:20]:
        match = _PAIR.match(part)
        if not match or "\t" in match[2]:
            continue
        label = re.sub(r"\A\(?\d{1,3}[.)]\s+", "", match[1].strip()).strip(" .-*")
        if not _best(label) or label[-1:].isdigit():  # Item 2: is one more Item
            label = re.sub(r"\s*(?:no\.?|nr\.?|#)?\s*\d{1,3}\Z", "", label)
        if _best(label) and not (words(label)[:1] in _OF_ORDER and is_charge(label, counted=False)):
            found.append((label, cell(match[2].rstrip(" ;,|"), place)))
    return found


def _best(label: str) -> str:
    meant = roles_of(label)
    return max(meant, key=lambda one: meant[one]) if meant else ""


def grid_of(lines: Sequence[tuple[str, str]]) -> Grid | None:
    """A grid of the records among lines (text, place); a new one begins where a label comes
    again, or at a blank line before the first label. A title above the fields names the article."""
    records: list[dict[str, Cell]] = []
    current: dict[str, Cell] = {}
    title: Cell | None = None
    at_line = -1
    for text, place in lines:
        begun = _POSITION.match(text)
        if begun:
            text = begun["rest"]
            if current and _whole(current):
                records.append(current)
                current = {}
        if spoken.GREETING.match(text):
            continue
        found = pairs_of(text, place) or _bare(text, place, bool(current) or title is not None)
        if begun and len(found) < 2 and not (found and _best(found[0][0]) in ROLES):
            title, at_line = cell(text, place), _number(place)
            continue
        if not found:
            plain = text.strip(" -*•·:.")
            if _FIELD.match(plain):
                continue  # something else about the article or its order
            if plain and not _LINE.match(text) and len(plain) < 120:
                below = at_line == _number(place) - 1 and title is not None
                at_line = _number(place)
                if below and not current and title is not None and title.text[-1:] != ":":
                    continue  # the size or colour below the name
                title = cell(
                    re.sub(r"\A\s*(?:\d{1,3}[.)]|\[\d+\]|[-*•·])\s+", "", text).rstrip(":"), place
                )
                if current and _whole(current):
                    records.append(current)
                    current = {}
            elif _LINE.match(text) and current:
                records.append(current)
                current, title = {}, None
            continue
        for label, value in found:
            if label in current:
                records.append(current)
                current = {}
            if title is not None and not current:
                current["\0title"] = title
            title = None
            current[label] = value
    records.append(current)
    records = [one for one in records if len(one) >= 2]
    for label in list(records[-1]) if len(records) > 1 else ():
        alone = not any(label in one for one in records[:-1])
        if alone and _best(label) == "total" and is_charge(label, counted=False):
            del records[-1][label]  # the sum of all stands below the last
    return grid_from(records)


def _number(place: str) -> int:
    found = re.search(r"line (\d+)\Z", place)
    return int(found[1]) if found else -9


def _bare(text: str, place: str, begun: bool) -> list[tuple[str, Cell]]:
    """A line that is a field without a colon: `Réf. LL-7`, or a price alone below others."""
    given = codes.labelled(text)
    if given and not given[1]:
        return [("reference", cell(given[0], place))]
    told = _SPOKEN.match(text)
    if told and len(text) < 80 and not is_charge(text, counted=False):
        meant = roles_of(told[1])
        role = _best(told[1])
        counted = amounts.numeric(told[2])
        if role in ROLES and meant[role] >= 0.95 and (counted or role in ("name", "reference")):
            return [(told[1], cell(told[2], place))]
    if begun and amounts.money(text) and amounts.numeric(text.strip()):
        return [("price", cell(text, place))]
    return []


def _whole(record: Iterable[str]) -> bool:
    return "quantity" in {_best(one) for one in record if not one.startswith("\0")}


def grid_from(records: Sequence[dict[str, Cell]]) -> Grid | None:
    """A grid of records; None where no label names a quantity."""
    labels = list(dict.fromkeys(label for one in records for label in one))
    named = {role for label in labels if (role := _best(label)) in ROLES}
    if "quantity" not in named:
        return None
    shown = tuple("name" if label == "\0title" else label for label in labels)
    if "\0title" in labels and "name" in {_best(one) for one in labels if one[0] != "\0"}:
        at = labels.index("\0title")
        labels.pop(at)
        shown = shown[:at] + shown[at + 1 :]
    rows = [[one.get(label, Cell()) for label in labels] for one in records]
    return Grid(kind="records", rows=squared(rows), labels=shown)
