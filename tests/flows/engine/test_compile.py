"""Compiling: a good flow becomes a plan, a bad one a list of everything wrong with it."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from connectors.catalog import default_catalog
from flows.engine.compile import PlanCache, check_flow, compile_flow
from flows.engine.expression import ExpressionError
from flows.engine.problem import FlowInvalidError, Severity
from flows.engine.spec import digest, parse
from tests.flows.engine.support import CATALOG, flow, node, plan

FIXTURES = sorted((Path(__file__).parents[3] / "fixtures" / "flows").glob("*.json"))


def found(document: Any) -> dict[str, list[str]]:
    """Problem codes with their pointers."""
    codes: dict[str, list[str]] = {}
    for problem in check_flow(document, CATALOG):
        codes.setdefault(problem.code, []).append(problem.pointer)
        assert problem.message.endswith((".", "?"))
    return codes


def test_there_are_example_flows() -> None:
    assert len(FIXTURES) >= 3


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_every_example_flow_compiles_against_the_real_catalog(path: Path) -> None:
    document = parse(path.read_bytes())
    assert check_flow(document, default_catalog()) == []
    made = compile_flow(document, default_catalog())
    assert made.slug == path.stem
    assert made.lane({"entity_id": "6"})[1] == "6"


def test_a_plan_knows_its_triggers_slots_crosswalks_and_lane() -> None:
    fields = [
        {
            "target": "a",
            "source": "trigger.data.a",
            "functions": [{"name": "crosswalk", "table": "states", "direction": "to_left"}],
        }
    ]
    made = plan(
        [node("m", "data.map@1", params={"fields": fields})],
        ["start > m"],
        settings={"lane": {"name": "order", "key": "{{ trigger.entity_id }}"}, "deadline": "P1D"},
    )
    assert [(one.node, one.type, one.slot) for one in made.triggers] == [
        ("start", "far.event@1", "far")
    ]
    assert [(one.name, one.connector) for one in made.slots] == [("far", "far")]
    assert made.crosswalks == {"states"}
    assert made.lane({"entity_id": "6"}) == ("order", "6")
    long = made.lane({"entity_id": "x" * 500})[1]
    assert len(long) == 200
    assert made.lane({"entity_id": "x" * 501})[1] != long
    with pytest.raises(ExpressionError):
        made.lane({"entity_id": ""})
    assert plan([], []).lane({}) == ("", "")


def test_a_lane_says_whether_only_its_latest_run_counts() -> None:
    lane = {"name": "order", "key": "{{ trigger.entity_id }}"}
    assert not plan([], [], settings={"lane": lane}).lane_latest
    assert not plan([], [], settings={"lane": {**lane, "policy": "every"}}).lane_latest
    assert plan([], [], settings={"lane": {**lane, "policy": "latest"}}).lane_latest
    document = flow([], [], settings={"lane": {**lane, "policy": "newest"}})
    assert found(document) == {"schema": ["/settings/lane/policy"]}


def test_a_lane_may_have_a_cap_and_a_flow_a_weight() -> None:
    lane = {"name": "order", "key": "{{ trigger.entity_id }}"}
    made = plan([], [], settings={"lane": lane})
    assert (made.lane_cap, made.weight) == (None, 10)
    made = plan([], [], settings={"lane": {**lane, "cap": 50}, "weight": 100})
    assert (made.lane_cap, made.weight) == (50, 100)
    wrong = flow([], [], settings={"lane": {**lane, "cap": 0}, "weight": 101})
    assert found(wrong) == {"schema": ["/settings/lane/cap", "/settings/weight"]}


def test_a_newer_format_gets_one_sentence() -> None:
    document = {"format": 2, "everything": "different"}
    assert found(document) == {"format_newer": ["/format"]}


@pytest.mark.parametrize("document", [None, [], "flow", 7])
def test_what_is_no_object_is_said_to_be_none(document: Any) -> None:
    assert found(document) == {"not_an_object": [""]}


def test_all_problems_come_at_once_in_the_documents_order() -> None:
    document = flow(
        [
            node("a", "far.red@1"),
            node("b", "far.read@1", connection="away"),
            node("b", "far.read@1"),
            node("c", "far.read@1", params={"id": True, "more": 1}),
            node("d", "flow.filter@1", params={"condition": "{{ a. }}"}),
            node("e", "data.map@1", params={"fields": [{"target": "x", "source": "f.y"}]}),
            node("f", "flow.stop@1", params={"outcome": "{{ strat.x }}"}, connection="far"),
            node("Bad Id", "far.read@1"),
        ],
        ["start > b", "b > c", "c > d", "d.maybe > e", "e > f", "e > g", "c > d", "f > a"],
        connections={"far": {"connector": "far"}, "spare": {"connector": "other"}},
    )
    codes = found(document)
    assert codes["unknown_type"] == ["/nodes/1/type"]
    assert codes["connection_unknown"] == ["/nodes/2/connection"]
    assert codes["node_twice"] == ["/nodes/3/id"]
    assert codes["params"] == ["/nodes/4/params", "/nodes/4/params/id"]
    assert codes["expression_syntax"] == ["/nodes/5/params/condition"]
    assert codes["not_upstream"] == ["/nodes/6/params/fields/0/source"]
    assert codes["unknown_name"] == ["/nodes/7/params/outcome"]
    assert codes["connection_needless"] == ["/nodes/7/connection"]
    assert codes["schema"] == ["/nodes/8/id"]
    assert codes["edge_unknown_port"] == ["/edges/3/port", "/edges/7/port"]
    assert codes["edge_unknown_node"] == ["/edges/5/to"]
    assert codes["edge_twice"] == ["/edges/6"]
    assert codes["slot_unused"] == ["/connections/spare"]
    with pytest.raises(FlowInvalidError) as caught:
        compile_flow(document, CATALOG)
    assert len(caught.value.problems) == sum(map(len, codes.values()))


def test_cycles_islands_and_entered_triggers() -> None:
    document = flow(
        [node(one, "far.read@1") for one in "abcd"],
        ["start > a", "a > b", "b > a", "c > d", "a > start"],
    )
    codes = found(document)
    assert len(codes["cycle"]) == 1
    assert codes["unreachable"] == ["/nodes/3", "/nodes/4"]
    assert codes["trigger_has_input"] == ["/edges/4"]
    assert "no_trigger" in found({**flow([], []), "nodes": [node("a", "far.read@1")]})


def test_a_slot_of_another_connector() -> None:
    document = flow(
        [node("a", "far.read@1")], ["start > a"], connections={"far": {"connector": "x"}}
    )
    assert found(document)["connection_mismatch"] == [
        "/nodes/0/connection",
        "/nodes/1/connection",
    ]
    del document["nodes"][1]["connection"]
    assert found(document)["connection_missing"] == ["/nodes/1"]


def test_a_loop_body_may_not_leave_the_loop() -> None:
    nodes = [
        node("each", "flow.for_each@1", params={"items": "{{ trigger.data.lines }}"}),
        node("body", "far.read@1", params={"id": "{{ item.id }}"}),
        node("after", "far.read@1", params={"id": "{{ each.count }}"}),
    ]
    good = ["start > each", "each.item > body", "each.done > after"]
    assert found(flow(nodes, good)) == {}
    assert found(flow(nodes, [*good, "body > after"]))["loop_rejoin"] == ["/edges/3"]
    assert found(flow(nodes, [*good, "start > body"]))["loop_rejoin"]
    assert found(flow(nodes, [good[0], "each.done > body", good[2]])) == {
        "loop_empty": ["/nodes/1"],
        "unknown_name": ["/nodes/2/params/id"],
    }


def test_item_is_unknown_outside_and_body_outputs_after_a_loop() -> None:
    nodes = [
        node("each", "flow.for_each@1", params={"items": [1]}),
        node("body", "far.read@1"),
        node("after", "far.read@1", params={"id": "{{ item }}", "data": "{{ body.x }}"}),
    ]
    codes = found(flow(nodes, ["start > each", "each.item > body", "each.done > after"]))
    assert codes == {
        "unknown_name": ["/nodes/3/params/id"],
        "not_upstream": ["/nodes/3/params/data"],
    }


def test_errors_are_routed_somewhere_or_not_at_all() -> None:
    nodes = [node("a", "far.read@1", policy={"on_error": "route"}), node("b", "far.read@1")]
    assert found(flow(nodes, ["start > a", "a.error > b"])) == {}
    assert found(flow(nodes, ["start > a", "a > b"]))["error_not_routed"] == [
        "/nodes/1/policy/on_error"
    ]
    plain = [node("a", "far.read@1"), node("b", "far.read@1")]
    assert found(flow(plain, ["start > a", "a.error > b"]))["error_not_routed"] == ["/edges/1/port"]
    branch = node(
        "a", "flow.branch@1", params={"condition": "{{ true }}"}, policy={"on_error": "continue"}
    )
    assert "continue_nowhere" in found(flow([branch], ["start > a"]))


def test_a_text_with_braces_fits_any_type() -> None:
    good = node("a", "far.read@1", params={"id": "{{ trigger.entity_id }}"})
    assert found(flow([good], ["start > a"])) == {}


def test_a_query_stands_as_it_is_written() -> None:
    """Data of a run goes in beside it, so that it never becomes a part of the query."""
    query = {"query": "OrderNo = ?no", "values": {"no": "{{ trigger.entity_id }}"}}
    for type_ in ("notes.document.find@1", "notes.document.search@1"):
        document = flow([node("a", type_, params=query)], ["start > a"], slots={"notes": "notes"})
        good = [one for one in check_flow(document, default_catalog()) if one.code == "params"]
        assert good == []
        mixed = {"query": "OrderNo = '{{ trigger.entity_id }}'"}
        document = flow([node("a", type_, params=mixed)], ["start > a"], slots={"notes": "notes"})
        [bad] = [one for one in check_flow(document, default_catalog()) if one.code == "params"]
        assert bad.pointer.endswith("/params/query")
        assert "as a value beside it" in bad.message


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"fields": []}, "params"),
        ({"fields": [{"target": "a"}]}, "params"),
        ({"fields": [{"target": "a", "value": 1, "source": "trigger"}]}, "params"),
        ({"fields": [{"target": "a", "source": "tri gger"}]}, "path_syntax"),
        ({"fields": [{"target": "a[0]", "value": 1}]}, "target_syntax"),
        ({"fields": [{"target": "a", "value": 1}, {"target": "a.b", "value": 1}]}, "target_twice"),
        ({"fields": [{"target": "a", "expression": "1 +"}]}, "expression_syntax"),
        ({"fields": [{"target": "a", "value": 1, "when": "nobody.x"}]}, "unknown_name"),
        ({"fields": [{"target": "a", "value": 1, "functions": [{"name": "no"}]}]}, "params"),
        (
            {"fields": [{"target": "a", "value": 1, "functions": [{"name": "crosswalk"}]}]},
            "crosswalk_usage",
        ),
        (
            {"fields": [{"target": "a", "value": 1, "functions": [{"name": "truncate"}]}]},
            "function_params",
        ),
        (
            {
                "fields": [
                    {
                        "target": "a",
                        "value": 1,
                        "functions": [
                            {"name": "crosswalk", "table": "A B", "direction": "to_left"}
                        ],
                    }
                ]
            },
            "crosswalk_usage",
        ),
    ],
)
def test_what_a_map_may_not_hold(params: dict[str, Any], code: str) -> None:
    assert code in found(flow([node("m", "data.map@1", params=params)], ["start > m"]))


@pytest.mark.parametrize(
    ("type_", "params", "code"),
    [
        ("data.validate@1", {}, "params"),
        ("data.validate@1", {"schema": {"type": "object"}}, "validate_value"),
        ("data.validate@1", {"value": 1, "schema": {"type": "objekt"}}, "validate_schema"),
        ("data.validate@1", {"value": 1, "schema": {"$ref": "https://x/y"}}, "validate_schema"),
        ("flow.delay@1", {"for": "soon"}, "duration"),
        ("flow.delay@1", {"for": "PT1S", "until": "2026-01-01"}, "params"),
        ("flow.switch@1", {"value": 1, "cases": [{"port": "default", "equals": 1}]}, "port_twice"),
        ("flow.branch@1", {}, "params"),
        ("flow.stop@1", {"status": "maybe"}, "params"),
    ],
)
def test_what_nodes_may_not_hold(type_: str, params: dict[str, Any], code: str) -> None:
    assert code in found(flow([node("n", type_, params=params)], ["start > n"]))


def test_a_warning_alone_does_not_refuse_a_flow() -> None:
    document = flow([], [], connections={"far": {"connector": "far"}, "x": {"connector": "y"}})
    (problem,) = check_flow(document, CATALOG)
    assert problem.severity is Severity.WARNING
    assert compile_flow(document, CATALOG).slug == "test"


@pytest.mark.parametrize("broken", ["nodes", "edges", "connections", "settings"])
@pytest.mark.parametrize("value", [None, 7, "x", {}, [], [None], [{}], {"a": None}])
def test_no_shape_of_document_makes_the_checks_fall_over(broken: str, value: Any) -> None:
    document = flow([node("a", "far.read@1")], ["start > a"])
    document[broken] = copy.deepcopy(value)
    assert isinstance(check_flow(document, CATALOG), list)


def test_the_digest_knows_logic_and_not_layout() -> None:
    document = flow([node("a", "far.read@1")], ["start > a"])
    before = digest(document)
    moved = {**document, "layout": {"nodes": {"a": {"x": 5, "y": 7}}}}
    reordered = {**document, "nodes": document["nodes"][::-1]}
    renamed = {**document, "name": "Other"}
    assert digest(moved) == before
    assert digest(reordered) == before
    assert digest(renamed) != before
    assert len(before) == 64


def test_the_digest_does_not_depend_on_how_numbers_were_read() -> None:
    document = flow(
        [node("m", "data.map@1", params={"fields": [{"target": "a", "value": 1.5}]})], ["start > m"]
    )
    text = json.dumps(document)
    assert digest(parse(text)) == digest(json.loads(text)) == digest(document)


def test_plans_are_compiled_once() -> None:
    cache = PlanCache(CATALOG, size=1)
    first = flow([], [])
    second = flow([node("a", "far.read@1")], ["start > a"])
    plan_1 = cache.get(digest(first), first)
    assert cache.get(digest(first), first) is plan_1
    cache.get(digest(second), second)
    assert cache.get(digest(first), first) is not plan_1


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b'{"format": 1}', b"[]", b'{"format": 3}'])
def test_a_file_that_is_no_flow_is_refused(data: bytes) -> None:
    with pytest.raises(FlowInvalidError) as caught:
        parse(data)
    assert caught.value.problems[0].message
