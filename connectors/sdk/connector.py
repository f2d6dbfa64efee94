"""A connector: its manifest (what it says of itself) and the code behind it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from connectors.sdk.operation import Operation, OperationContext
from connectors.sdk.trigger import ReadHook, Trigger


class Level(StrEnum):
    """How a finding of a check stands."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a check looked at: `says` in a sentence how it is, `remedy` what to do when
    that is not well. `id` is stable ("clock", "rights.orders")."""

    id: str
    level: Level
    says: str
    remedy: str = ""

    def to_dict(self) -> dict[str, str]:
        """The form in `facts["findings"]`."""
        return {
            "id": self.id,
            "level": self.level.value,
            "says": self.says,
            "remedy": self.remedy,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """Answer of `check()`: can this connection be used, and what is over there?

    `facts` are shown to people (version of the shop, name of the database); a list under
    `findings` holds what was looked at (`Finding.to_dict()`).
    """

    ok: bool
    message: str
    fix: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


Check = Callable[[OperationContext], Awaitable[CheckResult]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """`manifest` is manifest.json, validated by `manifest.schema.json`.

    `read_hook` turns the JSON body of a verified delivery into events; it raises `ValueError`
    with a sentence when the body is not one of this connector's.
    """

    manifest: Mapping[str, Any]
    check: Check
    operations: Sequence[Operation] = ()
    triggers: Sequence[Trigger] = ()
    read_hook: ReadHook | None = None

    @property
    def id(self) -> str:
        return str(self.manifest["id"])

    def operation(self, type_: str) -> Operation | None:
        return next((one for one in self.operations if one.type == type_), None)

    def trigger(self, type_: str) -> Trigger | None:
        return next((one for one in self.triggers if one.type == type_), None)
