"""The generic connector: any far side that speaks HTTP and has no connector of its own."""

from pathlib import Path

from connectors.http.actions import REQUEST
from connectors.http.auth import check
from connectors.http.triggers import RECEIVED, read_hook
from connectors.sdk.connector import Connector
from connectors.sdk.manifest import load_manifest

CONNECTOR = Connector(
    manifest=load_manifest(Path(__file__).with_name("manifest.json")),
    check=check,
    operations=(REQUEST,),
    triggers=(RECEIVED,),
    read_hook=read_hook,
)
