"""Plain text out of HTML that nobody vouches for, in time proportional to its length.

Far sides send broken and hostile markup. The standard library's parser looks at the rest of the
text again for every comment or tag that is never closed (65 s for 400 KB), so this reads once,
from left to right, and never goes back.
"""

import html
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

BLOCKS: Final = frozenset(
    {"address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "footer", "h1", "h2"}
    | {"h3", "h4", "h5", "h6", "header", "hr", "li", "ol", "p", "pre", "section", "table"}
    | {"tr", "ul"}
)
_CELLS: Final = frozenset({"td", "th"})
_HIDDEN: Final = frozenset({"script", "style", "head", "template"})
_NAME: Final = re.compile(r"/?([a-zA-Z][a-zA-Z0-9]*)")
_EXTENSIONS: Final = 8  # how often a ">" may stand inside the quotes of one tag


def text_of(source: str) -> str:
    """The text a person would read: blocks on lines of their own, cells parted by tabs,
    scripts and styles left out, entities resolved."""
    joined = "".join(_fragments(source))
    lines = [re.sub(r" +", " ", line).strip() for line in joined.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _fragments(source: str) -> Iterator[str]:
    lowered = source.lower()
    at, end = 0, len(source)
    while at < end:
        opening = source.find("<", at)
        if opening < 0:
            yield _shown(source[at:])
            return
        if opening > at:
            yield _shown(source[at:opening])
        following = source[opening + 1 : opening + 2]
        if source.startswith("<!--", opening):
            at = _after(source, "-->", opening + 4)
        elif following in ("!", "?"):
            at = _after(source, ">", opening + 2)
        elif following.isalpha() or following == "/":
            closing = _tag_end(source, opening)
            if closing < 0:  # never closed: people wrote a "<", or the text was cut
                yield _shown(source[opening:])
                return
            name, at = _name(source, opening), closing + 1
            if name in BLOCKS:
                yield "\n"
            elif name in _CELLS and following != "/":
                yield "\t"
            elif name in _HIDDEN and following != "/":
                at = _after(lowered, f"</{name}", at)
                at = _after(source, ">", at)
        else:
            yield "<"
            at = opening + 1


def _after(source: str, mark: str, start: int) -> int:
    """The place behind the next `mark`, or the end: what is not closed hides all the rest."""
    found = source.find(mark, start)
    return len(source) if found < 0 else found + len(mark)


def _tag_end(source: str, opening: int) -> int:
    """Where the tag's ">" stands, those within quotes left aside; -1 when there is none."""
    first = closing = source.find(">", opening)
    for _ in range(_EXTENSIONS):
        if closing < 0:
            return first
        tag = source[opening:closing]
        if tag.count('"') % 2 == 0 and tag.count("'") % 2 == 0:
            return closing
        closing = source.find(">", closing + 1)
    return first


def _name(source: str, opening: int) -> str:
    found = _NAME.match(source, opening + 1)
    return found.group(1).lower() if found else ""


def _shown(text: str) -> str:
    """White space as a browser shows it, entities resolved."""
    with suppress(ValueError):  # a numeric entity with more digits than Python converts
        text = html.unescape(text)
    return re.sub(r"\s+", " ", text)
