"""The demo's two imitated systems as seen from here: their control planes over HTTP.

Only addresses from `settings.CAUSEWAY` are called: what a reader sends never chooses where it
goes.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal

import httpx
from django.conf import settings

from causeway.base.problems import Problem
from connectors.sdk.codec import dumps, loads

Twin = Literal["shop", "notes"]
TWINS: Final[tuple[Twin, ...]] = ("shop", "notes")
_TIMEOUT: Final = httpx.Timeout(10.0, connect=2.0)


def twin_url(twin: Twin) -> str:
    """Where the twin listens; "" outside the demo."""
    config = settings.CAUSEWAY
    return str(config.shop_twin_url if twin == "shop" else config.notes_twin_url)


def call_twin(twin: Twin, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
    """The JSON answer. Raises a 502 problem `twin_unreachable`, or a problem `twin_refused` with
    the twin's own status and sentence."""
    try:
        answer = httpx.request(
            method,
            f"{twin_url(twin)}{path}",
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
