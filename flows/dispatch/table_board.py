"""The board on which processes agree about limits while Redis is away."""

from collections.abc import Sequence
from typing import Final

import psycopg
from psycopg_pool import PoolTimeout

from flows.protection.board import BoardAwayError, Proposal, Reply
from flows.store.pool import pool

# What stands there from an earlier outage of Redis says nothing of now.
_STALE: Final = 10  # seconds

# Who proposes at the same moment finds nothing of the other in this statement, and asks again.
_SWAP: Final = """
WITH told AS MATERIALIZED (
    SELECT * FROM unnest(%(names)b::text[], %(seens)b::text[], %(versions)b::text[],
                         %(records)b::bytea[]) AS t(name, seen, version, record)
), done AS (
    INSERT INTO flows_sharedlimit AS l (name, version, record, at)
    SELECT name, version, record, clock_timestamp() FROM told ORDER BY name
    ON CONFLICT (name) DO UPDATE
    SET version = EXCLUDED.version, record = EXCLUDED.record, at = EXCLUDED.at
    WHERE l.version = (SELECT t.seen FROM told t WHERE t.name = l.name)
       OR l.at < clock_timestamp() - make_interval(secs => %(stale)s)
    RETURNING name
)
SELECT t.name, d.name IS NOT NULL, coalesce(l.version, ''), coalesce(l.record, '')
FROM told t LEFT JOIN done d ON d.name = t.name LEFT JOIN flows_sharedlimit l ON l.name = t.name
"""


class TableBoard:
    """One for each event loop, over the pool of the hot path."""

    async def swap(self, proposals: Sequence[Proposal]) -> list[Reply]:
        """See `flows.protection.board.Board.swap`."""
        try:
            async with (await pool()).connection() as connection:
                cursor = await connection.execute(
                    _SWAP,
                    {
                        "names": [one.name for one in proposals],
                        "seens": [one.seen for one in proposals],
                        "versions": [one.version for one in proposals],
                        "records": [one.record for one in proposals],
                        "stale": _STALE,
                    },
                )
                found = {row[0]: row[1:] for row in await cursor.fetchall()}
        except (psycopg.Error, PoolTimeout, OSError) as error:
            raise BoardAwayError(type(error).__name__) from error
        return [self._reply(one, *found[one.name]) for one in proposals]

    @staticmethod
    def _reply(one: Proposal, done: bool, version: str, record: bytes) -> Reply:
        if done:
            return Reply(done=True, version=one.version)
        return Reply(done=False, version=version, record=bytes(record))

    async def aclose(self) -> None:
        """The pool is closed by its owner."""
