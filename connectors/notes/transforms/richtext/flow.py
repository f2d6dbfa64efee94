"""Builds blocks out of the running text that a reader meets."""

import re
from dataclasses import dataclass, field

from connectors.notes.transforms.richtext.style import Style
from connectors.notes.transforms.richtext.tree import (
    Block,
    Break,
    Image,
    Inline,
    Marks,
    Paragraph,
    Text,
)

_SPACES = re.compile(r"[ \t\n\r\f\v\u00a0\u2028\u2029]+")
_INVISIBLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufffe\uffff]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")


# Windows characters that were read as ISO 8859-1; browsers show them so in entities.
_WINDOWS = {
    code: bytes([code]).decode("windows-1252", "ignore") or None for code in range(0x80, 0xA0)
}
_CONTROLS = re.compile(r"[\x80-\x9f]")


def tidy(text: str) -> str:
    """Without control characters; halves of surrogate pairs become U+FFFD."""
    if text.isascii():
        return _INVISIBLE.sub("", text)
    text = _SURROGATES.sub("\ufffd", _INVISIBLE.sub("", text))
    return text.translate(_WINDOWS) if _CONTROLS.search(text) else text


def _space(hit: re.Match[str]) -> str:
    # Domino writes tabs as runs of no-break spaces; a single one belongs to its words.
    return "\u00a0" if hit[0] == "\u00a0" else " "


@dataclass(slots=True)
class _Run:
    marks: Marks
    parts: list[str] = field(default_factory=list)


class Flow:
    """One column of text: a document, a list item or a cell.

    White space runs are one space, none at the ends of a line; a no-break space that stands
    alone stays. Two line breaks in a row part paragraphs, since Domino writes them so. Empty
    paragraphs are left out.
    """

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._line: list[_Run | Break | Image] = []
        self._shape = Style()
        self._open = False  # whether a space may come next

    def text(self, text: str, style: Style) -> None:
        """Appends text, white space as browsers show it."""
        if style.kind == "pre":
            self._preformatted(text, style)
            return
        text = tidy(text)
        text = _SPACES.sub(_space if "\u00a0" in text else " ", text)
        if not self._open:
            text = text.lstrip(" \u00a0")
        if not text:
            return
        if text in {" ", "\u00a0"} and not self._line:
            return
        self._append(text, style)
        self._open = text[-1] not in " \u00a0"

    def line_break(self, style: Style) -> None:
        if style.kind == "pre":
            self._preformatted("\n", style)
            return
        self._trim()
        if not self._line:
            return
        if isinstance(self._line[-1], Break):
            self.end()
        else:
            self._line.append(Break())
        self._open = False

    def image(self, image: Image, style: Style) -> None:
        self._begin(style)
        self._line.append(image)
        self._open = True

    def add(self, *blocks: Block) -> None:
        """Ends the paragraph and appends blocks."""
        self.end()
        self._blocks.extend(blocks)

    def end(self) -> None:
        """Ends the paragraph, if one has begun."""
        line, self._line, self._open = self._line, [], False
        inlines = tuple(
            Text("".join(one.parts), one.marks) if isinstance(one, _Run) else one for one in line
        )
        inlines = _without_lines(inlines) if self._shape.kind == "pre" else _without_ends(inlines)
        if inlines:
            self._blocks.append(Paragraph(self._shape.kind, self._shape.align, inlines))

    def blocks(self) -> tuple[Block, ...]:
        """All blocks; the last paragraph ends."""
        self.end()
        return tuple(self._blocks)

    def _preformatted(self, text: str, style: Style) -> None:
        text = tidy(text.replace("\r\n", "\n").replace("\r", "\n"))
        text = re.sub(r"[\v\f\u2028\u2029]", "\n", text)
        if text:
            self._append(text, style)
            self._open = True

    def _append(self, text: str, style: Style) -> None:
        self._begin(style)
        last = self._line[-1] if self._line else None
        if not (isinstance(last, _Run) and last.marks == style.marks):
            last = _Run(style.marks)
            self._line.append(last)
        last.parts.append(text)

    def _begin(self, style: Style) -> None:
        if self._line and style.kind != self._shape.kind:
            self.end()
        if not self._line:
            self._shape = style

    def _trim(self) -> None:
        """Takes the one space away that may stand at the end of the line."""
        last = self._line[-1] if self._line else None
        if not isinstance(last, _Run):
            return
        last.parts[-1] = last.parts[-1].rstrip(" \u00a0")
        if not last.parts[-1]:
            last.parts.pop()
        if not last.parts:
            self._line.pop()


def _without_ends(inlines: tuple[Inline, ...]) -> tuple[Inline, ...]:
    """Without spaces and breaks at the end; there are none at the start."""
    line = list(inlines)
    while line:
        last = line[-1]
        if isinstance(last, Image):
            break
        text = last.text.rstrip(" \u00a0") if isinstance(last, Text) else ""
        if text and isinstance(last, Text):
            line[-1] = Text(text, last.marks)
            break
        line.pop()
    return tuple(line)


def _without_lines(inlines: tuple[Inline, ...]) -> tuple[Inline, ...]:
    """Preformatted text without empty lines at its ends."""
    line = list(inlines)
    while line and isinstance(first := line[0], Text):
        text = re.sub(r"\A(?:[ \t\u00a0]*\n)+", "", first.text)
        if text and text.strip():
            line[0] = Text(text, first.marks)
            break
        if text and len(line) > 1 and any(_shown(one) for one in line[1:]):
            if text == first.text:
                break
            line[0] = Text(text, first.marks)
            break
        line.pop(0)
    while line and isinstance(last := line[-1], Text):
        if text := last.text.rstrip():
            line[-1] = Text(text, last.marks)
            break
        line.pop()
    return tuple(line)


def _shown(inline: Inline) -> bool:
    return isinstance(inline, Image) or (isinstance(inline, Text) and bool(inline.text.strip()))
