"""Transfer encodings and charsets of MIME, as lenient as mail programs are."""

import base64
import binascii
import quopri
import re

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([a-z0-9_.:-]+)", re.I)
_LATIN = {"iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii", "iso8859-1", "8859-1", "ansi"}
_UTF8 = {"utf-8", "utf8"}


def decode_transfer(data: str, encoding: str) -> bytes:
    """The bytes behind base64 or quoted-printable; of anything else the text as UTF-8."""
    if encoding == "base64":
        plain = re.sub(r"[^A-Za-z0-9+/]", "", data)
        plain = plain[:-1] if len(plain) % 4 == 1 else plain
        try:
            return base64.b64decode(plain + "=" * (-len(plain) % 4))
        except (binascii.Error, ValueError):
            return b""
    raw = data.encode("utf-8", "replace")
    return quopri.decodestring(raw) if encoding == "quoted-printable" else raw


def decode_text(raw: bytes, charset: str) -> tuple[str, bool]:
    """The text, and whether some bytes are no characters of the charset.

    The charset is the one that the part names, else the one in its HTML. Mislabelled UTF-8 is
    seen where a single-byte charset or none is named; ISO 8859-1 means Windows 1252, as in
    browsers.
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        charset = "utf-16"
    if not charset and (hit := _CHARSET.search(raw[:4000])):
        charset = hit[1].decode("ascii").lower()
    if not charset or charset in _LATIN:
        try:
            return raw.decode("utf-8-sig"), False
        except UnicodeError:
            charset = "windows-1252"
    try:
        return raw.decode("utf-8-sig" if charset in _UTF8 else charset), False
    except UnicodeError:
        return raw.decode(charset, "replace"), True
    except LookupError:  # a charset that Python does not know
        text = raw.decode("utf-8", "replace")
        return text, "\ufffd" in text
