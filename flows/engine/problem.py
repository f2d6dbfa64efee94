"""What is wrong with a flow document, told so that a person can repair it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """An error refuses the flow; a warning is shown and lets it pass."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One finding.

    `pointer` is a JSON Pointer (RFC 6901) into the flow document, `node` the id of the node it
    belongs to ("" when it concerns the whole flow), `fix` a sentence that says what to do.
    """

    code: str
    pointer: str
    message: str
    fix: str = ""
    node: str = ""
    severity: Severity = Severity.ERROR

    def to_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "pointer": self.pointer,
            "message": self.message,
            "fix": self.fix,
            "node": self.node,
            "severity": self.severity.value,
        }


class FlowInvalidError(ValueError):
    """The document cannot become a plan; `problems` holds everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0].message if self.problems else "The flow is not valid."
        more = len(self.problems) - 1
        super().__init__(first if more < 1 else f"{first} (and {more} more)")


def pointer(*parts: str | int) -> str:
    """A JSON Pointer out of its parts: `pointer("nodes", 0, "params")` is "/nodes/0/params"."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)
