"""DXL as people and agents export it → the rich text elements in it, safely parsed.

No entities, no network, no huge trees (libxml2 stops at 256 levels and 10 million characters of
one text); exporters name a DTD, which is not loaded.
"""

import re
from collections.abc import Iterator

from lxml import etree

from connectors.notes.transforms.richtext.limits import broken, check_depth, check_size

BINARY = frozenset(
    {"gif", "jpeg", "jpg", "png", "bmp", "cgm", "notesbitmap", "filedata", "rawdata"}
    | {"rawitemdata", "itemdata", "compositedata", "svg", "webp"}
)
RAW_MIME = "19"  # TYPE_MIME_PART in hex, as DXL names the type of raw data
CODES = frozenset({"code", "formula", "lotusscript", "javascript", "simpleaction"})
_ROOTS = re.compile(r"<(richtext|item|document|note|dxl|database|par)[\s/>]")
_WIDE = frozenset({"par", "tablecell", "tablerow", "sectiontitle", "section", "break", "caption"})


def parse_dxl(source: str | bytes) -> etree._Element:
    """The root element. Raises `ContractError` for broken XML, entities, beyond the limits."""
    check_size(source)
    encoding = "utf-8" if isinstance(source, str) else None
    raw = source.encode("utf-8", "replace") if isinstance(source, str) else source
    raw = raw.strip()
    if raw.startswith(b"<item"):
        # The items of one name in a row, as the agent endpoint gives them: no root of their own.
        raw = b"<document>" + raw + b"</document>"
    parser = etree.XMLParser(
        encoding=encoding,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise broken(f"it is no well-formed DXL ({error}).") from error
    depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        check_depth(depth)
        if not isinstance(element.tag, str):
            raise broken("it refers to an entity.")
    return root


def is_dxl(source: str) -> bool:
    """Whether a text is DXL rather than HTML."""
    head = source.lstrip("\ufeff \t\r\n")[:2000].lower()
    if "www.lotus.com/dxl" in head:
        return True
    while head.startswith(("<?", "<!")):
        head = head.partition(">")[2].lstrip()
    return bool(_ROOTS.match(head))


def name_of(element: etree._Element) -> str:
    """The name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def bodies(root: etree._Element, item: str) -> Iterator[etree._Element]:
    """The elements that hold the item's value. Notes splits a large item into several of the
    same name. Without a name the first item with rich text is meant; an element that is no
    document (richtext, par, ...) is its own."""
    if name_of(root) in {"richtext", "par", "table", "section", "run", "text"}:
        yield root
        return
    wanted = item.lower()
    items = [one for one in root.iter() if isinstance(one.tag, str) and name_of(one) == "item"]
    if not items:
        yield from (one for one in root.iter() if name_of(one) == "richtext")
        return
    for one in items:
        name = (one.get("name") or "").lower()
        holds = any(
            name_of(child) == "richtext"
            or (name_of(child) in {"rawitemdata", "itemdata"} and child.get("type") == RAW_MIME)
            for child in one
        )
        if not wanted and (holds or len(items) == 1):
            wanted = name or " "
        if name == wanted or (wanted == " " and not name):
            yield from one


def code_within(element: etree._Element) -> str:
    """The formulas and scripts in an element."""
    return " ".join(
        text_within(one, code=True)
        for one in element.iter()
        if name_of(one) in CODES and not _in_code(one)
    )


def _in_code(element: etree._Element) -> bool:
    parent = element.getparent()
    return parent is not None and name_of(parent) in CODES


def text_within(element: etree._Element, *, code: bool = False) -> str:
    """All text that people see in an element; with `code` the formulas and scripts too."""
    parts: list[str] = []
    hidden = 0
    for event, one in etree.iterwalk(element, events=("start", "end")):
        name = name_of(one)
        skipped = name in BINARY or (name in CODES and not code)
        if event == "start":
            hidden += skipped
            if not hidden:
                parts += [" " if name in _WIDE else "", one.text or ""]
            continue
        if not hidden and name in _WIDE:
            parts.append(" ")
        hidden -= skipped
        if one is not element and not hidden:
            parts.append(one.tail or "")
    return " ".join("".join(parts).split())
