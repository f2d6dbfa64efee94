"""Helpers of the architecture tests: which files are ours."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("platform/causeway", "flows", "connectors", "governance")
GENERATED = ("migrations", "recordings", "node_modules", "dist", "generated")


def tracked(*patterns: str) -> list[Path]:
    """Files known to Git (or new and not ignored) that match the patterns and still exist."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    return [ROOT / one for one in listed if (ROOT / one).is_file()]


def handwritten(*patterns: str) -> list[Path]:
    """Tracked files without migrations, recordings and generated code."""
    return [one for one in tracked(*patterns) if not set(GENERATED) & set(one.parts)]


def modules(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    """Every Python module of the folders, parsed."""
    for path in handwritten(*(f"{folder}/**/*.py" for folder in folders)):
        yield path, ast.parse(path.read_text(), filename=str(path))
