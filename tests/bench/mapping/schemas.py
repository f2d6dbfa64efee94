"""Mapping tasks made out of `fixtures/mapping/development/maps/schemas.txt`, in both directions.

Every schema gives one task towards the shop and one from it; the shop's fields come in three
spellings (bare names, dotted paths, names with entity and role), turn by turn.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ORDER: Final = (
    "id:int id_address_delivery:int id_address_invoice:int id_cart:int id_currency:int id_lang:int"
    " id_customer:int id_carrier:int current_state:int module:string invoice_number:int"
    " invoice_date:datetime delivery_number:int delivery_date:datetime valid:bool date_add:datetime"
    " date_upd:datetime shipping_number:string note:text id_shop_group:int id_shop:int"
    " secure_key:string payment:string recyclable:bool gift:bool gift_message:text"
    " mobile_theme:bool total_discounts:decimal total_discounts_tax_incl:decimal"
    " total_discounts_tax_excl:decimal"
    " total_paid:decimal total_paid_tax_incl:decimal total_paid_tax_excl:decimal"
    " total_paid_real:decimal total_products:decimal total_products_wt:decimal"
    " total_shipping:decimal total_shipping_tax_incl:decimal total_shipping_tax_excl:decimal"
    " carrier_tax_rate:decimal total_wrapping:decimal round_mode:int conversion_rate:decimal"
    " reference:string"
)
ROW: Final = (
    "id:int product_id:int product_attribute_id:int product_quantity:int product_name:string"
    " product_reference:string product_ean13:string product_isbn:string product_upc:string"
    " product_price:decimal id_customization:int unit_price_tax_incl:decimal"
    " unit_price_tax_excl:decimal"
)
CUSTOMER: Final = (
    "id:int id_default_group:int id_lang:int newsletter_date_add:datetime last_passwd_gen:datetime"
    " secure_key:string deleted:bool passwd:string lastname:string firstname:string email:string"
    " id_gender:int birthday:date newsletter:bool optin:bool website:string company:string"
    " siret:string ape:string outstanding_allow_amount:decimal show_public_prices:bool id_risk:int"
    " max_payment_days:int active:bool note:text is_guest:bool id_shop:int date_add:datetime"
    " date_upd:datetime reset_password_token:string"
)
ADDRESS: Final = (
    "id:int id_customer:int id_manufacturer:int id_supplier:int id_country:int id_state:int"
    " id_warehouse:int alias:string company:string lastname:string firstname:string"
    " vat_number:string address1:string address2:string postcode:string city:string other:text"
    " phone:string phone_mobile:string dni:string deleted:bool date_add:datetime date_upd:datetime"
)
PRODUCT: Final = (
    "id:int id_manufacturer:int id_supplier:int id_category_default:int id_tax_rules_group:int"
    " manufacturer_name:string quantity_discount:bool type:string reference:string"
    " supplier_reference:string location:string width:decimal height:decimal depth:decimal"
    " weight:decimal ean13:string isbn:string upc:string mpn:string ecotax:decimal"
    " minimal_quantity:int low_stock_threshold:int price:decimal wholesale_price:decimal"
    " unity:string unit_price_ratio:decimal additional_shipping_cost:decimal on_sale:bool"
    " online_only:bool active:bool available_for_order:bool available_date:date condition:string"
    " show_price:bool visibility:string date_add:datetime date_upd:datetime"
    " meta_description:string meta_title:string link_rewrite:string name:string"
    " description:html description_short:html available_now:string available_later:string"
    " cache_default_attribute:int indexed:bool"
)
STOCK: Final = (
    "id:int id_product:int id_product_attribute:int id_shop:int quantity:int"
    " depends_on_stock:bool out_of_stock:int location:string"
)
CARRIER: Final = (
    "id:int id_order:int id_carrier:int id_order_invoice:int weight:decimal"
    " shipping_cost_tax_excl:decimal shipping_cost_tax_incl:decimal tracking_number:string"
    " date_add:datetime"
)
_RECORDS: Final = {
    "o": ("orders", "", ORDER), "r": ("order_rows", "row", ROW), "c": ("customers", "", CUSTOMER),
    "a": ("addresses", "", ADDRESS), "da": ("addresses", "delivery", ADDRESS),
    "ia": ("addresses", "invoice", ADDRESS), "p": ("products", "", PRODUCT),
    "s": ("stock_availables", "", STOCK), "k": ("order_carriers", "", CARRIER),
}  # fmt: skip
_PATHS: Final = {
    "o": "", "r": "associations.order_rows.", "c": "customer.", "a": "address.",
    "da": "address_delivery.", "ia": "address_invoice.", "p": "", "s": "stock_available.",
    "k": "order_carrier.",
}  # fmt: skip
# Fields of the shop that hold the same thing: each is right in the place of the other.
_SAME: Final = (
    "c.firstname a.firstname", "c.lastname a.lastname", "c.company a.company",
    "o.total_paid o.total_paid_tax_incl", "c.date_add a.date_add", "c.deleted a.deleted",
    "o.total_shipping o.total_shipping_tax_incl o.total_shipping_tax_excl",
    "o.total_discounts o.total_discounts_tax_incl o.total_discounts_tax_excl",
    "r.unit_price_tax_excl r.product_price", "k.id_carrier o.id_carrier", "s.location p.location",
    "k.tracking_number o.shipping_number", "p.id_manufacturer p.manufacturer_name",
    "o.payment o.module", "a.id_customer c.id o.id_customer", "p.date_add", "p.id s.id_product",
    "ia.company da.company", "ia.firstname da.firstname c.firstname", "c.note a.other",
    "ia.lastname da.lastname c.lastname", "o.total_products o.total_paid_tax_excl",
)  # fmt: skip
# What the function is when the same fields are mapped the other way.
_BACK: Final = {"name_split": "name_join", "address_parse": "concat", "html_text": "copy"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the file."""

    name: str
    type: str
    shop: tuple[str, ...]
    kind: str
    samples: tuple[str, ...]


def tasks(path: Path) -> Iterator[dict[str, Any]]:
    """Tasks as the command takes them, with `truth`."""
    for at, (head, rows) in enumerate(_sections(path.read_text("utf-8"))):
        name, language, *records = head.split()
        for spelling in (at % 3, (at + 1) % 3):
            yield _task(f"{name}-{spelling}-to", language, records, rows, spelling, back=False)
        yield _task(f"{name}-{at % 3}-from", language, records, rows, at % 3, back=True)


def _sections(text: str) -> Iterator[tuple[str, list[Row]]]:
    head, rows = "", list[Row]()
    for line in text.splitlines():
        if line.startswith("== "):
            if head:
                yield head, rows
            head, rows = line[3:], []
        elif line.strip() and not line.startswith("# "):
            rows.append(_row(line))
    yield head, rows


def _row(line: str) -> Row:
    name, declared, shop, *more = (part.strip(" |") for part in f"{line} | | ".split(" | "))
    kind = more[0] if more else ""
    samples = (
        tuple(one.strip() for one in more[1].split(" ; ")) if len(more) > 1 and more[1] else ()
    )
    wanted = tuple(
        one.strip() for one in shop.rstrip("|").split(",") if one.strip() not in ("", "-")
    )
    return Row(name=name, type=declared, shop=wanted, kind=kind or "copy", samples=samples)


def _task(
    name: str,
    language: str,
    records: Sequence[str],
    rows: Sequence[Row],
    spelling: int,
    *,
    back: bool,
) -> dict[str, Any]:
    shop, spelt = _shop(records or ["o", "p"], spelling)
    types = {one["name"]: one["type"] for one in shop}
    own = [{"name": row.name, "type": row.type} for row in rows]
    truth = [
        {
            "source": row.name,
            "target": spelt[one],
            "kind": _kind(row, one, types[spelt[one]]),
            "also": [] if back else _also(one, spelt),
        }
        for row in rows
        for one in row.shop
        if one in spelt
    ]
    samples = [] if back else [
        found
        for number in range(3)
        if (found := {row.name: _at(row, number) for row in rows if number < len(row.samples)})
    ]  # fmt: skip
    if back:
        truth = [
            {
                "source": one["target"],
                "also": [],
                "target": one["source"],
                "kind": _BACK.get(str(one["kind"]), one["kind"]),
            }
            for one in truth
        ]
    return {
        "name": name,
        "language": language,
        "direction": "from_shop" if back else "to_shop",
        "source_fields": shop if back else own,
        "target_fields": own if back else shop,
        "samples": samples,
        "truth": truth,
    }


def _also(shop: str, spelt: dict[str, str]) -> list[str]:
    groups = [one.split() for one in _SAME]
    same = {other for group in groups if shop in group for other in group} - {shop}
    return sorted(spelt[one] for one in same if one in spelt)


def _kind(row: Row, shop: str, declared: str) -> str:
    """What the shop takes as a number or a boolean is read as one, whatever it comes as."""
    key = shop.partition(".")[2].startswith("id") or shop.endswith(("_id", "_state", "_number"))
    if row.kind == "copy" and (declared == "decimal" or (declared == "int" and not key)):
        return "number"
    return "bool" if row.kind == "copy" and declared == "bool" else row.kind


def _at(row: Row, number: int) -> Any:
    value: Any = row.samples[number]
    if "number" in row.type and re.fullmatch(r"\d+(\.\d+)?", value):
        value = float(value)
    return [value] if "list" in row.type else value


def _shop(records: Sequence[str], spelling: int) -> tuple[list[dict[str, str]], dict[str, str]]:
    """The shop's fields and how each short name (`o.reference`) is spelt among them."""
    fields: list[dict[str, str]] = []
    spelt: dict[str, str] = {}
    roles = len({"da", "ia"} & set(records)) > 0
    taken: set[str] = set()
    for record in records:
        entity, role, listed = _RECORDS[record]
        for one in listed.split():
            name, declared = one.split(":")
            full = f"{_PATHS[record]}{name}"
            if spelling == 0 and record not in ("da", "ia", "r") and not roles:
                full = name if name not in taken else f"{entity}.{name}"
            document = {"name": full, "type": declared}
            if spelling == 2:
                document["entity"] = entity
                if role:
                    document["role"] = role
            if full in taken:
                continue
            taken.add(full)
            fields.append(document)
            spelt[f"{record}.{name}"] = full
    return fields, spelt
