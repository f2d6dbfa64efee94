"""The environment is read once, typed, and refused with the name of the variable."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from causeway.config import Config
from causeway.errors import ConfigError
from causeway.state import StateFolder, create_key_file, prepare

OWN = {
    "CAUSEWAY_DATABASE_URL": "postgresql://u:p@db/causeway",
    "CAUSEWAY_REDIS_URL": "redis://broker:6379/0",
    "CAUSEWAY_SECRET_KEY": "x" * 40,
    "CAUSEWAY_BASE_URL": "https://causeway.example/",
}


def config(state: Path, **given: str) -> Config:
    return Config.from_env({"CAUSEWAY_STATE_DIR": str(state), **given})


@pytest.fixture
def keys(tmp_path: Path) -> str:
    create_key_file(tmp_path / "keys")
    return str(tmp_path / "keys")


def test_without_anything_the_private_servers_are_meant(tmp_path: Path) -> None:
    found = config(tmp_path)
    assert found.embedded
    assert found.redis_url.startswith("unix:///")
    assert (found.host, found.port, found.base_url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert found.hook_window == timedelta(minutes=5)
    assert found.hook_max_bytes == 1024 * 1024
    assert found.payload_max_bytes == 10 * 1024 * 1024
    assert found.run_memory_max_bytes == 256 * 1024 * 1024
    assert found.run_max_events == 100_000
    assert not found.demo
    assert not found.debug
    assert found.egress_allow == ()
    assert found.shop_twin_url == ""


def test_the_private_database_address_carries_the_made_password(tmp_path: Path) -> None:
    made = prepare(StateFolder(tmp_path))
    assert made.database_password in config(tmp_path).database_url
    assert config(tmp_path).secret_key == made.secret_key
    assert prepare(StateFolder(tmp_path)) == made


def test_the_demo_puts_both_twins_beside_the_web_and_lets_them_be_reached(tmp_path: Path) -> None:
    found = config(tmp_path, CAUSEWAY_DEMO="1", CAUSEWAY_PORT="9100")
    assert found.shop_twin_url == "http://127.0.0.1:9101"
    assert found.notes_twin_url == "http://127.0.0.1:9102"
    assert found.egress_allow == ("127.0.0.1:9101", "127.0.0.1:9102")


def test_an_allowed_address_comes_before_the_twins(tmp_path: Path) -> None:
    found = config(tmp_path, CAUSEWAY_EGRESS_ALLOW="10.0.0.5:443, shop.lan:80")
    assert found.egress_allow == ("10.0.0.5:443", "shop.lan:80")


@pytest.mark.parametrize("missing", ["CAUSEWAY_DATABASE_URL", "CAUSEWAY_REDIS_URL"])
def test_one_server_of_two_is_refused(tmp_path: Path, missing: str) -> None:
    given = {name: value for name, value in OWN.items() if name != missing}
    with pytest.raises(ConfigError, match="Only CAUSEWAY_"):
        config(tmp_path, **given)


@pytest.mark.parametrize("missing", ["CAUSEWAY_SECRET_KEY", "CAUSEWAY_BASE_URL"])
def test_own_servers_with_something_missing_are_refused(
    tmp_path: Path, keys: str, missing: str
) -> None:
    given = {name: value for name, value in OWN.items() if name != missing}
    with pytest.raises(ConfigError, match=missing):
        config(tmp_path, CAUSEWAY_KEY_FILE=keys, **given)


def test_own_servers_without_a_key_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="key file"):
        config(tmp_path, **OWN)


def test_own_servers_fully_configured(tmp_path: Path, keys: str) -> None:
    found = config(tmp_path, CAUSEWAY_KEY_FILE=keys, **OWN)
    assert not found.embedded
    assert found.base_url == "https://causeway.example"
    assert found.log_format == "json"
    assert found.broker_url == "redis://broker:6379/0"


def test_the_broker_address_names_sockets_as_celery_does(tmp_path: Path) -> None:
    found = config(tmp_path)
    path = found.redis_url.removeprefix("unix://").split("?", maxsplit=1)[0]
    assert found.broker_url == f"redis+socket://{path}?virtual_host=0"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CAUSEWAY_PORT", "eighty"),
        ("CAUSEWAY_PORT", "70000"),
        ("CAUSEWAY_DEBUG", "maybe"),
        ("CAUSEWAY_BASE_URL", "causeway.example"),
        ("CAUSEWAY_LOG_FORMAT", "xml"),
        ("CAUSEWAY_WORKER_PROCESSES", "0"),
        ("CAUSEWAY_EMAIL_URL", "mail.example"),
        ("CAUSEWAY_EMAIL_URL", "http://mail.example"),
        ("CAUSEWAY_EMAIL_URL", "smtp://mail.example:many"),
    ],
)
def test_a_value_that_cannot_be_used_names_its_variable(
    tmp_path: Path, name: str, value: str
) -> None:
    with pytest.raises(ConfigError, match=name) as refused:
        config(tmp_path, **{name: value})
    assert refused.value.remedy


def test_a_mail_server_needs_a_sender_and_its_password_is_told_nobody(tmp_path: Path) -> None:
    server = "smtp+starttls://user:hush@mail.example:587"
    with pytest.raises(ConfigError, match="CAUSEWAY_EMAIL_FROM"):
        config(tmp_path, CAUSEWAY_EMAIL_URL=server)
    found = config(tmp_path, CAUSEWAY_EMAIL_URL=server, CAUSEWAY_EMAIL_FROM="a@causeway.example")
    assert (found.email_url, found.email_from) == (server, "a@causeway.example")
    with pytest.raises(ConfigError) as refused:
        config(tmp_path, CAUSEWAY_EMAIL_URL="ftp://user:hush@mail.example")
    assert "hush" not in f"{refused.value}{refused.value.remedy}"


def test_a_short_demo_password_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="CAUSEWAY_DEMO_PASSWORD"):
        config(tmp_path, CAUSEWAY_DEMO="1", CAUSEWAY_DEMO_PASSWORD="short")


def test_damaged_secrets_are_told_and_not_replaced(tmp_path: Path) -> None:
    prepare(StateFolder(tmp_path))
    (tmp_path / "secrets.json").write_text("{half")
    with pytest.raises(ConfigError, match="damaged"):
        config(tmp_path)
    assert (tmp_path / "secrets.json").read_text() == "{half"


def test_secrets_are_for_their_owner_alone(tmp_path: Path) -> None:
    prepare(StateFolder(tmp_path))
    for name in ("secrets.json", "keys"):
        assert (tmp_path / name).stat().st_mode & 0o077 == 0


def test_a_long_state_folder_still_has_short_sockets(tmp_path: Path) -> None:
    deep = StateFolder(tmp_path / ("d" * 100))
    assert len(os.fsencode(deep.socket_dir / ".s.PGSQL.5432.lock")) <= 107
    assert deep.socket_dir == StateFolder(tmp_path / ("d" * 100)).socket_dir
