"""MIME items → blocks: the HTML part with what stands beside it."""

from connectors.notes.transforms.richtext.flow import Flow
from connectors.notes.transforms.richtext.html_reader import HtmlReader
from connectors.notes.transforms.richtext.limits import check_size
from connectors.notes.transforms.richtext.losses import LossKind, LossReport
from connectors.notes.transforms.richtext.mime_mentions import Mentions
from connectors.notes.transforms.richtext.mime_parts import Part
from connectors.notes.transforms.richtext.plain_reader import read_plain
from connectors.notes.transforms.richtext.style import Style
from connectors.notes.transforms.richtext.tree import Block


def read_mime(root: Part, report: LossReport) -> tuple[Block, ...]:
    """The text of all parts that mail programs show, of alternatives the best one; files and
    pictures are losses. Raises `ContractError` beyond the limits."""
    reader = _Reader(root, report)
    blocks = reader.blocks(root)
    reader.report_mentions()
    return blocks


class _Reader:
    def __init__(self, root: Part, report: LossReport) -> None:
        self._report = report
        self._images = {one.cid: one.name or one.media_type for one in root.walk() if one.cid}
        self._used: set[str] = set()
        files = [one for one in root.walk() if not (one.is_multipart or one.is_text)]
        self._mentions = Mentions(one.name for one in files)

    def blocks(self, part: Part) -> tuple[Block, ...]:
        if part.media_type == "multipart/alternative":
            return self._alternative(part)
        if part.is_multipart:
            shown: list[Block] = []
            # Pictures are reported where the text shows them, so the text comes first.
            for one in part.children:
                if one.is_multipart or one.is_text:
                    shown += self.blocks(one)
            for one in part.children:
                if not (one.is_multipart or one.is_text):
                    self._lost(one)
            return tuple(shown)
        if not part.is_text:
            self._lost(part)
            return ()
        return self._text(part)

    def _alternative(self, part: Part) -> tuple[Block, ...]:
        """The last one with HTML, else the last one that is shown at all. Only text can be
        left out unsaid: it says the same."""
        best: Part | None = None
        for wanted in ("text/html", "text/plain", ""):
            for one in part.children:
                if any(leaf.is_text and leaf.media_type.startswith(wanted) for leaf in one.walk()):
                    best = one
            if best is not None:
                break
        shown = self.blocks(best) if best is not None else ()
        for one in part.children:
            if one is not best:
                for leaf in one.walk():
                    if not (leaf.is_multipart or leaf.is_text):
                        self._lost(leaf)
        return shown

    def _text(self, part: Part) -> tuple[Block, ...]:
        self._report.begin_part(part.number)
        text, damaged = part.text()
        check_size(text)
        if damaged:
            what = f"bytes that are no {part.charset or 'UTF-8'}"
            self._report.add(LossKind.CHARACTERS, f"part {part.number}", what)
        text = self._mentions.without(text)
        if part.media_type != "text/html":
            return read_plain(text)
        reader = HtmlReader(self._report, Flow(), Style(), self._images)
        reader.read(text)
        blocks = reader.close()
        self._used |= reader.used
        return blocks

    def _lost(self, part: Part) -> None:
        """A file, or a picture that no text has shown."""
        if part.cid and part.cid in self._used:
            return
        picture = part.media_type.startswith("image/") and part.disposition != "attachment"
        kind = LossKind.IMAGE if picture else LossKind.ATTACHMENT
        what = part.name or part.media_type
        self._report.add(kind, f"part {part.number}", what, self._mentions.take(part.name))

    def report_mentions(self) -> None:
        """Files that only the text knows."""
        for name, text in self._mentions.rest():
            self._report.add(LossKind.ATTACHMENT, "text", name, text)
