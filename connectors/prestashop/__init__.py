"""PrestaShop 1.7.8 to 9 over its webservice."""

from pathlib import Path

from connectors.prestashop.actions import OPERATIONS
from connectors.prestashop.auth import check
from connectors.prestashop.nouns import NOUNS, with_record
from connectors.prestashop.triggers import ORDER_EVENT, read_hook
from connectors.sdk.connector import Connector
from connectors.sdk.manifest import load_manifest

_WRITTEN = load_manifest(Path(__file__).with_name("manifest.json"))

CONNECTOR = Connector(
    manifest={
        **_WRITTEN,
        "operations": [
            *(with_record(one) for one in _WRITTEN["operations"]),
            *(noun.entry() for noun in NOUNS),
        ],
    },
    check=check,
    operations=OPERATIONS,
    triggers=(ORDER_EVENT,),
    read_hook=read_hook,
)
