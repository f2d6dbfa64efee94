"""From the webservice's rows to Causeway's canonical shapes, and back. Pure.

Ids become text, money Decimal, local times aware UTC, flags bool, whichever version sent them.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from connectors.sdk.errors import ContractError

_MONEY = (
    "total_paid",
    "total_paid_tax_incl",
    "total_paid_tax_excl",
    "total_paid_real",
    "total_products",
    "total_products_wt",
    "total_shipping",
    "total_shipping_tax_incl",
    "total_shipping_tax_excl",
    "total_discounts",
    "total_discounts_tax_incl",
    "total_discounts_tax_excl",
)
_ADDRESS = (
    "alias",
    "company",
    "firstname",
    "lastname",
    "address1",
    "address2",
    "postcode",
    "city",
)
# No shop counts or charges in more; a number of a billion digits would fill the memory.
_MAX_DIGITS = 60
Row = Mapping[str, Any]


def id_text(value: Any) -> str:
    """An id as text; "0" stands for none. 9.1 sends numbers, 8.2 text."""
    if value in (None, False, ""):
        return "0"
    return str(value)


def decimal(value: Any, *, field: str = "amount") -> Decimal:
    """An amount, with at least two decimals ("60.670000" becomes 60.67). `false` and "" are 0.

    Raises `ContractError` for what is no number.
    """
    if value in (None, False, ""):
        return Decimal("0.00")
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > _MAX_DIGITS:
        raise ContractError(
            f"The shop sent no number in {field}.",
            code="not_a_number",
            detail={"expected": "a decimal number", "received": str(value)[:60]},
        )
    # Not quantize(): it refuses what has more digits than the context's precision.
    places = -int(number.as_tuple().exponent)
    digits = f"{number:f}"
    if places > 2:
        whole, _, fraction = digits.partition(".")
        digits = f"{whole}.{fraction.rstrip('0').ljust(2, '0')}"
    elif places < 2:
        whole, _, fraction = digits.partition(".")
        digits = f"{whole}.{fraction.ljust(2, '0')}"
    return Decimal(digits)


def integer(value: Any, *, field: str = "quantity") -> int:
    """A whole number from a number or text. Raises `ContractError`."""
    number = decimal(value, field=field)
    if number != number.to_integral_value():
        raise ContractError(
            f"The shop sent no whole number in {field}.",
            code="not_a_number",
            detail={"expected": "a whole number", "received": str(value)[:60]},
        )
    return int(number)


def flag(value: Any) -> bool:
    """A flag from "1", 1, true and their opposites; "" is false."""
    return str(value).lower() in ("1", "true")


def text(value: Any) -> str:
    """A text field; the shop's null and false are empty."""
    return "" if value in (None, False) else str(value)


def translated(value: Any, language: str) -> str:
    """A translated field in one language (an id), else in the first that is not empty.

    The shop sends a list of `{"id","value"}`, or plain text when it has one language only.
    """
    if not isinstance(value, list):
        return text(value)
    by_language = {
        id_text(one.get("id")): text(one.get("value")) for one in value if isinstance(one, Mapping)
    }
    wanted = by_language.get(language, "")
    return wanted or next((one for one in by_language.values() if one), "")


def texts(value: Any, language: str) -> list[dict[str, str]]:
    """A translated field in all its languages, `[{"language","value"}]`.

    Plain text, which a shop with one language sends, is in `language`.
    """
    if not isinstance(value, list):
        return [{"language": language, "value": text(value)}]
    return [
        {"language": id_text(one.get("id")), "value": text(one.get("value"))}
        for one in value
        if isinstance(one, Mapping)
    ]


def instant(value: Any, zone: ZoneInfo) -> datetime | None:
    """A shop's local time as aware UTC; the null date `0000-00-00 00:00:00` as None.

    In the repeated hour at the end of summer time the first of the two is meant: the shop does
    not say which. Raises `ContractError` for other texts.
    """
    raw = text(value)
    if not raw or raw.startswith("0000-00-00"):
        return None
    try:
        local = datetime.strptime(raw, "%Y-%m-%d %H:%M:%S").replace(tzinfo=zone)
    except ValueError as error:
        raise ContractError(
            "The shop sent a date that is none.",
            code="not_a_date",
            detail={"expected": "YYYY-MM-DD HH:MM:SS", "received": raw[:40]},
        ) from error
    return local.astimezone(UTC)


def iso(moment: datetime | None) -> str | None:
    """An instant as ISO 8601 with Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None


def local_text(moment: datetime, zone: ZoneInfo) -> str:
    """An instant as the shop writes it."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def order_output(row: Row, zone: ZoneInfo) -> dict[str, Any]:
    """The order, without `secure_key` and what no flow needs."""
    # PHP writes an empty object as an empty list.
    associations = row.get("associations") or {}
    lines = (associations.get("order_rows") if isinstance(associations, Mapping) else None) or []
    return {
        "id": id_text(row["id"]),
        "reference": text(row["reference"]),
        "current_state": id_text(row["current_state"]),
        "valid": flag(row["valid"]),
        "date_add": iso(instant(row["date_add"], zone)),
        "date_upd": iso(instant(row["date_upd"], zone)),
        "payment": text(row["payment"]),
        **{name: decimal(row[name], field=name) for name in _MONEY},
        "note": text(row.get("note")),
        "gift_message": text(row.get("gift_message")),
        "lines": [_line(one) for one in lines],
    }


def _line(row: Row) -> dict[str, Any]:
    return {
        "id": id_text(row["id"]),
        "product_id": id_text(row["product_id"]),
        "product_attribute_id": id_text(row["product_attribute_id"]),
        "quantity": integer(row["product_quantity"], field="product_quantity"),
        "name": text(row["product_name"]),
        "reference": text(row["product_reference"]),
        "ean13": text(row.get("product_ean13")),
        "unit_price_tax_incl": decimal(row["unit_price_tax_incl"], field="unit_price_tax_incl"),
        "unit_price_tax_excl": decimal(row["unit_price_tax_excl"], field="unit_price_tax_excl"),
    }


def state_output(id_: str, row: Row | None, language: str) -> dict[str, Any]:
    """An order state; of one that is no longer in the shop only the id."""
    if row is None:
        return {"id": id_, "name": None, "paid": None, "shipped": None}
    return {
        "id": id_,
        "name": translated(row["name"], language),
        "paid": flag(row["paid"]),
        "shipped": flag(row["shipped"]),
    }


def customer_output(row: Row | None) -> dict[str, Any]:
    """The customer, without `passwd`, `secure_key` and what no flow needs; nulls for none."""
    names = ("firstname", "lastname", "email", "company")
    if row is None:
        return dict.fromkeys(("id", *names))
    return {"id": id_text(row["id"]), **{name: text(row[name]) for name in names}}


def address_output(
    row: Row | None, country: Row | None, state: Row | None, language: str
) -> dict[str, Any]:
    """An address with its country and state resolved; nulls for none (nothing to deliver)."""
    names = ("id", *_ADDRESS, "state_iso", "country_iso", "country_name", "phone", "phone_mobile")
    if row is None:
        return dict.fromkeys(names)
    return {
        "id": id_text(row["id"]),
        **{name: text(row.get(name)) for name in _ADDRESS},
        "state_iso": text(state["iso_code"]) if state else None,
        "country_iso": text(country["iso_code"]) if country else None,
        "country_name": translated(country["name"], language) if country else None,
        "phone": text(row.get("phone")),
        "phone_mobile": text(row.get("phone_mobile")),
    }


def carrier_output(row: Row | None) -> dict[str, Any]:
    """The carrier; nulls for an order that is not shipped. The name "0" means the shop's own."""
    if row is None:
        return {"id": None, "name": None}
    return {"id": id_text(row["id"]), "name": text(row["name"])}


def history_output(
    row: Row, states: Mapping[str, Row | None], zone: ZoneInfo, language: str
) -> dict[str, Any]:
    """One change of an order's state, with the state's name as it is called now."""
    state_id = id_text(row["id_order_state"])
    return {
        "id": id_text(row["id"]),
        "state_id": state_id,
        "state_name": state_output(state_id, states.get(state_id), language)["name"],
        "employee_id": id_text(row.get("id_employee")),
        "date_add": iso(instant(row["date_add"], zone)),
    }


def payment_output(row: Row, zone: ZoneInfo) -> dict[str, Any]:
    """One payment, without what the shop keeps of a card."""
    return {
        "id": id_text(row["id"]),
        "amount": decimal(row["amount"]),
        "currency_id": id_text(row.get("id_currency")),
        "method": text(row.get("payment_method")),
        "transaction_id": text(row.get("transaction_id")),
        "date_add": iso(instant(row["date_add"], zone)),
    }
