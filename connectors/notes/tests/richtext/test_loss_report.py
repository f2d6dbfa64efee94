"""The loss report names what was lost and nothing else: known elements in any arrangement.

`figures.py` prints precision and recall over random arrangements, and the speed.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.notes.transforms.richtext import convert_dxl, convert_html, convert_mime

UNID = "0123456789ABCDEF0123456789ABCDEF"
Known = tuple[str, tuple[tuple[str, str, str], ...]]  # source, losses (kind, what, text)

HTML: tuple[Known, ...] = (
    ("Plain <b>bold</b> text", ()),
    ('<a href="https://a.example/">site</a>', ()),
    ('<img src="https://a.example/b.png" alt="ok">', ()),
    ('<font size="2" face="Arial" color="#0000ff">blau</font>', ()),
    ('<img src="/icons/ecblank.gif" alt="">', ()),
    ("<!-- remark --><span class=x>é</span>", ()),
    ('<span style="display:inline">x</span>', ()),
    (f'<a href="/k.nsf/0/{UNID}/$FILE/a.pdf">Info</a>', (("attachment", "a.pdf", "Info"),)),
    (f'<a href="/k.nsf/0/{UNID}?OpenDocument">Doc</a>',
     (("doclink", f"/k.nsf/0/{UNID}?OpenDocument", "Doc"),)),
    ('<a href="javascript:x()">los</a>', (("script", "javascript:x()", "los"),)),
    ('<img src="cid:1" alt="Bild">', (("image", "cid:1", "Bild"),)),
    ('<span style="display:none">geheim</span>', (("hidden", "span", "geheim"),)),
    ("<script>x()</script>", (("script", "script", "x()"),)),
    ("<button>Kaufen</button>", (("button", "button", "Kaufen"),)),
    ("<input name=q value=7>", (("field", "input text q", "7"),)),
    ('<iframe src="https://v.example"></iframe>', (("embed", "iframe https://v.example", ""),)),
    ('<a name="oben"></a>', (("anchor", "oben", ""),)),
    ('<img src="/icons/expand.gif" alt="Show">', (("section", "/icons/expand.gif", "Show"),)),
)  # fmt: skip
HTML_AROUND: tuple[Callable[[str], str], ...] = (
    lambda inner: inner,
    lambda inner: f"<p>{inner}</p>",
    lambda inner: f"<p>{inner}",
    lambda inner: f"<b><font size=3>{inner}</b>",
    lambda inner: f"<ul><li>{inner}<li>x</ul>",
    lambda inner: f"<table><tr><td>{inner}</td><td>y</table>",
    lambda inner: f"<blockquote>{inner}</blockquote>",
    lambda inner: f"<div align=center>{inner}<br></div>",
)
DXL: tuple[Known, ...] = (
    ("<run><font style='bold' name='Arial'/>fett</run>", ()),
    ("<urllink href='https://a.example/'>site</urllink>", ()),
    ("Zeile<break/>zwei", ()),
    ("<run highlight='yellow'>gelb</run>", ()),
    ("<horizrule/>", ()),
    ("<attachmentref name='a' displayname='a.pdf'><picture><gif>R0</gif><caption>a.pdf</caption>"
     "</picture></attachmentref>", (("attachment", "a.pdf", "a.pdf"),)),
    ("<doclink document='D' description='Blatt'/>", (("doclink", "D", "Blatt"),)),
    ("<viewlink view='V'><run>alle</run></viewlink>", (("viewlink", "V", "alle"),)),
    ("<picture alttext='Bild'><png>iVBO</png></picture>", (("image", "png", "Bild"),)),
    ("<computedtext><code><formula>@Now</formula></code></computedtext>",
     (("computed", "computed text", "@Now"),)),
    ("<button><code event='click'><formula>@Beep</formula></code>Los</button>",
     (("button", "@Beep", "Los"),)),
    ("<popup><popuptext>tip</popuptext><run>Wort</run></popup>", (("popup", "popup", "tip"),)),
    ("<objectref name='E' class='Word.Document'/>", (("object", "Word.Document", ""),)),
    ("<field name='Qty'/>", (("field", "Qty", ""),)),
    ("<anchor name='oben'/>", (("anchor", "oben", ""),)),
    ("<urllink href='javascript:x'>js</urllink>", (("script", "javascript:x", "js"),)),
)  # fmt: skip
DXL_AROUND: tuple[Callable[[str], str], ...] = (
    lambda inner: f"<par>{inner}</par>",
    lambda inner: f"<par def='b'>{inner}</par>",
    lambda inner: f"<par><run><font style='italic'/>{inner}</run></par>",
    lambda inner: (
        f"<table><tablerow><tablecell><par>{inner}</par></tablecell>"
        "<tablecell><par>y</par></tablecell></tablerow></table>"
    ),
    lambda inner: (
        f"<section><sectiontitle><text>T</text></sectiontitle><par>{inner}</par></section>"
    ),
)

Plan = Sequence[tuple[int, int]]  # which element, in what


def arranged(
    known: tuple[Known, ...], around: tuple[Callable[[str], str], ...], plan: Plan
) -> tuple[str, list[tuple[str, str, str]]]:
    source = ""
    losses: list[tuple[str, str, str]] = []
    for which, within in plan:
        markup, lost = known[which % len(known)]
        source += around[within % len(around)](markup)
        losses += lost
    return source, losses


def found(shape: str, source: str) -> list[tuple[str, str, str]]:
    if shape == "html":
        result = convert_html(source)
    elif shape == "mime":
        result = convert_mime([{"contentType": "text/html; charset=utf-8", "data": source}])
    else:
        pardef = "<pardef id='b' list='bullet'/>"
        result = convert_dxl(f"<richtext>{pardef}{source}</richtext>")
    return [(one.kind.value, one.what, one.text) for one in result.losses]


PLAN = st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=12)


@settings(deadline=None, max_examples=150)
@given(PLAN, st.sampled_from(["html", "mime"]))
def test_html_reports_exactly_what_is_lost(plan: Plan, shape: str) -> None:
    source, losses = arranged(HTML, HTML_AROUND, plan)
    assert found(shape, source) == losses


@settings(deadline=None, max_examples=150)
@given(PLAN)
def test_dxl_reports_exactly_what_is_lost(plan: Plan) -> None:
    source, losses = arranged(DXL, DXL_AROUND, plan)
    assert found("dxl", source) == losses


@pytest.mark.parametrize("around", range(len(HTML_AROUND)))
@pytest.mark.parametrize("known", HTML, ids=lambda one: one[0][:40])
def test_each_element_of_html(known: Known, around: int) -> None:
    assert found("html", HTML_AROUND[around](known[0])) == list(known[1])


@pytest.mark.parametrize("around", range(len(DXL_AROUND)))
@pytest.mark.parametrize("known", DXL, ids=lambda one: one[0][:40])
def test_each_element_of_dxl(known: Known, around: int) -> None:
    assert found("dxl", DXL_AROUND[around](known[0])) == list(known[1])


def figures() -> list[str]:
    """Precision and recall over random arrangements, and the speed, as lines."""
    chance, lines = random.Random(5), []
    for shape, known, around in (("html", HTML, HTML_AROUND), ("dxl", DXL, DXL_AROUND)):
        right = reported = lost = 0
        for _ in range(2000):
            plan = [(chance.randrange(99), chance.randrange(99)) for _ in range(12)]
            source, losses = arranged(known, around, plan)
            got, want = Counter(found(shape, source)), Counter(losses)
            right += (got & want).total()
            reported, lost = reported + got.total(), lost + want.total()
        precision, recall = right / reported, right / lost
        lines.append(f"{shape}: precision {precision:.4f}, recall {recall:.4f} of {lost} losses")
    product = "<p>Größe <b>M</b>, <font color=red>rot</font></p><ul><li>a<li>b</ul>" + escape("<x>")
    for count in (100, 1_000, 10_000):
        begin = time.process_time()
        convert_html(product * count)
        seconds, size = time.process_time() - begin, len(product) * count / 1e6
        lines.append(f"{size:.2f} MB of HTML: {seconds:.3f} s, {size / seconds:.1f} MB/s")
    return lines
