"""Whether news reaches a connection's hook: a test event at its public address."""

import time
from collections.abc import Mapping
from typing import Any, Final

import httpx
from django.conf import settings
from django.utils import timezone

from causeway.base.actors import Actor
from causeway.base.audit import record, subject
from causeway.base.ids import new_id
from causeway.base.permissions import check
from causeway.base.problems import Problem
from connectors.connections.hook_secret import SECRET
from connectors.connections.models import Connection
from connectors.connections.service import load_connection
from connectors.sdk import codec
from connectors.sdk.standard_webhooks import TEST_EVENT, sign

PATIENCE: Final = 15.0  # seconds


def send_test_event(actor: Actor, connection: Connection) -> dict[str, Any]:
    """Deliver a signed test event at the hook's public address, as the far side would.

    It starts no run. Answers whether it arrived, with status and milliseconds. Raises
    `PermissionDenied` without `manage_connections`, and a 409 problem without a secret.
    """
    check(actor, "manage_connections", connection.workspace)
    secret = load_connection(connection.id).secrets.get(SECRET, "")
    if not secret:
        raise Problem(409, "hook_without_secret", "Make a webhook secret first.")
    body = codec.dumps(
        {"event": TEST_EVENT, "occurred_at": timezone.now().isoformat(), "sent_by": "causeway"}
    )
    delivery_id = f"test_{new_id().hex}"
    headers = sign(secret=secret, message_id=delivery_id, timestamp=timezone.now(), body=body) | {
        "content-type": "application/json"
    }
    url = f"{settings.CAUSEWAY.base_url.rstrip('/')}/hooks/{connection.hook_token}"
    began = time.monotonic()
    found = _post(url, body, headers)
    found |= {"delivery_id": delivery_id, "ms": round((time.monotonic() - began) * 1000)}
    record(
        actor,
        "test_event_sent",
        subject("connection", connection.id, connection.slug, connection.workspace),
        detail={"environment": connection.environment.slug, "arrived": found["arrived"]},
    )
    return found


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    try:
        answer = httpx.post(
            url, content=body, headers=dict(headers), timeout=PATIENCE, trust_env=False
        )
    except httpx.HTTPError as error:
        return {
            "arrived": False,
            "status": None,
            "message": f"No answer at {settings.CAUSEWAY.base_url} ({type(error).__name__}). "
            "Far sides use this address too: check CAUSEWAY_BASE_URL and the proxy in front.",
        }
    if answer.is_success:
        return {"arrived": True, "status": answer.status_code, "message": ""}
    return {"arrived": False, "status": answer.status_code, "message": _refusal(answer)}


def _refusal(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
        return str(problem["detail"])[:500]
    except (ValueError, KeyError, TypeError):
        return (
            f"HTTP {answer.status_code}, and not in Causeway's words: something else answers at "
            "this address. Check CAUSEWAY_BASE_URL and the proxy in front."
        )
