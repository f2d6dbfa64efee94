"""Connections and their credentials: settings in the open, secrets sealed."""

import secrets
from typing import ClassVar

from django.db import models

from causeway.base.fields import ExactJSONField
from causeway.base.ids import new_id
from causeway.base.models import Environment, Workspace


def new_hook_token() -> str:
    """Unguessable last part of a hook address (160 bits)."""
    return secrets.token_urlsafe(20)


class DataKey(models.Model):
    """A key that seals secrets, itself wrapped by the key file (MultiFernet): envelope encryption.

    Rotation makes a new one and seals every credential again; the old row goes when nothing
    refers to it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    wrapped = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)


class Connection(models.Model):
    """How one environment reaches one far side.

    `system` is the identity of the far side (shop address, replica id), not of this row.
    """

    class State(models.TextChoices):
        UNCHECKED = "unchecked"
        HEALTHY = "healthy"
        NEEDS_ATTENTION = "needs_attention"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="connections")
    environment = models.ForeignKey(
        Environment, on_delete=models.PROTECT, related_name="connections"
    )
    slug = models.SlugField(max_length=64)
    name = models.CharField(max_length=120)
    connector = models.CharField(max_length=64)
    system = models.CharField(max_length=200)
    settings = ExactJSONField(default=dict)
    is_twin = models.BooleanField(default=False)
    hook_token = models.CharField(max_length=64, unique=True, default=new_hook_token)
    state = models.CharField(max_length=16, choices=State.choices, default=State.UNCHECKED)
    state_message = models.CharField(max_length=500, blank=True)
    facts = ExactJSONField(default=dict)
    checked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "slug"], name="connection_slug_unique")
        ]

    def __str__(self) -> str:
        return self.slug


class Credential(models.Model):
    """One sealed secret of a connection (an API key, a password, a webhook secret)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="credentials")
    name = models.CharField(max_length=64)
    data_key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="credentials")
    sealed = models.BinaryField()
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "name"], name="credential_name_unique")
        ]
