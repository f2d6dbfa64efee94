"""Crosswalks as the engine wants them, kept until somebody changes one."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from flows.mapping.crosswalk import Crosswalk
from flows.store.pool import pool

_STAMPS: Final = """
SELECT slug, id, changed_at FROM flows_crosswalk
WHERE workspace_id = %(workspace)s AND slug = ANY(%(slugs)b::text[])
"""
_ENTRIES: Final = """
SELECT crosswalk_id, "left", "right", direction FROM flows_crosswalkentry
WHERE crosswalk_id = ANY(%(ids)b::uuid[])
"""


class Crosswalks:
    """A cache by workspace and slug."""

    def __init__(self) -> None:
        self._known: dict[tuple[UUID, str], tuple[datetime, Crosswalk]] = {}

    async def get(self, workspace_id: UUID, slugs: Iterable[str]) -> dict[str, Crosswalk]:
        """The crosswalks of these slugs that exist. One short query when nothing changed."""
        wanted = list(slugs)
        if not wanted:
            return {}
        async with (await pool()).connection() as connection:
            cursor = await connection.execute(_STAMPS, {"workspace": workspace_id, "slugs": wanted})
            stamps = {row[0]: (row[1], row[2]) for row in await cursor.fetchall()}
            stale = {
                id_: slug
                for slug, (id_, changed) in stamps.items()
                if self._known.get((workspace_id, slug), (None, None))[0] != changed
            }
            if stale:
                cursor = await connection.execute(_ENTRIES, {"ids": list(stale)})
                entries: dict[UUID, list[tuple[str, str, str]]] = defaultdict(list)
                for id_, left, right, direction in await cursor.fetchall():
                    entries[id_].append((left, right, direction))
                for id_, slug in stale.items():
                    self._known[(workspace_id, slug)] = (
                        stamps[slug][1],
                        crosswalk(slug, entries[id_]),
                    )
        return {slug: self._known[(workspace_id, slug)][1] for slug in stamps}


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
