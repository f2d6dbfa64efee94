"""Which elements of HTML are open, and how text looks within them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from connectors.notes.transforms.richtext.style import Style, restyled
from connectors.notes.transforms.richtext.tree import HEADINGS

CELLS = frozenset({"td", "th"})
_PRE = frozenset({"pre", "listing", "xmp", "plaintext"})
_PARAGRAPHS = CELLS | {"li", "caption", "p", "blockquote"}
_STRONG = frozenset({"dt", "summary", "legend"})
_LONGEST = 2000  # of a style attribute
_MOST = 150  # elements opened beyond that are not followed: soup, not meaning


@dataclass(slots=True)
class _Open:
    name: str
    attributes: Mapping[str, str]
    style: Style
    href: str = ""


@dataclass(slots=True)
class _Scope:
    """The document or a cell: end tags reach no further."""

    base: Style
    open: list[_Open] = field(default_factory=list)


class OpenElements:
    """A list, not a tree: an element that is closed in the wrong order leaves the others open,
    as in browsers."""

    def __init__(self, style: Style) -> None:
        self._scopes = [_Scope(style)]

    @property
    def style(self) -> Style:
        scope = self._scopes[-1]
        return scope.open[-1].style if scope.open else scope.base

    def names(self) -> set[str]:
        return {one.name for scope in self._scopes for one in scope.open}

    def open(self, name: str, attributes: Mapping[str, str], href: str = "") -> None:
        """`href` is where a link leads that is carried."""
        scope = self._scopes[-1]
        if len(scope.open) < _MOST:
            element = _Open(name, attributes, self.style, href)
            element.style = _within(element, self.style)
            scope.open.append(element)

    def close(self, name: str) -> bool:
        """Takes the nearest element of the name away, if there is one."""
        scope = self._scopes[-1]
        for at in range(len(scope.open) - 1, -1, -1):
            if scope.open[at].name == name:
                del scope.open[at]
                style = scope.open[at - 1].style if at else scope.base
                for one in scope.open[at:]:
                    one.style = style = _within(one, style)
                return True
        return False

    def close_headings(self) -> None:
        for one in HEADINGS:
            self.close(one)

    def enter_cell(self, name: str, attributes: Mapping[str, str]) -> None:
        """Begins a scope. Old pages, and Domino's are such, reset the alignment in tables."""
        outside = Style(self.style.marks)
        self._scopes.append(_Scope(_within(_Open(name, attributes, outside), outside)))

    def leave_cell(self) -> None:
        self._scopes.pop()


def _within(element: _Open, style: Style) -> Style:
    attributes = element.attributes
    return _style_in(
        style,
        element.name,
        element.href,
        attributes.get("align", "")[:40],
        attributes.get("color", "")[:40],
        attributes.get("style", "")[:_LONGEST],
    )


@lru_cache(maxsize=4096)
def _style_in(style: Style, name: str, href: str, align: str, color: str, css: str) -> Style:
    style = restyled(style, name, align=align, color=color, css=css)
    if href:
        return style.linked(href)
    if name == "a":
        return style.linked("") if style.marks.link else style
    if name in HEADINGS:
        return style.of_kind(name)
    if name in _PRE:
        return style.of_kind("pre")
    if name in _PARAGRAPHS:
        return style.block()
    return style.marked("strong") if name in _STRONG else style
