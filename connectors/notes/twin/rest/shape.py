"""Documents in the JSON of the API, and back."""

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from connectors.notes.twin.rest.problem import Problem
from connectors.notes.twin.store import Document
from connectors.notes.twin.values import Item, Kind, parse_date
from connectors.notes.twin.world import Form

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})")


def revision(document: Document) -> str:
    """Sequence number (8 digits) and time of the OID (16) [D]."""
    ticks = int(document.modified.timestamp() * 100)
    return f"{document.sequence:08X}{ticks:016X}"


def stamp(moment: datetime, zone: tzinfo = UTC) -> str:
    """ISO with hundredths, without trailing zeros, in the zone that it was stored with [O]."""
    local = moment.astimezone(zone)
    text = local.strftime("%Y-%m-%dT%H:%M:%S")
    hundredths = f"{local.microsecond // 10000:02d}".rstrip("0")
    offset = local.strftime("%z")
    sign = "Z" if offset == "+0000" else f"{offset[:3]}:{offset[3:]}"
    return f"{text}.{hundredths}{sign}" if hundredths else text + sign


def meta_json(document: Document, *, editable: bool = True) -> dict[str, Any]:
    return {
        "noteid": document.note_id,
        "unid": document.unid,
        "created": stamp(document.created),
        "lastmodified": stamp(document.modified),
        "lastaccessed": stamp(document.modified),
        "lastmodifiedinfile": stamp(document.modified),
        "addedtofile": stamp(document.created),
        "noteclass": ["DATA", "DOCUMENT"],
        "unread": True,
        "editable": editable,
        "revision": revision(document),
        "size": 400 + 20 * len(document.items),
    }


def document_json(
    document: Document,
    form: Form | None,
    fields: frozenset[str] | None,
    *,
    zone: tzinfo,
    rich: str,
    editable: bool,
) -> dict[str, Any]:
    """`fields` are the items that the mode lets through (None: all)."""
    out: dict[str, Any] = {"@meta": meta_json(document, editable=editable)}

    def shown(name: str) -> bool:
        return fields is None or name.lower() in fields

    if document.conflict and shown("$Conflict"):
        out["$Conflict"] = ""
    if document.parent and shown("$REF"):
        out["$REF"] = [document.parent]
    for item in document.items.values():
        known = form.field_named(item.name) if form else None
        if shown(item.name) and item.values:
            out[item.name] = _value(item, bool(known and known.multi), zone, rich)
    if document.form:
        out["Form"] = document.form
    return out


def _value(item: Item, multi: bool, zone: tzinfo, rich: str) -> Any:
    if item.kind is Kind.RICHTEXT:
        return _rich(item.values, rich)
    values = list(item.values)
    if item.kind is Kind.NUMBER:
        values = [int(one) if one == int(one) else one for one in values]
    if item.kind is Kind.DATETIME:
        values = [stamp(datetime.fromisoformat(one), zone) if "T" in one else one for one in values]
    return values if multi or len(values) > 1 else values[0]


def _rich(parts: list[dict[str, str]], wanted: str) -> dict[str, str]:
    """{type, encoding, content} [D]: MIME in base64, or the HTML in it."""
    if wanted == "mime":
        text = mime_text(parts, parts[0]) if parts else ""
        kind = str(parts[0].get("contentType", "text/html")).split(";")[0] if parts else "text/html"
        content = base64.b64encode(text.encode()).decode()
        return {"type": kind, "encoding": "BASE64", "content": content}
    html = [one.get("data", "") for one in parts if "text/html" in one.get("contentType", "")]
    return {"type": "text/html", "encoding": "PLAIN", "content": "".join(html)}


def mime_text(parts: list[dict[str, str]], part: dict[str, str]) -> str:
    """A MIME entity out of the flat list: children name their parent's boundary."""
    heads = [f"Content-Type: {part.get('contentType', 'text/plain')}"]
    for name, header in (
        ("contentID", "Content-ID"),
        ("contentDisposition", "Content-Disposition"),
        ("contentTransferEncoding", "Content-Transfer-Encoding"),
    ):
        if part.get(name):
            heads.append(f"{header}: {part[name]}")
    kind = part.get("contentType", "")
    at = kind.lower().find("boundary=")
    body = part.get("data", "")
    if at >= 0:
        boundary = "--" + kind[at + 9 :].split(";")[0].strip().strip('"')
        children = [one for one in parts if one.get("boundary") == boundary and one is not part]
        chunks = [f"{boundary}\r\n{mime_text(parts, one)}\r\n" for one in children]
        body = "".join([body, *chunks, f"{boundary}--\r\n"])
    top = "MIME-Version: 1.0\r\n" if part is parts[0] else ""
    return top + "\r\n".join(heads) + "\r\n\r\n" + body


def put_members(
    document: Document,
    members: Mapping[str, Any],
    form: Form | None,
    fields: frozenset[str] | None,
) -> None:
    """Only what the mode allows may be written [D]; the form types the values."""
    for name, value in members.items():
        if name == "Form" or name.startswith("@"):
            continue
        if fields is not None and name.lower() not in fields:
            raise Problem(400, f"Field {name} is not configured in this mode of {document.form}")
        if value is None:
            document.items.pop(name.lower(), None)
            continue
        known = form.field_named(name) if form else None
        document.put(_item(name, value, known.kind if known else None))


def _item(name: str, value: Any, kind: Kind | None) -> Item:
    if isinstance(value, Mapping):
        return Item(name, Kind.RICHTEXT, [_part(name, value)])
    values = value if isinstance(value, list) else [value]
    if any(isinstance(one, dict | list) or one is None for one in values):
        raise Problem(400, f"Field {name}: unsupported value")
    if kind is Kind.RICHTEXT:
        text = "".join(str(one) for one in values)
        return Item(name, kind, [{"contentType": "text/plain; charset=UTF-8", "data": text}])
    if kind is Kind.DATETIME or (kind is None and all(_is_iso(one) for one in values)):
        return Item(name, Kind.DATETIME, [_date(name, one) for one in values])
    numbers = [isinstance(one, int | float) and not isinstance(one, bool) for one in values]
    if values and all(numbers):
        return Item(name, Kind.NUMBER, [float(one) for one in values])
    if kind is Kind.NUMBER or any(numbers):
        raise Problem(400, f"Field {name}: a number is expected")
    text_kind = kind if kind in {Kind.NAMES, Kind.AUTHORS, Kind.READERS} else Kind.TEXT
    texts = [("true" if one else "false") if isinstance(one, bool) else str(one) for one in values]
    return Item(name, text_kind or Kind.TEXT, texts)


def _is_iso(value: Any) -> bool:
    return isinstance(value, str) and bool(_ISO.fullmatch(value))


def _date(name: str, value: Any) -> str:
    if _is_iso(value):
        moment = datetime.fromisoformat(value).astimezone(UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    stored = parse_date(str(value), day_first=False)
    if stored is None:
        raise Problem(400, f"Field {name}: a date is expected")
    return stored


def _part(name: str, value: Mapping[str, Any]) -> dict[str, str]:
    content, kind = value.get("content"), str(value.get("type") or "text/html")
    if not isinstance(content, str):
        raise Problem(400, f"Field {name}: the rich text has no content")
    if str(value.get("encoding", "PLAIN")).upper() == "BASE64":
        try:
            content = base64.b64decode(content, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise Problem(400, f"Field {name}: the content is not base64") from None
    return {"contentType": f"{kind}; charset=UTF-8", "data": content}
