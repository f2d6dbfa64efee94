"""How news from a far side enters: pushed through a hook or fetched by a poll."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.operation import OperationContext


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceEvent:
    """One piece of news, in the shape every connector shares.

    `type` is what triggers listen to ("prestashop.order_event@1"). `change` is created, updated
    or deleted. `entity`, `entity_id` and `version` name the state of the record on the far
    side: hook, poll and sweep that report the same state carry the same three and are told
    apart from real news by them; without a `version` each delivery is news of its own.
    Of a record that the far side does not date, `state` says instead what it is now, and `since`
    when it was last seen to be otherwise, or changed: told once more with the same `state` as the
    newest news of the record, accepted since then, it is no news. `version` is made of it then.
    `business_key` is what people call the record (an order reference) where it is known.
    `occurred_at` is the far side's clock, aware UTC.
    `data` is what the trigger node gives to the flow.
    """

    type: str
    change: str
    entity: str
    entity_id: str
    version: str
    occurred_at: datetime
    data: Mapping[str, Any]
    business_key: str = ""
    sequence: int = 0
    state: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PollPage:
    """News and the cursor that stands behind it: they are stored together or not at all.

    `every` names the connection's setting that says how long to pause, `default` is the pause
    where it says nothing. `quiet` counts the polls in a row that found nothing: from the third
    on the pause doubles, up to the setting `poll_idle`.
    """

    events: Sequence[SourceEvent]
    cursor: Mapping[str, Any]
    more: bool = False
    every: str = "poll_interval"
    default: timedelta | None = None
    quiet: int = 0


ReadHook = Callable[[ConnectionConfig, Mapping[str, Any]], Sequence[SourceEvent]]
Matches = Callable[[Mapping[str, Any], SourceEvent], bool]
Poll = Callable[[OperationContext, Mapping[str, Any] | None], Awaitable[PollPage]]


def every_event(params: Mapping[str, Any], event: SourceEvent) -> bool:
    """A trigger without choices listens to everything of its type."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """One kind of news.

    `matches` tells whether a trigger node with these params wants this event.
    `poll` gets the last cursor (None at first: start from now, do not replay history).
    """

    name: str
    version: int
    matches: Matches = every_event
    poll: Poll | None = None

    @property
    def type(self) -> str:
        return f"{self.name}@{self.version}"
