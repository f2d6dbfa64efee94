"""XML of the webservice: bodies we send, answers we read, never with entities."""

from collections.abc import Mapping
from typing import Any

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from lxml import etree

from connectors.sdk.errors import ContractError, RejectedError
from connectors.sdk.redact import redact

XLINK = "http://www.w3.org/1999/xlink"


def build(node: str, fields: Mapping[str, Any]) -> bytes:
    """`<prestashop><node><field>value</field>…</node></prestashop>`.

    Raises `RejectedError` for text that XML cannot carry (control characters).
    """
    root = etree.Element("prestashop", nsmap={"xlink": XLINK})
    record = etree.SubElement(root, node)
    for name, value in fields.items():
        try:
            etree.SubElement(record, name).text = str(value)
        except ValueError as error:
            raise RejectedError(
                f"{name} holds a character that cannot be sent to the shop.",
                code="control_character",
                fix="Remove control characters from the value.",
            ) from error
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


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


def flat_fields(record: Any) -> dict[str, str]:
    """The fields of a record element that can be written back as they are.

    Without associations, translated fields and what the shop computes (`notFilterable`):
    enough for the plain resources that are written with PUT on shops without PATCH.
    """
    return {
        child.tag: child.text or ""
        for child in record
        if len(child) == 0 and child.get("notFilterable") != "true" and child.tag != "associations"
    }


def errors_of(root: Any) -> list[tuple[int, str]]:
    """Code and message of every error in an answer; empty when there is none."""
    found = []
    for error in root.iter("error"):
        code = (error.findtext("code") or "0").strip()
        found.append(
            (int(code) if code.isdigit() else 0, (error.findtext("message") or "").strip())
        )
    return found
