"""`prestashop.address.upsert`: an address of a customer, known by what it says."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from connectors.prestashop.actions.upsert import Target, compared, probe, update, upsert
from connectors.prestashop.client import ShopClient, clean_id
from connectors.prestashop.nouns import BY_NAME
from connectors.prestashop.reference import Reference
from connectors.prestashop.transforms import Row, id_text, text
from connectors.sdk.errors import FarSideError, NotFoundError, RejectedError
from connectors.sdk.operation import Operation, OperationContext, OperationResult, ProbeResult
from connectors.sdk.receipt import FieldResult

_NOUN: Final = BY_NAME["address"]
# What an address says; its alias is only what its owner calls it.
CONTENT: Final = (
    "company",
    "firstname",
    "lastname",
    "address1",
    "address2",
    "postcode",
    "city",
    "other",
    "phone",
    "phone_mobile",
    "vat_number",
    "dni",
)
_ALIAS: Final = "Address"


async def upsert_address(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """Find the customer's address that says the same, or create it.

    `address_id` names the one it takes the place of: that one is changed in place, unless an
    order uses it. Then a new one is made and the old one is taken out of the customer's book
    (`deleted`), as the shop front does it: by the webservice an edit in place would rewrite the
    address of old orders.
    """
    client = ShopClient(ctx)
    target = await _target(ctx, client, params)
    old_id = params.get("address_id")
    if old_id in (None, "", 0, "0"):
        return await upsert(ctx, target)
    old = await client.row("addresses", clean_id(old_id, what="address_id"), shape="record")
    old_id = id_text(old["id"])
    if id_text(old.get("id_customer")) != target.new["id_customer"]:
        raise RejectedError(
            f"Address {old_id} belongs to another customer.",
            code="other_customer",
            fix="Map the address and the customer from the same record.",
        )
    if not await target.find() and not await _is_used(client, old_id):
        facts = await Reference(ctx, client).facts()
        return await update(ctx, client, target, old, facts)
    made = await upsert(ctx, target)
    if made.output["id"] == old_id or text(old.get("deleted")) == "1":
        return made
    if ctx.dry_run:
        told = f"{made.prediction or 'would use the address that is there'}; then retire {old_id}"
        return OperationResult(output=made.output, prediction=told)
    await _retire(client, old)
    made.output["replaced_id"] = old_id
    return made


async def probe_address(ctx: OperationContext, params: Mapping[str, Any]) -> ProbeResult:
    """Whether the customer has an address that says this, and the old one is out of the way."""
    client = ShopClient(ctx)
    target = await _target(ctx, client, params)
    done = await probe(ctx, target)
    old_id = params.get("address_id")
    if not done.happened or done.result is None or old_id in (None, "", 0, "0"):
        return done
    if str(done.result.output["id"]) == str(old_id):
        return done
    try:
        old = await client.row("addresses", str(old_id), shape="record")
    except NotFoundError:
        return done
    return done if text(old.get("deleted")) == "1" else ProbeResult(happened=False)


async def _retire(client: ShopClient, old: Row) -> None:
    """Take it out of the customer's book; one that is left there for now harms nothing."""
    try:
        await client.change("addresses", "address", id_text(old["id"]), {"deleted": "1"}, base=old)
    except FarSideError as error:
        error.detail["new_address"] = "written before the old one was refused"
        raise


async def _is_used(client: ShopClient, id_: str) -> bool:
    for name in ("id_address_delivery", "id_address_invoice"):
        found = await client.rows(
            "orders", shape="record", display="[id]", filters={name: f"[{id_}]"}, limit="1"
        )
        if found.rows:
            return True
    return False


async def _target(ctx: OperationContext, client: ShopClient, params: Mapping[str, Any]) -> Target:
    customer = clean_id(params["customer_id"], what="customer_id")
    reference = Reference(ctx, client)
    facts = await reference.facts()
    country, state = await _place(reference, params)
    wanted = {name: str(params.get(name) or "").strip() for name in CONTENT}
    wanted |= {"id_country": country, "id_state": state}
    target = Target(
        noun=_NOUN,
        node="address",
        key=f"this content for customer {customer}",
        find=_nothing,
        wanted=wanted,
        alike=_alike,
        new={
            "id_customer": customer,
            "alias": str(params.get("alias") or "").strip()[:32] or _ALIAS,
        },
    )

    async def find() -> Sequence[Row]:
        found = await client.rows(
            "addresses", filters={"id_customer": f"[{customer}]", "deleted": "[0]"}
        )
        same = [
            row
            for row in found.rows
            if all(one.result is not FieldResult.DIVERGED for one in compared(target, row, facts))
        ]
        return sorted(same, key=lambda one: int(id_text(one["id"])))

    return replace(target, find=find)


async def _nothing() -> Sequence[Row]:
    return ()


def _alike(wanted: Any, there: Any) -> bool:
    """White space aside, and capitals too: shops and modules write cities in capitals."""
    return _plain(wanted) == _plain(there)


def _plain(value: Any) -> str:
    return " ".join(str(value or "").split()).casefold()


async def _place(reference: Reference, params: Mapping[str, Any]) -> tuple[str, str]:
    """Ids of country and state. Raises `RejectedError` for codes that the shop lacks."""
    iso = str(params["country_iso"]).strip().upper()
    country = await reference.named("countries", iso_code=iso)
    if country is None:
        raise RejectedError(
            f"The shop has no country {iso[:20]!r}.",
            code="unknown_country",
            fix="Map the two letters of ISO 3166, and add the country in the shop.",
        )
    code = str(params.get("state_iso") or "").strip()
    if not code:
        return id_text(country["id"]), "0"
    state = await reference.named("states", id_country=id_text(country["id"]), iso_code=code)
    if state is None:
        raise RejectedError(
            f"The shop has no state {code[:20]!r} in {iso}.",
            code="unknown_state",
            fix="Map the state's code as the shop writes it, such as ES-M.",
        )
    return id_text(country["id"]), id_text(state["id"])


UPSERT_ADDRESS = Operation(
    name="prestashop.address.upsert", version=1, run=upsert_address, probe=probe_address
)
