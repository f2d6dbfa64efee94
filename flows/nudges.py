"""Nudges: telling workers that runs are due, without waiting and without repeating ourselves.

A nudge may get lost; the sweep finds what is due anyway. It may come twice; a worker that finds
nothing due goes back to sleep.
"""

import os
import threading
from typing import Final

import redis
import structlog
from celery import Celery
from django.conf import settings

log = structlog.get_logger(__name__)

QUEUE: Final = "runs"
TASK: Final = "flows.tasks.drain"
_OPEN: Final = "causeway:nudged:runs"  # a nudge is under way that no worker has taken yet
_OPEN_MS: Final = 1000
_EXPIRES: Final = 30  # seconds; then the sweep has nudged anew many times
_MOST_WAITING: Final = 2.0  # seconds that Redis may take


class Nudger:
    """A thread that sends what was asked for; asking never blocks.

    However often it is asked, one message is under way until a worker takes it (`taken`).
    """

    def __init__(self, *, redis_url: str, broker_url: str) -> None:
        self._asked = threading.Event()
        self._redis = redis.Redis.from_url(
            redis_url, socket_timeout=_MOST_WAITING, socket_connect_timeout=_MOST_WAITING
        )
        # A producer of its own: the process may not be the one that Celery's app lives in.
        self._app = Celery("causeway-nudges", broker=broker_url, set_as_current=False)
        self._app.conf.update(
            task_ignore_result=True,
            task_serializer="json",
            broker_transport_options={
                "socket_timeout": _MOST_WAITING,
                "socket_connect_timeout": _MOST_WAITING,
            },
        )
        threading.Thread(target=self._work, name="nudges", daemon=True).start()

    def ask(self) -> None:
        """A worker should look soon."""
        self._asked.set()

    def taken(self) -> None:
        """A worker looks now: what is asked from here on needs a message of its own."""
        try:
            self._redis.delete(_OPEN)
        except redis.RedisError as error:
            log.debug("nudge not closed", error=type(error).__name__)

    def _work(self) -> None:
        while self._asked.wait():
            self._asked.clear()
            self._send()

    def _send(self) -> None:
        try:
            if self._redis.set(_OPEN, 1, nx=True, px=_OPEN_MS):
                self._app.send_task(
                    TASK, queue=QUEUE, ignore_result=True, expires=_EXPIRES, retry=False
                )
        except Exception as error:
            # Whatever the broker's library makes of a Redis that went away: this thread is the
            # only one that nudges, and the sweep finds what this nudge was about.
            log.warning("nudge not sent", error=type(error).__name__)


_nudger: tuple[int, Nudger] | None = None
_making = threading.Lock()


def _of_this_process() -> Nudger:
    """Threads do not survive a fork, so a child makes its own."""
    global _nudger
    with _making:
        if _nudger is None or _nudger[0] != os.getpid():
            config = settings.CAUSEWAY
            _nudger = (
                os.getpid(),
                Nudger(redis_url=config.redis_url, broker_url=config.broker_url),
            )
        return _nudger[1]


def nudge() -> None:
    """Ask for a worker. Call after commit; returns at once and never fails."""
    _of_this_process().ask()


def taken() -> None:
    """What a worker says when it starts to look."""
    _of_this_process().taken()
