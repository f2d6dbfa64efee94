"""Whether the source of a rich text is still the same, whatever Domino writes anew at each read.

Left out are boundaries, the order and spelling of headers, transfer encodings, content ids and
white space; what remains are the parts in order, their types, file names and contents.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from connectors.notes.transforms.richtext.mime_parts import Part, part_tree

_CID = re.compile(r"cid:[^\"'\s>)]+", re.I)
_BETWEEN = re.compile(r">\s+<")


def fingerprint_source(value: Any) -> str:
    """64 hex digits for an item as the service shows it, or for HTML, text or DXL."""
    if isinstance(value, Mapping) and value.get("type") == "multipart":
        content = value.get("content")
        parts = _parts(part_tree(content if isinstance(content, list) else []))
    elif isinstance(value, Mapping):
        text = value.get("data") or value.get("content") or ""
        files = value.get("attachments")
        parts = [["text", _text(str(text))], ["files", _json(files) if files else ""]]
    else:
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        parts = [["text", _text(text)]]
    return hashlib.sha256(_json(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _parts(root: Part) -> list[list[str]]:
    found: list[list[str]] = []
    for one in root.walk():
        if one.is_multipart:
            found.append([one.media_type, str(len(one.children))])
        elif one.media_type.startswith("text/"):
            found.append([one.media_type, one.name, _text(one.text()[0])])
        else:
            digest = hashlib.sha256(one.payload()).hexdigest()
            found.append([one.media_type, one.name, digest])
    return found


def _text(text: str) -> str:
    """White space as one space, none between tags; addresses of parts numbered."""
    known: dict[str, str] = {}
    numbered = _CID.sub(lambda hit: known.setdefault(hit[0], f"cid:{len(known)}"), text)
    return " ".join(_BETWEEN.sub("><", numbered).split())


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, sort_keys=True, default=str)
