"""Where processes leave word for each other: one document a name, replaced by compare and set."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import redis.asyncio
from redis.exceptions import RedisError

PREFIX: Final = "causeway:protection:"
KEPT: Final = 2 * 3600  # seconds; longer than the longest pause that a far side may ask for

# Writes when the version is the one that the writer saw, or when nothing is there.
SWAP: Final = """
local version = redis.call('HGET', KEYS[1], 'version')
if version and version ~= ARGV[1] then
  return {0, version, redis.call('HGET', KEYS[1], 'record')}
end
redis.call('HSET', KEYS[1], 'version', ARGV[2], 'record', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return {1, ARGV[2], ''}
"""


class BoardAwayError(Exception):
    """The board cannot be reached now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """`record` under `version`, in place of what stood there as `seen`."""

    name: str
    seen: str
    version: str
    record: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Whether the proposal stands now; otherwise `record` does, under `version`."""

    done: bool
    version: str
    record: bytes = b""


class Board(Protocol):
    """Answers in the order of the proposals, in one round trip. Raises `BoardAwayError`."""

    async def swap(self, proposals: Sequence[Proposal]) -> list[Reply]: ...

    async def aclose(self) -> None: ...


class RedisBoard:
    """The usual one."""

    def __init__(self, url: str, *, patience: float) -> None:
        """`patience` is how many seconds Redis may take."""
        self._redis: redis.asyncio.Redis = redis.asyncio.from_url(
            url, socket_timeout=patience, socket_connect_timeout=patience
        )

    async def swap(self, proposals: Sequence[Proposal]) -> list[Reply]:
        batch = self._redis.pipeline(transaction=False)
        for one in proposals:
            batch.eval(SWAP, 1, PREFIX + one.name, one.seen, one.version, one.record, KEPT)
        try:
            answers: list[Any] = await batch.execute()
        except (RedisError, OSError) as error:
            raise BoardAwayError(type(error).__name__) from error
        return [
            Reply(done=bool(done), version=version.decode(), record=record)
            for done, version, record in answers
        ]

    async def aclose(self) -> None:
        await self._redis.aclose()
