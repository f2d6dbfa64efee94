"""Workers die or freeze, the broker forgets everything: nothing is lost or doubled."""

import pytest

from tests.faults.breaking import carry_through, flushing, freezing, killing
from tests.stack.harness import Stack

ORDERS = 50


@pytest.mark.stack
def test_two_killed_workers_lose_and_double_nothing(stack: Stack) -> None:
    carry_through(stack, 20, "K", [killing(stack, 2, seed=7)])


@pytest.mark.stack
def test_a_flushed_broker_loses_and_doubles_nothing(stack: Stack) -> None:
    carry_through(stack, 20, "F", [flushing(stack, 3)])


@pytest.mark.faults
@pytest.mark.parametrize("round_", range(10))
def test_a_worker_killed_in_the_middle_of_50_orders(stack: Stack, round_: int) -> None:
    carry_through(stack, ORDERS, f"K{round_}", [killing(stack, 1, seed=round_)])


@pytest.mark.faults
def test_ten_kills_during_50_orders(stack: Stack) -> None:
    carry_through(stack, ORDERS, "KK", [killing(stack, 10, seed=99)])


@pytest.mark.faults
def test_a_flushed_broker_in_the_middle_of_50_orders(stack: Stack) -> None:
    carry_through(stack, ORDERS, "FF", [flushing(stack, 6)])


@pytest.mark.faults
@pytest.mark.parametrize("wait", [0.3, 0.6, 1.0])
def test_a_worker_frozen_for_longer_than_its_lease(stack: Stack, wait: float) -> None:
    """It wakes up in the middle of work that others have done meanwhile."""
    carry_through(stack, ORDERS, f"Z{wait:g}", [freezing(stack, wait)])
