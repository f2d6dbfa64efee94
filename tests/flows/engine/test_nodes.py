"""Node types describe themselves completely."""

import pytest

from flows.engine.nodes import NODE_TYPES
from flows.engine.nodes.node import NodeType
from flows.engine.nodes.repeat import item_key
from flows.engine.spec import schema
from flows.mapping.functions import FUNCTIONS
from flows.mapping.json_schema import schema_fault

EXPECTED = {
    "flow.schedule@1": ("out",),
    "flow.manual@1": ("out",),
    "flow.failed@1": ("out",),
    "flow.called@1": ("out",),
    "flow.branch@1": ("yes", "no"),
    "flow.switch@1": ("default",),
    "flow.filter@1": ("out",),
    "flow.parallel@1": (),
    "flow.join@1": ("out",),
    "flow.for_each@1": ("item", "done"),
    "flow.delay@1": ("out",),
    "flow.respond@1": ("out",),
    "flow.wait_for_event@1": ("out", "timeout"),
    "flow.approval@1": ("approved", "rejected", "timeout"),
    "flow.call@1": ("out", "timeout"),
    "flow.stop@1": (),
    "data.map@1": ("out",),
    "data.validate@1": ("out", "invalid"),
    "data.rules@1": ("out", "invalid"),
    "data.group@1": ("out",),
    "data.batch@1": ("out",),
    "sync.find_link@1": ("out",),
    "sync.record@1": ("out",),
}


def test_every_node_type_is_there_with_its_ports() -> None:
    assert {key: one.ports for key, one in NODE_TYPES.items()} == EXPECTED


@pytest.mark.parametrize("one", NODE_TYPES.values(), ids=lambda one: one.type)
def test_every_node_type_is_complete(one: NodeType) -> None:
    assert schema_fault(dict(one.params)) == ""
    assert schema_fault(dict(one.output)) == ""
    told = one.to_dict()
    assert told["kind"] in ("trigger", "control", "data") or one.prepare is not None
    assert (one.prepare is None) != (one.build is None)
    assert told["effect"] in ((None,) if one.prepare is None else ("read", "write"))
    assert all(told[key] for key in ("title", "summary", "icon", "hue"))
    for name, property_ in one.params["properties"].items():
        assert property_.get("title"), name


def test_the_flow_schema_and_all_functions_are_schemas() -> None:
    assert schema_fault(schema()) == ""
    for function in FUNCTIONS.values():
        assert schema_fault(function.schema) == ""
        assert function.summary.endswith(".")


@pytest.mark.parametrize("value", ["", "a/b", "x" * 100, "ä", "..", "A7"])
def test_item_keys_are_short_and_safe(value: str) -> None:
    key = item_key(value)
    assert 0 < len(key) <= 40
    assert "/" not in key
    assert item_key(value + "!") != key
