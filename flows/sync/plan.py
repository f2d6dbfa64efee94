"""A sync as a flow describes it, made ready: which operations read and write each side."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from flows.mapping.document import CompiledMapping
from flows.sync.entity import Entity, Side

Read = Callable[[Mapping[str, Any]], Any]

READS: Final = ("read", "find", "similar")
WRITES: Final = ("create", "update", "delete", "archive", "restore")


@dataclass(frozen=True, slots=True, kw_only=True)
class SideCall:
    """One operation of a side: its type, its params and what is taken out of its `answer`."""

    operation: str
    params: Read
    take: Read | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SidePlan:
    """One side of a sync.

    `news` are the trigger types by which it tells of a record, `noun` is what its system calls
    one. `calls` are by what they do (`READS`, `WRITES`). `id`, `changed_at`, `label` and `held`
    (values by the names over there) read a raw record; `told` reads one out of the trigger.
    `map_in` makes the entity's fields out of a raw record, `map_out` the fields over there.
    """

    slot: str
    news: tuple[str, ...]
    noun: str
    calls: Mapping[str, SideCall]
    id: Read
    changed_at: Read | None
    label: Read | None
    held: Read | None
    told: Read | None
    map_in: CompiledMapping
    map_out: CompiledMapping


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncPlan:
    """Both sides, and what is kept the same. `ids` read the ids of the records, where the flow
    says them itself."""

    entity: Entity
    sides: Mapping[Side, SidePlan]
    ids: Mapping[Side, Read] = field(default_factory=dict)
