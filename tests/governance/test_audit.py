"""The audit log grows with every act and never changes."""

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, IntegrityError, transaction

from causeway.base import audit as registry
from causeway.base.actors import person, system
from causeway.base.models import Workspace
from governance.audit import visible_to
from governance.models import AuditEntry
from governance.roles import Role, grant_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace() -> Workspace:
    return Workspace.objects.create(slug="main", name="Main")


def act(workspace: Workspace, verb: str = "published") -> None:
    registry.record(
        system("test"),
        verb,
        registry.subject("flow", "1", "orders", workspace),
        before="a" * 64,
        after="b" * 64,
        detail={"version": 2},
    )


def test_an_act_leaves_an_entry(workspace: Workspace) -> None:
    act(workspace)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.verb, entry.object_kind, entry.object_label) == (
        "system:test",
        "published",
        "flow",
        "orders",
    )
    assert (entry.before, entry.after, entry.detail) == ("a" * 64, "b" * 64, {"version": 2})


def test_an_entry_falls_with_its_act(workspace: Workspace) -> None:
    with transaction.atomic():
        act(workspace)
        transaction.set_rollback(True)
    assert not AuditEntry.objects.exists()


def test_the_database_refuses_changes(workspace: Workspace) -> None:
    act(workspace)
    with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
        AuditEntry.objects.update(verb="never")
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        AuditEntry.objects.all().delete()
    assert AuditEntry.objects.get().verb == "published"


def test_only_administrators_of_the_workspace_read_it(workspace: Workspace) -> None:
    elsewhere = Workspace.objects.create(slug="other", name="Other")
    act(workspace)
    admin, operator, stranger = (
        User.objects.create_user(name) for name in ("admin", "operator", "stranger")
    )
    setup = system("setup")
    grant_role(setup, user=admin, workspace=workspace, role=Role.ADMINISTRATOR)
    grant_role(setup, user=operator, workspace=workspace, role=Role.OPERATOR)
    grant_role(setup, user=stranger, workspace=elsewhere, role=Role.ADMINISTRATOR)

    assert "published" in [one.verb for one in visible_to(person(admin))]
    assert not visible_to(person(operator)).exists()
    assert "published" not in [one.verb for one in visible_to(person(stranger))]


def test_a_listener_that_fails_undoes_the_act(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(record: registry.AuditRecord) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr(registry, "_listeners", [refuse])

    @transaction.atomic
    def rename() -> None:
        workspace.name = "Renamed"
        workspace.save()
        act(workspace)

    with pytest.raises(RuntimeError, match="no room"):
        rename()
    workspace.refresh_from_db()
    assert workspace.name == "Main"
