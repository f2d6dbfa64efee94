"""What a suggestion proposes to do with a value: a kind and its parameters."""

from dataclasses import dataclass, field
from typing import Any, Final

KINDS: Final = (
    "copy", "number", "date", "bool", "lookup", "status_lookup", "country", "name_split",
    "name_join", "concat", "richtext_html", "html_text", "line_items", "address_parse",
    "arithmetic", "custom",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Transform:
    """A kind and its parameters, as JSON has them."""

    kind: str
    params: dict[str, Any] = field(default_factory=dict)
