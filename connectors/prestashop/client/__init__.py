"""The webservice of one shop: sole knower of its URLs, formats, statuses and codes."""

from connectors.prestashop.client.codes import MAIL_OR_SAVE_FAILED
from connectors.prestashop.client.query import clean_id, exact
from connectors.prestashop.client.shop import Rights, Rows, ShopClient
from connectors.prestashop.client.synopsis import Synopsis, SynopsisField
from connectors.prestashop.client.xml import Members

__all__ = [
    "MAIL_OR_SAVE_FAILED",
    "Members",
    "Rights",
    "Rows",
    "ShopClient",
    "Synopsis",
    "SynopsisField",
    "clean_id",
    "exact",
]
