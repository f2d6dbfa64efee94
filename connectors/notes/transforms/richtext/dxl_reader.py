"""DXL rich text → blocks (elements after the Domino DTD, as HCL documents it)."""

from collections.abc import Iterator

from lxml import etree

from connectors.notes.transforms.richtext.dxl_lost import (
    hotspot,
    lost_element,
    notes_link,
    picture,
    popup,
)
from connectors.notes.transforms.richtext.dxl_pardef import ParDef, nested, pardef_of
from connectors.notes.transforms.richtext.dxl_source import (
    BINARY,
    bodies,
    name_of,
    text_within,
)
from connectors.notes.transforms.richtext.flow import Flow
from connectors.notes.transforms.richtext.html_frames import span_of, table_blocks
from connectors.notes.transforms.richtext.html_reader import HtmlReader
from connectors.notes.transforms.richtext.links import target_of
from connectors.notes.transforms.richtext.losses import LossKind, LossReport
from connectors.notes.transforms.richtext.plain_reader import read_plain
from connectors.notes.transforms.richtext.style import Style
from connectors.notes.transforms.richtext.tree import Block, Cell, Rule

_FONT_MARKS = {"bold": "strong", "italic": "em", "underline": "u", "strikethrough": "s",
               "superscript": "sup", "subscript": "sub"}  # fmt: skip
_LOOKS = frozenset(
    {"font", "border", "parstyle", "tablerowstyle", "cellbackground", "tablecolumn", "rundef"}
    | {"textproperty", "boxstyle", "popuptext", "caption", "sectiontitle"}
)
_IMAGES = BINARY - {"compositedata", "rawitemdata", "itemdata", "filedata", "rawdata"}
_NOTES_LINKS = frozenset({"doclink", "viewlink", "databaselink"})
_TRANSPARENT = frozenset({"run", "region", "block", "span", "richtext", "text", "linkhotspot"})

_NORMAL = ParDef()


def read_dxl(root: etree._Element, report: LossReport, item: str = "") -> tuple[Block, ...]:
    """One item of a parsed document, or a bare `richtext`. Raises `ContractError` beyond the
    limits."""
    reader = _Reader(report)
    blocks: list[Block] = []
    for body in bodies(root, item):
        blocks += reader.body(body)
    return tuple(blocks)


class _Reader:
    def __init__(self, report: LossReport) -> None:
        self._report = report
        self._pardefs: dict[str, ParDef] = {}
        self._level = 3  # of the headings that titles of sections and tabs become

    def body(self, element: etree._Element) -> tuple[Block, ...]:
        name = name_of(element)
        if name == "richtext":
            return self._column(element)
        if name in {"text", "textlist"}:
            return tuple(
                block
                for one in (element if name == "textlist" else [element])
                for block in read_plain(_with_breaks(one))
            )
        if name in {"rawitemdata", "itemdata"}:
            where = self._report.meet(name)
            self._report.add(LossKind.UNREADABLE, where, f"{name} {element.get('type') or ''}")
            return ()
        wrapper = etree.Element("richtext")
        wrapper.append(element)
        return self._column(wrapper)

    # blocks

    def _column(self, parent: etree._Element) -> tuple[Block, ...]:
        return tuple(nested(self._entries(parent)))

    def _entries(self, parent: etree._Element) -> Iterator[tuple[ParDef, tuple[Block, ...]]]:
        """The blocks of a body, cell or section, each with its paragraph definition."""
        loose, style = Flow(), Style()
        raw: HtmlReader | None = None
        loose.text(parent.text or "", style)
        for one in parent:
            name = name_of(one)
            if name == "par" and _is_pass_through(one):
                # Markup that Notes hands to browsers as it is may span paragraphs.
                raw = raw or HtmlReader(self._report, loose, style)
                if not self._is_hidden(one):
                    raw.read(_raw_text(one) + "\n")
                continue
            if raw is not None and name != "pardef":
                raw.finish()
                raw = None
            if name == "pardef":
                self._pardefs[one.get("id") or ""] = pardef_of(one)
            elif name in {"par", "table", "section"}:
                yield _NORMAL, loose.blocks()
                loose = Flow()
                yield self._block(one, name)
            elif name not in {"sectiontitle", "code"} or name_of(parent) != "section":
                self._inline(one, loose, style)
            loose.text(one.tail or "", style)
        if raw is not None:
            raw.finish()
        yield _NORMAL, loose.blocks()

    def _block(self, element: etree._Element, name: str) -> tuple[ParDef, tuple[Block, ...]]:
        if name == "table":
            return _NORMAL, self._table(element)
        if name == "section":
            return _NORMAL, self._section(element)
        if self._is_hidden(element):
            return _NORMAL, ()
        pardef = self._pardefs.get(element.get("def") or "", _NORMAL)
        return pardef, self._paragraph(element, Style().aligned(pardef.align))

    def _is_hidden(self, par: etree._Element) -> bool:
        """Whether readers do not see the paragraph; reports what it holds."""
        pardef = self._pardefs.get(par.get("def") or "", _NORMAL)
        if not pardef.hidden:
            return False
        text = text_within(par)
        if text or any(name_of(one) not in {"run", "font"} for one in par.iter() if one is not par):
            self._report.add(LossKind.HIDDEN, self._report.meet("par"), pardef.hidden, text)
        return True

    def _paragraph(self, par: etree._Element, style: Style) -> tuple[Block, ...]:
        self._report.meet("par")
        flow = Flow()
        flow.text(par.text or "", style)
        for one in par:
            self._inline(one, flow, style)
            flow.text(one.tail or "", style)
        return flow.blocks()

    def _section(self, section: etree._Element) -> tuple[Block, ...]:
        title: tuple[Block, ...] = ()
        for one in section:
            if name_of(one) == "sectiontitle":
                title += self._title(one)
        self._level += 1
        blocks = self._column(section)
        self._level -= 1
        return (*title, *blocks)

    def _title(self, title: etree._Element) -> tuple[Block, ...]:
        pardef = self._pardefs.get(title.get("pardef") or "", _NORMAL)
        if pardef.hidden:
            where = self._report.meet("sectiontitle")
            self._report.add(LossKind.HIDDEN, where, pardef.hidden, text_within(title))
            return ()
        for one in title:
            if name_of(one) == "code":
                where = self._report.meet("sectiontitle")
                text = text_within(one, code=True)
                self._report.add(LossKind.COMPUTED, where, "title of a section", text)
        return self._heading(text_within(title))

    def _heading(self, text: str) -> tuple[Block, ...]:
        flow = Flow()
        flow.text(text, Style(kind=f"h{min(self._level, 6)}"))
        return flow.blocks()

    def _table(self, table: etree._Element) -> tuple[Block, ...]:
        rows = [one for one in table if name_of(one) == "tablerow"]
        lead = self._stray(table, "tablerow")
        if table.get("rowdisplay", "all") != "all" or any(one.get("tablabel") for one in rows):
            return (*lead, *self._tabs(rows))
        cells: list[tuple[Cell, ...]] = []
        for row in rows:
            lead += self._stray(row, "tablecell")
            cells.append(self._row(row))
        return (*lead, *table_blocks((), tuple(filter(None, cells))))

    def _stray(self, parent: etree._Element, wanted: str) -> tuple[Block, ...]:
        """What stands in a table or row outside of its rows or cells: before it, as in HTML."""
        flow, style = Flow(), Style()
        flow.text(parent.text or "", style)
        for one in parent:
            if name_of(one) != wanted:
                self._inline(one, flow, style)
            flow.text(" " + (one.tail or ""), style)
        return flow.blocks()

    def _tabs(self, rows: list[etree._Element]) -> tuple[Block, ...]:
        """A table of which Notes shows one row at a time: a heading for each label."""
        blocks: list[Block] = []
        for row in rows:
            blocks += self._heading(row.get("tablabel") or "")
            blocks += self._stray(row, "tablecell")
            self._level += 1
            cells = self._row(row)
            self._level -= 1
            blocks += table_blocks((), (cells,) if cells else ())
        return tuple(blocks)

    def _row(self, row: etree._Element) -> tuple[Cell, ...]:
        return tuple(
            Cell(
                cell.get("rowheader") == "true",
                span_of(cell.get("columnspan") or "1"),
                span_of(cell.get("rowspan") or "1"),
                self._column(cell),
            )
            for cell in row
            if name_of(cell) == "tablecell"
        )

    # running text

    def _children(self, element: etree._Element, flow: Flow, style: Style) -> None:
        """A `font` holds for what follows it in its run."""
        own = style
        flow.text(element.text or "", own)
        for one in element:
            if name_of(one) == "font":
                own = _fonted(one, style)
            self._inline(one, flow, own)
            flow.text(one.tail or "", own)

    def _inline(self, element: etree._Element, flow: Flow, style: Style) -> None:
        name = name_of(element)
        if name in _IMAGES or (name in _LOOKS and not text_within(element)):
            return
        if name == "break":
            flow.line_break(style)
        elif name == "horizrule":
            flow.add(Rule())
        elif name == "pardef":
            self._pardefs[element.get("id") or ""] = pardef_of(element)
        elif name in {"par", "table", "section"}:
            flow.add(*nested([self._block(element, name)]))
        elif name == "run":
            self._run(element, flow, style)
        elif name in _TRANSPARENT or name in _LOOKS:
            self._children(element, flow, style)
        else:
            self._special(element, name, flow, style)

    def _run(self, run: etree._Element, flow: Flow, style: Style) -> None:
        highlight = run.get("highlight") or "none"
        if highlight != "none":
            style = style.highlighted(highlight)
        if run.get("html") == "true":
            reader = HtmlReader(self._report, flow, style)
            reader.read(_with_breaks(run))
            reader.finish()
        else:
            self._children(run, flow, style)

    def _special(self, element: etree._Element, name: str, flow: Flow, style: Style) -> None:
        where = self._report.meet(name)
        lost = lost_element(element)
        if lost is not None:
            kind, what, text = lost
            self._report.add(kind, where, what, text)
        elif name == "picture":
            kind, what, text = picture(element)
            self._report.add(kind, where, what, text)
            self._carried(element, flow, style, without="imageref")
        elif name == "urllink":
            self._url(element, where, flow, style)
        else:
            if name in _NOTES_LINKS:
                kind, what, text = notes_link(element)
            elif name == "actionhotspot":
                kind, what, text = hotspot(element)
            elif name == "popup":
                kind, what, text = popup(element)
            elif name == "namedelementlink":
                kind, what, text = LossKind.LINK, element.get("name") or name, text_within(element)
            else:
                kind, what, text = LossKind.ELEMENT, name, text_within(element)
            self._report.add(kind, where, what, text)
            self._carried(element, flow, style, without="popuptext" if name == "popup" else "")

    def _url(self, link: etree._Element, where: str, flow: Flow, style: Style) -> None:
        formula = " ".join(text_within(one, code=True) for one in link if name_of(one) == "code")
        target = target_of(link.get("href") or "")
        if target.href:
            style = style.linked(target.href)
            if not text_within(link):
                flow.text(target.href, style)
        elif formula:
            self._report.add(LossKind.COMPUTED, where, "address of a link", formula)
        else:
            self._report.add(target.kind, where, target.what, text_within(link))
        self._carried(link, flow, style)

    def _carried(
        self, element: etree._Element, flow: Flow, style: Style, *, without: str = ""
    ) -> None:
        """The text around which a lost element stood."""
        flow.text(element.text or "", style)
        for one in element:
            name = name_of(one)
            if name == "caption":
                flow.text(" ", style)
            if name not in {"code", without}:
                self._inline(one, flow, style)
            flow.text(one.tail or "", style)


def _fonted(font: etree._Element, style: Style) -> Style:
    for token in (font.get("style") or "").lower().split():
        if token in _FONT_MARKS:
            style = style.marked(_FONT_MARKS[token])
    return style.colored(font.get("color") or "?")


def _is_pass_through(par: etree._Element) -> bool:
    """Whether a paragraph holds nothing but markup that Notes hands to browsers as it is."""
    runs = [one for one in par if name_of(one) not in {"border", "pardef"}]
    return (
        bool(runs)
        and not (par.text or "").strip()
        and all(
            name_of(one) == "run" and one.get("html") == "true" and not (one.tail or "").strip()
            for one in runs
        )
    )


def _raw_text(par: etree._Element) -> str:
    return "".join(_with_breaks(one) for one in par)


def _with_breaks(element: etree._Element) -> str:
    """The text of an element with its breaks as line ends."""
    parts: list[str] = []
    for event, one in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            name = name_of(one)
            parts.append("\n" if name == "break" else "" if name in BINARY else one.text or "")
        elif one is not element:
            parts.append(one.tail or "")
    return "".join(parts)
