"""Links on the hot path: who works on one, what was saved about it, and what the inbox got.

A link is worked on under a lease, which the same step of the same run takes again at once; another
one finds it busy. Each save is fenced by the lease and by the version that was read.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, LiteralString
from uuid import UUID

from psycopg.errors import UniqueViolation

from causeway.base.ids import new_id
from connectors.sdk import codec
from flows.store import link_sql as sql
from flows.store.pool import Connection, json_text, pool

LEASE: Final = timedelta(seconds=60)


class LinkBusyError(Exception):
    """Somebody else works on the link now."""


class LinkedOtherwiseError(Exception):
    """Both records are known, each with another partner."""


class LinkTakenError(Exception):
    """The lease was lost: whoever gets this writes no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """The two records of a link as far as they are known: systems, far-side ids ("" unknown)."""

    left_system: str
    right_system: str
    left_id: str = ""
    right_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where links are looked for, and who keeps them."""

    workspace_id: UUID
    environment_id: UUID
    entity: str
    flow_id: UUID | None = None
    node: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenConflict:
    """A conflict that waits for a person, or for what they decided to be carried out."""

    id: UUID
    kind: str
    state: str
    fields: Sequence[Mapping[str, Any]]
    resolutions: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLink:
    """A link under our lease. `rules` lead from fields to winners."""

    id: UUID
    ends: Ends
    state: str
    matching: str
    memory: bytes
    version: int
    conflicts: Sequence[OpenConflict]
    rules: Mapping[str, str]
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What goes into the inbox: `state` is open or told. One that is open takes the place of the
    one that is open already, for there is one question about a record at a time."""

    kind: str
    state: str
    fields: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRow:
    """Proof of one write; columns of flows_receipt."""

    effect_key: str
    node: str
    path: str
    system: str
    entity: str
    record_id: str
    action: str
    verdict: str
    fields: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """All that one save puts down, in one transaction. `counts` are columns of the rollup."""

    ends: Ends
    state: str
    memory: bytes
    hops: int
    label: str = ""
    synced: bool = False
    writes: int = 0
    echoes: int = 0
    entries: Sequence[Entry] = ()
    closed: Mapping[UUID, str] = field(default_factory=dict)  # by id the state it ends in
    kept: Mapping[UUID, Sequence[Mapping[str, Any]]] = field(default_factory=dict)  # what is left
    receipts: Sequence[ReceiptRow] = ()
    run_id: UUID | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


async def find(place: Place, ends: Sequence[Ends]) -> list[dict[str, Any] | None]:
    """The links of these records, one answer each in order, with one query: id, state, both ids.
    A record is found by whichever id is given; the left one goes first."""
    async with (await pool()).connection() as connection:
        cursor = await connection.execute(
            sql.FIND,
            {
                "environment": place.environment_id,
                "entity": place.entity,
                "left_systems": [one.left_system for one in ends],
                "left_ids": [one.left_id for one in ends],
                "right_systems": [one.right_system for one in ends],
                "right_ids": [one.right_id for one in ends],
            },
        )
        found = {row[0]: row for row in await cursor.fetchall()}
    return [
        None
        if (row := found.get(number)) is None
        else {"id": str(row[1]), "state": row[2], "left_id": row[3], "right_id": row[4]}
        for number in range(1, len(ends) + 1)
    ]


async def hold(place: Place, ends: Ends, *, by: str) -> HeldLink:
    """Take the link of these records, made where there is none, under a lease.

    Raises `LinkBusyError` while somebody else holds it, and `LinkedOtherwiseError` when each of the
    two has another partner.
    """
    async with (await pool()).connection() as connection, connection.transaction():
        row = await _taken(connection, place, ends, by)
        if row is None:
            await connection.execute(sql.INSERT, _insert(place, ends))
            row = await _taken(connection, place, ends, by)
        if row is None:
            raise LinkBusyError
        return await _held(connection, place, row, by)


async def look(place: Place, ends: Ends) -> HeldLink | None:
    """The same without taking or making anything; None where there is no link."""
    [found] = await find(place, [ends])
    if found is None:
        return None
    async with (await pool()).connection() as connection:
        row = await (await connection.execute(sql.LOOK, {"id": found["id"]})).fetchone()
        return None if row is None else await _held(connection, place, row, "")


async def _held(connection: Connection, place: Place, row: Any, by: str) -> HeldLink:
    conflicts = await (await connection.execute(sql.OPEN, {"link": row[0]})).fetchall()
    wanted = {"workspace": place.workspace_id, "entity": place.entity}
    rules = await (await connection.execute(sql.RULES, wanted)).fetchall()
    return HeldLink(
        id=row[0],
        ends=Ends(left_system=row[1], left_id=row[2], right_system=row[3], right_id=row[4]),
        state=row[5],
        matching=row[6],
        memory=bytes(row[7]),
        version=row[8],
        conflicts=[
            OpenConflict(id=one[0], kind=one[1], state=one[2], fields=one[3], resolutions=one[4])
            for one in conflicts
        ],
        rules=dict(rules),
        by=by,
    )


async def _taken(connection: Connection, place: Place, ends: Ends, by: str) -> Any:
    """The row under our lease. Of two rows for the two records, an empty one gives way."""
    given = {
        "environment": place.environment_id,
        "entity": place.entity,
        "left_system": ends.left_system,
        "left_id": ends.left_id,
        "right_system": ends.right_system,
        "right_id": ends.right_id,
        "by": by,
        "flow": place.flow_id,
        "node": place.node,
        "lease": LEASE,
    }
    rows = await (await connection.execute(sql.LOCK, given)).fetchall()
    if not rows:
        return None
    if any(not row[2] for row in rows):
        raise LinkBusyError
    keep = rows[0][0]
    for row in rows[1:]:
        if not row[1]:
            raise LinkedOtherwiseError
        await connection.execute(sql.DELETE, {"id": row[0]})
    cursor = await connection.execute(sql.TAKE, {**given, "id": keep})
    return await cursor.fetchone()


def _insert(place: Place, ends: Ends) -> dict[str, Any]:
    return {
        "id": new_id(),
        "workspace": place.workspace_id,
        "environment": place.environment_id,
        "flow": place.flow_id,
        "node": place.node,
        "entity": place.entity,
        "left_system": ends.left_system,
        "left_id": ends.left_id,
        "right_system": ends.right_system,
        "right_id": ends.right_id,
    }


async def release(held: HeldLink) -> None:
    """Let others have it."""
    async with (await pool()).connection() as connection:
        await connection.execute(sql.RELEASE, {"id": held.id, "by": held.by})


async def deleted(place: Place) -> int:
    """How many records of the entity were deleted within this hour."""
    async with (await pool()).connection() as connection:
        wanted = {"environment": place.environment_id, "entity": place.entity}
        row = await (await connection.execute(sql.DELETED, wanted)).fetchone()
    return 0 if row is None else int(row[0])


async def forget(held: HeldLink) -> None:
    """Remove a link that never brought anything together."""
    async with (await pool()).connection() as connection:
        await connection.execute(sql.FORGET, {"id": held.id, "by": held.by})


async def save(place: Place, held: HeldLink, version: int, saving: Saving) -> int:
    """Put it all down, or nothing; the new version. `version` is the one that was read or saved
    last. Raises `LinkTakenError` when the lease was lost or another link has one of the records."""
    try:
        async with (await pool()).connection() as connection, connection.transaction():
            await _write(connection, place, held, version, saving)
    except UniqueViolation as error:
        raise LinkTakenError from error
    return version + 1


async def _write(
    connection: Connection, place: Place, held: HeldLink, version: int, saving: Saving
) -> None:
    cursor = await connection.execute(
        sql.SAVE,
        {
            "id": held.id,
            "by": held.by,
            "version": version,
            "left_id": saving.ends.left_id,
            "right_id": saving.ends.right_id,
            "label": saving.label.replace("\x00", "")[:200],
            "state": saving.state,
            "memory": saving.memory,
            "hops": saving.hops,
            "synced": saving.synced,
            "writes": saving.writes,
            "echoes": saving.echoes,
            "lease": LEASE,
        },
    )
    if cursor.rowcount != 1:
        raise LinkTakenError
    if saving.closed:
        await connection.execute(
            sql.CLOSE, {"ids": list(saving.closed), "states": list(saving.closed.values())}
        )
    for id_, fields in saving.kept.items():
        await connection.execute(sql.KEEP, {"id": id_, "fields": json_text(list(fields))})
    for entry in saving.entries:
        await connection.execute(_how(entry), _entry(place, held, saving, entry))
    if saving.receipts and saving.run_id is not None:
        await connection.execute(sql.RECEIPTS, _receipts(saving))
    if saving.counts:
        await connection.execute(
            sql.ROLL_UP,
            {
                "environment": place.environment_id,
                "entity": place.entity,
                **{name: saving.counts.get(name, 0) for name in sql.COUNTS},
            },
        )


def _how(entry: Entry) -> LiteralString:
    if entry.state == "told":
        return sql.TELL
    return sql.DIVERGE if entry.kind == "diverged" else sql.ASK


def _entry(place: Place, held: HeldLink, saving: Saving, entry: Entry) -> dict[str, Any]:
    fields = list(entry.fields)
    return {
        "id": new_id(),
        "workspace": place.workspace_id,
        "environment": place.environment_id,
        "link": held.id,
        "entity": place.entity,
        "kind": entry.kind,
        "state": entry.state,
        "fields": json_text(fields),
        "run": saving.run_id,
        "by": held.by,
        "digest": hashlib.blake2b(
            codec.canonical([entry.kind, fields]), digest_size=16
        ).hexdigest(),
    }


def _receipts(saving: Saving) -> dict[str, Any]:
    rows = saving.receipts
    return {
        "ids": [new_id() for _ in rows],
        "run": saving.run_id,
        "effect_keys": [one.effect_key for one in rows],
        "nodes": [one.node for one in rows],
        "paths": [one.path.replace("\x00", "") for one in rows],
        "systems": [one.system for one in rows],
        "entities": [one.entity for one in rows],
        "record_ids": [one.record_id for one in rows],
        "actions": [one.action for one in rows],
        "verdicts": [one.verdict for one in rows],
        "fieldss": [json_text(list(one.fields)) for one in rows],
    }
