"""What a respond node says, and what it may not."""

from typing import Any

import pytest

from flows.engine.compile import check_flow
from tests.flows.engine.support import CATALOG, FarSide, flow, go, header, node, output, plan


def responding(**params: Any) -> Any:
    return plan([node("answer", "flow.respond@1", params=params)], ["start > answer"])


async def test_it_says_status_headers_and_body() -> None:
    made = responding(
        status=409,
        headers={"X-Order": "{{ trigger.data.id }}"},
        body={"id": "{{ trigger.data.id }}"},
    )
    result = await go(made, FarSide(), run=header(id=7))
    assert output(result, "answer") == {
        "status": 409,
        "headers": {"x-order": "7"},
        "body": {"id": 7},
    }
    assert made.responds == ("answer",)


async def test_without_params_it_says_that_all_is_well() -> None:
    result = await go(responding(), FarSide(), run=header())
    assert output(result, "answer") == {"status": 200, "headers": {}, "body": None}


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: x=1", "\x00", "日本", "x" * 5000])
async def test_a_header_cannot_carry_more_than_a_line(value: str) -> None:
    made = responding(headers={"X-Told": "{{ trigger.data.told }}"})
    result = await go(made, FarSide(), run=header(told=value))
    assert result.end.error is not None
    assert result.end.error["code"] == "respond_header"


@pytest.mark.parametrize(
    "name", ["Set-Cookie", "content-length", "Transfer-Encoding", "X Y", "X:Y", "", "Überschrift"]
)
def test_some_headers_are_not_for_flows(name: str) -> None:
    document = flow(
        [node("answer", "flow.respond@1", params={"headers": {name: "x"}})], ["start > answer"]
    )
    (problem,) = check_flow(document, CATALOG)
    assert problem.code == "respond_header"
    assert problem.pointer.startswith("/nodes/1/params/headers")


@pytest.mark.parametrize("status", [199, 600, "200"])
def test_a_status_is_one_of_an_answer(status: Any) -> None:
    document = flow(
        [node("answer", "flow.respond@1", params={"status": status})], ["start > answer"]
    )
    assert {problem.code for problem in check_flow(document, CATALOG)} == {"params"}
