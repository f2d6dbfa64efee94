"""What a deployment has heard for its steps that wait."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from causeway.base.actors import system
from connectors.connections.models import Connection
from flows.models import AwaitedNews, Deployment, FlowVersion, PollCursor, Run, Wait
from flows.services.deployments import deploy
from flows.services.flows import create_flow, publish_version
from tests.flows.example import NEWS, FarSide, make_catalog, waiting_document
from tests.flows.world import World, make_runs

ME = system("tests")


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch, far_side: FarSide) -> None:
    monkeypatch.setattr("flows.services.documents.default_catalog", lambda: make_catalog(far_side))


@pytest.fixture
def version(world: World) -> FlowVersion:
    return create_flow(ME, workspace=world.workspace, document=waiting_document())


def put(world: World, version: FlowVersion) -> Deployment:
    bindings = {"there": world.connection.slug}
    return deploy(ME, version=version, environment=world.environment, bindings=bindings)[0]


def next_version(version: FlowVersion, **params: Any) -> FlowVersion:
    return publish_version(ME, version.flow, document=waiting_document(**params))[0]


def test_a_deployment_says_what_its_steps_wait_for(world: World, version: FlowVersion) -> None:
    deployment = put(world, version)
    [row] = AwaitedNews.objects.all()
    assert (row.deployment, row.connection, row.node) == (deployment, world.connection, "wait")
    assert (row.trigger_type, row.params, row.match) == (NEWS, {}, "business_key")
    assert PollCursor.objects.filter(trigger_type=NEWS).count() == 1


def test_what_both_wait_for_is_heard_once(world: World, version: FlowVersion) -> None:
    put(world, version)
    second = put(world, next_version(version, deadline="PT2H"))
    [row] = AwaitedNews.objects.all()
    assert row.deployment == second


def test_what_only_old_runs_wait_for_stays_until_nobody_does(
    world: World, version: FlowVersion
) -> None:
    first = put(world, version)
    put(world, next_version(version, match="entity_id"))
    old = AwaitedNews.objects.get(deployment=first)
    Deployment.objects.filter(pk=first.pk).update(retired_at=timezone.now() - timedelta(days=2))
    [run] = make_runs(world, [{"state": Run.State.WAITING}])
    now = timezone.now()
    Wait.objects.create(
        run=run,
        node="wait",
        kind="event",
        topic=old.topic,
        key="K",
        until=now,
        registered_at=now,
    )
    put(world, next_version(version, match="entity_id", deadline="PT2H"))
    assert AwaitedNews.objects.filter(pk=old.pk).exists()
    Wait.objects.all().delete()
    put(world, next_version(version, match="entity_id", deadline="PT3H"))
    assert not AwaitedNews.objects.filter(pk=old.pk).exists()
    assert AwaitedNews.objects.count() == 1


def test_another_connection_is_other_news(world: World, version: FlowVersion) -> None:
    put(world, version)
    Connection.objects.create(
        workspace=world.workspace,
        environment=world.environment,
        slug="elsewhere",
        name="Elsewhere",
        connector="example",
        system="elsewhere",
    )
    deploy(ME, version=version, environment=world.environment, bindings={"there": "elsewhere"})
    assert len({one.topic for one in AwaitedNews.objects.all()}) == 2
