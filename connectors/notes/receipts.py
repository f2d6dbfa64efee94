"""Items as sent and as read back."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.notes.fingerprint import canonical_value
from connectors.notes.transforms import NotesDocument, WrittenItem, is_same
from connectors.notes.transforms.richtext import WrittenRichText
from connectors.sdk.compare import compare_field
from connectors.sdk.receipt import FieldReceipt, FieldResult


def item_receipts(written: Sequence[WrittenItem], document: NotesDocument) -> list[FieldReceipt]:
    """One receipt an item, in order.

    Beyond the general comparison these are absorbed: a list of one read as a scalar and an
    empty item that is gone (both the same to Notes), a number rounded to a double, a date
    stored as midnight. A rich text is compared as it is shown, and shown as its HTML.
    """
    return [_receipt(one, document) for one in written]


def _receipt(item: WrittenItem, document: NotesDocument) -> FieldReceipt:
    read_back = document.item(item.name)
    if item.rich is not None:
        return _rich_receipt(item, item.rich, read_back)
    stored = [] if read_back is None else read_back if isinstance(read_back, list) else [read_back]
    sent_texts = [canonical_value(one) for one in item.values]
    read_texts = [canonical_value(one) for one in stored]
    text = any(isinstance(one, str) for one in item.values)
    if (not any(sent_texts) and not any(read_texts)) or list(item.values) == stored:
        result, note = FieldResult.SAME, ""
    elif sent_texts == read_texts and text == any(isinstance(one, str) for one in stored):
        result, note = FieldResult.ABSORBED, "white space" if text else "rounded to a double"
    else:
        plain = compare_field(item.name, list(item.values), stored, text_only=text)
        result, note = plain.result, plain.note
    if result is FieldResult.SAME and item.note:
        result, note = FieldResult.ABSORBED, item.note
    return FieldReceipt(
        field=item.name, sent=item.sent, read_back=read_back, result=result, note=note
    )


def _rich_receipt(item: WrittenItem, rich: WrittenRichText, read_back: Any) -> FieldReceipt:
    result, note = FieldResult.DIVERGED, ""
    if is_same(rich, item.sent, read_back):
        result, note = (FieldResult.ABSORBED if item.note else FieldResult.SAME), item.note
    shown = read_back.get("html") if isinstance(read_back, Mapping) else read_back
    return FieldReceipt(field=item.name, sent=rich.html, read_back=shown, result=result, note=note)
