"""Frames of HTML: what gathers the text of the document, a list, a table, a quote."""

from dataclasses import dataclass, field

from connectors.notes.transforms.richtext.flow import Flow
from connectors.notes.transforms.richtext.tree import (
    Block,
    Cell,
    Inline,
    Listing,
    Paragraph,
    Quote,
    Table,
)

MAX_SPAN = 1000


@dataclass(slots=True)
class Column:
    """The document, or a quote."""

    flow: Flow = field(default_factory=Flow)
    quote: bool = False

    @property
    def target(self) -> Flow | None:
        return self.flow

    def blocks(self) -> tuple[Block, ...]:
        blocks = self.flow.blocks()
        return (Quote(blocks),) if self.quote and blocks else blocks


@dataclass(slots=True)
class ListFrame:
    """A list. Text between its items belongs to the item before; what comes before the first
    item stands before the list, so a list without items (Domino indents with them) is none."""

    ordered: bool
    numbering: str = ""
    start: int = 1
    lead: Flow = field(default_factory=Flow)
    items: list[Flow] = field(default_factory=list)
    open_item: bool = False

    @property
    def target(self) -> Flow | None:
        return self.items[-1] if self.items else self.lead

    def blocks(self) -> tuple[Block, ...]:
        items = tuple(blocks for one in self.items if (blocks := one.blocks()))
        lead = self.lead.blocks()
        if not items:
            return lead
        return (*lead, Listing(self.ordered, self.numbering, self.start, items))


@dataclass(slots=True)
class _CellFrame:
    header: bool
    columns: int
    rows: int
    flow: Flow = field(default_factory=Flow)


@dataclass(slots=True)
class TableFrame:
    """A table. Text outside its cells stands before it, as in browsers."""

    rows: list[list[_CellFrame]] = field(default_factory=list)
    caption: Flow = field(default_factory=Flow)
    cell: Flow | None = None
    header: bool = False

    @property
    def target(self) -> Flow | None:
        return self.cell

    def begin_row(self) -> None:
        self.rows.append([])

    def begin_cell(self, *, header: bool, columns: int, rows: int) -> None:
        if not self.rows:
            self.begin_row()
        frame = _CellFrame(header or self.header, columns, rows)
        self.rows[-1].append(frame)
        self.cell = frame.flow

    def begin_caption(self) -> None:
        self.cell = self.caption

    def blocks(self) -> tuple[Block, ...]:
        rows = tuple(
            tuple(Cell(one.header, one.columns, one.rows, one.flow.blocks()) for one in row)
            for row in self.rows
            if row
        )
        return table_blocks(self.caption.blocks(), rows)


def table_blocks(
    caption: tuple[Block, ...], rows: tuple[tuple[Cell, ...], ...]
) -> tuple[Block, ...]:
    """A table as blocks. One of a single cell is a box around text, and only that text stays;
    one without any content is nothing. A caption of more than one line stands before."""
    if not any(cell.blocks for row in rows for cell in row):
        return caption
    if len(rows) == 1 and len(rows[0]) == 1:
        return (*caption, *rows[0][0].blocks)
    inlines: tuple[Inline, ...] = ()
    if len(caption) == 1 and isinstance(caption[0], Paragraph) and caption[0].kind == "p":
        inlines, caption = caption[0].inlines, ()
    return (*caption, Table(inlines, rows))


def span_of(value: str) -> int:
    """A number of columns or rows, 1 to 1000."""
    digits = value.strip()[:6]
    return min(max(int(digits), 1), MAX_SPAN) if digits.isascii() and digits.isdigit() else 1
