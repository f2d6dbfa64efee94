"""HTML and DXL as one kind of tree. Nothing outside the text is ever fetched.

DXL (rich text of Notes as `DocumentDXL` export) becomes the HTML elements that mean the same:
tablerow → tr, tablecell → td, par → p, break → br, struck-out runs → del.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from lxml import etree, html
from lxml.html import HtmlElement

from flows.mapping.lines.items import Items

_HTML: Final = {
    "table": "table", "tablerow": "tr", "tablecell": "td", "par": "p", "break": "br", "run": "span",
    "list": "ul", "listitem": "li",
    "section": "div", "horizrule": "hr", "subform": "div", "sectiontitle": "p", "div": "div",
}  # fmt: skip
_HIDDEN: Final = {
    "script",
    "style",
    "head",
    "template",
    "del",
    "s",
    "strike",
    "noscript",
    "svg",
}
_BLOCKS: Final = {
    "address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "footer", "h1", "h2", "h3",
    "h4", "h5", "h6", "header", "hr", "li", "ol", "p", "pre", "section", "table", "tr", "ul",
    "caption", "figure", "form", "fieldset", "main", "nav", "tbody", "thead", "tfoot",
}  # fmt: skip
_SKIPPED: Final = {"pardef", "font", "attachmentref", "picture", "notesbitmap", "gif", "jpeg",
            "png", "object", "file", "tablecolumn", "code", "compositedata",
            "doclink", "border"}  # fmt: skip
_UNSEEN: Final = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|line-through", re.IGNORECASE
)
_DEPTH: Final = 200


def html_tree(source: str) -> HtmlElement | None:
    """The body of an HTML text, repaired as browsers do; None where nothing is left."""
    if not source.strip():
        return None
    source = re.sub(r"\A\s*<\?xml[^>]*\?>", "", source).replace("\0", "")
    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        tree = html.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    return tree if isinstance(tree, HtmlElement) else None


def dxl_tree(source: str) -> tuple[HtmlElement, Items] | None:
    """The rich text of a DXL text as HTML, and the values of its items. None where it is no XML."""
    source = re.sub(
        r"<\?xml[^>]*\?>|<!DOCTYPE[^>\[]*(?:\[[^\]]*\])?[^>]*>", "", source.replace("\0", "")
    )
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, recover=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(f"<x>{source}</x>".encode("utf-8", "replace"), parser=parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root is None or not len(root):
        return None
    body = html.Element("pre")  # spaces count in rich text: people align columns with them
    listed = {
        str(one.get("id"))
        for one in root.iter()
        if _local(one) == "pardef" and one.get("list") not in (None, "none")
    }
    _convert(root, body, listed, 0)
    return body, _items(root)


def _local(element: Any) -> str:
    tag = element.tag
    return tag.rsplit("}", 1)[-1].lower() if isinstance(tag, str) else ""


def _items(root: Any) -> Items:
    found: Items = {}
    for one in root.iter():
        name = one.get("name") if _local(one) == "item" else None
        if not name:
            continue
        values: list[Any] = []
        for inner in one.iter():
            kind = _local(inner)
            if kind in ("richtext", "rawitemdata", "object"):
                values = []
                break
            if kind in ("text", "number", "datetime"):
                for gap in inner:
                    if _local(gap) == "break":
                        gap.tail = "\n" + (gap.tail or "")
                values.append("".join(inner.itertext()).strip())
        if values:
            found[name] = found.get(name, []) + values
    return found


def _convert(source: Any, target: HtmlElement, listed: set[str], depth: int) -> None:
    if depth > _DEPTH:
        return
    _add(target, source.text)
    for one in source:
        kind = _local(one)
        if kind == "item" and not any(_local(inner) == "richtext" for inner in one):
            continue
        if not kind or kind in _SKIPPED or (kind == "run" and _struck(one)):
            _add(target, one.tail)
            continue
        tag = _HTML.get(kind)
        if kind == "par" and one.get("def") in listed:
            tag = "li"
        if kind in ("item", "richtext"):
            tag = "div"
        if tag is None:
            _convert(one, target, listed, depth + 1)
        else:
            made = html.Element(tag)
            for name, as_html in (("columnspan", "colspan"), ("rowspan", "rowspan")):
                if kind == "tablecell" and one.get(name):
                    made.set(as_html, one.get(name))
            target.append(made)
            _convert(one, made, listed, depth + 1)
        _add(target, one.tail)


def _struck(run: Any) -> bool:
    return any(_local(one) == "font" and "strikethrough" in (one.get("style") or "") for one in run)


def _add(target: HtmlElement, text: str | None) -> None:
    if not text:
        return
    text = re.sub(r"\s*\n\s*", " " if text.strip() else "", text)
    if len(target):
        target[-1].tail = (target[-1].tail or "") + text
    else:
        target.text = (target.text or "") + text


def hidden(element: Any) -> bool:
    """Whether a reader does not see it: scripts, struck-out prices, `display: none`."""
    if not isinstance(element.tag, str) or element.tag in _HIDDEN:
        return True
    return bool(_UNSEEN.search(element.get("style") or "")) or element.get("hidden") is not None


def text_of(element: Any, leave_out: frozenset[Any] = frozenset()) -> str:
    """What a reader sees: blocks on lines of their own, cells of inner tables parted by tabs."""
    return "".join(_fragments(element, leave_out, 0, element.tag == "pre"))


def _fragments(element: Any, leave_out: frozenset[Any], depth: int, kept: bool) -> Iterator[str]:
    if depth > _DEPTH:
        return
    yield _shown(element.text, kept)
    for one in element:
        if not hidden(one) and one not in leave_out:
            tag = one.tag
            block = tag in _BLOCKS
            if block:
                yield "\n"
            elif tag in ("td", "th"):
                yield "\t"
            if tag == "input" and one.get("type", "text") in ("text", "number", "tel"):
                yield one.get("value") or ""
            elif tag == "select":
                yield _chosen(one)
            else:
                yield from _fragments(one, leave_out, depth + 1, kept or tag == "pre")
            if block and tag != "br":
                yield "\n"
        yield _shown(one.tail, kept)


def _chosen(select: Any) -> str:
    options = list(select.iter("option"))
    marked = [one for one in options if one.get("selected") is not None] or options[:1]
    return " ".join((one.text or "").strip() for one in marked[:1])


def _shown(text: str | None, kept: bool) -> str:
    if not text:
        return ""
    return text if kept else re.sub(r"[ \t\r\n\f]+", " ", text)
