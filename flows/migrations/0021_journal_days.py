"""The journal in one table a day, so that what is over is dropped instead of deleted.

A run's id begins with the moment at which it was made: days are ranges of ids, and no row needs
to be told its day. What was written before stays in a table of its own, which holds whatever is
made until tomorrow ends; its comment says so (`flows.store.day_tables`).
"""

from datetime import UTC, datetime, timedelta

from django.db import migrations

_SPLIT = """
ALTER TABLE flows_runevent RENAME TO flows_runevent_before;
ALTER INDEX flows_runevent_pkey RENAME TO flows_runevent_before_pkey;
CREATE TABLE flows_runevent (LIKE flows_runevent_before INCLUDING DEFAULTS INCLUDING STORAGE,
    PRIMARY KEY (run_id, seq)) PARTITION BY RANGE (run_id);
CREATE TABLE flows_runevent_rest PARTITION OF flows_runevent DEFAULT;
"""
_ATTACH = """
ALTER TABLE flows_runevent ATTACH PARTITION flows_runevent_before
    FOR VALUES FROM (MINVALUE) TO ('{floor}');
COMMENT ON TABLE flows_runevent_before IS '{until}';
"""
_WHOLE = """
CREATE TABLE flows_runevent_whole (LIKE flows_runevent INCLUDING DEFAULTS INCLUDING STORAGE);
INSERT INTO flows_runevent_whole SELECT * FROM flows_runevent;
DROP TABLE flows_runevent;
ALTER TABLE flows_runevent_whole RENAME TO flows_runevent;
ALTER TABLE flows_runevent ADD CONSTRAINT flows_runevent_pkey PRIMARY KEY (run_id, seq);
"""


def split(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_SPLIT)
        cursor.execute("SELECT EXISTS (SELECT FROM flows_runevent_before)")
        if not cursor.fetchone()[0]:
            cursor.execute("DROP TABLE flows_runevent_before")
            return
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        until = today + timedelta(days=2)
        floor = f"{int(until.timestamp() * 1000):012x}" + "0" * 20
        cursor.execute(_ATTACH.format(floor=floor, until=until.isoformat()))


def unite(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_WHOLE)


class Migration(migrations.Migration):
    dependencies = [("flows", "0020_calls")]
    operations = [migrations.RunPython(split, unite)]
