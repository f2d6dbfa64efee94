"""Acting in the demo's two imitated systems. Only where `settings.CAUSEWAY.demo` is on."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db.models import F, Value
from django.db.models.functions import Concat, Right
from django.http import Http404

from causeway.base.actors import Actor
from causeway.base.audit import record, subject
from causeway.base.ids import new_id
from causeway.base.models import Workspace
from causeway.base.permissions import check
from causeway.base.problems import Problem
from flows.models import TriggerEvent
from flows.services.twins import TWINS, Twin, call_twin


def sandbox_state(actor: Actor, workspace: Workspace) -> dict[str, Any]:
    """What stands in both systems, and how they are broken right now.

    A twin that cannot be reached shows as `{"unreachable": true}`.
    """
    _open(actor, workspace)
    return {twin: _state_of(twin) for twin in TWINS}


def place_order(actor: Actor, workspace: Workspace, order: Mapping[str, Any]) -> Any:
    """An order in the shop's front office; its side effects and its hook follow."""
    _open(actor, workspace)
    return call_twin("shop", "POST", "/_twin/orders", order)


def save_document(actor: Actor, workspace: Workspace, unid: str, change: Mapping[str, Any]) -> Any:
    """A Notes user's save; the database's agent runs afterwards."""
    _open(actor, workspace)
    if unid.strip(".") == "":  # a dot segment: clients take it out and would call what is above
        raise Http404("There is no such document.")
    return call_twin("notes", "POST", f"/_twin/documents/{quote(unid, safe='')}", change)


def set_faults(actor: Actor, workspace: Workspace, twin: Twin, faults: Mapping[str, Any]) -> Any:
    """Break a twin, or repair it."""
    _open(actor, workspace)
    return call_twin(twin, "POST", "/_twin/faults", faults)


def reset(actor: Actor, workspace: Workspace) -> dict[str, Any]:
    """Both systems as at the first start, the first order on its way again."""
    _open(actor, workspace)
    for twin in TWINS:
        call_twin(twin, "POST", "/_twin/reset", {})
    _forget_news(workspace)
    record(actor, "reset", subject("sandbox", workspace.id, "sandbox", workspace))
    place_recorded_order()
    return {twin: _state_of(twin) for twin in TWINS}


def place_recorded_order() -> None:
    """The shop's first order, as it was recorded; nothing when it is there already."""
    try:
        call_twin("shop", "POST", "/_twin/recorded-order", {})
    except Problem as problem:
        if problem.status != 409:
            raise


def _forget_news(workspace: Workspace) -> None:
    """A shop that begins anew hands out the same order ids: what was known under them stays in
    the history, and no longer counts as a repetition."""
    mark = f"/before-{new_id()}"
    TriggerEvent.objects.filter(environment__workspace=workspace, connection__is_twin=True).update(
        version=Concat(Right(F("version"), 200 - len(mark)), Value(mark))
    )


def _open(actor: Actor, workspace: Workspace) -> None:
    if not settings.CAUSEWAY.demo:
        raise Http404("There is no sandbox here: this is not a demo.")
    check(actor, "use_sandbox", workspace)


def _state_of(twin: Twin) -> dict[str, Any]:
    try:
        state = call_twin(twin, "GET", "/_twin/state")
        return {**state, **_faults(call_twin(twin, "GET", "/_twin/faults"))}
    except Problem as problem:
        if problem.code != "twin_unreachable":
            raise
        return {"unreachable": True}


def _faults(answer: Any) -> dict[str, Any]:
    inner = answer.get("faults") if isinstance(answer, dict) else None
    return {"faults": inner if inner is not None else answer}
