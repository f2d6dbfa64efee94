"""The Java of the far side, compiled once."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.notes.tests.far_side.bench import Bench, bench
from connectors.notes.tests.far_side.calls import SECRET

HERE = Path(__file__).parent
SOURCES = sorted((HERE.parents[1] / "far_side" / "java").glob("*.java"))


@pytest.fixture(scope="session")
def java(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The agents, compiled for Java 8 against stubs of what they use."""
    javac = shutil.which("javac")
    if javac is None:
        pytest.skip("no Java compiler on this machine")
    target = tmp_path_factory.mktemp("classes")
    sources = [*SOURCES, *sorted((HERE / "java").rglob("*.java"))]
    built = subprocess.run(
        [javac, "--release", "8", "-Xlint:-options", "-d", str(target), *map(str, sources)],
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    return target


@pytest.fixture(scope="session")
def machine(java: Path) -> Iterator[Bench]:
    with bench(java) as found:
        yield found


@pytest.fixture
def domino(machine: Bench) -> Bench:
    """A database of its own for each test; the JVM is shared."""
    machine.reset()
    return machine


@pytest.fixture
def ready(domino: Bench) -> Bench:
    domino.document({"Form": "CausewayConfiguration", "Secret": SECRET})
    domino.view(
        "Orders",
        {"item": "Form", "is": "Order Record"},
        [
            {"item": "Status", "title": "Status", "sort": "ascending"},
            {"item": "$1", "title": "Constant", "constant": True},
            {"item": "OrderNo", "title": "Order", "sort": "ascending"},
            {"item": "Total", "title": "Total"},
            {"item": "OrderDate", "title": "Date"},
            {"item": "Item_SKU", "title": "SKU"},
        ],
    )
    domino.view(
        "By Status",
        {"item": "Form", "is": "Order Record"},
        [
            {"item": "Status", "title": "Status", "sort": "ascending", "category": True},
            {"item": "OrderNo", "title": "Order", "sort": "ascending"},
        ],
    )
    domino.view("Basket", None, [{"item": "OrderNo", "title": "Order", "sort": "ascending"}])
    return domino
