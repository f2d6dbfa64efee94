"""HTML that nobody vouches for as tokens, in time proportional to its length.

Parsers of trees either drop text that stands where it should not (libxml2) or copy unclosed
formatting into every block that follows (the way of HTML 5, quadratic). Rich text needs neither:
the reader keeps marks, not elements. So this only cuts, from left to right, by the rules that
HTML 5 has for its tokenizer, and never goes back.
"""

import html
import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

RAW: Final = frozenset({"script", "style", "xmp", "iframe", "noembed", "noframes"})
_ESCAPABLE: Final = frozenset({"textarea", "title"})
_NAME: Final = re.compile(r"[a-zA-Z][^\s/>]*")
_ATTRIBUTE: Final = re.compile(
    r"""[\s/]*(?:(?P<name>=?[^\s/>=]+)
        (?:\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s>"'][^\s>]*))?)?)""",
    re.VERBOSE,
)
_EMPTY: Final = re.compile(r"<!--(-?>)")
_BLANK: Final = re.compile(r"[\s/]*")
_SHORT: Final = re.compile(r"&(?=[a-zA-Z]+[=a-zA-Z0-9])(?![a-zA-Z]+\d*;)")
_ENDS: Final = {
    name: re.compile(rf"</{name}(?=[\s/>]|\Z)", re.IGNORECASE) for name in (*RAW, *_ESCAPABLE)
}


@dataclass(frozen=True, slots=True)
class Chars:
    text: str


@dataclass(frozen=True, slots=True)
class Start:
    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class End:
    name: str


@dataclass(frozen=True, slots=True)
class Unclosed:
    """A tag or comment that never ends, with all that follows it."""

    source: str


Token = Chars | Start | End | Unclosed


def tokens(source: str) -> Iterator[Token]:
    """Every token in order; comments and declarations are left out."""
    at, end = 0, len(source)
    while at < end:
        opening = source.find("<", at)
        if opening < 0:
            yield Chars(unescape(source[at:]))
            return
        if opening > at:
            yield Chars(unescape(source[at:opening]))
        following = source[opening + 1 : opening + 2]
        if following.isascii() and following.isalpha():
            start, at = _start(source, opening)
            if start is None:
                yield Unclosed(source[opening:])
                return
            yield start
            if start.name in _ENDS:
                at = yield from _raw(source, start.name, at)
            elif start.name == "plaintext":
                yield Chars(source[at:])
                return
        elif following == "/" and source[opening + 2 : opening + 3].isalpha():
            closing = source.find(">", opening)
            if closing < 0:
                yield Unclosed(source[opening:])
                return
            name = _NAME.match(source, opening + 2)
            yield End(name[0].lower() if name else "")
            at = closing + 1
        elif following in {"!", "?", "/"}:
            mark = "-->" if source.startswith("<!--", opening) else ">"
            empty = _EMPTY.match(source, opening)
            found = -1 if empty else source.find(mark, opening + 2)
            if found < 0 and not empty:
                yield Unclosed(source[opening:])
                return
            at = empty.end() if empty else found + len(mark)
        else:
            yield Chars("<")
            at = opening + 1


def _start(source: str, opening: int) -> tuple[Start | None, int]:
    """The tag that opens here, and where the text goes on; no tag when it never closes."""
    name = _NAME.match(source, opening + 1)
    if name is None:
        return None, opening
    at = name.end()
    attributes: dict[str, str] = {}
    while True:
        blank = _BLANK.match(source, at)
        at = blank.end() if blank else at
        if at >= len(source):
            return None, at
        if source[at] == ">":
            return Start(name[0].lower(), attributes), at + 1
        hit = _ATTRIBUTE.match(source, at)
        if hit is None or hit.end() == at:
            at += 1
            continue
        if hit["double"] is None and hit["single"] is None and hit["bare"] is None:
            rest = source[hit.end() : hit.end() + 1]
            if rest in {'"', "'"} and hit[0].rstrip().endswith("="):
                return None, at  # a quote that never closes takes all the rest
        value = hit["double"] or hit["single"] or hit["bare"] or ""
        attributes.setdefault(hit["name"].lower(), unescape(_SHORT.sub("&amp;", value)))
        at = hit.end()


def _raw(source: str, name: str, at: int) -> Generator[Token, None, int]:
    """What stands in an element without markup, and its end."""
    hit = _ENDS[name].search(source, at)
    text = source[at : hit.start()] if hit else source[at:]
    if text:
        yield Chars(text if name in RAW else unescape(text))
    yield End(name)
    closing = source.find(">", hit.end()) if hit else -1
    return len(source) if closing < 0 else closing + 1


def unescape(text: str) -> str:
    """With entities resolved."""
    if "&" not in text:
        return text
    with suppress(ValueError):  # a numeric entity with more digits than Python converts
        return html.unescape(text)
    return text
