"""Deliveries of unknown senders."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.http import CONNECTOR
from connectors.http.triggers import matches, read_hook
from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.trigger import SourceEvent

PATHS = {
    "id_path": "order.id",
    "version_path": "order.rev",
    "key_path": "order.reference",
    "time_path": "order.at",
}
ORDER = {"id": 7, "rev": "a", "reference": "XKB", "at": "2026-11-23T11:21:30+01:00"}


def connection(**settings: Any) -> ConnectionConfig:
    return ConnectionConfig(
        id="1",
        slug="partner",
        connector="http",
        system="partner",
        settings={"base_url": "https://partner.example", **settings},
        secrets={},
    )


def read(body: dict[str, Any], **settings: Any) -> SourceEvent:
    (event,) = read_hook(connection(**settings), body)
    return event


def test_the_connection_says_where_the_facts_stand() -> None:
    event = read({"order": ORDER}, **PATHS)
    assert (event.entity_id, event.version, event.business_key) == ("7", "a", "XKB")
    assert event.occurred_at == datetime(2026, 11, 23, 10, 21, 30, tzinfo=UTC)
    assert event.data == {"order": ORDER}


def test_without_paths_each_delivery_is_news_of_now() -> None:
    event = read({"anything": [1]})
    assert (event.entity_id, event.version, event.business_key) == ("", "", "")
    assert datetime.now(UTC) - event.occurred_at < timedelta(minutes=1)


@pytest.mark.parametrize("missing", ["id", "rev", "reference", "at"])
@pytest.mark.parametrize("value", [None, "", [], {"a": 1}, 1.5])
def test_what_is_named_and_not_there_is_refused(missing: str, value: Any) -> None:
    with pytest.raises(ValueError, match=r"There is no text or number at 'order\."):
        read({"order": {**ORDER, missing: value}}, **PATHS)


@pytest.mark.parametrize("body", [{}, {"order": 5}, {"order": None}, {"order": ["id"]}])
def test_a_body_of_another_build_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="There is no text or number at"):
        read(body, **PATHS)


@pytest.mark.parametrize("at", ["yesterday", "2026-11-23T11:21:30", 20261123])
def test_a_time_has_to_be_one_with_an_offset(at: Any) -> None:
    with pytest.raises(ValueError, match="time_path"):
        read({"order": {**ORDER, "at": at}}, **PATHS)


def test_a_node_may_take_only_certain_values() -> None:
    event = read({"event": "order.created", "paid": True, "kind": {"id": 3}})
    assert matches({}, event)
    assert matches({"path": "event", "values": ["order.created", "order.changed"]}, event)
    assert not matches({"path": "event", "values": ["order.deleted"]}, event)
    assert matches({"path": "kind.id", "values": ["3"]}, event)
    assert matches({"path": "paid", "values": ["true"]}, event)
    assert not matches({"path": "nowhere", "values": ["3"]}, event)


def test_the_connector_takes_deliveries() -> None:
    assert CONNECTOR.read_hook is read_hook
    assert CONNECTOR.trigger("http.received@1") is not None
