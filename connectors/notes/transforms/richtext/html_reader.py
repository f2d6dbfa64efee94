"""HTML as Domino and people write it → blocks.

Formatting is a list of marks, not a tree: an element that is never closed, or closed in the
wrong order, marks the text up to where browsers would stop. Nothing is read twice.
"""

from collections.abc import Mapping

from connectors.notes.transforms.richtext.flow import Flow
from connectors.notes.transforms.richtext.html_images import image_of, lost_image
from connectors.notes.transforms.richtext.html_links import LostLink
from connectors.notes.transforms.richtext.html_lost import (
    BLOCKS,
    VOID,
    Capture,
    capture_of,
    input_loss,
)
from connectors.notes.transforms.richtext.html_open import CELLS, OpenElements
from connectors.notes.transforms.richtext.html_stack import LISTS, ROWS, FrameStack
from connectors.notes.transforms.richtext.html_tokens import (
    Chars,
    End,
    Start,
    Unclosed,
    tokens,
)
from connectors.notes.transforms.richtext.limits import check_size
from connectors.notes.transforms.richtext.links import target_of
from connectors.notes.transforms.richtext.losses import LossKind, LossReport
from connectors.notes.transforms.richtext.style import Style
from connectors.notes.transforms.richtext.stylesheet import StyleSheet
from connectors.notes.transforms.richtext.tree import HEADINGS, Block, Rule

_TERMS = frozenset({"dt", "dd"})
_TABLE_PARTS = ROWS | CELLS | {"tr", "caption"}


def read_html(source: str, report: LossReport) -> tuple[Block, ...]:
    """Raises `ContractError` beyond the limits; everything else is read somehow."""
    check_size(source)
    reader = HtmlReader(report, Flow(), Style())
    reader.read(source)
    return reader.close()


class HtmlReader:
    """Reads into a flow. `images` names the parts that `cid:` addresses mean; `used` has those
    that the text shows."""

    def __init__(
        self,
        report: LossReport,
        flow: Flow,
        style: Style,
        images: Mapping[str, str] | None = None,
    ) -> None:
        self.used: set[str] = set()
        self._report = report
        self._images = images or {}
        self._elements = OpenElements(style)
        self._frames = FrameStack(flow, self._elements)
        self._sheet = StyleSheet()
        self._capture: Capture | None = None
        self._link: LostLink | None = None

    def read(self, source: str) -> None:
        for token in tokens(source):
            if self._capture is not None:
                ended, taken = self._capture.take(token)
                if ended:
                    self._end_capture()
                if taken:
                    if isinstance(token, Start):
                        self._report.meet(token.name)
                    continue
            if isinstance(token, Chars):
                self._text(token.text)
            elif isinstance(token, Start):
                self._start(token)
            elif isinstance(token, End):
                self._end(token.name)
            else:
                self._unclosed(token)

    def finish(self) -> None:
        """Ends all that is open, but not the last paragraph."""
        self._end_capture()
        self._end_link()
        self._frames.close_all()

    def close(self) -> tuple[Block, ...]:
        """Ends all that is open; the blocks of the flow."""
        self.finish()
        return self._flow.blocks()

    @property
    def _flow(self) -> Flow:
        return self._frames.flow

    @property
    def _style(self) -> Style:
        return self._elements.style

    def _names(self) -> set[str]:
        """The names of all that is open."""
        return self._elements.names() | self._frames.names()

    # tokens

    def _text(self, text: str) -> None:
        if self._link is not None:
            self._link.text(text, self._style, self._flow)
        else:
            self._flow.text(text, self._style)

    def _unclosed(self, token: Unclosed) -> None:
        where = self._report.meet("unclosed")
        self._report.add(LossKind.ELEMENT, where, "a tag that never ends", token.source)

    def _start(self, token: Start) -> None:
        name, attributes = token.name, token.attributes
        where = self._report.meet(name)
        if name == "input":
            kind, what, text = input_loss(token)
            self._report.add(kind, where, what, text)
            return
        if name in BLOCKS:
            self._begin_block(name)
        self._capture = capture_of(token, where, self._sheet, self._names)
        if self._capture is not None:
            if name in VOID:
                self._end_capture()
        elif name == "a":
            self._start_link(token, where)
        elif name == "img":
            self._image(attributes, where)
        elif name == "area":
            self._area(attributes, where)
        elif name == "br":
            self._line_break()
        elif name == "hr":
            self._flow.add(Rule())
        elif name in LISTS:
            self._frames.begin_list(name, attributes)
        elif name == "li":
            self._frames.begin_item(attributes.get("value", ""))
            self._elements.open(name, attributes)
        elif name == "blockquote":
            self._frames.begin_quote()
            self._elements.open(name, attributes)
        elif name == "table":
            self._frames.begin_table()
        elif name in _TABLE_PARTS:
            self._frames.begin_rows(name, attributes)
        elif name not in VOID:
            self._elements.open(name, attributes)
            if "@" in name:
                # An e-mail address in pointed brackets reads as a tag; browsers show nothing.
                self._report.add(LossKind.ELEMENT, where, name)

    def _end(self, name: str) -> None:
        if name in BLOCKS:
            self._end_paragraph()
        if name == "a":
            self._end_link()
            self._elements.close("a")
        elif name in LISTS:
            self._frames.end_list()
        elif name == "li":
            self._frames.end_item()
        elif name == "blockquote":
            self._frames.end_quote()
            self._elements.close(name)
        elif name == "table":
            self._frames.end_table()
        elif name in _TABLE_PARTS:
            self._frames.end_rows(name)
        elif name == "br":
            self._line_break()
        elif name in HEADINGS:
            self._elements.close_headings()
        else:
            self._elements.close(name)

    def _begin_block(self, name: str) -> None:
        """Ends the paragraph, and an open p or heading too."""
        self._end_paragraph()
        self._elements.close("p")
        if name in _TERMS:
            self._elements.close("dt")
            self._elements.close("dd")
        if name in HEADINGS:
            self._elements.close_headings()
        if name in _TABLE_PARTS or name == "table":
            self._end_link()

    def _end_paragraph(self) -> None:
        if self._link is not None:
            self._link.release(self._flow)
        self._flow.end()

    def _line_break(self) -> None:
        if self._link is not None:
            self._link.line_break(self._style, self._flow)
        else:
            self._flow.line_break(self._style)

    def _end_capture(self) -> None:
        capture, self._capture = self._capture, None
        if capture is not None and capture.kind is LossKind.STYLE:
            self._sheet.add(capture.text)
        if capture is not None and (capture.kind is not LossKind.HIDDEN or capture.text.strip()):
            self._report.add(capture.kind, capture.where, capture.what, capture.text)

    # links and pictures

    def _start_link(self, token: Start, where: str) -> None:
        self._end_link()
        self._elements.close("a")
        address = token.attributes.get("href")
        if address is None:
            name = token.attributes.get("name") or token.attributes.get("id") or ""
            if name and not name.lower().startswith("_section"):
                self._report.add(LossKind.ANCHOR, where, name)
            self._elements.open("a", token.attributes)
            return
        target = target_of(address)
        self._elements.open("a", token.attributes, target.href)
        if not target.href:
            number = self._report.add(target.kind, where, target.what)
            self._link = LostLink(target.kind, target.what, number)

    def _end_link(self) -> None:
        if self._link is not None:
            link, self._link = self._link, None
            link.close(self._flow, self._report)

    def _image(self, attributes: Mapping[str, str], where: str) -> None:
        source = attributes.get("src", "").strip()
        if source[:4].lower() == "cid:":
            self.used.add(source[4:])
        if self._link is not None:
            self._link.image(attributes.get("alt") or attributes.get("title", ""))
            return
        image = image_of(attributes, self._style.marks.link)
        if image is not None:
            self._flow.image(image, self._style)
        elif (lost := lost_image(attributes, self._images)) is not None:
            kind, what, text = lost
            self._report.add(kind, where, what, text)

    def _area(self, attributes: Mapping[str, str], where: str) -> None:
        if address := attributes.get("href"):
            target = target_of(address)
            self._report.add(
                target.kind, where, target.what or target.href, attributes.get("alt", "")
            )
