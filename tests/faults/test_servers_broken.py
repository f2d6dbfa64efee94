"""PostgreSQL and Redis go away and come back, far sides answer badly, nudges come twice, while
50 orders cross: one Order Record each, statuses back, nothing left unfinished."""

import signal

import pytest

from tests.faults.breaking import (
    carry_through,
    cutting,
    nudging_twice,
    restarting_postgres,
    restarting_redis,
)
from tests.stack.harness import Stack

ORDERS = 50
SHARE = 0.3  # of the requests


@pytest.mark.stack
def test_cut_database_sessions_lose_and_double_nothing(stack: Stack) -> None:
    carry_through(stack, 10, "C", [cutting(stack, 3)])


@pytest.mark.faults
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["shutdown", "crash"])
def test_postgresql_restarted_in_the_middle_of_50_orders(stack: Stack, how: signal.Signals) -> None:
    carry_through(stack, ORDERS, f"P{how.name}", [restarting_postgres(stack, 2, how)])


@pytest.mark.faults
def test_database_sessions_cut_ten_times_during_50_orders(stack: Stack) -> None:
    carry_through(stack, ORDERS, "CC", [cutting(stack, 10)])


@pytest.mark.faults
def test_redis_killed_in_the_middle_of_50_orders(stack: Stack) -> None:
    carry_through(stack, ORDERS, "R", [restarting_redis(stack, 3)])


@pytest.mark.faults
def test_a_third_of_order_requests_and_notes_writes_answered_with_500(stack: Stack) -> None:
    """Not of all requests: reading an order takes eight, and of those that rarely all succeed
    within the twelve attempts of the flow's policy."""
    stack.fault("shop", http_500={"share": SHARE, "path": "/api/orders"})
    stack.fault("notes", http_500={"share": SHARE, "path": "/api/data", "method": "POST"})
    try:
        carry_through(stack, ORDERS, "H")
    finally:
        stack.fault("shop", clear=True)
        stack.fault("notes", clear=True)


@pytest.mark.faults
def test_a_third_of_all_answers_to_writes_lost(stack: Stack) -> None:
    stack.fault("shop", lost_answer={"share": SHARE, "path": "/api"})
    stack.fault("notes", lost_answer={"share": SHARE, "path": "/api/data"})
    try:
        carry_through(stack, ORDERS, "L")
    finally:
        stack.fault("shop", clear=True)
        stack.fault("notes", clear=True)


@pytest.mark.faults
def test_every_nudge_delivered_twice(stack: Stack) -> None:
    with nudging_twice(stack) as repeated:
        carry_through(stack, ORDERS, "N")
    assert repeated, "no nudge was seen"
