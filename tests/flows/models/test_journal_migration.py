"""The journal is split into days, and put together again, with every entry."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from causeway.base.ids import new_id
from flows.models import RunEvent
from flows.store import day_tables
from flows.store.day_tables import JOURNAL
from tests.flows.store.test_day_tables import run_id

WHOLE = [("flows", "0020_calls")]


def tables() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text, count(*) FROM flows_runevent GROUP BY 1")
        return dict(cursor.fetchall())


def write(moment: datetime) -> None:
    RunEvent.objects.create(
        run_id=run_id(moment), seq=1, type="run_started", at=moment, data={"cost": "1.50"}
    )


@pytest.mark.django_db(transaction=True)
def test_what_was_written_before_stays_in_a_table_of_its_own() -> None:
    latest = list(MigrationExecutor(connection).loader.graph.leaf_nodes())
    now = timezone.now()
    MigrationExecutor(connection).migrate(WHOLE)
    write(now - timedelta(days=200))
    RunEvent.objects.create(run_id=new_id(), seq=1, type="run_started", at=now, data={})
    try:
        MigrationExecutor(connection).migrate(latest)
        assert tables() == {JOURNAL.before: 2}
        write(now)
        write(now + timedelta(days=3))
        assert tables() == {JOURNAL.before: 3, JOURNAL.rest: 1}
        with connection.cursor() as cursor:
            cursor.execute(day_tables._UNTIL, {"name": JOURNAL.before})
            until = datetime.fromisoformat(cursor.fetchone()[0])
        assert until > now + timedelta(days=1)
        assert until.astimezone(UTC).hour == 0
        assert RunEvent.objects.filter(data__cost="1.50").count() == 3
        MigrationExecutor(connection).migrate(WHOLE)
        assert RunEvent.objects.count() == 4
        assert tables() == {"flows_runevent": 4}
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM flows_runevent")
        MigrationExecutor(connection).migrate(latest)
    assert tables() == {}
