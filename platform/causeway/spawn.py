"""How a child process is started so that it never outlives Causeway."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

_PR_SET_PDEATHSIG: Final = 1
# Loaded before any fork: a child between fork and exec must not import or allocate much.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An operating system account without rights, for servers started by root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spawn:
    """One command with its surroundings.

    `stop_signal` asks it to end, `death_signal` is what the kernel sends it when our process is
    gone. `variables` come on top of the inherited environment.
    """

    name: str
    argv: Sequence[str]
    variables: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL

    def options(self) -> dict[str, Any]:
        """Arguments for `subprocess.Popen` and asyncio's equivalents.

        A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which then
        stops its children in order.
        """
        options: dict[str, Any] = {
            "env": {**os.environ, **self.variables},
            "start_new_session": True,
            "preexec_fn": _die_with_parent(self.death_signal),
        }
        if self.cwd is not None:
            options["cwd"] = self.cwd
        if self.account is not None:
            options |= {
                "user": self.account.uid,
                "group": self.account.gid,
                "extra_groups": [],
                "umask": 0o077,
            }
        return options


def _die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """Linux only; elsewhere the supervisor's own clean-up is all there is."""
    if _libc is None:
        return None
    prctl = _libc.prctl
    parent = os.getpid()

    def in_child() -> None:
        prctl(_PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return in_child
