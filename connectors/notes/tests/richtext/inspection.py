"""What holds for the conversion of every rich text."""

import re
from html.parser import HTMLParser

from connectors.notes.transforms.richtext import RichText, convert_html

_BARE = "strong em u s small code sub sup br hr ul li blockquote table caption tbody tr"
_STYLED = "p pre h1 h2 h3 h4 h5 h6 span"
# Written out here once more: the allow-list must not grow by accident.
ALLOWED: dict[str, set[str]] = {
    **{tag: set() for tag in _BARE.split()},
    **{tag: {"style"} for tag in _STYLED.split()},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start", "type"},
}
STYLE = re.compile(
    r"(text-align:(center|right|justify)"
    r"|color:(#[0-9a-f]{6}|[a-z]+)|background-color:(#[0-9a-f]{6}|[a-z]+)"
    r"|color:(#[0-9a-f]{6}|[a-z]+);background-color:(#[0-9a-f]{6}|[a-z]+))"
)


class Inspector(HTMLParser):
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED, tag
        for name, value in attrs:
            assert name in ALLOWED[tag], (tag, name)
            if name in {"href", "src"}:
                assert re.match(r"(https?|mailto|tel):", value or "", re.I), value
            elif name == "style":
                assert STYLE.fullmatch(value or ""), value
            elif name not in {"alt", "type"}:
                assert (value or "").isdigit(), (name, value)

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError("a declaration")


def inspect(html: str) -> None:
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()


def check(result: RichText, words: list[str] | None = None) -> None:
    """All properties of one conversion; `words` are the words of the source."""
    inspect(result.html)
    again = convert_html(result.html)
    assert (again.html, again.text, again.losses) == (result.html, result.text, ())
    lost = " ".join(f"{one.what} {one.text}" for one in result.losses)
    for word in words or ():
        assert (word in result.html and word in result.text) or word in lost, word
