"""Status codes and far-side error codes as tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from connectors.sdk.errors import FarSideError, RateLimitedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What one code means: the error to raise, its code, message for the operator and fix."""

    error: type[FarSideError]
    code: str
    message: str
    fix: str = ""

    def build(
        self,
        *,
        detail: Mapping[str, Any] | None = None,
        retry_after: timedelta | None = None,
        names: Mapping[str, str] | None = None,
    ) -> FarSideError:
        """The error; `names` fill the placeholders of message and fix."""
        arguments: dict[str, Any] = {
            "code": self.code,
            "fix": self.fix.format_map(names or {}),
            "detail": detail,
        }
        message = self.message.format_map(names or {})
        if issubclass(self.error, RateLimitedError):
            return self.error(message, retry_after=retry_after, **arguments)
        return self.error(message, **arguments)


StatusTable = Mapping[int | str, Meaning]
"""Keys: a status ("404" as int), a class ("5xx"), or "other"."""


def look_up(table: StatusTable, status: int) -> Meaning | None:
    """The meaning of a status: exact, else its class ("4xx"), else "other"."""
    return table.get(status) or table.get(f"{status // 100}xx") or table.get("other")


def retry_after(headers: Mapping[str, str], *, now: datetime) -> timedelta | None:
    """The Retry-After header as a duration, in both of its forms (RFC 9110, 10.2.3)."""
    raw = headers.get("retry-after", "").strip()
    if not raw:
        return None
    if raw.isdigit():
        return timedelta(seconds=int(raw))
    try:
        moment = parsedate_to_datetime(raw)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(moment - now, timedelta())
