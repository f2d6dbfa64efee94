"""Superseded runs: which may be called off for a newer one of their lane, and how many were.

Both columns have defaults in the database, so that the tables are not rewritten.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("flows", "0007_waits")]

    operations = [
        migrations.AddField(
            model_name="run",
            name="supersedable",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="flowrollup",
            name="superseded",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
    ]
