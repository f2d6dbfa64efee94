"""Counts for dashboards, written when a run ends: no page counts runs."""

from typing import ClassVar

from django.db import models

from causeway.base.ids import new_id
from causeway.base.models import Environment
from flows.models.flow import Flow


class FlowRollup(models.Model):
    """What one flow did in one environment in one hour (UTC).

    `lag_sum_ms` adds up, over succeeded runs, the time from the far side's change to the end
    of the run; with `succeeded` it gives the mean, `lag_max_ms` the worst. `superseded` runs did
    nothing: a newer one of their lane was carried in their place.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    flow = models.ForeignKey(Flow, on_delete=models.CASCADE)
    environment = models.ForeignKey(Environment, on_delete=models.CASCADE)
    hour = models.DateTimeField()
    succeeded = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    superseded = models.PositiveIntegerField(default=0, db_default=0)
    confirmed = models.PositiveIntegerField(default=0)
    absorbed = models.PositiveIntegerField(default=0)
    diverged = models.PositiveIntegerField(default=0)
    lag_sum_ms = models.BigIntegerField(default=0)
    lag_max_ms = models.BigIntegerField(default=0)
    last_ended_at = models.DateTimeField(null=True)
    last_lag_ms = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["flow", "environment", "hour"], name="flow_rollup_unique"
            )
        ]
