"""Blocks → plain text in which lists and tables stay readable."""

from collections.abc import Iterator, Sequence

from connectors.notes.transforms.richtext.tree import (
    Block,
    Blocks,
    Break,
    Cell,
    Image,
    Inline,
    Listing,
    Paragraph,
    Quote,
    Table,
    Text,
)

_MAX_FILLED = 100  # columns that spans may fill with empty cells
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
          (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip


def write_text(blocks: Blocks) -> str:
    """Paragraphs parted by an empty line; items as "- " or "1. ", indented; a row of a table a
    line, its cells parted by " | ", empty ones kept so that columns stay countable; addresses of
    links in brackets behind their text."""
    return "\n\n".join("\n".join(_lines(one)) for one in blocks).replace("\u00a0", " ")


def _lines(block: Block) -> Iterator[str]:
    if isinstance(block, Paragraph):
        text = _line(block.inlines)
        yield from text.split("\n") if block.kind == "pre" else map(str.strip, text.split("\n"))
    elif isinstance(block, Listing):
        for number, item in enumerate(block.items, block.start):
            mark = f"{_number(number, block.numbering)}. " if block.ordered else "- "
            for at, line in enumerate(_stacked(item)):
                yield (mark if at == 0 else " " * len(mark)) + line
    elif isinstance(block, Table):
        yield from _table(block)
    elif isinstance(block, Quote):
        for at, one in enumerate(block.blocks):
            if at:
                yield ">"
            for line in _lines(one):
                yield f"> {line}"
    else:
        yield "----"


def _stacked(blocks: Sequence[Block]) -> Iterator[str]:
    """Blocks without empty lines between them."""
    for one in blocks:
        yield from _lines(one)


def _table(table: Table) -> Iterator[str]:
    if table.caption:
        yield from _line(table.caption).split("\n")
    below: dict[int, int] = {}  # columns that a cell above covers, and for how many rows more
    for row in table.rows:
        cells: list[str] = []
        covered, below = below, {}
        wide = False
        for cell in row:
            while covered.get(len(cells), 0) > 0:
                below[len(cells)] = covered.pop(len(cells)) - 1
                cells.append("")
            lines = list(_cell_lines(cell))
            if len(row) == 1 and len(lines) > 1 and not cells:
                yield from lines
                wide = True
                continue
            columns = min(cell.columns, _MAX_FILLED)
            for at in range(len(cells), min(len(cells) + columns, _MAX_FILLED)):
                below[at] = cell.rows - 1
            cells.append(" / ".join(line.strip() for line in lines))
            cells += [""] * (columns - 1)
        for at in sorted(covered):
            if covered[at] > 0:
                below[at] = covered[at] - 1
                if at == len(cells):
                    cells.append("")
        while cells and not cells[-1]:
            cells.pop()
        if cells and not wide:
            yield " | ".join(cells)


def _cell_lines(cell: Cell) -> Iterator[str]:
    """The lines of a cell; the cells of a table in it are parted by commas."""
    for block in cell.blocks:
        if isinstance(block, Table):
            yield from filter(None, map(str.strip, _line(block.caption).split("\n")))
            for row in block.rows:
                texts = (" / ".join(_cell_lines(one)) for one in row)
                if line := ", ".join(filter(None, texts)):
                    yield line
        else:
            yield from (line for line in _lines(block) if line.strip())


def _line(inlines: Sequence[Inline]) -> str:
    parts: list[str] = []
    link, since = "", 0
    for one in (*inlines, None):
        here = _link(one)
        if here != link and not (isinstance(one, Break) and link):
            if link:
                _append_address(parts, since, link)
            link, since = here, len(parts)
        if isinstance(one, Text):
            parts.append(one.text)
        elif isinstance(one, Break):
            parts.append("\n")
        elif isinstance(one, Image) and one.alt:
            parts.append(f"[{one.alt}]")
    return "".join(parts)


def _link(inline: Inline | None) -> str:
    if isinstance(inline, Text):
        return inline.marks.link
    return inline.link if isinstance(inline, Image) else ""


def _append_address(parts: list[str], since: int, link: str) -> None:
    label = "".join(parts[since:])
    address = link.removeprefix("mailto:").removeprefix("tel:")
    if label.strip().rstrip("/") not in {address.rstrip("/"), address.split("://")[-1].rstrip("/")}:
        at = len(label.rstrip())
        parts[since:] = [label[:at], f" ({address})" if label.strip() else address, label[at:]]


def _number(number: int, numbering: str) -> str:
    if numbering in {"a", "A"} and number > 0:
        letters = ""
        while number > 0:
            number, rest = divmod(number - 1, 26)
            letters = chr(ord("a") + rest) + letters
        return letters if numbering == "a" else letters.upper()
    if numbering in {"i", "I"} and 0 < number < 4000:
        roman = ""
        for value, letters in _ROMAN:
            count, number = divmod(number, value)
            roman += letters * count
        return roman if numbering == "i" else roman.upper()
    return str(number)
