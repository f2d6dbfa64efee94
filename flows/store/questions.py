"""Writing down what a run asks people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from causeway.base.ids import new_id
from flows.store.pool import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, of whom, until when; `users` is JSON text."""

    title: str
    message: str
    role: str
    users: str
    until: datetime


_ASK: Final = """
INSERT INTO flows_approval (id, workspace_id, environment_id, run_id, node, path, title, message,
                            role, users, until, asked_at, decision, decided_by, comment)
SELECT a.id, r.workspace_id, r.environment_id, r.id, a.node, a.path, a.title, a.message, a.role,
       a.users::jsonb, a.until, now(), '', '', ''
FROM unnest(%(ids)b::uuid[], %(runs)b::uuid[], %(nodes)b::text[], %(paths)b::text[],
            %(titles)b::text[], %(messages)b::text[], %(roles)b::text[], %(userss)b::text[],
            %(untils)b::timestamptz[])
    AS a(id, run_id, node, path, title, message, role, users, until)
JOIN flows_run r ON r.id = a.run_id
ON CONFLICT (run_id, node, path) DO NOTHING
"""


async def ask(
    connection: Connection, rows: Sequence[tuple[UUID, str, str, Question | None]]
) -> None:
    """Put the questions of steps (run, node, path), where they have one; each once for good."""
    asked = [(run, node, path, one) for run, node, path, one in rows if one is not None]
    if not asked:
        return
    await connection.execute(
        _ASK,
        {
            "ids": [new_id() for _ in asked],
            "runs": [run for run, _, _, _ in asked],
            "nodes": [node for _, node, _, _ in asked],
            "paths": [path for _, _, path, _ in asked],
            "titles": [one.title for _, _, _, one in asked],
            "messages": [one.message for _, _, _, one in asked],
            "roles": [one.role for _, _, _, one in asked],
            "userss": [one.users for _, _, _, one in asked],
            "untils": [one.until for _, _, _, one in asked],
        },
    )
