"""How right the mapping is, on the labelled sets of `fixtures/mapping`.

    python -m tests.bench.mapping [maps] [lines] [addresses] [--no-failures]

Prints each set by itself: the one that was used while building, and the one kept aside.
"""

import argparse
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from tests.bench.mapping import addresses, lines, maps


class Told(Protocol):
    """The score of one set."""

    @property
    def name(self) -> str: ...

    def lines(self, *, failures: bool) -> list[str]: ...


SUBJECTS: Final[dict[str, Callable[[], Iterator[Told]]]] = {
    "maps": maps.scores,
    "lines": lines.scores,
    "addresses": addresses.scores,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("subjects", nargs="*", default=[], choices=[*SUBJECTS, []])
    parser.add_argument("--no-failures", action="store_true", help="only the figures")
    parser.add_argument("--set", default="", help="only this set")
    options = parser.parse_args()
    for subject in options.subjects or SUBJECTS:
        print(subject)  # noqa: T201
        for score in SUBJECTS[subject]():
            if options.set in ("", score.name):
                for line in score.lines(failures=not options.no_failures):
                    print(f"  {line}")  # noqa: T201


if __name__ == "__main__":
    main()
