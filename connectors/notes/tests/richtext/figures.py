"""`python -m connectors.notes.tests.richtext.figures`: fixtures passed, and how exact the report
of losses is: over the fixtures, and over known elements in random arrangements."""

import sys
from collections import Counter
from dataclasses import dataclass, field

from connectors.notes.tests.richtext.test_golden import CASES, converted, expected, losses
from connectors.notes.tests.richtext.test_loss_report import figures as arranged_figures


@dataclass(slots=True)
class Figures:
    """`reported` and `lost` count losses, `right` those that are both."""

    passed: int = 0
    failed: list[str] = field(default_factory=list)
    right: int = 0
    reported: int = 0
    lost: int = 0

    @property
    def precision(self) -> float:
        return self.right / self.reported if self.reported else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.lost if self.lost else 1.0


def over_fixtures() -> Figures:
    found = Figures()
    for name in CASES:
        result = converted(name)
        got = Counter(tuple(one.to_dict().items()) for one in result.losses)
        want = Counter(tuple(one.items()) for one in losses(name))
        found.right += (got & want).total()
        found.reported += got.total()
        found.lost += want.total()
        same = result.html == expected(name, "html") and result.text == expected(name, "txt")
        if same and got == want:
            found.passed += 1
        else:
            found.failed.append(name)
    return found


def main() -> int:
    found = over_fixtures()
    lines = [
        f"fixtures: {found.passed} of {len(CASES)} passed",
        f"losses of the fixtures: precision {found.precision:.4f}, recall {found.recall:.4f} "
        f"of {found.lost} losses",
        *(f"failed: {one}" for one in found.failed),
        *arranged_figures(),
    ]
    print("\n".join(lines))  # noqa: T201
    return 1 if found.failed else 0


if __name__ == "__main__":
    sys.exit(main())
