"""Home's figures come from the rollups."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from causeway.base.actors import person, system
from causeway.base.models import Environment, Workspace
from connectors.connections.models import Connection
from flows.models import Deployment, Flow, FlowRollup, FlowVersion, Run, TriggerEvent
from flows.services.home import home

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
HOUR = NOW.replace(minute=0)
ACTOR = system("test")


@pytest.fixture
def demo() -> Environment:
    workspace = Workspace.objects.create(slug="main", name="Main")
    return Environment.objects.create(workspace=workspace, slug="demo", name="Demo", kind="sandbox")


def deployed(demo: Environment, slug: str) -> Deployment:
    flow = Flow.objects.create(workspace=demo.workspace, slug=slug, name=slug.title())
    version = FlowVersion.objects.create(
        flow=flow,
        number=1,
        digest="d",
        document={
            "nodes": [
                {"id": "a", "type": "prestashop.order_event@1"},
                {"id": "b", "type": "prestashop.order.get@1"},
                {"id": "c", "type": "notes.document.create@1"},
            ]
        },
    )
    return Deployment.objects.create(flow=flow, version=version, environment=demo)


def rollup(deployment: Deployment, *, hours_ago: int = 0, **figures: Any) -> None:
    FlowRollup.objects.create(
        flow=deployment.flow,
        environment=deployment.environment,
        hour=HOUR - timedelta(hours=hours_ago),
        last_ended_at=NOW - timedelta(hours=hours_ago),
        **figures,
    )


def waiting_run(deployment: Deployment, *, since: datetime) -> Run:
    event = TriggerEvent.objects.create(
        environment=deployment.environment,
        source="hook",
        type="prestashop.order_event@1",
        change="created",
        entity_id=str(since),
        version="created",
        data={},
        source_time=since,
        accepted_at=since,
    )
    return Run.objects.create(
        workspace=deployment.environment.workspace,
        environment=deployment.environment,
        flow=deployment.flow,
        version=deployment.version,
        deployment=deployment,
        event=event,
        source_time=since,
        due_at=since,
        created_at=since,
        state="waiting",
    )


def only_card(demo: Environment) -> dict[str, Any]:
    card: dict[str, Any]
    [card] = home(ACTOR, demo, now=NOW)["cards"]
    return card


def test_today_adds_up_and_the_last_24_hours_draw_a_line(demo: Environment) -> None:
    orders = deployed(demo, "orders")
    rollup(orders, succeeded=4, confirmed=3, absorbed=1, lag_sum_ms=8000, last_lag_ms=1500)
    rollup(orders, hours_ago=9, succeeded=2, failed=1, confirmed=1, diverged=1, lag_sum_ms=1000)
    rollup(orders, hours_ago=12, succeeded=5, confirmed=5)  # yesterday, still drawn
    rollup(orders, hours_ago=30, succeeded=100)
    card = only_card(demo)
    assert (card["today"], card["errors"]) == (6, 1)
    assert card["receipts"] == {"confirmed": 4, "absorbed": 1, "diverged": 1}
    assert card["spark"] == [0] * 11 + [5, 0, 0, 2] + [0] * 8 + [4]
    assert (card["lag_ms"], card["lag_mean_ms"]) == (1500, 1500)
    assert (card["from"], card["to"]) == ("prestashop", "notes")
    assert card["status"] == "flowing"


def test_another_environments_figures_do_not_show(demo: Environment) -> None:
    orders = deployed(demo, "orders")
    test = Environment.objects.create(
        workspace=demo.workspace, slug="test", name="Test", kind="test"
    )
    FlowRollup.objects.create(flow=orders.flow, environment=test, hour=HOUR, succeeded=9)
    card = only_card(demo)
    assert (card["today"], card["status"]) == (0, "idle")


def test_a_run_that_waits_makes_the_flow_late(demo: Environment) -> None:
    orders = deployed(demo, "orders")
    rollup(orders, succeeded=4, last_lag_ms=1500)
    since = NOW - timedelta(minutes=14)
    waiting_run(orders, since=since)
    waiting_run(orders, since=NOW - timedelta(minutes=3))
    card = only_card(demo)
    assert (card["status"], card["lag_ms"], card["late_since"]) == ("delayed", 840_000, since)


def test_a_run_that_has_just_come_is_not_late(demo: Environment) -> None:
    orders = deployed(demo, "orders")
    rollup(orders, succeeded=4)
    waiting_run(orders, since=NOW - timedelta(seconds=30))
    assert only_card(demo)["status"] == "flowing"


def test_more_failures_than_successes_lately_is_failing(demo: Environment) -> None:
    rollup(deployed(demo, "orders"), succeeded=1, failed=2)
    assert only_card(demo)["status"] == "failing"


def test_failures_of_the_morning_are_not_failing_now(demo: Environment) -> None:
    orders = deployed(demo, "orders")
    rollup(orders, hours_ago=5, failed=9)
    rollup(orders, succeeded=1)
    assert only_card(demo)["status"] == "flowing"


def test_the_sentence_says_what_matters_first(demo: Environment) -> None:
    def sentence() -> str:
        return str(home(ACTOR, demo, now=NOW)["sentence"]["text"])

    assert sentence() == "No flow is deployed here yet."
    orders, stock, status = (deployed(demo, slug) for slug in ("orders", "stock", "status"))
    assert sentence() == "Nothing has moved yet."
    for one in (orders, stock, status):
        rollup(one, succeeded=1, confirmed=1)
    assert sentence() == "Everything is flowing."
    waiting_run(stock, since=NOW - timedelta(minutes=5))
    assert sentence() == "Stock is late. Orders and Status are flowing."
    assert home(ACTOR, demo, now=NOW)["sentence"]["confirmed"] == 3


def test_a_retired_deployment_has_no_card(demo: Environment) -> None:
    orders = deployed(demo, "orders")
    orders.retired_at = NOW
    orders.save()
    assert home(ACTOR, demo, now=NOW)["cards"] == []
    assert home(ACTOR, demo, now=NOW)["changes"]


def test_the_number_of_queries_does_not_grow_with_the_flows(
    demo: Environment, django_assert_num_queries: Any
) -> None:
    def queries(count: int) -> int:
        for _ in range(count):
            one = deployed(demo, f"flow-{Flow.objects.count()}")
            rollup(one, succeeded=1)
            Connection.objects.create(
                workspace=demo.workspace,
                environment=demo,
                slug=f"c{Flow.objects.count()}",
                connector="http",
            )
        with django_assert_num_queries(12, exact=False) as captured:
            home(ACTOR, demo, now=NOW)
        return len(captured)

    assert queries(1) == queries(9)


def test_home_needs_the_permission(demo: Environment, django_user_model: Any) -> None:
    actor = person(django_user_model.objects.create_user("mara"))
    with pytest.raises(PermissionDenied):
        home(actor, demo, now=NOW)
