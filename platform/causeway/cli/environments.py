"""`causeway environment`: where flow versions run and connections live."""

import click

from causeway.cli import setup
from causeway.errors import StartError


@click.group()
def environment() -> None:
    """Environments of the workspaces."""


@environment.command()
@click.argument("slug")
@click.option("--kind", type=click.Choice(["sandbox", "test", "production"]), required=True)
@click.option("--workspace", default="main", show_default=True, help="Made when it is missing.")
@click.option("--name", default="", help="Shown on pages. [the slug]")
def create(slug: str, kind: str, workspace: str, name: str) -> None:
    """Make an environment."""
    setup.begin()
    from django.core.exceptions import ValidationError
    from django.db import transaction

    from causeway.base.models import Environment, Workspace

    with transaction.atomic():
        where, _ = Workspace.objects.get_or_create(
            slug=workspace, defaults={"name": workspace.replace("-", " ").title()}
        )
        made = Environment(workspace=where, slug=slug, name=name or slug.title(), kind=kind)
        try:
            made.full_clean()
        except ValidationError as error:
            raise StartError(" ".join(error.messages), "Choose another name.") from None
        made.save()
    click.echo(f"Made the {kind} environment {slug} of {workspace}.")
