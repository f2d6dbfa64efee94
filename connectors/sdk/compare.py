"""Canonical comparison of what was sent with what was read back.

Systems write the same value differently: "68.20" comes back as "68.200000", a CRLF as LF. Such
differences are *absorbed*; anything else has *diverged*.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.sdk.receipt import FieldReceipt, FieldResult


def as_number(value: Any) -> Decimal | None:
    """The exact number that `value` is or spells; None when it is none (booleans included)."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, Decimal | int):
        number = Decimal(value)
    elif isinstance(value, str) and value.strip():
        try:
            number = Decimal(value.strip())
        except InvalidOperation:
            return None
    else:
        return None
    return number if number.is_finite() else None


def _instant(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, str) and len(value) >= 19 and value[10:11] in ("T", " "):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
    else:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


def _text(value: str) -> str:
    lines = unicodedata.normalize("NFC", value).replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(line.rstrip() for line in lines.split("\n")).strip()


def compare_values(
    sent: Any, read_back: Any, *, text_only: bool = False
) -> tuple[FieldResult, str]:
    """How two JSON values compare, with a note that says what was absorbed.

    Same: equal, or equal numbers of whichever JSON type (ids and quantities come as text or
    as numbers). Absorbed: the same number spelt otherwise, the same instant, the same text
    but for white space, line ends or Unicode form, nothing instead of an empty text.
    `text_only` compares spellings, for codes in which "0123" is not 123.
    """
    if type(sent) is type(read_back) and sent == read_back:
        return FieldResult.SAME, ""
    if isinstance(sent, bool) or isinstance(read_back, bool):
        return _compare_flags(sent, read_back)
    if sent in (None, "") and read_back in (None, ""):
        return FieldResult.ABSORBED, "empty"
    if isinstance(sent, str) and isinstance(read_back, str):
        if _text(sent) == _text(read_back):
            return FieldResult.ABSORBED, "white space"
    elif text_only and str(sent) == str(read_back):
        return FieldResult.SAME, ""
    if not text_only:
        left, right = as_number(sent), as_number(read_back)
        if left is not None and left == right:
            if str(sent) == str(read_back) or not (
                isinstance(sent, str) or isinstance(read_back, str)
            ):
                return FieldResult.SAME, ""
            return FieldResult.ABSORBED, "number format"
    one, other = _instant(sent), _instant(read_back)
    if one is not None and one == other:
        return FieldResult.ABSORBED, "time format"
    if isinstance(sent, Sequence) and isinstance(read_back, Sequence):
        return _compare_lists(sent, read_back, text_only=text_only)
    return FieldResult.DIVERGED, ""


def _compare_flags(sent: Any, read_back: Any) -> tuple[FieldResult, str]:
    spellings = {"1": True, "0": False, "true": True, "false": False}
    left = sent if isinstance(sent, bool) else spellings.get(str(sent).lower())
    right = read_back if isinstance(read_back, bool) else spellings.get(str(read_back).lower())
    if left is not None and left == right:
        return FieldResult.ABSORBED, "flag format"
    return FieldResult.DIVERGED, ""


def _compare_lists(
    sent: Sequence[Any], read_back: Sequence[Any], *, text_only: bool
) -> tuple[FieldResult, str]:
    if isinstance(sent, str) or isinstance(read_back, str) or len(sent) != len(read_back):
        return FieldResult.DIVERGED, ""
    results = [
        compare_values(one, other, text_only=text_only)
        for one, other in zip(sent, read_back, strict=True)
    ]
    if any(result is FieldResult.DIVERGED for result, _ in results):
        return FieldResult.DIVERGED, ""
    notes = sorted({note for result, note in results if result is FieldResult.ABSORBED})
    return (FieldResult.ABSORBED, ", ".join(notes)) if notes else (FieldResult.SAME, "")


def compare_field(
    field: str, sent: Any, read_back: Any, *, text_only: bool = False
) -> FieldReceipt:
    """One field of a receipt. A value that was sent and is gone has diverged."""
    result, note = compare_values(sent, read_back, text_only=text_only)
    return FieldReceipt(field=field, sent=sent, read_back=read_back, result=result, note=note)


def compare_fields(
    sent: Mapping[str, Any], read_back: Mapping[str, Any], *, text_only: Sequence[str] = ()
) -> list[FieldReceipt]:
    """A receipt's fields, in the order they were sent; fields named in `text_only` compare as
    spelt."""
    return [
        compare_field(name, value, read_back.get(name), text_only=name in text_only)
        for name, value in sent.items()
    ]
