"""DQL: what a flow asks for, and that its data never becomes a part of the question."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.notes.client import TransportLacksError
from connectors.notes.rest.dql import changed_query, prepare
from connectors.notes.tests.conftest import START, Served
from connectors.notes.tests.ways.test_same_operation import CREATE, T_SHIRT, run
from connectors.notes.twin.rest.dql import parse
from connectors.notes.twin.rest.problem import Problem
from connectors.notes.twin.store import Document
from connectors.notes.twin.values import Item, Kind
from connectors.sdk.errors import ConfigurationError, FarSideError, RejectedError


def document(name: str) -> Document:
    one = Document(unid="A" * 32, note_id=4, form="Order Record", created=START, modified=START)
    one.put(Item("Name", Kind.TEXT, [name]))
    return one


def finds(query: str, values: dict[str, Any], name: str) -> bool:
    text, variables = prepare(query, values)
    return parse(text, variables)(document(name))


@given(st.text(max_size=60))
def test_any_text_is_only_a_value(text: str) -> None:
    assert finds("Name = ?name", {"name": text}, text)
    assert finds("Name = ?name", {"name": text}, f"{text}x") is False


@given(st.text(max_size=60))
def test_no_value_changes_the_query_that_is_sent(text: str) -> None:
    query, variables = prepare("Name = ?name and Form = 'Order Record'", {"name": text})
    assert query == "Name = ?name and Form = 'Order Record'"
    assert variables == {"name": text}


@given(st.text(max_size=200))
def test_any_query_is_sent_as_it_stands_or_refused(text: str) -> None:
    try:
        query, variables = prepare(text, {})
    except ConfigurationError:
        return
    assert query == text.strip()
    assert variables == {}


@pytest.mark.parametrize(
    "attack",
    ["' or Name >= '", "x' or 1 = 1", "?name", "@dt('2026-01-01T00:00:00Z')", "''", "') or ('"],
)
def test_the_well_known_attacks(attack: str) -> None:
    assert finds("Name = ?name", {"name": attack}, attack)
    assert not finds("Name = ?name", {"name": attack}, "Bo")


def test_a_time_is_written_by_us_alone() -> None:
    text, variables = prepare(
        "OrderDate >= ?since and Name = '?since'", {"since": {"time": "2026-11-23T11:21:30+01:00"}}
    )
    assert text == "OrderDate >= @dt('2026-11-23T10:21:30Z') and Name = '?since'"
    assert variables == {}
    assert changed_query(START) == "@ModifiedInThisFile >= @dt('2026-11-23T10:21:30Z')"


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("", {}),
        ("  ", {}),
        ("Name = 'open", {}),
        ("Name = ?name", {}),
        ("Name = ?", {"name": "x"}),
        ("Name = ?a_name_that_is_too_long", {"a_name_that_is_too_long": "x"}),
        ("Name = ?1", {"1": "x"}),
        ("Name = 'x'", {"name": "x"}),
        ("Name = '?name'", {"name": "x"}),
        ("Name = \x00", {}),
        ("x" * 9000, {}),
    ],
)
def test_a_query_that_cannot_be_one(query: str, values: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        prepare(query, values)
    assert caught.value.code == "query"
    assert caught.value.fix


@pytest.mark.parametrize(
    "value",
    [
        True,
        None,
        ["a"],
        {},
        {"time": "soon"},
        {"time": "2026-11-23T10:21:30"},
        {"time": "2026-11-23T10:21:30Z", "more": 1},
        {"time": "2026-11-23T10:21:30Z') or ('"},
    ],
)
def test_a_value_that_is_none(value: Any) -> None:
    with pytest.raises(RejectedError) as caught:
        prepare("Name = ?name", {"name": value})
    assert caught.value.code == "query_value"


@pytest.mark.parametrize("value", ["x", "", 1, 1.5, Decimal("2.50")])
def test_values_go_in_by_name(value: Any) -> None:
    assert prepare("Name = ?name", {"name": value}) == ("Name = ?name", {"name": value})


@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ("Name = 'bo'", True),  # any case
        ("Name = 'Bo' and Form = 'Order Record'", True),
        ("Name = 'Bo' and not Form = 'Order Record'", False),
        ("Name in ('Al', 'Bo')", True),
        ("(Name = 'Al' or Name = 'Bo') and @DocumentUniqueID = '" + "A" * 32 + "'", True),
        ("Name = 7", False),
        ("@Created >= @dt('2026-11-23T10:21:30Z')", True),
        ("@Created > @dt('2026-11-23T10:21:30Z')", False),
    ],
)
def test_the_twin_understands_queries(query: str, hits: bool) -> None:
    assert parse(query, {})(document("Bo")) is hits


@pytest.mark.parametrize("query", ["Name =", "= 'x'", "Name = 'x' 'y'", "Name ~ 'x'", "(Name = 1"])
def test_the_twin_refuses_what_is_none(query: str) -> None:
    with pytest.raises(Problem):
        parse(query, {})


@pytest.fixture
def rest(served: Served) -> Served:
    served.transport = "drapi"
    return served


async def test_find_by_query(rest: Served) -> None:
    params = {
        "query": "ProductID = ?id and Size = ?size and Form = 'Product Catalog Item'",
        "values": {"id": "demo_1", "size": "S"},
    }
    output = (await run("notes.document.find", rest.ctx(), params)).output
    assert output["document"]["unid"] == T_SHIRT
    output = (await run("notes.document.find", rest.ctx(), {**params, "values": {
        "id": "' or ProductID >= '", "size": "S"}})).output  # fmt: skip
    assert output == {"document": None, "conflicts": []}


async def test_search_by_query_names_conflicts_apart(rest: Served) -> None:
    made = await run("notes.document.create", rest.ctx("e-1"), CREATE)
    unid = made.output["unid"]
    loser = await rest.control.post(
        "/_twin/documents",
        json={"form": "Order Record", "conflict_of": unid, "items": {"OrderNo": "XPYEWWWWK"}},
    )
    params = {
        "query": "OrderNo = ?no and @Created >= ?since",
        "values": {"no": "XPYEWWWWK", "since": {"time": "2026-11-23T10:00:00Z"}},
    }
    output = (await run("notes.document.search", rest.ctx(), params)).output
    assert [one["unid"] for one in output["documents"]] == [unid]
    assert output["conflicts"] == [loser.json()["unid"]]


async def test_a_query_that_domino_does_not_take(rest: Served) -> None:
    with pytest.raises(RejectedError) as caught:
        await run("notes.document.find", rest.ctx(), {"query": "Name ~ 'x'"})
    assert caught.value.code == "query"
    assert "Name" in caught.value.message or "understandable" in caught.value.message


@pytest.mark.parametrize("way", ["dds", "agent"])
async def test_ways_without_dql_say_so(served: Served, way: str) -> None:
    served.transport = way
    with pytest.raises(FarSideError) as caught:
        await run("notes.document.find", served.ctx(), {"query": "Name = 'x'"})
    assert isinstance(caught.value, TransportLacksError)
    assert "REST API" in caught.value.fix
