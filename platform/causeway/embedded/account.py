"""Root must not run PostgreSQL, so as root the servers run as an account without rights."""

import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Final

from causeway.errors import StartError
from causeway.spawn import Account

NAME: Final = "causeway"


def server_account() -> Account | None:
    """None unless we are root. Makes the account on first use; without `useradd`, `nobody`."""
    if os.geteuid() != 0:
        return None
    found = _look_up(NAME)
    if found is None and (tool := shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")):
        subprocess.run(
            [tool, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
             "--shell", "/usr/sbin/nologin", NAME],
            check=False,
            capture_output=True,
        )  # fmt: skip
        found = _look_up(NAME)
    found = found or _look_up("nobody")
    if found is None:
        raise StartError(
            "PostgreSQL refuses to run as root and there is no other account for it.",
            "Create a system account named causeway, or start Causeway as an ordinary user.",
        )
    return found


def give(path: Path, account: Account | None, *, mode: int = 0o700) -> None:
    """Make the folder if need be, and let the account own it, closed to all others."""
    path.mkdir(parents=True, exist_ok=True, mode=0o711)
    found = path.lstat()
    ours = {os.geteuid(), account.uid} if account else {os.geteuid()}
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours:
        # It may lie in the common temporary folder, where anybody can be first.
        raise StartError(
            f"{path} belongs to somebody else or is no folder.",
            "Remove it, or name another state folder in CAUSEWAY_STATE_DIR.",
        )
    if account is not None:
        os.chown(path, account.uid, account.gid)
    path.chmod(mode)


def _look_up(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    if entry.pw_uid == 0:
        return None
    return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
