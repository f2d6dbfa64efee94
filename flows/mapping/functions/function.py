"""What a mapping function is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from flows.mapping.crosswalk import Crosswalk
from flows.mapping.values import describe

Names = Mapping[str, Any]
Read = Callable[[Names], Any]


class FunctionError(ValueError):
    """A value cannot be transformed; `message` and `fix` are for a person."""

    def __init__(
        self,
        message: str,
        *,
        code: str = "mapping",
        fix: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fix = fix
        self.detail = dict(detail or {})


@dataclass(frozen=True, slots=True)
class FunctionContext:
    """What a function may see besides its value: the scope and the crosswalks."""

    names: Names
    crosswalks: Mapping[str, Crosswalk]


class Builder(Protocol):
    """What a function may ask for while it is compiled; each notes what the flow depends on."""

    def path(self, text: str) -> Read:
        """A closure that reads a path; it gives null where there is nothing."""

    def field(self, text: str, *extra: str) -> Read:
        """A closure that evaluates a field with `{{ }}`; `extra` are names it may use besides."""

    def crosswalk(self, slug: str) -> None:
        """Note that this crosswalk is used."""

    def problem(self, code: str, message: str, fix: str = "") -> None:
        """Note that the params cannot work, before anything runs."""


Apply = Callable[[Any, FunctionContext], Any]


class Over(StrEnum):
    """Whether a list goes through a function element by element or as a whole."""

    EACH = "each"
    WHOLE = "whole"


class Group(StrEnum):
    """What a function is about, for lists and documentation."""

    TEXT = "text"
    LISTS = "lists"
    NUMBERS = "numbers"
    DATES = "dates"
    TABLES = "tables"
    PEOPLE = "people"
    ADDRESSES = "addresses"
    DOCUMENTS = "documents"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What a function makes of a value; a test runs every one, the documentation shows it.

    `names` are what stands in the scope besides, `tables` the crosswalks, left code to right.
    """

    value: Any
    result: Any
    params: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[str, Any] = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One function of the registry.

    `params` is the JSON Schema of what stands beside `name`. `build` compiles checked params.
    Null passes through untouched unless `takes_null`. `takes` and `gives` are JSON types, for
    forms; `filter` says that expressions may use it as well: it needs nothing but its value and
    params, and takes little time.
    """

    name: str
    title: str
    summary: str
    build: Callable[[Mapping[str, Any], Builder], Apply]
    params: Mapping[str, Any] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    over: Over = Over.EACH
    takes_null: bool = False
    group: Group = Group.TEXT
    takes: str = "string"
    gives: str = "string"
    filter: bool = False
    examples: tuple[Example, ...] = ()

    def over_value(self, apply: Apply, value: Any, context: FunctionContext) -> Any:
        """`apply` on a value, on each element of a list where the function is about one value."""
        if type(value) is list and self.over is Over.EACH:
            return [self._single(apply, one, context) for one in value]
        return self._single(apply, value, context)

    def _single(self, apply: Apply, value: Any, context: FunctionContext) -> Any:
        return None if value is None and not self.takes_null else apply(value, context)

    @property
    def schema(self) -> dict[str, Any]:
        """JSON Schema of the function's entry in a mapping document."""
        return {
            "type": "object",
            "title": self.title,
            "description": self.summary,
            "properties": {"name": {"const": self.name}, **self.params},
            "required": ["name", *self.required],
            "additionalProperties": False,
        }


def pure(transform: Callable[[Any], Any]) -> Callable[[Mapping[str, Any], Builder], Apply]:
    """A function without params."""
    return lambda params, builder: lambda value, context: transform(value)


def with_params(
    transform: Callable[[Any, Mapping[str, Any]], Any],
) -> Callable[[Mapping[str, Any], Builder], Apply]:
    """A function of its value and its params alone."""
    return lambda params, builder: lambda value, context: transform(value, params)


def as_text(value: Any) -> str:
    """The value as it is, when it is a text. Raises `FunctionError`."""
    if type(value) is not str:
        raise FunctionError(f"Expected a text, found {describe(value)}.")
    return value
