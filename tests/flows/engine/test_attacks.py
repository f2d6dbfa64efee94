"""None of the known attacks on expressions succeeds, and none takes long or much."""

import sys
import time
import tracemalloc
from typing import Any

import pytest

from connectors.sdk.codec import dumps
from flows.engine.expression import ExpressionError, compile_expression, compile_field
from tests.flows.engine.attacks import ESCAPES, LOADS, NAMES

# CPU seconds of one attack, compiling included. The slowest takes about a tenth of this on a
# small machine; a hang takes minutes.
LONGEST = 2.0
LARGEST = 2_100_000  # characters of the result as JSON: 1 MB of text, escaped
MEMORY = 160 * 1024 * 1024


def attempt(field: str) -> tuple[Any, float]:
    """The value or the error, and the CPU seconds that it took."""
    compile_field.cache_clear()
    compile_expression.cache_clear()
    began = time.process_time()
    found: Any
    try:
        found = compile_field(field).evaluate(NAMES)
    except ExpressionError as error:
        found = error
    return found, time.process_time() - began


def test_the_corpus_is_large_and_repeats_nothing() -> None:
    assert len(set(ESCAPES)) == len(ESCAPES)
    assert len(set(LOADS)) == len(LOADS)
    assert len(ESCAPES) + len(LOADS) >= 300


@pytest.mark.parametrize("field", ESCAPES)
def test_nothing_escapes(field: str) -> None:
    found, took = attempt(field)
    assert isinstance(found, ExpressionError), found
    assert took < LONGEST
    assert "object at 0x" not in found.message
    assert len(found.message) < 10_000


def test_every_load_is_bounded_in_time_and_size() -> None:
    times: list[tuple[float, str]] = []
    for field in LOADS:
        found, took = attempt(field)
        times.append((took, field[:60]))
        assert took < LONGEST, field[:200]
        if not isinstance(found, ExpressionError):
            assert len(str(found)) < LARGEST, field[:200]
    for took, field in sorted(times, reverse=True)[:5]:
        sys.stdout.write(f"{took:.3f} s {field}\n")  # pytest -s shows it


@pytest.mark.parametrize("field", LOADS[:13])
def test_many_allowed_values_are_not_held_at_once(field: str) -> None:
    tracemalloc.start()
    try:
        attempt(field)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MEMORY


def test_data_that_looks_like_an_expression_is_shown_as_it_is() -> None:
    assert attempt("{{ evil }}")[0] == "{{ 7 * 7 }}"
    assert attempt("a {{ evil }}")[0] == "a {{ 7 * 7 }}"


def test_the_scope_comes_out_of_all_attacks_unchanged() -> None:
    plain = {name: value for name, value in NAMES.items() if name not in ("far", "near", "wide")}
    before = dumps(plain)
    for field in ESCAPES:
        attempt(field)
    assert dumps(plain) == before


def test_each_evaluation_has_its_own_share() -> None:
    field = compile_field("{{ text | upper | length }}")
    assert [field.evaluate(NAMES) for _ in range(40)] == [800_000] * 40
