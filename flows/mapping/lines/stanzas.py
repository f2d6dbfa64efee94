"""Order lines that take several lines of text each: a name, below it number, quantity, price.

Where one article ends and the next begins is not known, so that the text is cut in several
ways (blank lines, bullets, indentation, every so many lines); the cut that gives the fullest
rows is taken.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise, takewhile
from typing import Final

from flows.mapping.lines import spoken
from flows.mapping.lines.clause import CUT, clause_row, scored
from flows.mapping.lines.reading import Reading, Row
from flows.mapping.lines.sentences import ended, few, money_sign
from flows.mapping.lines.words import ROLES, is_charge, roles_of

Line = tuple[str, str]  # text, place
_LONGEST: Final = 10  # lines of one article
_MOST: Final = 400  # lines that are looked at
_NUMBERED: Final = re.compile(
    r"\s*(?:pos(?:ition)?|item|line|artikel|article|ligne|zeile|produkt|product|produit|riga|rad|"
    r"linje|regel|artículo|articolo|pozycja|položka)?\.?\s*(?:no\.?|nr\.?|n°|#)?\s*\d{1,3}\s*[:.)]?\s*\Z",
    re.IGNORECASE,
)
_RULE: Final = re.compile(r"\W*\Z")


def read_blocks(blocks: Sequence[Sequence[Line]], sign: str | None) -> Reading | None:
    """Boxes or rows of a table without columns, each an article told on several lines."""
    texts = [line for one in blocks for line, _ in one]
    if len(texts) > _MOST or max((len(one) for one in blocks), default=0) < 2:
        return None
    hint = money_sign(texts, sign)
    rows = ended([row for one in blocks if (row := _row(one, hint))])
    if not rows:
        return None
    told = [roles for one in blocks if "quantity" in (roles := _told(one)) and len(roles) > 2]
    clear = len(told) >= len(rows) and all(len(one) == len(set(one)) for one in told)
    return Reading(kind="blocks", rows=tuple(rows), score=scored(rows) + (1.2 if clear else 0.1))


def read_stanzas(text: str, prefix: str, sign: str | None) -> Reading | None:
    """The fullest reading of a text in which articles take several lines; None without one."""
    lines = _lines(text, prefix)
    if len(lines) < 2:
        return None
    hint = money_sign([line for line, _ in lines], sign)
    best: Reading | None = None
    seen: set[tuple[tuple[Line, ...], ...]] = set()
    for cut in _cuts(lines):
        blocks = tuple(tuple(one) for one in cut if one)
        if blocks in seen or not any(len(one) > 1 for one in blocks):
            continue
        seen.add(blocks)
        rows = [row for one in blocks if (row := _row(one, hint))]
        rows = ended(rows)
        if not rows:
            continue
        long = sum(len(one) > 1 for one in blocks)
        score = scored(rows) - (0.25 if long * 2 < len(rows) else 0.1)
        if best is None or score > best.score + 0.03:
            best = Reading(kind="sentences", rows=tuple(rows), score=score)
    return best


def _lines(text: str, prefix: str) -> list[Line]:
    """The lines, blank ones and drawn rules as empty texts."""
    found = []
    for at, line in enumerate(text.splitlines()[:_MOST], 1):
        bare = re.sub(r"\A(?:\s*>)+\s?|\*\*|`", "", line.expandtabs(4).replace("\u00a0", " "))
        shown = "" if _RULE.match(bare) and not re.search(r"\d|€|\$", bare) else bare.rstrip()
        found.append((shown, f"{prefix}line {at}"))
    kept = list(few([one for one in found if one[0]]))
    places = {place for _, place in kept}
    return [one if one[1] in places else ("", one[1]) for one in found]


def _cuts(lines: Sequence[Line]) -> Iterator[list[list[Line]]]:
    yield _at(lines, lambda at: at > 0 and not lines[at - 1][0])
    starts = {at for at, (line, _) in enumerate(lines) if _begins(line)}
    if starts:
        yield _at(lines, lambda at: at in starts or not lines[at][0])
        yield _at(lines, lambda at: at in starts)
    filled = [one for one in lines if one[0]]
    depths = [len(line) - len(line.lstrip()) for line, _ in filled]
    least = min(depths, default=0)
    if any(depth > least for depth in depths):
        yield _at(
            filled,
            lambda at: depths[at] == least and max(depths[at + 1 : at + 2], default=least) > least,
        )
        yield _at(filled, lambda at: depths[at] == least)
        yield _at(filled, lambda at: depths[at] == least and (at == 0 or depths[at - 1] > least))
    yield from _periodic(filled)


def _begins(line: str) -> bool:
    return bool(spoken.BULLET.match(line) or _NUMBERED.match(line))


def _at(lines: Sequence[Line], begins: Callable[[int], bool]) -> list[list[Line]]:
    """The lines in blocks, a new one beginning where `begins(position)` says so."""
    blocks: list[list[Line]] = [[]]
    for at, one in enumerate(lines):
        if begins(at):
            blocks.append([])
        if one[0]:
            blocks[-1].append(one)
    return blocks


def _periodic(lines: Sequence[Line]) -> Iterator[list[list[Line]]]:
    """One quantity in each article: the same number of lines before it and behind it."""
    anchors = [at for at, (line, _) in enumerate(lines) if _counts(line)]
    if not 1 <= len(anchors) <= 200:
        return
    steps = {b - a for a, b in pairwise(anchors)}
    for before in range(5):
        if any(step <= before for step in steps) or anchors[0] - before < 0:
            break
        starts = [at - before for at in anchors]
        usual = min(steps, default=_LONGEST)
        ends = [*starts[1:], min(len(lines), starts[-1] + usual)]
        yield [
            list(lines[start : min(end, start + _LONGEST)])
            for start, end in zip(starts, ends, strict=True)
        ]


def _counts(line: str) -> bool:
    """Whether a line tells a quantity."""
    if is_charge(line, counted=False):
        return False
    bare = spoken.BULLET.sub("", line)
    label = re.match(r"\s*([^:=]{1,30}?)\s*[:=]\s*\d", bare)
    if label and "quantity" in roles_of(label[1]):
        return True
    return bool(spoken.PRODUCT.search(bare)) or any(way.search(bare) for way in spoken.QUANTITY[:5])


def _row(block: Sequence[Line], sign: str | None) -> Row | None:
    """One article out of the lines of a block; sums and charges among them are left out."""
    kept = [
        (spoken.BULLET.sub("", line).strip(), place)
        for line, place in takewhile(lambda one: not _charged(one[0]), _labelled(block))
        if not _NUMBERED.match(line)
    ]
    if (
        not kept
        or len(kept) > _LONGEST
        or _several(kept, sign)
        or _told(block).count("quantity") > 1
    ):
        return None
    row = clause_row(f" {CUT} ".join(line for line, _ in kept), kept[0][1], sign, block=True)
    own = [one for one in kept if not is_charge(one[0], counted=False)]
    if row is not None and row.flags and 0 < len(own) < len(kept):  # the total is of the order
        row = clause_row(f" {CUT} ".join(line for line, _ in own), own[0][1], sign, block=True)
    if row is None:
        return None
    if row.name and not (row.reference or row.unit_price is not None or row.total is not None):
        told = next((line for line, _ in kept if row.name in " ".join(line.split())), "")
        if len(re.findall(r"\S {3,}(?=\S)", told)) > 1:
            return None  # the heading of a table, and below it something that was counted
    places = {role: _place(getattr(row, role), kept, place) for role, place in row.places.items()}
    return replace(row, places=places)


def _labelled(block: Sequence[Line]) -> Iterator[Line]:
    """The lines; one that is a label and nothing else goes together with the line below it, if
    that is none."""
    lines = list(block)
    skip = False
    for at, (line, place) in enumerate(lines):
        if skip:
            skip = False
        elif _is_label(line) and at + 1 < len(lines) and not _is_label(lines[at + 1][0]):
            skip = True
            yield f"{line.strip().rstrip(':')}: {lines[at + 1][0].strip()}", place
        else:
            yield line, place


def _is_label(line: str) -> bool:
    bare = line.strip().rstrip(":")
    if not 0 < len(bare) < 30 or bare[-1:].isdigit():
        return False
    meant = roles_of(bare)
    return bool(meant) and max(meant.values()) >= 0.95


def _told(block: Sequence[Line]) -> list[str]:
    """The roles that lines of the form `label: value` name."""
    found = []
    for line, _ in _labelled(block):
        label, _, value = line.partition(":")
        meant = roles_of(label) if value.strip() and len(label) < 30 else {}
        best = max(meant, key=lambda role: meant[role], default="")
        found += [best] if best in ROLES else []
    return found


def _several(lines: Sequence[Line], sign: str | None) -> bool:
    """Whether two of the lines are articles by themselves, with a price of their own."""
    whole = 0
    for line, place in lines if len(lines) > 1 else ():
        row = clause_row(line, place, sign)
        whole += row is not None and row.name is not None and (
            row.unit_price is not None or row.total is not None
        )  # fmt: skip
    return whole > 1


def _charged(line: str) -> bool:
    """A sum or a charge, but not what one article costs: `Line total: 9.00`, `Total: 9.00`."""
    head = re.split(r"[:=]|\s{2,}", spoken.BULLET.sub("", line).strip())[0]
    return is_charge(line, counted=False) and "total" not in roles_of(head)


def _place(value: object, lines: Sequence[Line], otherwise: str) -> str:
    """The line on which a text stands; numbers are told by the first line of the block."""
    if isinstance(value, str):
        return next((place for line, place in lines if value in line), otherwise)
    return otherwise
