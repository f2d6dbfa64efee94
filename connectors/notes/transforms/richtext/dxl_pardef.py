"""Paragraph definitions of DXL: lists, margins, alignment, who may see a paragraph."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from connectors.notes.transforms.richtext.dxl_source import name_of, text_within
from connectors.notes.transforms.richtext.tree import Block, Listing

_BULLETS = frozenset({"bullet", "check", "uncheck", "circle", "square"})
_NUMBERS = {"number": "", "alphaupper": "A", "alphalower": "a", "romanupper": "I",
            "romanlower": "i"}  # fmt: skip
_INCHES = {"in": 1.0, "cm": 1 / 2.54, "mm": 1 / 25.4, "px": 1 / 96, "pt": 1 / 72, "%": 0.08}
_LENGTH = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,9})?)\s*(in|cm|mm|px|pt|%)")
_NEVER = frozenset({"", "0", "@false", "@no", '""'})
# Whom a paragraph is hidden from. One hidden while editing, printing or copying is still read.
_READERS = frozenset({"notes", "web", "read"})
_SAME = 0.02  # inches


@dataclass(frozen=True, slots=True)
class ParDef:
    """`list` is "" (none), ul or ol; `margin` in inches; `hidden` says by what, "" not at all."""

    list: str = ""
    numbering: str = ""
    margin: float = 1.0
    align: str = ""
    hidden: str = ""


def pardef_of(element: etree._Element) -> ParDef:
    style = (element.get("list") or "none").strip().lower()
    return ParDef(
        list="ul" if style in _BULLETS else "ol" if style in _NUMBERS else "",
        numbering=_NUMBERS.get(style, ""),
        margin=_inches(element.get("leftmargin")),
        align=element.get("align") or "left",
        hidden=_hidden(element),
    )


def _inches(value: str | None) -> float:
    hit = _LENGTH.fullmatch((value or "").strip().lower())
    return float(hit[1]) * _INCHES[hit[2]] if hit else 1.0


def _hidden(element: etree._Element) -> str:
    tokens = (element.get("hide") or "").lower().split()
    if _READERS & set(tokens):
        return "hidden from " + " ".join(tokens)
    for code in element:
        if name_of(code) == "code" and code.get("event", "hidewhen") == "hidewhen":
            formula = text_within(code, code=True)
            if code.get("enabled") != "false" and formula.lower().rstrip("; ") not in _NEVER:
                return f"hidden when {formula}"
    return ""


@dataclass(slots=True)
class _Level:
    pardef: ParDef
    items: list[list[Block]] = field(default_factory=list)

    def listing(self) -> Listing:
        items = tuple(tuple(one) for one in self.items)
        return Listing(self.pardef.list == "ol", self.pardef.numbering, 1, items)


def nested(column: Iterable[tuple[ParDef, tuple[Block, ...]]]) -> Iterator[Block]:
    """The paragraphs of a column with their lists built: a deeper margin nests. Notes stores no
    lists, only paragraphs with a bullet and a margin; an empty paragraph ends no list."""
    levels: list[_Level] = []

    def close() -> Iterator[Block]:
        listing = levels.pop().listing()
        if levels:
            levels[-1].items[-1].append(listing)
        else:
            yield listing

    for pardef, blocks in column:
        if not blocks:
            continue
        while levels and (
            not pardef.list
            or pardef.margin < levels[-1].pardef.margin - _SAME
            or (
                abs(pardef.margin - levels[-1].pardef.margin) <= _SAME
                and (pardef.list, pardef.numbering)
                != (levels[-1].pardef.list, levels[-1].pardef.numbering)
            )
        ):
            yield from close()
        if not pardef.list:
            yield from blocks
            continue
        if not levels or pardef.margin > levels[-1].pardef.margin + _SAME:
            levels.append(_Level(pardef))
        levels[-1].items.append(list(blocks))
    while levels:
        yield from close()
