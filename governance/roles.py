"""Roles: named sets of permissions on one workspace, each kept as a group.

A group holds object permissions on its workspace and none anywhere else; giving a role is
putting a user into the group.
"""

from enum import StrEnum
from typing import Final

from django.contrib.auth.models import Group, User
from django.db import transaction
from guardian.shortcuts import assign_perm, get_perms, remove_perm

from causeway.base.actors import Actor
from causeway.base.audit import record, subject
from causeway.base.groups import group_name
from causeway.base.models import Workspace
from causeway.base.permissions import PERMISSIONS, check


class Role(StrEnum):
    """What a person is to a workspace."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    OPERATOR = "operator"
    RELEASE_ENGINEER = "release_engineer"
    ADMINISTRATOR = "administrator"


_SEES: Final = frozenset({"read_flows", "read_runs", "read_connections"})

PERMISSIONS_OF: Final = {
    Role.VIEWER: _SEES,
    Role.ANALYST: _SEES | {"edit_flows", "read_payloads", "start_runs", "use_sandbox"},
    Role.OPERATOR: _SEES | {"read_payloads", "start_runs", "use_sandbox"},
    Role.RELEASE_ENGINEER: _SEES | {"edit_flows", "deploy_flows", "start_runs"},
    Role.ADMINISTRATOR: PERMISSIONS,
}


def ensure_roles(workspace: Workspace) -> dict[Role, Group]:
    """The workspace's groups with exactly the permissions above; safe to repeat."""
    return {role: _ensure(workspace, role) for role in Role}


def grant_role(actor: Actor, *, user: User, workspace: Workspace, role: Role) -> None:
    """Give a role. Raises `PermissionDenied` without `manage_access` in the workspace."""
    check(actor, "manage_access", workspace)
    with transaction.atomic():
        group = _ensure(workspace, role)
        if user.groups.filter(pk=group.pk).exists():
            return
        user.groups.add(group)
        _record(actor, "granted", user=user, workspace=workspace, role=role)


def revoke_role(actor: Actor, *, user: User, workspace: Workspace, role: Role) -> None:
    """Take a role away. Raises `PermissionDenied` without `manage_access` in the workspace."""
    check(actor, "manage_access", workspace)
    with transaction.atomic():
        group = _ensure(workspace, role)
        if not user.groups.filter(pk=group.pk).exists():
            return
        user.groups.remove(group)
        _record(actor, "revoked", user=user, workspace=workspace, role=role)


def roles_of(user: User, workspace: Workspace) -> frozenset[Role]:
    """The roles that a user holds in a workspace."""
    names = set(user.groups.values_list("name", flat=True))
    return frozenset(role for role in Role if group_name(workspace, role) in names)


def _ensure(workspace: Workspace, role: Role) -> Group:
    group, _ = Group.objects.get_or_create(name=group_name(workspace, role))
    wanted = PERMISSIONS_OF[role]
    held = frozenset(get_perms(group, workspace)) & PERMISSIONS
    for permission in wanted - held:
        assign_perm(permission, group, workspace)
    for permission in held - wanted:
        remove_perm(permission, group, workspace)
    return group


def _record(actor: Actor, verb: str, *, user: User, workspace: Workspace, role: Role) -> None:
    record(
        actor,
        verb,
        subject("role", str(user.pk), f"{role.value} for {user.get_username()}", workspace),
        detail={"user": user.get_username(), "role": role.value},
    )
