"""Messages are nudges: what Celery is told so that it treats them so."""

from causeway.celery import QUEUES, app


def test_a_message_is_kept_until_its_work_is_done() -> None:
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert app.conf.worker_prefetch_multiplier == 1


def test_nothing_is_stored_in_the_broker() -> None:
    assert app.conf.task_ignore_result
    assert app.conf.result_backend is None


def test_every_queue_has_an_exchange_of_its_own() -> None:
    """Two queues bound to one exchange under one key would both get each message."""
    routes = {
        queue.name: (queue.exchange.name, queue.routing_key) for queue in app.conf.task_queues
    }
    assert routes == {name: (name, name) for name in QUEUES}


def test_the_clock_nudges_existing_tasks_on_their_own_queues() -> None:
    app.loader.import_default_modules()
    entries = app.conf.beat_schedule
    for entry in entries.values():
        assert entry["task"] in app.tasks
        assert entry["options"]["expires"] < 60
    queues = {app.conf.task_routes[entry["task"]]["queue"] for entry in entries.values()}
    assert queues == {"sweep", "poll"}


def test_only_json_is_taken() -> None:
    assert app.conf.accept_content == ["json"]
