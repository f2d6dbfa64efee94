"""A Notes database read whole and then followed, in small; `python -m tests.bench.domino` in full."""

from tests.bench.domino import measure


async def test_a_database_is_read_in_pages_and_followed_by_one_list_a_poll() -> None:
    """`measure` itself asserts that every document and every change is brought."""
    found = await measure(3000, 250)
    # Pages of a hundred that overlap by one entry, and the login.
    assert found["initial_load"]["requests"] <= 3000 / 99 + 3
    # Each document is read once; a list for every two hundred of them, and one that finds no more.
    assert found["delta"]["requests"] <= 250 + 3
