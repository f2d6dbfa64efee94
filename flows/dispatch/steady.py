"""Operations while PostgreSQL comes and goes: our own outage is no failure of the far side."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from django.db import DatabaseError, InterfaceError

from connectors.sdk.errors import UnavailableError, UncertainError
from connectors.sdk.operation import OperationContext
from flows.dispatch.operations import BoundOperations
from flows.engine.operations import OperationCall
from flows.store import pool

Answer = TypeVar("Answer")

AWAY: Final = (*pool.AWAY, DatabaseError, InterfaceError)  # ours and Django's
_FIX: Final = "Nothing to do: it goes on when PostgreSQL is back."


class SteadyOperations(BoundOperations):
    """As `BoundOperations`; where the database is away, the call is tried again, or looked after
    when it may have left already."""

    async def _through(
        self, call: OperationCall, use: Callable[[OperationContext], Awaitable[Answer]]
    ) -> Answer:
        began = False

        async def noted(ctx: OperationContext) -> Answer:
            nonlocal began
            began = True
            return await use(ctx)

        try:
            return await super()._through(call, noted)
        except AWAY as error:
            if began:
                raise UncertainError(
                    "Our own database went away during the call.", code="database_away", fix=_FIX
                ) from error
            raise UnavailableError(
                "Our own database was away before the call.", code="database_away", fix=_FIX
            ) from error
