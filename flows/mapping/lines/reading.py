"""What is read: the rows of an order, and one way to understand a content."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class Row:
    """One article of an order. `places` says for each field where it was read."""

    reference: str | None = None
    name: str | None = None
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    total: Decimal | None = None
    places: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One way to understand the content. The reading with the highest score is taken."""

    kind: str
    rows: tuple[Row, ...]
    score: float
    heading: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    multiplies: bool = False  # quantity × price = total in every row
