"""`causeway twin`: an imitated far side on a port of its own."""

import importlib
import logging
from pathlib import Path
from typing import Any

import click
import uvicorn

from causeway.config import ROOT
from causeway.supervisor import ports

WORLD = ROOT / "fixtures" / "worlds" / "meadow"


@click.command()
@click.argument("system", type=click.Choice(["prestashop", "notes"]))
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), required=True)
@click.option(
    "--world",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What the system holds at first. [the world meadow]",
)
@click.option(
    "--data",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File that keeps its state. [none: forgotten at the end]",
)
def twin(system: str, host: str, port: int, world: Path | None, data: Path | None) -> None:
    """Run an imitated PrestaShop or Domino server, with its control plane under /_twin/."""
    ports.require_free(host, port, purpose=f"the {system} twin", remedy="Choose another --port.")
    if data is not None:
        data.parent.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    # Named at run time: no import leads from the product to a twin.
    module: Any = importlib.import_module(f"connectors.{system}.twin.app")
    file = {"prestashop": "shop.json", "notes": "notes.json"}[system]
    uvicorn.run(
        module.create_app(world=world or WORLD / file, data=data),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=3,
    )
