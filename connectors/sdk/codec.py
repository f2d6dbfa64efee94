"""JSON in and out of Causeway, with exact numbers.

Fractions are `Decimal` inside, never `float`: "0.1" must stay 0.1 on both sides of the bridge.
"""

from decimal import Decimal
from typing import Any

import msgspec

_encoder = msgspec.json.Encoder(decimal_format="number", order=None)
_canonical = msgspec.json.Encoder(decimal_format="number", order="deterministic")
_decoder = msgspec.json.Decoder(float_hook=Decimal)


def dumps(value: Any) -> bytes:
    """UTF-8 JSON; a Decimal becomes a number with all its digits."""
    return _encoder.encode(value)


def canonical(value: Any) -> bytes:
    """JSON with sorted keys, fit for a digest."""
    return _canonical.encode(value)


def loads(data: bytes | str) -> Any:
    """Parse JSON; every fraction comes back as Decimal.

    Raises `ValueError` (msgspec.DecodeError) with the position when `data` is not JSON.
    """
    return _decoder.decode(data)
