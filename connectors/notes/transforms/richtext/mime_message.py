"""A MIME entity as text → the service's list of parts."""

import email
import email.policy
import re
from collections.abc import Iterator
from email.message import Message

from connectors.notes.transforms.richtext.limits import check_depth, check_size
from connectors.notes.transforms.richtext.mime_codec import decode_text

_HEADERS = (
    ("contentType", "Content-Type"),
    ("contentID", "Content-ID"),
    ("contentDisposition", "Content-Disposition"),
    ("contentTransferEncoding", "Content-Transfer-Encoding"),
)
_FIRST = re.compile(r"(?:mime-version|content-[a-z-]+|date|from|to|subject|message-id):", re.I)
_UNENCODED = {"", "7bit", "8bit", "binary"}


def is_message(source: str) -> bool:
    """Whether a text begins with the headers of a MIME entity."""
    head = source.lstrip()[:4000]
    if not _FIRST.match(head):
        return False
    lines = re.split(r"\r?\n\r?\n", head, maxsplit=1)[0].splitlines()
    return any(line.lower().startswith("content-type:") for line in lines)


def message_parts(source: str | bytes) -> list[dict[str, str]]:
    """Raises `ContractError` beyond the limits."""
    check_size(source)
    raw = source.encode("utf-8", "replace") if isinstance(source, str) else source
    return list(_flat(email.message_from_bytes(raw.lstrip(), policy=email.policy.compat32), "", 0))


def _flat(message: Message, boundary: str, depth: int) -> Iterator[dict[str, str]]:
    check_depth(depth)
    entry = {key: str(value) for key, name in _HEADERS if (value := message.get(name)) is not None}
    if boundary:
        entry["boundary"] = boundary
    payload = message.get_payload()
    if isinstance(payload, list) and message.get_content_maintype() == "multipart":
        yield entry
        own = "--" + str(message.get_boundary() or "")
        for one in payload:
            if isinstance(one, Message):
                yield from _flat(one, own, depth + 1)
        return
    if isinstance(payload, str):
        entry["data"] = payload
        if str(message.get("Content-Transfer-Encoding", "")).strip().lower() in _UNENCODED:
            raw = payload.encode("utf-8", "surrogateescape")
            entry["data"], _ = decode_text(raw, str(message.get_content_charset() or ""))
            entry.pop("contentTransferEncoding", None)
    yield entry
