"""Which of the statements marked [S] are seen by a named test.

python -m connectors.notes.tests.statements
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """`twin` and `client` name the tests, as file::test."""

    id: str
    says: str
    twin: tuple[str, ...]
    client: tuple[str, ...]

    def missing(self) -> list[str]:
        """Tests that are named and are not there."""
        return [
            name
            for folder, names in ((HERE / "twin", self.twin), (HERE, self.client))
            for name in names
            if not _exists(folder, name)
        ]


def statements() -> list[Statement]:
    """All of the table. Raises `KeyError` and `TypeError` where it is broken."""
    rows: Sequence[Mapping[str, object]] = yaml.safe_load((HERE / "statements.yaml").read_text())
    return [
        Statement(
            id=str(one["id"]),
            says=str(one["says"]),
            twin=_names(one["twin"]),
            client=_names(one["client"]),
        )
        for one in rows
    ]


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("a list of tests is expected")
    return tuple(str(one) for one in value)


def _exists(folder: Path, name: str) -> bool:
    file, _, test = name.partition("::")
    return test in _tests_of(folder / f"test_{file}.py")


@cache
def _tests_of(path: Path) -> frozenset[str]:
    if not path.exists():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(one.name for one in tree.body if isinstance(one, kinds))


def shares(found: Sequence[Statement]) -> dict[str, int]:
    """How many statements are seen against the twin, through the client, by either and by both."""
    return {
        "statements": len(found),
        "twin": sum(bool(one.twin) for one in found),
        "client": sum(bool(one.client) for one in found),
        "either": sum(bool(one.twin or one.client) for one in found),
        "both": sum(bool(one.twin and one.client) for one in found),
    }


def main() -> None:
    found = statements()
    for name, number in shares(found).items():
        share = f" ({number / len(found):.0%})" if name != "statements" else ""
        print(f"{name:12} {number}{share}")  # noqa: T201
    for one in found:
        if not one.twin and not one.client:
            print(f"not seen     {one.id}: {one.says}")  # noqa: T201


if __name__ == "__main__":
    main()
