"""One word, one meaning: the synonyms that docs/glossary.md rules out stay out of our names."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.architecture.house import PACKAGES, ROOT, modules, tracked

FORBIDDEN = {"workflow", "workflows", "pipeline", "pipelines", "job", "jobs", "execution",
             "executions", "piece", "pieces"}  # fmt: skip


def words(name: str) -> set[str]:
    """`loadJobs`, `load_jobs` and `LoadJobs` all hold the word jobs."""
    return {part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)
    elif isinstance(value, str):
        yield value


def test_no_forbidden_word_in_python_names() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path, tree in modules(*PACKAGES)
        if "far_side" not in path.parts
        for line, name in names(tree)
        if FORBIDDEN & words(name)
    ]
    assert not found, "\n".join(found)


def test_no_forbidden_word_in_file_names() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in tracked(*PACKAGES, "designer_ui/src", "fixtures")
        if FORBIDDEN & words(path.stem) and "recordings" not in path.parts
    ]
    assert not found, "\n".join(found)


def test_no_forbidden_word_in_flows_and_manifests() -> None:
    documents: list[Path] = tracked("fixtures/flows/*.json", "connectors/*/manifest.json")
    found = [
        f"{path.relative_to(ROOT)}: {text}"
        for path in documents
        for text in strings(json.loads(path.read_text()))
        if FORBIDDEN & words(text)
    ]
    assert not found, "\n".join(found)


def test_camel_and_snake_case_are_both_read() -> None:
    assert words("runJobs") & FORBIDDEN
    assert words("run_jobs") & FORBIDDEN
    assert not words("jobber") & FORBIDDEN
