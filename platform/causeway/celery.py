"""The Celery app. Messages are nudges: each may be lost or come twice without harm."""

import os
import threading
import warnings
from datetime import timedelta
from typing import Any, Final

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "causeway.settings")

import redis
import structlog
from celery import Celery
from celery.signals import setup_logging, worker_ready
from django.conf import settings
from kombu import Exchange, Queue

from causeway.base import garbage, health, logs

log = structlog.get_logger(__name__)

QUEUES: Final = ("runs", "sweep", "poll")
SWEEP_EVERY: Final = timedelta(seconds=2)
POLL_EVERY: Final = timedelta(seconds=5)
HOUSE_EVERY: Final = timedelta(seconds=60)

# Said in four lines by every worker of a root account. What root must not run, the database,
# runs as another account; a message cannot carry code here (accept_content).
warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")

app = Celery("causeway")
app.conf.update(
    broker_url=settings.CAUSEWAY.broker_url,
    result_backend=None,
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    task_serializer="json",
    accept_content=["json"],
    task_queues=[Queue(name, Exchange(name), routing_key=name) for name in QUEUES],
    task_default_queue="runs",
    task_routes={
        "flows.tasks.drain": {"queue": "runs"},
        "flows.tasks.sweep": {"queue": "sweep"},
        "flows.tasks.poll_due": {"queue": "poll"},
        "flows.tasks.send_mail": {"queue": "poll"},
        "flows.tasks.replay_bulk": {"queue": "poll"},
        "flows.tasks.keep_house": {"queue": "poll"},
    },
    # A nudge nobody took in time is worthless: the next one is on its way.
    beat_schedule={
        "sweep": {
            "task": "flows.tasks.sweep",
            "schedule": SWEEP_EVERY,
            "options": {"expires": 10},
        },
        "poll": {
            "task": "flows.tasks.poll_due",
            "schedule": POLL_EVERY,
            "options": {"expires": 15},
        },
        "house": {
            "task": "flows.tasks.keep_house",
            "schedule": HOUSE_EVERY,
            "options": {"expires": 30},
        },
        "mail": {
            "task": "flows.tasks.send_mail",
            "schedule": POLL_EVERY,
            "options": {"expires": 15},
        },
    },
    beat_scheduler="celery.beat:Scheduler",  # in memory: nothing to corrupt, nothing to catch up
    beat_max_loop_interval=1,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={"visibility_timeout": 600, "socket_keepalive": True},
    timezone="UTC",
)
app.autodiscover_tasks(["flows"])


@setup_logging.connect
def _own_logging(**_: Any) -> None:
    """Keep Celery from putting its own handlers in place of ours."""
    logs.configure(settings.LOGGING)


@worker_ready.connect
def _start_heartbeat(sender: Any, **_: Any) -> None:
    """Readiness asks whether workers are there; a thread of each one says so."""
    garbage.look_seldom()
    queues = ",".join(sorted(queue.name for queue in sender.task_consumer.queues))
    threading.Thread(
        target=_beat_for_ever, args=(queues, sender.hostname), name="heartbeat", daemon=True
    ).start()


def _beat_for_ever(queues: str, worker: str) -> None:
    pause = threading.Event()
    with health.broker() as client:
        while True:
            try:
                health.beat_heart(client, queues=queues, worker=worker)
            except redis.RedisError as error:
                log.warning("heartbeat not written", error=type(error).__name__)
            pause.wait(health.HEARTBEAT_SECONDS)
