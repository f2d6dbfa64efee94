"""What a conversion could not carry, element by element."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum


class LossKind(StrEnum):
    """What kind of element was lost."""

    ATTACHMENT = "attachment"
    IMAGE = "image"
    OBJECT = "object"  # OLE, applets, plug-ins
    EMBED = "embed"  # frames, films, drawings, embedded views
    DOCLINK = "doclink"
    VIEWLINK = "viewlink"
    DATABASELINK = "databaselink"
    LINK = "link"
    ANCHOR = "anchor"
    SECTION = "section"  # the control that folds a section; its title and text are carried
    BUTTON = "button"
    FIELD = "field"
    COMPUTED = "computed"
    HOTSPOT = "hotspot"
    POPUP = "popup"
    CODE = "code"
    SCRIPT = "script"
    STYLE = "style"
    HIDDEN = "hidden"
    CHARACTERS = "characters"
    ELEMENT = "element"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """One element that was not carried.

    `where` is `img[3]`, the third element of that name in the source, in MIME behind `part 2: `
    (parts counted from 1 as the service lists them). `what` names it (file name, address, type),
    `text` is all the text that it held, white space as one space.
    """

    kind: LossKind
    where: str
    what: str
    text: str

    def to_dict(self) -> dict[str, str]:
        return {
            "kind": self.kind.value,
            "where": self.where,
            "what": self.what,
            "text": self.text,
        }


class LossReport:
    """Collects losses in the order of the source."""

    def __init__(self) -> None:
        self._losses: list[Loss] = []
        self._seen: Counter[str] = Counter()
        self.part = ""

    def meet(self, name: str) -> str:
        """Counts an element that the reader meets; says where it is."""
        self._seen[name] += 1
        return f"{self.part}{name}[{self._seen[name]}]"

    def begin_part(self, number: int) -> None:
        """From here on the places are those of a part of MIME."""
        self.part = f"part {number}: "
        self._seen.clear()

    def add(self, kind: LossKind, where: str, what: str = "", text: str = "") -> int:
        """Reports a loss; gives the number by which its text can still be set."""
        self._losses.append(Loss(kind=kind, where=where, what=_line(what), text=_line(text)))
        return len(self._losses) - 1

    def set_text(self, number: int, text: str) -> None:
        self._losses[number] = replace(self._losses[number], text=_line(text))

    def __iter__(self) -> Iterator[Loss]:
        return iter(self._losses)


def _line(text: str) -> str:
    return " ".join(text.split())
