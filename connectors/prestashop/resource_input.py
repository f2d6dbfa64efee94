"""What a person or a flow wants to write into any resource, held against its synopsis."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from connectors.prestashop.client import Members, ShopClient, Synopsis, SynopsisField
from connectors.prestashop.nouns import Noun
from connectors.prestashop.reference import Reference
from connectors.prestashop.wire import translations, wanted_value
from connectors.sdk.errors import RejectedError
from connectors.sdk.operation import OperationContext

_SECRET = re.compile(r"passw|secure_key|secret|token|ws_key|api_?key|private_key|cookie_key", re.I)


def is_secret(name: str) -> bool:
    """Whether a field or setting of this name sounds like what no flow should see."""
    return _SECRET.search(name) is not None


async def checked_fields(
    ctx: OperationContext,
    client: ShopClient,
    synopsis: Synopsis,
    noun: Noun,
    given: Mapping[str, Any],
    *,
    new: bool,
) -> tuple[dict[str, Any], dict[str, Members]]:
    """Canonical values by field, and associations.

    Raises `RejectedError` that names the field: unknown, read-only, secret, too long, of another
    kind, or (of a new record) missing.
    """
    wanted: dict[str, Any] = {}
    members: dict[str, Members] = {}
    for name, value in given.items():
        if name in synopsis.associations:
            members[name] = _members(synopsis, name, value)
            continue
        field = synopsis.fields.get(name)
        if field is None:
            raise _refused(noun, name, "unknown_field", "is no field", fix=_near(synopsis, name))
        if is_secret(name):
            raise _refused(noun, name, "secret_field", "is a secret of the shop")
        if field.read_only:
            raise _refused(noun, name, "read_only", "is computed or kept by the shop")
        wanted[name] = await _value(ctx, client, noun, field, value)
        _fits(noun, field, wanted[name])
    missing = sorted(
        one.name
        for one in synopsis.fields.values()
        if new and one.required and wanted.get(one.name) in (None, "")
    )
    if missing:
        raise RejectedError(
            f"A new record of {noun.resource} needs {', '.join(missing)}.",
            code="field_missing",
            fix="Accounts are made by prestashop.customer.upsert, messages by order.add_message."
            if any(is_secret(one) for one in missing)
            else "",
            detail={"fields": missing},
        )
    return wanted, members


async def _value(
    ctx: OperationContext, client: ShopClient, noun: Noun, field: SynopsisField, value: Any
) -> Any:
    kind = noun.kind(field.name)
    if kind == "lang":
        reference = Reference(ctx, client)
        known = await reference.table("languages") if isinstance(value, list) else {}
        return translations(value, known, await reference.facts(), name=field.name)
    if isinstance(value, list | dict):
        raise _refused(noun, field.name, "wrong_kind", "holds one value, not a list or object")
    return wanted_value(kind, value, name=field.name)


def _fits(noun: Noun, field: SynopsisField, value: Any) -> None:
    texts = value.values() if isinstance(value, Mapping) else [value]
    longest = max((len(one) for one in texts if isinstance(one, str)), default=0)
    if field.max_size and longest > field.max_size:
        raise _refused(
            noun,
            field.name,
            "too_long",
            f"has {longest} characters where the shop takes {field.max_size}",
            fix="Shorten it in the flow's map.",
        )


def _members(synopsis: Synopsis, name: str, value: Any) -> Members:
    node, names = synopsis.associations[name]
    rows = value if isinstance(value, list) else [value]
    for row in rows:
        unknown = sorted(set(row) - set(names)) if isinstance(row, Mapping) else ["?"]
        if unknown:
            raise RejectedError(
                f"A member of {name} has the fields {', '.join(names)}; given: {unknown[0]}.",
                code="unknown_field",
                detail={"field": name},
            )
    return Members(node=node, rows=rows)


def _refused(noun: Noun, name: str, code: str, why: str, *, fix: str = "") -> RejectedError:
    return RejectedError(
        f"{str(name)[:60]} of {noun.resource} {why}.", code=code, fix=fix, detail={"field": name}
    )


def _near(synopsis: Synopsis, name: str) -> str:
    known = [*synopsis.fields, *synopsis.associations]
    near = get_close_matches(name, known, n=1)
    return f"Did you mean {near[0]}?" if near else f"It has {', '.join(known)[:300]}."
