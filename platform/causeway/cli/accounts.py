"""`causeway user` and `causeway token`: who may come in."""

import getpass
import sys

import click

from causeway.cli import setup
from causeway.errors import StartError

ROLES = ("viewer", "analyst", "operator", "release_engineer", "administrator")


@click.group()
def user() -> None:
    """People who sign in."""


@user.command(name="create")
@click.argument("username")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--workspace", default="main", show_default=True, help="Made when it is missing.")
@click.option("--email", default="")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def create_user(username: str, role: str, workspace: str, email: str, password_stdin: bool) -> None:
    """Make an account with a role in a workspace."""
    setup.begin()
    from django.contrib.auth.models import User
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError
    from django.db import transaction

    from causeway.base.actors import system
    from causeway.base.models import Workspace
    from governance.roles import Role, grant_role

    if User.objects.filter(username=username).exists():
        raise StartError(f"There is already a user {username}.", "Choose another name.")
    password = sys.stdin.readline().rstrip("\n") if password_stdin else _ask_password()
    fresh = User(username=username, email=email)
    try:
        validate_password(password, fresh)
    except ValidationError as error:
        raise StartError("This password will not do.", " ".join(error.messages)) from None
    fresh.set_password(password)
    with transaction.atomic():
        fresh.save()
        where, _ = Workspace.objects.get_or_create(
            slug=workspace, defaults={"name": workspace.replace("-", " ").title()}
        )
        grant_role(system("command line"), user=fresh, workspace=where, role=Role(role))
    click.echo(f"{username} may sign in as {role} of {workspace}.")


@click.group()
def token() -> None:
    """Tokens for programs that use the API."""


@token.command(name="create")
@click.argument("username")
@click.option("--name", required=True, help="What it is for, for example ci.")
def create_token(username: str, name: str) -> None:
    """Make a token that acts as a user. It is shown this once."""
    setup.begin()
    from django.contrib.auth.models import User

    from causeway.base import tokens

    owner = User.objects.filter(username=username, is_active=True).first()
    if owner is None:
        raise StartError(f"There is no user {username}.", "Make one with `causeway user create`.")
    _, text = tokens.create_token(user=owner, name=name)
    click.echo(text)


def _ask_password() -> str:
    first = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != first:
        raise StartError("The two passwords differ.", "Try again.")
    return first
