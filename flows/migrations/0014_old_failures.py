from django.db import migrations


class Migration(migrations.Migration):
    """What failed before anybody could listen starts nothing now."""

    dependencies = [
        ("flows", "0013_failures_told"),
    ]

    operations = [
        migrations.RunSQL(
            "UPDATE flows_run SET failure_told = true WHERE state IN ('dead', 'failed')",
            migrations.RunSQL.noop,
        ),
    ]
