"""What the shop does around a write of a resource, and which values it adds to the answer."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from .errors import FatalError, WebserviceError
from .schema import Association, Resource
from .shop import REMOTE_PAYMENT, Shop
from .store import Row
from .told import MODULE

API = "api"
# What a new row gets without being sent, as the recorded answers show it.
CREATED = {
    "customers": {"id_shop": 1, "id_shop_group": 1},
}
# What a PUT shows of the defaults it fell back to (198).
WIPED: Row = {"manufacturer_name": False, "position_in_category": ""}
PUT_ECHO: dict[str, Row] = {
    "products": {
        "id_shop_default": "1",
        "product_type": "standard",
        "condition": "new",
        "visibility": "both",
    },
}
# Rows that go with the one that is deleted.
DEPENDENT = {
    "orders": (
        ("order_details", "id_order"),
        ("order_carriers", "id_order"),
        ("order_histories", "id_order"),
        ("order_invoices", "id_order"),
    ),
    "products": (("combinations", "id_product"), ("stock_availables", "id_product")),
}


class Effects:
    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.store = shop.store

    def dates(self, resource: Resource, method: str, texts: dict[str, str], row: Row) -> Row:
        """`date_add` of what is new (a PUT counts as new), `date_upd` of everything."""
        now, echo = self.shop.now(), {}
        if "date_add" in resource.by_name and method != "PATCH" and not texts.get("date_add"):
            echo["date_add"] = now
        if "date_upd" in resource.by_name:
            echo["date_upd"] = now
        row |= echo
        if resource.name == "orders" and method == "POST":
            return {}  # the answer shows the sent object; its dates are the shop's affair (162)
        return echo

    def create(self, name: str, row: Row, texts: dict[str, str]) -> Row:
        """Store a new row; returns what the answer shows beyond what was sent."""
        if name == "orders":
            return self._place(row, texts)
        if name == "order_histories":
            return self._history(row)
        echo: Row = {}
        if name == "customers":
            self._refuse_known_email(row)
            echo = self._secrets(row)
        for key, value in CREATED.get(name, {}).items():
            if key not in texts:
                row[key] = echo[key] = value
        if name == "carts":
            for line in row.get("associations", {}).get("cart_rows", []):
                # 9.1 no longer keeps an address on the line (161); 8.2 does.
                if not self.shop.world.old:
                    line["id_address_delivery"] = 0
        made = self.store.add(name, row)
        row["id"] = made["id"]
        if name == "stock_availables":
            self.shop.stock_changed(row["id"], API, None)
        elif name in MODULE:
            self._tell(name, "created", row["id"])
        if name == "products":
            self._stock_of_new(row["id"])
        return echo

    def _tell(self, name: str, change: str, id_: int) -> None:
        self.shop.hooks.tell(name, change, self.store.table(name).rows[id_], API)

    def _stock_of_new(self, product_id: int) -> None:
        """A new product has nothing in stock, in a row of its own."""
        row: Row = {"id_product": product_id, "id_product_attribute": 0, "id_shop": 1}
        row |= {"id_shop_group": 0, "quantity": 0, "depends_on_stock": "0", "out_of_stock": 2}
        made = self.store.add("stock_availables", row | {"location": ""})
        self.shop.stock_changed(made["id"], API, None)

    def update(self, name: str, method: str, old_row: Row, row: Row, texts: dict[str, str]) -> Row:
        """Store a changed row; returns what the answer shows beyond what was sent."""
        if name == "orders":
            return self._order(old_row, row, texts)
        if name == "products":
            for key, one in row.items():
                if isinstance(one, list):  # the shop tidies its texts when it saves them
                    row[key] = [
                        {**part, "value": part["value"].replace("\r\n", "\n")} for part in one
                    ]
            self.store.put(name, row)
            if method == "PUT" and "id_manufacturer" not in texts:
                # Computed from what was just wiped (198, 198a).
                self.store.change(name, row["id"], **WIPED)
                self._tell(name, "updated", row["id"])
                echo = PUT_ECHO["products"] | WIPED
                if self.shop.world.old:  # there the type has no default to fall back to
                    del echo["product_type"]
                return echo
            self._tell(name, "updated", row["id"])
            return {}
        if name == "customers" and row["email"] != old_row["email"]:
            self._refuse_known_email(row)
        self.store.put(name, row)
        if name == "stock_availables":
            self.shop.stock_changed(row["id"], API, old_row["quantity"])
        elif name == "order_carriers":
            self._track(old_row, row)
        elif name in MODULE:
            self._tell(name, "updated", row["id"])
        return {}

    def _track(self, old_row: Row, row: Row) -> None:
        """The order shows a parcel's number but its date_upd stays (097a). Other saves of a parcel
        are no news."""
        if order := self.store.get("orders", row["id_order"]):
            self.store.change("orders", order["id"], shipping_number=row["tracking_number"])
        if any(old_row[one] != row[one] for one in ("id_carrier", "tracking_number")):
            self._tell("order_carriers", "updated", row["id"])

    def remove(self, name: str, row: Row) -> None:
        id_ = row["id"]
        if name == "addresses" and self._is_used(id_):
            self.store.change(name, id_, deleted="1", date_upd=self.shop.now())
            self._tell(name, "updated", id_)
            return
        for dependent, field in DEPENDENT.get(name, ()):
            for one in list(self.store.find(dependent, field, id_)):
                if dependent in MODULE:
                    self._tell(dependent, "deleted", one["id"])
                self.store.delete(dependent, one["id"])
        if name in MODULE:
            self._tell(name, "deleted", id_)
        self.store.delete(name, id_)

    def members(self, one: Association, resource: Resource, row: Row) -> list[Row]:
        """Rows of an association for the answer of a write."""
        names = [field.name for field in one.fields]
        found: list[Row] = row.get("associations", {}).get(one.name, [])
        if (resource.name, one.name) == ("orders", "order_rows"):
            found = self.store.find("order_details", "id_order", row["id"])
        elif resource.name == "products" and one.name in {"combinations", "stock_availables"}:
            found = self.store.find(one.name, "id_product", row["id"])
        return [{name: member[name] for name in names if name in member} for member in found]

    # orders

    def _place(self, row: Row, texts: dict[str, str]) -> Row:
        """POST orders: the shop's payment module makes the order, the sent totals are compared."""
        cart = self.store.get("carts", row["id_cart"])
        if cart is None:
            raise FatalError
        order = self.shop.order_from_cart(
            cart,
            module=texts["module"],
            payment=texts["payment"],
            state_id=REMOTE_PAYMENT,
            origin=API,
            paid=Decimal(texts["total_paid"]),
        )
        row["id"] = order["id"]
        return {"id": order["id"]}

    def _history(self, row: Row) -> Row:
        order_id, state_id = row["id_order"], row["id_order_state"]
        self.shop.change_state(order_id, state_id, API)
        made = self.store.add("order_histories", row | {"id_employee": 0})
        row["id"] = made["id"]
        self.shop.announce(order_id, "updated", API)
        return {"id_order_state": state_id}

    def _order(self, old_row: Row, row: Row, texts: dict[str, str]) -> Row:
        """PUT and PATCH orders: tracking goes to the order carrier, a new state does its work."""
        id_ = row["id"]
        state_id = row["current_state"]
        self.store.put("orders", row | {"current_state": old_row["current_state"]})
        if "shipping_number" in texts:
            for carrier in self.store.find("order_carriers", "id_order", id_)[-1:]:
                number = texts["shipping_number"]
                after = self.store.change("order_carriers", carrier["id"], tracking_number=number)
                self._track(carrier, after)
        echo: Row = {}
        if state_id != old_row["current_state"]:
            self.shop.change_state(id_, state_id, API)
            self.shop.add_history(id_, state_id)
            after = self.store.table("orders").rows[id_]
            names = ("current_state", "invoice_number", "invoice_date", "delivery_number")
            echo = {name: after[name] for name in (*names, "delivery_date", "valid", "date_upd")}
            if after["total_paid_real"] != old_row["total_paid_real"]:
                # PHP added it up: the only amount that comes as a number (106).
                echo["total_paid_real"] = float(after["total_paid_real"])
        self.shop.announce(id_, "updated", API)
        return echo

    # customers and addresses

    def _refuse_known_email(self, row: Row) -> None:
        mine = row.get("id")
        for one in self.store.rows("customers"):
            same = str(one["email"]).casefold() == str(row["email"]).casefold()
            if same and one["id"] != mine and one["is_guest"] != "1":
                raise WebserviceError(
                    500,
                    (140, "The email is already used, please choose another one"),
                    (46, "Unable to save resource"),
                )

    def _secrets(self, row: Row) -> Row:
        """A new customer's key and password hash; the password itself is not kept."""
        next_id = self.store.table("customers").next_id
        digest = self.shop.token("passwd", next_id) + self.shop.token("salt", next_id)
        # The shop says six hours ago, so that a new password can be asked for at once.
        past = self.shop.clock().astimezone(self.shop.zone) - timedelta(hours=6)
        made: dict[str, Any] = {
            "last_passwd_gen": past.strftime("%Y-%m-%d %H:%M:%S"),
            "secure_key": self.shop.token("customer", next_id),
            "passwd": "$2y$10$" + digest[:53],
        }
        row |= made
        return made

    def _is_used(self, address_id: int) -> bool:
        return any(
            address_id in (row["id_address_delivery"], row["id_address_invoice"])
            for row in self.store.rows("orders")
        )
