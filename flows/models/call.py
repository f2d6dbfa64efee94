"""Which run called which other one."""

from typing import ClassVar

from django.db import models

from flows.models.run import Run
from flows.models.trigger_event import TriggerEvent


class Call(models.Model):
    """A step of `caller` that called another flow, written in the transaction that starts the
    called run.

    `event` is what the called flow's runs are about; its version is the step's effect key, so a
    replay of the caller finds what was called before. `called` is the run that answers, null when
    none could be started. `open` until it has ended; with `waits` its end answers the step's wait.
    """

    pk = models.CompositePrimaryKey("caller_id", "node", "path")
    caller = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="calls", db_index=False)
    node = models.CharField(max_length=64)
    path = models.TextField(blank=True)  # loop item path, "" outside loops
    event = models.ForeignKey(
        TriggerEvent, on_delete=models.PROTECT, null=True, related_name="calls", db_index=False
    )
    called = models.ForeignKey(
        Run, on_delete=models.CASCADE, null=True, related_name="called_by", db_index=False
    )
    waits = models.BooleanField()
    open = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["event"], name="call_of_event"),
            models.Index(
                fields=["called"], condition=models.Q(called__isnull=False), name="call_of_run"
            ),
            models.Index(fields=["at"], condition=models.Q(open=True), name="call_open"),
        ]
