"""Deploying a flow that calls others: what is known to go wrong is told before a run."""

import pytest
from django.utils import timezone

from causeway.base.problems import Problem
from flows.engine.problem import Severity
from flows.models import Deployment, FlowVersion
from flows.services.called_flows import call_warnings, need_called_flows
from tests.flows import example
from tests.flows.dispatch.test_calls import calling, child
from tests.flows.world import World, deploy, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> World:
    return make_world()


def version(here: World, document: dict[str, object]) -> FlowVersion:
    Deployment.objects.filter(flow__slug=document["slug"]).update(retired_at=timezone.now())
    return deploy(here.environment, here.connection, document).version


def codes(here: World, made: FlowVersion) -> list[tuple[str, str]]:
    try:
        need_called_flows(made, here.environment)
    except Problem as problem:
        return [(str(one["pointer"]), str(one["code"])) for one in problem.errors]
    return []


AT = "/version/nodes/2/params/flow"


def test_a_flow_that_can_be_called_is_fine(here: World) -> None:
    version(here, child())
    assert codes(here, version(here, calling())) == []
    assert codes(here, version(here, calling(version=1))) == []


def test_what_does_not_exist_is_named(here: World) -> None:
    assert codes(here, version(here, calling())) == [(AT, "called_flow_unknown")]
    version(here, child())
    assert codes(here, version(here, calling(version=2))) == [(AT, "called_version_unknown")]


def test_a_flow_without_the_trigger_is_named(here: World) -> None:
    version(here, example.document("child"))
    assert codes(here, version(here, calling())) == [(AT, "called_flow_no_trigger")]


def test_a_flow_of_another_workspace_is_none(here: World) -> None:
    version(make_world("other"), child())
    assert codes(here, version(here, calling())) == [(AT, "called_flow_unknown")]


def test_a_circle_over_what_is_deployed_is_refused(here: World) -> None:
    version(here, child(calls="far"))
    version(here, child(slug="far", calls="caller"))
    with pytest.raises(Problem) as refused:
        need_called_flows(version(here, calling()), here.environment)
    [one] = refused.value.errors
    assert one["code"] == "call_circle"
    assert "caller → child → far → caller" in one["message"]


def test_whoever_draws_a_flow_is_warned_of_calls_that_cannot_be_made(here: World) -> None:
    def warned(document: dict[str, object]) -> list[tuple[str, str, str]]:
        found = call_warnings(document, [here.workspace])
        assert all(one.severity is Severity.WARNING for one in found)
        return [(one.code, one.pointer, one.node) for one in found]

    at = AT.removeprefix("/version")
    assert warned(calling()) == [("called_flow_unknown", at, "call")]
    version(here, child())
    assert warned(calling()) == []
    assert warned(calling(version=2)) == [("called_version_unknown", at, "call")]
    version(here, example.document("other"))
    assert warned(calling(flow="other")) == [("called_flow_no_trigger", at, "call")]
