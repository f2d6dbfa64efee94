"""The permission check: object permissions on a workspace, and nothing else.

Django's superuser flag opens nothing here: nobody reads a workspace without a grant on it.
The permissions are those of `causeway.base.models.Workspace`, named without app label.
"""

from typing import Final

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from guardian.shortcuts import get_objects_for_user

from causeway.base.actors import Actor
from causeway.base.models import Workspace

PERMISSIONS: Final = frozenset(codename for codename, _ in Workspace._meta.permissions)


def workspaces_visible_to(actor: Actor, permission: str) -> QuerySet[Workspace]:
    """The workspaces in which the actor holds the permission. Every read starts here."""
    _known(permission)
    if actor.user is None:
        return Workspace.objects.all()
    if not actor.user.is_active:
        return Workspace.objects.none()
    granted: QuerySet[Workspace] = get_objects_for_user(
        actor.user,
        permission,
        klass=Workspace,
        with_superuser=False,
        accept_global_perms=False,
    )
    return granted


def allowed(actor: Actor, permission: str, workspace: Workspace) -> bool:
    """Whether the actor holds the permission in this workspace."""
    return workspaces_visible_to(actor, permission).filter(pk=workspace.pk).exists()


def check(actor: Actor, permission: str, workspace: Workspace) -> None:
    """Raise `PermissionDenied` (a 403 problem) unless the actor holds the permission."""
    if not allowed(actor, permission, workspace):
        raise PermissionDenied(f"You lack the permission {permission} in {workspace.slug}.")


def permissions_of(actor: Actor, workspace: Workspace) -> frozenset[str]:
    """All that the actor may do in the workspace."""
    return frozenset(name for name in PERMISSIONS if allowed(actor, name, workspace))


def _known(permission: str) -> None:
    if permission not in PERMISSIONS:
        raise ValueError(f"{permission} is not a permission of a workspace")
