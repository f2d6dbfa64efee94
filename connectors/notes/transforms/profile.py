"""What a connection's settings say of a form: lists, dates, numbers, synced items."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.sdk.connection import ConnectionConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class FormProfile:
    """What a connection knows of a form; names by their lower-case spelling, for Notes ignores
    case."""

    form: str
    multi: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)
    synced: Sequence[str] | None = None
    key_item: str = ""
    decimal: str = "."

    def spelling(self, name: str) -> str:
        """The profile's spelling of an item name, else the name itself."""
        lower = name.lower()
        return self.multi.get(lower) or self.dates.get(lower) or self.numbers.get(lower) or name


def profile_of(connection: ConnectionConfig, form: str) -> FormProfile:
    """The profile of a form in the connection's settings, an empty one when it has none."""
    settings = connection.settings
    profiles: Mapping[str, Any] = settings.get("forms") or {}
    found: Mapping[str, Any] = next(
        (one for name, one in profiles.items() if name.lower() == form.lower()), {}
    )

    def names(part: str) -> dict[str, str]:
        return {one.lower(): one for one in found.get(part, ())}

    return FormProfile(
        form=form,
        multi=names("multi"),
        dates=names("dates"),
        numbers=names("numbers"),
        synced=found.get("synced"),
        key_item=found.get("key_item", ""),
        decimal=settings.get("decimal", "."),
    )
