"""Roles give exactly their permissions, in their workspace and nowhere else."""

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from guardian.shortcuts import assign_perm

from causeway.base.actors import person, system
from causeway.base.models import Workspace
from causeway.base.permissions import PERMISSIONS, allowed, permissions_of
from governance.models import AuditEntry
from governance.roles import (
    PERMISSIONS_OF,
    Role,
    ensure_roles,
    grant_role,
    revoke_role,
    roles_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace() -> Workspace:
    return Workspace.objects.create(slug="main", name="Main")


@pytest.fixture
def elsewhere() -> Workspace:
    return Workspace.objects.create(slug="other", name="Other")


@pytest.mark.parametrize("role", list(Role))
def test_a_role_gives_its_permissions_here_only(
    role: Role, workspace: Workspace, elsewhere: Workspace
) -> None:
    user = User.objects.create_user("mara")
    grant_role(system("setup"), user=user, workspace=workspace, role=role)
    assert permissions_of(person(user), workspace) == PERMISSIONS_OF[role]
    assert permissions_of(person(user), elsewhere) == frozenset()


def test_every_role_sees_and_only_administrators_manage() -> None:
    assert all({"read_flows", "read_runs"} <= one for one in PERMISSIONS_OF.values())
    managing = {role for role, one in PERMISSIONS_OF.items() if "manage_access" in one}
    assert managing == {Role.ADMINISTRATOR}
    assert "read_payloads" not in PERMISSIONS_OF[Role.VIEWER]
    assert all(one <= PERMISSIONS for one in PERMISSIONS_OF.values())


def test_revoking_takes_everything_away(workspace: Workspace) -> None:
    user = User.objects.create_user("mara")
    grant_role(system("setup"), user=user, workspace=workspace, role=Role.ANALYST)
    assert roles_of(user, workspace) == {Role.ANALYST}
    revoke_role(system("setup"), user=user, workspace=workspace, role=Role.ANALYST)
    assert roles_of(user, workspace) == frozenset()
    assert permissions_of(person(user), workspace) == frozenset()


def test_only_who_manages_access_gives_roles(workspace: Workspace) -> None:
    mara, ines = User.objects.create_user("mara"), User.objects.create_user("ines")
    grant_role(system("setup"), user=mara, workspace=workspace, role=Role.RELEASE_ENGINEER)
    with pytest.raises(PermissionDenied):
        grant_role(person(mara), user=mara, workspace=workspace, role=Role.ADMINISTRATOR)
    with pytest.raises(PermissionDenied):
        revoke_role(person(ines), user=mara, workspace=workspace, role=Role.RELEASE_ENGINEER)
    assert roles_of(mara, workspace) == {Role.RELEASE_ENGINEER}


def test_giving_a_role_is_recorded_once(workspace: Workspace) -> None:
    user = User.objects.create_user("mara")
    for _ in range(2):
        grant_role(system("setup"), user=user, workspace=workspace, role=Role.VIEWER)
    entry = AuditEntry.objects.get(object_kind="role")
    assert (entry.verb, entry.detail) == ("granted", {"user": "mara", "role": "viewer"})


def test_a_group_that_was_tampered_with_is_set_right(workspace: Workspace) -> None:
    viewers = ensure_roles(workspace)[Role.VIEWER]
    assign_perm("manage_connections", viewers, workspace)
    ensure_roles(workspace)
    user = User.objects.create_user("mara")
    grant_role(system("setup"), user=user, workspace=workspace, role=Role.VIEWER)
    assert not allowed(person(user), "manage_connections", workspace)
