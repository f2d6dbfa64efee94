from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.sync.entity import Side
from flows.sync.link import Link
from flows.sync.packing import pack, unpack
from tests.flows.sync.histories import history


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000))
def test_a_memory_comes_back_as_it_was(seed: int) -> None:
    link = history(seed).saved
    assert unpack(pack(link)) == link


def test_numbers_keep_their_digits() -> None:
    link = Link(base={side: {"price": Decimal("0.10")} for side in Side})
    base = unpack(pack(link)).base[Side.LEFT]
    assert base is not None
    assert str(base["price"]) == "0.10"


def test_no_memory_is_a_new_link() -> None:
    assert unpack(b"") == Link()


def test_damage_is_told() -> None:
    with pytest.raises(ValueError, match="damaged"):
        unpack(b"\x00\x01")
