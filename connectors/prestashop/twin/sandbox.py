"""The shop at a glance, for the sandbox page: products, customers, orders, states."""

from datetime import UTC, datetime
from typing import Any

from .shop import Shop
from .store import Row


class Sandbox:
    """Ids and amounts are text; quantities are numbers; instants are UTC."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.store = shop.store

    def products(self) -> list[Row]:
        return [self._product(row) for row in self.store.rows("products") if row["active"] == "1"]

    def _product(self, row: Row) -> Row:
        stocks = self.store.find("stock_availables", "id_product", row["id"])
        counts = {one["id_product_attribute"]: one["quantity"] for one in stocks}
        combinations = self.store.find("combinations", "id_product", row["id"])
        rate = self.shop.prices.rate(self._home())
        first = next(iter(combinations), None)
        return {
            "id": str(row["id"]),
            "name": row["name"][0]["value"],
            "reference": row["reference"],
            "price": f"{self.shop.prices.unit(row, first, rate).incl:.2f}",
            "image": self.shop.world.images.get(str(row["id"]), "product"),
            "quantity": counts.get(0, 0),
            "combinations": [
                {
                    "id": str(one["id"]),
                    "name": self.shop.combination_name(one, ", ", ": "),
                    "reference": one["reference"],
                    "price": f"{self.shop.prices.unit(row, one, rate).incl:.2f}",
                    "quantity": counts.get(one["id"], 0),
                }
                for one in combinations
            ],
        }

    def _home(self) -> int:
        found = self.store.find("countries", "iso_code", "ES")
        return int(found[0]["id"]) if found else 0

    def customers(self) -> list[Row]:
        return [
            {
                "id": str(row["id"]),
                "name": f"{row['firstname']} {row['lastname']}",
                "email": row["email"],
                "company": row["company"],
                "addresses": [
                    self._address(one)
                    for one in self.store.find("addresses", "id_customer", row["id"])
                    if one["deleted"] != "1"
                ],
            }
            for row in self.store.rows("customers")
            if row["active"] == "1"
        ]

    def _address(self, row: Row) -> Row:
        country = self.store.get("countries", row["id_country"])
        names = ("alias", "address1", "address2", "postcode", "city")
        return {
            "id": str(row["id"]),
            **{name: row[name] for name in names},
            "country": country["iso_code"] if country else "",
        }

    def states(self) -> list[Row]:
        rows = sorted(self.store.rows("order_states"), key=lambda row: int(row["id"]))
        return [self._state(row["id"]) for row in rows]

    def _state(self, id_: int) -> Row:
        row = self.store.get("order_states", id_)
        if row is None:
            return {"id": str(id_), "name": "", "color": "#2C3E50"}
        return {"id": str(id_), "name": row["name"][0]["value"], "color": row["color"]}

    def orders(self, limit: int | None = None) -> list[Row]:
        """Newest first."""
        rows = list(self.store.rows("orders"))[::-1]
        return [self.order(row) for row in rows[:limit]]

    def order(self, row: Row) -> Row:
        customer = self.store.get("customers", row["id_customer"])
        histories = self.store.find("order_histories", "id_order", row["id"])
        return {
            "id": str(row["id"]),
            "reference": row["reference"],
            "placed": self._instant(row["date_add"]),
            "updated": self._instant(row["date_upd"]),
            "customer": f"{customer['firstname']} {customer['lastname']}" if customer else "",
            "customer_id": str(row["id_customer"]),
            "state": self._state(row["current_state"]),
            "states_written": [str(one["id_order_state"]) for one in histories],
            "tracking": row["shipping_number"],
            "total": f"{float(row['total_paid_tax_incl']):.2f}",
            "currency": "EUR",
            "payment": row["payment"],
            "lines": [
                {
                    "product_id": str(one["product_id"]),
                    "combination_id": str(one["product_attribute_id"]),
                    "name": one["product_name"],
                    "reference": one["product_reference"],
                    "quantity": one["product_quantity"],
                    "unit_price": f"{float(one['unit_price_tax_incl']):.2f}",
                }
                for one in self.store.find("order_details", "id_order", row["id"])
            ],
        }

    def _instant(self, text: str) -> str:
        local = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=self.shop.zone)
        return local.astimezone(UTC).isoformat().replace("+00:00", "Z")

    def everything(self, limit: int | None = None) -> dict[str, Any]:
        return {
            "shop": self.shop.world.shop["name"],
            "version": self.shop.world.version,
            "time": self.shop.now(),
            "products": self.products(),
            "customers": self.customers(),
            "orders": self.orders(limit),
            "states": self.states(),
        }
