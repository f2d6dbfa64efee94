"""Connections as operations see them: settings and opened secrets in one value."""

from uuid import UUID

from connectors.connections.hook_secret import is_spent
from connectors.connections.models import Connection
from connectors.connections.vault import unseal
from connectors.sdk.connection import ConnectionConfig


def load_connection(connection_id: UUID) -> ConnectionConfig:
    """The connection with its secrets opened.

    Raises `Connection.DoesNotExist`, and `VaultError` when a secret cannot be opened.
    """
    return config_of(Connection.objects.prefetch_related(_SECRETS).get(pk=connection_id))


async def aload_connection(connection_id: UUID) -> ConnectionConfig:
    """`load_connection` for the worker's loop."""
    return config_of(await Connection.objects.prefetch_related(_SECRETS).aget(pk=connection_id))


def config_of(connection: Connection) -> ConnectionConfig:
    """The value for one row; reads its credentials unless they are prefetched."""
    return ConnectionConfig(
        id=str(connection.id),
        slug=connection.slug,
        connector=connection.connector,
        system=connection.system,
        settings=connection.settings,
        secrets={
            one.name: unseal(one) for one in connection.credentials.all() if not is_spent(one)
        },
        is_twin=connection.is_twin,
        time_zone=str(connection.facts.get("time_zone") or ""),
    )


_SECRETS = "credentials__data_key"
