"""Text out of HTML: what people read, and hostile markup in bounded time."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.mapping.functions.markup import text_of

SECONDS = 3.0  # of CPU, for half a megabyte; the quadratic parser took more than sixty


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>Deliver <b>before</b> noon</p><p>Ring twice</p>", "Deliver before noon\n\nRing twice"),
        ("one<br>two<BR/>three", "one\ntwo\nthree"),
        ("<table><tr><td>A-1</td><td>2</td></tr></table>", "A-1\t2"),
        ('<a title="a > b" href="x">link</a>', "link"),
        ("<script>alert('<p>no</p>')</script>yes", "yes"),
        ("<STYLE>p { color: red }</STYLE >seen", "seen"),
        ("<!-- hidden <p> --> seen", "seen"),
        ("<!DOCTYPE html><?xml version='1.0'?>seen", "seen"),
        ("Fish &amp; Chips &lt;3 &euro;&nbsp;5", "Fish & Chips <3 € 5"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("5 <b>and</b> a <loose end", "5 and a <loose end"),
        ("never <!-- closed", "never"),
        ("<img alt='it's' src=x>after", "after"),
        ("", ""),
    ],
)
def test_what_people_read(source: str, text: str) -> None:
    assert text_of(source) == text


@pytest.mark.parametrize(
    "piece",
    [
        "<", "<!--", "&#", "&#9", "<a ", "<a '", '<a "', "<![CDATA[", "</", "<div>", "<script>",
        "<style", "<b><p>", "<table>", "<!", "<?", "<div a=\"", "&", "&amp", "\n ", "<a \"'>",
    ],
)  # fmt: skip
def test_hostile_markup_takes_no_longer_than_its_length(piece: str) -> None:
    began = time.process_time()
    text_of(piece * (500_000 // len(piece)))
    text_of("<p " + piece * (250_000 // len(piece)) + ">" + piece * (250_000 // len(piece)))
    assert time.process_time() - began < SECONDS


def test_an_entity_with_too_many_digits_stays_text() -> None:
    assert "9" * 100 in text_of("&#" + "9" * 5000 + ";")


@given(st.text(alphabet="<>/!-abp\"'& \n=", max_size=200))
def test_nothing_breaks_it(source: str) -> None:
    assert len(text_of(source)) <= len(source) + 1
