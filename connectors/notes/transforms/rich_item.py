"""A document's rich-text items: as flows see them, and as they are written.

A flow sees `{html, text, losses, fingerprint}`. It writes a rich text as an object with `html`
(or `text` alone); an item that is rich text in Notes stays so when a plain text is written.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.notes.transforms.richtext import (
    LossKind,
    WrittenRichText,
    convert,
    fingerprint_source,
    write_plain_text,
    write_rich_text,
)
from connectors.sdk.errors import ContractError, RejectedError
from connectors.sdk.redact import shorten

# What a reader would not miss if the item were written anew.
_SAME_WITHOUT = {LossKind.STYLE, LossKind.SCRIPT, LossKind.LINK, LossKind.CHARACTERS}
_SAME_WITHOUT_NAMES = frozenset(one.value for one in _SAME_WITHOUT)


def read_rich_item(value: Any) -> dict[str, Any]:
    """The item as flows see it. One that cannot be read fails no flow that does not use it: its
    html and text are null, and the one loss (kind unreadable) says why."""
    try:
        return convert(value).to_output()
    except ContractError as error:
        loss = {
            "kind": LossKind.UNREADABLE.value,
            "where": "",
            "what": f"{error.code}: {error.message}",
            "text": "",
        }
        fingerprint = fingerprint_source(repr(value))
        return {"html": None, "text": None, "losses": [loss], "fingerprint": fingerprint}


def is_rich_value(value: Any) -> bool:
    """Whether a flow gives a rich text to write."""
    return isinstance(value, Mapping) and ("html" in value or "text" in value)


def write_rich_item(name: str, value: Any) -> WrittenRichText:
    """Raises `RejectedError` for what holds no text or too much of it."""
    if not isinstance(value, Mapping):
        lines = value if isinstance(value, list) else [value]
        return write_plain_text("\n".join("" if one is None else str(one) for one in lines))
    for key, write in (("html", write_rich_text), ("text", write_plain_text)):
        if isinstance(value.get(key), str):
            return write(value[key])
    raise RejectedError(
        f"{name}: the rich text has neither HTML nor text.",
        code="rich_text_empty",
        fix="Map html or text; a rich text that could not be read cannot be written.",
    )


def is_same(written: WrittenRichText, sent: Any, stored: Any) -> bool:
    """Whether writing would change nothing that anybody sees: the same source, the same HTML,
    or, where only text was given, the same text. `stored` is the item as flows see it."""
    if not isinstance(stored, Mapping):
        return not written.html and stored in (None, "", [])
    if fingerprint_source(written.item) == stored.get("fingerprint"):
        return True
    if isinstance(sent, Mapping) and isinstance(sent.get("html"), str):
        return written.html == stored.get("html")
    return written.text == stored.get("text")


def refuse_damage(name: str, sent: Any, stored: Any) -> None:
    """Raises `RejectedError` when writing would remove what HTML cannot hold: files, pictures,
    links to documents, hidden paragraphs. `"replace": true` in the value allows it."""
    if not isinstance(stored, Mapping) or (isinstance(sent, Mapping) and sent.get("replace")):
        return
    gone = [one for one in stored.get("losses", ()) if one["kind"] not in _SAME_WITHOUT_NAMES]
    if gone:
        raise RejectedError(
            f"{name} holds what would be lost if it were written anew: {_names(gone)}.",
            code="rich_text_damage",
            fix='Write another item, or give "replace": true beside the html.',
            detail={"losses": gone[:20]},
        )


def _names(losses: Sequence[Mapping[str, Any]]) -> str:
    named = [f"{one['kind']} {shorten(one['what'], 60)}".strip() for one in losses[:5]]
    more = [f"{len(losses) - 5} more"] if len(losses) > 5 else []
    return ", ".join([*named, *more])
