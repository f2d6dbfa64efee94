"""What can go wrong on a far side.

Each error answers two questions: may we try again (`retryable`), and did it already happen
over there (`happened`)? Everything else about it is for the person who has to repair it.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar


class Happened(StrEnum):
    """Whether the effect took place on the far side."""

    NO = "no"
    YES = "yes"
    UNKNOWN = "unknown"


class FarSideError(Exception):
    """Base of every error that an operation may raise.

    `message` says to an operator what happened, `fix` what to do about it. `detail` is JSON and
    already free of secrets.
    """

    retryable: ClassVar[bool] = False
    happened: ClassVar[Happened] = Happened.NO
    default_code: ClassVar[str] = "far_side_error"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        fix: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.fix = fix
        self.detail = dict(detail or {})

    def to_dict(self) -> dict[str, Any]:
        """The journal's form: class, code, message, fix, detail, retryable, happened."""
        return {
            "class": type(self).__name__,
            "code": self.code,
            "message": self.message,
            "fix": self.fix,
            "detail": self.detail,
            "retryable": self.retryable,
            "happened": self.happened.value,
        }


class ConfigurationError(FarSideError):
    """The flow or the connection is set up wrongly; only a person can change that."""

    default_code = "configuration"


class AuthenticationError(FarSideError):
    """The far side does not accept the credentials: the connection needs attention."""

    default_code = "authentication"


class PermissionDeniedError(FarSideError):
    """Known to the far side, yet not allowed to do this."""

    default_code = "permission_denied"


class NotFoundError(FarSideError):
    """The record is not there (or hidden from this user)."""

    default_code = "not_found"


class ConflictError(FarSideError):
    """Somebody changed the record since it was read."""

    default_code = "conflict"


class RejectedError(FarSideError):
    """The far side understood the request and refused the data."""

    default_code = "rejected"


class RateLimitedError(FarSideError):
    """Too many requests; `retry_after` is what the far side asked for, if it said so."""

    retryable = True
    default_code = "rate_limited"

    def __init__(
        self, message: str, *, retry_after: timedelta | None = None, **kwargs: Any
    ) -> None:
        super().__init__(message, **kwargs)
        self.retry_after = retry_after


class UnavailableError(FarSideError):
    """Not reached, or answered with a server failure before anything was done."""

    retryable = True
    default_code = "unavailable"


class UncertainError(FarSideError):
    """The request left and no usable answer came: look before trying again."""

    happened = Happened.UNKNOWN
    default_code = "uncertain"


class ContractError(FarSideError):
    """The answer is not what the far side's contract promises.

    `detail` holds `expected` and `received` (shortened, without secrets).
    """

    happened = Happened.UNKNOWN
    default_code = "contract"


class UnexpectedError(FarSideError):
    """Our own fault: an exception that nobody foresaw."""

    happened = Happened.UNKNOWN
    default_code = "unexpected"
