"""Large values in a table of their own, one partition a day (`flows.models.packing`)."""

from django.db import migrations, models

import flows.models.payload

_MAKE = """
CREATE TABLE flows_payload (
    day date NOT NULL,
    digest bytea NOT NULL,
    size integer NOT NULL CHECK (size >= 0),
    data bytea NOT NULL,
    PRIMARY KEY (day, digest)
) PARTITION BY RANGE (day);
ALTER TABLE flows_payload ALTER COLUMN data SET STORAGE EXTERNAL;
CREATE TABLE flows_payload_rest PARTITION OF flows_payload DEFAULT;
"""


def refuse(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM flows_payload)")
        if cursor.fetchone()[0]:
            raise RuntimeError(
                "Runs and news name payloads: this step cannot be taken back without losing them."
            )


class Migration(migrations.Migration):
    dependencies = [("flows", "0022_flow_keep_days")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(_MAKE, "DROP TABLE flows_payload")],
            state_operations=[
                migrations.CreateModel(
                    name="Payload",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "day",
                                "digest",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("day", models.DateField()),
                        ("digest", models.BinaryField()),
                        ("size", models.PositiveIntegerField()),
                        ("data", models.BinaryField()),
                    ],
                ),
                migrations.AlterField(
                    model_name="runevent",
                    name="data",
                    field=flows.models.payload.PackedJSONField(default=dict),
                ),
                migrations.AlterField(
                    model_name="triggerevent",
                    name="data",
                    field=flows.models.payload.PackedJSONField(),
                ),
                migrations.AlterField(
                    model_name="run",
                    name="trigger_data",
                    field=flows.models.payload.PackedJSONField(null=True),
                ),
            ],
        ),
        # Taken back first.
        migrations.RunPython(migrations.RunPython.noop, refuse),
    ]
