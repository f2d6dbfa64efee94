"""Connections as readers see them: settings in the open, of secrets only whether they are set."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import Http404
from django.utils import timezone

from causeway.base.actors import Actor
from causeway.base.models import Environment
from causeway.base.permissions import allowed, check
from connectors.catalog import default_catalog
from connectors.connections.hook_secret import GRACE, PREVIOUS, rotate_hook_secret
from connectors.connections.models import Connection
from connectors.connections.service import check_connection, visible_to
from connectors.sdk.meter import metered
from flows.protection.reading import circuits, resume
from flows.services.load import note_check, quiet_of


def list_connections(actor: Actor, environment: Environment) -> list[dict[str, Any]]:
    """By name. Raises `PermissionDenied` without `read_connections`."""
    check(actor, "read_connections", environment.workspace)
    found = (
        visible_to(actor)
        .filter(environment=environment)
        .prefetch_related("credentials")
        .order_by("name", "slug")
    )
    return connection_rows(actor, list(found))


def find_connection(actor: Actor, environment: Environment, slug: str) -> Connection:
    """The connection of that name. Raises `Http404` when it is not visible."""
    found = visible_to(actor).filter(environment=environment, slug=slug).first()
    if found is None:
        raise Http404(f"There is no connection {slug!r} in {environment.slug}.")
    return found


def check_now(actor: Actor, connection: Connection) -> Connection:
    """Ask the far side; when it answers well, what waits for the connection is tried at once.

    Raises `PermissionDenied` without `manage_connections`.
    """
    with metered() as meter:
        checked = check_connection(actor, connection)
    well = checked.state == Connection.State.HEALTHY
    note_check(checked, meter, failed=not well, now=timezone.now())
    if well:
        resume(str(checked.id))
    return checked


def rotate_now(actor: Actor, connection: Connection, *, keep_old: bool) -> dict[str, Any]:
    """A new hook secret, shown this once, and until when the one before it still signs."""
    made = rotate_hook_secret(actor, connection, keep_old=keep_old)
    previous = connection.credentials.filter(name=PREVIOUS).first() if keep_old else None
    return {
        "secret": made,
        "old_until": previous.changed_at + GRACE if previous is not None else None,
    }


def connection_rows(actor: Actor, connections: Sequence[Connection]) -> list[dict[str, Any]]:
    """Rows of connections of one workspace. The hook's address is for those who set it up."""
    manages = bool(connections) and allowed(actor, "manage_connections", connections[0].workspace)
    found = circuits({str(one.id): one.settings for one in connections})
    return [_row(one, found[str(one.id)], manages=manages) for one in connections]


def _row(connection: Connection, circuit: dict[str, Any], *, manages: bool) -> dict[str, Any]:
    return {
        "slug": connection.slug,
        "name": connection.name,
        "environment": connection.environment.slug,
        "connector": connection.connector,
        "system": connection.system,
        "state": connection.state,
        "state_message": connection.state_message,
        "facts": connection.facts,
        "checked_at": connection.checked_at,
        "is_twin": connection.is_twin,
        "circuit": circuit,
        "quiet": quiet_of(connection, now=timezone.now()),
        "settings": connection.settings,
        "secrets": _secrets(connection),
        "hook_path": f"/hooks/{connection.hook_token}" if manages else None,
        "hook_url": f"{settings.CAUSEWAY.base_url.rstrip('/')}/hooks/{connection.hook_token}"
        if manages
        else None,
    }


def _secrets(connection: Connection) -> dict[str, Any]:
    stored = {
        one.name: one.changed_at for one in connection.credentials.all() if one.name != PREVIOUS
    }
    connector = default_catalog().connector(connection.connector)
    known = list(connector.manifest["connection"]["secrets"]["properties"]) if connector else stored
    return {
        name: {"set": name in stored, "changed_at": stored.get(name)}
        for name in [*known, *(one for one in stored if one not in known)]
    }
