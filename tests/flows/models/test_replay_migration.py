"""The way back from replays: no run is lost, and none goes on."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from flows.models import Run
from tests.flows.world import World, make_runs

BEFORE = [("flows", "0005_schedule_source")]


@pytest.mark.django_db(transaction=True)
def test_replays_get_events_of_their_own_on_the_way_back(world: World) -> None:
    latest = list(MigrationExecutor(connection).loader.graph.leaf_nodes())
    [first] = make_runs(world, [{"state": "dead"}])
    for number, state in ((1, "succeeded"), (2, "pending")):
        Run.objects.create(
            workspace=world.workspace,
            environment=world.environment,
            flow_id=first.flow_id,
            version_id=first.version_id,
            deployment=world.deployment,
            event=first.event,
            trigger_node="news",
            state=state,
            source_time=first.source_time,
            due_at=first.due_at,
            created_at=first.created_at,
            replay_of=first,
            replay_number=number,
            trigger_data={"id": "edited"},
        )
    try:
        MigrationExecutor(connection).migrate(BEFORE)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT r.state, e.version LIKE 'replay:%', e.data->>'id' FROM flows_run r"
                " JOIN flows_triggerevent e ON e.id = r.event_id ORDER BY r.id"
            )
            assert cursor.fetchall() == [
                ("dead", False, "0"),
                ("succeeded", True, "edited"),
                ("cancelled", True, "edited"),
            ]
    finally:
        MigrationExecutor(connection).migrate(latest)
    assert {one.replay_number for one in Run.objects.all()} == {0}
