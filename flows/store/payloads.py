"""Reading and writing large values beside the rows that name them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from flows.models.packing import Packed, PayloadKey, names_in, opened, row_form, unpack
from flows.models.payload import PayloadLostError
from flows.store.pool import Connection, json_text, pool

# In one order, so that two processes that store the same values wait and do not block each other.
_INSERT: Final = """
INSERT INTO flows_payload (day, digest, size, data)
SELECT day, digest, size, data
FROM unnest(%(days)b::date[], %(digests)b::bytea[], %(sizes)b::int[], %(datas)b::bytea[])
    AS p(day, digest, size, data)
ON CONFLICT (day, digest) DO NOTHING
"""
_READ: Final = """
SELECT p.day, p.digest, p.size, p.data
FROM unnest(%(days)b::date[], %(digests)b::bytea[]) AS named(day, digest)
JOIN flows_payload p ON p.day = named.day AND p.digest = named.digest
"""


def row_text(value: Any) -> str:
    """A value as JSON text that may stand in a row. Raises `TypeError` for what is not JSON."""
    return json_text(row_form(value))


async def store(connection: Connection, packed: Iterable[Packed]) -> None:
    """Store what is not there yet, in the transaction of the rows that name it."""
    by_key = {one.key: one for one in packed}
    if not by_key:
        return
    some = [by_key[key] for key in sorted(by_key)]
    await connection.execute(
        _INSERT,
        {
            "days": [one.key.day for one in some],
            "digests": [one.key.digest for one in some],
            "sizes": [one.size for one in some],
            "datas": [one.data for one in some],
        },
    )


async def with_data(trigger: Mapping[str, Any]) -> Mapping[str, Any]:
    """The trigger with its data as it came. Raises like `unpack_all`."""
    stored = trigger["data"]
    if not any(names_in(stored)):
        return {**trigger, "data": unpack(stored, _nothing)}
    async with (await pool()).connection() as connection:
        [data] = await unpack_all(connection, [stored])
    return {**trigger, "data": data}


def _nothing(key: PayloadKey) -> Any:
    raise PayloadLostError(key)


async def unpack_all(connection: Connection, stored: Sequence[Any]) -> list[Any]:
    """The values in the same order, with what they name; asks once, and only if one names some.

    Raises `PayloadLostError` when something named is not there.
    """
    keys = sorted({key for one in stored for key in names_in(one)})
    found: dict[PayloadKey, tuple[bytes, int]] = {}
    if keys:
        cursor = await connection.execute(
            _READ, {"days": [key.day for key in keys], "digests": [key.digest for key in keys]}
        )
        for day, digest, size, data in await cursor.fetchall():
            found[PayloadKey(day, bytes(digest))] = (bytes(data), size)

    def load(key: PayloadKey) -> Any:
        if key not in found:
            raise PayloadLostError(key)
        return opened(*found[key])

    return [unpack(one, load) for one in stored]
