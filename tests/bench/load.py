"""Sends deliveries: as many at once as there are senders, or at a rate. Ends by itself.

One HTTP/1.1 connection a sender, written by hand: a full client would use more of the machine
than what it measures.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

Make = Callable[[int], tuple[bytes, dict[str, str]]]
_ANSWER_WITHIN: Final = 60.0


@dataclass(slots=True)
class Sent:
    """What became of the deliveries; times in seconds."""

    began: float = 0.0
    seconds: float = 0.0
    statuses: dict[int, int] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)

    def note(self, status: int, seconds: float) -> None:
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self.times.append(seconds)

    def taken(self) -> int:
        return self.statuses.get(202, 0) + self.statuses.get(200, 0)


def message(path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """A POST as it goes over the wire."""
    lines = [f"POST {path} HTTP/1.1", "host: 127.0.0.1", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, wire: bytes) -> int:
    writer.write(wire)
    head = await reader.readuntil(b"\r\n\r\n")
    at = head.lower().index(b"content-length:") + 15
    await reader.readexactly(int(head[at : head.index(b"\r\n", at)]))
    return int(head[9:12])


async def send(
    *, port: int, path: str, make: Make, numbers: range, senders: int, rate: float | None = None
) -> Sent:
    """Send all of `numbers`; with `rate` evenly spread, that many a second."""
    prepared = [message(path, *make(number)) for number in numbers]
    sent = Sent()
    places: Iterator[int] = iter(range(len(prepared)))
    start = time.perf_counter()

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            for place in places:
                if rate is not None:
                    await asyncio.sleep(max(0.0, start + place / rate - time.perf_counter()))
                began = time.perf_counter()
                async with asyncio.timeout(_ANSWER_WITHIN):
                    status = await exchange(reader, writer, prepared[place])
                sent.note(status, time.perf_counter() - began)
        finally:
            writer.close()

    sent.began = time.time()
    await asyncio.gather(*(one() for _ in range(senders)))
    sent.seconds = time.perf_counter() - start
    return sent
