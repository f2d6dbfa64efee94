"""Which workspace and environment a request means. What its actor cannot see does not exist."""

from uuid import UUID

from django.http import Http404

from causeway.base.actors import Actor
from causeway.base.models import Environment, Workspace
from causeway.base.permissions import workspaces_visible_to
from causeway.base.problems import FieldError, Problem

MEMBERSHIP = "read_flows"  # every role holds it: who has it knows that the workspace exists


def workspace_of(actor: Actor, slug: str = "") -> Workspace:
    """The named workspace, or the only one that the actor belongs to.

    Raises `Http404` when it is not visible, and a 422 problem when several are meant.
    """
    visible = workspaces_visible_to(actor, MEMBERSHIP)
    if slug:
        found = visible.filter(slug=slug).first()
        if found is None:
            raise Http404(f"There is no workspace {slug!r}.")
        return found
    several = list(visible.order_by("slug")[:2])
    if not several:
        raise Http404("You belong to no workspace yet. Ask an administrator for a role.")
    if len(several) > 1:
        raise Problem(
            422,
            "workspace_needed",
            "You belong to several workspaces. Name one in `workspace`.",
            errors=[FieldError(pointer="/workspace", code="required", message="Name a workspace.")],
        )
    return several[0]


def environment_of(actor: Actor, slug: str, *, workspace: str = "") -> Environment:
    """The environment of that name. Raises `Http404` when it is not visible."""
    if not slug:
        raise Problem(
            422,
            "environment_needed",
            "Name an environment.",
            errors=[
                FieldError(pointer="/environment", code="required", message="Name an environment.")
            ],
        )
    home = workspace_of(actor, workspace)
    found = Environment.objects.select_related("workspace").filter(workspace=home, slug=slug)
    environment = found.first()
    if environment is None:
        raise Http404(f"There is no environment {slug!r}.")
    return environment


def as_uuid(text: str, what: str) -> UUID:
    """An id out of an address. Raises `Http404` for text that is none."""
    try:
        return UUID(text)
    except ValueError:
        raise Http404(f"There is no {what} {text!r}.") from None
