"""Code tables."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.sdk.errors import NotFoundError, RateLimitedError, RejectedError, UnavailableError
from connectors.sdk.status import Meaning, StatusTable, look_up, retry_after

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
TABLE: StatusTable = {
    404: Meaning(error=NotFoundError, code="missing", message="No {thing}."),
    "4xx": Meaning(error=RejectedError, code="refused", message="Refused."),
    "other": Meaning(error=UnavailableError, code="down", message="Down."),
    429: Meaning(error=RateLimitedError, code="slow", message="Slow."),
}


@pytest.mark.parametrize(
    ("status", "code"), [(404, "missing"), (418, "refused"), (500, "down"), (302, "down")]
)
def test_exact_then_class_then_other(status: int, code: str) -> None:
    meaning = look_up(TABLE, status)
    assert meaning is not None
    assert meaning.code == code


def test_names_fill_the_message_and_never_format_what_they_bring() -> None:
    error = TABLE[404].build(names={"thing": "{thing.__class__}"})
    assert error.message == "No {thing.__class__}."


def test_a_rate_limit_carries_its_pause() -> None:
    error = TABLE[429].build(retry_after=timedelta(seconds=7))
    assert isinstance(error, RateLimitedError)
    assert error.retry_after == timedelta(seconds=7)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("7", timedelta(seconds=7)),
        ("Mon, 23 Nov 2026 10:00:30 GMT", timedelta(seconds=30)),
        ("Mon, 23 Nov 2026 09:00:00 GMT", timedelta()),
        ("", None),
        ("soon", None),
        ("-3", None),
    ],
)
def test_retry_after_in_both_forms(raw: str, expected: timedelta | None) -> None:
    assert retry_after({"retry-after": raw}, now=NOW) == expected
