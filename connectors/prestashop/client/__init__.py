"""The webservice of one shop: sole knower of its URLs, formats, statuses and codes."""

from connectors.prestashop.client.codes import MAIL_OR_SAVE_FAILED
from connectors.prestashop.client.shop import Rights, Rows, ShopClient, clean_id, exact

__all__ = ["MAIL_OR_SAVE_FAILED", "Rights", "Rows", "ShopClient", "clean_id", "exact"]
