"""How a source and a target field compare: the features that the weights speak of."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz

from flows.mapping.matcher.comparing import entities, roles, taxes, values
from flows.mapping.matcher.concepts import NEIGHBOURS, QUALIFIERS, RELATED
from flows.mapping.matcher.learnt import NOTHING, Learnt
from flows.mapping.matcher.reading import Reading

ALONE: Final = (
    "bias", "same", "related", "strange", "atoms", "cover", "name", "path", "equal", "role",
    "role_conflict", "role_onesided", "entity", "entity_conflict", "tax", "tax_conflict",
    "tax_usual", "id_differs", "type_conflict", "value", "value_conflict", "rows", "rows_differ",
    "index_conflict", "vague", "key", "aside",
)  # fmt: skip
AMONG: Final = ("best_of_source", "behind", "rival")
FEATURES: Final = (*ALONE, *AMONG)
"""Of a pair alone, and of a pair among its rivals."""
_OWN_KEYS: Final = frozenset(
    {"order.id", "product.id", "customer.id", "address.id", "category.id", "line.id"}
)
MAX_TARGETS: Final = 100
"""Of how many targets a source is looked at closely."""
_EMPTY: Final = frozenset({"field", "flag", "default"})
_EQUAL: Final = 0.85
_COMMON: Final = frozenset({"number", "code", "name", "id", "date", "field", "default", "amount"})


@dataclass(slots=True)
class Pair:
    """A source and a target that may belong together. `concept` is what both mean (of the source
    and of the target), `relation` how far these two are the same, from 0 to 1."""

    source: Reading
    target: Reading
    at: tuple[int, int]
    concept: tuple[str, str]
    relation: float
    base: float
    features: list[float]
    score: float = 0.0
    learnt: str = ""


def candidates(
    sources: Sequence[Reading],
    targets: Sequence[Reading],
    alone: Sequence[float],
    learnt: Learnt = NOTHING,
) -> list[Pair]:
    """The pairs worth a score: of related meaning, of common words, of like names, or learnt.

    `alone` are the weights of the features of a pair alone; by them rivals are told.
    """
    by_concept: dict[str, list[int]] = {}
    by_atom: dict[str, list[int]] = {}
    for at, target in enumerate(targets):
        if target.never:
            continue
        for concept, _ in target.meanings:
            by_concept.setdefault(concept, []).append(at)
        for atom in target.atoms - _COMMON:
            by_atom.setdefault(atom, []).append(at)
    found: list[Pair] = []
    for at, source in enumerate(sources):
        if source.never:
            continue
        wanted: Counter[int] = Counter()  # targets and how much speaks for a closer look
        for concept, _ in source.meanings:
            for other in NEIGHBOURS[concept]:
                for one in by_concept.get(other, ()):
                    wanted[one] += 3 if other == concept else 1
        for atom in source.atoms - _COMMON:
            wanted.update(by_atom.get(atom, ()))
        for other_at, target in enumerate(targets):
            if target.never or other_at in wanted or not source.leaf:
                continue
            if _alike(source.leaf, target.leaf) > 0.8 or (
                learnt.pairs and learnt.knows(source.field, target.field)
            ):
                wanted[other_at] += 5
        best = [one for one, _ in wanted.most_common(MAX_TARGETS)]
        found.extend(_pair(source, targets[one], (at, one), alone) for one in sorted(best))
    _compete(found)
    return found


@lru_cache(maxsize=65536)
def _alike(left: str, right: str) -> float:
    return float(fuzz.ratio(left, right)) / 100.0


@lru_cache(maxsize=65536)
def _relation(
    left: tuple[tuple[str, float], ...], right: tuple[tuple[str, float], ...]
) -> tuple[float, float, tuple[str, str]]:
    """(strength of one same concept, strength of two related ones, which they are)."""
    same, related = 0.0, 0.0
    which, kin = ("", ""), ("", "")
    for mine, strong in left:
        for other, as_strong in right:
            weight = strong * as_strong
            if mine == other:
                if weight > same:
                    same, which = weight, (mine, other)
            elif (mine, other) in RELATED:
                weight *= RELATED[mine, other][0]
                if weight > related:
                    related, kin = weight, (mine, other)
    return same, related, which if same >= related else kin


def _pair(source: Reading, target: Reading, at: tuple[int, int], alone: Sequence[float]) -> Pair:
    same, related, concept = _relation(source.meanings, target.meanings)
    left, right = source.atoms - QUALIFIERS, target.atoms - QUALIFIERS
    if not same and left - _EMPTY == right - _EMPTY and left - _EMPTY - _COMMON:
        same = _EQUAL  # no concept of ours, but the same words in whatever language
    shared = left & right
    weight = sum(_weight(atom) for atom in shared)
    whole = sum(_weight(atom) for atom in left | right) or 1.0
    least = min(sum(map(_weight, left)), sum(map(_weight, right))) or 1.0
    name = _alike(source.leaf, target.leaf)
    path = fuzz.token_set_ratio(source.path, target.path) / 100.0
    strange = 0.0
    if not same and not related and source.meanings and target.meanings:
        strange = min(source.meanings[0][1], target.meanings[0][1])
    role, role_conflict, onesided = roles(source, target, concept)
    tax, tax_conflict, usual = taxes(source, target, concept)
    entity, entity_conflict = entities(source, target)
    type_conflict, value, value_conflict = values(source, target, concept)
    features = [
        1.0, same, max(0.0, related - same), strange, weight / whole, weight / least, name, path,
        float(source.leaf == target.leaf), role, role_conflict, onesided, entity, entity_conflict,
        tax, tax_conflict, usual,
        float(source.is_id != target.is_id and same > 0), type_conflict, value, value_conflict,
        float(source.row and target.row), float(source.row != target.row),
        float(_index_conflict(left, right)),
        1.0 - (source.meanings[0][1] if source.meanings else 0.0),
        float(target.leaf == "id" and target.best in _OWN_KEYS),
        float(source.aside or target.aside), 0.0, 0.0, 0.0,
    ]  # fmt: skip
    base = sum(w * x for w, x in zip(alone, features, strict=False) if x)
    return Pair(source, target, at, concept, max(same, related), base, features)


def _weight(atom: str) -> float:
    if atom in _COMMON:
        return 0.4
    return 0.5 if atom.startswith("#") else 1.0


def _index_conflict(left: frozenset[str], right: frozenset[str]) -> bool:
    mine = {atom for atom in left if atom.startswith("#")}
    theirs = {atom for atom in right if atom.startswith("#")}
    if mine and theirs:
        return not mine & theirs
    return bool((mine or theirs) - {"#1"})


def _compete(pairs: Sequence[Pair]) -> None:
    """Features that compare a pair with its rivals."""
    joined = {id(one) for one in pairs if _joined(one)}
    by_source: dict[int, list[Pair]] = {}
    by_target: dict[int, list[Pair]] = {}
    for one in pairs:
        by_source.setdefault(one.at[0], []).append(one)
        by_target.setdefault(one.at[1], []).append(one)
    single = {
        at: _top([one for one in group if id(one) not in joined]) for at, group in by_source.items()
    }
    tops = {at: _top(group) for at, group in by_source.items()}
    owners = {at: _top(group) for at, group in by_target.items()}
    for one in pairs:
        # Parts of one whole do not compete: first and last name, the lines of an address.
        parted = id(one) in joined
        first, second = (single if parted else tops)[one.at[0]]
        other = second if one.base >= first and not parted else first
        one.features[_AMONG] = float(one.base >= first)
        one.features[_AMONG + 1] = _gap(one.base - other)
        first, second = owners[one.at[1]]
        other = second if one.base >= first else first
        one.features[_AMONG + 2] = 0.0 if parted else _gap(one.base - other)


_AMONG: Final = len(ALONE)
_FAR: Final = 3.0
_NOBODY: Final = -4.0  # the log odds of a rival that is not there


def _gap(difference: float) -> float:
    return max(-_FAR, min(_FAR, difference))


def _joined(pair: Pair) -> bool:
    return RELATED.get(pair.concept, (0.0, ""))[1] in _JOINED or pair.source.index > 0


_JOINED: Final = frozenset({"name_split", "name_join", "address_parse", "line_items"})


def _top(group: Sequence[Pair]) -> tuple[float, float]:
    ranked = sorted((one.base for one in group), reverse=True)
    if not ranked:
        return _NOBODY, _NOBODY
    return ranked[0], ranked[1] if len(ranked) > 1 else _NOBODY
