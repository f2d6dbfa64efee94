"""The functions of mapping documents, by name."""

from flows.mapping.functions import numbers, tables, texts
from flows.mapping.functions.function import Function

FUNCTIONS: dict[str, Function] = {
    one.name: one for one in (*texts.FUNCTIONS, *numbers.FUNCTIONS, *tables.FUNCTIONS)
}
