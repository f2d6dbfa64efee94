"""Links that are not carried, while HTML is read."""

from dataclasses import dataclass, field

from connectors.notes.transforms.richtext.flow import Flow
from connectors.notes.transforms.richtext.losses import LossKind, LossReport
from connectors.notes.transforms.richtext.style import Style


@dataclass(slots=True)
class LostLink:
    """A lost link. Its text is carried, except for the bare file name beside the icon of an
    attachment; so the text of such a link is held back until it is known. `number` is the
    link's in the report."""

    kind: LossKind
    what: str
    number: int
    _held: list[tuple[str, Style]] = field(default_factory=list)
    _texts: list[str] = field(default_factory=list)
    _alts: list[str] = field(default_factory=list)
    _released: bool = False

    def __post_init__(self) -> None:
        self._released = self.kind is not LossKind.ATTACHMENT

    def text(self, text: str, style: Style, flow: Flow) -> None:
        self._texts.append(text)
        if self._released:
            flow.text(text, style)
        else:
            self._held.append((text, style))

    def line_break(self, style: Style, flow: Flow) -> None:
        self.release(flow)
        self._texts.append(" ")
        flow.line_break(style)

    def image(self, alt: str) -> None:
        """Its icon: no loss of its own."""
        self._alts.append(alt)

    def release(self, flow: Flow) -> None:
        """Shows what was held back; what follows shows at once."""
        self._released = True
        for text, style in self._held:
            flow.text(text, style)
        self._held.clear()

    def close(self, flow: Flow, report: LossReport) -> None:
        label = " ".join("".join(self._texts).split())
        if self._released or label.casefold() != self.what.casefold():
            self.release(flow)
        report.set_text(self.number, label or " ".join(self._alts))
