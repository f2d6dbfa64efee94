"""Refused deliveries: kept so that people see them, and never more of them than a page shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from causeway.base.ids import new_id
from flows.store.pool import pool

KEPT: Final = 200  # of each connection
SAME: Final = timedelta(minutes=1)  # refusals for one reason within it are one row


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """`count` deliveries of a connection that were refused for one reason, the last one named."""

    connection_id: UUID
    code: str
    detail: str
    delivery_id: str
    size: int | None
    count: int


# In one order, so that two processes never wait for each other crosswise.
_ADD: Final = """
WITH told AS MATERIALIZED (
    SELECT t.* FROM unnest(%(ids)b::uuid[], %(connections)b::uuid[], %(codes)b::text[],
            %(details)b::text[], %(deliveries)b::text[], %(sizes)b::bigint[], %(counts)b::int[])
        AS t(id, connection_id, code, detail, delivery_id, size, count)
    JOIN connections_connection c ON c.id = t.connection_id
    ORDER BY t.connection_id, t.code
), merged AS (
    UPDATE flows_refuseddelivery r
    SET count = r.count + t.count, detail = t.detail, delivery_id = t.delivery_id, size = t.size,
        received_at = now()
    FROM told t
    WHERE r.id = (
        SELECT l.id FROM flows_refuseddelivery l
        WHERE l.connection_id = t.connection_id AND l.code = t.code
          AND l.received_at > now() - %(same)s
        ORDER BY l.id DESC LIMIT 1
    )
    RETURNING t.id
)
INSERT INTO flows_refuseddelivery
    (id, connection_id, code, detail, delivery_id, size, count, received_at)
SELECT id, connection_id, code, detail, delivery_id, size, count, now() FROM told
WHERE id NOT IN (SELECT id FROM merged)
"""
_TRIM: Final = """
DELETE FROM flows_refuseddelivery r USING unnest(%(connections)b::uuid[]) AS k(id)
WHERE r.connection_id = k.id AND r.id <= (
    SELECT l.id FROM flows_refuseddelivery l WHERE l.connection_id = k.id
    ORDER BY l.id DESC OFFSET %(kept)s LIMIT 1
)
"""


async def add_refusals(refusals: Sequence[Refusal]) -> None:
    """Keep them, and of each connection the newest `KEPT` rows."""
    connections = sorted({one.connection_id for one in refusals})
    async with (await pool()).connection() as connection, connection.transaction():
        await connection.execute(
            _ADD,
            {
                "ids": [new_id() for _ in refusals],
                "connections": [one.connection_id for one in refusals],
                "codes": [one.code for one in refusals],
                "details": [one.detail for one in refusals],
                "deliveries": [one.delivery_id for one in refusals],
                "sizes": [one.size for one in refusals],
                "counts": [one.count for one in refusals],
                "same": SAME,
            },
        )
        await connection.execute(_TRIM, {"connections": connections, "kept": KEPT})
