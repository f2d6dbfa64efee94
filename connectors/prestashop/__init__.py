"""PrestaShop 1.7.8 to 9 over its webservice."""

from pathlib import Path

from connectors.prestashop.actions import OPERATIONS
from connectors.prestashop.auth import check
from connectors.prestashop.combination_sweep import COMBINATION_EVENT
from connectors.prestashop.combination_sweep import ENTRY as COMBINATION_ENTRY
from connectors.prestashop.combination_sweep import read as read_combination
from connectors.prestashop.hook_news import reader
from connectors.prestashop.multistore import of_its_shop, with_shop
from connectors.prestashop.nouns import NOUNS, with_record
from connectors.prestashop.record_triggers import RECORD_NEWS
from connectors.prestashop.stock_sweep import ENTRY as STOCK_ENTRY
from connectors.prestashop.stock_sweep import STOCK_EVENT
from connectors.prestashop.stock_sweep import read as read_stock
from connectors.prestashop.tracking_news import ENTRY as TRACKING_ENTRY
from connectors.prestashop.tracking_news import TRACKING_EVENT
from connectors.prestashop.tracking_news import read as read_tracking
from connectors.prestashop.triggers import ORDER_EVENT
from connectors.prestashop.triggers import read as read_order
from connectors.sdk.connector import Connector
from connectors.sdk.manifest import load_manifest

_WRITTEN = load_manifest(Path(__file__).with_name("manifest.json"))

CONNECTOR = Connector(
    manifest={
        **_WRITTEN,
        "operations": [
            *(with_shop(with_record(one)) for one in _WRITTEN["operations"]),
            *(with_shop(noun.entry()) for noun in NOUNS),
        ],
        "triggers": [
            *_WRITTEN["triggers"],
            *(news.entry() for news in RECORD_NEWS),
            STOCK_ENTRY,
            COMBINATION_ENTRY,
            TRACKING_ENTRY,
        ],
    },
    check=check,
    operations=OPERATIONS,
    triggers=(
        ORDER_EVENT,
        *(news.trigger() for news in RECORD_NEWS),
        STOCK_EVENT,
        COMBINATION_EVENT,
        TRACKING_EVENT,
    ),
    read_hook=of_its_shop(
        reader(
            {
                "order": read_order,
                **{news.noun.name: news.read for news in RECORD_NEWS},
                "stock": read_stock,
                "combination": read_combination,
                "tracking": read_tracking,
            }
        )
    ),
)
