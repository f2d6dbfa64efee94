"""What customers do in the shop itself: orders, without any key."""

from decimal import Decimal
from typing import Any

from .faults import Faults
from .shop import MODULES, REMOTE_PAYMENT, Shop
from .store import Row

SHIPPED_BY = 2
DEFAULT_MODULE = "ps_wirepayment"
# Alias of the addresses that the fault bad_data makes.
SPOILT = "Imported"


class OrderRefusedError(Exception):
    """The shop would not take this order; the text says why."""


class FrontOffice:
    def __init__(self, shop: Shop, faults: Faults) -> None:
        self.shop = shop
        self.store = shop.store
        self.faults = faults

    def place(self, wanted: dict[str, Any]) -> Row:
        """Place an order of `lines`; returns its row. Raises `OrderRefusedError`.

        Without a customer the shop's customers take turns; without an address their first one is
        taken. Whether it sells what is not there is the shop's setting PS_ORDER_OUT_OF_STOCK,
        unless `ignore_stock` says so.
        """
        customer, address = self._who(wanted)
        lines = self._lines(wanted)
        module = str(wanted.get("module") or DEFAULT_MODULE)
        if module not in MODULES:
            raise OrderRefusedError(f"The shop has no payment module {module!r}.")
        address = self._spoilt(address)
        payment, _, state_id = MODULES[module]
        cart = self._cart(customer, address, lines)
        return self.shop.order_from_cart(
            cart,
            module=module,
            payment=payment,
            state_id=state_id,
            origin=str(wanted.get("origin") or "front"),
        )

    def place_recorded(self) -> Row:
        """Order 6 of the recordings, as if it were placed now. Raises `OrderRefusedError`."""
        recorded = self.shop.world.recorded_order
        order_id = int(recorded["order"]["id_cart"])
        if self.store.get("orders", order_id) or self.store.table("orders").next_id != order_id:
            raise OrderRefusedError(f"Order {order_id} exists already; reset the shop first.")
        cart, order = recorded["cart"], recorded["order"]
        customer = self.store.get("customers", cart["id_customer"])
        address = self.store.get("addresses", cart["id_address_delivery"])
        if customer is None or address is None:
            raise OrderRefusedError("The recorded order's customer or address is gone.")
        rows = cart["associations"]["cart_rows"]
        lines = [{name: int(value) for name, value in row.items()} for row in rows]
        made = self._cart(customer, address, lines, delivery_option="")
        return self.shop.order_from_cart(
            made,
            module=order["module"],
            payment=order["payment"],
            state_id=REMOTE_PAYMENT,
            origin="front",
            paid=Decimal(order["total_paid"]),
            reference=recorded["reference"],
        )

    def _who(self, wanted: dict[str, Any]) -> tuple[Row, Row]:
        address: Row | None
        if wanted.get("address_id"):
            address = self.store.get("addresses", wanted["address_id"])
            if address is None or address["deleted"] == "1" or not address["id_customer"]:
                raise OrderRefusedError(f"There is no address {wanted['address_id']}.")
            owner = wanted.get("customer_id") or address["id_customer"]
            customer = self.store.get("customers", owner)
            if customer is None or address["id_customer"] != customer["id"]:
                raise OrderRefusedError("The address is not one of this customer.")
            return customer, address
        if wanted.get("customer_id"):
            customer = self.store.get("customers", wanted["customer_id"])
            if customer is None:
                raise OrderRefusedError(f"There is no customer {wanted['customer_id']}.")
            address = self._home(customer)
            if address is None:
                raise OrderRefusedError("The customer has no address.")
            return customer, address
        buyers = [
            (one, home)
            for one in self.store.rows("customers")
            if one["active"] == "1" and (home := self._home(one)) is not None
        ]
        if not buyers:
            raise OrderRefusedError("The shop has no customer with an address.")
        return buyers[self.store.table("orders").next_id % len(buyers)]

    def _home(self, customer: Row) -> Row | None:
        """The customer's first address that no fault has spoilt."""
        for row in self.store.find("addresses", "id_customer", customer["id"]):
            if row["deleted"] != "1" and row["alias"] != SPOILT:
                return row
        return None

    def _lines(self, wanted: dict[str, Any]) -> list[Row]:
        found: list[Row] = []
        asked: dict[tuple[int, int], int] = {}
        lines = wanted.get("lines")
        back_orders = wanted.get("ignore_stock", self._takes_back_orders())
        for one in lines if isinstance(lines, list) else []:
            if not isinstance(one, dict):
                raise OrderRefusedError("A line is an object.")
            product = self.store.get("products", one.get("product_id"))
            quantity = one.get("quantity", 1)
            if product is None or product["active"] != "1":
                raise OrderRefusedError(f"There is no product {one.get('product_id')}.")
            if isinstance(quantity, bool) or not isinstance(quantity, int) or quantity < 1:
                raise OrderRefusedError("A quantity is a whole number above 0.")
            wish = one.get("combination_id")
            if str(wish or 0) == "0":
                wish = product["id_default_combination"]
            combination_id = 0
            if wish:
                combination = self.store.get("combinations", wish)
                if combination is None or combination["id_product"] != product["id"]:
                    raise OrderRefusedError(f"Product {product['id']} has no combination {wish}.")
                combination_id = combination["id"]
            key = (product["id"], combination_id)
            asked[key] = asked.get(key, 0) + quantity
            stock = self.shop.stock_row(*key)
            left = stock["quantity"] if stock else 0
            if asked[key] > left and not back_orders:
                name = product["name"][0]["value"]
                raise OrderRefusedError(f"Only {left} of {name} are left.")
            found.append(
                {
                    "id_product": product["id"],
                    "id_product_attribute": combination_id,
                    "quantity": quantity,
                }
            )
        if not found:
            raise OrderRefusedError("An order has at least one line.")
        return found

    def _takes_back_orders(self) -> bool:
        rows = self.store.find("configurations", "name", "PS_ORDER_OUT_OF_STOCK")
        return bool(rows) and rows[0]["value"] == "1"

    def _cart(
        self, customer: Row, address: Row, lines: list[Row], delivery_option: str | None = None
    ) -> Row:
        now = self.shop.now()
        if delivery_option is None:
            delivery_option = f'{{"{address["id"]}":"{SHIPPED_BY},"}}'
        rows = [{**row, "id_address_delivery": 0, "id_customization": 0} for row in lines]
        return self.store.add(
            "carts",
            {
                "id_address_delivery": address["id"],
                "id_address_invoice": address["id"],
                "id_currency": 1,
                "id_customer": customer["id"],
                "id_guest": 0,
                "id_lang": customer["id_lang"],
                "id_shop_group": 1,
                "id_shop": 1,
                "id_carrier": SHIPPED_BY,
                "recyclable": "0",
                "gift": "0",
                "gift_message": "",
                "mobile_theme": "0",
                "delivery_option": delivery_option,
                "secure_key": customer["secure_key"],
                "allow_seperated_package": "0",
                "date_add": now,
                "date_upd": now,
                "associations": {"cart_rows": rows},
            },
        )

    def _spoilt(self, address: Row) -> Row:
        """While bad_data is on: a copy of the address that no shop would have accepted."""
        for fault in self.faults.take("POST", "/_twin/orders", {"bad_data"}):
            if fault.field not in address:
                raise OrderRefusedError(f"An address has no field {fault.field!r}.")
            fields = {name: value for name, value in address.items() if name != "id"}
            made = self.store.add("addresses", fields | {"alias": SPOILT, fault.field: fault.value})
            self.shop.hooks.tell("addresses", "created", made, "front")
            return made
        return address
