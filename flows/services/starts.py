"""Starting runs by hand, and calling off those that have not begun."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from causeway.base.actors import Actor
from causeway.base.audit import record, subject
from causeway.base.ids import new_id
from causeway.base.models import Environment
from causeway.base.permissions import check
from causeway.base.problems import FieldError, Problem
from flows.engine.expression import ExpressionError
from flows.engine.nodes.call import CALLED_TYPE
from flows.engine.nodes.start import MANUAL_TYPE
from flows.engine.problem import pointer
from flows.mapping.json_schema import SchemaLimitError, findings, validator
from flows.models import Deployment, Flow, Listener, Run, TriggerEvent, Wait
from flows.nudges import nudge
from flows.services.deployments import active_deployment
from flows.services.documents import plan_of
from flows.services.payloads import refuse_large
from flows.store.callers import CALL_OFF
from flows.store.claims import instant_text


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualTrigger:
    """What a person gives instead of the far side's news. `node` picks the trigger node where a
    flow has several; `change`, `entity`, `business_key` and `data` are what the flow sees."""

    entity_id: str = ""
    node: str = ""
    change: str = "updated"
    entity: str = ""
    business_key: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


def start_manual(
    actor: Actor, *, flow: Flow, environment: Environment, trigger: ManualTrigger
) -> list[Run]:
    """Accept one piece of news by hand: one run of the flow that is deployed.

    Raises `PermissionDenied` without `start_runs`, a 409 problem when the flow is not deployed
    there, a 422 one for a trigger node that does not exist, a 413 one for data that is too large.
    """
    check(actor, "start_runs", environment.workspace)
    deployment = active_deployment(flow, environment)
    if deployment is None:
        raise Problem(
            409, "not_deployed", f"{flow.name} is not deployed in {environment.name}. Deploy it."
        )
    refuse_large(trigger.data, pointer="/trigger/data")
    now = timezone.now()
    with transaction.atomic():
        listener = _listener(deployment, trigger.node)
        _check_input(listener, trigger)
        event = _accept(listener, environment, trigger, now=now)
        run = _new_run(deployment, listener, event, now=now)
        record(
            actor,
            "started",
            subject("run", run.id, f"{flow.slug} for {trigger.entity_id}", flow.workspace),
            detail={"flow": flow.slug, "environment": environment.slug, "node": listener.node},
        )
        transaction.on_commit(nudge)
    return [run]


def cancel_run(actor: Actor, run: Run) -> Run:
    """Call off a run that is pending or waiting, and those that it called and waits for.

    Raises `PermissionDenied` without `start_runs`, and a 409 problem when it runs or has ended.
    """
    check(actor, "start_runs", run.workspace)
    with transaction.atomic():
        locked = Run.objects.select_for_update(of=("self",)).get(pk=run.pk)
        if locked.state not in (Run.State.PENDING, Run.State.WAITING):
            raise Problem(409, "not_cancellable", f"The run is {locked.state}; nothing to cancel.")
        locked.state = Run.State.CANCELLED
        locked.ended_at = timezone.now()
        locked.parked = False
        locked.revision = next_revision()
        locked.save(update_fields=["state", "ended_at", "parked", "revision"])
        Wait.objects.filter(run=locked).delete()
        if locked.lane:
            # Whoever stood behind it in a long lane must be looked at again.
            Run.objects.filter(
                environment_id=locked.environment_id,
                lane=locked.lane,
                lane_key=locked.lane_key,
                parked=True,
            ).update(parked=False)
        called = _call_off_children()
        record(
            actor,
            "cancelled",
            subject("run", run.id, run.business_key or str(run.id), run.workspace),
            detail={"flow": run.flow.slug, **({"called": called} if called else {})},
        )
        transaction.on_commit(nudge)
    run.refresh_from_db()
    return run


def _call_off_children() -> int:
    """How many called runs went with it. What runs just now is left to the sweep."""
    count = 0
    with database.cursor() as cursor:
        while True:
            cursor.execute(CALL_OFF)
            found = len(cursor.fetchall())
            count += found
            if not found:
                return count


def _listener(deployment: Deployment, node: str) -> Listener:
    listeners = list(deployment.listeners.select_related("connection").order_by("node"))
    found = [one for one in listeners if not node or one.node == node]
    if len(found) == 1:
        return found[0]
    names = ", ".join(one.node for one in listeners)
    message = f"Name the trigger node: {names}." if found else f"The trigger nodes are: {names}."
    raise Problem(
        422,
        "trigger_node",
        message,
        errors=[FieldError(pointer="/trigger/node", code="unknown", message=message)],
    )


def _check_input(listener: Listener, trigger: ManualTrigger) -> None:
    """A start that is made for hands says what it takes; any other one is about a record."""
    if listener.trigger_type in (MANUAL_TYPE, CALLED_TYPE):
        check_input(listener.params, trigger.data, at=("trigger", "data"))
    elif listener.connection_id is not None and not trigger.entity_id:
        message = "Say which record the run is about."
        raise Problem(
            422,
            "entity_id_missing",
            message,
            errors=[FieldError(pointer="/trigger/entity_id", code="required", message=message)],
        )


def check_input(params: Mapping[str, Any], data: Mapping[str, Any], *, at: Sequence[str]) -> None:
    """Hold data against the schema in the params of a trigger node, if it has one.

    Raises a 422 problem that points to each misfit below `at`, the data's place in the request.
    """
    schema = params.get("schema")
    try:
        found = findings(validator(schema), data) if schema else []
    except SchemaLimitError as error:
        found = [((), str(error))]
    errors = [
        FieldError(pointer=pointer(*at, *path), code="input", message=message)
        for path, message in found
    ]
    if errors:
        raise Problem(422, "input_invalid", "The input does not fit the flow.", errors=errors)


def _accept(
    listener: Listener, environment: Environment, trigger: ManualTrigger, *, now: datetime
) -> TriggerEvent:
    id_ = new_id()
    return TriggerEvent.objects.create(
        id=id_,
        environment=environment,
        connection=listener.connection,
        source=TriggerEvent.Source.MANUAL,
        type=listener.trigger_type,
        change=trigger.change,
        system=listener.connection.system if listener.connection else "",
        entity=trigger.entity,
        entity_id=trigger.entity_id,
        # Every start by hand is news of its own, also for a record that is known.
        version=f"manual:{id_}",
        business_key=trigger.business_key,
        data=dict(trigger.data),
        source_time=now,
        accepted_at=now,
    )


def _new_run(
    deployment: Deployment, listener: Listener, event: TriggerEvent, *, now: datetime
) -> Run:
    try:
        plan = plan_of(deployment.version.document)
        lane, lane_key = plan.lane(seen_by_expressions(event))
    except ExpressionError as error:
        raise Problem(
            422,
            "lane",
            f"The lane's key cannot be made of this: {error}",
            errors=[FieldError(pointer="/trigger", code="lane", message=str(error))],
        ) from None
    return Run.objects.create(
        workspace_id=deployment.environment.workspace_id,
        environment=deployment.environment,
        flow_id=deployment.flow_id,
        version=deployment.version,
        deployment=deployment,
        event=event,
        trigger_node=listener.node,
        business_key=event.business_key,
        lane=lane,
        lane_key=lane_key,
        holds_lane=plan.lane_hold,
        source_time=event.source_time,
        source_sequence=event.source_sequence,
        due_at=now,
        urgent=True,
        created_at=now,
        revision=next_revision(),
    )


def seen_by_expressions(event: TriggerEvent) -> dict[str, Any]:
    """The event under the name `trigger`, as expressions see it."""
    return {
        "type": event.type,
        "change": event.change,
        "entity": event.entity,
        "entity_id": event.entity_id,
        "version": event.version,
        "business_key": event.business_key,
        "occurred_at": instant_text(event.source_time),
        "data": event.data,
    }


def next_revision() -> int:
    with database.cursor() as cursor:
        cursor.execute("SELECT nextval('flows_run_revision')")
        return int(cursor.fetchone()[0])
