"""Writing a record under its natural key: looked up, created or changed, looked up again.

The look-up is what makes it happen once: a repeated call finds what the lost one wrote. Only
fields that differ are sent, and they are read back.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.prestashop.client import Members, ShopClient
from connectors.prestashop.nouns import Noun
from connectors.prestashop.reference import Reference, ShopFacts
from connectors.prestashop.transforms import Row, id_text, text
from connectors.prestashop.wire import held, languages_of, wire
from connectors.sdk.compare import compare_field
from connectors.sdk.errors import ConflictError, UncertainError
from connectors.sdk.operation import OperationContext, OperationResult, ProbeResult
from connectors.sdk.readback import read_back
from connectors.sdk.receipt import FieldReceipt, FieldResult, Receipt

Find = Callable[[], Awaitable[Sequence[Row]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One record that should be so.

    `key` says to people by what it is known. `find` gives the rows that it may be, the best
    first. `wanted` are canonical values by field (a translated one by language id): what is
    owned, and nothing else; so are `members`, its associations. `new` goes with them
    into a new record only, and so does what `complete` looks up in the shop, `Members` among it.
    `expected` are values that must still be there before a change.
    `alike` calls values the same that are not equal (capitals).
    """

    noun: Noun
    node: str
    key: str
    find: Find
    wanted: Mapping[str, Any]
    new: Mapping[str, Any] = field(default_factory=dict)
    members: Mapping[str, Members] = field(default_factory=dict)
    complete: Callable[[], Awaitable[Mapping[str, Any]]] | None = None
    expected: Mapping[str, Any] = field(default_factory=dict)
    alike: Callable[[Any, Any], bool] | None = None


async def upsert(ctx: OperationContext, target: Target) -> OperationResult:
    """Make it so. Raises `ConflictError` when `expected` no longer holds, and what the shop says
    to its values."""
    client = ShopClient(ctx)
    facts = await Reference(ctx, client).facts()
    found = await target.find()
    if found:
        return await update(ctx, client, target, found[0], facts)
    return await create(ctx, client, target, facts)


async def create(
    ctx: OperationContext, client: ShopClient, target: Target, facts: ShopFacts
) -> OperationResult:
    """Write a new record, and look it up."""
    if ctx.dry_run:
        return OperationResult(
            output=_output(target, None, facts, action="created"),
            prediction=f"would create {target.noun.name} with {target.key}",
        )
    try:
        echo = await client.create(target.noun.resource, target.node, await _new(ctx, target))
    except ConflictError:
        # Somebody created it since it was looked up.
        found = await target.find()
        if not found:
            raise
        return await update(ctx, client, target, found[0], facts)
    made = id_text(echo.get("id"))
    rows = await read_back(target.find())
    row = next((one for one in rows if id_text(one["id"]) == made), None)
    if row is None:
        if made == "0":
            raise UncertainError(
                f"The shop took the new {target.noun.name}; it is not found by {target.key}.",
                code="unverified",
            )
        row = await read_back(client.row(target.noun.resource, made, shape="record"))
    twins = [id_text(one["id"]) for one in rows if id_text(one["id"]) != made]
    return result(ctx, target, row, facts, action="created", duplicates=twins)


async def update(
    ctx: OperationContext, client: ShopClient, target: Target, row: Row, facts: ShopFacts
) -> OperationResult:
    """Send what differs in a record that is there, and read it back."""
    id_ = id_text(row["id"])
    _hold(target, row, facts)
    differing = {
        name: value
        for name, value in target.wanted.items()
        if _differs(_compare(target, name, value, row, facts))
    }
    members = {
        name: value
        for name, value in target.members.items()
        if _differs([_compare_members(name, value, row)])
    }
    if not differing and not members:
        return result(ctx, target, row, facts, action="unchanged")
    if ctx.dry_run:
        names = ", ".join((*differing, *members))
        return OperationResult(
            output=_output(target, row, facts, action="updated"),
            prediction=f"would change {names} of {target.noun.name} {id_}",
        )
    sent = {
        name: wire(target.noun.kind(name), value, row.get(name), facts)
        for name, value in differing.items()
    }
    await client.change(target.noun.resource, target.node, id_, {**sent, **members}, base=row)
    after = await read_back(client.row(target.noun.resource, id_, shape="record"))
    return result(ctx, target, after, facts, action="updated")


async def probe(ctx: OperationContext, target: Target) -> ProbeResult:
    """Whether a record under the key holds all that was wanted."""
    facts = await Reference(ctx, ShopClient(ctx)).facts()
    for row in await target.find():
        if not _differs(compared(target, row, facts)):
            done = result(ctx, target, row, facts, action="updated")
            return ProbeResult(happened=True, result=done)
    return ProbeResult(happened=False)


def _hold(target: Target, row: Row, facts: ShopFacts) -> None:
    for name, value in target.expected.items():
        if name in target.wanted and not _differs(
            _compare(target, name, target.wanted[name], row, facts)
        ):
            # It is as it should be: a repeated call finds its own change.
            continue
        if _differs(_compare(target, name, value, row, facts)):
            raise ConflictError(
                f"{name} of {target.noun.name} {id_text(row['id'])} is not what it was taken for.",
                code="changed_meanwhile",
                fix="Read the record again and decide anew.",
                detail={"field": name},
            )


def compared(target: Target, row: Row, facts: ShopFacts) -> list[FieldReceipt]:
    """Each wanted field held against a row, a translated one in each of its languages."""
    fields = [
        one
        for name, value in target.wanted.items()
        for one in _compare(target, name, value, row, facts)
    ]
    return fields + [_compare_members(name, value, row) for name, value in target.members.items()]


def _compare(
    target: Target, name: str, value: Any, row: Row, facts: ShopFacts
) -> list[FieldReceipt]:
    kind = target.noun.kind(name)
    there = held(kind, row.get(name), facts)
    if kind == "lang":
        return [
            compare_field(f"{name}[{language}]", words, there.get(language), text_only=True)
            for language, words in value.items()
        ]
    found = compare_field(name, value, there, text_only=kind in ("text", "id"))
    if found.result is FieldResult.DIVERGED and target.alike and target.alike(value, there):
        found = replace(found, result=FieldResult.ABSORBED, note="capitals or white space")
    return [found]


def _compare_members(name: str, members: Members, row: Row) -> FieldReceipt:
    """An association by the fields that are written; their order says nothing."""
    nested = row.get("associations")
    rows = nested.get(name) if isinstance(nested, Mapping) else None
    fields = sorted({field for one in members.rows for field in one}) or ["id"]

    def plain(given: Any) -> list[dict[str, str]]:
        members = given if isinstance(given, Sequence) and not isinstance(given, str) else ()
        found = [{field: text(one.get(field)) for field in fields} for one in members]
        return sorted(found, key=lambda one: [one[field] for field in fields])

    return compare_field(name, plain(members.rows), plain(rows))


def _differs(fields: Sequence[FieldReceipt]) -> bool:
    return any(one.result is FieldResult.DIVERGED for one in fields)


async def _new(ctx: OperationContext, target: Target) -> dict[str, Any]:
    reference = Reference(ctx, ShopClient(ctx))
    facts = await reference.facts()
    fields: dict[str, Any] = {}
    found = await target.complete() if target.complete is not None else {}
    for name, value in {**found, **target.new, **target.wanted}.items():
        if isinstance(value, Members):
            fields[name] = value
            continue
        kind = target.noun.kind(name)
        if kind == "lang":
            # A new record says something in every language of the shop.
            known = await reference.table("languages")
            fields[name] = languages_of(value, known, facts)
        else:
            fields[name] = wire(kind, value, None, facts)
    return {**fields, **target.members}


def result(
    ctx: OperationContext,
    target: Target,
    row: Row,
    facts: ShopFacts,
    *,
    action: str,
    duplicates: Sequence[str] = (),
) -> OperationResult:
    """What is there now, with the receipt of the wanted fields."""
    return OperationResult(
        output=_output(target, row, facts, action=action, duplicates=duplicates),
        receipt=Receipt(
            system=ctx.connection.system,
            entity=target.noun.name,
            record_id=id_text(row["id"]),
            action=action,
            fields=tuple(compared(target, row, facts)),
        ),
    )


def _output(
    target: Target,
    row: Row | None,
    facts: ShopFacts,
    *,
    action: str,
    duplicates: Sequence[str] = (),
) -> dict[str, Any]:
    record = target.noun.item(row, zone=facts.zone, language=facts.language) if row else None
    return {
        "id": record["id"] if record else None,
        "action": action,
        "changed": action != "unchanged",
        "duplicate_ids": list(duplicates),
        "record": record,
    }
