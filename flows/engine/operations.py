"""The port through which the engine reaches far sides."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from connectors.sdk.operation import OperationResult, ProbeResult


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationCall:
    """One call of an operation.

    `type` is "prestashop.order.get@1", `slot` the connection slot of the flow ("" when the
    operation needs none), `params` are evaluated and match the operation's input schema.
    `effect_key` is the same on every attempt and replay of the step. `timeout` is enforced by the
    engine; it is here so that a transport can be told. `node` and `path` are for logs and stubs.
    """

    type: str
    slot: str
    params: Mapping[str, Any]
    effect_key: str
    timeout: timedelta
    dry_run: bool = False
    node: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Why a step may not call now, and when it may ask again.

    `reason` is what the waiting run says: "circuit", "connection" or "quiet".
    """

    until: datetime
    reason: str


QUIET: Final = "quiet_hours"
"""Code of a bulk read that came in quiet hours; its detail says `until` when (ISO)."""
HELD: Final = frozenset({"circuit_open", "connection_busy", "link_busy", QUIET})
"""Codes of calls that never had their turn: they use up no attempt."""


class Operations(Protocol):
    """Runs operations with the connections that the deployment bound to the slots."""

    async def run(self, call: OperationCall) -> OperationResult:
        """Do it. Raises `connectors.sdk.errors.FarSideError`."""

    async def probe(self, call: OperationCall) -> ProbeResult:
        """Look whether the effect already took place. Only called for operations whose manifest
        entry says `probe: true`. Raises `FarSideError` when that cannot be told now."""
