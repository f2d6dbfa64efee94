"""What a reader without `read_payloads` gets to see of the data that runs carried."""

from collections.abc import Mapping
from typing import Any

MASKED: Mapping[str, Any] = {"masked": True}

# Everything a far side said or was sent. Names, times, counts and verdicts stay readable.
_PAYLOAD_KEYS = frozenset(
    {
        "output",
        "input",
        "params",
        "data",
        "trigger",
        "item",
        "result",
        "effects",
        "answers",
        "about",
    }
)


def masked_error(error: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """An error without its detail, which quotes far-side answers."""
    if error is None:
        return None
    return {**error, "detail": dict(MASKED)} if error.get("detail") else dict(error)


def masked_receipt(receipt: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A receipt whose verdicts stay and whose values go."""
    if receipt is None:
        return None
    fields = [
        {**one, "sent": dict(MASKED), "read_back": dict(MASKED)}
        for one in receipt.get("fields", ())
    ]
    return {**receipt, "fields": fields}


def masked_event_data(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data of a run event, payloads replaced by `{"masked": true}`."""
    shown: dict[str, Any] = {}
    for key, value in data.items():
        if key == "error":
            shown[key] = masked_error(value)
        elif key == "receipt":
            shown[key] = masked_receipt(value)
        elif key == "wait":
            shown[key] = masked_event_data(value)
        elif key in _PAYLOAD_KEYS:
            shown[key] = dict(MASKED)
        else:
            shown[key] = value
    return shown
