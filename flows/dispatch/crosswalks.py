"""Crosswalks as the engine wants them, kept until somebody changes one."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from flows.mapping.crosswalk import Crosswalk
from flows.store.group import GroupCommit
from flows.store.pool import Connection, pool

Name = tuple[UUID, str]  # workspace and slug

_STAMPS: Final = """
SELECT c.workspace_id, c.slug, c.id, c.changed_at
FROM unnest(%(workspaces)b::uuid[], %(slugs)b::text[]) AS wanted(workspace_id, slug)
JOIN flows_crosswalk c USING (workspace_id, slug)
"""
_ENTRIES: Final = """
SELECT crosswalk_id, "left", "right", direction FROM flows_crosswalkentry
WHERE crosswalk_id = ANY(%(ids)b::uuid[])
"""


class Crosswalks:
    """A cache by workspace and slug; one for each event loop.

    Whether something changed is asked for every run, so that a corrected table counts from the
    next run on; but runs that ask at the same time are answered by one query.
    """

    def __init__(self) -> None:
        self._known: dict[Name, tuple[datetime, Crosswalk]] = {}
        self._asked: GroupCommit[Sequence[Name], dict[str, Crosswalk]] = GroupCommit(
            self._answer, gather=0
        )

    async def get(self, workspace_id: UUID, slugs: Iterable[str]) -> dict[str, Crosswalk]:
        """The crosswalks of these slugs that exist, as they were after the call."""
        wanted = [(workspace_id, slug) for slug in slugs]
        return await self._asked.submit(wanted) if wanted else {}

    async def _answer(self, asked: Sequence[Sequence[Name]]) -> list[dict[str, Crosswalk]]:
        names = sorted({name for wanted in asked for name in wanted})
        async with (await pool()).connection() as connection:
            cursor = await connection.execute(
                _STAMPS,
                {
                    "workspaces": [workspace for workspace, _ in names],
                    "slugs": [slug for _, slug in names],
                },
            )
            rows = await cursor.fetchall()
            stamps = {(workspace, slug): (id_, changed) for workspace, slug, id_, changed in rows}
            await self._renew(connection, stamps)
        return [
            {name[1]: self._known[name][1] for name in wanted if name in stamps} for wanted in asked
        ]

    async def _renew(
        self, connection: Connection, stamps: dict[Name, tuple[UUID, datetime]]
    ) -> None:
        """Read the tables again that changed since they were read."""
        stale = {
            id_: name
            for name, (id_, changed) in stamps.items()
            if self._known.get(name, (None, None))[0] != changed
        }
        if not stale:
            return
        cursor = await connection.execute(_ENTRIES, {"ids": list(stale)})
        entries: dict[UUID, list[tuple[str, str, str]]] = defaultdict(list)
        for id_, left, right, direction in await cursor.fetchall():
            entries[id_].append((left, right, direction))
        for id_, name in stale.items():
            self._known[name] = (stamps[name][1], crosswalk(name[1], entries[id_]))


def crosswalk(slug: str, entries: Iterable[tuple[str, str, str]]) -> Crosswalk:
    """(left, right, direction) rows as two look-up tables."""
    to_right: dict[str, str] = {}
    to_left: dict[str, str] = {}
    for left, right, direction in entries:
        if direction != "to_left":
            to_right[left] = right
        if direction != "to_right":
            to_left[right] = left
    return Crosswalk(slug=slug, left=to_right, right=to_left)
