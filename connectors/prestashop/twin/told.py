"""What the shop's module says of a record: short hashes of its fields, and a name for its state.

Written from the module's description (far_side/README.md), not from its code or the connector's.
"""

import hashlib
from typing import Any

from .store import Row

# Resource: noun of the events, entity, hashed fields, whether the shop dates the record.
MODULE = {
    "orders": (
        "order",
        "order",
        "current_state valid id_carrier id_address_delivery id_address_invoice payment total_paid"
        " total_paid_real invoice_number delivery_number",
    ),
    "order_carriers": ("tracking", "order_carrier", "id_carrier tracking_number"),
    "customers": ("customer", "customer", "email firstname lastname company active newsletter"),
    "addresses": (
        "address",
        "address",
        "id_customer id_country firstname lastname company address1 address2 postcode city phone"
        " deleted",
    ),
    "products": ("product", "product", "reference active price ean13 id_category_default"),
    "combinations": (
        "combination",
        "combination",
        "id_product reference ean13 price weight minimal_quantity",
    ),
    "stock_availables": ("stock", "stock", "quantity"),
}
DATED = {"orders", "customers", "addresses", "products"}
CHANGES = ("created", "updated", "deleted")
EVENTS = tuple(f"{noun}.{change}" for noun, _, _ in MODULE.values() for change in CHANGES)


def spelled(value: Any) -> str:
    """A decimal without its trailing zeros, anything else as it stands."""
    if value is None or value is False:
        return ""
    text = str(value)
    whole, point, rest = text.partition(".")
    digits = whole.removeprefix("-") + rest
    if not (point and rest and whole.strip("-") and digits.isascii() and digits.isdigit()):
        return text
    rest = rest.rstrip("0")
    if rest:
        return f"{whole}.{rest}"
    return "0" if whole == "-0" else whole


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def hashes(resource: str, row: Row) -> dict[str, str]:
    _, entity, fields = MODULE[resource]
    return {
        name: digest(f"{entity}/{row['id']}/{name}={spelled(row.get(name))}")
        for name in sorted(fields.split())
    }


def version(resource: str, row: Row, found: dict[str, str]) -> str:
    """`date_upd` and what tells two states of a second apart."""
    if resource == "orders":
        return f"{row['date_upd']}/{row['current_state']}"
    return f"{row['date_upd']}/{digest(''.join(found[name] for name in sorted(found)))}"


def facts(resource: str, row: Row, order: Row | None) -> Row:
    """What beside its id the module says of a record; of a parcel also its order's reference."""
    if resource == "orders":
        return {"reference": row["reference"], "current_state": str(row["current_state"])}
    if resource == "order_carriers":
        return {
            "order_id": str(row["id_order"]),
            "carrier_id": str(row["id_carrier"]),
            "tracking_number": row["tracking_number"],
            "reference": order["reference"] if order else "",
        }
    if resource == "customers":
        return {"email": row["email"]}
    if resource == "addresses":
        return {"customer_id": str(row["id_customer"])}
    if resource == "products":
        return {"reference": row["reference"]}
    if resource == "combinations":
        return {"product_id": str(row["id_product"]), "reference": row["reference"]}
    return {
        "product_id": str(row["id_product"]),
        "combination_id": str(row["id_product_attribute"]),
    }
