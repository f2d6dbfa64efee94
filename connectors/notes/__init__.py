"""HCL Domino and Notes."""

from pathlib import Path

from connectors.notes.actions import OPERATIONS
from connectors.notes.auth import check
from connectors.notes.triggers import TRIGGERS, read_hook
from connectors.sdk.connector import Connector
from connectors.sdk.manifest import load_manifest

CONNECTOR = Connector(
    manifest=load_manifest(Path(__file__).with_name("manifest.json")),
    check=check,
    operations=OPERATIONS,
    triggers=TRIGGERS,
    read_hook=read_hook,
)
