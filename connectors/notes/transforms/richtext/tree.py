"""What every reader makes and every writer takes: paragraphs, lists, tables, and runs of text."""

from collections.abc import Sequence
from dataclasses import dataclass

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """How a run of text looks: where it links to ("" nowhere), which of the tags strong, em, u,
    s, small, code, sub, sup hold for it, and colours as "#rrggbb" or a CSS name ("" none)."""

    link: str = ""
    tags: frozenset[str] = frozenset()
    color: str = ""
    background: str = ""


PLAIN = Marks()


@dataclass(frozen=True, slots=True)
class Text:
    """A run of text. White space is already as it is shown."""

    text: str
    marks: Marks


@dataclass(frozen=True, slots=True)
class Break:
    """A line break within a paragraph."""


@dataclass(frozen=True, slots=True)
class Image:
    """A picture that anybody can load; `width` and `height` are pixels, "" unknown."""

    src: str
    alt: str
    width: str
    height: str
    link: str = ""


Inline = Text | Break | Image


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`kind` is p, pre or h1 to h6; `align` is center, right, justify or ""."""

    kind: str
    align: str
    inlines: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list, ordered or not; `numbering` is the type of HTML (1, a, A, i, I) and `start` its
    first number. Each item is a sequence of blocks."""

    ordered: bool
    numbering: str
    start: int
    items: tuple[tuple["Block", ...], ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table with the columns and rows that it covers."""

    header: bool
    columns: int
    rows: int
    blocks: tuple["Block", ...]


@dataclass(frozen=True, slots=True)
class Table:
    caption: tuple[Inline, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Quote:
    blocks: tuple["Block", ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal line."""


Block = Paragraph | Listing | Table | Quote | Rule
Blocks = Sequence[Block]
