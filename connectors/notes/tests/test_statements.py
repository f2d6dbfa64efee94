"""The table of statements tells the truth, and does not shrink."""

from connectors.notes.tests.statements import Statement, shares, statements

# Nobody asks the service for these; a twin that had them would be more than is used.
UNSEEN_AT_MOST = 5


def test_every_test_that_is_named_is_there() -> None:
    assert {one.id: one.missing() for one in statements() if one.missing()} == {}


def test_no_statement_is_there_twice() -> None:
    ids = [one.id for one in statements()]
    assert len(ids) == len(set(ids))


def test_nearly_everything_is_seen() -> None:
    found = shares(statements())
    assert found["statements"] >= 75
    assert found["statements"] - found["either"] <= UNSEEN_AT_MOST
    assert found["both"] >= 58


def test_a_test_that_is_gone_is_noticed() -> None:
    gone = Statement(id="x", says="", twin=("access::test_nothing",), client=("no::test_x",))
    assert gone.missing() == ["access::test_nothing", "no::test_x"]
