"""An address while it is taken apart."""

from dataclasses import dataclass, field


@dataclass
class Draft:
    """An address while it is taken apart; `parts` is what has not found its place yet."""

    parts: list[str]
    found: dict[str, str] = field(default_factory=dict)
    boxed: str = ""  # what stood behind the number of the box
    at: int = 0  # where the town stood
