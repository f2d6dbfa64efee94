"""The fields of a JSON Schema, or of a sample, as the matcher takes them: leaves by their paths."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

MAX_DEPTH: Final = 12
_FORMATS: Final = {"date-time": "datetime", "date": "date", "email": "email", "uri": "url"}


def fields_of_schema(schema: Any) -> list[dict[str, Any]]:
    """{name, type, required} of every leaf; lists of objects add "[]" to their name.

    A schema without properties gives nothing. References are not followed.
    """
    return list(_of_schema(schema, "", False, 0))


def _of_schema(schema: Any, path: str, required: bool, depth: int) -> Iterator[dict[str, Any]]:
    if not isinstance(schema, Mapping) or depth > MAX_DEPTH:
        return
    declared = _declared(schema)
    properties = schema.get("properties")
    if isinstance(properties, Mapping) and properties:
        needed = schema.get("required", ())
        for name, one in properties.items():
            below = f"{path}.{name}" if path else str(name)
            yield from _of_schema(one, below, name in needed, depth + 1)
    elif declared == "array":
        items = schema.get("items")
        if isinstance(items, Mapping) and isinstance(items.get("properties"), Mapping):
            yield from _of_schema(items, f"{path}[]", required, depth + 1)
        elif path:
            inner = _type(items) if isinstance(items, Mapping) else "text"
            yield {"name": path, "type": f"{inner} list", "required": required}
    elif path:
        yield {"name": path, "type": _type(schema), "required": required}


def _declared(schema: Mapping[str, Any]) -> str:
    declared = schema.get("type", "")
    if isinstance(declared, list):
        declared = next((one for one in declared if one != "null"), "")
    return str(declared)


def _type(schema: Mapping[str, Any]) -> str:
    marked = schema.get("x-type")
    if isinstance(marked, str):
        return marked
    return _FORMATS.get(str(schema.get("format", "")), _declared(schema) or "text")


def fields_of_sample(sample: Any) -> list[dict[str, Any]]:
    """{name, sample} of every leaf of an object; of a list of objects its first ones, together."""
    found: dict[str, list[Any]] = {}
    _of_sample(sample, "", 0, found)
    return [{"name": name, "samples": values} for name, values in found.items()]


def _of_sample(value: Any, path: str, depth: int, found: dict[str, list[Any]]) -> None:
    if depth > MAX_DEPTH:
        return
    if isinstance(value, Mapping):
        for name, one in value.items():
            _of_sample(one, f"{path}.{name}" if path else str(name), depth + 1, found)
    elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
        for one in value[:20]:
            if isinstance(one, Mapping):
                _of_sample(one, f"{path}[]" if path else "", depth + 1, found)
    elif path:
        found.setdefault(path, []).append(value)
