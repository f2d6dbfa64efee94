"""The engine's `Operations` port over the connections that a deployment bound."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from connectors.sdk.errors import AuthenticationError, ConfigurationError, FarSideError
from connectors.sdk.manifest import is_bulk
from connectors.sdk.operation import OperationContext, OperationResult, ProbeResult
from flows.dispatch.catalog import catalog
from flows.dispatch.reach import Reach
from flows.engine.operations import Hold, OperationCall

Answer = TypeVar("Answer")


class BoundOperations:
    """Operations of one run: a slot leads to the connection its deployment gave it."""

    def __init__(self, *, reach: Reach, bindings: Mapping[str, str]) -> None:
        self._reach = reach
        self._bindings = bindings

    async def run(self, call: OperationCall) -> OperationResult:
        """See `flows.engine.operations.Operations.run`."""
        operation = catalog().operation(call.type)
        if operation is None:
            raise _unknown(call.type)
        return await self._through(call, lambda ctx: operation.run(ctx, call.params))

    async def probe(self, call: OperationCall) -> ProbeResult:
        """See `flows.engine.operations.Operations.probe`."""
        operation = catalog().operation(call.type)
        if operation is None or operation.probe is None:
            raise _unknown(call.type)
        probe = operation.probe
        return await self._through(call, lambda ctx: probe(ctx, call.params))

    async def hold(self, slot: str, effect_key: str) -> Hold | None:
        """Whether the connection of a slot holds calls back. What is wrong with the connection
        itself is for the call to say."""
        bound = self._bindings.get(slot)
        if bound is None:
            return None
        try:
            return await self._reach.hold(UUID(str(bound)), effect_key)
        except FarSideError:
            return None

    async def _through(
        self, call: OperationCall, use: Callable[[OperationContext], Awaitable[Answer]]
    ) -> Answer:
        connection_id = self._connection(call)
        spec = catalog().operation_spec(call.type) or {}
        try:
            async with self._reach.turn(
                connection_id,
                key=call.effect_key,
                type_=call.type,
                cost=float(spec.get("cost", 1)),
                within=call.timeout.total_seconds(),
                can_wait=not call.dry_run and is_bulk(spec, call.params),
            ):
                context = await self._reach.context(
                    connection_id, effect_key=call.effect_key, dry_run=call.dry_run
                )
                answer = await use(context)
        except AuthenticationError as error:
            await self._reach.refused(connection_id, error)
            raise
        await self._reach.answered(connection_id)
        return answer

    def _connection(self, call: OperationCall) -> UUID:
        bound: Any = self._bindings.get(call.slot)
        if bound is None:
            raise ConfigurationError(
                f"The deployment binds no connection to the slot {call.slot!r}.",
                code="slot_unbound",
                fix="Deploy the flow again and choose a connection for the slot.",
            )
        return UUID(str(bound))


def _unknown(type_: str) -> ConfigurationError:
    return ConfigurationError(
        f"The operation {type_} is not installed here.",
        code="operation_missing",
        fix="Install the connector that brings it, or use another version of the flow.",
    )
