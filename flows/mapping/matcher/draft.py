"""Names taken apart, and which fields of a schema are the rows of an order."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flows.mapping.matcher import lexicon
from flows.mapping.matcher.field import Field
from flows.mapping.matcher.style import plain_names
from flows.mapping.matcher.words import fold, words

_SPLIT: Final = re.compile(r"(?<=[\w\])])(?:\.|/|::|->|:)(?=[\w$@*])|\[[^\]]*\]\.?")
_ASIDE: Final = re.compile(r"\s*\((?!\d\))[^)]*\)")  # (0/1), (x,y,z...), but not (2)
_YES_NO: Final = re.compile(
    r"[ (]\(?(?:[jyo] ?/ ?n|ja ?/ ?nein|yes ?/ ?no|oui ?/ ?non|0 ?/ ?1)\)?$", re.IGNORECASE
)
_MOST_WORDS: Final = 12
_WRAPPERS: Final = frozenset(
    {"associations", "data", "attributes", "properties", "fields", "root", "body", "object"}
)
_LINE_ATOMS: Final = frozenset(
    {"quantity", "sku", "product", "price", "unit", "designation", "ean"}
)


@dataclass(slots=True)
class Draft:
    field: Field
    parts: tuple[str, ...]
    parents: tuple[tuple[str, ...], ...]
    listed_path: bool
    index: int = 0
    row: bool = False


def drafts_of(fields: Sequence[Field]) -> list[Draft]:
    """The fields of one schema, without the marks that its names have in common."""
    plain = plain_names([field.name for field in fields])
    found = [draft(field, name) for field, name in zip(fields, plain, strict=True)]
    shorten(found)
    unglue([one for one in found if one.parts])
    mark_rows(found)
    return found


def draft(field: Field, plain: str = "") -> Draft:
    given = plain or field.name
    name = _ASIDE.sub("", given).strip() or given
    if _YES_NO.search(given):
        name = f"{_YES_NO.sub('', given)} flag"
    steps = [name] if " " in name else [x for x in _SPLIT.split(name) if x and not x.isdigit()]
    steps = [one for one in steps if fold(one) not in _WRAPPERS] or [field.name]
    return Draft(
        field=field,
        parts=words(steps[-1])[:_MOST_WORDS],
        parents=tuple(words(one)[:_MOST_WORDS] for one in steps[-4:-1]),
        listed_path="[" in given or bool(re.search(r"[./:]\d+[./:]", given)),
    )


def shorten(drafts: Sequence[Draft]) -> None:
    """Takes away what many names begin with and what means nothing (DL_, AR_, vtiger)."""
    heads = Counter(one.parts[0] for one in drafts if len(one.parts) > 1)
    first = max(heads, key=lambda head: heads[head], default="")
    for head, count in heads.items():
        short = len(head) <= 2 and count >= 3 and head not in _KEPT_HEADS
        often = count >= 3 and (len(head) <= 5 or count >= len(drafts) / 3)
        known = lexicon.atoms((head,), "", "")
        unknown = all(atom.startswith("~") for atom in known)
        if not short and not (often and unknown):
            continue
        group = [one for one in drafts if len(one.parts) > 1 and one.parts[0] == head]
        rows = count < len(drafts) and _of_rows(group)
        for one in group:
            # LI_No is the number of something else than DO_No.
            if head != first and not rows and all(part in _NUMBERS for part in one.parts[1:]):
                continue
            one.parts = one.parts[1:]
            one.row = one.row or rows


def _of_rows(group: Sequence[Draft]) -> bool:
    meant = {atom for one in group for atom in lexicon.atoms(one.parts[1:], "", "line")}
    return "quantity" in meant and bool(meant & {"price", "sku", "designation"})


_NUMBERS: Final = frozenset({"no", "nr", "num", "id", "code", "numero", "number", "ref"})
_KEPT_HEADS: Final = frozenset(
    {"id", "no", "nr", "kd", "po", "is", "re", "vk", "ek", "pu", "e", "tx"}
)
_NUMBERED: Final = re.compile(r"\d+")


def unglue(drafts: Sequence[Draft]) -> None:
    """Takes away letters that most names begin with, where the rest says more (OXZIP, OXCITY)."""
    for length in (2, 3, 4):
        heads = Counter(one.parts[0][:length] for one in drafts if len(one.parts[0]) > length + 1)
        for head, count in heads.most_common(1):
            if count < 5 or count < 0.6 * len(drafts):
                continue
            begun = [one for one in drafts if one.parts[0].startswith(head)]
            begun = [one for one in begun if one.parts[0] != head]
            shorter = [(one.parts[0][length:], *one.parts[1:]) for one in begun]
            if sum(map(_known, shorter)) > sum(_known(one.parts) for one in begun) + 0.4 * count:
                for one, parts in zip(begun, shorter, strict=True):
                    one.parts = parts
                return


def _known(parts: tuple[str, ...]) -> bool:
    return not any(atom.startswith("~") for atom in lexicon.atoms(parts, "", ""))


def mark_rows(drafts: Sequence[Draft]) -> None:
    """Marks the fields that are rows: lists of one length, names numbered alike."""
    numbered: dict[tuple[str, ...], list[tuple[Draft, int]]] = {}
    for one in drafts:
        spots = [at for at, part in enumerate(one.parts) if part.isdigit()]
        if len(spots) == 1 and len(one.parts) > 1:
            skeleton = (*one.parts[: spots[0]], "#", *one.parts[spots[0] + 1 :])
            numbered.setdefault(skeleton, []).append((one, int(one.parts[spots[0]][:6])))
    families: dict[frozenset[int], list[tuple[str, ...]]] = {}
    for skeleton, members in numbered.items():
        indexes = frozenset(index for _, index in members)
        if len(indexes) >= 2:
            families.setdefault(indexes, []).append(skeleton)
    for skeletons in families.values():
        meant = {atom for one in skeletons for atom in lexicon.atoms(one, "", "line")}
        if len(skeletons) >= 2 and meant & {"quantity", "sku", "price", "line"}:
            for skeleton in skeletons:
                for one, index in numbered[skeleton]:
                    one.row, one.index = True, index
                    one.parts = tuple(part for part in one.parts if not part.isdigit())
    lists: dict[tuple[int, ...], list[Draft]] = {}
    for one in drafts:
        if one.field.profile.listed:
            lists.setdefault(one.field.profile.lengths, []).append(one)
    for alike in lists.values():
        meant = {atom for one in alike for atom in lexicon.atoms(one.parts, "", "line")}
        if len(alike) >= 2 and meant & _LINE_ATOMS:
            for one in alike:
                one.row = True
