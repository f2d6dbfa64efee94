"""How fast the platform is: real processes, fully durable, on this machine.

    python -m tests.bench [echo] [order] [ingress] [burst] [--runs 5000] [--workers 1] [--json FILE]

Starts a private PostgreSQL and Redis with the durability of an installation, the web process,
workers, sweeper, poller and beat, and a far side that answers at once. The load generator and the
far side share the machine. Processor time a run says more than the clock where others work on the
same machine. docs/performance.md explains the numbers.
"""

import argparse
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.bench import limits
from tests.bench.shapes import SHAPES, Result
from tests.bench.stack import running


def _ratios(result: Result, measured: Mapping[str, int]) -> Result:
    """Against what the machine can do."""
    found = {
        "accepted_to_bare_asgi": result["accepted_per_second"] / measured["bare_asgi_per_second"]
    }
    if "runs_per_second" in result:
        found["runs_to_commits"] = result["runs_per_second"] / measured["commits_per_second_1"]
    return {name: round(value, 3) for name, value in found.items()}


def _print(name: str, values: Mapping[str, Any], indent: str = "") -> None:
    print(f"{indent}{name}")  # noqa: T201
    for key, value in values.items():
        if isinstance(value, Mapping):
            _print(key, value, indent + "  ")
        else:
            print(f"{indent}  {key:{28 - len(indent)}} {value}", flush=True)  # noqa: T201


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("shapes", nargs="*", choices=[*SHAPES, []], metavar="shape")
    parser.add_argument("--runs", type=int, default=5000, help="of each shape; burst sends 4 x")
    parser.add_argument("--workers", type=int, default=1, help="worker processes for runs")
    parser.add_argument("--json", type=Path, help="also write the numbers here")
    given = parser.parse_args()
    results: dict[str, Any] = {"processors": os.cpu_count(), "workers": given.workers}
    with running() as stack:
        results["limits"] = limits.measure(stack)
        _print("limits", results["limits"])
        stack.start_web()
        stack.start_workers(given.workers)
        for name in given.shapes or SHAPES:
            result = SHAPES[name](stack, given.runs)
            result["ratios"] = _ratios(result, results["limits"])
            results[name] = result
            _print(name, result)
    if given.json:
        given.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
