"""The secret that signs deliveries: made here, shown once, and changed without a gap."""

import base64
import secrets
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from causeway.base.actors import Actor
from causeway.base.audit import record, subject
from causeway.base.permissions import check
from causeway.base.problems import Problem
from connectors.connections.models import Connection, Credential
from connectors.connections.validation import connector_of
from connectors.connections.vault import seal, unseal

SECRET: Final = "webhook_secret"  # noqa: S105 - its name
PREVIOUS: Final = "webhook_secret_previous"
GRACE: Final = timedelta(hours=24)
_BYTES: Final = 32


def rotate_hook_secret(actor: Actor, connection: Connection, *, keep_old: bool = True) -> str:
    """Make a new secret and give it back: the only time that it is shown.

    With `keep_old` the one before signs for `GRACE` longer, so that nothing is refused until the
    far side has the new one; without, it is worth nothing at once (it became known to others).
    Raises `PermissionDenied` without `manage_connections`, and a 422 problem for a connector
    that takes no deliveries.
    """
    check(actor, "manage_connections", connection.workspace)
    connector = connector_of(connection.connector)
    if SECRET not in connector.manifest["connection"]["secrets"]["properties"]:
        raise Problem(422, "hook_not_used", "Connections of this kind take no deliveries.")
    made = "whsec_" + base64.b64encode(secrets.token_bytes(_BYTES)).decode("ascii")
    with transaction.atomic():
        # Two people at once: one waits here, and the other's secret becomes the previous one.
        Connection.objects.select_for_update().get(pk=connection.pk)
        known = {
            one.name: one
            for one in connection.credentials.filter(name__in=(SECRET, PREVIOUS)).select_related(
                "data_key"
            )
        }
        if not keep_old:
            connection.credentials.filter(name=PREVIOUS).delete()
        elif SECRET in known:
            _store(connection, PREVIOUS, unseal(known[SECRET]))
        _store(connection, SECRET, made)
        record(
            actor,
            "secret_rotated",
            subject("connection", connection.id, connection.slug, connection.workspace),
            detail={"environment": connection.environment.slug, "old_one_kept": keep_old},
        )
    return made


def is_spent(credential: Credential) -> bool:
    """Whether this is a previous secret whose grace is over."""
    return credential.name == PREVIOUS and timezone.now() - credential.changed_at > GRACE


def _store(connection: Connection, name: str, value: str) -> None:
    sealed = seal(connection_id=connection.id, name=name, value=value)
    connection.credentials.update_or_create(
        name=name, defaults={"sealed": sealed.sealed, "data_key": sealed.data_key}
    )
