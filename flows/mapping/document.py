"""The mapping document: which target field is made of what.

```json
{"fields": [
  {"target": "items.Status", "source": "read_order.order.current_state",
   "functions": [{"name": "crosswalk", "table": "order-status", "direction": "to_left"}]},
  {"target": "items.ShipName", "expression": "{{ a.firstname }} {{ a.lastname }}"},
  {"target": "items.Source", "value": "shop", "when": "{{ a.lastname != '' }}", "default": ""}]}
```

A field has one of `source` (a path), `sources` (several: their values as a list, null where one is
not there), `expression` or `value`. Then its `default` replaces
nothing and null, its functions run in order (a list element by element, unless the function is
about lists), and a null that comes out is replaced by `default` again. Without a `default`, a
source that is not there is an error. With a `when` that is false the target is not written.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol, Self

from connectors.sdk.errors import RejectedError
from flows.mapping.crosswalk import Crosswalk
from flows.mapping.functions import FUNCTIONS
from flows.mapping.functions.function import (
    Apply,
    Builder,
    Function,
    FunctionContext,
    FunctionError,
    Names,
    Over,
    Read,
)
from flows.mapping.json_schema import findings, validator
from flows.mapping.origin import Origin, Step
from flows.mapping.path import EACH, Missing, PathError, Segment, parse_path

SCHEMA: Final[dict[str, Any]] = {
    "type": "array",
    "title": "Fields",
    "minItems": 1,
    "items": {
        "type": "object",
        "properties": {
            "target": {"type": "string", "minLength": 1, "title": "Target"},
            "source": {"type": "string", "minLength": 1, "title": "Source"},
            "sources": {
                "type": "array",
                "title": "Sources",
                "items": {"type": "string", "minLength": 1},
                "minItems": 2,
                "maxItems": 50,
            },
            "value": {"title": "Fixed value"},
            "expression": {"type": "string", "minLength": 1, "title": "Expression"},
            "when": {"type": "string", "minLength": 1, "title": "Only when"},
            "default": {"title": "Instead of nothing"},
            "functions": {
                "type": "array",
                "title": "Functions",
                "items": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {"name": {"enum": sorted(FUNCTIONS)}},
                },
            },
        },
        "required": ["target"],
        "oneOf": [
            {"required": ["source"]},
            {"required": ["sources"]},
            {"required": ["value"]},
            {"required": ["expression"]},
        ],
        "additionalProperties": False,
    },
}


class MappingCompiler(Builder, Protocol):
    """What compiling a mapping asks for; problems are reported and not raised."""

    def at(self, *parts: str | int) -> Self:
        """The same compiler for something below, so that problems point there."""

    def problem(self, code: str, message: str, fix: str = "") -> None: ...

    def source(self, text: str) -> Read:
        """Like `path`, but gives `Missing` where there is nothing."""

    def expression(self, text: str) -> Read:
        """A field with `{{ }}`, or a bare expression."""

    def condition(self, text: str) -> Callable[[Names], bool]:
        """An expression that has to be true or false."""


@dataclass(frozen=True, slots=True)
class _Target:
    text: str
    parents: tuple[str, ...]
    last: str


@dataclass(frozen=True, slots=True)
class _Field:
    target: _Target
    sources: tuple[str, ...]
    read: Read
    when: Callable[[Names], bool] | None
    functions: tuple[tuple[Function, Apply], ...]
    has_default: bool
    default: Any


@dataclass(frozen=True, slots=True)
class CompiledMapping:
    """A compiled mapping."""

    fields: tuple[_Field, ...]

    def apply(self, names: Names, crosswalks: Mapping[str, Crosswalk]) -> dict[str, Any]:
        """The mapped object. Raises `RejectedError` that names the target field."""
        context = FunctionContext(names, crosswalks)
        out: dict[str, Any] = {}
        for field in self.fields:
            try:
                if field.when is not None and not field.when(names):
                    continue
                value = _value(field, context)
            except ValueError as error:  # functions', dates', values' and expressions' errors
                raise _rejected(field.target.text, error) from error
            place = out
            for parent in field.target.parents:
                place = place.setdefault(parent, {})
            place[field.target.last] = value
        return out

    def origins(self, names: Names, crosswalks: Mapping[str, Crosswalk]) -> tuple[Origin, ...]:
        """Of every target what it is made of; raises nothing, errors stand where they arose."""
        context = FunctionContext(names, crosswalks)
        return tuple(_origin(field, context) for field in self.fields)


def _value(field: _Field, context: FunctionContext, told: list[Step] | None = None) -> Any:
    value = field.read(context.names)
    if type(value) is Missing:
        if not field.has_default:
            raise FunctionError(
                f"There is no {value.where!r}.",
                code="source_missing",
                fix="Choose another source, or give the field a default.",
            )
        value = _default(field, None, told)
    elif value is None and field.has_default:
        value = _default(field, None, told)
    for function, apply in field.functions:
        before, value = value, _applied(function, apply, value, context)
        if told is not None:
            told.append(Step(function.name, before, value))
    return _default(field, value, told) if value is None and field.has_default else value


def _default(field: _Field, before: Any, told: list[Step] | None) -> Any:
    if told is not None:
        told.append(Step("default", before, field.default))
    return field.default


def _origin(field: _Field, context: FunctionContext) -> Origin:
    told: list[Step] = []
    base = Origin(target=field.target.text, sources=field.sources)
    read = None
    try:
        if field.when is not None and not field.when(context.names):
            return replace(base, written=False)
        read = field.read(context.names)
        read = None if type(read) is Missing else read
        value = _value(field, context, told)
    except ValueError as error:
        message = getattr(error, "message", str(error))
        return replace(base, read=read, steps=tuple(told), written=False, error=message)
    return replace(base, read=read, steps=tuple(told), value=value)


def _applied(function: Function, apply: Apply, value: Any, context: FunctionContext) -> Any:
    if type(value) is list and function.over is Over.EACH:
        return [
            apply(one, context) if one is not None or function.takes_null else None for one in value
        ]
    if value is None and not function.takes_null:
        return None
    return apply(value, context)


def _rejected(target: str, error: ValueError) -> RejectedError:
    code = getattr(error, "code", "mapping")
    message = getattr(error, "message", str(error))
    return RejectedError(
        f"Field {target!r}: {message}",
        code=code,
        fix=getattr(error, "fix", "") or "Correct the record or the mapping, then replay the run.",
        detail={"target": target, **getattr(error, "detail", {})},
    )


_VALIDATORS: Final = {name: validator(one.schema) for name, one in FUNCTIONS.items()}


def compile_mapping(
    fields: Sequence[Mapping[str, Any]], compiler: MappingCompiler
) -> CompiledMapping:
    """Compile the fields of a document that matches `SCHEMA`; problems go to the compiler."""
    compiled: list[_Field] = []
    taken: dict[tuple[str, ...], str] = {}
    for index, document in enumerate(fields):
        here = compiler.at(index)
        target = _target(document["target"], here.at("target"))
        if target is None:
            continue
        _claim(taken, target, here.at("target"))
        compiled.append(
            _Field(
                target=target,
                sources=sources_of(document),
                read=_reader(document, here),
                when=here.at("when").condition(document["when"]) if "when" in document else None,
                functions=_functions(document.get("functions", []), here.at("functions")),
                has_default="default" in document,
                default=document.get("default"),
            )
        )
    return CompiledMapping(tuple(compiled))


def sources_of(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The paths, or the expression, that a field is made of; nothing for a fixed value."""
    if "sources" in document:
        return tuple(document["sources"])
    found = document.get("source", document.get("expression"))
    return (found,) if found is not None else ()


def _reader(document: Mapping[str, Any], here: MappingCompiler) -> Read:
    if "source" in document:
        return here.at("source").source(document["source"])
    if "sources" in document:
        several = here.at("sources")
        reads = [several.at(at).path(one) for at, one in enumerate(document["sources"])]
        return lambda names: [read(names) for read in reads]
    if "expression" in document:
        return here.at("expression").expression(document["expression"])
    value = document["value"]
    return lambda names: value


def _target(text: str, here: MappingCompiler) -> _Target | None:
    try:
        path = parse_path(text)
    except PathError as error:
        here.problem("target_syntax", str(error), "Write the target like items.Status.")
        return None
    keys: tuple[Segment, ...] = (path.root, *path.segments)
    names = tuple(key for key in keys if isinstance(key, str))
    if len(names) != len(keys) or EACH in path.segments:
        here.problem(
            "target_syntax",
            f"The target {text!r} may not contain list positions.",
            "Map a list as a whole: give the target no brackets with numbers.",
        )
        return None
    return _Target(text, names[:-1], names[-1])


def _claim(taken: dict[tuple[str, ...], str], target: _Target, here: MappingCompiler) -> None:
    keys = (*target.parents, target.last)
    for other, text in taken.items():
        shorter = min(len(other), len(keys))
        if other[:shorter] == keys[:shorter]:
            here.problem(
                "target_twice",
                f"The target {target.text!r} is already written by {text!r}.",
                "Remove one of the two fields, or change its target.",
            )
            return
    taken[keys] = target.text


def _functions(
    documents: Sequence[Mapping[str, Any]], compiler: MappingCompiler
) -> tuple[tuple[Function, Apply], ...]:
    compiled = []
    for index, document in enumerate(documents):
        here = compiler.at(index)
        function = FUNCTIONS[document["name"]]
        problems = list(findings(_VALIDATORS[function.name], document))
        for where, message in problems:
            here.at(*where).problem(
                "crosswalk_usage" if function.name == "crosswalk" else "function_params",
                f"Function {function.name!r}: {message}",
                f"See what {function.name!r} takes: {', '.join(function.params) or 'nothing'}.",
            )
        if not problems:
            params = {key: value for key, value in document.items() if key != "name"}
            compiled.append((function, function.build(params, here)))
    return tuple(compiled)
