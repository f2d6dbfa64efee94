"""Elements of DXL that are not carried: what each is called in the report."""

from collections.abc import Callable

from lxml import etree

from connectors.notes.transforms.richtext.dxl_source import (
    BINARY,
    code_within,
    name_of,
    text_within,
)
from connectors.notes.transforms.richtext.losses import LossKind

Description = tuple[LossKind, str, str]  # kind, what, text


def _named(element: etree._Element, *names: str) -> str:
    return " ".join(filter(None, (element.get(name) for name in names)))


def _attachment(element: etree._Element) -> Description:
    name = element.get("displayname") or element.get("name") or ""
    label = " ".join(filter(None, (element.get("caption"), text_within(element))))
    return LossKind.ATTACHMENT, name or label, label


def picture(element: etree._Element) -> Description:
    """A picture; its caption is carried."""
    what, size = "picture", _named(element, "width", "height")
    for one in element:
        name = name_of(one)
        if name == "imageref":
            what = " ".join(filter(None, (name, one.get("name"))))
        elif name in BINARY:
            what = name
    return LossKind.IMAGE, " ".join(filter(None, (what, size))), element.get("alttext") or ""


def notes_link(element: etree._Element) -> Description:
    """A link to a document, a view or a database; its text is carried."""
    what = _named(element, "server", "database", "view", "document", "anchor")
    text = text_within(element) or element.get("description") or ""
    return LossKind(name_of(element)), what, text


def hotspot(element: etree._Element) -> Description:
    """An action behind text that is carried."""
    return LossKind.HOTSPOT, code_within(element) or name_of(element), text_within(element)


def popup(element: etree._Element) -> Description:
    """The text that pops up; what it belongs to is carried."""
    texts = [text_within(one) for one in element if name_of(one) == "popuptext"]
    return LossKind.POPUP, "popup", " ".join(texts) or code_within(element)


def _button(element: etree._Element) -> Description:
    return LossKind.BUTTON, code_within(element) or name_of(element), text_within(element)


def _computed(element: etree._Element) -> Description:
    return LossKind.COMPUTED, "computed text", text_within(element, code=True)


def _field(element: etree._Element) -> Description:
    what = _named(element, "name", "type") or name_of(element)
    return LossKind.FIELD, what, text_within(element)


def _object(element: etree._Element) -> Description:
    what = element.get("class") or _named(element, "description") or _named(element, "name")
    text = " ".join(filter(None, (element.get("description"), text_within(element))))
    return LossKind.OBJECT, what or name_of(element), text


def _code_alone(element: etree._Element) -> Description:
    what = element.get("event") or name_of(element)
    return LossKind.CODE, what, text_within(element, code=True)


def _anchor(element: etree._Element) -> Description:
    return LossKind.ANCHOR, element.get("name") or "", text_within(element)


def _character(element: etree._Element) -> Description:
    what = element.get("value") or "a character that XML lacks"
    return LossKind.CHARACTERS, what, text_within(element)


def _image_map(element: etree._Element) -> Description:
    return LossKind.IMAGE, "imagemap", text_within(element)


def _embedded(element: etree._Element) -> Description:
    name = _named(element, "name", "element") or name_of(element)
    return LossKind.EMBED, name, text_within(element)


def _data(element: etree._Element) -> Description:
    return LossKind.ELEMENT, f"{name_of(element)} {element.get('type') or ''}".strip(), ""


_WHOLE: dict[str, Callable[[etree._Element], Description]] = {
    "attachmentref": _attachment,
    "button": _button,
    "computedtext": _computed,
    "field": _field,
    "sharedfieldref": _field,
    "objectref": _object,
    "javaapplet": _object,
    "applet": _object,
    **dict.fromkeys(("code", "formula", "lotusscript", "javascript"), _code_alone),
    "anchor": _anchor,
    "nonxmlchar": _character,
    "imagemap": _image_map,
    **dict.fromkeys(("subformref", "subform", "layout", "folderpane", "viewpane"), _embedded),
    **dict.fromkeys(("compositedata", "rawitemdata", "itemdata", "filedata", "rawdata"), _data),
}


def lost_element(element: etree._Element) -> Description | None:
    """What is reported of an element of which nothing is carried; None for all others."""
    name = name_of(element)
    if name in _WHOLE:
        return _WHOLE[name](element)
    return _embedded(element) if name.startswith("embedded") else None
