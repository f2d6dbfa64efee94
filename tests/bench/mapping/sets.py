"""The labelled sets of `fixtures/mapping`, and how a score is told."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[3] / "fixtures" / "mapping"
# The second was written before any result was seen and nothing is ever tuned on it.
SETS: Final = {"development": ROOT / "development", "kept aside": ROOT / "kept_aside"}


KEPT: Final = "kept aside"


def cases(subject: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The sets of a subject by name. Those of another hand were written by somebody who had not
    seen the code; their failures are never printed."""
    for name, folder in SETS.items():
        yield name, json.loads((folder / f"{subject}.json").read_text())
        other = folder / f"{subject}_other_hand.json"
        if other.exists():
            yield f"{name}, another hand", json.loads(other.read_text())


@dataclass(frozen=True, kw_only=True)
class Score:
    """How many cases of a set came out right, in all and by part, and what went wrong."""

    name: str
    right: int
    of: int
    seconds: float
    parts: Mapping[str, tuple[int, int]]
    failures: Mapping[str, str]

    def lines(self, *, failures: bool) -> list[str]:
        """The score as text."""
        share = self.right / self.of if self.of else 0
        each = 1000 * self.seconds / max(1, self.of)
        found = [f"{self.name}: {self.right} of {self.of} right ({share:.3f}), {each:.1f} ms each"]
        found.append("  " + ", ".join(f"{key} {a}/{b}" for key, (a, b) in self.parts.items()))
        if failures and not self.name.startswith(KEPT):
            found += [f"  {key}: {why}" for key, why in self.failures.items()]
        return found
