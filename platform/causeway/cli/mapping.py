"""`causeway suggest-mapping`, `extract-lines` and `parse-address`: JSON in, JSON out."""

import sys

import click

from causeway.errors import StartError


def _answer(preset: str) -> None:
    from connectors.sdk.codec import dumps, loads
    from flows.mapping.command import CommandError, answer

    source = sys.stdin.buffer.read()
    try:
        found = answer(loads(source), preset)
    except CommandError as error:
        raise StartError(str(error), "") from None
    except ValueError as error:
        trouble = f"The input is no JSON: {error}."
        raise StartError(trouble, "Give one object on standard input.") from None
    click.echo(dumps(found))


@click.command("suggest-mapping")
def suggest_mapping() -> None:
    """Answer one JSON object from standard input; its `task` says what is to be done."""
    _answer("")


@click.command("extract-lines")
def extract_lines() -> None:
    """Order lines out of items, DXL, HTML or text."""
    _answer("lines")


@click.command("parse-address")
def parse_address() -> None:
    """Street, number, postcode, town, state and country out of one text."""
    _answer("address")


COMMANDS = (suggest_mapping, extract_lines, parse_address)
