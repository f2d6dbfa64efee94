"""Workspaces, environments, tokens: every other row belongs to a workspace, most to one
environment of it."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from causeway.base.ids import new_id


class Workspace(models.Model):
    """A department: owner of flows, connections, crosswalks. Nobody reads across workspaces.

    Its object permissions are the product's permissions; `causeway.base.permissions` lists
    what each one allows and checks them.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        permissions: ClassVar = [
            ("read_flows", "See flows, versions and deployments"),
            ("edit_flows", "Create flows and flow versions"),
            ("deploy_flows", "Deploy a flow version to an environment"),
            ("read_runs", "See runs, their steps and receipts"),
            ("read_payloads", "See the data that runs carried"),
            ("start_runs", "Start, cancel and replay runs"),
            ("read_connections", "See connections, never their secrets"),
            ("manage_connections", "Create, change and check connections"),
            ("use_sandbox", "Act in the two imitated systems"),
            ("manage_access", "Grant and revoke roles"),
        ]

    def __str__(self) -> str:
        return self.slug


class Environment(models.Model):
    """Where flow versions run: sandbox, test, production. Connections live in one of them."""

    class Kind(models.TextChoices):
        SANDBOX = "sandbox"
        TEST = "test"
        PRODUCTION = "production"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="environments")
    slug = models.SlugField(max_length=64)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "slug"], name="environment_slug_unique")
        ]

    def __str__(self) -> str:
        return self.slug


class ApiToken(models.Model):
    """Lets a program act as a user. `digest` is the SHA-256 of the text; `prefix` names it in
    lists."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens"
    )
    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.prefix}… ({self.name})"
