"""The two imitated systems of the demo, reached through their control planes.

Only where `settings.CAUSEWAY.demo` is on, and only at the two configured addresses: what the
reader sends never chooses where it goes.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal
from urllib.parse import quote

import httpx
from django.conf import settings
from django.http import Http404

from causeway.base.actors import Actor
from causeway.base.models import Workspace
from causeway.base.permissions import check
from causeway.base.problems import Problem
from connectors.sdk.codec import dumps, loads

Twin = Literal["shop", "notes"]
TWINS: Final[tuple[Twin, ...]] = ("shop", "notes")
_TIMEOUT: Final = httpx.Timeout(10.0, connect=2.0)


def sandbox_state(actor: Actor, workspace: Workspace) -> dict[str, Any]:
    """What stands in both systems, and how they are broken right now.

    A twin that cannot be reached shows as `{"unreachable": true}`.
    """
    _open(actor, workspace)
    return {twin: _state_of(twin) for twin in TWINS}


def place_order(actor: Actor, workspace: Workspace, order: Mapping[str, Any]) -> Any:
    """An order in the shop's front office; its side effects and its hook follow."""
    _open(actor, workspace)
    return _call("shop", "POST", "/_twin/orders", order)


def save_document(
    actor: Actor, workspace: Workspace, unid: str, change: Mapping[str, Any]
) -> Any:
    """A Notes user's save; the database's agent runs afterwards."""
    _open(actor, workspace)
    return _call("notes", "POST", f"/_twin/documents/{quote(unid, safe='')}", change)


def set_faults(
    actor: Actor, workspace: Workspace, twin: Twin, faults: Mapping[str, Any]
) -> Any:
    """Break a twin, or repair it."""
    _open(actor, workspace)
    return _call(twin, "POST", "/_twin/faults", faults)


def reset(actor: Actor, workspace: Workspace) -> dict[str, Any]:
    """Both systems as they were at the first start."""
    _open(actor, workspace)
    return {twin: _call(twin, "POST", "/_twin/reset", {}) for twin in TWINS}


def _open(actor: Actor, workspace: Workspace) -> None:
    if not settings.CAUSEWAY.demo:
        raise Http404("There is no sandbox here: this is not a demo.")
    check(actor, "use_sandbox", workspace)


def _state_of(twin: Twin) -> dict[str, Any]:
    try:
        state = _call(twin, "GET", "/_twin/state")
        return {**state, "faults": _call(twin, "GET", "/_twin/faults")}
    except Problem as problem:
        if problem.code != "twin_unreachable":
            raise
        return {"unreachable": True}


def _call(twin: Twin, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
    config = settings.CAUSEWAY
    base = config.shop_twin_url if twin == "shop" else config.notes_twin_url
    try:
        answer = httpx.request(
            method,
            f"{base}{path}",
            content=None if body is None else dumps(body),
            headers={"Content-Type": "application/json"},
            timeout=_TIMEOUT,
            follow_redirects=False,
            trust_env=False,
        )
    except httpx.HTTPError:
        raise Problem(
            502, "twin_unreachable", f"The imitated {twin} does not answer. Restart the demo."
        ) from None
    try:
        content = loads(answer.content) if answer.content else {}
    except ValueError:
        content = {}
    if answer.is_success:
        return content
    said = content.get("detail") or content.get("error") if isinstance(content, dict) else None
    status = answer.status_code if 400 <= answer.status_code < 500 else 502
    raise Problem(status, "twin_refused", str(said or f"The imitated {twin} refused this."))
