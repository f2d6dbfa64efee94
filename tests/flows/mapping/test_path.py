"""Paths: their syntax, and what stands at them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.mapping.path import EACH, Missing, Path, PathError, lookup, parse_path, reader

DATA = {"a": {"$x": [{"k": 1}, {"k": None}, {}], "": "empty name", "n": None}, "l": [[1], [2, 3]]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", Path("a")),
        ("a.b_c", Path("a", ("b_c",))),
        ("a.$Conflict", Path("a", ("$Conflict",))),
        ('a["Item.SKU"]', Path("a", ("Item.SKU",))),
        ("a['it\\'s']", Path("a", ("it's",))),
        ("a[0][-1][]", Path("a", (0, -1, EACH))),
        (" a.b ", Path("a", ("b",))),
    ],
)
def test_reads_paths(text: str, expected: Path) -> None:
    assert parse_path(text) == expected


@pytest.mark.parametrize(
    "text", ["", "1a", ".a", "a.", "a..b", "a[", "a[x]", "a b", "a[1.5]", "a|b"]
)
def test_refuses_what_is_none(text: str) -> None:
    with pytest.raises(PathError):
        parse_path(text)


def test_a_path_has_an_end() -> None:
    with pytest.raises(PathError):
        parse_path("a" + ".b" * 33)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a["$x"][0].k', 1),
        ('a["$x"][].k', [1, None, None]),
        ("a.n", None),
        ('a[""]', "empty name"),
        ("l[][]", [1, 2, 3]),
        ("l[-1][0]", 2),
        ("l[].x", [None, None]),
        ("a.n.deeper", Missing("a.n.deeper")),
        ("a.zzz", Missing("a.zzz")),
        ("l[9]", Missing("l[9]")),
        ("l.a", Missing("l.a")),
        ("a[0]", Missing("a[0]")),
        ("a[]", Missing("a[]")),
        ("zzz", Missing("zzz")),
        ("a.keys", Missing("a.keys")),
        ("a.__class__", Missing("a.__class__")),
    ],
)
def test_finds(text: str, expected: Any) -> None:
    assert reader(parse_path(text))(DATA) == expected


segments = st.lists(st.one_of(st.text(max_size=6), st.integers(-99, 99), st.just(EACH)), max_size=6)


@given(segments)
def test_a_path_reads_as_it_was_written(parts: list[Any]) -> None:
    path = Path("root", tuple(parts))
    assert parse_path(str(path)) == path


@given(segments)
def test_looking_up_never_raises(parts: list[Any]) -> None:
    lookup(DATA, parts)
