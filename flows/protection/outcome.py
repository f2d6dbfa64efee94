"""What an error of a call says about its connection. Pure."""

from connectors.sdk.errors import (
    AuthenticationError,
    ConfigurationError,
    FarSideError,
    RateLimitedError,
    UnavailableError,
    UncertainError,
    UnexpectedError,
)
from flows.protection.circuit import Outcome


def outcome_of(error: FarSideError) -> tuple[Outcome, float | None]:
    """What an error says about the connection, and the pause in seconds that it asks for."""
    if isinstance(error, UncertainError) and isinstance(error.__cause__, RateLimitedError):
        error = error.__cause__  # it took the write, and refused to have it read back
    if isinstance(error, RateLimitedError):
        after = error.retry_after
        return Outcome.THROTTLED, None if after is None else after.total_seconds()
    if isinstance(error, AuthenticationError):
        return Outcome.REFUSED, None
    if isinstance(error, (UnavailableError, UncertainError)):
        return Outcome.FAILED, None
    if isinstance(error, (ConfigurationError, UnexpectedError)):
        return Outcome.NOT_SENT, None
    return Outcome.ANSWERED, None
