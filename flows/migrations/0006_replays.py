"""Replays: further runs of a trigger event, and dead letters that somebody dealt with.

All columns have defaults in the database, so that the table is not rewritten. On the way back
each replay gets a trigger event of its own, since an event may then have one run only; replays
that have not ended are called off, for without their first run's effect keys they could do
something twice.
"""

import django.db.models.deletion
from django.db import migrations, models

import causeway.base.fields

PART_FROM_THEIR_EVENTS = """
UPDATE flows_run
SET state = 'cancelled', ended_at = now(), claim_token = NULL, lease_until = NULL, parked = false,
    revision = nextval('flows_run_revision')
WHERE replay_number > 0 AND state IN ('pending', 'running', 'waiting');

INSERT INTO flows_triggerevent (id, environment_id, connection_id, source, type, change, system,
    entity, entity_id, version, business_key, data, source_time, source_sequence, accepted_at)
SELECT r.id, e.environment_id, e.connection_id, e.source, e.type, e.change, e.system, e.entity,
       e.entity_id, 'replay:' || r.id, e.business_key, coalesce(r.trigger_data, e.data),
       e.source_time, e.source_sequence, r.created_at
FROM flows_run r JOIN flows_triggerevent e ON e.id = r.event_id
WHERE r.replay_number > 0;

UPDATE flows_run SET event_id = id WHERE replay_number > 0;

SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [("flows", "0005_schedule_source")]

    operations = [
        migrations.RemoveConstraint(model_name="run", name="run_once_per_event"),
        migrations.AddField(
            model_name="run",
            name="replay_of",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replays",
                to="flows.run",
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="replay_number",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="run",
            name="trigger_data",
            field=causeway.base.fields.ExactJSONField(null=True),
        ),
        migrations.AddField(
            model_name="run", name="resolved_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddField(
            model_name="run",
            name="resolved_by",
            field=models.CharField(blank=True, db_default="", default="", max_length=150),
        ),
        migrations.AddField(
            model_name="run",
            name="resolved_note",
            field=models.CharField(blank=True, db_default="", default="", max_length=500),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(
                fields=("event", "deployment", "trigger_node", "replay_number"),
                name="run_once_per_event",
            ),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=models.Q(("replay_of__isnull", False)),
                fields=["replay_of"],
                name="run_replays",
            ),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=models.Q(("resolved_at__isnull", True), ("state", "dead")),
                fields=["environment", "source_time", "source_sequence", "id"],
                name="run_dead_letters",
            ),
        ),
        migrations.RunSQL(migrations.RunSQL.noop, PART_FROM_THEIR_EVENTS),
    ]
