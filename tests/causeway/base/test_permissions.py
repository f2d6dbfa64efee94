"""Who sees a workspace, and who must not."""

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User
from django.core.exceptions import PermissionDenied
from guardian.shortcuts import assign_perm

from causeway.base.actors import Actor, person, system
from causeway.base.models import Workspace
from causeway.base.permissions import (
    PERMISSIONS,
    allowed,
    check,
    permissions_of,
    workspaces_visible_to,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Workspace:
    return Workspace.objects.create(slug="sales", name="Sales")


@pytest.fixture
def stock() -> Workspace:
    return Workspace.objects.create(slug="stock", name="Stock")


def someone(name: str = "ann") -> Actor:
    return person(User.objects.create_user(name))


def test_a_grant_opens_one_permission_in_one_workspace(sales: Workspace, stock: Workspace) -> None:
    ann = someone()
    assert ann.user is not None
    assign_perm("read_flows", ann.user, sales)
    assert allowed(ann, "read_flows", sales)
    assert not allowed(ann, "read_flows", stock)
    assert not allowed(ann, "edit_flows", sales)
    assert permissions_of(ann, sales) == {"read_flows"}
    assert list(workspaces_visible_to(ann, "read_flows")) == [sales]


def test_a_grant_to_a_group_reaches_its_members(sales: Workspace) -> None:
    ann, bob = someone("ann"), someone("bob")
    assert ann.user is not None
    group = Group.objects.create(name="operators")
    ann.user.groups.add(group)
    assign_perm("start_runs", group, sales)
    assert allowed(ann, "start_runs", sales)
    assert not allowed(bob, "start_runs", sales)


def test_without_a_grant_check_raises_and_names_the_permission(sales: Workspace) -> None:
    with pytest.raises(PermissionDenied, match="deploy_flows in sales"):
        check(someone(), "deploy_flows", sales)


def test_a_superuser_needs_a_grant_like_everybody(sales: Workspace) -> None:
    root = person(User.objects.create_superuser("root"))
    assert not allowed(root, "read_payloads", sales)
    assert permissions_of(root, sales) == frozenset()


def test_a_model_wide_grant_opens_nothing(sales: Workspace) -> None:
    ann = someone()
    assert ann.user is not None
    assign_perm("base.read_flows", ann.user)
    assert not allowed(ann, "read_flows", sales)


def test_a_closed_account_loses_its_grants(sales: Workspace) -> None:
    ann = someone()
    assert ann.user is not None
    assign_perm("read_flows", ann.user, sales)
    ann.user.is_active = False
    ann.user.save()
    assert not allowed(ann, "read_flows", sales)
    with pytest.raises(PermissionDenied):
        person(ann.user)


def test_nobody_is_no_actor() -> None:
    with pytest.raises(PermissionDenied):
        person(AnonymousUser())


def test_the_system_may_do_what_it_exists_for(sales: Workspace) -> None:
    sweeper = system("sweeper")
    check(sweeper, "start_runs", sales)
    assert str(sweeper) == "system:sweeper"
    assert permissions_of(sweeper, sales) == PERMISSIONS


def test_a_misspelt_permission_is_an_error_and_not_a_refusal(sales: Workspace) -> None:
    with pytest.raises(ValueError, match="read_flow is not"):
        check(system("sweeper"), "read_flow", sales)
