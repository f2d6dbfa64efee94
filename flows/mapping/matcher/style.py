"""Names of a schema without what their style adds: type letters and endings, names of segments.

    ["dtmEingang", "curTotal", "sOrt", …]   → ["Eingang", "Total", "Ort", …]
    ["E1EDK01-BELNR", "E1EDK01-CURCY", …]   → ["BELNR", "CURCY", …]
    ["ORDERNO_TXT", "TOTAL_DEC", …]         → ["ORDERNO", "TOTAL", …]
    ["deal[name]", …]                       → ["deal.name", …]

What all or most names share says nothing about any of them; what one name has alone is kept.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from flows.mapping.matcher import lexicon
from flows.mapping.matcher.words import words

_KEYED: Final = re.compile(r"\[([^\W\d][^\[\]]*)\]")  # deal[name], but not lines[] or lines[0]
_LEAF: Final = re.compile(r"[^./:\]>]*$")
_TYPED: Final = re.compile(r"[a-z]{1,3}(?=[A-ZÀ-Þ])")
_SEGMENT: Final = re.compile(r"[^\W_]+(?=[-_.:/]+[^\W_])")
_ENDING: Final = re.compile(
    r"(?<=[^\W_])_(?:txt|text|chr|char|str|dec|dbl|num|int|dtm|dat|bool|bln|flg|vc|fld)$", re.I
)
_MOST: Final = 0.6
_FEW: Final = 3


def plain_names(names: Sequence[str]) -> list[str]:
    """The names in the same order, none of them empty."""
    found = [_KEYED.sub(r".\1", name) for name in names]
    for step in (_without_types, _without_endings, _without_segments):
        found = step(found)
    return [new.strip() or old for new, old in zip(found, names, strict=True)]


def _without_types(names: Sequence[str]) -> list[str]:
    """Where most leaves begin with a few small letters before a capital, and not all with the
    same, the letters are types."""
    leaves = [_LEAF.search(name) for name in names]
    heads = [_TYPED.match(leaf[0]) if leaf else None for leaf in leaves]
    counts = Counter(head[0] for head in heads if head)
    if sum(counts.values()) < max(_FEW, _MOST * len(names)) or len(counts) < 2:
        return list(names)
    return [
        name[: leaf.start()] + leaf[0][head.end() :] if leaf and head else name
        for name, leaf, head in zip(names, leaves, heads, strict=True)
    ]


def _without_endings(names: Sequence[str]) -> list[str]:
    """Where a third of the names end with the name of a type, the endings go."""
    ends = sum(bool(_ENDING.search(name)) for name in names)
    if ends < max(_FEW, len(names) / 3):
        return list(names)
    return [_ENDING.sub("", name) for name in names]


def _without_segments(names: Sequence[str]) -> list[str]:
    """Takes away what several names begin with, where it means nothing and has digits within."""
    heads = [_SEGMENT.match(name) for name in names]
    counts = Counter(head[0][:_FEW] for head in heads if head and _is_segment(head[0]))
    return [
        re.sub(r"^[-_.:/]+", "", name[head.end() :])
        if head and counts[head[0][:_FEW]] >= _FEW and _is_segment(head[0])
        else name
        for name, head in zip(names, heads, strict=True)
    ]


def _is_segment(head: str) -> bool:
    if not re.search(r"[^\W\d]\d+[^\W\d]", head):
        return False
    return all(one.startswith(("~", "#")) for one in lexicon.atoms(words(head), "", ""))
