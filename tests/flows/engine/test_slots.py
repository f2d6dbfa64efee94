"""Connections of nodes, and the news that a node waits for."""

from typing import Any

import pytest

from flows.engine.compile import check_flow, compile_flow
from tests.flows.engine.support import CATALOG, flow, node

PARAMS = {"event": "far.event@1", "key": "A", "deadline": "P1D"}


def document(params: dict[str, Any], **more: Any) -> dict[str, Any]:
    return flow([node("wait", "flow.wait_for_event@1", params=params, **more)], ["start > wait"])


class Picky:
    """A catalog whose trigger takes a list of changes."""

    def operation_spec(self, type_: str) -> None:
        return None

    def trigger_spec(self, type_: str) -> dict[str, Any] | None:
        if type_ != "far.event@1":
            return None
        return {
            "params": {
                "type": "object",
                "properties": {"changes": {"type": "array"}},
                "additionalProperties": False,
            }
        }


def test_what_a_flow_waits_for_stands_in_the_plan() -> None:
    params = {**PARAMS, "filter": {"a": 1}, "match": "entity_id"}
    [wait] = compile_flow(document(params, connection="far"), CATALOG).waits
    assert (wait.node, wait.type, wait.slot) == ("wait", "far.event@1", "far")
    assert (wait.match, wait.params) == ("entity_id", {"a": 1})


@pytest.mark.parametrize(
    ("params", "more", "code", "pointer"),
    [
        (PARAMS, {}, "connection_missing", "/nodes/1"),
        (PARAMS, {"connection": "none"}, "connection_unknown", "/nodes/1/connection"),
        (
            {**PARAMS, "event": "far.nothing@1"},
            {"connection": "far"},
            "event_unknown",
            "/nodes/1/params/event",
        ),
        (
            {**PARAMS, "event": "flow.schedule@1"},
            {"connection": "far"},
            "event_unknown",
            "/nodes/1/params/event",
        ),
        (
            {**PARAMS, "filter": {"change": []}},
            {"connection": "far"},
            "params",
            "/nodes/1/params/filter",
        ),
        (
            {**PARAMS, "filter": {"changes": "{{ 1 }}"}},
            {"connection": "far"},
            "params",
            "/nodes/1/params/filter/changes",
        ),
        ({**PARAMS, "event": 7}, {"connection": "far"}, "params", "/nodes/1/params/event"),
        (
            {**PARAMS, "deadline": "soon"},
            {"connection": "far"},
            "duration",
            "/nodes/1/params/deadline",
        ),
        (
            {**PARAMS, "key": "{{ later }}"},
            {"connection": "far"},
            "unknown_name",
            "/nodes/1/params/key",
        ),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(
    params: dict[str, Any], more: dict[str, Any], code: str, pointer: str
) -> None:
    found = [(one.code, one.pointer) for one in check_flow(document(params, **more), Picky())]
    assert (code, pointer) in found


def test_a_slot_for_another_system_does_not_fit() -> None:
    made = document(PARAMS, connection="else")
    made["connections"]["else"] = {"connector": "other"}
    [found] = check_flow(made, CATALOG)
    assert (found.code, found.pointer) == ("connection_mismatch", "/nodes/1/connection")


def test_a_node_that_listens_to_nothing_uses_no_connection() -> None:
    made = flow([node("x", "flow.stop@1", connection="far")], ["start > x"])
    assert [one.code for one in check_flow(made, CATALOG)] == ["connection_needless"]
