"""The parts of a MIME item as the service lists them: flat, depth first.

Only a part's `boundary` ("--" and the boundary of the part that holds it) tells the tree
(reference, 8.5 [S]). Headers come from people's mail programs: parameters in any case, quoted or
not, encoded names, line folds.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.header import decode_header, make_header
from email.message import Message
from typing import Any

from connectors.notes.transforms.richtext.limits import broken, check_depth
from connectors.notes.transforms.richtext.mime_codec import decode_text, decode_transfer

_SHOWN = {"text/html", "text/plain", "text/enriched", "text/richtext"}


@dataclass(slots=True)
class Part:
    """`number` counts from 1 in the service's list; `name` is the file name, "" none; `cid` is
    without its brackets."""

    number: int = 0
    media_type: str = "multipart/mixed"
    charset: str = ""
    name: str = ""
    disposition: str = ""
    cid: str = ""
    encoding: str = ""
    data: str = ""
    children: list["Part"] = field(default_factory=list)

    @property
    def is_multipart(self) -> bool:
        return self.media_type.startswith("multipart/")

    @property
    def is_text(self) -> bool:
        """Whether it is shown in place: text that is no attachment."""
        return self.media_type in _SHOWN and self.disposition != "attachment"

    def walk(self) -> Iterator["Part"]:
        yield self
        for one in self.children:
            yield from one.walk()

    def payload(self) -> bytes:
        """The bytes behind the transfer encoding; text without one as UTF-8."""
        return decode_transfer(self.data, self.encoding)

    def text(self) -> tuple[str, bool]:
        """The text, and whether some bytes of it are no characters of its charset."""
        if self.encoding in {"base64", "quoted-printable"}:
            return decode_text(self.payload(), self.charset)
        try:
            # Eight-bit text may come as one character a byte.
            raw = self.data.encode("latin-1")
            return (self.data if raw.isascii() else raw.decode("utf-8")), False
        except UnicodeError:
            return self.data, False


def part_tree(content: Sequence[Any]) -> Part:
    """The tree of the service's list. Parts whose boundary nobody announced stand beside the
    first one. Raises `ContractError` for what is no list of parts."""
    parts = [_part(number, one) for number, one in enumerate(content, 1)]
    if not parts:
        return Part()
    root, own, _ = parts[0]
    holders = {own: (root, 1)} if own else {}
    if not root.is_multipart and len(parts) > 1:
        root = Part(children=[root])
    for part, own, wanted in parts[1:]:
        holder, depth = holders.get(wanted, (root, 1))
        check_depth(depth)
        holder.children.append(part)
        if own:
            holders[own] = (part, depth + 1)
    return root


def _part(number: int, entry: Any) -> tuple[Part, str, str]:
    """A part, the boundary that its children name, the boundary that it names."""
    if not isinstance(entry, Mapping):
        raise broken(f"part {number} of the MIME item is no object.")
    header = Message()
    header["Content-Type"] = _header(entry.get("contentType")) or "text/plain"
    if disposition := _header(entry.get("contentDisposition")):
        header["Content-Disposition"] = disposition
    try:
        boundary = str(header.get_boundary() or "").rstrip()
        charset = str(header.get_content_charset() or "")
        name = _name(header)
    except (LookupError, ValueError):
        boundary = charset = name = ""
    data = entry.get("data")
    part = Part(
        number=number,
        media_type=header.get_content_type(),
        charset=charset.strip().lower(),
        name=name,
        disposition=str(header.get_content_disposition() or ""),
        cid=_header(entry.get("contentID")).removeprefix("<").removesuffix(">"),
        encoding=_header(entry.get("contentTransferEncoding")).lower(),
        data=data if isinstance(data, str) else "",
    )
    announced = f"--{boundary}" if boundary and part.is_multipart else ""
    return part, announced, str(entry.get("boundary") or "").rstrip()


def _header(value: Any) -> str:
    """One header in one line."""
    text = value if isinstance(value, str) else ""
    return " ".join(text.encode("utf-8", "replace").decode("utf-8").split())


def _name(header: Message) -> str:
    raw = header.get_filename() or ""
    try:
        return str(make_header(decode_header(raw))) if "=?" in raw else raw
    except (LookupError, ValueError):
        return raw
