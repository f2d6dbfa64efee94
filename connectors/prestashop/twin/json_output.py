"""JSON the way PHP writes it: slashes escaped, everything else as it is."""

import json
from typing import Any

from .record import Record, is_empty, strings


def dump(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("/", "\\/").encode()


def errors(found: list[tuple[int, str]]) -> dict[str, Any]:
    return {"errors": [{"code": code, "message": message} for code, message in found]}


# Numbers on 8.2 too: an object's own id, and what PHP casts or computes.
ALWAYS_NUMBERS = {"id", "id_default_combination"}
CARRIER_NUMBERS = {"id_tax_rules_group"}


class JsonOutput:
    """`old` is 8.2, which sends ids and whole numbers as text."""

    def __init__(self, *, old: bool) -> None:
        self.old = old

    def one(self, record: Record) -> dict[str, Any]:
        """One object without `display`: under the singular name, empty fields left out."""
        return {record.resource.node: self._object(record, drop=True)}

    def many(self, name: str, records: list[Record]) -> Any:
        """A list under the plural name; nothing found is a bare list (041)."""
        found = [self._object(record, drop=False) for record in records]
        return {name: found} if found else []

    def _object(self, record: Record, *, drop: bool) -> dict[str, Any]:
        numbers = ALWAYS_NUMBERS | record.just_set
        if record.resource.name == "carriers":
            numbers |= CARRIER_NUMBERS
        row = {
            field.name: value if field.name in numbers else self._value(value)
            for field, value in record.values
            if not (drop and is_empty(value))
        }
        associations = {
            one.name: [{key: self._value(value) for key, value in row.items()} for row in rows]
            for one, rows in record.associations
            if rows
        }
        return row | ({"associations": associations} if associations else {})

    def _value(self, value: Any) -> Any:
        if isinstance(value, list):
            return [{key: self._value(text) for key, text in one.items()} for one in value]
        return strings(value) if self.old else value
