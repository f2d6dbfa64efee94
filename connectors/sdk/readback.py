"""Reading back after a write: a failure there leaves the write unproven, not undone."""

from collections.abc import Awaitable
from typing import TypeVar

from connectors.sdk.errors import FarSideError, UncertainError

T = TypeVar("T")


async def read_back(reading: Awaitable[T]) -> T:
    """What the far side now holds.

    Raises `UncertainError` for every far-side error: the write has been accepted, so the error
    must not look as if nothing had happened.
    """
    try:
        return await reading
    except FarSideError as error:
        raise UncertainError(
            f"The far side took the change; reading it back failed: {error.message}",
            code="unverified",
            fix=error.fix,
            detail={"reading": error.to_dict()},
        ) from error
