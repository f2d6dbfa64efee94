"""Rows that hot-path tests start from."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

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
                workspace=world.workspace,
                environment=world.environment,
                event=event,
                **{
                    "id": new_id(),
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


_BACKLOG = """
WITH event AS (
    INSERT INTO flows_triggerevent (id, environment_id, connection_id, source, type, change, system,
        entity, entity_id, version, business_key, data, source_time, source_sequence, accepted_at)
    SELECT gen_random_uuid(), %(environment)s, %(connection)s, 'hook', %(type)s, 'updated', '',
           'thing', %(prefix)s || n, 'backlog', '', '{}', now(), n, now()
    FROM generate_series(1, %(count)s) n
    RETURNING id, entity_id, source_time, source_sequence
)
INSERT INTO flows_run (id, workspace_id, environment_id, flow_id, version_id, deployment_id,
    event_id, trigger_node, business_key, state, outcome, lane, lane_key, source_time,
    source_sequence, due_at, claimed_by, claims, parked, alone, suspicion, next_seq, revision,
    created_at)
SELECT gen_random_uuid(), %(workspace)s, %(environment)s, %(flow)s, %(version)s, %(deployment)s,
       id, 'news', '', %(state)s, '', 'thing', entity_id, source_time, source_sequence,
       %(due)s + source_sequence * interval '1 millisecond', '', 0, false, false, 0, 1, 0, now()
FROM event
"""


def make_backlog(
    deployment: Deployment,
    count: int,
    *,
    due: datetime = DAY,
    state: str = "pending",
    analyse: bool = True,
) -> None:
    """So many runs of a deployment at once, each in a lane of its own. Without `analyse` the
    planner does not hear of them."""
    environment = deployment.environment
    with connection.cursor() as cursor:
        cursor.execute(
            _BACKLOG,
            {
                "environment": environment.id,
                "workspace": environment.workspace_id,
                "connection": next(iter(deployment.bindings.values())),
                "type": example.NEWS,
                "prefix": f"backlog-{next(_count)}-",
                "count": count,
                "flow": deployment.flow_id,
                "version": deployment.version_id,
                "deployment": deployment.id,
                "state": state,
                "due": due,
            },
        )
        if analyse:
            cursor.execute("ANALYZE flows_run")
