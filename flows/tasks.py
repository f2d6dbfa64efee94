"""Celery's way in: ten lines around a service each. A task may run twice or never."""

from typing import Any, Final

import structlog
from celery import shared_task
from celery.signals import worker_ready, worker_shutdown, worker_shutting_down
from django.conf import settings
from django.utils import timezone

from flows import failures, polling, schedules
from flows.dispatch import worker
from flows.dispatch.keeping import keep_house as keep_house_once
from flows.dispatch.loop import process_loop
from flows.dispatch.sweeping import sweep_once
from flows.services import approval_mail, bulk_work
from flows.store import pool
from flows.store.bulk import any_bulk_running

log = structlog.get_logger(__name__)

_EXPIRES: Final = 10  # seconds; the next sweep asks again


@shared_task(name="flows.tasks.drain")
def drain() -> None:
    """Carry what is due."""
    carried = process_loop().run(worker.drain())
    if carried:
        log.debug("drained", runs=carried)


@shared_task(name="flows.tasks.sweep")
def sweep() -> None:
    """Find what is orphaned or due, start what is scheduled, have bulk replays go on."""
    if process_loop().run(_sweep()):
        replay_bulk.apply_async(expires=_EXPIRES)


async def _sweep() -> bool:
    await sweep_once()
    await schedules.start_due()
    await failures.tell()
    return await any_bulk_running()


@shared_task(name="flows.tasks.replay_bulk")
def replay_bulk() -> None:
    """Work bulk replays off, as far as a few seconds go."""
    settled = bulk_work.work_off()
    if settled:
        log.debug("bulk replays went on", settled=settled)


@shared_task(name="flows.tasks.poll_due")
def poll_due() -> None:
    """Ask the far sides that are due."""
    process_loop().run(_poll())


async def _poll() -> None:
    await polling.poll_due(worker.kit().reach)


@shared_task(name="flows.tasks.keep_house")
def keep_house() -> None:
    """Prepare the journal's days and remove what is over."""
    process_loop().run(_keep_house())


async def _keep_house() -> None:
    await keep_house_once(timezone.now(), keep_days=settings.CAUSEWAY.keep_days)


@shared_task(name="flows.tasks.send_mail")
def send_mail() -> None:
    """Write to those whom runs ask."""
    approval_mail.send_due()


@worker_ready.connect
def _prepare(**_: Any) -> None:
    """Today has its place in the journal before much is written there."""
    keep_house.apply_async(expires=_EXPIRES)


@worker_shutting_down.connect
def _claim_no_more(**_: Any) -> None:
    """A drain that runs ends with what it carries now."""
    worker.shut_down()


@worker_shutdown.connect
def _give_back(**_: Any) -> None:
    process_loop().run(_close())


async def _close() -> None:
    await worker.close_kit()
    await pool.close()
