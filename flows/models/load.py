"""What Causeway asked of a far side: counts by minute and by hour, so that no page counts calls."""

from typing import ClassVar

from django.db import models

from causeway.base.ids import new_id
from connectors.connections.models import Connection


class ConnectionLoad(models.Model):
    """What one operation (or trigger, or check) asked over a connection in a minute or an hour
    that begins at `at` (UTC). `ms` adds up the time until each answer was complete."""

    class Grain(models.TextChoices):
        MINUTE = "m"
        HOUR = "h"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, db_index=False)
    grain = models.CharField(max_length=1, choices=Grain.choices)
    at = models.DateTimeField()
    operation = models.CharField(max_length=120)
    calls = models.PositiveIntegerField(default=0)
    requests = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    throttled = models.PositiveIntegerField(default=0)
    ms = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection", "grain", "at", "operation"], name="connection_load_unique"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["grain", "at"], name="connection_load_over")]
