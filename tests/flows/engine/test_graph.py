"""Graphs: order, cycles, and dead-path elimination against a naive reference."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.engine.graph import Edge, Graph
from flows.engine.run import EndState
from tests.flows.engine.support import FarSide, go, header, node, plan


def graph(nodes: str, *ways: str) -> Graph:
    return Graph(nodes, [Edge(way[0], "out", way[1], index) for index, way in enumerate(ways)])


def test_order_breaks_ties_by_id() -> None:
    assert graph("cab", "ab").order() == (["a", "b", "c"], [])
    assert graph("abc", "ca").order() == (["b", "c", "a"], [])


def test_a_cycle_is_named_in_the_order_of_its_edges() -> None:
    made = graph("abcd", "ab", "bc", "cb", "cd")
    assert sorted(made.cycle()) == ["b", "c"]
    found = made.cycle()
    pairs = zip(found, [*found[1:], found[0]], strict=True)
    assert {a + b for a, b in pairs} == {"bc", "cb"}
    assert graph("ab", "ab").cycle() == []
    assert graph("a", "aa").cycle() == ["a"]


def test_ancestors() -> None:
    found = graph("abcd", "ab", "bc", "ac").ancestors()
    assert found == {"a": set(), "b": {"a"}, "c": {"a", "b"}, "d": set()}


small = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=16, unique=True)


@given(small)
def test_order_and_cycle_agree(pairs: list[tuple[int, int]]) -> None:
    names = "abcdefgh"
    made = graph(names, *(names[a] + names[b] for a, b in pairs))
    order, left = made.order()
    assert sorted(order + left) == list(names)
    place = {one: index for index, one in enumerate(order)}
    for edge in made.edges:
        if edge.target in place:
            assert place[edge.source] < place[edge.target]
    cycle = made.cycle()
    assert bool(cycle) == bool(left)
    following = {(edge.source, edge.target) for edge in made.edges}
    assert all(pair in following for pair in zip(cycle, [*cycle[1:], *cycle[:1]], strict=True))


@st.composite
def branching(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[str], dict[str, bool]]:
    """A random DAG whose nodes are branches with a drawn answer, reads, or filters."""
    count = draw(st.integers(1, 9))
    nodes: list[dict[str, Any]] = []
    ways: list[str] = []
    answers: dict[str, bool] = {}
    ports: dict[str, list[str]] = {"start": ["out"]}
    for index in range(count):
        id_ = f"n{index}"
        kind = draw(st.sampled_from(["far.read@1", "flow.branch@1", "flow.filter@1"]))
        answers[id_] = draw(st.booleans())
        params = {} if kind == "far.read@1" else {"condition": f"{{{{ {answers[id_]} }}}}".lower()}
        nodes.append(node(id_, kind, params=params))
        sources = [
            (source, port)
            for source, known in ports.items()
            for port in known
        ]  # fmt: skip
        chosen = draw(st.lists(st.sampled_from(sources), min_size=1, max_size=3, unique=True))
        ways.extend(f"{source}.{port} > {id_}" for source, port in chosen)
        ports[id_] = ["yes", "no"] if kind == "flow.branch@1" else ["out"]
    return nodes, ways, answers


def naive(
    nodes: list[dict[str, Any]], ways: list[str], answers: dict[str, bool]
) -> tuple[set[str], set[str]]:
    """Which nodes run and which are skipped: a node runs when an edge into it was taken."""
    taken = {"start": {"out"}}
    ran: set[str] = set()
    skipped: set[str] = set()
    for one in nodes:  # made in topological order
        id_ = one["id"]
        into = [way.split(" > ")[0].split(".") for way in ways if way.endswith(f"> {id_}")]
        if any(port in taken.get(source, set()) for source, port in into):
            ran.add(id_)
            if one["type"] == "flow.branch@1":
                taken[id_] = {"yes" if answers[id_] else "no"}
            elif one["type"] == "flow.filter@1":
                taken[id_] = {"out"} if answers[id_] else set()
            else:
                taken[id_] = {"out"}
        else:
            skipped.add(id_)
    return ran, skipped


@settings(max_examples=150, deadline=None)
@given(branching())
async def test_dead_paths_are_those_of_the_naive_reference(
    drawn: tuple[list[dict[str, Any]], list[str], dict[str, bool]],
) -> None:
    nodes, ways, answers = drawn
    result = await go(plan(nodes, ways), FarSide(), run=header())
    assert result.end.state is EndState.SUCCEEDED
    ran, skipped = naive(nodes, ways, answers)
    succeeded = [event.node for event in result.events if event.type == "step_succeeded"]
    buried = [event.node for event in result.events if event.type == "step_skipped"]
    assert sorted(succeeded) == sorted({*ran, "start"})
    assert sorted(buried) == sorted(skipped)
