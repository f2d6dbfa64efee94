"""What was accepted and rejected moves the chances, in words."""

from hypothesis import given
from hypothesis import strategies as st

from flows.mapping.matcher.field import Field
from flows.mapping.matcher.learnt import Learnt, key_of

SOURCE, TARGET = Field(name="ZZ_17"), Field(name="note")
PAIR = (key_of(SOURCE), key_of(TARGET))


def test_spelling_does_not_matter_but_the_role_does() -> None:
    assert key_of(Field(name="Kunden-Nr")) == key_of(Field(name="kundenNr"))
    assert key_of(Field(name="zip", role="delivery")) != key_of(Field(name="zip", role="invoice"))


def test_the_reason_is_told() -> None:
    more, why = Learnt({PAIR: (2, 1)}).prior(SOURCE, TARGET)
    assert more > 0
    assert why == "accepted twice before, rejected once before"
    assert Learnt({}).prior(SOURCE, TARGET) == (0.0, "")


@given(st.integers(0, 99), st.integers(0, 99))
def test_the_majority_decides_the_direction(accepted: int, rejected: int) -> None:
    more, _ = Learnt({PAIR: (accepted, rejected)}).prior(SOURCE, TARGET)
    assert (more > 0) == (accepted > rejected)
    assert abs(more) <= 5
