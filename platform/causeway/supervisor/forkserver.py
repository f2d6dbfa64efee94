"""A process that has the libraries loaded and becomes others by forking.

    python -m causeway.supervisor.forkserver FD

Every process of an installation loads the same libraries: 0.7 s of a processor and some 60 MB
each. Loaded once and forked, the time is spent once and the memory shared. Only libraries are
loaded, nothing of ours: settings are read by each process for itself, after the fork.

FD is a socket of messages to the supervisor. It asks with JSON (`argv` after the interpreter,
`env`, `cwd`, `death_signal`) and one descriptor, the output; the answer is the new process's
number. The new process is the supervisor's child, not ours (see `forks.ForkServer`), so that
nothing happens to it when this process dies.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys
import time
from typing import Any, Final

import setproctitle

READY: Final = b"ready"
LARGEST: Final = 256 * 1024  # bytes of a request; most of it the environment
_PR_SET_PDEATHSIG: Final = 1
_LIBRARIES: Final = (
    "aiohttp", "asgiref.sync", "asyncio", "babel.numbers", "celery", "celery.app.amqp",
    "celery.apps.worker", "celery.bin.celery", "celery.bin.worker", "celery.concurrency.solo",
    "celery.worker.consumer", "channels", "channels_redis.core", "click", "croniter",
    "cryptography.fernet", "defusedxml.ElementTree", "django.contrib.auth.hashers",
    "django.core.handlers.asgi", "django.core.management", "django.db.backends.postgresql.base",
    "django.db.models", "django.urls", "httptools", "httpx", "httpx_aiohttp", "jinja2.sandbox",
    "jsonschema", "kombu.transport.redis", "lxml.etree", "lxml.html", "msgspec",
    "multiprocessing.pool", "nh3", "psycopg", "psycopg_pool", "redis.asyncio", "rest_framework",
    "starlette.applications", "structlog", "uuid_utils", "uvicorn", "uvicorn.main", "uvloop",
    "websockets", "whitenoise",
)  # fmt: skip
_libc = ctypes.CDLL(None, use_errno=True)


def serve(channel: socket.socket) -> dict[str, Any] | None:
    """Fork whenever asked. Returns in each forked process what it is to become, and None here
    when the supervisor is gone."""
    supervisor = os.getppid()
    setproctitle.getproctitle()  # finds its place now, while the environment is untouched
    for name in _LIBRARIES:
        # A library that is missing is missed by who needs it, with a better message.
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()  # a collector that touches shared memory makes it private
    if len(os.listdir("/proc/self/task")) > 1:
        raise RuntimeError("A library started a thread: this process cannot be forked.")
    channel.send(READY)
    while True:
        message, descriptors, _, _ = socket.recv_fds(channel, LARGEST, 1)
        if not message:
            return None
        order: dict[str, Any] = json.loads(message)
        pid = _fork()
        if pid == 0:
            channel.close()
            _settle(order, descriptors[0], supervisor)
            return order
        for descriptor in descriptors:
            os.close(descriptor)
        channel.send(str(pid).encode())


def _fork() -> int:
    """0 in the new process, its number here. The process between the two ends at once, so that
    the supervisor inherits the new one."""
    reading, writing = os.pipe()
    between = os.fork()
    if between == 0:
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            os.close(writing)
            return 0
        os.write(writing, str(pid).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        pid = int(told.read())
    os.waitpid(between, 0)
    return pid


def _settle(order: dict[str, Any], output: int, supervisor: int) -> None:
    """The surroundings of a process that was started the usual way (see `causeway.spawn`)."""
    os.setsid()
    end = time.monotonic() + 5
    while os.getppid() != supervisor:  # the process between us has not ended yet
        if time.monotonic() > end:
            os._exit(1)
        time.sleep(0.0005)
    _libc.prctl(_PR_SET_PDEATHSIG, int(order["death_signal"]))
    if os.getppid() != supervisor:
        os._exit(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    for descriptor in {nothing, output} - {0, 1, 2}:
        os.close(descriptor)
    if order["cwd"]:
        os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["env"])
    # Otherwise all of them would go by the fork server's name in `ps`.
    setproctitle.setproctitle(" ".join([sys.executable, *order["argv"]]))


def main() -> None:
    channel = socket.socket(fileno=int(sys.argv[1]))
    channel.set_inheritable(False)
    # A request is answered or, when the supervisor ends, never: no signal in between.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    order = serve(channel)
    if order is None:
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    module, *arguments = order["argv"][1:]
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
