"""MIME items in exported DXL → the service's list of parts.

An exporter that does not convert MIME writes each slice of such an item as it is stored:
`rawitemdata type='19'` (TYPE_MIME_PART, in hex), base64 of a `MIME_PART` structure of 20 bytes,
little-endian, and its data: boundary, headers, body (C API, mimeods.h; DXL as Designer exports
it). The slices of one name in order are the message. A long body lies in a file of the document,
and the slice holds that file's name.
"""

import base64
import binascii
import re
import struct
from collections.abc import Mapping

from lxml import etree

from connectors.notes.transforms.richtext.dxl_source import RAW_MIME, bodies, name_of
from connectors.notes.transforms.richtext.limits import check_size
from connectors.notes.transforms.richtext.mime_message import message_parts

# wVersion, dwFlags, cPartType, cSpare, wByteCount, wBoundaryLen, wHeadersLen, wSpare, dwSpare
_HEADER = struct.Struct("<HLBBHHHHL")
_IN_FILE = 0x4
_PROLOG, _BODY, _EPILOG, _MESSAGE = 1, 2, 3, 5


def _header(name: bytes) -> re.Pattern[bytes]:
    """A header and its folded lines."""
    return re.compile(rb"^" + name + rb":[^\r\n]*(\r?\n[ \t][^\r\n]*)*\r?\n", re.I | re.M)


_ENCODING = _header(b"content-transfer-encoding")
_DISPOSITION = _header(b"content-disposition")


def mime_parts(root: etree._Element, item: str) -> list[dict[str, str]] | None:
    """The parts of the item's MIME message; None where the item is no MIME, or a slice of it is
    not as this structure says. Raises `ContractError` beyond the limits."""
    raws = [
        one
        for body in bodies(root, item)
        for one in ([body] if name_of(body) in {"rawitemdata", "itemdata"} else body)
        if name_of(one) in {"rawitemdata", "itemdata"}
    ]
    if not raws or any(one.get("type") != RAW_MIME for one in raws):
        return None
    files = _files(root)
    message = b""
    for one in raws:
        found = _slice(one.text or "", files)
        if found is None:
            return None
        message += found
    check_size(message)
    return message_parts(message)


def _slice(text: str, files: Mapping[str, bytes]) -> bytes | None:
    """What one stored slice adds to the message: a boundary line, headers and a body."""
    try:
        raw = base64.b64decode("".join(text.split()), validate=True)
        _, flags, kind, _, length, boundary_size, headers_size, _, _ = _HEADER.unpack_from(raw)
    except (binascii.Error, struct.error):
        return None
    data = raw[_HEADER.size : _HEADER.size + length]
    if len(data) < length or boundary_size + headers_size > length:
        return None
    if kind not in {_PROLOG, _BODY, _EPILOG, _MESSAGE}:
        return b""  # about the message, not of it
    boundary = data[:boundary_size].strip(b"\r\n")
    headers = data[boundary_size : boundary_size + headers_size].strip(b"\r\n")
    body = data[boundary_size + headers_size :]
    if flags & _IN_FILE:
        headers, body = _from_file(headers, body, files)
    lines = b""
    if boundary:
        # Stored with its dashes or without.
        lines += b"\r\n" + (boundary if boundary.startswith(b"--") else b"--" + boundary) + b"\r\n"
    if headers:
        lines += headers + b"\r\n\r\n"
    elif boundary and kind == _BODY and not body.startswith((b"\r\n", b"\n")):
        lines += b"\r\n"
    return lines + body


def _from_file(headers: bytes, name: bytes, files: Mapping[str, bytes]) -> tuple[bytes, bytes]:
    """Headers and body of a slice whose body lies in a file of the document. The file is in
    base64 here whatever its part says; one that was not exported is an attachment of its name,
    and so a loss."""
    title = name.strip(b"\x00\r\n ")
    content = files.get(title.decode("utf-8", "replace").lower())
    rest = _ENCODING.sub(b"", headers + b"\r\n").rstrip(b"\r\n")
    if content is None:
        rest = _DISPOSITION.sub(b"", rest + b"\r\n").rstrip(b"\r\n")
        missing = title.replace(b"\\", b"").replace(b'"', b"")
        return rest + b'\r\nContent-Disposition: attachment; filename="' + missing + b'"', b""
    found = _ENCODING.search(headers + b"\r\n")
    encoded = found is not None and re.search(rb":\s*(base64|quoted-printable)", found[0], re.I)
    if encoded and content.isascii() and _looks_encoded(content, encoded[1].lower()):
        return headers, content
    return rest + b"\r\nContent-Transfer-Encoding: base64", base64.encodebytes(content)


def _looks_encoded(content: bytes, encoding: bytes) -> bool:
    """Whether a file still is in the transfer encoding that its part names."""
    if encoding == b"quoted-printable":
        return re.search(rb"=([0-9A-F]{2}|\r?\n)", content) is not None
    return re.fullmatch(rb"[A-Za-z0-9+/=\s]+", content) is not None


def _files(root: etree._Element) -> dict[str, bytes]:
    """The document's files by lower-case name; what is no base64 is left out."""
    found = {}
    for one in root.iter():
        if isinstance(one.tag, str) and name_of(one) == "file":
            for data in (child for child in one if name_of(child) == "filedata"):
                try:
                    content = base64.b64decode("".join((data.text or "").split()), validate=True)
                except binascii.Error:
                    continue
                found[(one.get("name") or "").lower()] = content
    return found
