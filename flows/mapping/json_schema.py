"""JSON Schema as flows use it: exact numbers, no fetching, findings as sentences.

Messages never repeat the value that was found: it may be personal.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Context, Decimal
from threading import local
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from connectors.sdk.codec import canonical
from flows.mapping.patterns import PatternError, reach
from flows.mapping.values import MAX_EXPONENT

MAX_CHECKS: Final = 300_000


class SchemaLimitError(ValueError):
    """A schema cannot be held against this value; the message says why, for a person."""


class _Share(local):
    """Checks left to the validation that runs on this thread; None while none is counted."""

    left: int | None = None


_SHARE: Final = _Share()


def _whole(value: Any) -> bool:
    if isinstance(value, Decimal):
        return value == value.to_integral_value()  # leaves an exponent of a million as it is
    return isinstance(value, float) and value.is_integer()


_TYPES = Draft202012Validator.TYPE_CHECKER.redefine(
    "integer",
    lambda checker, value: (
        (isinstance(value, int) and not isinstance(value, bool)) or _whole(value)
    ),
)


def _pattern(validator: Any, pattern: str, instance: Any, _schema: Any) -> Any:
    if not isinstance(instance, str):
        return
    if len(instance) > _reach(pattern) or not re.search(pattern, instance):
        yield ValidationError("does not match")


def _pattern_properties(validator: Any, patterns: Any, instance: Any, _schema: Any) -> Any:
    if not isinstance(instance, dict):
        return
    for pattern, below in patterns.items():
        longest = _reach(pattern)
        for name, value in instance.items():
            if len(name) > longest:
                raise SchemaLimitError("A property's name is too long for its pattern.")
            if re.search(pattern, name):
                yield from validator.descend(value, below, path=name, schema_path=pattern)


def _reach(pattern: str) -> int:
    try:
        return reach(pattern)
    except PatternError:  # of our own schemas: those of flows were refused in `schema_fault`
        return MAX_CHECKS


def _multiple_of(validator: Any, factor: Any, instance: Any, _schema: Any) -> Any:
    if not validator.is_type(instance, "number"):
        return
    number, unit = (
        one if isinstance(one, Decimal) else Decimal(repr(one)) for one in (instance, factor)
    )
    if max(abs(number.adjusted()), abs(unit.adjusted())) > MAX_EXPONENT:
        yield ValidationError("is too large or too small")
    elif _EXACT.remainder(number, unit):
        yield ValidationError("is no multiple")


def _unique_items(validator: Any, wanted: Any, instance: Any, _schema: Any) -> Any:
    """By digests: comparing each with each takes minutes over a long list."""
    if not wanted or not isinstance(instance, list):
        return
    if len({canonical(_plain(one)) for one in instance}) < len(instance):
        yield ValidationError("repeats")


def _plain(value: Any) -> Any:
    """1 and 1.0 are the same number to JSON Schema."""
    if isinstance(value, (Decimal, float)):
        found = value if isinstance(value, Decimal) else Decimal(repr(value))
        return found.normalize(_EXACT)
    if type(value) is int:
        return Decimal(value).normalize(_EXACT)
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return value


def _counted(check: Any) -> Any:
    def counted(validator: Any, rule: Any, instance: Any, schema: Any) -> Any:
        if _SHARE.left is not None:
            _SHARE.left -= 1
            if _SHARE.left < 0:
                raise SchemaLimitError("The schema takes too many checks for this value.")
        return check(validator, rule, instance, schema)

    return counted


def _tolerant(check: Any) -> Any:
    def checked(validator: Any, rule: Any, instance: Any, schema: Any) -> Any:
        if isinstance(instance, str) and "{{" in instance:
            return None
        return check(validator, rule, instance, schema)

    return checked


def _literal(_validator: Any, rule: Any, instance: Any, _schema: Any) -> Any:
    """A text that is code elsewhere: data of a run must not become a part of it."""
    if rule is True and isinstance(instance, str) and "{{" in instance:
        yield ValidationError("stands as it is written: give what varies as a value beside it")


_extend: Final[Any] = extend  # untyped in its stubs
_EXACT: Final = Context(prec=3 * MAX_EXPONENT)  # digits of the quotient of any two numbers
_KEYWORDS: Final = {
    **Draft202012Validator.VALIDATORS,
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "multipleOf": _multiple_of,
    "uniqueItems": _unique_items,
}
_Exact: Final = _extend(
    Draft202012Validator,
    {name: _counted(check) for name, check in _KEYWORDS.items()},
    type_checker=_TYPES,
)
_Tolerant: Final = _extend(
    _Exact,
    {
        **{name: _tolerant(check) for name, check in _Exact.VALIDATORS.items()},
        "x-literal": _literal,
    },
)
_NOWHERE: Final[Registry[Any]] = Registry()


def validator(schema: Mapping[str, Any], *, expressions: bool = False) -> Any:
    """A validator; with `expressions` a text holding `{{` is accepted wherever it stands,
    except where the schema says `x-literal`."""
    kind = _Tolerant if expressions else _Exact
    return kind(schema, registry=_NOWHERE)


def schema_fault(schema: Any) -> str:
    """Why this is not a usable JSON Schema, "" when it is one."""
    try:
        _Exact.check_schema(schema)
    except SchemaError as error:
        return f"Not a JSON Schema: {error.message[:200]}."
    except RecursionError:
        return "Not a usable JSON Schema: it is nested too deeply."
    return _reference_fault(schema) or _pattern_fault(schema)


def _reference_fault(schema: Any) -> str:
    resolver = Registry().with_resource("", DRAFT202012.create_resource(schema)).resolver()
    for ref in _words(schema, "$ref", "$dynamicRef"):
        if not ref.startswith("#"):
            return f"The reference {ref[:200]!r} leads out of the document."
        try:
            resolver.lookup(ref)
        except Unresolvable:
            return f"The reference {ref[:200]!r} leads nowhere."
    return ""


def _pattern_fault(schema: Any) -> str:
    for pattern in _words(schema, "pattern"):
        try:
            reach(pattern)
        except PatternError as error:
            return f"The pattern {pattern[:120]!r} cannot be used: {error}."
    return ""


def _words(schema: Any, *names: str) -> Iterator[str]:
    """The texts that stand under these keywords; a name in `patternProperties` is a pattern."""
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key in names and isinstance(value, str):
                yield value
            elif key == "patternProperties" and isinstance(value, dict):
                if "pattern" in names:
                    yield from value
                yield from _words(list(value.values()), *names)
            else:
                yield from _words(value, *names)
    elif isinstance(schema, list):
        for value in schema:
            yield from _words(value, *names)


def findings(check: Any, instance: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Everything wrong with `instance`: where, and a sentence. Raises `SchemaLimitError`."""
    before, _SHARE.left = _SHARE.left, MAX_CHECKS
    try:
        found = [one for error in check.iter_errors(instance) for one in _leaves(error)]
    except RecursionError as error:
        raise SchemaLimitError("The schema refers to itself without end.") from error
    except Unresolvable as error:
        raise SchemaLimitError("A reference of the schema leads nowhere.") from error
    finally:
        _SHARE.left = before
    return iter([(tuple(one.absolute_path), sentence(one)) for one in found])


def _leaves(error: ValidationError) -> Iterator[ValidationError]:
    """Of alternatives, the findings of the one that came closest."""
    if error.validator not in ("anyOf", "oneOf") or not error.context:
        yield error
        return
    branches: dict[Any, list[ValidationError]] = {}
    for one in error.context:
        branches.setdefault(one.schema_path[0], []).append(one)
    if all(len(found) == 1 and found[0].validator == "required" for found in branches.values()):
        yield error
        return
    # A branch that fails deeper inside was meant rather than one that fails at once.
    best = max(branches.values(), key=lambda found: max(len(one.path) for one in found))
    for one in best:
        yield from _leaves(one)


_KINDS: Final = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


def _type(error: Any) -> str:
    wanted = error.validator_value
    kinds = [wanted] if isinstance(wanted, str) else list(wanted)
    return f"has to be {' or '.join(_KINDS.get(kind, kind) for kind in kinds)}"


def _extra(error: Any) -> str:
    known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
    extra = sorted(str(key) for key in error.instance if key not in known)
    return f"has unknown properties: {', '.join(extra)[:200]}"


def _missing(error: Any) -> str:
    lacking = [key for key in error.validator_value if key not in error.instance]
    name = next((key for key in lacking if error.message.startswith(repr(key))), lacking[0])
    return f"lacks {name!r}"


def _alternatives(error: Any) -> str:
    names = [" and ".join(one["required"]) for one in error.validator_value if "required" in one]
    return f"needs exactly one of: {', '.join(names)}" if names else "matches no alternative"


_SENTENCES: Final[dict[str, Callable[[Any], str]]] = {
    "type": _type,
    "additionalProperties": _extra,
    "required": _missing,
    "oneOf": _alternatives,
    "anyOf": _alternatives,
    "enum": lambda e: f"has to be one of: {', '.join(map(str, e.validator_value))[:300]}",
    "x-literal": lambda _: "stands as it is written: give what varies as a value beside it",
    "const": lambda e: f"has to be {e.validator_value!r}",
    "pattern": lambda e: f"does not have the form {str(e.validator_value)[:120]!r}",
    "minLength": lambda e: (
        "is empty" if e.validator_value == 1 else f"is shorter than {e.validator_value}"
    ),
    "maxLength": lambda e: f"is longer than {e.validator_value}",
    "minItems": lambda e: f"has fewer than {e.validator_value} elements",
    "maxItems": lambda e: f"has more than {e.validator_value} elements",
    "uniqueItems": lambda e: "repeats an element",
    "minimum": lambda e: f"is less than {e.validator_value}",
    "maximum": lambda e: f"is more than {e.validator_value}",
    "exclusiveMinimum": lambda e: f"is not more than {e.validator_value}",
    "exclusiveMaximum": lambda e: f"is not less than {e.validator_value}",
    "multipleOf": lambda e: f"is not a multiple of {e.validator_value}",
    "minProperties": lambda e: f"has fewer than {e.validator_value} properties",
    "maxProperties": lambda e: f"has more than {e.validator_value} properties",
}


def sentence(error: ValidationError) -> str:
    """A finding without the value that was found."""
    where = ".".join(str(part) for part in error.absolute_path) or "The value"
    tell = _SENTENCES.get(str(error.validator))
    what = tell(error) if tell else f"breaks the rule {error.validator!r}"
    return f"{where} {what}."
