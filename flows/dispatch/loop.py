"""The event loop of a worker process: made once, so that its pools outlive a task."""

import asyncio
import os
import sys
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

Answer = TypeVar("Answer")


class LoopThread:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self.loop = _new_loop()
        self._thread = threading.Thread(target=self._run, name="causeway-loop", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """Run `work` on the loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def close(self) -> None:
        """Stop the loop and its thread."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()


def _new_loop() -> asyncio.AbstractEventLoop:
    if sys.platform != "win32":
        import uvloop

        return uvloop.new_event_loop()
    return asyncio.SelectorEventLoop()  # psycopg needs a selector


_thread: tuple[int, LoopThread] | None = None
_making = threading.Lock()


def process_loop() -> LoopThread:
    """The loop of this process; a forked child makes its own."""
    global _thread
    with _making:
        if _thread is None or _thread[0] != os.getpid():
            _thread = (os.getpid(), LoopThread())
        return _thread[1]
