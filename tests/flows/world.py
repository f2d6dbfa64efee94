"""Rows that hot-path tests start from."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from causeway.base.ids import new_id
from causeway.base.models import Environment, Workspace
from connectors.connections.models import Connection
from connectors.connections.vault import seal
from flows.dispatch.catalog import catalog
from flows.engine.compile import compile_flow
from flows.engine.nodes.wait_for_event import WAIT_FOR_EVENT
from flows.engine.spec import digest
from flows.models import Deployment, Flow, FlowVersion, Listener, Run, TriggerEvent
from flows.services.awaited_news import await_news
from tests.flows import example

SECRET = "the-secret-of-the-example-hook"
DAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
_count = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One workspace with one connection and one deployed flow."""

    workspace: Workspace
    environment: Environment
    connection: Connection
    deployment: Deployment


def make_world(slug: str = "main") -> World:
    workspace = Workspace.objects.create(slug=slug, name=slug)
    environment = Environment.objects.create(
        workspace=workspace, slug="demo", name="Demo", kind="sandbox"
    )
    connection = Connection.objects.create(
        workspace=workspace,
        environment=environment,
        slug="there",
        name="There",
        connector="example",
        system=f"there.{slug}",
    )
    seal(connection_id=connection.id, name="webhook_secret", value=SECRET).save()
    return World(
        workspace=workspace,
        environment=environment,
        connection=connection,
        deployment=deploy(environment, connection, example.document()),
    )


def deploy(
    environment: Environment, connection: Connection, document: dict[str, Any], **more: Any
) -> Deployment:
    flow, _ = Flow.objects.get_or_create(
        workspace=environment.workspace, slug=document["slug"], defaults={"name": document["name"]}
    )
    version = FlowVersion.objects.create(
        flow=flow,
        number=flow.versions.count() + 1,
        document=document,
        digest=digest(document),
    )
    deployment = Deployment.objects.create(
        flow=flow,
        version=version,
        environment=environment,
        bindings={"there": str(connection.id)},
        **more,
    )
    trigger = document["nodes"][0]
    Listener.objects.create(
        deployment=deployment,
        connection=connection,
        node=trigger["id"],
        trigger_type=trigger["type"],
        params=trigger["params"],
    )
    if any(node["type"] == WAIT_FOR_EVENT.type for node in document["nodes"]):
        await_news(deployment, compile_flow(document, catalog()), {"there": connection})
    return deployment


def deploy_instead(world: World, slug: str = "products", **lane: Any) -> Deployment:
    """A flow in the place of the world's own; `lane` adds to the settings of its lane."""
    world.deployment.listeners.all().delete()
    document = example.document(slug)
    document["settings"]["lane"].update(lane)
    return deploy(world.environment, world.connection, document)


def make_runs(world: World, rows: Sequence[dict[str, Any]]) -> list[Run]:
    """Runs with one event each; a row overrides the run's fields. In the order given they are
    one second apart at the source."""
    runs = []
    for place, row in enumerate(rows):
        at = DAY + timedelta(seconds=place)
        event = TriggerEvent.objects.create(
            environment=world.environment,
            connection=world.connection,
            source="hook",
            type=example.NEWS,
            change="updated",
            system=world.connection.system,
            entity="thing",
            entity_id=str(row.get("lane_key", place)),
            version=str(next(_count)),
            data={"id": str(place)},
            source_time=at,
            accepted_at=at,
        )
        runs.append(
            Run(
                id=new_id(),
                workspace=world.workspace,
                environment=world.environment,
                event=event,
                **{
                    "flow_id": world.deployment.flow_id,
                    "version_id": world.deployment.version_id,
                    "deployment": world.deployment,
                    "trigger_node": "news",
                    "source_time": at,
                    "due_at": at,
                    "created_at": at,
                    "lane": "thing",
                    "lane_key": str(place),
                    **row,
                },
            )
        )
    return Run.objects.bulk_create(runs)
