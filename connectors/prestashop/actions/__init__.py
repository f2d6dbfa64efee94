"""One async function an operation."""

from connectors.prestashop.actions.order_get import GET
from connectors.prestashop.actions.order_ship import SHIP
from connectors.prestashop.actions.order_state import SET_STATE
from connectors.prestashop.actions.order_tracking import SET_TRACKING
from connectors.prestashop.actions.search import SEARCHES
from connectors.prestashop.actions.stock import SET_STOCK

OPERATIONS = (GET, SET_STATE, SET_TRACKING, SHIP, SET_STOCK, *SEARCHES)

__all__ = ["OPERATIONS"]
