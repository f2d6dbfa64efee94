"""What the database itself guarantees about flow versions."""

import pytest
from django.db import IntegrityError, transaction

from causeway.base.models import Workspace
from flows.models import Flow, FlowVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> FlowVersion:
    workspace = Workspace.objects.create(slug="main", name="Main")
    flow = Flow.objects.create(workspace=workspace, slug="f", name="F")
    return FlowVersion.objects.create(flow=flow, number=1, document={"a": 1}, digest="d")


def test_a_published_version_is_never_changed(version: FlowVersion) -> None:
    version.document = {"a": 2}
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        version.save()
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        FlowVersion.objects.update(note="x")
    version.refresh_from_db()
    assert version.document == {"a": 1}


def test_a_published_version_is_never_deleted(version: FlowVersion) -> None:
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        version.delete()
    assert FlowVersion.objects.count() == 1
