"""Deliveries of any sender: the body is the news, the connection says where its facts stand."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.trigger import SourceEvent, Trigger

RECEIVED_TYPE: Final = "http.received@1"


def read_hook(connection: ConnectionConfig, body: Mapping[str, Any]) -> Sequence[SourceEvent]:
    """The one event of a delivery.

    Raises `ValueError` with a sentence when something that the connection names is not there or
    is no text or number, or when the time is none.
    """
    settings = connection.settings
    return [
        SourceEvent(
            type=RECEIVED_TYPE,
            change="created",
            entity="delivery",
            entity_id=_told(settings, body, "id_path"),
            version=_told(settings, body, "version_path"),
            business_key=_told(settings, body, "key_path"),
            occurred_at=_time(_told(settings, body, "time_path")),
            data=body,
        )
    ]


def matches(params: Mapping[str, Any], event: SourceEvent) -> bool:
    """Whether the node takes this delivery: every one, or those with certain values at a path."""
    if "path" not in params:
        return True
    value = _at(event.data, str(params["path"]))
    return _plain(value) in params["values"]


def _told(settings: Mapping[str, Any], body: Mapping[str, Any], name: str) -> str:
    path = str(settings.get(name, ""))
    if not path:
        return ""
    value = _plain(_at(body, path))
    if not value:
        raise ValueError(f"There is no text or number at {path!r} of the body ({name}).")
    return value


def _at(body: Mapping[str, Any], path: str) -> Any:
    value: Any = body
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _plain(value: Any) -> str:
    """Ids are text, whether the sender writes 7 or "7"; what is neither is nothing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (str, int)) else ""


def _time(text: str) -> datetime:
    if not text:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text[:100]!r} is no time in ISO form (time_path).") from error
    if moment.tzinfo is None:
        raise ValueError(f"The time {text[:100]!r} does not say its offset, such as Z (time_path).")
    return moment.astimezone(UTC)


RECEIVED = Trigger(name="http.received", version=1, matches=matches)
