"""One field of a mapping document as a value: typed, and the same JSON again when written.

A document that the studio reads, shows and writes keeps every field, function and parameter;
only the order of keys inside an object may change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from flows.mapping.document import SCHEMA
from flows.mapping.json_schema import findings, validator


class Unset(Enum):
    """There is no default, which is another thing than the default null."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET
_VALIDATOR: Final = validator(SCHEMA)
_ORIGINS: Final = ("source", "sources", "expression", "value")


class RuleError(ValueError):
    """The JSON is no mapping document; the message says where and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionCall:
    """A function by its name in the registry, with its parameters."""

    name: str
    params: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, **self.params}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRule:
    """`origin` is source, sources, expression or value; `given` what stands there."""

    target: str
    origin: str
    given: Any
    functions: tuple[FunctionCall, ...] = ()
    when: str = ""
    default: Any = UNSET

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"target": self.target, self.origin: self.given}
        if self.functions:
            found["functions"] = [one.to_json() for one in self.functions]
        if self.when:
            found["when"] = self.when
        if self.default is not UNSET:
            found["default"] = self.default
        return found


def read_rules(document: Any) -> tuple[FieldRule, ...]:
    """The rules of a mapping document (its list of fields). Raises `RuleError`."""
    for path, message in findings(_VALIDATOR, document):
        where = "/".join(map(str, path))
        raise RuleError(f"{where or 'The document'}: {message}")
    return tuple(_rule(one) for one in document)


def write_rules(rules: Sequence[FieldRule]) -> list[dict[str, Any]]:
    """The document again."""
    return [one.to_json() for one in rules]


def _rule(field: Mapping[str, Any]) -> FieldRule:
    origin = next(one for one in _ORIGINS if one in field)
    return FieldRule(
        target=field["target"],
        origin=origin,
        given=field[origin],
        functions=tuple(
            FunctionCall(
                name=one["name"],
                params={key: value for key, value in one.items() if key != "name"},
            )
            for one in field.get("functions", ())
        ),
        when=field.get("when", ""),
        default=field.get("default", UNSET),
    )
