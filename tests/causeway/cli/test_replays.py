"""`causeway replay`: what it sends, and what it says."""

import json
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from causeway.cli.main import main
from connectors.sdk.codec import loads


def given(*more: str) -> list[str]:
    return ["replay", "r1", *more, "--url", "https://c.example/", "--token", "cwy_x"]


@pytest.mark.parametrize(
    ("status", "body", "code", "said"),
    [
        (202, {"id": "r2"}, 0, "r2\n"),
        (409, {"detail": "Not now.", "errors": []}, 1, "causeway: Not now.\n"),
    ],
)
def test_replay_prints_the_id_or_the_problem(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    status: int,
    body: object,
    code: int,
    said: str,
) -> None:
    asked: dict[str, object] = {}

    def post(url: str, *, content: bytes, **sent: object) -> httpx.Response:
        asked.update(url=url, wish=loads(content))
        return httpx.Response(status, text=json.dumps(body))

    monkeypatch.setattr(httpx, "post", post)
    (tmp_path / "outputs.json").write_text('{"read": {"total": 19.90}}')
    wish = ["--version", "3", "--outputs", f"@{tmp_path / 'outputs.json'}"]
    assert main(given(*wish)) == code
    assert asked == {
        "url": "https://c.example/api/v1/runs/r1/replay",
        "wish": {"from_node": "", "version": 3, "outputs": {"read": {"total": Decimal("19.90")}}},
    }
    output = capsys.readouterr()
    assert output.out + output.err == said


@pytest.mark.parametrize("data", ["{", "[]", "@/no/such/file"])
def test_what_is_no_json_object_is_refused(data: str) -> None:
    assert main(given("--trigger-data", data)) == 2
