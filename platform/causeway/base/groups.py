"""Who holds a role: each role of a workspace is kept as a group (see governance.roles)."""

from django.contrib.auth.models import User
from django.db.models import QuerySet

from causeway.base.models import Workspace


def group_name(workspace: Workspace, role: str) -> str:
    """The name of the group that stands for a role in a workspace."""
    return f"{workspace.slug}:{role}"


def holders(workspace: Workspace, role: str) -> QuerySet[User]:
    """The people with an open account who hold the role."""
    return User.objects.filter(is_active=True, groups__name=group_name(workspace, role))
