"""The fields of one side, as they were given, and what kind their declared type is."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flows.mapping.matcher.profile import EMPTY, Profile, profile
from flows.mapping.matcher.words import MAX_NAME

MAX_FIELDS: Final = 500
MAX_SAMPLES: Final = 200
# Words in declared types, whatever system they are of; the first that is found decides.
_KINDS: Final = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("authors", r"author"),
        ("readers", r"reader"),
        ("names", r"^names?$"),
        ("secret", r"passw|md5|hash|secret"),
        ("html", r"rich|html|wysiwyg"),
        ("bool", r"bool|bit$|yes.?no|flag|checkbox|logical|ja.?nein|oui.?non|tinyint\(1\)"),
        ("date", r"date|time|stamp|datum|fecha"),
        ("integer", r"\bint|integer|long\b|smallint|bigint|entier|ganzzahl|isunsigned|^uint|^id$"),
        ("number", r"num|dec|float|double|money|price|currency|real|curr|quan|percent|zahl"),
        ("number", r"nombre|montant|betrag|amount"),
        ("list", r"list|array|multi|collection|\[\]|table|object|rows"),
        ("email", r"e-?mail"),
    )
)
_LISTED: Final = re.compile(r"list|array|multi|collection|\[\]", re.IGNORECASE)


class FieldError(ValueError):
    """The fields or samples do not have the expected shape; the message says what to give."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field: `name` as its system writes it, `type` in that system's words."""

    name: str
    type: str = ""
    entity: str = ""
    role: str = ""
    label: str = ""
    required: bool = False
    profile: Profile = EMPTY

    @property
    def kind(self) -> str:
        """text, number, integer, bool, date, html, list, names, authors, readers, secret, email;
        empty where nothing was declared."""
        return kind_of(self.type)

    @property
    def multi(self) -> bool:
        """Whether it holds a list, by its type or its values."""
        return bool(_LISTED.search(self.type)) or self.profile.listed


def kind_of(declared: str) -> str:
    """The kind of a declared type, whatever system it comes from."""
    if not declared:
        return ""
    for kind, pattern in _KINDS:
        if pattern.search(declared):
            return kind
    return "text"


def read_fields(
    documents: Any, samples: Any = None, *, what: str = "source_fields"
) -> tuple[Field, ...]:
    """The fields of a request. A field may be a text, its name. Raises `FieldError`."""
    if not isinstance(documents, list) or not documents:
        raise FieldError(
            f"`{what}` must be a list with at least one field such as "
            '{"name": "OrderNo", "type": "text"}.'
        )
    if len(documents) > MAX_FIELDS:
        raise FieldError(f"`{what}` holds {len(documents)} fields; give at most {MAX_FIELDS}.")
    records = _records(samples)
    found: dict[tuple[str, str, str], Field] = {}
    for at, one in enumerate(documents):
        field = _field(one, records, f"{what}[{at}]")
        found.setdefault((field.name, field.entity, field.role), field)
    return tuple(found.values())


def _records(samples: Any) -> Sequence[Mapping[str, Any]]:
    if samples is None:
        return ()
    if isinstance(samples, Mapping):
        samples = [samples]
    if not isinstance(samples, list) or not all(isinstance(one, Mapping) for one in samples):
        raise FieldError("`samples` must be a list of objects {field: value}.")
    return samples[:MAX_SAMPLES]


def _field(document: Any, records: Sequence[Mapping[str, Any]], where: str) -> Field:
    if isinstance(document, str):
        document = {"name": document}
    if not isinstance(document, Mapping):
        raise FieldError(f"`{where}` must be an object with a `name`.")
    texts: dict[str, str] = {}
    for key in ("name", "type", "entity", "role", "label"):
        value = document.get(key)
        if value is None:
            value = ""
        if not isinstance(value, str):
            raise FieldError(f"`{where}.{key}` must be a text.")
        texts[key] = value
    if not texts["name"].strip() or len(texts["name"]) > MAX_NAME:
        raise FieldError(f"`{where}.name` must be a text of 1 to {MAX_NAME} characters.")
    values = [found for one in records if (found := _value(one, texts["name"])) is not _NOTHING]
    own = document.get("samples", document.get("sample"))
    if own is not None and not values:
        values = own if isinstance(own, list) else [own]
    if document.get("multi") is True and "list" not in texts["type"]:
        texts["type"] = f"{texts['type']} list".strip()
    return Field(
        **texts,
        required=document.get("required") is True,
        profile=profile(values) if values else EMPTY,
    )


class _Nothing:
    """No value at a path."""


_NOTHING: Final = _Nothing()
_STEP: Final = re.compile(r"[.\[\]/]+")


def _value(record: Mapping[str, Any], name: str) -> Any:
    """A record's value by the field's name, or by the way that the name describes."""
    if name in record:
        return record[name]
    steps = [step for step in _STEP.split(name) if step]
    return _walk(record, steps) if len(steps) > 1 else _NOTHING


def _walk(value: Any, steps: Sequence[str]) -> Any:
    for at, step in enumerate(steps):
        if isinstance(value, list):
            found = [_walk(one, steps[at:]) for one in value[:MAX_SAMPLES]]
            return [None if one is _NOTHING else one for one in found]
        if not isinstance(value, Mapping) or step not in value:
            return _NOTHING
        value = value[step]
    return value
