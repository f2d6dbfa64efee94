"""The thesaurus: what the attributes of orders, rows, products, customers and addresses are.

A pattern of atoms names a concept; a field may bear several, each with a strength from 0 to 1
that says how much of its name the pattern explains.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from flows.mapping.matcher.lexicon import canonical

_TABLE: Final[dict[str, Any]] = json.loads(
    files("flows.mapping.matcher").joinpath("concepts.json").read_text("utf-8")
)
ENTITIES: Final[dict[str, str]] = {
    word.replace("_", ""): entity
    for entity, listed in _TABLE["entities"].items()
    for word in [entity, *listed.split()]
}
# Words that only say of whom or what; they explain little and cost little.
ROLE_ATOMS: Final = frozenset(
    {"order", "line", "product", "customer", "address", "delivery", "invoice", "company"}
    | {"contact", "person", "web", "document", "stock", "shop", "default", "field", "flag", "full"}
)
_LIGHT: Final = frozenset({"number", "code", "name", "id", "field", "flag", "date", "amount"})
QUALIFIERS: Final = frozenset({"net", "gross"})
# What is also there where an entity is: a customer has an address, a row is of a product.
_AROUND: Final[dict[str, frozenset[str]]] = {
    "customer": frozenset({"customer", "person", "address"}),
    "address": frozenset({"address", "person"}),
    "person": frozenset({"person"}),
    "stock": frozenset({"stock", "product"}),
    "supplier": frozenset({"supplier", "address"}),
    "invoice": frozenset({"invoice"}),
}


# Which words of whom or what add nothing to an attribute of an entity.
_OWN: Final[dict[str, frozenset[str]]] = {
    "person": frozenset({"person", "customer", "contact", "address", "delivery", "invoice"}),
    "address": frozenset({"address", "customer", "delivery", "invoice", "contact", "default"}),
    "customer": frozenset({"customer", "person"}),
    "line": frozenset({"line", "order", "product"}),
    "product": frozenset({"product", "line", "variant"}),
    "stock": frozenset({"stock", "product", "variant"}),
    "order": frozenset({"order", "document"}),
}


@dataclass(frozen=True, slots=True)
class Concept:
    """One attribute: `entity` that has it, `kind` of its values."""

    name: str
    entity: str
    kind: str


@dataclass(frozen=True, slots=True)
class _Pattern:
    concept: str
    atoms: frozenset[str]
    contexts: frozenset[str]
    strength: float


CONCEPTS: Final[dict[str, Concept]] = {
    name: Concept(name, one["is"], one["kind"]) for name, one in _TABLE["concepts"].items()
}


def _patterns() -> list[_Pattern]:
    found = []
    for name, one in _TABLE["concepts"].items():
        for text in one["names"]:
            parts = text.split()
            strength = float(parts.pop(0)) if parts[0][0].isdigit() else 1.0
            contexts = frozenset(part[1:] for part in parts if part.startswith("@"))
            atoms = frozenset(canonical(part) for part in parts if not part.startswith("@"))
            if atoms - {"of"}:
                found.append(_Pattern(name, atoms - {"of"}, contexts, strength))
    return found


_BY_ATOM: Final[dict[str, list[_Pattern]]] = {}
_frequency: dict[str, int] = {}
for _one in _patterns():
    for _atom in _one.atoms:
        _frequency[_atom] = _frequency.get(_atom, 0) + 1
for _one in _patterns():  # under its rarest atom, so that few patterns have to be tried
    _BY_ATOM.setdefault(min(_one.atoms, key=lambda atom: (_frequency[atom], atom)), []).append(_one)

RELATED: Final[dict[tuple[str, str], tuple[float, str]]] = {}
for _left, _right, _weight, _kind in _TABLE["related"]:
    RELATED[_left, _right] = (_weight, _kind)
    RELATED[_right, _left] = (_weight, _kind)
NEIGHBOURS: Final[dict[str, frozenset[str]]] = {
    name: frozenset({name, *(right for left, right in RELATED if left == name)})
    for name in CONCEPTS
}


def around(entities: Iterable[str]) -> frozenset[str]:
    """The contexts that hold where these entities are."""
    found: set[str] = set()
    for one in entities:
        found |= _AROUND.get(one, frozenset({one}))
    return frozenset(found)


_BROAD: Final = frozenset({"designation", "description", "comment", "status", "active", "name"})
_NEAR: Final = 0.72  # a meaning that explains much less of the name than the best is none


@lru_cache(maxsize=16384)
def meanings(atoms: frozenset[str], contexts: frozenset[str]) -> tuple[tuple[str, float], ...]:
    """The concepts of a name, strongest first, at most four."""
    content = atoms - QUALIFIERS
    best: dict[str, float] = {}
    for atom in content:
        for pattern in _BY_ATOM.get(atom, ()):
            if pattern.atoms <= content:
                strength = _strength(pattern, content, contexts)
                if strength > best.get(pattern.concept, 0.2):
                    best[pattern.concept] = strength
    ranked = sorted(best.items(), key=lambda one: -one[1])
    return tuple(one for one in ranked[:4] if one[1] >= _NEAR * ranked[0][1])


def _strength(pattern: _Pattern, content: frozenset[str], contexts: frozenset[str]) -> float:
    strength = pattern.strength
    entity = CONCEPTS[pattern.concept].entity
    if pattern.contexts:
        if pattern.contexts & contexts:
            strength = min(1.0, strength + 0.02)
        elif contexts:
            return 0.0
        else:
            strength *= 0.6
    elif entity and contexts and entity not in contexts:
        # An attribute of another entity than the one spoken of, e.g. a stock within a product.
        # Words that every entity has (a title, a comment) say little about another one.
        strength *= 0.65 if pattern.atoms <= _BROAD else 0.9
    explained = sum(0.7 if atom in _LIGHT else 1.0 for atom in pattern.atoms)
    rest = 0.0
    for atom in content - pattern.atoms:
        if atom in _OWN.get(entity, frozenset({entity})) or atom in ("field", "done"):
            rest += 0.05
        elif entity == "order" and atom in ("delivery", "product", "line"):
            rest += 0.8  # a total of the shipping is another one than that of the order
        elif atom == "id" and CONCEPTS[pattern.concept].kind != "id":
            rest += 0.6
        elif atom == "date" and CONCEPTS[pattern.concept].kind != "date":
            rest += 1.5  # the date of a payment is no payment
        elif atom in ROLE_ATOMS:
            rest += 0.5 if pattern.contexts else 0.25
        elif atom.startswith("#"):
            rest += 0.08
        elif atom in _LIGHT:
            rest += 0.25
        else:
            rest += 0.6 if atom.startswith("~") else 0.8
    return strength * explained / (explained + rest)
