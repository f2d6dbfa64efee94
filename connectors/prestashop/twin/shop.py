"""What the shop does by itself: orders from carts, states, invoices, payments, stock.

Observed in recordings 080 to 109 and 161 to 168; amounts and numbers follow order 6.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from .errors import FatalError
from .hooks import Hooks
from .prices import Price, Prices, cents, six
from .schema import RESOURCES, ZERO_TIME
from .store import Row, Store
from .world import World

CANCELED, ERROR, REMOTE_PAYMENT = 6, 8, 11
UNHAPPY = {CANCELED, ERROR}
PICK_UP = 1
# What a payment module writes on an order, its name on a payment, the state it starts with.
MODULES = {
    "ps_wirepayment": ("Bank wire", "Wire payment", 10),
    "ps_checkpayment": ("Payment by check", "Payments by check", 1),
    "ps_cashondelivery": ("Cash on delivery (COD)", "Cash on delivery (COD)", 13),
}
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A product of a cart with what it costs, tax per unit and in total."""

    product: Row
    combination: Row | None
    quantity: int
    price: Price

    @property
    def excl(self) -> Decimal:
        return cents(self.price.excl * self.quantity)

    @property
    def incl(self) -> Decimal:
        return cents(self.price.incl * self.quantity)

    @property
    def combination_id(self) -> int:
        return self.combination["id"] if self.combination else 0


class Shop:
    def __init__(
        self, store: Store, world: World, hooks: Hooks, clock: Callable[[], datetime]
    ) -> None:
        self.store = store
        self.world = world
        self.hooks = hooks
        self.clock = clock
        self.prices = Prices(store, world)

    @property
    def zone(self) -> ZoneInfo:
        found = self.store.find("configurations", "name", "PS_TIMEZONE")
        return ZoneInfo(found[0]["value"] if found else "UTC")

    def now(self) -> str:
        """Shop local time without offset, as the shop stores it."""
        return self.clock().astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")

    def token(self, *parts: object) -> str:
        """32 hex digits that look drawn and are the same for the same world and parts."""
        seed = "/".join(str(part) for part in (self.world.seed, *parts))
        return hashlib.sha256(seed.encode()).hexdigest()[:32]

    # orders

    def lines(self, rows: list[Row], country_id: int) -> list[Line]:
        """The lines of cart rows. Raises `FatalError` for a product that is not there."""
        rate = self.prices.rate(country_id)
        found: list[Line] = []
        for row in rows:
            product = self.store.get("products", row["id_product"])
            if product is None:
                raise FatalError
            combination = self.store.get("combinations", row.get("id_product_attribute", 0))
            price = self.prices.unit(product, combination, rate)
            quantity = int(row["quantity"])
            line = Line(product=product, combination=combination, quantity=quantity, price=price)
            found.append(line)
        return found

    def order_from_cart(
        self,
        cart: Row,
        *,
        module: str,
        payment: str,
        state_id: int,
        origin: str,
        paid: Decimal | None = None,
        reference: str | None = None,
    ) -> Row:
        """Make the order of a cart and everything that hangs on it; told as created.

        `paid` is an amount received with the order; one that differs from the total puts the
        order into the state payment error (166b).
        """
        store, now = self.store, self.now()
        address = store.get("addresses", cart["id_address_delivery"])
        customer = store.get("customers", cart["id_customer"])
        if address is None or customer is None or store.find("orders", "id_cart", cart["id"]):
            raise FatalError(
                "Cart cannot be loaded or an order has already been placed using this cart"
            )
        lines = self.lines(cart["associations"]["cart_rows"], address["id_country"])
        rate = self.prices.rate(address["id_country"])
        # Without a delivery option the shop chooses by itself: pick up in store (163).
        carrier_id = cart["id_carrier"] if cart["delivery_option"] else PICK_UP
        shipping = self.prices.shipping(carrier_id)
        shipping_incl = cents(shipping * (1 + rate))
        excl = sum((line.excl for line in lines), Decimal(0))
        incl = sum((line.incl for line in lines), Decimal(0))
        total = incl + shipping_incl
        if paid is not None and cents(paid) != total:
            state_id = ERROR
        state = store.get("order_states", state_id)
        if state is None:
            raise FatalError
        row = {field.name: field.empty() for field in RESOURCES["orders"].fields}
        del row["id"]
        row |= {name: cart[name] for name in ("id_address_delivery", "id_address_invoice")}
        row |= {name: cart[name] for name in ("id_currency", "id_lang", "id_customer")}
        row |= {name: cart[name] for name in ("gift", "gift_message")}
        row |= {
            "id_cart": cart["id"],
            "id_carrier": carrier_id,
            "current_state": state_id,
            "module": module,
            "valid": state["logable"],
            "date_add": now,
            "date_upd": now,
            "id_shop_group": 1,
            "id_shop": 1,
            "secure_key": customer["secure_key"],
            "payment": payment,
            "total_paid": six(total),
            "total_paid_tax_incl": six(total),
            "total_paid_tax_excl": six(excl + shipping),
            "total_paid_real": six(paid or Decimal(0)),
            "total_products": six(excl),
            "total_products_wt": six(incl),
            "total_shipping": six(shipping_incl),
            "total_shipping_tax_incl": six(shipping_incl),
            "total_shipping_tax_excl": six(shipping),
            "carrier_tax_rate": f"{rate * 100:.3f}",
            "round_mode": 2,
            "round_type": 2,
            "conversion_rate": "1.000000",
            "reference": reference or self._reference(),
        }
        order = store.add("orders", row)
        for line in lines:
            self._detail(order, line, rate)
        weight = sum((Decimal(one.product["weight"]) * one.quantity for one in lines), Decimal(0))
        store.add(
            "order_carriers",
            {
                "id_order": order["id"],
                "id_carrier": carrier_id,
                "id_order_invoice": 0,
                "weight": six(weight),
                "shipping_cost_tax_excl": six(shipping),
                "shipping_cost_tax_incl": six(shipping_incl),
                "tracking_number": "",
                "date_add": now,
            },
        )
        self.add_history(order["id"], state_id)
        if paid:
            self._payment(order, paid, payment)
        if state["invoice"] == "1":
            order = self._invoice(order)
        if state_id not in UNHAPPY:
            for line in lines:
                self.move_stock(line.product["id"], line.combination_id, -line.quantity, origin)
        self.announce(order["id"], "created", origin)
        return order

    def _reference(self) -> str:
        """Nine capital letters that no order has yet."""
        attempt = 0
        while True:
            number = int(self.token("order", self.store.table("orders").next_id, attempt), 16)
            letters = ""
            for _ in range(9):
                number, place = divmod(number, len(LETTERS))
                letters += LETTERS[place]
            if not self.store.find("orders", "reference", letters):
                return letters
            attempt += 1

    def line_name(self, line: Line) -> str:
        """`Hummingbird printed t-shirt (Size:S - Color:White)`, as in order 6."""
        name = str(line.product["name"][0]["value"])
        if line.combination is None:
            return name
        return f"{name} ({self.combination_name(line.combination, ' - ', ':')})"

    def combination_name(self, combination: Row, between: str, colon: str) -> str:
        parts: list[str] = []
        for one in combination["associations"]["product_option_values"]:
            value = self.store.get("product_option_values", one["id"])
            option = value and self.store.get("product_options", value["id_attribute_group"])
            if value and option:
                parts.append(f"{option['name'][0]['value']}{colon}{value['name'][0]['value']}")
        return between.join(parts)

    def _detail(self, order: Row, line: Line, rate: Decimal) -> None:
        row = {field.name: field.empty() for field in RESOURCES["order_details"].fields}
        del row["id"]
        product, id_ = line.product, line.combination_id
        own = line.combination["reference"] if line.combination else ""
        reference = own or product["reference"]
        supplied = self.world.supplier_references.get(f"{product['id']}:{id_}", reference)
        row |= {
            "id_order": order["id"],
            "product_id": product["id"],
            "product_attribute_id": id_,
            "id_shop": 1,
            "product_name": self.line_name(line),
            "product_quantity": line.quantity,
            "product_quantity_in_stock": line.quantity,
            "product_price": six(line.price.excl),
            "reduction_percent": f"{line.price.percent:.2f}",
            "product_reference": reference,
            "product_supplier_reference": supplied,
            "product_weight": product["weight"],
            "id_tax_rules_group": product["id_tax_rules_group"],
            "unit_price_tax_incl": six(line.price.incl),
            "unit_price_tax_excl": six(line.price.excl),
            "total_price_tax_incl": six(line.incl),
            "total_price_tax_excl": six(line.excl),
            "purchase_supplier_price": product["wholesale_price"],
            "original_product_price": six(line.price.original),
            "original_wholesale_price": product["wholesale_price"],
            "associations": {"taxes": [{"id": 1}] if rate else []},
        }
        self.store.add("order_details", row)

    # states

    def add_history(self, order_id: int, state_id: int) -> Row:
        row = {"id_employee": 0, "id_order_state": state_id, "id_order": order_id}
        return self.store.add("order_histories", row | {"date_add": self.now()})

    def change_state(self, order_id: int, state_id: int, origin: str) -> None:
        """Put an order into a state with all that follows (without the history row).

        Raises `FatalError` for an order or a state that is not there; for the latter stock has
        moved before the shop notices (093).
        """
        store = self.store
        order = store.get("orders", order_id)
        state = store.get("order_states", state_id)
        if order is None:
            raise FatalError
        self._restock(order, state, origin)
        if state is None:
            raise FatalError
        order = store.change(
            "orders",
            order["id"],
            current_state=state["id"],
            valid=state["logable"],
            date_upd=self.now(),
        )
        if state["invoice"] == "1" and not order["invoice_number"]:
            order = self._invoice(order)
        if state["delivery"] == "1" and not order["delivery_number"]:
            order = self._delivery_slip(order)
        if state["paid"] == "1":
            order = self._pay_rest(order)

    def _restock(self, order: Row, state: Row | None, origin: str) -> None:
        was = order["current_state"] in UNHAPPY
        becomes = state is not None and state["id"] in UNHAPPY
        before = self.store.get("order_states", order["current_state"])
        sign = 0
        if becomes and not was:
            sign = 1
        elif was and not becomes:
            sells = state is None or (
                state["logable"] == "1" and before is not None and before["logable"] != "1"
            )
            sign = -1 if sells else 0
        if sign:
            for line in self.store.find("order_details", "id_order", order["id"]):
                count = sign * line["product_quantity"]
                self.move_stock(line["product_id"], line["product_attribute_id"], count, origin)

    def _invoice(self, order: Row) -> Row:
        store, now = self.store, self.now()
        number = store.table("order_invoices").next_id
        invoice = store.add(
            "order_invoices",
            {
                "id_order": order["id"],
                "number": number,
                "delivery_number": 0,
                "delivery_date": ZERO_TIME,
                "total_discount_tax_excl": order["total_discounts_tax_excl"],
                "total_discount_tax_incl": order["total_discounts_tax_incl"],
                "total_paid_tax_excl": order["total_paid_tax_excl"],
                "total_paid_tax_incl": order["total_paid_tax_incl"],
                "total_products": order["total_products"],
                "total_products_wt": order["total_products_wt"],
                "total_shipping_tax_excl": order["total_shipping_tax_excl"],
                "total_shipping_tax_incl": order["total_shipping_tax_incl"],
                "shipping_tax_computation_method": 0,
                "total_wrapping_tax_excl": order["total_wrapping_tax_excl"],
                "total_wrapping_tax_incl": order["total_wrapping_tax_incl"],
                "shop_address": self.world.shop["name"],
                "note": "",
                "date_add": now,
            },
        )
        for detail in store.find("order_details", "id_order", order["id"]):
            store.change("order_details", detail["id"], id_order_invoice=invoice["id"])
        for carrier in store.find("order_carriers", "id_order", order["id"])[:1]:
            if not carrier["id_order_invoice"]:
                store.change("order_carriers", carrier["id"], id_order_invoice=invoice["id"])
        return store.change("orders", order["id"], invoice_number=number, invoice_date=now)

    def _delivery_slip(self, order: Row) -> Row:
        store, now = self.store, self.now()
        number = int(store.meta["delivery_number"]) + 1
        store.set_meta("delivery_number", number)
        for invoice in store.find("order_invoices", "id_order", order["id"]):
            store.change("order_invoices", invoice["id"], delivery_number=number, delivery_date=now)
        return store.change("orders", order["id"], delivery_number=number, delivery_date=now)

    def _pay_rest(self, order: Row) -> Row:
        """What the invoices leave open counts as paid, under the payment module's own name."""
        payments = self.store.find("order_payments", "order_reference", order["reference"])
        got = sum((Decimal(row["amount"]) for row in payments), Decimal(0))
        invoices = self.store.find("order_invoices", "id_order", order["id"])
        due = sum((Decimal(row["total_paid_tax_incl"]) for row in invoices), Decimal(0))
        if due <= got:
            return order
        _, method, _ = MODULES.get(order["module"], ("", order["payment"], 0))
        self._payment(order, due - got, method)
        real = Decimal(str(order["total_paid_real"])) + due - got
        return self.store.change("orders", order["id"], total_paid_real=six(real))

    def _payment(self, order: Row, amount: Decimal, method: str) -> None:
        row: dict[str, Any] = {
            "order_reference": order["reference"],
            "id_currency": order["id_currency"],
            "amount": six(amount),
            "payment_method": method,
            "conversion_rate": "1.000000",
        }
        row |= dict.fromkeys(("transaction_id", "card_number", "card_brand"), "")
        row |= dict.fromkeys(("card_expiration", "card_holder"), "")
        self.store.add("order_payments", row | {"date_add": self.now(), "id_employee": ""})

    # stock

    def stock_row(self, product_id: int, combination_id: int) -> Row | None:
        for row in self.store.find("stock_availables", "id_product", product_id):
            if row["id_product_attribute"] == combination_id:
                return row
        return None

    def move_stock(self, product_id: int, combination_id: int, by: int, origin: str) -> None:
        row = self.stock_row(product_id, combination_id)
        if row is not None:
            self.store.change("stock_availables", row["id"], quantity=row["quantity"] + by)
            self.stock_changed(row["id"], origin, row["quantity"])

    def stock_changed(self, id_: int, origin: str, before: int | None) -> None:
        """Let the sum row follow its combinations, and tell of both."""
        row = self.store.table("stock_availables").rows[id_]
        changed = [(row, before)]
        if row["id_product_attribute"]:
            rows = self.store.find("stock_availables", "id_product", row["id_product"])
            total = sum(one["quantity"] for one in rows if one["id_product_attribute"])
            changed += [
                (self.store.change("stock_availables", one["id"], quantity=total), one["quantity"])
                for one in rows
                if not one["id_product_attribute"] and one["quantity"] != total
            ]
        for one, was in changed:
            if one["quantity"] != was:
                self.hooks.tell(
                    "stock_availables",
                    "created" if was is None else "updated",
                    one,
                    origin,
                    quantity=one["quantity"],
                    before=was,
                )

    def announce(self, order_id: int, change: str, origin: str) -> None:
        self.hooks.tell("orders", change, self.store.table("orders").rows[order_id], origin)
