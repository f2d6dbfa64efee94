"""Instants as the service writes and reads them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any


def instant_text(moment: datetime) -> str:
    """UTC with whole seconds and `Z`: the one form that Domino reads the same in every region."""
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat() + "Z"


def http_date(moment: datetime) -> str:
    """As Last-Modified has it: RFC 1123, whole seconds."""
    return format_datetime(moment.astimezone(UTC).replace(microsecond=0), usegmt=True)


def read_moment(value: Any) -> datetime:
    """A system time as aware UTC; one without a zone is UTC. Raises `ValueError`."""
    while isinstance(value, Mapping | list):  # tagged with its type, or a list of one
        value = value.get("data") if isinstance(value, Mapping) else value[0]
    moment = datetime.fromisoformat(str(value))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
