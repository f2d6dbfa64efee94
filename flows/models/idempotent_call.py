"""Answers to creating calls that carried an `Idempotency-Key`."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from causeway.base.fields import ExactJSONField
from causeway.base.ids import new_id


class IdempotentCall(models.Model):
    """One creating call and its answer, stored in the transaction of what it created.

    The same user repeating the key gets the answer again and nothing happens twice. `digest` is
    that of method, path and body: a key used for something else is refused.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = ExactJSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "key"], name="idempotent_call_unique")
        ]
        indexes: ClassVar = [models.Index(fields=["created_at"], name="idempotent_call_age")]
