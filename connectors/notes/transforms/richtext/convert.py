"""A rich text in any of its shapes → clean HTML, plain text and the report of losses."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.notes.transforms.richtext.dxl_mime import mime_parts
from connectors.notes.transforms.richtext.dxl_reader import read_dxl
from connectors.notes.transforms.richtext.dxl_source import is_dxl, parse_dxl
from connectors.notes.transforms.richtext.fingerprint import fingerprint_source
from connectors.notes.transforms.richtext.html_reader import read_html
from connectors.notes.transforms.richtext.html_writer import write_html
from connectors.notes.transforms.richtext.limits import broken, check_size
from connectors.notes.transforms.richtext.losses import Loss, LossKind, LossReport
from connectors.notes.transforms.richtext.mime_codec import decode_text
from connectors.notes.transforms.richtext.mime_message import is_message, message_parts
from connectors.notes.transforms.richtext.mime_parts import part_tree
from connectors.notes.transforms.richtext.mime_reader import read_mime
from connectors.notes.transforms.richtext.notes_writer import write_item
from connectors.notes.transforms.richtext.plain_reader import read_plain
from connectors.notes.transforms.richtext.text_writer import write_text
from connectors.notes.transforms.richtext.tree import Blocks
from connectors.sdk.errors import ContractError, RejectedError


@dataclass(frozen=True, slots=True, kw_only=True)
class RichText:
    """`html` holds nothing but what sanitise.TAGS and ATTRIBUTES allow; `losses` name all that
    the source had besides, in its order; `fingerprint` is that of the source."""

    html: str
    text: str
    losses: tuple[Loss, ...]
    fingerprint: str

    def to_output(self) -> dict[str, Any]:
        """The item's value in an operation's output."""
        return {
            "html": self.html,
            "text": self.text,
            "losses": [one.to_dict() for one in self.losses],
            "fingerprint": self.fingerprint,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenRichText:
    """`item` is what the service takes, `html` and `text` what stands in it."""

    item: dict[str, Any]
    html: str
    text: str
    losses: tuple[Loss, ...]


def is_rich_text(value: Any) -> bool:
    """Whether a value of the service or of the REST API is a rich-text item."""
    if not isinstance(value, Mapping):
        return False
    kind = value.get("type")
    return kind in {"multipart", "richtext"} or (
        isinstance(kind, str) and "content" in value and kind.startswith(("text/", "multipart/"))
    )


def convert_html(source: str) -> RichText:
    """HTML, however broken. Raises `ContractError` beyond the limits."""
    report = LossReport()
    return _converted(read_html(source, report), report, source)


def convert_dxl(source: str | bytes, item: str = "") -> RichText:
    """A DXL document's item (the first rich text without a name), or a bare `richtext`; an item
    that is stored as MIME is read as MIME. Raises `ContractError` for what is no DXL and beyond
    the limits."""
    root = parse_dxl(source)
    parts = mime_parts(root, item)
    if parts is not None:
        return convert_mime(parts)
    report = LossReport()
    return _converted(read_dxl(root, report, item), report, source)


def convert_mime(content: Any) -> RichText:
    """The service's list of parts, or a MIME entity as text. Raises `ContractError` for what is
    neither and beyond the limits."""
    if isinstance(content, str | bytes):
        content = message_parts(content)
    if not isinstance(content, list):
        raise broken("the MIME item has no list of parts.")
    report = LossReport()
    blocks = read_mime(part_tree(content), report)
    return _converted(blocks, report, {"type": "multipart", "content": content})


def convert(value: Any, item: str = "") -> RichText:
    """A rich text in whichever shape it comes: an item of the service or of the REST API, DXL, a
    MIME entity, HTML. Raises `ContractError` as the others do."""
    if isinstance(value, bytes):
        check_size(value)
        if is_dxl(value[:2000].decode("latin-1")):
            return convert_dxl(value, item)
        value, _ = decode_text(value, "")
    if isinstance(value, str):
        if is_dxl(value):
            return convert_dxl(value, item)
        return convert_mime(value) if is_message(value) else convert_html(value)
    if not isinstance(value, Mapping):
        raise broken(f"{type(value).__name__} is no rich text.")
    if value.get("type") == "multipart":
        return convert_mime(value.get("content") or [])
    if value.get("type") == "richtext":
        return _old_form(value)
    return _rest_form(value)


def write_rich_text(html: str) -> WrittenRichText:
    """HTML as a rich-text item. Raises `RejectedError` beyond the limits."""
    report = LossReport()
    try:
        blocks = read_html(html, report)
    except ContractError as error:
        raise RejectedError(
            error.message, code=error.code, fix="Shorten the HTML that is written."
        ) from error
    return _written(blocks, report)


def write_plain_text(text: str) -> WrittenRichText:
    """Plain text as a rich-text item. Raises `RejectedError` beyond the limits."""
    try:
        return _written(read_plain(text), LossReport())
    except ContractError as error:
        raise RejectedError(
            error.message, code=error.code, fix="Shorten the text that is written."
        ) from error


def _converted(blocks: Blocks, report: LossReport, source: Any) -> RichText:
    return RichText(
        html=write_html(blocks),
        text=write_text(blocks),
        losses=tuple(report),
        fingerprint=fingerprint_source(source),
    )


def _written(blocks: Blocks, report: LossReport) -> WrittenRichText:
    return WrittenRichText(
        item=write_item(blocks),
        html=write_html(blocks),
        text=write_text(blocks),
        losses=tuple(report),
    )


def _old_form(value: Mapping[str, Any]) -> RichText:
    """`multipart=false`: HTML and the addresses of its files (reference, 8.5 [S])."""
    report = LossReport()
    source = value.get("data")
    source = source if isinstance(source, str) else ""
    plain = str(value.get("contentType") or "").lower().startswith("text/plain")
    blocks = read_plain(source) if plain else read_html(source, report)
    named = " ".join(f"{one.what} {one.text}" for one in report)
    files = value.get("attachments")
    for number, one in enumerate(files if isinstance(files, list) else [], 1):
        address = str(one.get("@href") or "") if isinstance(one, Mapping) else str(one)
        if address and address not in named and address.rpartition("/")[2] not in named:
            report.add(LossKind.ATTACHMENT, f"attachment[{number}]", address)
    return _converted(blocks, report, value)


def _rest_form(value: Mapping[str, Any]) -> RichText:
    """The REST API's `{"type", "encoding": "PLAIN"|"BASE64", "content"}` (reference, 15 [D])."""
    content = value.get("content")
    if not isinstance(content, str):
        raise broken("the item has no content.")
    check_size(content)
    if str(value.get("encoding") or "").upper() == "BASE64":
        try:
            content = base64.b64decode(content).decode("utf-8", "replace")
        except (binascii.Error, ValueError) as error:
            raise broken("its content is no base64.") from error
    report = LossReport()
    if str(value.get("type")).startswith("text/plain"):
        return _converted(read_plain(content), report, value)
    if is_message(content):
        return convert_mime(content)
    return _converted(read_html(content, report), report, value)
