"""`causeway keys`: the file whose keys wrap the keys of credentials."""

from pathlib import Path

import click

from causeway.cli import setup
from causeway.errors import StartError
from causeway.state import create_key_file


@click.group()
def keys() -> None:
    """The keys that protect stored secrets."""


@keys.command()
@click.argument("path", type=click.Path(dir_okay=False))
def create(path: str) -> None:
    """Make a key file for an installation with its own servers. Keep a copy in a safe place."""
    create_key_file(Path(path).absolute())
    click.echo(f"Made {path}. Without it the stored secrets cannot be read: keep a copy.")


@keys.command()
def rotate() -> None:
    """Put a new key first and seal every stored secret anew."""
    setup.begin()
    from connectors.connections.vault import VaultError, rotate_keys

    try:
        count = rotate_keys()
    except VaultError as error:
        raise StartError(str(error)) from None
    click.echo(f"Sealed {count} secrets with a new key.")
