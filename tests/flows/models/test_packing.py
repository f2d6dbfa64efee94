"""What is taken apart comes back as it was, whatever it looks like."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.base.ids import new_id
from connectors.sdk import codec
from flows.models import packing
from flows.models.packing import (
    Packed,
    PayloadKey,
    day_of,
    names_in,
    opened,
    pack,
    pack_values,
    row_form,
    unpack,
)

DAY = date(2031, 5, 6)
SMALL = 64
BIG = "x" * (SMALL + 1)
NAMES = st.sampled_from(["$payload", "$$payload", "$$$payload", "payload", "output", "a"])
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.just(BIG),
    st.just("20310506-" + "0" * 32),
)  # fmt: skip
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(scope="module", autouse=True)
def _small() -> Iterator[None]:
    """What counts as large is small here, so that examples can be read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packing, "LARGE", SMALL)
        yield


def dump(value: Any) -> str:
    return codec.dumps(value).decode()


class Shelf(dict[PayloadKey, Packed]):
    def keep(self, one: Packed) -> None:
        self[one.key] = one

    def load(self, key: PayloadKey) -> Any:
        return opened(self[key].data, self[key].size)


@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_the_values_of_a_mapping_come_back(data: dict[str, Any]) -> None:
    shelf = Shelf()
    stored = codec.loads(pack_values(data, dump(data), day=DAY, keep=shelf.keep, dump=dump))
    assert unpack(stored, shelf.load) == data
    assert set(names_in(stored)) == set(shelf)


@given(VALUES)
def test_a_whole_value_comes_back(value: Any) -> None:
    shelf = Shelf()
    stored = codec.loads(pack(dump(row_form(value)), day=DAY, keep=shelf.keep))
    assert unpack(stored, shelf.load) == value
    assert set(names_in(stored)) == set(shelf)


@given(VALUES)
def test_what_stays_in_the_row_never_passes_for_a_name(value: Any) -> None:
    assert list(names_in(row_form(value))) == []


def test_small_values_stay_where_they_are() -> None:
    shelf = Shelf()
    data = {"output": {"id": "6"}, "attempt": 1}
    assert pack_values(data, dump(data), day=DAY, keep=shelf.keep, dump=dump) == dump(data)
    assert not shelf


def test_what_is_said_of_a_large_value_stays_readable_beside_its_name() -> None:
    shelf = Shelf()
    data = {"output": {"text": BIG}, "attempt": 3}
    stored = codec.loads(pack_values(data, dump(data), day=DAY, keep=shelf.keep, dump=dump))
    [key] = shelf
    assert stored == {"output": {"$payload": str(key)}, "attempt": 3}
    assert str(key).startswith("20310506-")
    assert len(shelf[key].data) < len(BIG)


def test_equal_values_have_one_name() -> None:
    shelf = Shelf()
    for attempt in (1, 2):
        data = {"output": BIG, "attempt": attempt}
        pack_values(data, dump(data), day=DAY, keep=shelf.keep, dump=dump)
    assert len(shelf) == 1


def test_a_damaged_payload_is_told() -> None:
    shelf = Shelf()
    pack(dump(BIG), day=DAY, keep=shelf.keep)
    [one] = shelf.values()
    with pytest.raises(ValueError, match="damaged"):
        opened(one.data[:-3] + b"abc", one.size)
    with pytest.raises(ValueError, match="damaged"):
        opened(b"nothing", 10)


def test_fractions_keep_every_digit() -> None:
    shelf = Shelf()
    data = {"output": codec.loads(b'[19.90, 0.1000000000000000000000001, "' + b"x" * SMALL + b'"]')}
    stored = codec.loads(pack_values(data, dump(data), day=DAY, keep=shelf.keep, dump=dump))
    assert codec.dumps(unpack(stored, shelf.load)) == codec.dumps(data)


def test_the_day_of_a_row() -> None:
    assert day_of(UUID(int=(1_936_828_800_000 << 80) | (7 << 76) | (2 << 62))) == date(2031, 5, 18)
    assert abs((day_of(new_id()) - day_of(UUID(int=4 << 76 | 2 << 62))).days) <= 1
