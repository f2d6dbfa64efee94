"""`prestashop.resource.*`: whatever else the webservice offers, by what a resource says of itself.

Fields, their kinds and what may be written come from `?schema=synopsis`. Secrets of a shop stay in
it: such fields are neither read nor written here.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from connectors.prestashop.actions.search import search
from connectors.prestashop.actions.upsert import (
    Target,
    compared,
    create,
    probe,
    result,
    update,
)
from connectors.prestashop.client import ShopClient, Synopsis, clean_id, exact
from connectors.prestashop.nouns import Noun, NounField
from connectors.prestashop.reference import Reference
from connectors.prestashop.resource_input import checked_fields, is_secret
from connectors.prestashop.transforms import Row, id_text, text
from connectors.sdk.compare import compare_field
from connectors.sdk.errors import NotFoundError, RejectedError
from connectors.sdk.operation import Operation, OperationContext, OperationResult, ProbeResult
from connectors.sdk.readback import read_back
from connectors.sdk.receipt import FieldResult, Receipt

_NAME: Final = re.compile(r"[a-z][a-z_]{1,59}")
_SETTINGS: Final = frozenset({"configurations", "translated_configurations"})
# Days stay days, and other dates as the shop writes them: only these are surely whole times.
_TIMES: Final = frozenset({"date_add", "date_upd"})
# Spelt otherwise by the shop (7.500 for 7.5): a filter might not find them again.
_NO_KEY: Final = frozenset({"lang", "money", "time"})


async def get_record(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """One record by id. Raises `NotFoundError`."""
    client = ShopClient(ctx)
    noun, _ = await _noun(client, params)
    row = await client.row(noun.resource, _id(params), shape="record")
    return OperationResult(output={"record": await _item(ctx, client, noun, row)})


async def list_records(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """Records by ids or page by page, as the searches of known nouns read them."""
    client = ShopClient(ctx)
    noun, synopsis = await _noun(client, params)
    for name in params.get("filters") or {}:
        field = synopsis.fields.get(name)
        if name != "id" and (field is None or field.computed or is_secret(name)):
            raise RejectedError(
                f"{noun.resource} cannot be filtered by {str(name)[:40]}.",
                code="unknown_field",
                fix="Use a field of the resource that the shop does not compute.",
            )
    found = await search(ctx, params, noun)
    found.output["items"] = [_masked(noun, one) for one in found.output["items"]]
    return found


async def create_record(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """Create it, unless there is one with the same values in the fields that `key` names.

    One that is there is left as it is; the receipt says how it differs.
    """
    client = ShopClient(ctx)
    target = await _new_target(ctx, client, params)
    facts = await Reference(ctx, client).facts()
    found = await target.find()
    if found:
        return _told(result(ctx, target, found[0], facts, action="found"), target)
    return _told(await create(ctx, client, target, facts), target)


async def probe_create(ctx: OperationContext, params: Mapping[str, Any]) -> ProbeResult:
    """Whether a record with the key is there."""
    client = ShopClient(ctx)
    target = await _new_target(ctx, client, params)
    found = await target.find()
    if not found:
        return ProbeResult(happened=False)
    facts = await Reference(ctx, client).facts()
    done = result(ctx, target, found[0], facts, action="created")
    return ProbeResult(happened=True, result=_told(done, target))


async def update_record(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """Change some fields of one record. Raises `NotFoundError`, and `ConflictError` when a value
    of `expected` is no longer there."""
    client = ShopClient(ctx)
    target = await _known_target(ctx, client, params)
    facts = await Reference(ctx, client).facts()
    row = (await target.find())[0]
    return _told(await update(ctx, client, target, row, facts), target)


async def probe_update(ctx: OperationContext, params: Mapping[str, Any]) -> ProbeResult:
    """Whether the record holds what was wanted."""
    return await probe(ctx, await _known_target(ctx, ShopClient(ctx), params))


async def delete_record(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """Delete one record; one that is not there is deleted already.

    Some kinds the shop keeps, marked `deleted` (an address that an order uses, 170).
    """
    client = ShopClient(ctx)
    resource, id_ = _resource(params), _id(params)
    row = await _left(client, resource, id_)
    if row is None or text(row.get("deleted")) == "1":
        return _gone(ctx, resource, id_, row, action="unchanged")
    if ctx.dry_run:
        return OperationResult(
            output={"id": id_, "deleted": True, "kept": None, "changed": True},
            prediction=f"would delete record {id_} of {resource}",
        )
    await client.remove(resource, id_)
    return _gone(
        ctx, resource, id_, await read_back(_left(client, resource, id_)), action="updated"
    )


async def probe_delete(ctx: OperationContext, params: Mapping[str, Any]) -> ProbeResult:
    """Whether the record is gone, or marked deleted."""
    resource, id_ = _resource(params), _id(params)
    row = await _left(ShopClient(ctx), resource, id_)
    if row is not None and text(row.get("deleted")) != "1":
        return ProbeResult(happened=False)
    done = _gone(ctx, resource, id_, row, action="updated")
    return ProbeResult(happened=True, result=done)


async def _left(client: ShopClient, resource: str, id_: str) -> Row | None:
    try:
        return await client.row(resource, id_, shape="record")
    except NotFoundError:
        return None


def _gone(
    ctx: OperationContext, resource: str, id_: str, row: Row | None, *, action: str
) -> OperationResult:
    gone = row is None or text(row.get("deleted")) == "1"
    return OperationResult(
        output={
            "id": id_,
            "deleted": gone,
            "kept": row is not None,
            "changed": action == "updated",
        },
        receipt=Receipt(
            system=ctx.connection.system,
            entity=resource,
            record_id=id_,
            action=action,
            fields=(compare_field("deleted", True, gone),),
        ),
    )


def _resource(params: Mapping[str, Any]) -> str:
    name = str(params["resource"]).strip()
    if not _NAME.fullmatch(name):
        raise RejectedError(
            f"{name[:60]!r} is no name of a resource.",
            code="bad_resource",
            fix="Take it from the shop's webservice page, such as manufacturers.",
        )
    return name


def _id(params: Mapping[str, Any]) -> str:
    return clean_id(params["id"], what="id")


async def _noun(client: ShopClient, params: Mapping[str, Any]) -> tuple[Noun, Synopsis]:
    resource = _resource(params)
    synopsis = await client.synopsis(resource)
    fields = [
        NounField(name=one.name, kind=_kind(one.name, one.kind), filtered=not one.computed)
        for one in synopsis.fields.values()
        if one.name != "id" and not is_secret(one.name)
    ]
    fields += [NounField(name=name, kind="rows") for name in synopsis.associations]
    title = resource.replace("_", " ")
    return (
        Noun(name=synopsis.node, resource=resource, title=title, icon="list", fields=fields),
        synopsis,
    )


def _kind(name: str, kind: str) -> str:
    return "text" if kind == "time" and name not in _TIMES else kind


async def _item(ctx: OperationContext, client: ShopClient, noun: Noun, row: Row) -> dict[str, Any]:
    facts = await Reference(ctx, client).facts()
    return _masked(noun, noun.item(row, zone=facts.zone, language=facts.language))


def _masked(noun: Noun, item: dict[str, Any]) -> dict[str, Any]:
    """A shop keeps passwords among its settings too."""
    if noun.resource in _SETTINGS and is_secret(str(item.get("name"))):
        return {**item, "value": None}
    return item


def _told(done: OperationResult, target: Target) -> OperationResult:
    if done.output["record"] is not None:
        done.output["record"] = _masked(target.noun, done.output["record"])
    return done


async def _known_target(
    ctx: OperationContext, client: ShopClient, params: Mapping[str, Any]
) -> Target:
    noun, synopsis = await _noun(client, params)
    id_ = _id(params)
    wanted, members = await checked_fields(ctx, client, synopsis, noun, params["fields"], new=False)
    expected, _ = await checked_fields(
        ctx, client, synopsis, noun, params.get("expected") or {}, new=False
    )

    async def find() -> Sequence[Row]:
        return [await client.row(noun.resource, id_, shape="record")]

    return Target(
        noun=noun,
        node=synopsis.node,
        key=f"the id {id_}",
        find=find,
        wanted=wanted,
        members=members,
        expected=expected,
    )


async def _new_target(
    ctx: OperationContext, client: ShopClient, params: Mapping[str, Any]
) -> Target:
    noun, synopsis = await _noun(client, params)
    wanted, members = await checked_fields(ctx, client, synopsis, noun, params["fields"], new=True)
    filters = {}
    for name in params["key"]:
        field = synopsis.fields.get(name)
        unfit = field is None or field.computed or field.kind in _NO_KEY
        if name not in wanted or unfit:
            raise RejectedError(
                f"{str(name)[:40]} cannot be the key of a record of {noun.resource}.",
                code="bad_key",
                fix="Name fields that are written and are no texts per language, amounts or times.",
            )
        value = wanted[name]
        filters[name] = exact(str(int(value)) if isinstance(value, bool) else str(value))
    keys = {name: wanted[name] for name in filters}

    async def find() -> Sequence[Row]:
        found = await client.rows(
            noun.resource, shape="record", filters=filters, sort="[id_ASC]", limit="20"
        )
        facts = await Reference(ctx, client).facts()
        named = Target(noun=noun, node=synopsis.node, key="", find=_none, wanted=keys)
        # The database compares without regard to case; a key is exact.
        same = [
            row
            for row in found.rows
            if all(one.result is not FieldResult.DIVERGED for one in compared(named, row, facts))
        ]
        return sorted(same, key=lambda one: int(id_text(one["id"])))

    return Target(
        noun=noun,
        node=synopsis.node,
        key=", ".join(f"{name} {value}" for name, value in keys.items()),
        find=find,
        wanted=wanted,
        members=members,
    )


async def _none() -> Sequence[Row]:
    return ()


RESOURCE = (
    Operation(name="prestashop.resource.get", version=1, run=get_record),
    Operation(name="prestashop.resource.list", version=1, run=list_records),
    Operation(name="prestashop.resource.create", version=1, run=create_record, probe=probe_create),
    Operation(name="prestashop.resource.update", version=1, run=update_record, probe=probe_update),
    Operation(name="prestashop.resource.delete", version=1, run=delete_record, probe=probe_delete),
)
