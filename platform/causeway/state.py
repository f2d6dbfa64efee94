"""The state folder: what an installation keeps on its own disk, and where.

    secrets.json   0600  random secrets of this installation (Django's key, database password)
    keys           0600  Fernet keys that wrap the keys of credentials, newest first
    lock           held while `causeway up` runs
    redis.url      0600  address of Redis, for people with redis-cli
    logins.json    0600  demo logins
    twins/               data of the two imitated systems
    postgres/            data folder of the private PostgreSQL
    redis/               working folder of the private Redis
    run/                 sockets of both

As root the last three belong to an account without rights. Where that account could not reach
the state folder (below /root, say), they lie in a system folder instead: the rights of parent
folders are never widened.
"""

import hashlib
import json
import os
import secrets
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from cryptography.fernet import Fernet

from causeway.errors import ConfigError, StartError

SYSTEM_STATE: Final = Path("/var/lib/causeway")
BELONGS: Final = "belongs-to"
POSTGRES_PORT: Final = 5432  # only names the socket file: nothing listens on TCP
_SOCKET_PATH_MOST: Final = 103  # bytes in sockaddr_un: 108 on Linux, 104 on macOS, one for NUL


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Random texts made at the first start. Empty before that."""

    secret_key: str = ""
    database_password: str = ""


@dataclass(frozen=True, slots=True)
class StateFolder:
    """Paths within one state folder; reading this makes nothing."""

    path: Path

    @property
    def secrets_file(self) -> Path:
        return self.path / "secrets.json"

    @property
    def key_file(self) -> Path:
        return self.path / "keys"

    @property
    def lock_file(self) -> Path:
        return self.path / "lock"

    @property
    def logins_file(self) -> Path:
        return self.path / "logins.json"

    @property
    def redis_url_file(self) -> Path:
        return self.path / "redis.url"

    @property
    def servers_dir(self) -> Path:
        """Parent of what the two servers own."""
        if os.geteuid() == 0 and not _others_reach(self.path):
            return SYSTEM_STATE / _mark(self.path)
        return self.path

    @property
    def postgres_data(self) -> Path:
        return self.servers_dir / "postgres" / "data"

    @property
    def redis_dir(self) -> Path:
        return self.servers_dir / "redis"

    @property
    def twins_dir(self) -> Path:
        return self.path / "twins"

    @property
    def socket_dir(self) -> Path:
        """`run/` in the folder, or a short stand-in when socket paths would grow too long."""
        inside = self.servers_dir / "run"
        longest = inside / f".s.PGSQL.{POSTGRES_PORT}.lock"
        if len(os.fsencode(longest)) <= _SOCKET_PATH_MOST:
            return inside
        return Path(tempfile.gettempdir()) / f"causeway-{os.getuid()}-{_mark(self.path)}"

    @property
    def redis_socket(self) -> Path:
        return self.socket_dir / "redis.sock"

    @property
    def redis_url(self) -> str:
        """Reaching the socket takes rights on `socket_dir`: there is no password."""
        return f"unix://{self.redis_socket}?db=0"

    def database_url(self, known: Secrets) -> str:
        """Address of the private PostgreSQL."""
        password = f":{quote(known.database_password)}" if known.database_password else ""
        host = quote(str(self.socket_dir), safe="")
        return f"postgresql://causeway{password}@/causeway?host={host}&port={POSTGRES_PORT}"


def default_state_dir(checkout: Path) -> Path:
    """`.causeway/` in the checkout; as root a system folder of its own for each checkout.

    As root PostgreSQL runs as another account, and that one cannot enter a checkout that lies
    in /root.
    """
    if os.geteuid() == 0:
        return SYSTEM_STATE / _mark(checkout)
    return checkout / ".causeway"


def _mark(path: Path) -> str:
    """A short name for a path, the same at every start."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def _others_reach(path: Path) -> bool:
    """Whether any account may pass through to `path`; what is not there yet will let it."""
    return all(
        folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents) if folder.exists()
    )


def read_secrets(state: StateFolder) -> Secrets:
    """The secrets of an installation, empty ones where it was never started."""
    try:
        text = state.secrets_file.read_text()
    except FileNotFoundError:
        return Secrets()
    except PermissionError:
        raise ConfigError(
            f"{state.secrets_file} belongs to another account.",
            "Run the command as the account that started Causeway.",
        ) from None
    try:
        return Secrets(**json.loads(text))
    except (ValueError, TypeError):
        raise ConfigError(
            f"{state.secrets_file} is damaged.",
            "Restore it from a backup, or move the state folder away to begin afresh.",
        ) from None


def prepare(state: StateFolder) -> Secrets:
    """Make the folder and, once, its secrets and the key file. Safe to call at every start."""
    try:
        make_folder(state.path)
        make_folder(state.servers_dir)
        if state.servers_dir != state.path:
            # Whoever finds the folder can tell whose it is.
            (state.servers_dir / BELONGS).write_text(f"{state.path}\n")
        known = read_secrets(state)
        if not known.secret_key:
            known = Secrets(
                secret_key=secrets.token_urlsafe(48),
                database_password=secrets.token_urlsafe(24),
            )
            write_private(
                state.secrets_file,
                json.dumps(
                    {
                        "secret_key": known.secret_key,
                        "database_password": known.database_password,
                    }
                ),
            )
        if not state.key_file.exists():
            create_key_file(state.key_file)
    except (PermissionError, FileNotFoundError, FileExistsError, NotADirectoryError) as error:
        raise StartError(
            f"The state folder {state.path} cannot be made or written ({error.strerror}).",
            "Run as its owner, or name another folder in CAUSEWAY_STATE_DIR.",
        ) from None
    return known


def create_key_file(path: Path) -> None:
    """A key file with one fresh key. Raises `StartError` rather than overwrite one."""
    if path.exists():
        raise StartError(f"{path} exists already.", "Add a key with `causeway keys rotate`.")
    write_private(path, Fernet.generate_key().decode() + "\n")


def write_private(path: Path, text: str) -> None:
    """Replace a file whole, readable by its owner alone from its first byte on."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def make_folder(path: Path) -> None:
    """Make a folder of ours. Raises `StartError` where a file is in the way.

    As root the server account must pass through, so others may enter but not list.
    """
    mode = 0o711 if os.geteuid() == 0 else 0o700
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        path.mkdir(mode=mode)
        path.chmod(mode)
    elif not stat.S_ISDIR(path.stat().st_mode):
        raise StartError(f"{path} is not a folder.", "Name another one in CAUSEWAY_STATE_DIR.")
