"""`Idempotency-Key`: a creating call repeated with the same key happens once."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from causeway.base.problems import Problem
from connectors.sdk.codec import canonical
from flows.api.exact import ExactJSONRenderer
from flows.models import IdempotentCall

KEPT: Final = timedelta(days=1)
LONGEST: Final = 200
REPLAYED: Final = "Idempotent-Replayed"


def once(request: Request, act: Callable[[], Response]) -> Response:
    """`act` and remember its answer, or give the remembered one.

    Both stand in one transaction: a failed call leaves nothing, and a second call with the key
    waits until the first has ended. Raises a 422 problem for a key that was used for another
    request.
    """
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        return act()
    if len(key) > LONGEST:
        raise Problem(422, "idempotency_key", f"The key is longer than {LONGEST} characters.")
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - narrows for mypy: the view lets nobody else in
    IdempotentCall.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
    digest = _digest(request)
    with transaction.atomic():
        call, made = IdempotentCall.objects.get_or_create(
            user=user, key=key, defaults={"digest": digest}
        )
        if not made:
            if call.digest != digest or call.status is None:
                raise Problem(
                    422, "idempotency_key_reused", "This key was used for another request."
                )
            return Response(call.body, status=call.status, headers={REPLAYED: "true"})
        answer = act()
        call.status = answer.status_code
        call.body = ExactJSONRenderer.plain(answer.data)
        call.save(update_fields=["status", "body"])
        return answer


def _digest(request: Request) -> str:
    parts = [(request.method or "").encode(), request.get_full_path().encode()]
    return hashlib.sha256(b"\n".join([*parts, canonical(request.data)])).hexdigest()
