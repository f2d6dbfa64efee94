"""One supervisor for one state folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from causeway.errors import StartError
from causeway.state import StateFolder


@contextmanager
def only_one(state: StateFolder) -> Iterator[None]:
    """Hold the folder's lock. The kernel lets go of it when we die, however that happens.

    Raises `StartError` naming the process that holds it.
    """
    descriptor = os.open(state.lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 32).decode(errors="replace").strip()
            raise StartError(
                f"Causeway already runs from {state.path} (process {holder or 'unknown'}).",
                "Stop that one first, or name another folder in CAUSEWAY_STATE_DIR.",
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
