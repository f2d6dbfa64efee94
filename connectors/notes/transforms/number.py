"""Numbers in items of text, read with the connection's decimal sign."""

import re
from decimal import Decimal
from typing import Any

from connectors.notes.transforms.profile import FormProfile
from connectors.sdk.errors import ContractError
from connectors.sdk.redact import shorten


def item_number(name: str, value: Any, profile: FormProfile) -> Any:
    """Text in a number item is read with the connection's decimal sign; empty text is nothing."""
    if name.lower() not in profile.numbers or not isinstance(value, str):
        return value
    if not value.strip():
        return None
    number = parse_number(value, profile.decimal)
    if number is None:
        raise ContractError(
            f"{name} should be a number and holds other text.",
            code="not_a_number",
            fix=f"Correct {name} in Notes, or take it off the connection's number items.",
            detail={"expected": f"a number, decimal sign {profile.decimal}",
                    "received": shorten(value, 40)},
        )  # fmt: skip
    return number


def parse_number(text: str, decimal: str) -> Decimal | None:
    """A number as people type it, with or without parted thousands; None when it is none.

    "129,50" is no number where the decimal sign is ".": guessing would make it 12,950.
    """
    plain = re.sub(r"[\s'’\u00a0\u202f]", "", text)
    other = "," if decimal == "." else "."
    parted = re.fullmatch(
        rf"[+-]?\d{{1,3}}(?:{re.escape(other)}\d{{3}})+(?:{re.escape(decimal)}\d+)?", plain
    )
    if parted:
        plain = plain.replace(other, "")
    if not re.fullmatch(rf"[+-]?\d+(?:{re.escape(decimal)}\d+)?", plain):
        return None
    return Decimal(plain.replace(decimal, "."))
