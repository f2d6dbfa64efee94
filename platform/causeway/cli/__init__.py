"""The `causeway` command."""

from causeway.cli.main import main

__all__ = ["main"]
