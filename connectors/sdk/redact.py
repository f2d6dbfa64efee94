"""What may be shown of a far side's answer: short, and without secrets."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

MASK = "•••"
_SECRET_NAMES = re.compile(
    r"passw|secret|token|api_?key|ws_key|authori[sz]ation|cookie|secure_key|credential", re.I
)
_IN_TEXT = re.compile(
    r"(?P<name>[\"']?(?:[\w-]*(?:passw|secret|token|ws_key|secure_key|api_?key)[\w-]*)[\"']?"
    r"\s*(?:[=:]|>)\s*(?:<!\[CDATA\[)?[\"']?)(?P<value>[^\"'&<>\]\s,}]+)",
    re.I,
)


def shorten(text: str, limit: int = 300) -> str:
    """At most `limit` characters, with a mark where text was cut."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def redact(value: Any, *, secrets: Iterable[str] = (), limit: int = 300) -> Any:
    """A JSON value fit for the journal and for people.

    Values under names that sound secret are masked, so is every occurrence of `secrets`
    (at least 4 characters long); texts are cut at `limit` characters.
    """
    known = [one for one in secrets if len(one) >= 4]
    return _redact(value, known, limit)


def _redact(value: Any, secrets: list[str], limit: int) -> Any:
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, MASK)
        return shorten(_IN_TEXT.sub(lambda hit: hit["name"] + MASK, value), limit)
    if isinstance(value, Mapping):
        return {
            str(name): MASK if _SECRET_NAMES.search(str(name)) else _redact(one, secrets, limit)
            for name, one in value.items()
        }
    if isinstance(value, list | tuple):
        return [_redact(one, secrets, limit) for one in value]
    return value
