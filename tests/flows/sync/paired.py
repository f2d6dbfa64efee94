"""Two far sides in memory, a deployed flow that keeps them the same, and workers that carry it."""

import itertools
from dataclasses import dataclass
from typing import Any

from causeway.base.models import Environment, Workspace
from connectors.connections.models import Connection
from flows.dispatch import worker
from flows.dispatch.accepting import Arrival, accept
from flows.engine.spec import digest
from flows.models import Deployment, Flow, FlowVersion, Listener, Run
from tests.flows.sync.pair import NEWS, Tables, news_of

_count = itertools.count(1)


@dataclass
class Pair:
    """Two far sides, and the flow that keeps them the same."""

    tables: Tables
    environment: Environment
    connections: dict[str, Connection]
    deployment: Deployment

    async def news(self, system: str, id_: str) -> None:
        """It says that a record changed, and workers hear it."""
        connection = self.connections[system]
        await accept(
            Arrival(
                environment_id=self.environment.id,
                connection_id=connection.id,
                source="hook",
                system=connection.system,
                events=[news_of(id_, version=str(next(_count)))],
            )
        )
        await worker.drain()

    async def all_news(self) -> int:
        """Until nobody has anything more to say; how much was said."""
        said = 0
        while self.tables.news:
            said += 1
            assert said < 500, "ping-pong"
            await self.news(*self.tables.news.pop(0))
        return said


def deploy(
    environment: Environment, bound: dict[str, Connection], made: dict[str, Any]
) -> Deployment:
    flow, _ = Flow.objects.get_or_create(
        workspace=environment.workspace, slug=made["slug"], defaults={"name": made["name"]}
    )
    version = FlowVersion.objects.create(
        flow=flow, number=flow.versions.count() + 1, document=made, digest=digest(made)
    )
    deployment = Deployment.objects.create(
        flow=flow,
        version=version,
        environment=environment,
        bindings={slot: str(one.id) for slot, one in bound.items()},
    )
    for slot, one in bound.items():
        Listener.objects.create(
            deployment=deployment, connection=one, node=f"news_{slot}", trigger_type=NEWS, params={}
        )
    Listener.objects.create(
        deployment=deployment, node="by_hand", trigger_type="flow.manual@1", params={}
    )
    return deployment


def make_pair(tables: Tables, made: dict[str, Any]) -> Pair:
    workspace = Workspace.objects.create(slug="main", name="Main")
    environment = Environment.objects.create(
        workspace=workspace, slug="demo", name="Demo", kind="sandbox"
    )
    bound = {
        slot: Connection.objects.create(
            workspace=workspace,
            environment=environment,
            slug=slot,
            name=slot,
            connector="pair",
            system=slot,
        )
        for slot in "ab"
    }
    return Pair(tables, environment, bound, deploy(environment, bound, made))


async def runs() -> list[str]:
    return [one.state async for one in Run.objects.order_by("id")]


async def accept_only(pair: Pair, system: str, id_: str) -> None:
    """It says that a record changed; nobody hears it yet."""
    connection = pair.connections[system]
    await accept(
        Arrival(
            environment_id=pair.environment.id,
            connection_id=connection.id,
            source="hook",
            system=connection.system,
            events=[news_of(id_, version=str(next(_count)))],
        )
    )


async def carry_all(pair: Pair) -> None:
    """All that waits, at once and again, until nothing does."""
    for _ in range(60):
        await worker.drain()
        if set(await runs()) <= {"succeeded"}:
            return
        late = Run.objects.filter(state__in=["waiting", "pending"])
        await late.aupdate(due_at=pair.environment.created_at)
    raise AssertionError(await runs())
