"""Ids and filters as the webservice reads them."""

import re
from typing import Any

from connectors.sdk.errors import RejectedError

_ID = re.compile(r"[1-9][0-9]{0,18}")
# What the filter syntax itself uses; a value that holds one would ask something else.
_FILTER_SYNTAX = frozenset("[]|,")


def clean_id(value: Any, *, what: str) -> str:
    """A far-side id as text. Raises `RejectedError` for what is no id."""
    text = str(value).strip()
    if not _ID.fullmatch(text):
        raise RejectedError(
            f"{what} is not an id of the shop: {text[:40]!r}.",
            code="bad_id",
            fix="Give a whole number above zero.",
        )
    return text


def exact(value: str) -> str:
    """A filter for exactly this value.

    Raises `RejectedError` for a value that the filter syntax cannot express.
    """
    if _FILTER_SYNTAX & set(value):
        raise RejectedError(
            f"The shop cannot search for {value[:60]!r}: [ ] | and , have a meaning there.",
            code="not_searchable",
            fix="Use ids instead.",
        )
    return f"[{value}]"
