"""Large values apart from the rows that name them.

A row keeps a name in the place of a large value: `{"$payload": "20261127-<digest>"}`, the day being
that of the row's id. The value itself is compressed and stored once a day, however many rows of
that day name it. A value that looks like a name, or like an escaped one, is stored with one dollar
sign more.

In a mapping that a row stores, the values of its keys are looked at, each for itself: what a step
said of its attempt stays readable in place, and equal outputs have the same name.
"""

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID

import zstandard

from connectors.sdk import codec

LARGE: Final = 8 * 1024  # characters of JSON
MOST: Final = 1 << 30  # bytes of one value
_LEVEL: Final = 3
_MARK: Final = "$payload"
_LOOKS_LIKE_A_NAME: Final = re.compile(r"\$+payload")
_NAME: Final = re.compile(r"(\d{4})(\d\d)(\d\d)-([0-9a-f]{32})")
_local: Final = threading.local()  # a compressor serves one thread


@dataclass(frozen=True, slots=True, order=True)
class PayloadKey:
    """The day (UTC) and 16 bytes of digest over the value's JSON text."""

    day: date
    digest: bytes

    def __str__(self) -> str:
        return f"{self.day:%Y%m%d}-{self.digest.hex()}"


@dataclass(frozen=True, slots=True)
class Packed:
    """A value as it is stored: `data` is its JSON text of `size` bytes, compressed (zstd)."""

    key: PayloadKey
    size: int
    data: bytes


Keep = Callable[[Packed], None]
Load = Callable[[PayloadKey], Any]
Dump = Callable[[Any], str]


def row_form(value: Any) -> Any:
    """The value as it may stand in a row; a copy only where it has to differ."""
    if not isinstance(value, Mapping):
        return value
    if _looks_like_a_name(value):
        return _escaped(value)
    if any(_looks_like_a_name(one) for one in value.values()):
        return {
            key: _escaped(one) if _looks_like_a_name(one) else one for key, one in value.items()
        }
    return value


def pack(text: str, *, day: date, keep: Keep) -> str:
    """What a row stores for the JSON text of a value in row form; `keep` gets what is to be stored
    beside it."""
    if len(text) <= LARGE:
        return text
    return codec.dumps(_put(text, day, keep)).decode()


def pack_values(data: Mapping[str, Any], text: str, *, day: date, keep: Keep, dump: Dump) -> str:
    """The same for each large value of a mapping, whose own JSON text is `text`; small ones stay
    where they are."""
    form = row_form(data)
    if form is not data:
        text = dump(form)
    if len(text) <= LARGE or _looks_like_a_name(data):
        return text
    stored: dict[str, Any] = {}
    for key, value in data.items():
        own = dump(value)
        if len(own) > LARGE:
            stored[key] = _put(own, day, keep)
        else:
            stored[key] = _escaped(value) if _looks_like_a_name(value) else value
    return dump(stored)


def names_in(stored: Any) -> Iterator[PayloadKey]:
    """What a stored value names: by itself, or with the values of its keys."""
    for one in (stored, *(stored.values() if isinstance(stored, dict) else ())):
        key = _key_of(one)
        if key is not None:
            yield key


def unpack(stored: Any, load: Load) -> Any:
    """The value that was stored. `load` gives what a name stands for."""
    key = _key_of(stored)
    if key is not None:
        return unpack(load(key), load)  # a whole value is stored in row form
    if _looks_like_a_name(stored):
        return _plain(stored)
    if isinstance(stored, dict) and any(_looks_like_a_name(one) for one in stored.values()):
        return {
            name: _unpacked(one, load) if _looks_like_a_name(one) else one
            for name, one in stored.items()
        }
    return stored


def opened(data: bytes, size: int) -> Any:
    """The value of a payload. Raises `ValueError` if it was damaged."""
    try:
        text = zstandard.ZstdDecompressor().decompress(data, max_output_size=min(size, MOST))
        return codec.loads(text)
    except zstandard.ZstdError as error:
        raise ValueError("A stored payload is damaged.") from error


def day_of(row: UUID) -> date:
    """The day on which a row with this id was made; today for ids of another kind."""
    if row.version != 7:
        return datetime.now(UTC).date()
    return (datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=row.int >> 80)).date()


def _put(text: str, day: date, keep: Keep) -> dict[str, str]:
    raw = text.encode()
    key = PayloadKey(day, blake2b(raw, digest_size=16).digest())
    keep(Packed(key, len(raw), _compressor().compress(raw)))
    return {_MARK: str(key)}


def _compressor() -> zstandard.ZstdCompressor:
    found: zstandard.ZstdCompressor | None = getattr(_local, "compressor", None)
    if found is None:
        found = _local.compressor = zstandard.ZstdCompressor(level=_LEVEL)
    return found


def _looks_like_a_name(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and len(value) == 1
        and _LOOKS_LIKE_A_NAME.fullmatch(next(iter(value))) is not None
    )


def _key_of(value: Any) -> PayloadKey | None:
    if not (isinstance(value, dict) and len(value) == 1 and isinstance(value.get(_MARK), str)):
        return None
    match = _NAME.fullmatch(value[_MARK])
    if match is None:
        return None
    year, month, day, digest = match.groups()
    return PayloadKey(date(int(year), int(month), int(day)), bytes.fromhex(digest))


def _unpacked(value: dict[str, Any], load: Load) -> Any:
    key = _key_of(value)
    return _plain(value) if key is None else load(key)


def _escaped(value: Mapping[str, Any]) -> dict[str, Any]:
    [(name, one)] = value.items()
    return {f"${name}": one}


def _plain(value: Mapping[str, Any]) -> dict[str, Any]:
    [(name, one)] = value.items()
    return {name[1:]: one}
