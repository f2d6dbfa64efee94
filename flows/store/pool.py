"""Database connections of the hot path: one pool for each event loop of a process."""

import asyncio
import weakref
from typing import Any, Final

import psycopg
from django.conf import settings
from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg.types.json import set_json_loads
from psycopg_pool import AsyncConnectionPool

from connectors.sdk import codec

Connection = AsyncConnection[TupleRow]


class Pool(AsyncConnectionPool[Connection]):
    """One broken connection is rarely alone: when one comes back broken, the others are looked
    at before somebody gets them. Otherwise each of them costs one more failed attempt."""

    async def putconn(self, conn: Connection) -> None:
        broken = conn.closed
        await super().putconn(conn)
        if broken and not self.closed:
            await self.check()


# What says that the database is away, restarts or gave up on us, and has nothing against the
# data. Some of that is filed under InternalError. `PoolTimeout` is an OperationalError.
AWAY: Final = (
    psycopg.OperationalError,
    psycopg.errors.IdleInTransactionSessionTimeout,
    psycopg.errors.ReadOnlySqlTransaction,
)
MOST: Final = 8
# A frozen process must not sit on row locks or on the claim lock for ever.
_SESSION: Final = (
    "SET idle_in_transaction_session_timeout = '10s'",
    "SET statement_timeout = '60s'",
    "SET application_name = 'causeway-hot'",
    "SET plan_cache_mode = 'force_generic_plan'",
    # A plan that was made while a table was empty stays until the table is analysed, and for an
    # empty table reading all of it looks cheapest. Each statement here reads few rows through an
    # index made for it, in the index's order: no other way may be taken where there is one.
    "SET enable_seqscan = off",
    "SET enable_bitmapscan = off",
    "SET enable_hashjoin = off",
    "SET enable_mergejoin = off",
)
_pools: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Pool]" = weakref.WeakKeyDictionary()


async def _configure(connection: Connection) -> None:
    set_json_loads(codec.loads, connection)
    for statement in _SESSION:
        await connection.execute(statement)


async def pool() -> Pool:
    """The pool of the running loop; opened at the first call. Connections are in autocommit.

    Raises `psycopg_pool.PoolTimeout` from its `connection()` when the database stays away.
    """
    loop = asyncio.get_running_loop()
    found = _pools.get(loop)
    if found is None:
        found = Pool(
            settings.CAUSEWAY.database_url,
            connection_class=Connection,
            kwargs={"autocommit": True},
            configure=_configure,
            min_size=1,
            max_size=MOST,
            timeout=10,
            open=False,
            name="causeway-hot",
        )
        _pools[loop] = found
        await found.open()
    return found


async def close() -> None:
    """Close the pool of the running loop, if it has one."""
    found = _pools.pop(asyncio.get_running_loop(), None)
    if found is not None:
        await found.close()


def json_text(value: Any, encoded: bytes | None = None) -> str:
    """JSON as PostgreSQL's `jsonb` accepts it: text with U+0000, which it refuses, loses it.
    `encoded` is the value as `codec.dumps` gave it, where that is known.

    Raises `TypeError` for what is not JSON.
    """
    data = codec.dumps(value) if encoded is None else encoded
    if b"\\u0000" in data:
        data = codec.dumps(_without_nul(value))
    return data.decode()


def _without_nul(value: Any) -> Any:
    match value:
        case str():
            return value.replace("\x00", "\ufffd")
        case dict():
            return {_without_nul(key): _without_nul(one) for key, one in value.items()}
        case list() | tuple():
            return [_without_nul(one) for one in value]
        case _:
            return value
