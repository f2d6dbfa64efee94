"""What the words of field names mean: atoms such as `postcode` or `number`, in six languages.

A word that the lexicon lacks is split (`liefermenge` → delivery quantity), completed
(`bezeichn` → designation) or, when it is a longer word, compared with those of the lexicon. What
is still unknown stands for itself, so that equal unknown words on both sides find each other.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from rapidfuzz import fuzz, process

from flows.mapping.matcher.words import variants

_TABLE: Final[dict[str, Any]] = json.loads(
    files("flows.mapping.matcher").joinpath("lexicon.json").read_text("utf-8")
)
ATOMS: Final = frozenset(_TABLE["atoms"])
_LINKS: Final = ("", "s", "n", "en", "es", "e", "er")
_LONGEST: Final = 4
_SIMILAR: Final = 87
_COMPLETED: Final = 4
# Which meaning of an open word fits what is spoken of ("Item Category" of a list of goods, "Item
# Qty" of an order, the state of an address or of an order), and which one the word before it.
_ABOUT: Final[dict[str, tuple[str, ...]]] = {
    "product": ("product", "position", "designation"), "line": ("line", "product", "designation"),
    "order": ("line", "status", "product"), "customer": ("province", "name"),
    "address": ("province", "name"),
    "category": ("position",),
}  # fmt: skip
_AFTER: Final[dict[str, tuple[str, ...]]] = {
    "payment": ("method",), "delivery": ("province", "method"), "invoice": ("province",),
    "address": ("province",), "country": ("province",),
}  # fmt: skip
_AGENT: Final = frozenset({"by", "von", "durch", "par", "door"})
_MOMENT: Final = frozenset({"on", "at", "am", "le", "op"})
_NO_PART: Final = frozenset({"of", "start", "end", "field", "flag"})


@dataclass(frozen=True, slots=True)
class _Entry:
    """One meaning of a word: its atoms and the languages that have it."""

    atoms: tuple[str, ...]
    languages: frozenset[str]


def _entries() -> dict[str, list[_Entry]]:
    found: dict[str, dict[tuple[str, ...], set[str]]] = {}
    for atom, by_language in _TABLE["atoms"].items():
        for language, listed in by_language.items():
            for word in listed.split():
                for one in variants(word):
                    found.setdefault(one, {}).setdefault((atom,), set()).add(language)
    for word, atoms in _TABLE["whole"].items():
        found[word] = {tuple(atoms.split()): set()}
    for word in _TABLE["atoms"]:
        found.setdefault(word, {}).setdefault((word,), set()).add("en")
    # A phrase is also found when somebody wrote it as one word: `postal_code`, `postalcode`.
    for word in [one for one in found if "_" in one]:
        found.setdefault(word.replace("_", ""), found[word])
    return {
        word: [_Entry(atoms, frozenset(spoken)) for atoms, spoken in meanings.items()]
        for word, meanings in found.items()
    }


_ENTRIES: Final = _entries()
_WORDS: Final = tuple(
    word
    for word, entries in _ENTRIES.items()
    if "_" not in word and len(word) >= 5 and len(entries[0].atoms) == 1
)
# Shortened words of two letters that compounds are made of: KDNR, LFORT, CPLIV, ORDERDT.
_BRIEF: Final = frozenset(
    {"nr", "no", "id", "ht", "vk", "ek", "lf", "kd", "cp", "dt", "nm", "cd", "mm", "cm"}
)
_PARTS: Final = {
    word: entries
    for word, entries in _ENTRIES.items()
    if "_" not in word
    and (len(word) >= 3 or word in _BRIEF)
    and entries[0].atoms[0] not in _NO_PART
}


def spoken(parts: Sequence[str]) -> frozenset[str]:
    """The languages of which the words are, where the lexicon knows one and only one."""
    found = [
        entry.languages
        for part in parts
        if len(part) > 2
        for entry in _ENTRIES.get(part, ())
        if len(entry.languages) == 1
    ]
    return frozenset[str]().union(*found) if found else frozenset()


@lru_cache(maxsize=16384)
def atoms(parts: tuple[str, ...], language: str, about: str) -> tuple[str, ...]:
    """The atoms of a name's words. `language` and `about` (an entity) settle what a word leaves
    open: "Art" is a product in German and a way in a payment. Unknown words begin with "~",
    numbers with "#"."""
    out: list[str] = []
    at = 0
    while at < len(parts):
        if parts[at] in _MOMENT and 0 < at == len(parts) - 1:  # ErstelltAm, created_at, CreeLe
            out.append("date")
            break
        if parts[at] in _AGENT and 0 < at == len(parts) - 1:  # ErstelltVon, ModifiedBy, CreePar
            out.append("by")
            break
        for length in range(min(_LONGEST, len(parts) - at), 0, -1):
            chosen = _ENTRIES.get("_".join(parts[at : at + length]))
            if chosen is None and length > 1:
                whole = "".join(parts[at : at + length])
                chosen = _ENTRIES.get(whole) if len(whole) > 3 else None
            if chosen:
                out.extend(_choice(chosen, language, about, out))
                at += length
                break
        else:
            out.extend(_unlisted(parts[at], language, about))
            at += 1
    return tuple(one for one in out if one != "of")


def _choice(
    entries: list[_Entry], language: str, about: str, before: Sequence[str]
) -> tuple[str, ...]:
    if len(entries) == 1:
        return entries[0].atoms
    for wanted in (*_AFTER.get(before[-1] if before else "", ()), *_ABOUT.get(about, ())):
        for entry in entries:
            if entry.atoms == (wanted,):
                return entry.atoms
    own = [entry for entry in entries if language in entry.languages]
    return (own or entries)[0].atoms


@lru_cache(maxsize=8192)
def _unlisted(word: str, language: str, about: str) -> tuple[str, ...]:
    if word.isdigit():
        return (f"#{int(word[:9])}",)
    if len(word) < 3:
        return (f"~{word}",)
    if word.endswith("s") and word[:-1] in _ENTRIES:  # ItemQtys
        return _choice(_ENTRIES[word[:-1]], language, about, ())
    parted = _compound(word)
    if parted:
        return tuple(atom for part in parted for atom in _choice(_PARTS[part], language, about, ()))
    completed = _completed(word)
    if completed:
        return completed
    short = _shortened(word)
    if short:
        return short
    half = _half(word, language, about)
    if half:
        return half
    if len(word) >= 6:
        best = process.extractOne(word, _WORDS, scorer=fuzz.ratio, score_cutoff=_SIMILAR)
        if best:
            return _choice(_ENTRIES[best[0]], language, about, ())
    return (f"~{word}",)


def _compound(word: str) -> tuple[str, ...] | None:
    """The known words that a longer one is made of, as few as possible; None if it is not."""
    best: list[tuple[str, ...] | None] = [None] * (len(word) + 1)
    best[0] = ()
    for end in range(2, len(word) + 1):
        for start in range(max(0, end - 24), end - 1):
            before = best[start]
            if before is None or len(before) >= 4:
                continue
            stretch = word[start:end]
            for link in _LINKS:
                stem = stretch.removesuffix(link) if link and end < len(word) else stretch
                if link and (stem == stretch or len(stem) < 4):
                    continue
                if stem in _PARTS:
                    made = (*before, stem)
                    current = best[end]
                    if current is None or len(made) < len(current):
                        best[end] = made
                    break
    found = best[len(word)]
    if not found or (len(found) > 1 and sum(map(len, found)) / len(found) < 2.5):
        return None
    return found


def _half(word: str, language: str, about: str) -> tuple[str, ...]:
    """What the end of a compound says when its beginning is unknown: Mahndatum, Tourennummer."""
    for start in range(3, len(word) - 3):
        entries = _PARTS.get(word[start:])
        if entries and len(word) - start >= 4:
            return (f"~{word[:start]}", *_choice(entries, language, about, ()))
    return ()


_VOWELS: Final = re.compile(r"[aeiouy]")


def _skeletons() -> dict[str, frozenset[str]]:
    """Consonants of words (the first letter stays) and the atoms of those that have them."""
    found: dict[str, set[str]] = {}
    for word in _WORDS:
        found.setdefault(_skeleton(word), set()).add(_ENTRIES[word][0].atoms[0])
    return {key: frozenset(atoms) for key, atoms in found.items() if len(key) >= 3}


def _skeleton(word: str) -> str:
    bare = word[0] + _VOWELS.sub("", word[1:])
    return re.sub(r"(.)\1", r"\1", bare)


_SKELETONS: Final = _skeletons()


def _shortened(word: str) -> tuple[str, ...]:
    """The one meaning of a word that lost its vowels: `shpng`, `dscrptn`, `ctgry`, `stts`."""
    if len(word) < 3 or len(_VOWELS.findall(word[1:])) > len(word) // 5:
        return ()
    whole = _SKELETONS.get(_skeleton(word))
    if whole is not None:
        return tuple(whole) if len(whole) == 1 else ()
    if len(word) < 4:
        return ()
    begun = {
        atom
        for key, atoms in _SKELETONS.items()
        if key.startswith(word) and len(key) <= len(word) + 3
        for atom in atoms
    }
    return tuple(begun) if len(begun) == 1 else ()


def _completed(word: str) -> tuple[str, ...] | None:
    """The one meaning of all words that begin like this abbreviation, if there is just one."""
    if len(word) < _COMPLETED:
        return None
    found = {
        entry.atoms
        for known in _WORDS
        if known.startswith(word) and len(known) <= 2.5 * len(word)
        for entry in _ENTRIES[known][:1]
    }
    return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=4096)
def completions(word: str, language: str) -> tuple[str, ...]:
    """The atoms of words that begin like this one (`bes`: order, description, stock), those of
    the schema's language and the shortest first, at most six."""
    if not 3 <= len(word) <= 7:
        return ()
    found: dict[str, tuple[int, int]] = {}
    for known in _WORDS:
        if known.startswith(word):
            entry = _ENTRIES[known][0]
            rank = (0 if language in entry.languages else 1, len(known))
            atom = entry.atoms[0]
            found[atom] = min(rank, found.get(atom, rank))
    return tuple(sorted(found, key=lambda atom: (found[atom], atom))[:6])


@lru_cache(maxsize=4096)
def glued(word: str, language: str) -> tuple[tuple[str, ...], ...]:
    """What two cut-off words without anything between may mean (`kdnam`, `liefstr`), at most
    twelve ways."""
    if not 5 <= len(word) <= 12:
        return ()
    found: dict[tuple[str, ...], None] = {}
    for at in range(2, len(word) - 1):
        for head in _begun(word[:at], language):
            for tail in _begun(word[at:], language):
                found[(*head, *tail)] = None
    return tuple(found)[:12]


def _begun(part: str, language: str) -> tuple[tuple[str, ...], ...]:
    entries = _ENTRIES.get(part)
    if entries:
        return (_choice(entries, language, "", ()),)
    return tuple((atom,) for atom in completions(part, language)[:3])


def canonical(word: str) -> str:
    """The atom that a word of our own tables stands for."""
    if word in ATOMS or word.startswith(("#", "~")):
        return word
    entries = _ENTRIES.get(word)
    return entries[0].atoms[0] if entries else f"~{word}"
