"""The first load of a large Notes database and the changes after it, over each way in.

    python -m tests.bench.notes [--documents 100000] [--delta 1000] [--ways dds drapi agent]
                                [--whole] [--json FILE]

The twin runs as a process of its own on this machine and takes most of the processor's time; a
Domino server has its own speed. Requests and memory are the connector's.
"""

import argparse
import json
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tests.bench.notes.load import measure
from tests.bench.notes.world import twin, write_world

WAYS = ("dds", "drapi", "agent")


def figures(ways: tuple[str, ...], documents: int, delta: int, whole: bool) -> dict[str, Any]:
    """By way: initial, documents, delta; each rows, requests, seconds, megabytes."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="causeway-bench-") as folder:
        world = Path(folder) / "world.json"
        write_world(world, documents)
        for way in ways:
            with twin(world) as address, _one_process() as pool:
                found[way] = pool.submit(measure, way, address, documents, delta, whole).result()
    return found


def _one_process() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"))


def lines(found: dict[str, Any]) -> list[str]:
    """A Markdown table."""
    out = ["| way | | rows | requests | seconds | peak MB |", "|---|---|---|---|---|---|"]
    for way, by_name in found.items():
        for name, one in by_name.items():
            out.append(
                f"| `{way}` | {name} | {one['rows']:,} | {one['requests']:,} "
                f"| {one['seconds']} | {one['peak']} |"
            )
    return out


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--delta", type=int, default=1000)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--whole", action="store_true", help="read every document with its items")
    parser.add_argument("--json", type=Path, help="also write the numbers here")
    given = parser.parse_args()
    found = figures(tuple(given.ways), given.documents, given.delta, given.whole)
    print("\n".join(lines(found)))  # noqa: T201
    if given.json:
        given.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
