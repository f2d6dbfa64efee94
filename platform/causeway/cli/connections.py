"""`causeway connection`: how an environment reaches its far sides."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from causeway.cli import setup
from causeway.errors import StartError


@click.group()
def connection() -> None:
    """Connections of the environments."""


@connection.command()
@click.argument("slug")
@click.option("--connector", required=True, help="prestashop, notes or http.")
@click.option("--environment", required=True)
@click.option("--workspace", default="main", show_default=True)
@click.option("--name", default="", help="Shown on pages. [the slug]")
@click.option("--settings", "settings_json", required=True, help="JSON object, @FILE or -.")
@click.option(
    "--secrets",
    "secrets_json",
    default="",
    help="JSON object as @FILE or - (standard input): secrets never stand on a command line.",
)
def create(
    slug: str,
    connector: str,
    environment: str,
    workspace: str,
    name: str,
    settings_json: str,
    secrets_json: str,
) -> None:
    """Make a connection, and check it."""
    if secrets_json and not secrets_json.startswith(("@", "-")):
        raise click.UsageError("--secrets takes @FILE or -, not the secrets themselves.")
    setup.begin()
    from causeway.base.actors import system
    from causeway.base.models import Environment
    from connectors.connections import service

    where = Environment.objects.filter(slug=environment, workspace__slug=workspace).first()
    if where is None:
        raise StartError(
            f"There is no environment {environment} in {workspace}.",
            "`causeway environment create` makes one.",
        )
    with _told_as_sentences():
        made = service.create_connection(
            system("command line"),
            environment=where,
            slug=slug,
            name=name,
            connector=connector,
            settings=_object(settings_json),
            secrets=_object(secrets_json) if secrets_json else {},
        )
    _check(made)


@connection.command()
@click.argument("slug")
@click.option("--environment", required=True)
def check(slug: str, environment: str) -> None:
    """Ask the far side whether the connection can be used."""
    setup.begin()
    from connectors.connections.models import Connection

    found = Connection.objects.filter(slug=slug, environment__slug=environment).first()
    if found is None:
        raise StartError(
            f"There is no connection {slug} in {environment}.",
            "Make it with `causeway connection create`.",
        )
    _check(found)


def _check(found: Any) -> None:
    from causeway.base.actors import system
    from connectors.connections import service
    from flows.protection.reading import resume

    with _told_as_sentences():
        checked = service.check_connection(system("command line"), found)
        if checked.state == "healthy":
            resume(str(checked.id))
    if checked.state != "healthy":
        raise StartError(f"{checked.slug} needs attention: {checked.state_message}")
    click.echo(f"{checked.slug} is healthy: {checked.system}")
    facts = dict(checked.facts)
    found = facts.pop("findings", [])
    if found:
        # They say in sentences what this list says in rights.
        facts.pop("operations", None)
    for name, value in facts.items():
        click.echo(f"  {name}: {value}")
    for one in found:
        click.echo(f"  {one['level']:4} {one['says']} {one['remedy']}".rstrip())


@contextmanager
def _told_as_sentences() -> Iterator[None]:
    """A problem's findings, a line each."""
    from causeway.base.problems import Problem

    try:
        yield
    except Problem as problem:
        lines = [f"{one['pointer']}: {one['message']}" for one in problem.errors]
        raise StartError(problem.detail, "\n".join(["", *lines]) if lines else "") from None


def _object(given: str) -> dict[str, Any]:
    """A JSON object given as text, as @FILE or as - for standard input."""
    try:
        if given == "-":
            text = sys.stdin.read()
        elif given.startswith("@"):
            text = Path(given[1:]).read_text()
        else:
            text = given
        value = json.loads(text)
    except OSError as error:
        raise click.UsageError(f"{given[1:]} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise click.UsageError(f"This is no JSON: {error}.") from None
    if not isinstance(value, dict):
        raise click.UsageError("A JSON object is wanted, for example {}.")
    return value
