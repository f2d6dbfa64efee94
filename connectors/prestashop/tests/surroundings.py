"""What a check asks of a shop beside its rights."""

from typing import Any

from connectors.prestashop.tests.recorded import RecordedShop

SETTINGS = (
    "/api/configurations?filter[name]=[CAUSEWAY_FAILED|CAUSEWAY_URL|CAUSEWAY_VERSION|PS_MAIL_METHOD]"
    "&display=[name,value]&output_format=JSON"
)
SINCE_YESTERDAY = (
    "/api/orders?date=1&filter[date_upd]=%3E[2026-11-22%2011:30:00]&display=[id,date_upd]"
    "&sort=[id_DESC]&limit=1&output_format=JSON"
)


def settings(**values: str) -> Any:
    rows = [{"name": name, "value": value} for name, value in values.items()]
    return lambda body: {"configurations": rows} if rows else []


def surroundings(shop: RecordedShop, **values: str) -> None:
    """What is asked of a shop whose key may do everything."""
    shop.derive("/api/order_carriers", "091", method="PATCH")
    shop.derive(SINCE_YESTERDAY, "168")
    shop.derive(SETTINGS, "200", settings(**values))
    shop.serve("060")
    shop.serve("201")
