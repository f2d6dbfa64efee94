"""XML of the webservice: bodies we send, answers we read, never with entities."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from lxml import etree

from connectors.sdk.compare import as_number
from connectors.sdk.errors import ContractError, RejectedError
from connectors.sdk.redact import redact

XLINK = "http://www.w3.org/1999/xlink"


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """An association as it is written: the element of one member, and each member's fields."""

    node: str
    rows: Sequence[Mapping[str, Any]]


def build(node: str, fields: Mapping[str, Any]) -> bytes:
    """`<prestashop><node><field>value</field>…</node></prestashop>`.

    A mapping is a translated field (texts by language id), `Members` an association. Raises
    `RejectedError` for text that XML cannot carry (control characters).
    """
    root, record = _document(node)
    for name, value in fields.items():
        if not isinstance(value, Members):
            _append(record, name, value)
    _append_members(record, fields)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def merged(record: Any, fields: Mapping[str, Any], *, drop: Container[str]) -> bytes:
    """The whole `record` as the shop sent it, with `fields` in place of its own.

    Translated fields and associations stay as they came, since PUT empties what is left out.
    Left out are `drop` and what the shop computes (`notFilterable`), unless it is in `fields`.
    """
    root, target = _document(record.tag)
    seen = set()
    groups = []
    for child in record:
        if child.tag == "associations":
            groups = [one for one in child if not isinstance(fields.get(one.tag), Members)]
        elif child.tag in fields:
            seen.add(child.tag)
            _append(target, child.tag, fields[child.tag])
        elif child.tag not in drop and child.get("notFilterable") != "true":
            _copy(target, child)
    for name, value in fields.items():
        if name not in seen and not isinstance(value, Members):
            _append(target, name, value)
    _append_members(target, fields, kept=groups)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _document(node: str) -> tuple[etree._Element, etree._Element]:
    root = etree.Element("prestashop", nsmap={"xlink": XLINK})
    return root, etree.SubElement(root, node)


def _append(parent: etree._Element, name: str, value: Any) -> None:
    element = etree.SubElement(parent, name)
    try:
        if isinstance(value, Mapping):
            for language, text in value.items():
                etree.SubElement(element, "language", id=str(language)).text = str(text)
        else:
            element.text = "" if value is None else str(value)
    except ValueError as error:
        raise RejectedError(
            f"{name} holds a character that cannot be sent to the shop.",
            code="control_character",
            fix="Remove control characters from the value.",
        ) from error


def _append_members(
    record: etree._Element, fields: Mapping[str, Any], *, kept: Sequence[Any] = ()
) -> None:
    written = {name: value for name, value in fields.items() if isinstance(value, Members)}
    if not written and not kept:
        return
    associations = etree.SubElement(record, "associations")
    for group in kept:
        _copy(associations, group)
    for name, value in written.items():
        element = etree.SubElement(associations, name)
        for row in value.rows:
            member = etree.SubElement(element, value.node)
            for field, text in row.items():
                _append(member, field, text)


def _copy(parent: etree._Element, element: Any) -> None:
    """An element of a read with all below it; links go, the shop makes them."""
    known = {name: value for name, value in element.attrib.items() if not name.startswith("{")}
    copied = etree.SubElement(parent, element.tag, known)
    copied.text = element.text if len(element) == 0 else None
    for child in element:
        _copy(copied, child)


def parse(body: bytes) -> Any:
    """The root element (of xml.etree's kind).

    Raises `ContractError` for what is no XML and for documents with entities or a DTD.
    """
    try:
        return fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise ContractError(
            "The shop's answer is not XML.",
            code="not_xml",
            detail={"expected": "XML", "received": redact(body.decode("utf-8", "replace"))},
        ) from error


def same_text(element: Any, value: Any) -> bool:
    """Whether a field of a read holds what was read of it earlier (as JSON)."""
    languages = element.findall("language")
    if languages:
        now = {str(one.get("id")): one.text or "" for one in languages}
        if isinstance(value, list):
            then = {str(one.get("id")): str(one.get("value") or "") for one in value}
            return now == then
        return set(now.values()) == {str(value or "")}
    known = "" if value is None or value is False else str(value)
    if (element.text or "") == known:
        return True
    number = as_number(known)
    return number is not None and number == as_number(element.text)


def errors_of(root: Any) -> list[tuple[int, str]]:
    """Code and message of every error in an answer; empty when there is none."""
    found = []
    for error in root.iter("error"):
        code = (error.findtext("code") or "0").strip()
        found.append(
            (int(code) if code.isdigit() else 0, (error.findtext("message") or "").strip())
        )
    return found
