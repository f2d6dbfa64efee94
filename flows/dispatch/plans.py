"""Plans by flow version: compiled once per process, since a version never changes."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from flows.dispatch.catalog import catalog
from flows.engine.chunks import spread
from flows.engine.compile import compile_flow
from flows.engine.plan import Plan
from flows.store.pool import pool

_MOST: Final = 512
_VERSION: Final = """
SELECT v.document, v.number, f.slug, f.id
FROM flows_flowversion v JOIN flows_flow f ON f.id = v.flow_id
WHERE v.id = %(id)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedVersion:
    """A flow version ready to run. `whole` is its plan as written, for runs that do the items of a
    for-each themselves; `plan` leaves chunks to other runs."""

    flow: str
    flow_id: UUID
    number: int
    plan: Plan
    whole: Plan


class Plans:
    """A cache, least recently used first out."""

    def __init__(self) -> None:
        self._known: OrderedDict[UUID, LoadedVersion] = OrderedDict()

    async def get(self, version_id: UUID) -> LoadedVersion:
        """Raises `FlowInvalidError` when the document no longer compiles (an operation that it
        names is not installed any more), `LookupError` when there is no such version."""
        found = self._known.get(version_id)
        if found is not None:
            self._known.move_to_end(version_id)
            return found
        async with (await pool()).connection() as connection:
            row = await (await connection.execute(_VERSION, {"id": version_id})).fetchone()
        if row is None:
            raise LookupError(f"There is no flow version {version_id}.")
        whole = compile_flow(row[0], catalog())
        loaded = LoadedVersion(
            flow=row[2], flow_id=row[3], number=row[1], plan=spread(whole), whole=whole
        )
        self._known[version_id] = loaded
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
        return loaded

    def clear(self) -> None:
        self._known.clear()


plans: Final = Plans()
