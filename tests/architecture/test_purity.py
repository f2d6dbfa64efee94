"""The pure parts take time, chance and ids as arguments and touch nothing outside."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.house import ROOT, modules

PURE = ("flows/engine", "flows/mapping")
IMPURE_CALLS = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time",
    "time.monotonic", "time.sleep", "time.perf_counter", "uuid.uuid4", "uuid.uuid1",
    "os.getenv", "random.random", "random.choice", "random.uniform", "random.randint",
    "secrets.token_hex", "secrets.token_urlsafe", "asyncio.sleep", "subprocess.run",
}  # fmt: skip
IMPURE_MODULES = {"django", "celery", "rest_framework", "channels", "psycopg", "redis", "os"}


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def top(module: str | None) -> str:
    return (module or "").split(".")[0]


def impurities(path: Path, tree: ast.Module) -> Iterator[str]:
    where = path.relative_to(ROOT)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ".".join(dotted(node.func).split(".")[-2:])
            if name in IMPURE_CALLS:
                yield f"{where}:{node.lineno} calls {name}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if top(alias.name) in IMPURE_MODULES:
                    yield f"{where}:{node.lineno} imports {alias.name}"
        elif isinstance(node, ast.ImportFrom) and top(node.module) in IMPURE_MODULES:
            yield f"{where}:{node.lineno} imports {node.module}"


def test_the_pure_parts_are_pure() -> None:
    found = [line for path, tree in modules(*PURE) for line in impurities(path, tree)]
    assert not found, "\n".join(found)


def test_an_impure_call_would_be_noticed() -> None:
    tree = ast.parse("import os\nfrom datetime import datetime\nnow = datetime.now()\n")
    assert len(list(impurities(ROOT / "flows/engine/x.py", tree))) == 2
