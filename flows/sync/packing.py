"""A link's memory as bytes, and back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import zstandard

from connectors.sdk import codec
from flows.sync.entity import Side
from flows.sync.link import Intent, Link, LinkState, Written

_LEVEL: Final = 3
_MOST: Final = 64 << 20  # bytes of one memory, unpacked


def pack(link: Link) -> bytes:
    """Its JSON, compressed (zstd)."""
    told = {
        "state": link.state.value,
        "base": {side.value: link.base[side] for side in Side},
        "written": {
            side.value: {
                "prints": link.written[side].prints,
                "before": link.written[side].before,
                "at": _text(link.written[side].at),
            }
            for side in Side
        },
        "hops": link.hops,
        "intents": [
            {
                "side": one.side.value,
                "action": one.action,
                "sent": one.sent,
                "before": one.before,
                "source": one.source,
            }
            for one in link.intents
        ],
        "aside": sorted(side.value for side in link.aside),
    }
    return zstandard.ZstdCompressor(level=_LEVEL).compress(codec.dumps(told))


def unpack(data: bytes) -> Link:
    """The link; a new one for no bytes. Raises `ValueError` when the bytes were damaged."""
    if not data:
        return Link()
    try:
        text = zstandard.ZstdDecompressor().decompress(data, max_output_size=_MOST)
    except zstandard.ZstdError as error:
        raise ValueError("The memory of a link is damaged.") from error
    told: Mapping[str, Any] = codec.loads(text)
    return Link(
        state=LinkState(told["state"]),
        base={side: told["base"][side.value] for side in Side},
        written={side: _written(told["written"][side.value]) for side in Side},
        hops=told["hops"],
        intents=tuple(
            Intent(
                side=Side(one["side"]),
                action=one["action"],
                sent=one["sent"],
                before=one["before"],
                source=one["source"],
            )
            for one in told["intents"]
        ),
        aside=frozenset(Side(one) for one in told["aside"]),
    )


def _written(told: Mapping[str, Any]) -> Written:
    at = told["at"]
    return Written(
        prints=told["prints"],
        before=told["before"],
        at=None if at is None else datetime.fromisoformat(at),
    )


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
