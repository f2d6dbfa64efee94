"""What a person or a program gives to a run, before it is stored."""

from typing import Any

from django.conf import settings

from causeway.base.problems import FieldError, Problem
from connectors.sdk import codec


def refuse_large(value: Any, *, pointer: str) -> None:
    """Raise a 413 problem when the value, given at `pointer`, is larger than one that a run may
    keep."""
    most: int = settings.CAUSEWAY.payload_max_bytes
    size = len(codec.dumps(value))
    if size <= most:
        return
    message = f"It has {size} bytes; a run takes at most {most} in one value."
    raise Problem(
        413,
        "payload_too_large",
        message,
        errors=[FieldError(pointer=pointer, code="payload_too_large", message=message)],
    )
