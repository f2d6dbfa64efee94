"""Prices, taxes and rounding of the shop, as order 6 shows them (162 to 164, 195)."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from .store import Row, Store
from .world import World

CENT = Decimal("0.01")
MICRO = Decimal("0.000001")
STANDARD_RATE_GROUP = 1


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def six(value: Decimal) -> str:
    """An amount as the webservice shows it: six places."""
    return str(value.quantize(MICRO, rounding=ROUND_HALF_UP))


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Unit prices; `original` is before the reduction, `percent` the reduction in percent."""

    original: Decimal
    excl: Decimal
    incl: Decimal
    percent: Decimal


class Prices:
    def __init__(self, store: Store, world: World) -> None:
        self.store = store
        self.world = world

    def rate(self, country_id: int) -> Decimal:
        """The tax of a country as a fraction: 0.21; 0 where no rule names it."""
        for rule in self.store.rows("tax_rules"):
            if rule["id_country"] == country_id:
                if rule["id_tax_rules_group"] != STANDARD_RATE_GROUP:
                    continue
                tax = self.store.get("taxes", rule["id_tax"])
                return Decimal(tax["rate"]) / 100 if tax else Decimal(0)
        return Decimal(0)

    def unit(self, product: Row, combination: Row | None, rate: Decimal) -> Price:
        original = Decimal(str(product["price"]))
        if combination is not None:
            original += Decimal(str(combination["price"]))
        reduction = next(
            (
                Decimal(one["reduction"])
                for one in self.world.specific_prices
                if one["id_product"] == product["id"]
            ),
            Decimal(0),
        )
        excl = (original * (1 - reduction)).quantize(MICRO, rounding=ROUND_HALF_UP)
        return Price(original=original, excl=excl, incl=excl * (1 + rate), percent=reduction * 100)

    def shown(self, product: Row, *, combination: Row | None, use_tax: bool) -> str:
        """A computed price of a product for a visitor of the shop's own country."""
        country = next(
            (row["id"] for row in self.store.rows("countries") if row["iso_code"] == "ES"), 0
        )
        price = self.unit(product, combination, self.rate(country))
        return six(cents(price.incl if use_tax else price.excl))

    def shipping(self, carrier_id: int) -> Decimal:
        return Decimal(self.world.shipping.get(str(carrier_id), "0"))
