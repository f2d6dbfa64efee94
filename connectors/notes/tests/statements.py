"""`python -m connectors.notes.tests.statements`: how many statements of the contract marked [S]
(read in the service's own source) a named test holds the twin, and the connector, to."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Statement:
    """`twin` and `client` are tests as file::name below this folder; `unseen` says why a client
    sees nothing of it, or why it is not imitated."""

    id: str
    says: str
    twin: tuple[str, ...]
    client: tuple[str, ...]
    unseen: str = ""


def statements() -> list[Statement]:
    raw: list[dict[str, Any]] = json.loads((HERE / "statements.json").read_text())["statements"]
    return [
        Statement(
            one["id"],
            one["says"],
            tuple(one["twin"]),
            tuple(one["client"]),
            str(one.get("unseen", "")),
        )
        for one in raw
    ]


def main() -> None:
    known = statements()
    seen = [one for one in known if not one.unseen]
    named = [one for one in seen if one.twin or one.client]
    client = [one for one in seen if one.client]
    print(f"statements marked [S]: {len(known)}, {len(seen)} of them a client can observe")  # noqa: T201
    print(f"held by a named test: {len(named)} of {len(seen)}")  # noqa: T201
    print(f"held by a test of the connector: {len(client)} of {len(seen)}")  # noqa: T201
    for one in known:
        if one.unseen:
            print(f"  not: {one.id}: {one.says} ({one.unseen})")  # noqa: T201


if __name__ == "__main__":
    main()
