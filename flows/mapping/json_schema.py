"""JSON Schema as flows use it: exact numbers, no fetching, findings as sentences.

Messages never repeat the value that was found: it may be personal.
"""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.validators import extend
from referencing import Registry

_TYPES = Draft202012Validator.TYPE_CHECKER.redefine(
    "integer",
    lambda checker, value: (
        (isinstance(value, int) and not isinstance(value, bool))
        or (isinstance(value, (Decimal, float)) and value == value // 1)
    ),
)


def _tolerant(check: Any) -> Any:
    def checked(validator: Any, rule: Any, instance: Any, schema: Any) -> Any:
        if isinstance(instance, str) and "{{" in instance:
            return None
        return check(validator, rule, instance, schema)

    return checked


_extend: Final[Any] = extend  # untyped in its stubs
_Exact: Final = _extend(Draft202012Validator, type_checker=_TYPES)
_Tolerant: Final = _extend(
    _Exact, {name: _tolerant(check) for name, check in Draft202012Validator.VALIDATORS.items()}
)
_NOWHERE: Final[Registry[Any]] = Registry()


def validator(schema: Mapping[str, Any], *, expressions: bool = False) -> Any:
    """A validator; with `expressions` a text holding `{{` is accepted wherever it stands."""
    kind = _Tolerant if expressions else _Exact
    return kind(schema, registry=_NOWHERE)


def schema_fault(schema: Any) -> str:
    """Why this is not a usable JSON Schema, "" when it is one."""
    try:
        _Exact.check_schema(schema)
    except SchemaError as error:
        return f"Not a JSON Schema: {error.message[:200]}."
    foreign = next((ref for ref in _references(schema) if not ref.startswith("#")), None)
    return f"The reference {foreign!r} leads out of the document." if foreign else ""


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key in ("$ref", "$dynamicRef") and isinstance(value, str):
                yield value
            else:
                yield from _references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _references(value)


def findings(check: Any, instance: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Everything wrong with `instance`: where, and a sentence."""
    for error in check.iter_errors(instance):
        for one in _leaves(error):
            yield tuple(one.absolute_path), sentence(one)


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
