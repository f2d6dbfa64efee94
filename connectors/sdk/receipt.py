"""Proof that a write arrived: the fields we own, read back and compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """Outcome of reading back what was written."""

    CONFIRMED = "confirmed"
    ABSORBED = "absorbed"  # the far side normalised the value in a way we know
    DIVERGED = "diverged"


class FieldResult(StrEnum):
    """Outcome for one field."""

    SAME = "same"
    ABSORBED = "absorbed"
    DIVERGED = "diverged"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldReceipt:
    """One written field: what was sent, what came back, and how they compare."""

    field: str
    sent: Any
    read_back: Any
    result: FieldResult
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The read-back of one write.

    `system`, `entity` and `record_id` name the far-side record; `action` says what was done to
    it: created, updated, found (it was already there) or unchanged.
    """

    system: str
    entity: str
    record_id: str
    action: str
    fields: Sequence[FieldReceipt]

    @property
    def verdict(self) -> Verdict:
        results = {one.result for one in self.fields}
        if FieldResult.DIVERGED in results:
            return Verdict.DIVERGED
        if FieldResult.ABSORBED in results:
            return Verdict.ABSORBED
        return Verdict.CONFIRMED

    def to_dict(self) -> dict[str, Any]:
        """The journal's form."""
        return {
            "system": self.system,
            "entity": self.entity,
            "record_id": self.record_id,
            "action": self.action,
            "verdict": self.verdict.value,
            "fields": [
                {
                    "field": one.field,
                    "sent": one.sent,
                    "read_back": one.read_back,
                    "result": one.result.value,
                    "note": one.note,
                }
                for one in self.fields
            ],
        }
