"""Business rules, groups, batches, and how many failed items a for-each bears."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sdk.errors import RejectedError
from flows.engine.compile import check_flow
from flows.engine.run import EndState
from tests.flows.engine.support import CATALOG, FarSide, flow, go, header, node, output, plan, ran

ROWS = [
    {
        "when": "{{ trigger.data.total < 0 }}",
        "message": "The total {{ trigger.data.total }} is negative.",
    },
    {
        "when": "{{ trigger.data.country == 'CH' }}",
        "severity": "info",
        "route": "customs",
        "message": "Customs",
    },
    {"when": "{{ trigger.data.total > 1000 }}", "severity": "warning", "message": "Large"},
]


def ruled(*more: str) -> Any:
    return plan(
        [
            node("rules", "data.rules@1", params={"rules": ROWS}),
            *(node(one, "far.read@1") for one in ("go_on", "declare", "mend")),
        ],
        ["start > rules", "rules.out > go_on", "rules.customs > declare", "rules.invalid > mend"],
    )


@pytest.mark.parametrize(
    ("total", "country", "way", "rows"),
    [
        (10, "DE", "go_on", []),
        (2000, "DE", "go_on", [2]),
        (2000, "CH", "declare", [1, 2]),
        (-1, "DE", "mend", [0]),
        (-1, "CH", "mend", [0, 1]),
    ],
)
async def test_the_first_row_that_decides_gives_the_way(
    total: int, country: str, way: str, rows: list[int]
) -> None:
    result = await go(ruled(), FarSide(), run=header(total=total, country=country))
    assert ran(result)[-1] == way
    said = output(result, "rules")
    assert [one["row"] for one in said["findings"]] == rows
    assert said["valid"] is (total >= 0)
    if rows[:1] == [0]:
        assert said["findings"][0]["message"] == "The total -1 is negative."


async def test_an_error_without_a_way_makes_a_dead_letter_with_all_findings() -> None:
    made = plan([node("rules", "data.rules@1", params={"rules": ROWS})], ["start > rules"])
    result = await go(made, FarSide(), run=header(total=-1, country="CH"))
    assert result.end.state is EndState.DEAD
    assert result.end.error is not None
    assert result.end.error["code"] == "rules"
    assert len(result.end.error["detail"]["findings"]) == 2


async def test_what_a_record_says_is_not_evaluated_in_a_message() -> None:
    rows = [{"when": "{{ true }}", "severity": "info", "message": "It says {{ trigger.data.a }}"}]
    made = plan([node("rules", "data.rules@1", params={"rules": rows})], ["start > rules"])
    result = await go(made, FarSide(), run=header(a="{{ 7 * 7 }}"))
    assert output(result, "rules")["findings"][0]["message"] == "It says {{ 7 * 7 }}"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"when": "{{ 1 +", "message": "x"}, "expression_syntax"),
        ({"when": "{{ nowhere.a }}", "message": "x"}, "unknown_name"),
        ({"when": "{{ true }}", "message": "{{ nowhere.a }}"}, "unknown_name"),
        ({"when": "{{ true }}", "message": "x", "route": "out"}, "params"),
        ({"when": "{{ true }}", "message": "x", "severity": "fatal"}, "params"),
    ],
)
def test_rules_that_cannot_work_are_refused(row: dict[str, Any], code: str) -> None:
    document = flow([node("rules", "data.rules@1", params={"rules": [row]})], ["start > rules"])
    assert code in {one.code for one in check_flow(document, CATALOG)}


async def _part(type_: str, items: list[Any], **params: Any) -> Any:
    made = plan(
        [node("part", type_, params={"items": "{{ trigger.data.items }}", **params})],
        ["start > part"],
    )
    result = await go(made, FarSide(), run=header(items=items))
    assert result.end.state is EndState.SUCCEEDED, result.end.error
    return output(result, "part")


async def test_groups_stand_in_the_order_of_their_keys() -> None:
    rows = [{"c": 7, "n": 1}, {"c": "8", "n": 2}, {"c": "7", "n": 3}, {"c": None, "n": 4}]
    rows.append({"c": Decimal("7"), "n": 5})
    said = await _part("data.group@1", rows, key="{{ item.c }}")
    assert [(one["key"], [row["n"] for row in one["items"]]) for one in said["groups"]] == [
        (7, [1, 3, 5]),
        ("8", [2]),
        (None, [4]),
    ]
    assert said["count"] == 3


@given(st.lists(st.integers(0, 5), max_size=40), st.integers(1, 7))
@settings(max_examples=40, deadline=None)
async def test_parting_loses_nothing_and_keeps_the_order(items: list[int], size: int) -> None:
    batched = await _part("data.batch@1", items, size=size)
    assert [one for batch in batched["batches"] for one in batch] == items
    assert all(len(one) == size for one in batched["batches"][:-1])
    assert batched["count"] == -(-len(items) // size)
    grouped = await _part("data.group@1", items, key="item")
    assert sorted(one for group in grouped["groups"] for one in group["items"]) == sorted(items)
    assert [group["key"] for group in grouped["groups"]] == list(dict.fromkeys(items))


@pytest.mark.parametrize("type_", ["data.group@1", "data.batch@1"])
async def test_only_lists_are_parted(type_: str) -> None:
    params = {"items": "{{ trigger.data.items }}"}
    params |= {"key": "item"} if type_ == "data.group@1" else {"size": 2}  # type: ignore[dict-item]  # one integer among texts
    made = plan([node("part", type_, params=params)], ["start > part"])
    result = await go(made, FarSide(), run=header(items="abc"))
    assert result.end.error is not None
    assert result.end.error["code"] == "items_not_a_list"


@pytest.mark.parametrize(
    ("most", "state", "pushed"), [(None, "succeeded", 5), (2, "succeeded", 5), (1, "dead", 4)]
)
async def test_a_loop_bears_so_many_failed_items(most: int | None, state: str, pushed: int) -> None:
    params: dict[str, Any] = {"items": [0, 1, 2, 3, 4], "on_item_error": "collect"}
    if most is not None:
        params["max_failures"] = most
    made = plan(
        [node("each", "flow.for_each@1", params=params), node("push", "far.write@1")],
        ["start > each", "each.item > push"],
    )
    no = RejectedError("no")
    far = FarSide(script={"push": [None, no, None, no, None]})
    result = await go(made, far)
    assert result.end.state == state
    assert len(far.calls) == pushed


def test_a_bound_of_failures_needs_collect() -> None:
    params = {"items": [1], "max_failures": 1}
    document = flow(
        [node("each", "flow.for_each@1", params=params), node("push", "far.write@1")],
        ["start > each", "each.item > push"],
    )
    assert "max_failures_needless" in {one.code for one in check_flow(document, CATALOG)}
