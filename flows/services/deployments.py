"""Putting a flow version to work in an environment."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from causeway.base.actors import Actor
from causeway.base.audit import record, state_digest, subject
from causeway.base.models import Environment
from causeway.base.permissions import check, workspaces_visible_to
from causeway.base.problems import FieldError, Problem
from connectors.connections.models import Connection
from flows.engine.plan import Plan
from flows.models import Crosswalk, Deployment, Flow, FlowVersion, Listener
from flows.polling import ensure_poll_cursors
from flows.services.awaited_news import await_news
from flows.services.called_flows import need_called_flows
from flows.services.documents import plan_of


def visible_to(actor: Actor) -> QuerySet[Deployment]:
    """The deployments that the actor may read, retired ones included. Every read starts here."""
    return Deployment.objects.filter(
        environment__workspace__in=workspaces_visible_to(actor, "read_flows")
    ).select_related("flow", "version", "environment", "deployed_by")


def deploy(
    actor: Actor,
    *,
    version: FlowVersion,
    environment: Environment,
    bindings: Mapping[str, str],
    backlog_cap: int | None = None,
) -> tuple[Deployment, bool]:
    """The deployment, and whether it is new: the same version with the same bindings stays.

    `bindings` maps each connection slot of the flow to the slug of a connection of the
    environment. The deployment that ran before is retired in the same transaction: there is no
    moment without a listener, none with two. Raises `PermissionDenied` without `deploy_flows`,
    and a 422 problem with a pointer for every binding that does not fit.
    """
    flow = version.flow
    check(actor, "deploy_flows", environment.workspace)
    if flow.workspace_id != environment.workspace_id:
        raise Problem(422, "other_workspace", "The flow lives in another workspace.")
    plan = plan_of(version.document)
    with transaction.atomic():
        Flow.objects.select_for_update().get(pk=flow.pk)
        bound = _bind(version.document, environment=environment, bindings=bindings)
        _need_crosswalks(plan, environment)
        need_called_flows(version, environment)
        ids = {slot: str(one.id) for slot, one in bound.items()}
        old = Deployment.objects.filter(
            flow=flow, environment=environment, retired_at__isnull=True
        ).first()
        if (
            old
            and (old.version_id, old.bindings) == (version.pk, ids)
            and backlog_cap in (None, old.backlog_cap)
        ):
            return old, False
        if old:
            _retire(old)
        new = Deployment.objects.create(
            flow=flow,
            version=version,
            environment=environment,
            bindings=ids,
            weight=plan.weight,
            deployed_by=actor.user,
            **({} if backlog_cap is None else {"backlog_cap": backlog_cap}),
        )
        listeners = _listen(new, plan, bound)
        awaited = await_news(new, plan, bound)
        ensure_poll_cursors([*listeners, *awaited])
        record(
            actor,
            "deployed",
            subject("deployment", new.id, f"{flow.slug} in {environment.slug}", flow.workspace),
            before=_digest(old) if old else "",
            after=_digest(new),
            detail={
                "flow": flow.slug,
                "version": version.number,
                "environment": environment.slug,
                "replaced_version": old.version.number if old else None,
                "bindings": dict(bindings),
            },
        )
    return new, True


def active_deployment(flow: Flow, environment: Environment) -> Deployment | None:
    """What runs now."""
    return (
        Deployment.objects.select_related("version", "environment")
        .filter(flow=flow, environment=environment, retired_at__isnull=True)
        .first()
    )


def bound_connections(deployments: list[Deployment]) -> dict[str, Connection]:
    """Connections named by the bindings of several deployments, by id, in one query."""
    ids = {id_ for one in deployments for id_ in one.bindings.values()}
    return {str(one.id): one for one in Connection.objects.filter(pk__in=ids)}


def _bind(
    document: Mapping[str, Any], *, environment: Environment, bindings: Mapping[str, str]
) -> dict[str, Connection]:
    slots: Mapping[str, Any] = document.get("connections", {})
    found = {
        one.slug: one
        # Locked, so that nobody removes a connection while it is being bound.
        for one in Connection.objects.select_for_update().filter(
            environment=environment, slug__in=set(bindings.values())
        )
    }
    errors = [
        _error(slot, "unknown_slot", f"The flow has no slot {slot!r}.")
        for slot in bindings
        if slot not in slots
    ]
    for slot, wanted in slots.items():
        slug = bindings.get(slot)
        connection = found.get(slug) if slug else None
        if not slug:
            errors.append(_error(slot, "unbound", f"Choose a connection for {slot!r}."))
        elif connection is None:
            message = f"There is no connection {slug!r} in {environment.slug}."
            errors.append(_error(slot, "unknown_connection", message))
        elif connection.connector != wanted["connector"]:
            message = (
                f"{slot!r} needs a {wanted['connector']} connection, "
                f"{slug!r} is a {connection.connector} one."
            )
            errors.append(_error(slot, "wrong_connector", message))
    if errors:
        raise Problem(422, "bindings_invalid", "The bindings do not fit the flow.", errors=errors)
    return {slot: found[bindings[slot]] for slot in slots}


def _need_crosswalks(plan: Plan, environment: Environment) -> None:
    wanted = set(plan.crosswalks)
    known = set(
        Crosswalk.objects.filter(
            workspace_id=environment.workspace_id, slug__in=wanted
        ).values_list("slug", flat=True)
    )
    if missing := sorted(wanted - known):
        raise Problem(
            422,
            "crosswalk_missing",
            "The flow uses crosswalks that do not exist.",
            errors=[
                FieldError(
                    pointer="/version", code="crosswalk_missing", message=f"No crosswalk {one!r}."
                )
                for one in missing
            ],
        )


def _retire(deployment: Deployment) -> None:
    deployment.listeners.all().delete()
    deployment.retired_at = timezone.now()
    deployment.save(update_fields=["retired_at"])


def _listen(deployment: Deployment, plan: Plan, bound: Mapping[str, Connection]) -> list[Listener]:
    return Listener.objects.bulk_create(
        Listener(
            deployment=deployment,
            connection=bound.get(trigger.slot),
            node=trigger.node,
            trigger_type=trigger.type,
            params=dict(trigger.params),
        )
        for trigger in plan.triggers
    )


def _digest(deployment: Deployment) -> str:
    return state_digest(
        {
            "version": deployment.version.digest,
            "bindings": deployment.bindings,
            "backlog_cap": deployment.backlog_cap,
        }
    )


def _error(slot: str, code: str, message: str) -> FieldError:
    return FieldError(pointer=f"/bindings/{slot}", code=code, message=message)
