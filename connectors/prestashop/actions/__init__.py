"""One async function an operation."""

from connectors.prestashop.actions.address_upsert import UPSERT_ADDRESS
from connectors.prestashop.actions.customer_upsert import UPSERT_CUSTOMER
from connectors.prestashop.actions.order_create import CREATE_ORDER
from connectors.prestashop.actions.order_get import GET
from connectors.prestashop.actions.order_message import ADD_MESSAGE
from connectors.prestashop.actions.order_ship import SHIP
from connectors.prestashop.actions.order_state import SET_STATE
from connectors.prestashop.actions.order_tracking import SET_TRACKING
from connectors.prestashop.actions.product_upsert import UPSERT_PRODUCT
from connectors.prestashop.actions.resource import RESOURCE
from connectors.prestashop.actions.search import SEARCHES
from connectors.prestashop.actions.stock import SET_STOCK
from connectors.prestashop.actions.stock_adjust import ADJUST_STOCK
from connectors.prestashop.multistore import scoped

OPERATIONS = tuple(
    scoped(one)
    for one in (
        GET,
        SET_STATE,
        SET_TRACKING,
        SHIP,
        CREATE_ORDER,
        ADD_MESSAGE,
        SET_STOCK,
        ADJUST_STOCK,
        UPSERT_CUSTOMER,
        UPSERT_ADDRESS,
        UPSERT_PRODUCT,
        *RESOURCE,
        *SEARCHES,
    )
)

__all__ = ["OPERATIONS"]
