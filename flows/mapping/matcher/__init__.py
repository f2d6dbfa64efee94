"""Which field of one side is which field of the other: names, values and structure, offline."""

from flows.mapping.matcher.field import Field, FieldError, read_fields
from flows.mapping.matcher.suggest import Suggestion, suggest

__all__ = ["Field", "FieldError", "Suggestion", "read_fields", "suggest"]
