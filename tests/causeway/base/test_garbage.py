"""Looking for garbage seldom must not mean never."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from causeway.base.garbage import look_seldom


@pytest.fixture
def usual() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


class _Circle:
    def __init__(self) -> None:
        self.me = self


@pytest.mark.usefixtures("usual")
def test_what_is_there_is_left_alone_and_later_circles_are_still_found() -> None:
    look_seldom()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 1000
    seen = [weakref.ref(_Circle()) for _ in range(200_000)]
    assert any(one() is None for one in seen), "no circle was ever freed"
