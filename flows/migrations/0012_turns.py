"""Turns: the weight of a deployment, runs that somebody waits for, and what is due by deployment."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("flows", "0011_holds_lane")]

    operations = [
        migrations.AddField(
            model_name="deployment",
            name="weight",
            field=models.PositiveSmallIntegerField(db_default=10, default=10),
        ),
        migrations.AddField(
            model_name="run",
            name="urgent",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RemoveIndex(model_name="run", name="run_due"),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=models.Q(state__in=["pending", "waiting"], parked=False, alone=False),
                fields=["urgent", "deployment", "due_at"],
                name="run_due",
            ),
        ),
    ]
