"""Blocks → HTML of the allow-list, always in the same spelling: read again it is the same."""

import html
from collections.abc import Iterator, Sequence
from itertools import takewhile

from connectors.notes.transforms.richtext.sanitise import sanitise
from connectors.notes.transforms.richtext.tree import (
    Block,
    Blocks,
    Break,
    Cell,
    Inline,
    Listing,
    Marks,
    Paragraph,
    Quote,
    Table,
    Text,
)

_ORDER = ("strong", "em", "u", "s", "small", "code", "sub", "sup")


def write_html(blocks: Blocks) -> str:
    """One top-level block a line. The allow-list comes last, whatever was written."""
    return sanitise("\n".join("".join(_block(one)) for one in blocks))


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Paragraph):
        align = f' style="text-align:{block.align}"' if block.align else ""
        yield f"<{block.kind}{align}>"
        yield _line(block.inlines)
        yield f"</{block.kind}>"
    elif isinstance(block, Listing):
        yield from _listing(block)
    elif isinstance(block, Table):
        yield "<table>"
        if block.caption:
            yield f"<caption>{_line(block.caption)}</caption>"
        yield "<tbody>"
        for row in block.rows:
            yield "<tr>"
            for cell in row:
                yield from _cell(cell)
            yield "</tr>"
        yield "</tbody></table>"
    elif isinstance(block, Quote):
        yield "<blockquote>"
        for one in block.blocks:
            yield from _block(one)
        yield "</blockquote>"
    else:
        yield "<hr>"


def _listing(block: Listing) -> Iterator[str]:
    tag = "ol" if block.ordered else "ul"
    start = f' start="{block.start}"' if block.ordered and block.start != 1 else ""
    numbering = f' type="{block.numbering}"' if block.numbering else ""
    yield f"<{tag}{start}{numbering}>"
    for item in block.items:
        yield "<li>"
        yield from _within(item)
        yield "</li>"
    yield f"</{tag}>"


def _cell(cell: Cell) -> Iterator[str]:
    tag = "th" if cell.header else "td"
    columns = f' colspan="{cell.columns}"' if cell.columns > 1 else ""
    rows = f' rowspan="{cell.rows}"' if cell.rows > 1 else ""
    yield f"<{tag}{columns}{rows}>"
    yield from _within(cell.blocks)
    yield f"</{tag}>"


def _within(blocks: Sequence[Block]) -> Iterator[str]:
    """What stands in an item or a cell: a first plain paragraph without its tags when nothing
    but lists follow."""
    rest = blocks
    if (
        blocks
        and isinstance(first := blocks[0], Paragraph)
        and (first.kind, first.align) == ("p", "")
        and all(isinstance(one, Listing) for one in blocks[1:])
    ):
        yield _line(first.inlines)
        rest = blocks[1:]
    for one in rest:
        yield from _block(one)


def _line(inlines: Sequence[Inline]) -> str:
    out: list[str] = []
    open_: list[tuple[str, str]] = []
    following = [*inlines[1:], None]
    for one, after in zip(inlines, following, strict=True):
        wanted = _tags(one)
        if isinstance(one, Break):  # stays in what goes on behind it
            wanted = _shared(open_, _tags(after))
        shared = len(_shared(open_, wanted))
        out += [f"</{tag}>" for tag, _ in reversed(open_[shared:])]
        out += [f"<{tag}{attributes}>" for tag, attributes in wanted[shared:]]
        open_ = wanted
        out.append(_leaf(one))
    out += [f"</{tag}>" for tag, _ in reversed(open_)]
    return "".join(out)


def _shared(
    one: Sequence[tuple[str, str]], other: Sequence[tuple[str, str]]
) -> list[tuple[str, str]]:
    pairs = zip(one, other, strict=False)
    return [left for left, _ in takewhile(lambda pair: pair[0] == pair[1], pairs)]


def _tags(inline: Inline | None) -> list[tuple[str, str]]:
    """The elements around a leaf, outermost first."""
    if inline is None or isinstance(inline, Break):
        return []
    marks = inline.marks if isinstance(inline, Text) else Marks(link=inline.link)
    tags = [("a", f' href="{html.escape(marks.link)}"')] if marks.link else []
    tags += [(tag, "") for tag in _ORDER if tag in marks.tags]
    css = [f"color:{marks.color}"] if marks.color else []
    css += [f"background-color:{marks.background}"] if marks.background else []
    return [*tags, ("span", f' style="{";".join(css)}"')] if css else tags


def _leaf(inline: Inline) -> str:
    if isinstance(inline, Text):
        return html.escape(inline.text, quote=False)
    if isinstance(inline, Break):
        return "<br>"
    size = "".join(
        f' {name}="{value}"'
        for name, value in (("width", inline.width), ("height", inline.height))
        if value
    )
    return f'<img src="{html.escape(inline.src)}" alt="{html.escape(inline.alt)}"{size}>'
