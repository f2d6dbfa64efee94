"""Secrets at rest: each one sealed by a data key, each data key wrapped by the key file.

The key file holds Fernet keys, one a line, newest first. It is made on the first start with
mode 0600 and refused when its group or the world may read it. A stolen database says nothing
without it; rotating it re-wraps a few rows. Nothing in this module logs.
"""

import os
import secrets
import stat
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import connection as database
from django.db import transaction

from connectors.connections.models import Credential, DataKey
from connectors.sdk.codec import dumps, loads

_SEALING_LOCK = 0x6361_7573_7661_756C  # "causvaul": sealing shares it, rotation owns it


class VaultError(Exception):
    """The key file or a sealed secret cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loaded:
    stamp: tuple[int, int, int]
    keys: MultiFernet


_loaded: dict[Path, _Loaded] = {}
_loading = threading.Lock()


def seal(*, connection_id: UUID, name: str, value: str) -> Credential:
    """A new, unsaved `Credential` row holding `value`.

    Call inside the transaction that stores it: the lock taken here keeps a rotation from
    removing the data key in between.
    """
    _share_lock()
    data_key = _current_data_key()
    return Credential(
        connection_id=connection_id,
        name=name,
        data_key=data_key,
        sealed=_seal_with(data_key, connection_id=connection_id, name=name, value=value),
    )


def unseal(credential: Credential) -> str:
    """The secret itself. Raises `VaultError` when it was sealed for another row or key file."""
    try:
        plain = Fernet(_unwrap(credential.data_key)).decrypt(bytes(credential.sealed))
    except InvalidToken:
        raise VaultError(
            f"The secret {credential.name!r} cannot be opened. Enter it again."
        ) from None
    payload = loads(plain)
    # A sealed value copied to another connection's row must not open there.
    if payload["connection"] != str(credential.connection_id) or payload["name"] != credential.name:
        raise VaultError(
            f"The secret {credential.name!r} belongs to another connection. Enter it again."
        )
    return str(payload["value"])


def rotate_keys() -> int:
    """Put a new key into the key file and seal every credential anew; answers how many.

    Interrupted anywhere, every secret still opens: the file holds both keys until the rows
    are committed.
    """
    path = _key_file()
    load_keys(path)
    # Held beyond the commit: two rotations at once would drop each other's key.
    with _rotation_lock():
        new_line = Fernet.generate_key().decode()
        _replace_key_file(path, [new_line, *_key_lines(path)])
        with transaction.atomic():
            count = _seal_all_again()
        _replace_key_file(path, [new_line])
    return count


def _seal_all_again() -> int:
    fresh = _new_data_key()
    count = 0
    for credential in Credential.objects.select_related("data_key"):
        sealed = _seal_with(
            fresh,
            connection_id=credential.connection_id,
            name=credential.name,
            value=unseal(credential),
        )
        # `update` and not `save`: the secret did not change, so `changed_at` must not move.
        Credential.objects.filter(pk=credential.pk).update(sealed=sealed, data_key=fresh)
        count += 1
    DataKey.objects.exclude(pk=fresh.pk).delete()
    return count


def load_keys(path: Path) -> MultiFernet:
    """The wrapping keys of `path`, made on the first call.

    Read again whenever the file changes, so that running processes follow a rotation.
    """
    with _loading:
        if not path.exists():
            _create_key_file(path)
        found = path.stat()
        if os.name == "posix" and stat.S_IMODE(found.st_mode) & 0o077:
            raise VaultError(
                f"The key file {path} can be read by others "
                f"(mode {stat.S_IMODE(found.st_mode):04o}). Run: chmod 600 {path}"
            )
        stamp = (found.st_mtime_ns, found.st_ino, found.st_size)
        known = _loaded.get(path)
        if known is None or known.stamp != stamp:
            known = _Loaded(stamp=stamp, keys=_parse(path))
            _loaded[path] = known
        return known.keys


def _key_file() -> Path:
    return Path(settings.CAUSEWAY.key_file)


def _share_lock() -> None:
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_SEALING_LOCK])


@contextmanager
def _rotation_lock() -> Iterator[None]:
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_SEALING_LOCK])
    try:
        yield
    finally:
        with database.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_SEALING_LOCK])


def _current_data_key() -> DataKey:
    return DataKey.objects.order_by("-created_at", "-id").first() or _new_data_key()


def _new_data_key() -> DataKey:
    return DataKey.objects.create(wrapped=load_keys(_key_file()).encrypt(Fernet.generate_key()))


def _unwrap(data_key: DataKey) -> bytes:
    try:
        return load_keys(_key_file()).decrypt(bytes(data_key.wrapped))
    except InvalidToken:
        raise VaultError(
            "The key file does not fit this database. Restore the key file that belongs to it."
        ) from None


def _seal_with(data_key: DataKey, *, connection_id: UUID, name: str, value: str) -> bytes:
    payload = {"connection": str(connection_id), "name": name, "value": value}
    return Fernet(_unwrap(data_key)).encrypt(dumps(payload))


def _key_lines(path: Path) -> list[str]:
    lines = (line.strip() for line in path.read_text("ascii").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _parse(path: Path) -> MultiFernet:
    try:
        return MultiFernet([Fernet(line) for line in _key_lines(path)])
    except ValueError:
        raise VaultError(
            f"The key file {path} holds no usable key. Restore it from your backup."
        ) from None


def _create_key_file(path: Path) -> None:
    """Two processes may start at once: the one that links first wins, the other reads it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _write_draft(path, [Fernet.generate_key().decode()])
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _replace_key_file(path: Path, lines: Sequence[str]) -> None:
    os.replace(_write_draft(path, lines), path)


def _write_draft(path: Path, lines: Sequence[str]) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return draft
