"""Every statement of the contract marked [S] has its tests, and those tests exist."""

import ast
from functools import cache

import httpx
import pytest

from connectors.notes.actions.read import run_get
from connectors.notes.tests.conftest import Served
from connectors.notes.tests.statements import HERE, Statement, statements
from connectors.sdk.operation import OperationContext


@cache
def named_in(file: str) -> frozenset[str]:
    tree = ast.parse((HERE / file).read_text())
    return frozenset(
        one.name
        for one in tree.body
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and one.name.startswith("test_")
    )


@pytest.mark.parametrize("one", statements(), ids=lambda one: one.id)
def test_the_tests_of_a_statement_exist(one: Statement) -> None:
    for name in (*one.twin, *one.client):
        file, _, test = name.partition("::")
        assert test in named_in(file), name
    assert all(name.startswith("twin/") for name in one.twin)
    assert not any(name.startswith("twin/") for name in one.client)


def test_every_statement_that_a_client_can_observe_is_held_by_a_test() -> None:
    known = statements()
    assert len({one.id for one in known}) == len(known) > 100
    assert [one.id for one in known if not one.unseen and not (one.twin or one.client)] == []
    # A reason is no excuse for what has tests.
    assert [one.id for one in known if one.unseen and (one.twin or one.client)] == []
    assert sum(bool(one.unseen) for one in known) <= 13


async def test_a_key_that_comes_twice_counts_as_the_last(served: Served) -> None:
    """[S] 3.4: several Notes items of one name give the same JSON key twice."""
    raw = (
        b'{"@unid":"' + b"A" * 32 + b'","@noteid":"8FA","@form":"Order Record",'
        b'"@created":"2026-11-23T10:00:00Z","@modified":"2026-11-23T10:00:00Z",'
        b'"OrderNo":"first","OrderNo":"second"}'
    )

    def answer(request: httpx.Request) -> httpx.Response:
        headers = {
            "Content-Type": "application/json",
            "Last-Modified": "Mon, 23 Nov 2026 10:00:00 GMT",
            "Date": "Mon, 23 Nov 2026 10:21:30 GMT",
        }
        return httpx.Response(200, content=raw, headers=headers)

    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    ctx = OperationContext(
        connection=served.connection(auth="basic"), http=http, effect_key="e", now=served.clock,
        session={},
    )  # fmt: skip
    output = (await run_get(ctx, {"unid": "A" * 32})).output
    assert output["document"]["items"]["OrderNo"] == "second"
