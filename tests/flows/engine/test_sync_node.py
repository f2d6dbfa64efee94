"""Sync nodes as documents: what is wrong with one is told where it stands."""

from copy import deepcopy
from typing import Any

import pytest

from flows.engine.compile import check_flow, compile_flow
from flows.sync.entity import Deletes, Side
from tests.flows.sync.pair import Tables, document, make_catalog

CATALOG = make_catalog(Tables())


def changed(change: Any, **more: Any) -> Any:
    made = deepcopy(document(**more))
    change(made["nodes"][-1]["params"])
    return made


def told(made: dict[str, Any]) -> Any:
    return {(one.code, one.pointer) for one in check_flow(made, CATALOG)}


def test_a_sync_node_is_one_action_over_two_slots() -> None:
    plan = compile_flow(document(), CATALOG)
    node = plan.by_id["sync"]
    assert node.call is not None
    assert node.sync is not None
    assert node.call.effect_is_write
    assert node.call.probe
    assert node.ports == ("out",)
    assert [node.sync.sides[side].slot for side in Side] == ["a", "b"]
    assert node.sync.entity.deletes == {Side.LEFT: Deletes.PROPAGATE, Side.RIGHT: Deletes.ASK}


AT = "/nodes/3/params"


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        (lambda p: p["left"].update(connection="c"), "connection_unknown", "/left/connection"),
        (
            lambda p: p["left"]["read"].update(operation="pair.nothing@1"),
            "sync_operation",
            "/left/read/operation",
        ),
        (
            lambda p: p["left"]["read"].update(operation="pair.update@1"),
            "sync_operation",
            "/left/read/operation",
        ),
        (
            lambda p: p["right"]["update"].update(operation="pair.get@1"),
            "sync_operation",
            "/right/update/operation",
        ),
        (lambda p: p["left"].pop("create"), "sync_call_missing", "/left"),
        (lambda p: p["right"].pop("delete"), "sync_call_missing", "/right"),
        (lambda p: p["right"]["find"].pop("take"), "sync_take_missing", "/right/find"),
        (
            lambda p: p["fields"].append({"name": "name"}),
            "field_twice",
            "/fields/3/name",
        ),
        (
            lambda p: p["fields"][0].update(owner="expression"),
            "expression_missing",
            "/fields/0",
        ),
        (
            lambda p: p["fields"][0].update(expression="{{ left }}"),
            "expression_needless",
            "/fields/0/expression",
        ),
        (
            lambda p: p["left"]["map_in"][0].update(target="nome"),
            "field_unknown",
            "/left/map_in/0/target",
        ),
        (
            lambda p: p["left"].update(id="{{ row.id }}"),
            "unknown_name",
            "/left/id",
        ),
        (lambda p: p.pop("fields"), "params", ""),
        (lambda p: p.update(deletes={"left": "forget"}), "params", "/deletes/left"),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(change: Any, code: str, pointer: str) -> None:
    assert (code, AT + pointer) in told(changed(change))


def test_the_example_has_nothing_wrong() -> None:
    assert told(document()) == set()


def test_a_connection_of_the_node_itself_is_needless() -> None:
    made = document()
    made["nodes"][-1]["connection"] = "a"
    assert ("connection_needless", "/nodes/3/connection") in told(made)


def test_find_link_asks_for_an_id() -> None:
    made = document()
    made["nodes"][-1] = {
        "id": "find",
        "type": "sync.find_link@1",
        "name": "Find",
        "params": {"entity": "thing", "left": "a", "right": "b"},
    }
    for edge in made["edges"]:
        edge["to"] = "find"
    assert told(made) == {("find_link_id", AT)}
    made["nodes"][-1]["params"]["left_id"] = "{{ trigger.data.id }}"
    assert told(made) == set()
