"""A map over the elements of a list."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.engine.compile import check_flow
from flows.engine.run import EndState
from tests.flows.engine.support import CATALOG, FarSide, flow, go, header, node, output, plan

FIELDS = [
    {"target": "SKU", "source": "item.sku", "functions": [{"name": "upper"}]},
    {"target": "Place", "expression": "{{ index + 1 }}"},
    {"target": "Order", "source": "trigger.data.order"},
]


def mapped(**more: Any) -> Any:
    params = {"items": "{{ trigger.data.lines }}", "fields": FIELDS, **more}
    return plan([node("lines", "data.map@1", params=params)], ["start > lines"])


async def test_each_element_is_mapped_in_order() -> None:
    result = await go(
        mapped(), FarSide(), run=header(order="A1", lines=[{"sku": "x"}, {"sku": "y"}])
    )
    assert output(result, "lines") == {
        "items": [
            {"SKU": "X", "Place": 1, "Order": "A1"},
            {"SKU": "Y", "Place": 2, "Order": "A1"},
        ],
        "failed": [],
    }


async def test_the_first_bad_element_fails_the_step_and_is_named() -> None:
    result = await go(
        mapped(), FarSide(), run=header(order="A1", lines=[{"sku": "x"}, {"name": "?"}])
    )
    assert result.end.state is EndState.DEAD
    error = result.end.error
    assert error is not None
    assert error["message"].startswith("Item 1: Field 'SKU'")
    assert error["detail"]["index"] == 1
    assert error["code"] == "source_missing"


async def test_collect_goes_on_and_lists_the_bad_ones() -> None:
    lines = [{"name": "?"}, {"sku": "y"}, {"sku": None}]
    result = await go(
        mapped(on_item_error="collect"), FarSide(), run=header(order="A1", lines=lines)
    )
    made = output(result, "lines")
    assert [one["SKU"] for one in made["items"]] == ["Y", None]
    assert [one["index"] for one in made["failed"]] == [0]
    assert made["failed"][0]["error"]["code"] == "source_missing"


async def test_what_is_no_list_and_what_is_too_long_is_refused() -> None:
    for lines, code in (({"sku": "x"}, "items_not_a_list"), ([{}] * 10_001, "too_many_items")):
        result = await go(mapped(), FarSide(), run=header(order="A1", lines=lines))
        assert result.end.error is not None
        assert result.end.error["code"] == code


def test_item_is_a_name_only_with_items_and_a_policy_needs_them() -> None:
    document = flow(
        [node("one", "data.map@1", params={"fields": FIELDS, "on_item_error": "collect"})],
        ["start > one"],
    )
    codes = {problem.code for problem in check_flow(document, CATALOG)}
    assert "on_item_error_needless" in codes
    assert len(codes) > 1, "item and index are unknown there"


@settings(max_examples=50, deadline=None)
@given(skus=st.lists(st.one_of(st.none(), st.text("abc", max_size=3)), max_size=20))
async def test_mapped_and_failed_are_all_of_them(skus: list[str | None]) -> None:
    lines = [{} if one is None else {"sku": one} for one in skus]
    result = await go(
        mapped(on_item_error="collect"), FarSide(), run=header(order="A1", lines=lines)
    )
    made = output(result, "lines")
    places = [one["Place"] - 1 for one in made["items"]]
    assert sorted([*places, *(one["index"] for one in made["failed"])]) == list(range(len(skus)))
    assert [made["items"][n]["SKU"] for n in range(len(places))] == [
        (skus[place] or "").upper() for place in places
    ]
