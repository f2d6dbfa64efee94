"""Elements of HTML that are not carried, and the text that they take with them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from connectors.notes.transforms.richtext.html_tokens import Chars, End, Start, Token
from connectors.notes.transforms.richtext.losses import LossKind
from connectors.notes.transforms.richtext.style import is_hidden
from connectors.notes.transforms.richtext.stylesheet import StyleSheet

VOID = frozenset(
    {"area", "base", "basefont", "bgsound", "br", "col", "command", "embed", "frame", "hr"}
    | {"img", "input", "keygen", "link", "meta", "param", "source", "track", "wbr"}
)
BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details"}
    | {"dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form"}
    | {"h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html", "legend", "li"}
    | {"listing", "main", "menu", "nav", "ol", "optgroup", "option", "p", "plaintext", "pre"}
    | {"section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr"}
    | {"ul", "xmp"}
)
LOST = {
    "script": LossKind.SCRIPT,
    "style": LossKind.STYLE,
    **dict.fromkeys(("title", "template", "noscript", "noembed", "noframes"), LossKind.HIDDEN),
    **dict.fromkeys(("object", "applet", "embed"), LossKind.OBJECT),
    **dict.fromkeys(
        ("iframe", "frame", "video", "audio", "svg", "canvas", "math", "progress", "meter"),
        LossKind.EMBED,
    ),
    "button": LossKind.BUTTON,
    **dict.fromkeys(("select", "textarea", "datalist", "output"), LossKind.FIELD),
}
_BUTTONS = {"button", "submit", "reset", "image"}
# What ends an element that was not closed itself.
_SIBLINGS = {
    "p": BLOCKS,
    "li": frozenset({"li"}),
    "dt": frozenset({"dt", "dd"}),
    "dd": frozenset({"dt", "dd"}),
    "td": frozenset({"td", "th", "tr", "tbody", "tfoot", "thead"}),
    "th": frozenset({"td", "th", "tr", "tbody", "tfoot", "thead"}),
    "tr": frozenset({"tr", "tbody", "tfoot", "thead"}),
}


@dataclass(slots=True)
class Capture:
    """Takes tokens until the element ends. `outside` has the names of what is open around it:
    their end tags end it too."""

    kind: LossKind
    where: str
    what: str
    name: str
    outside: frozenset[str]
    _open: list[str] = field(default_factory=list)
    _count: Counter[str] = field(default_factory=Counter)
    _texts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._push(self.name)

    @property
    def text(self) -> str:
        return "".join(self._texts)

    def take(self, token: Token) -> tuple[bool, bool]:
        """(whether the element has ended, whether it took the token)."""
        if isinstance(token, Chars):
            self._texts.append(token.text)
        elif isinstance(token, Start):
            if len(self._open) == 1 and token.name in _SIBLINGS.get(self.name, ()):
                return True, False
            self._texts.append(" " if token.name in BLOCKS or token.name == "br" else "")
            if token.name == "img":
                self._texts.append(token.attributes.get("alt", ""))
            elif token.name == "input":
                self._texts.append(" " + token.attributes.get("value", ""))
            if token.name not in VOID:
                self._push(token.name)
        elif isinstance(token, End):
            return self._end(token.name)
        else:
            self._texts.append(token.source)
        return False, True

    def _push(self, name: str) -> None:
        self._open.append(name)
        self._count[name] += 1

    def _end(self, name: str) -> tuple[bool, bool]:
        self._texts.append(" " if name in BLOCKS else "")
        if self._count[name]:
            while (last := self._open.pop()) != name:
                self._count[last] -= 1
            self._count[name] -= 1
            return not self._open, True
        return (True, False) if name in BLOCKS and name in self.outside else (False, True)


def capture_of(
    token: Start, where: str, sheet: StyleSheet, outside: Callable[[], set[str]]
) -> Capture | None:
    """What takes a lost or hidden element, None when it is carried."""
    name, attributes = token.name, token.attributes
    kind = LOST.get(name)
    css = attributes.get("style", "")
    hidden = name not in VOID and (
        "hidden" in attributes or bool(css and is_hidden(css)) or sheet.hides(name, attributes)
    )
    if kind is None and not hidden:
        return None
    what = name
    if kind in {LossKind.OBJECT, LossKind.EMBED, LossKind.SCRIPT}:
        source = attributes.get("src") or attributes.get("data") or attributes.get("code")
        what = f"{name} {source}" if source else name
    elif kind in {LossKind.FIELD, LossKind.BUTTON} and attributes.get("name"):
        what = f"{name} {attributes['name']}"
    return Capture(
        kind=kind or LossKind.HIDDEN,
        where=where,
        what=what,
        name=name,
        outside=frozenset(outside()),
    )


def input_loss(token: Start) -> tuple[LossKind, str, str]:
    """Kind, name and text of a form's input."""
    attributes = token.attributes
    type_ = attributes.get("type", "text").strip().lower()
    value = attributes.get("value", "")
    what = " ".join(filter(None, ("input", type_, attributes.get("name", ""))))
    if type_ in _BUTTONS:
        return LossKind.BUTTON, what, value or attributes.get("alt", "")
    return (LossKind.HIDDEN if type_ == "hidden" else LossKind.FIELD), what, value
