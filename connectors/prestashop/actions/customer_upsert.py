"""`prestashop.customer.upsert`: a customer, known by e-mail."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

from connectors.prestashop.actions.upsert import Target, probe, upsert
from connectors.prestashop.client import Members, ShopClient, exact
from connectors.prestashop.nouns import BY_NAME
from connectors.prestashop.reference import Reference
from connectors.prestashop.transforms import Row, flag, id_text
from connectors.prestashop.wire import wanted_value
from connectors.sdk.errors import RejectedError
from connectors.sdk.operation import Operation, OperationContext, OperationResult, ProbeResult

_NOUN: Final = BY_NAME["customer"]
# Params of these names are fields of the same name.
OWNED: Final = (
    "firstname",
    "lastname",
    "company",
    "siret",
    "birthday",
    "website",
    "note",
    "id_lang",
    "id_default_group",
    "active",
    "newsletter",
    "optin",
)
_USUAL_GROUP: Final = "3"


async def upsert_customer(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """Create the customer, or change what is given and differs.

    Accounts only: guests, of whom a shop may have many with one address, are left alone. A new
    account gets a random password that nobody knows: its owner asks the shop for one of theirs.
    """
    return await upsert(ctx, await _target(ctx, params))


async def probe_customer(ctx: OperationContext, params: Mapping[str, Any]) -> ProbeResult:
    """Whether an account with this e-mail holds what was wanted."""
    return await probe(ctx, await _target(ctx, params))


async def _target(ctx: OperationContext, params: Mapping[str, Any]) -> Target:
    client = ShopClient(ctx)
    email = str(params["email"]).strip()
    if not email:
        raise RejectedError("The e-mail is empty.", code="no_email", fix="Map the e-mail.")
    asked = exact(email)
    reference = Reference(ctx, client)
    facts = await reference.facts()
    wanted = {
        name: wanted_value(_NOUN.kind(name), params[name], name=name)
        for name in OWNED
        if params.get(name) is not None
    }

    async def complete() -> Mapping[str, Any]:
        group = wanted.get("id_default_group") or (
            await reference.configuration("PS_CUSTOMER_GROUP") or _USUAL_GROUP
        )
        return {
            "id_default_group": group,
            "groups": Members(node="group", rows=[{"id": group}]),
        }

    async def find() -> Sequence[Row]:
        found = await client.rows("customers", filters={"email": asked})
        accounts = [
            one for one in found.rows if not flag(one["is_guest"]) and not flag(one["deleted"])
        ]
        return sorted(accounts, key=lambda one: int(id_text(one["id"])))

    return Target(
        noun=_NOUN,
        node="customer",
        key=f"the e-mail {email}",
        find=find,
        wanted=wanted,
        new={
            "email": email,
            "passwd": secrets.token_urlsafe(24),
            "id_lang": facts.language,
            "active": True,
        },
        complete=complete,
    )


UPSERT_CUSTOMER = Operation(
    name="prestashop.customer.upsert", version=1, run=upsert_customer, probe=probe_customer
)
