"""What a reader knows of the text that comes next: marks, kind of paragraph, alignment."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from connectors.notes.transforms.richtext.tree import PLAIN, Marks

TAG_MARKS = {
    **dict.fromkeys(("b", "strong"), "strong"),
    **dict.fromkeys(("i", "em", "cite", "dfn", "var"), "em"),
    **dict.fromkeys(("u", "ins"), "u"),
    **dict.fromkeys(("s", "strike", "del"), "s"),
    **dict.fromkeys(("code", "tt", "kbd", "samp"), "code"),
    **dict.fromkeys(("sub", "sup", "small"), ""),
}
_ALIGNMENTS = {
    **dict.fromkeys(("center", "middle"), "center"),
    **dict.fromkeys(("right", "end"), "right"),
    **dict.fromkeys(("justify", "full"), "justify"),
    **dict.fromkeys(("left", "start", "none"), ""),
}
_NOT_COLOURS = {"inherit", "initial", "unset", "auto", "currentcolor", "none", "revert"}
_DEFAULTS = {"black", "#000000", "windowtext", "system", "transparent"}
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*(?:[,/].*)?\)")
_HEX = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})(?:[0-9a-f]{2})?")


@dataclass(frozen=True, slots=True)
class Style:
    """`kind` and `align` are those of the paragraph that the next text begins."""

    marks: Marks = PLAIN
    kind: str = "p"
    align: str = ""

    def marked(self, tag: str) -> "Style":
        """With one of the tags of `Marks`; sub and sup exclude each other."""
        tags = self.marks.tags
        if tag in {"sub", "sup"}:
            tags -= {"sub", "sup"}
        return self if tag in tags else replace(self, marks=replace(self.marks, tags=tags | {tag}))

    def unmarked(self, tag: str) -> "Style":
        if tag not in self.marks.tags:
            return self
        return replace(self, marks=replace(self.marks, tags=self.marks.tags - {tag}))

    def colored(self, value: str) -> "Style":
        """In a colour as HTML, CSS or DXL spell it; black is none, nonsense changes nothing."""
        color = colour(value)
        return self if color is None else replace(self, marks=replace(self.marks, color=color))

    def highlighted(self, value: str) -> "Style":
        color = colour(value)
        if color is None:
            return self
        color = "" if color in {"white", "#ffffff"} else color
        return replace(self, marks=replace(self.marks, background=color))

    def aligned(self, value: str) -> "Style":
        align = _ALIGNMENTS.get(value.strip().lower())
        return self if align is None else replace(self, align=align)

    def linked(self, href: str) -> "Style":
        return replace(self, marks=replace(self.marks, link=href))

    def of_kind(self, kind: str) -> "Style":
        return replace(self, kind=kind)

    def block(self) -> "Style":
        """What a cell or list item starts with."""
        return replace(self, kind="p")


def colour(value: str) -> str | None:
    """ "#rrggbb" or a CSS name in small letters, "" for the usual black, None for nonsense."""
    value = value.strip().lower()
    if hit := _RGB.fullmatch(value):
        value = "#" + "".join(f"{min(255, int(one)):02x}" for one in hit.groups())
    elif (hit := _HEX.fullmatch(value)) and (value.startswith("#") or len(hit[1]) == 6):
        digits = hit[1]
        value = "#" + (digits if len(digits) == 6 else "".join(one * 2 for one in digits))
    elif not re.fullmatch(r"[a-z]{3,20}", value) or value in _NOT_COLOURS:
        return None
    return "" if value in _DEFAULTS else value


def declarations(css: str) -> Iterator[tuple[str, str]]:
    """The declarations of a style attribute, in small letters."""
    for one in without_comments(css.lower()).split(";"):
        name, colon, value = one.partition(":")
        if colon:
            yield name.strip(), value.replace("!important", "").strip()


def without_comments(css: str) -> str:
    """CSS without its comments; one that never ends hides the rest."""
    parts: list[str] = []
    at = 0
    while (opening := css.find("/*", at)) >= 0:
        parts.append(css[at:opening])
        closing = css.find("*/", opening + 2)
        if closing < 0:
            return "".join(parts)
        at = closing + 2
    return "".join(parts) + css[at:]


def is_hidden(css: str) -> bool:
    """Whether a style attribute hides its element from readers."""
    hidden = False
    for name, value in declarations(css):
        if name == "display":
            hidden = value == "none"
        elif (name == "visibility" and value in {"hidden", "collapse"}) or (
            (name == "mso-hide" and value == "all")
            or (name == "font-size" and re.fullmatch(r"0+(\.0*)?(px|pt|em|%)?", value))
            or (name == "opacity" and re.fullmatch(r"0+(\.0*)?%?", value))
        ):
            return True
    return hidden


def restyled(style: Style, tag: str, *, align: str, color: str, css: str) -> Style:
    """The style within an element of HTML, by its name and its attributes."""
    if tag in TAG_MARKS:
        style = style.marked(TAG_MARKS[tag] or tag)
    elif tag == "font":
        style = style.colored(color)
    elif tag == "mark":
        style = style.highlighted("yellow")
    elif tag == "center":
        style = style.aligned("center")
    if align and tag != "font":
        style = style.aligned(align)
    inline = tag in TAG_MARKS or tag in {"font", "span", "a", "mark"}
    for name, value in declarations(css):
        style = _declared(style, name, value, inline=inline)
    return style


def _declared(style: Style, name: str, value: str, *, inline: bool) -> Style:
    if name == "color":
        return style.colored(value)
    if name in {"background-color", "background"}:
        return style.highlighted(value) if inline else style
    if name == "text-align":
        return style.aligned(value)
    if name == "font-weight":
        heavy = value in {"bold", "bolder"} or (value.isdecimal() and int(value[:4]) >= 600)
        return style.marked("strong") if heavy else style.unmarked("strong")
    if name == "font-style":
        leaning = value.startswith(("italic", "oblique"))
        return style.marked("em") if leaning else style.unmarked("em")
    if name in {"text-decoration", "text-decoration-line"}:
        if "underline" in value:
            style = style.marked("u")
        return style.marked("s") if "line-through" in value else style
    if name == "vertical-align" and inline and value in {"super", "sub"}:
        return style.marked("sup" if value == "super" else "sub")
    return style
