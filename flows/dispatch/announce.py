"""Telling those who watch that something moved. Only numbers travel, never payloads: whoever
hears of them reads the database as far as the reader may see it."""

import asyncio
import weakref
from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

import structlog
from channels.layers import get_channel_layer

log = structlog.get_logger(__name__)

GATHER: Final = 0.1  # seconds for which news gather into one message
ANSWERS: Final = "answers"  # channel group of runs that answered a sender who may wait
JOURNALS: Final = "journals"  # channel group of all journals: numbers of many runs a message
MOST_RUNS: Final = 200  # a list shows no more rows at once; the rest is found by revision


def runs_group(environment_id: UUID) -> str:
    """Channel group of an environment's list of runs."""
    return f"runs.{environment_id.hex}"


class Announcer:
    """Gathers what moved and tells the groups; one for each event loop."""

    def __init__(self) -> None:
        self._runs: dict[UUID, dict[UUID, None]] = {}
        self._journals: dict[UUID, int] = {}
        self._task: asyncio.Task[None] | None = None
        self._answered: list[UUID] = []
        self._answering: asyncio.Task[None] | None = None

    def runs_moved(self, pairs: Iterable[tuple[UUID, UUID]]) -> None:
        """Rows of these (environment, run) pairs changed; call after commit."""
        for environment, run in pairs:
            some = self._runs.setdefault(environment, {})
            some.pop(run, None)
            some[run] = None
        self._start()

    def journals_moved(self, seqs: Mapping[UUID, int]) -> None:
        """The journals of these runs grew up to a number; call after commit."""
        self._journals.update(seqs)
        self._start()

    def answered(self, runs: Iterable[UUID]) -> None:
        """These runs answered, or ended without; call after commit. Told at once: senders wait."""
        self._answered.extend(runs)
        if self._answered and self._answering is None:
            self._answering = asyncio.get_running_loop().create_task(self._answer())

    async def _answer(self) -> None:
        try:
            while self._answered:
                runs, self._answered = self._answered, []
                try:
                    layer = get_channel_layer()
                    if layer is not None:
                        told = {"type": "answers", "runs": [str(run) for run in runs]}
                        await layer.group_send(ANSWERS, told)
                except Exception as error:
                    # Who waits looks by itself too.
                    log.warning("answers not told", error=type(error).__name__)
        finally:
            self._answering = None

    async def idle(self) -> None:
        """Returns when everything was told."""
        while self._answering is not None:
            await asyncio.shield(self._answering)
        while self._task is not None:
            await asyncio.shield(self._task)

    def _start(self) -> None:
        if self._task is None and (self._runs or self._journals):
            self._task = asyncio.get_running_loop().create_task(self._work())

    async def _work(self) -> None:
        try:
            while self._runs or self._journals:
                await asyncio.sleep(GATHER)
                runs, self._runs = self._runs, {}
                journals, self._journals = self._journals, {}
                try:
                    await _tell(runs, journals)
                except Exception as error:
                    # Viewers ask the API again; no run waits for them.
                    log.warning("live events not sent", error=type(error).__name__)
        finally:
            self._task = None


async def _tell(runs: Mapping[UUID, Mapping[UUID, None]], journals: Mapping[UUID, int]) -> None:
    layer = get_channel_layer()
    if layer is None:
        return
    for environment, some in runs.items():
        latest = [str(run) for run in list(some)[-MOST_RUNS:]]
        group = runs_group(environment)
        await layer.group_send(group, {"type": "runs.moved", "group": group, "runs": latest})
    if journals:
        seqs = {str(run): seq for run, seq in journals.items()}
        await layer.group_send(JOURNALS, {"type": "run.moved", "group": JOURNALS, "seqs": seqs})


_announcers: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Announcer]" = (
    weakref.WeakKeyDictionary()
)


def announcer() -> Announcer:
    """The announcer of the running loop."""
    loop = asyncio.get_running_loop()
    found = _announcers.get(loop)
    if found is None:
        found = _announcers[loop] = Announcer()
    return found
