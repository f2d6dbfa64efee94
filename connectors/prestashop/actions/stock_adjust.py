"""`prestashop.stock.adjust`: so many more or fewer of a product, once.

The webservice knows absolute quantities only (129): a delta is read, added and written. What it
was read as is kept until the outcome is known, so that a lost answer is not added twice.
"""

from collections.abc import Mapping
from typing import Any, Final

from connectors.prestashop.actions.stock import RANGE, same_row, stock_name, stock_row
from connectors.prestashop.client import ShopClient
from connectors.prestashop.transforms import Row, id_text, integer
from connectors.prestashop.wire import wanted_value
from connectors.sdk.compare import compare_field
from connectors.sdk.errors import ConflictError, RejectedError, UncertainError
from connectors.sdk.operation import Operation, OperationContext, OperationResult, ProbeResult
from connectors.sdk.readback import read_back
from connectors.sdk.receipt import Receipt

_BASES: Final = "prestashop.stock_bases"
_MOST_BASES: Final = 1000


async def adjust_stock(ctx: OperationContext, params: Mapping[str, Any]) -> OperationResult:
    """Add the delta to what is there, and read it back.

    With `expected_quantity` it is added only while that is the quantity: then a repeated call,
    also of another process, is told from a new one. Raises `ConflictError` when another quantity
    is there. Between reading and writing the shop may sell: the write then takes that sale back,
    and nothing in the webservice can prevent it.
    """
    client = ShopClient(ctx)
    delta = wanted_value("int", params.get("delta"), name="delta")
    row = await stock_row(client, params)
    base = integer(row["quantity"])
    expected = _expected(params)
    if expected is not None and base != expected:
        raise ConflictError(
            f"The stock of {stock_name(row)} is {base}, not {expected}.",
            code="changed_meanwhile",
            fix="Read the stock again and decide anew.",
            detail={"field": "quantity", "expected": expected, "found": base},
        )
    target = base + delta
    if target not in RANGE:
        raise RejectedError(
            f"{base} and {delta} make {target}, which no shop can hold.", code="bad_quantity"
        )
    if delta == 0:
        return _result(ctx, row, base, delta, action="unchanged")
    if ctx.dry_run:
        return OperationResult(
            output=_output(row, target, base=base, delta=delta, changed=True),
            prediction=f"would set stock of {stock_name(row)} {base} → {target} ({delta:+d})",
        )
    _remember(ctx, base)
    await client.change(
        "stock_availables", "stock_available", id_text(row["id"]), {"quantity": target}, base=row
    )
    after = await read_back(same_row(client, row))
    return _result(ctx, after, base, delta, action="updated")


async def probe_adjustment(ctx: OperationContext, params: Mapping[str, Any]) -> ProbeResult:
    """Whether the quantity is the one from before or the one from after.

    Raises `UncertainError` when it is neither, or when nobody knows from before what: then a
    person has to look.
    """
    row = await stock_row(ShopClient(ctx), params)
    delta = wanted_value("int", params.get("delta"), name="delta")
    known = integer(row["quantity"])
    base = ctx.session.get(_BASES, {}).get(ctx.effect_key, _expected(params))
    if base is not None and known == base + delta:
        return ProbeResult(happened=True, result=_result(ctx, row, base, delta, action="updated"))
    if base is not None and known == base:
        return ProbeResult(happened=False)
    raise UncertainError(
        f"The stock of {stock_name(row)} is {known}; whether {delta:+d} is in it cannot be told.",
        code="delta_unknown",
        fix="Compare with what the shop sold since. Give expected_quantity, or set absolute "
        "quantities, and this question does not arise.",
        detail={"quantity": known, "delta": delta, "before": base},
    )


def _expected(params: Mapping[str, Any]) -> int | None:
    value = params.get("expected_quantity")
    if value in (None, ""):
        return None
    return int(wanted_value("int", value, name="expected_quantity"))


def _remember(ctx: OperationContext, base: int) -> None:
    bases: dict[str, int] = ctx.session.setdefault(_BASES, {})
    while len(bases) >= _MOST_BASES:
        bases.pop(next(iter(bases)))
    bases[ctx.effect_key] = base


def _output(row: Row, quantity: int, *, base: int, delta: int, changed: bool) -> dict[str, Any]:
    return {
        "stock_available_id": id_text(row["id"]),
        "product_id": id_text(row["id_product"]),
        "combination_id": id_text(row["id_product_attribute"]),
        "quantity": quantity,
        "previous_quantity": base,
        "delta": delta,
        "changed": changed,
    }


def _result(
    ctx: OperationContext, row: Row, base: int, delta: int, *, action: str
) -> OperationResult:
    there = integer(row["quantity"])
    return OperationResult(
        output=_output(row, there, base=base, delta=delta, changed=action == "updated"),
        receipt=Receipt(
            system=ctx.connection.system,
            entity="stock_available",
            record_id=id_text(row["id"]),
            action=action,
            fields=(compare_field("quantity", base + delta, there),),
        ),
    )


ADJUST_STOCK = Operation(
    name="prestashop.stock.adjust", version=1, run=adjust_stock, probe=probe_adjustment
)
