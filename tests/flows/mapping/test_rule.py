"""Mapping documents as values: nothing is lost between JSON and back, changes are told in words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.mapping.differences import Change, differences
from flows.mapping.rule import RuleError, read_rules, write_rules

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=5,
)
PATHS = st.sampled_from(["a", "a.b", 'a["x y"].c', "lines[].sku", "a[0]"])
CALLS = st.one_of(
    st.just({"name": "trim"}),
    st.builds(lambda n: {"name": "truncate", "length": n}, st.integers(0, 90)),
    st.builds(lambda t: {"name": "join", "separator": t}, st.text(max_size=3)),
    st.builds(lambda p: {"name": "concat", "with": [p], "separator": " "}, PATHS),
)
ORIGINS = st.one_of(
    st.builds(lambda one: {"source": one}, PATHS),
    st.builds(lambda many: {"sources": many}, st.lists(PATHS, min_size=2, max_size=4)),
    st.builds(lambda one: {"expression": one}, st.sampled_from(["{{ a }}", "a.b * 2"])),
    st.builds(lambda one: {"value": one}, JSON),
)
MORE = st.fixed_dictionaries(
    {},
    optional={
        "functions": st.lists(CALLS, min_size=1, max_size=3),
        "when": st.sampled_from(["a", "{{ a == 1 }}"]),
        "default": JSON,
    },
)
FIELDS = st.lists(
    st.tuples(st.text("abcxyz", min_size=1, max_size=4), ORIGINS, MORE),
    min_size=1,
    max_size=5,
    unique_by=lambda one: one[0],
).map(lambda many: [{"target": name, **origin, **more} for name, origin, more in many])


@given(FIELDS)
def test_a_document_comes_back_as_it_was(document: list[dict[str, Any]]) -> None:
    assert write_rules(read_rules(document)) == document


@given(FIELDS, FIELDS)
def test_a_document_differs_exactly_where_it_does(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> None:
    assert differences(before, before[::-1]) == ()
    told = {one.target: one for one in differences(before, after)}
    old = {one["target"]: one for one in before}
    new = {one["target"]: one for one in after}
    assert set(told) == {
        target for target in old | new if repr(old.get(target)) != repr(new.get(target))
    }
    for target, one in told.items():
        expected = Change.CHANGED if target in old and target in new else None
        expected = expected or (Change.ADDED if target in new else Change.REMOVED)
        assert one.change is expected
        assert all(one.words)


def test_changes_are_told_in_words() -> None:
    before = [
        {"target": "a", "source": "order.ref"},
        {"target": "b", "source": "order.note", "functions": [{"name": "truncate", "length": 5}]},
        {"target": "c", "value": 1},
    ]
    after = [
        {"target": "a", "source": "order.id", "default": None, "when": "order.id"},
        {"target": "b", "source": "order.note", "functions": [{"name": "truncate", "length": 9}]},
        {"target": "d", "sources": ["x.first", "x.last"], "functions": [{"name": "join"}]},
    ]
    assert {one.target: (str(one.change), one.words) for one in differences(before, after)} == {
        "c": ("removed", ("is no longer written",)),
        "a": (
            "changed",
            (
                "is made of order.id instead of order.ref",
                'is written only when "order.id"',
                'becomes "null" where there is nothing',
            ),
        ),
        "b": ("changed", ("has other settings of Shorten",)),
        "d": ("added", ("is made of x.first and x.last through Join",)),
    }


@pytest.mark.parametrize("document", [3, [], [{"target": "a"}], [{"source": "a"}], [{"a": 1}]])
def test_what_is_no_document_is_refused(document: Any) -> None:
    with pytest.raises(RuleError):
        read_rules(document)
