"""The nouns of a shop that can be searched: what is read of each, and in which shape it leaves.

One table (`nouns.toml`) makes the manifest's entries, their schemas and the canonical items.
"""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors.prestashop.transforms import (
    Row,
    decimal,
    flag,
    id_text,
    instant,
    integer,
    iso,
    text,
    texts,
)

MAX_RECORDS = 1000
_SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "id": {"type": ["string", "null"]},
    "int": {"type": ["integer", "null"]},
    "flag": {"type": ["boolean", "null"]},
    "text": {"type": ["string", "null"]},
    "money": {"type": ["number", "null"]},
    "time": {"type": ["string", "null"], "format": "date-time"},
    "lang": {
        "type": ["array", "null"],
        "items": {
            "type": "object",
            "properties": {"language": {"type": "string"}, "value": {"type": "string"}},
        },
    },
    "ids": {"type": "array", "items": {"type": "string"}},
    "rows": {
        "type": "array",
        "items": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
_ASSOCIATIONS = frozenset({"ids", "rows"})
_NO_FILTER = _ASSOCIATIONS | {"time", "money"}


@dataclass(frozen=True, slots=True, kw_only=True)
class NounField:
    """One field that leaves the connector."""

    name: str
    kind: str
    personal: bool = False
    filtered: bool = True

    def schema(self) -> dict[str, Any]:
        return {**_SCHEMAS[self.kind], **({"x-personal": True} if self.personal else {})}


@dataclass(frozen=True, slots=True, kw_only=True)
class Noun:
    """A kind of record; `resource` is the webservice's name for it."""

    name: str
    resource: str
    title: str
    icon: str
    fields: Sequence[NounField]

    @property
    def operation(self) -> str:
        return f"prestashop.{self.name}.search"

    @property
    def dated(self) -> bool:
        """Whether the shop notes when a record was changed."""
        return any(one.name == "date_upd" for one in self.fields)

    def kind(self, field: str) -> str:
        """The kind of a field; text for one that is written and not read."""
        return next((one.kind for one in self.fields if one.name == field), "text")

    def item(self, row: Row, *, zone: ZoneInfo, language: str) -> dict[str, Any]:
        """A row in canonical shape; only the fields that were asked for and came."""
        associations = row.get("associations")
        nested = associations if isinstance(associations, Mapping) else {}
        found: dict[str, Any] = {"id": id_text(row["id"])}
        for one in self.fields:
            if one.kind in _ASSOCIATIONS:
                found[one.name] = _members(nested.get(one.name), ids=one.kind == "ids")
            elif one.name not in row:
                found[one.name] = None
            else:
                found[one.name] = _value(one, row[one.name], zone=zone, language=language)
        return found

    def entry(self) -> dict[str, Any]:
        """What the manifest says of the search."""
        return {
            "name": self.operation,
            "version": 1,
            "title": f"Search {self.title}",
            "summary": f"Reads {self.title}, by ids in bulk or page by page.",
            "icon": self.icon,
            "effect": "read",
            "idempotent": True,
            "probe": False,
            "cost": 1,
            "bulk": {"ids": 100, "limit": 100},
            "entity": self.name,
            "ports": ["out"],
            "input": self._input(),
            "output": self._output(),
        }

    def _input(self) -> dict[str, Any]:
        id_ = {"type": ["string", "integer"], "pattern": "^[0-9]*$"}
        filters = {
            one.name: {"type": ["string", "integer", "boolean"]}
            for one in self.fields
            if one.filtered
        }
        properties: dict[str, Any] = {
            "ids": {
                "type": "array",
                "items": id_,
                "maxItems": MAX_RECORDS,
                "title": "Ids",
                "description": "Read these in bulk, a hundred with one request.",
            },
            "filters": {
                "type": "object",
                "additionalProperties": False,
                "properties": filters,
                "title": "Where",
                "description": "Exact values.",
            },
            "fields": {
                "type": "array",
                "uniqueItems": True,
                "items": {"enum": [one.name for one in self.fields]},
                "title": "Fields",
                "description": "Only these, which is lighter on the shop; the others are null.",
            },
            "after_id": {**id_, "title": "After id", "description": "The next page begins here."},
            "limit": {
                "type": "integer",
                "minimum": 1,
                "maximum": MAX_RECORDS,
                "default": 100,
                "title": "At most",
            },
        }
        if self.dated:
            properties["changed_since"] = {
                "type": "string",
                "format": "date-time",
                "title": "Changed since",
            }
        return {"type": "object", "additionalProperties": False, "properties": properties}

    def record(self) -> dict[str, Any]:
        """The schema of one item."""
        fields = {one.name: one.schema() for one in self.fields}
        return {"type": "object", "properties": {"id": {"type": "string"}, **fields}}

    def _output(self) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {
                "items": {"type": "array", "items": self.record()},
                "more": {"type": "boolean"},
                "next_after_id": {"type": ["string", "null"]},
                "missing_ids": {"type": "array", "items": {"type": "string"}},
            },
        }


def _members(rows: Any, *, ids: bool) -> list[Any]:
    """An association's rows; PHP writes an empty one as an empty text or list."""
    members = [one for one in rows if isinstance(one, Mapping)] if isinstance(rows, list) else []
    if ids:
        return [id_text(one.get("id")) for one in members]
    return [{name: text(value) for name, value in one.items()} for one in members]


def _value(field: NounField, value: Any, *, zone: ZoneInfo, language: str) -> Any:
    if field.kind == "lang":
        return texts(value, language)
    if field.kind == "time":
        return iso(instant(value, zone))
    if value is None:
        return None
    if field.kind == "money":
        return decimal(value, field=field.name)
    if field.kind == "int":
        return integer(value, field=field.name)
    plain: Mapping[str, Callable[[Any], Any]] = {"id": id_text, "flag": flag, "text": text}
    return plain[field.kind](value)


def _field(line: str) -> NounField:
    name, kind, *marks = line.split()
    if kind not in _SCHEMAS or set(marks) - {"personal", "nofilter"}:
        raise ValueError(f"nouns.toml: {line!r}")
    filtered = kind not in _NO_FILTER and "nofilter" not in marks
    return NounField(name=name, kind=kind, personal="personal" in marks, filtered=filtered)


def _load(path: Path) -> tuple[Noun, ...]:
    return tuple(
        Noun(
            name=name,
            resource=table["resource"],
            title=table["title"],
            icon=table["icon"],
            fields=tuple(_field(line) for line in table["fields"].splitlines() if line.strip()),
        )
        for name, table in tomllib.loads(path.read_text(encoding="utf-8")).items()
    )


NOUNS = _load(Path(__file__).with_name("nouns.toml"))
BY_NAME: Mapping[str, Noun] = {one.name: one for one in NOUNS}


def with_record(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """A manifest entry whose output has a `record`, which is an item of its noun."""
    properties = entry["output"].get("properties", {})
    noun = BY_NAME.get(entry["entity"])
    if "record" not in properties or noun is None:
        return entry
    record = {**noun.record(), "type": ["object", "null"]}
    output = {**entry["output"], "properties": {**properties, "record": record}}
    return {**entry, "output": output}
