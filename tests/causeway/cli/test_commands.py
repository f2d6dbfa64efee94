"""What the commands do when all is well, and what they say when it is not."""

import io
import json
from pathlib import Path

import httpx
import pytest
from django.contrib.auth.models import User

from causeway.base.actors import person
from causeway.base.models import ApiToken, Environment, Workspace
from causeway.base.permissions import allowed
from causeway.cli import doctor
from causeway.cli.demo import LOGINS, logins, table
from causeway.cli.main import main
from causeway.config import ROOT, Config
from connectors.connections.models import Connection

GOOD = "correct horse battery"


def give(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def create_user(name: str, monkeypatch: pytest.MonkeyPatch, password: str = GOOD) -> int:
    give(password + "\n", monkeypatch)
    return main(["user", "create", name, "--role", "operator", "--password-stdin"])


@pytest.mark.django_db
def test_a_new_user_has_the_role_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    assert create_user("ann", monkeypatch) == 0
    ann = User.objects.get(username="ann")
    main_ = Workspace.objects.get(slug="main")
    assert ann.check_password(GOOD)
    assert not ann.is_superuser
    assert allowed(person(ann), "start_runs", main_)
    assert not allowed(person(ann), "deploy_flows", main_)


@pytest.mark.django_db
def test_a_taken_name_and_a_weak_password_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert create_user("ann", monkeypatch) == 0
    assert create_user("ann", monkeypatch) == 1
    assert create_user("bob", monkeypatch, "12345") == 1
    assert list(User.objects.values_list("username", flat=True)) == ["ann"]
    said = capsys.readouterr().err
    assert "already a user ann" in said
    assert "too short" in said


@pytest.mark.django_db
def test_a_token_is_printed_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    create_user("ann", monkeypatch)
    capsys.readouterr()
    assert main(["token", "create", "ann", "--name", "ci"]) == 0
    text = capsys.readouterr().out.strip()
    assert text.startswith(ApiToken.objects.get().prefix)
    assert main(["token", "create", "bob", "--name", "ci"]) == 1


@pytest.mark.django_db
def test_environments_are_made_once(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["environment", "create", "production", "--kind", "production"]
    assert main(arguments) == 0
    assert Environment.objects.get().kind == "production"
    assert main(arguments) == 1
    assert "Choose another name" in capsys.readouterr().err


@pytest.mark.django_db
def test_a_connection_that_does_not_fit_is_told_by_pointer_and_not_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["environment", "create", "production", "--kind", "production"])
    secrets = tmp_path / "secrets.json"
    secrets.write_text(json.dumps({"api_key": "K" * 32}))
    code = main(
        ["connection", "create", "shop", "--connector", "prestashop",
         "--environment", "production", "--settings", "{}", "--secrets", f"@{secrets}"]
    )  # fmt: skip
    said = capsys.readouterr().err
    assert code == 1
    assert "/settings" in said
    assert "KKKK" not in said
    assert not Connection.objects.exists()


@pytest.mark.django_db
def test_an_unknown_connection_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["connection", "check", "shop", "--environment", "demo"]) == 1
    assert "There is no connection shop in demo." in capsys.readouterr().err


@pytest.mark.django_db
def test_rotating_without_secrets_is_fine(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "rotate"]) == 0
    assert capsys.readouterr().out == "Sealed 0 secrets with a new key.\n"


def test_the_example_flows_have_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    files = sorted(map(str, (ROOT / "fixtures" / "flows").glob("*.json")))
    assert main(["flow", "check", *files]) == 0
    assert capsys.readouterr().out.count("no fault") == len(files) >= 3


def test_faults_of_a_flow_are_told_by_pointer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = json.loads((ROOT / "fixtures" / "flows" / "orders-to-notes.json").read_text())
    broken["nodes"][1]["type"] = "prestashop.order.fetch@1"
    (tmp_path / "flow.json").write_text(json.dumps(broken))
    (tmp_path / "text.json").write_text("{half")
    assert main(["flow", "check", str(tmp_path / "flow.json"), str(tmp_path / "text.json")]) == 1
    said = capsys.readouterr().out
    assert "/nodes/1/type" in said
    assert "not_json" in said
    assert main(["flow", "check", "--json", str(tmp_path / "flow.json")]) == 1
    found = json.loads(capsys.readouterr().out)
    assert any(one["pointer"] == "/nodes/1/type" for one in found)


@pytest.mark.parametrize(
    ("status", "body", "code", "said"),
    [
        (202, {"run_ids": ["r1", "r2"]}, 0, "r1\nr2\n"),
        (
            422,
            {"detail": "No.", "errors": [{"pointer": "/data", "message": "Wrong."}]},
            1,
            "causeway: No. \n/data: Wrong.\n",
        ),
        (502, "<html>", 1, "causeway: Causeway answered 502. Look into its log.\n"),
    ],
)
def test_run_prints_the_ids_or_the_problem(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    status: int,
    body: object,
    code: int,
    said: str,
) -> None:
    asked: dict[str, object] = {}

    def post(url: str, **sent: object) -> httpx.Response:
        asked.update(url=url, **sent)
        return httpx.Response(status, text=body if isinstance(body, str) else json.dumps(body))

    monkeypatch.setattr(httpx, "post", post)
    given = ["run", "orders-to-notes", "--environment", "demo", "--entity-id", "6"]
    assert main([*given, "--url", "https://c.example/", "--token", "cwy_x"]) == code
    assert asked["url"] == "https://c.example/api/v1/flows/orders-to-notes/runs"
    assert asked["json"] == {"environment": "demo", "trigger": {"entity_id": "6", "data": {}}}
    output = capsys.readouterr()
    assert output.out + output.err == said


def test_demo_logins_are_made_once_and_kept(tmp_path: Path) -> None:
    config = Config.from_env({"CAUSEWAY_STATE_DIR": str(tmp_path), "CAUSEWAY_DEMO": "1"})
    made = logins(config)
    assert logins(config) == made
    assert len(set(made.values())) == len(LOGINS)
    assert config.state.logins_file.stat().st_mode & 0o077 == 0
    shown = table(config, made)
    assert all(f"{name}" in shown and password in shown for name, password in made.items())
    assert "http://127.0.0.1:8000" in shown


def test_one_password_for_all_demo_logins_can_be_given(tmp_path: Path) -> None:
    config = Config.from_env(
        {
            "CAUSEWAY_STATE_DIR": str(tmp_path),
            "CAUSEWAY_DEMO": "1",
            "CAUSEWAY_DEMO_PASSWORD": "a-long-password",
        }
    )
    assert logins(config) == dict.fromkeys(LOGINS, "a-long-password")
    assert not config.state.logins_file.exists()


@pytest.mark.django_db
def test_the_doctor_finds_the_servers_of_a_running_installation() -> None:
    found = {one.name: one for one in doctor.findings(Config.from_env())}
    assert found["database"].ok
    assert found["broker"].ok
    assert found["postgresql"].ok
    assert found["redis"].ok


def test_the_doctor_tells_an_open_key_file(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("x")
    (tmp_path / "keys").chmod(0o644)
    config = Config.from_env({"CAUSEWAY_STATE_DIR": str(tmp_path)})
    found = {one.name: one for one in doctor.findings(config)}
    assert found["key file"].ok is False
    assert "chmod 600" in found["key file"].remedy
    assert found["database"].ok is None
