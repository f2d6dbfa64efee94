"""The functions of mapping documents, by name."""

from flows.mapping.functions import (
    addresses,
    documents,
    hashes,
    lists,
    money,
    numbers,
    people,
    search,
    tables,
    texts,
    units,
)
from flows.mapping.functions.function import Function

_ROOMS = (
    texts, search, hashes, lists, numbers, money, units, tables, people, addresses, documents,
)  # fmt: skip

FUNCTIONS: dict[str, Function] = {one.name: one for room in _ROOMS for one in room.FUNCTIONS}
