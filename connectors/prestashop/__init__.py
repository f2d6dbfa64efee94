"""PrestaShop 1.7.8 to 9 over its webservice."""

from pathlib import Path

from connectors.prestashop.actions import OPERATIONS
from connectors.prestashop.auth import check
from connectors.prestashop.triggers import ORDER_EVENT, read_hook
from connectors.sdk.connector import Connector
from connectors.sdk.manifest import load_manifest

CONNECTOR = Connector(
    manifest=load_manifest(Path(__file__).with_name("manifest.json")),
    check=check,
    operations=OPERATIONS,
    triggers=(ORDER_EVENT,),
    read_hook=read_hook,
)
