import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import causeway.base.fields
import causeway.base.ids


class Migration(migrations.Migration):
    dependencies = [
        ("flows", "0003_hot_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="IdempotentCall",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=causeway.base.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("key", models.CharField(max_length=200)),
                ("digest", models.CharField(max_length=64)),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("body", causeway.base.fields.ExactJSONField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["user", "key"], name="idempotent_call_unique"
                    )
                ],
                "indexes": [models.Index(fields=["created_at"], name="idempotent_call_age")],
            },
        ),
    ]
