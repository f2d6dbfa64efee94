"""What runs answered to those who sent their deliveries."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from flows.store.payloads import unpack_all
from flows.store.pool import pool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`output` is the respond node's (status, headers, body); None when the run ended in `state`
    without having answered, `code` then says why if it failed."""

    run_id: UUID
    state: str
    output: Mapping[str, Any] | None
    code: str = ""


# A replay answers nobody, but what it attached stands in its journal like its own.
_READ: Final = """
SELECT r.id, r.state, a.data->'output', coalesce(r.error->>'code', '')
FROM unnest(%(runs)b::uuid[]) AS wanted(id)
JOIN flows_run r ON r.id = wanted.id
LEFT JOIN LATERAL (
    SELECT e.data FROM flows_runevent e
    WHERE e.run_id = r.id AND e.type = 'step_succeeded' AND e.node = ANY(%(nodes)b::text[])
    ORDER BY e.seq LIMIT 1
) a ON true
WHERE a.data IS NOT NULL OR r.state IN ('succeeded', 'failed', 'dead', 'cancelled')
"""


async def read_answers(wanted: Mapping[UUID, Collection[str]]) -> dict[UUID, Answer]:
    """By run, of those that have answered through one of their respond nodes or have ended."""
    nodes = sorted({node for some in wanted.values() for node in some})
    async with (await pool()).connection() as connection:
        cursor = await connection.execute(_READ, {"runs": list(wanted), "nodes": nodes})
        rows = await cursor.fetchall()
        said = await unpack_all(connection, [{"output": row[2]} for row in rows])
    return {
        run: Answer(run_id=run, state=state, output=one["output"], code=code)
        for (run, state, _, code), one in zip(rows, said, strict=True)
    }
