"""The mapping commands: JSON in, JSON out, nothing else on standard output, no database."""

import json
import os
import subprocess
import sys
import time

import pytest

from causeway.config import ROOT

ITEM = {"id": "a", "format": "text", "locale": "de", "content": "2 x Lampe (A-1) à 12,50 €"}
GOOD = {"items": [ITEM]}
LINES = {"task": "lines"}
COMMAND = [sys.executable, "-m", "causeway.cli"]
MANAGE = [sys.executable, "manage.py", "suggest_mapping"]


def run(command: list[str], source: str) -> subprocess.CompletedProcess[str]:
    """The command without any setting: there is no server and no database."""
    bare = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    places = {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}"}
    return subprocess.run(
        command,
        input=source,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**bare, **places},
        timeout=60,
    )


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        ([*COMMAND, "extract-lines"], {}),
        ([*COMMAND, "suggest-mapping"], {"task": "lines"}),
        (MANAGE, {"task": "lines"}),
    ],
)
def test_lines_go_in_and_come_out_as_numbers(command: list[str], extra: dict[str, str]) -> None:
    done = run(command, json.dumps(GOOD | extra))
    assert (done.returncode, done.stderr) == (0, "")
    [one] = json.loads(done.stdout)
    assert one["lines"][0] == {
        "reference": "A-1", "name": "Lampe", "quantity": 2, "unit_price": 12.5, "total": None
    }  # fmt: skip
    assert '"unit_price":12.50' in done.stdout


@pytest.mark.parametrize("command", [[*COMMAND, "suggest-mapping"], MANAGE])
def test_a_mapping_comes_out_within_five_seconds(command: list[str]) -> None:
    task = {"task": "map", "source_fields": ["PLZ"], "target_fields": ["postcode", "city"]}
    begun = time.monotonic()
    done = run(command, json.dumps(task))
    assert (done.returncode, done.stderr) == (0, "")
    assert [one["target"] for one in json.loads(done.stdout)] == ["postcode"]
    assert time.monotonic() - begun < 5 * slowness()


def slowness() -> float:
    """How much longer things take while others use the machine."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


@pytest.mark.parametrize("command", [[*COMMAND, "extract-lines"], MANAGE])
@pytest.mark.parametrize("source", ["", "{", '{"items": 3, "task": "lines"}', '{"task": "paint"}'])
def test_bad_input_ends_in_an_error_and_no_output(command: list[str], source: str) -> None:
    done = run(command, source)
    assert done.returncode != 0
    assert done.stdout == ""
    assert len(done.stderr) > 20
    assert "Traceback" not in done.stderr
