"""What may be done with a connection. Secrets go in and never come out of here."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from asgiref.sync import async_to_sync
from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from causeway.base.actors import Actor
from causeway.base.audit import record, state_digest, subject
from causeway.base.models import Environment
from causeway.base.permissions import check, workspaces_visible_to
from causeway.base.problems import FieldError, Problem
from connectors.connections.hook_secret import PREVIOUS, SECRET
from connectors.connections.loading import aload_connection, config_of, load_connection
from connectors.connections.models import Connection
from connectors.connections.validation import (
    check_fits,
    connector_of,
    system_of,
)
from connectors.connections.vault import VaultError, seal
from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.connector import CheckResult, Connector
from connectors.sdk.errors import FarSideError
from connectors.sdk.http import build_client
from connectors.sdk.operation import OperationContext

__all__ = [
    "aload_connection",
    "check_connection",
    "config_of",
    "create_connection",
    "load_connection",
    "update_connection",
    "visible_to",
]

log = structlog.get_logger(__name__)

CHECK_SECONDS: Final = 30.0


def visible_to(actor: Actor) -> QuerySet[Connection]:
    """The connections that the actor may read. Every read starts here."""
    return Connection.objects.filter(
        workspace__in=workspaces_visible_to(actor, "read_connections")
    ).select_related("environment", "workspace")


def create_connection(
    actor: Actor,
    *,
    environment: Environment,
    slug: str,
    name: str,
    connector: str,
    settings: Mapping[str, Any],
    secrets: Mapping[str, str],
) -> Connection:
    """A new connection of an environment.

    Raises `PermissionDenied` without `manage_connections`; a 422 problem with pointers when
    settings or secrets do not fit the connector; a 409 one when the slug is taken.
    """
    check(actor, "manage_connections", environment.workspace)
    _check_slug(slug)
    code = connector_of(connector)
    check_fits(code, settings=settings, secrets=secrets)
    try:
        with transaction.atomic():
            made = Connection.objects.create(
                workspace=environment.workspace,
                environment=environment,
                slug=slug,
                name=name or slug,
                connector=connector,
                system=system_of(code, settings),
                settings=dict(settings),
                is_twin=_is_twin(settings),
            )
            _store_secrets(made, secrets)
            _record(actor, "created", made, changed=sorted(secrets))
    except IntegrityError:
        raise Problem(
            409,
            "slug_taken",
            f"There is already a connection {slug!r} in {environment.slug}.",
            errors=[FieldError(pointer="/slug", code="taken", message="Choose another name.")],
        ) from None
    return made


def update_connection(
    actor: Actor,
    connection: Connection,
    *,
    name: str | None = None,
    settings: Mapping[str, Any] | None = None,
    secrets: Mapping[str, str | None] | None = None,
) -> Connection:
    """Change what is given. A secret that is absent stays, one that is None goes.

    Afterwards the connection counts as unchecked. Raises like `create_connection`.
    """
    check(actor, "manage_connections", connection.workspace)
    code = connector_of(connection.connector)
    given = {key: value for key, value in (secrets or {}).items() if value is not None}
    gone = {key for key, value in (secrets or {}).items() if value is None}
    with transaction.atomic():
        # Two people at once: the second one's checks see what the first one stored.
        changed = (
            Connection.objects.select_related("environment", "workspace")
            .select_for_update(of=("self",))
            .get(pk=connection.pk)
        )
        before = _digest(changed)
        kept = set(changed.credentials.values_list("name", flat=True)) - gone
        check_fits(code, settings=settings, secrets=given, kept=kept)
        if settings is not None:
            changed.settings = dict(settings)
            changed.system = system_of(code, settings)
            changed.is_twin = _is_twin(settings)
        changed.name = name or changed.name
        if settings is not None or secrets:
            changed.state = Connection.State.UNCHECKED
            changed.state_message = ""
        changed.save()
        if SECRET in (secrets or {}):  # typed in or taken away: the one before is not meant to work
            gone.add(PREVIOUS)
        changed.credentials.filter(name__in=gone).delete()
        _store_secrets(changed, given)
        _record(
            actor, "changed", changed, before=before, changed=sorted({*given, *gone} - {PREVIOUS})
        )
    return changed


def check_connection(actor: Actor, connection: Connection) -> Connection:
    """Ask the far side whether the connection can be used, and keep its answer.

    Calls the network: not for use inside a transaction. Raises `PermissionDenied` without
    `manage_connections`.
    """
    check(actor, "manage_connections", connection.workspace)
    result = _ask(connection)
    state = Connection.State.HEALTHY if result.ok else Connection.State.NEEDS_ATTENTION
    message = result.message if result.ok or not result.fix else f"{result.message} {result.fix}"
    with transaction.atomic():
        Connection.objects.filter(pk=connection.pk).update(
            state=state,
            state_message=message[:500],
            # What was known stays beside what a failed check found.
            facts=dict(result.facts) if result.ok else {**connection.facts, **result.facts},
            checked_at=timezone.now(),
        )
        record(
            actor,
            "checked",
            subject("connection", connection.id, connection.slug, connection.workspace),
            detail={"environment": connection.environment.slug, "state": state.value},
        )
    connection.refresh_from_db()
    return connection


def _ask(connection: Connection) -> CheckResult:
    try:
        config = load_connection(connection.id)
    except VaultError as error:
        return CheckResult(ok=False, message=str(error))
    return async_to_sync(_ask_far_side)(connector_of(connection.connector), config)


async def _ask_far_side(connector: Connector, config: ConnectionConfig) -> CheckResult:
    http = build_client(allow=django_settings.CAUSEWAY.egress_allow)
    context = OperationContext(
        connection=config, http=http, effect_key="check", now=lambda: datetime.now(UTC)
    )
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await connector.check(context)
    except FarSideError as error:
        return CheckResult(ok=False, message=error.message, fix=error.fix)
    except TimeoutError:
        return CheckResult(ok=False, message=f"No answer within {CHECK_SECONDS:.0f} seconds.")
    except Exception as error:
        # A check must answer whatever happens; the type is enough to find it in the log.
        log.exception("connection check failed", connection=config.id, error=type(error).__name__)
        return CheckResult(ok=False, message="The check itself failed. The log says how.")
    finally:
        await http.aclose()


def _store_secrets(connection: Connection, secrets: Mapping[str, str]) -> None:
    for name, value in secrets.items():
        sealed = seal(connection_id=connection.id, name=name, value=value)
        connection.credentials.update_or_create(
            name=name, defaults={"sealed": sealed.sealed, "data_key": sealed.data_key}
        )


def _check_slug(slug: str) -> None:
    try:
        validate_slug(slug)
    except ValidationError:
        raise Problem(
            422,
            "invalid_connection",
            "The name in addresses is not usable.",
            errors=[
                FieldError(
                    pointer="/slug", code="invalid", message="Use letters, digits, - and _ only."
                )
            ],
        ) from None


def _is_twin(settings: Mapping[str, Any]) -> bool:
    """Whether every address is that of an imitated system, which each page must say."""
    config = django_settings.CAUSEWAY
    twins = {urlsplit(url).netloc for url in (config.shop_twin_url, config.notes_twin_url) if url}
    addresses = [str(url) for name, url in settings.items() if name.endswith("_url") and url]
    return bool(addresses) and all(urlsplit(one).netloc in twins for one in addresses)


def _digest(connection: Connection) -> str:
    return state_digest(
        {
            "name": connection.name,
            "settings": connection.settings,
            "secrets": sorted(
                (one.name, one.changed_at.isoformat()) for one in connection.credentials.all()
            ),
        }
    )


def _record(
    actor: Actor, verb: str, connection: Connection, *, changed: list[str], before: str = ""
) -> None:
    record(
        actor,
        verb,
        subject("connection", connection.id, connection.slug, connection.workspace),
        before=before,
        after=_digest(connection),
        detail={
            "environment": connection.environment.slug,
            "connector": connection.connector,
            "secrets_changed": changed,
        },
    )
