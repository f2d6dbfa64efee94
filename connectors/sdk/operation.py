"""The seam between a flow and a far side: one async function an operation."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.receipt import Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationContext:
    """What an operation may use besides its params.

    `http` is a pooled client whose egress is guarded; it has no base URL and no credentials.
    `effect_key` names the effect for good (same key on every attempt and replay).
    `dry_run` asks for a prediction: read as much as needed, write nothing.
    `session` is a mutable per-connection store shared by the operations of one process
    (login cookies, tokens, probed capabilities); it is never persisted.
    `wait` pauses for some seconds; tests move their clock instead.
    """

    connection: ConnectionConfig
    http: httpx.AsyncClient
    effect_key: str
    now: Callable[[], datetime]
    dry_run: bool = False
    session: dict[str, Any] = field(default_factory=dict)
    wait: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationResult:
    """What an operation gives back.

    `output` is JSON (ids text, fractions Decimal) and free of secrets. A write carries its
    `receipt`; a dry run carries `prediction`, a sentence ("would set order 6 state 2 → 4").
    """

    output: Any
    receipt: Receipt | None = None
    prediction: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """Answer to "did this effect already happen?".

    `happened=True` carries the `result` the lost answer would have had.
    """

    happened: bool
    result: OperationResult | None = None


Run = Callable[[OperationContext, Mapping[str, Any]], Awaitable[OperationResult]]
Probe = Callable[[OperationContext, Mapping[str, Any]], Awaitable[ProbeResult]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation at one version, as code.

    `probe` may be None only for reads and for operations that the manifest calls idempotent.
    """

    name: str
    version: int
    run: Run
    probe: Probe | None = None

    @property
    def type(self) -> str:
        return f"{self.name}@{self.version}"
