"""Secrets at rest: sealed, bound to their row, rotated, guarded by the key file's mode."""

import os
import stat
import uuid
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.conf import settings

from causeway.base.models import Environment, Workspace
from connectors.connections.models import Connection, Credential, DataKey
from connectors.connections.vault import VaultError, load_keys, rotate_keys, seal, unseal

pytestmark = pytest.mark.django_db


@pytest.fixture
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "keys"

    class Config:
        key_file = path
        shop_twin_url = ""
        notes_twin_url = ""
        egress_allow = ()

    monkeypatch.setattr(settings, "CAUSEWAY", Config())
    return path


@pytest.fixture
def connection() -> Connection:
    workspace = Workspace.objects.create(slug="main", name="Main")
    environment = Environment.objects.create(
        workspace=workspace, slug="test", name="Test", kind="test"
    )
    return Connection.objects.create(
        workspace=workspace, environment=environment, slug="shop", connector="http", system="x"
    )


def stored(connection: Connection, value: str, name: str = "token") -> Credential:
    credential = seal(connection_id=connection.id, name=name, value=value)
    credential.save()
    return credential


def test_the_key_file_is_made_for_its_owner_only(key_file: Path) -> None:
    load_keys(key_file)
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    Fernet(key_file.read_text().strip())
    assert list(key_file.parent.iterdir()) == [key_file]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_file_that_others_may_read_is_refused(key_file: Path, mode: int) -> None:
    load_keys(key_file)
    key_file.chmod(mode)
    with pytest.raises(VaultError, match="chmod 600"):
        load_keys(key_file)


def test_a_damaged_key_file_is_refused_and_not_quoted(key_file: Path) -> None:
    key_file.write_text("half-a-key\n")
    key_file.chmod(0o600)
    with pytest.raises(VaultError) as refused:
        load_keys(key_file)
    assert "half-a-key" not in str(refused.value)


def test_a_secret_comes_back_and_is_nowhere_in_the_row(
    key_file: Path, connection: Connection
) -> None:
    credential = stored(connection, "s3cret-value")
    again = Credential.objects.select_related("data_key").get(pk=credential.pk)
    assert unseal(again) == "s3cret-value"
    assert b"s3cret-value" not in bytes(again.sealed)
    assert b"s3cret-value" not in bytes(again.data_key.wrapped)


def test_secrets_share_a_data_key(key_file: Path, connection: Connection) -> None:
    stored(connection, "one", name="a")
    stored(connection, "two", name="b")
    assert DataKey.objects.count() == 1


def test_a_sealed_value_does_not_open_in_another_row(
    key_file: Path, connection: Connection
) -> None:
    credential = stored(connection, "s3cret-value")
    credential.name = "other"
    with pytest.raises(VaultError, match="another connection"):
        unseal(credential)
    credential.name = "token"
    credential.connection_id = uuid.uuid4()
    with pytest.raises(VaultError, match="another connection"):
        unseal(credential)


def test_another_key_file_opens_nothing(key_file: Path, connection: Connection) -> None:
    credential = stored(connection, "s3cret-value")
    key_file.unlink()
    with pytest.raises(VaultError, match="does not fit"):
        unseal(credential)


def test_rotation_seals_everything_anew(key_file: Path, connection: Connection) -> None:
    credential = stored(connection, "s3cret-value")
    old_key, old_sealed = key_file.read_text(), bytes(credential.sealed)
    old_data_key = credential.data_key_id

    assert rotate_keys() == 1

    again = Credential.objects.select_related("data_key").get(pk=credential.pk)
    assert unseal(again) == "s3cret-value"
    assert bytes(again.sealed) != old_sealed
    assert again.changed_at == credential.changed_at
    assert not DataKey.objects.filter(pk=old_data_key).exists()
    assert old_key.strip() not in key_file.read_text()
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600


def test_a_rotation_that_fails_loses_nothing(
    key_file: Path, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    credential = stored(connection, "s3cret-value")
    broken = stored(connection, "other", name="broken")
    Credential.objects.filter(pk=broken.pk).update(sealed=b"not a token")

    with pytest.raises(VaultError):
        rotate_keys()

    again = Credential.objects.select_related("data_key").get(pk=credential.pk)
    assert unseal(again) == "s3cret-value"
    broken.delete()
    assert rotate_keys() == 1
    assert len(key_file.read_text().split()) == 1


def test_a_running_process_follows_a_rotated_file(key_file: Path) -> None:
    first = load_keys(key_file)
    token = first.encrypt(b"x")
    lines = [Fernet.generate_key().decode(), key_file.read_text().strip()]
    draft = key_file.with_name("draft")
    draft.write_text("\n".join(lines))
    draft.chmod(0o600)
    os.replace(draft, key_file)
    second = load_keys(key_file)
    assert second.decrypt(token) == b"x"
    with pytest.raises(Exception):  # noqa: B017, PT011 - any refusal: the old keys alone fail
        first.decrypt(second.encrypt(b"y"))
