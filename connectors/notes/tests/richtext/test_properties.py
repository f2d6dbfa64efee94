"""What holds for every rich text, however broken or hostile."""

import base64
import gc
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from connectors.notes.tests.richtext.inspection import check
from connectors.notes.transforms.richtext import (
    convert,
    convert_dxl,
    convert_html,
    convert_mime,
    write_plain_text,
    write_rich_text,
)
from connectors.sdk.errors import ContractError, RejectedError


@contextmanager
def suppress_broken() -> Iterator[None]:
    """Some sources are refused, with this error and no other."""
    try:
        yield
    except ContractError as error:
        if error.code != "rich_text_broken" or not error.fix:
            raise


# Text of which each character may stand for a byte is read as such (Part.text).
LATIN = [chr(code) for code in range(0x7F, 0x100)]
TAGS = (
    *("b", "i", "u", "font", "span", "p", "div", "table", "tr"),
    *("td", "th", "ul", "ol", "li", "a", "h2", "pre", "blockquote"),
    *("center", "br", "hr", "img", "sup", "script", "style", "button", "select"),
    *("option", "textarea", "dl", "dt", "dd", "caption", "thead", "o:p", "title"),
    *("object", "iframe", "svg", "noscript", "form", "input", "label", "marquee", "a@b"),
)
ATTRIBUTES = (
    "", ' style="color:red;font-weight:bold"', " align=center", ' style="display:none"', " hidden",
    ' href="/x.nsf/0/$FILE/a.pdf"', ' href="https://a.example/?b&c"', ' href="java\tscript:x"',
    " colspan=2", " rowspan=3", " rowspan=99999", ' src="https://a.example/b.png" alt="c"',
    ' src="cid:1"', " onclick=x()", ' href="data:text/html,x"', ' style="background:url(x)"',
    " color=#abc", " type=a start=4", ' name="n" value="v"',
)  # fmt: skip


@st.composite
def soup(draw: st.DrawFn) -> tuple[str, list[str]]:
    """Tags in any order, with numbered words between them."""
    parts: list[str] = []
    words: list[str] = []
    for _ in range(draw(st.integers(0, 40))):
        kind = draw(st.sampled_from("twwoc"))
        if kind == "w":
            words.append(f"w{len(words)}w")
            before = draw(st.sampled_from(["", " ", "\n", "&nbsp;", "\xa0\xa0", "&amp;", "< "]))
            parts.append(before + words[-1] + draw(st.sampled_from(["", " ", "&#32;"])))
        elif kind == "c":
            parts.append(f"</{draw(st.sampled_from(TAGS))}>")
        else:
            parts.append(f"<{draw(st.sampled_from(TAGS))}{draw(st.sampled_from(ATTRIBUTES))}>")
    return "".join(parts), words


@settings(deadline=None, max_examples=200)
@given(soup())
def test_tag_soup(source: tuple[str, list[str]]) -> None:
    html, words = source
    check(convert_html(html), words)


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet=st.sampled_from(list("<>/!-?=\"'& abpi\n\x00\xa0&;#x3")), max_size=60))
def test_arbitrary_markup(source: str) -> None:
    check(convert_html(source))


@settings(deadline=None)
@given(st.one_of(st.text(), st.binary()))
def test_arbitrary_text_and_bytes(source: str | bytes) -> None:
    with suppress_broken():
        check(convert(source))


@settings(deadline=None)
@given(st.text(st.characters(exclude_characters=LATIN)))
def test_plain_text_is_shown_letter_by_letter(source: str) -> None:
    result = convert_mime([{"contentType": "text/plain", "data": source}])
    check(result)
    visible = re.sub(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffd-\uffff]", "", source)
    shown = re.sub(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffd-\uffff]", "", result.text)
    assert shown == visible


DXL_TAGS = (
    *("par", "par", "run", "run", "table", "tablerow"),
    *("tablecell", "section", "sectiontitle", "text", "block", "region"),
    *("picture", "caption", "attachmentref", "doclink", "urllink", "button"),
    *("actionhotspot", "popup", "popuptext", "computedtext", "code", "formula"),
    *("field", "break", "horizrule", "anchor", "objectref", "layout"),
    *("embeddedview", "unknown", "font", "pardef", "richtext", "gif"),
)
DXL_ATTRIBUTES: tuple[dict[str, str], ...] = (
    {}, {"def": "1"}, {"def": "2"}, {"def": "3"}, {"html": "true"}, {"rowspan": "2"},
    {"id": "1", "list": "bullet"}, {"id": "2", "hide": "web"}, {"style": "bold", "color": "red"},
    {"id": "3", "list": "number", "leftmargin": "2in"}, {"href": "https://a.example/"},
    {"href": "javascript:x"}, {"tablabel": "t"}, {"rowdisplay": "tabs"}, {"name": "n"},
)  # fmt: skip


@st.composite
def dxl_tree(draw: st.DrawFn) -> tuple[str, list[str]]:
    """Any element of DXL in any other, with numbered words in and behind them."""
    words: list[str] = []
    root = etree.Element("richtext")
    elements = [root]
    for _ in range(draw(st.integers(0, 30))):
        parent = elements[draw(st.integers(max(0, len(elements) - 4), len(elements) - 1))]
        name = draw(st.sampled_from(DXL_TAGS))
        child = etree.SubElement(parent, name, dict(draw(st.sampled_from(DXL_ATTRIBUTES))))
        # Base64, formulas and looks are no text; what stands in these is never shown.
        if name not in {"gif", "font", "pardef", "break", "horizrule", "code", "formula"}:
            words.append(f"w{len(words)}w")
            child.text = words[-1]
            elements.append(child)
        if draw(st.booleans()):
            words.append(f"w{len(words)}w")
            child.tail = words[-1]
    return etree.tostring(root, encoding="unicode"), words


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(dxl_tree())
def test_any_tree_of_dxl(source: tuple[str, list[str]]) -> None:
    xml, words = source
    check(convert_dxl(xml), words)


PART = st.fixed_dictionaries(
    {},
    optional={
        "contentType": st.sampled_from(
            ["text/html", "text/plain; charset=utf-8", "multipart/mixed; boundary=A", "image/gif",
             "multipart/alternative; Boundary=\"B b\"", "text/html; charset=nonsense", "/", "",
             "multipart/related", "application/pdf; name*=x", "text/html; charset=\"utf-16\""]
        ),
        "contentTransferEncoding": st.sampled_from(["base64", "Quoted-Printable", "8bit", "x"]),
        "contentDisposition": st.sampled_from(["inline", "attachment; filename=a.b", ";"]),
        "contentID": st.sampled_from(["<1>", "1", ""]),
        "boundary": st.sampled_from(["--A", "--B b", "--", "x"]),
        "data": st.one_of(st.text(max_size=20), st.just("<img src=cid:1>=20"), st.integers()),
    },
)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(st.lists(PART, max_size=8))
def test_any_list_of_parts(content: list[dict[str, Any]]) -> None:
    check(convert({"type": "multipart", "content": content}))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["type", "content", "data", "encoding", "attachments", "x"]), inner),
    max_leaves=8,
)  # fmt: skip


@settings(deadline=None)
@given(JSON, st.sampled_from(["multipart", "richtext", "text/html", "text/plain", ""]))
def test_any_json(value: Any, kind: str) -> None:
    with suppress_broken():
        check(convert(value))
    with suppress_broken():
        check(convert({**(value if isinstance(value, dict) else {}), "type": kind}))


@settings(deadline=None, max_examples=200)
@given(soup())
def test_what_is_written_reads_as_it_was(source: tuple[str, list[str]]) -> None:
    written = write_rich_text(source[0])
    back = convert(written.item)
    assert (back.html, back.text, back.losses) == (written.html, written.text, ())
    assert all(one.isascii() for part in written.item["content"] for one in part.values())


@settings(deadline=None)
@given(st.text())
def test_plain_text_that_is_written_reads_as_it_was(source: str) -> None:
    written = write_plain_text(source)
    assert convert(written.item).text == written.text


@pytest.mark.parametrize(
    "unit",
    [
        *("<p>x", "<b>x</i>", "<b><p>x", "<font color=red>x<p>", "<li>x", "<td>x", "<tr><td>x"),
        *("<a href=x>y", "<table><tr><td rowspan=9>x</table>", "<!--", "<a b='", "</", "&#1", "<"),
        *("<script>", "<pre>\n", "<br>", "<div hidden>", "&nbsp;", "<img src=x>", "<textarea>"),
        *("<style>a{b:c}</style>", "<p style='/*'>", "<p hidden></i>", "<div hidden><b></i></div>"),
    ],
)
def test_time_grows_with_the_length(unit: str) -> None:
    """A loose guard against squares (400 times), not a benchmark: twenty times as much text."""

    def seconds(count: int) -> float:
        gc.collect()
        gc.disable()  # its own time grows with all the objects of the process
        try:
            begin = time.process_time()
            convert_html(unit * count)
            return time.process_time() - begin
        finally:
            gc.enable()

    small = min(seconds(500) for _ in range(3))
    large = min(seconds(10_000) for _ in range(2))  # one may meet a machine that swaps caches
    assert large < 80 * max(small, 0.002)


@pytest.mark.parametrize("css", ["/*", "a", "{", "}", "@media{", "a{b:c}", ".a,", "<!--", ";"])
def test_time_of_style_sheets_grows_with_their_length(css: str) -> None:
    for source in (f"<style>{css * 100_000}</style>", f'<p style="{css * 100_000}">x'):
        begin = time.process_time()
        convert_html(source)
        assert time.process_time() - begin < 5


def test_limits_are_told() -> None:
    nested = {
        "rich_text_depth": "<table><tr><td>" * 200,
        "rich_text_size": "x" * 8_000_001,
    }
    for code, source in nested.items():
        with pytest.raises(ContractError) as caught:
            convert_html(source)
        assert caught.value.code == code
        assert caught.value.fix
        with pytest.raises(RejectedError) as refused:
            write_rich_text(source)
        assert refused.value.code == code
    with pytest.raises(ContractError) as caught:
        convert_dxl("<richtext>" + "<block>" * 150 + "</block>" * 150 + "</richtext>")
    assert caught.value.code == "rich_text_depth"


@pytest.mark.parametrize(
    "source",
    [
        "<richtext><par>x</richtext>",
        "<!DOCTYPE a [<!ENTITY b 'bbb'>]><richtext>&b;</richtext>",
        "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><richtext><par>&b;</par></richtext>",
        "<richtext>" + "<par>" * 300,
    ],
)
def test_dxl_that_is_none_is_refused(source: str) -> None:
    with pytest.raises(ContractError) as caught:
        convert_dxl(source)
    assert caught.value.code in {"rich_text_broken", "rich_text_depth"}
    assert "root:" not in caught.value.message


def test_old_encodings_of_dxl_are_read() -> None:
    xml = "<?xml version='1.0' encoding='iso-8859-1'?><richtext><par>Größe</par></richtext>"
    assert convert(xml.encode("latin-1")).text == "Größe"
    assert convert(xml).text == "Größe"


def test_an_attack_in_base64_is_still_cleaned() -> None:
    data = base64.b64encode(b'<a href="JaVaScRiPt:alert(1)" onclick=x><img src=x onerror=y>t</a>')
    part = {
        "contentType": "text/html",
        "contentTransferEncoding": "base64",
        "data": data.decode(),
    }
    result = convert({"type": "multipart", "content": [part]})
    assert result.html == "<p>t</p>"
    assert [one.kind.value for one in result.losses] == ["script"]
