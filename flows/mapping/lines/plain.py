"""Tables in plain text: tabs, bars, semicolons, columns held apart by spaces."""

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from flows.mapping.lines.amounts import numeric
from flows.mapping.lines.grid import MAX_ROWS, Cell, Grid, cell, squared
from flows.mapping.lines.records import grid_of
from flows.mapping.lines.words import ROLES, roles_of

MAX_LINES: Final = 2000
_HEADINGS: Final = 6  # lines of one text that are tried as headings
_POSITION: Final = re.compile(
    r"\A\s*(?:pos(?:ition)?|poz|item|line|artikel|article|ligne|zeile|riga|regel|linje)\.?"
    r"\s*(?:no\.?|nr\.?|n°|#)?\s*\d{1,4}\s*[:.)]\s+"
    r"|\A\s*\d{1,2}[.)]\s+(?=[^\W\d]{2}[^,;|\t]*[,;|])",
    re.IGNORECASE,
)
_RULE: Final = re.compile(r"[\s|+=_:.*#~─━═│┃┼├┤┬┴┌┐└┘╔╗╚╝║╠╣╬╦╩┄┈-]*\Z")
_BANNER: Final = re.compile(
    r"\s*(?:\*{2,}|#{2,}|={2,}|-{3,})\s*[^|\d]*\s*(?:\*{2,}|#{2,}|={2,}|-{3,})\s*\Z"
)
_WIDE: Final = re.compile(r"\S+(?: \S+)*")
_MARKS: Final = ("\t", "|", "│", "║", "¦", ";", "~", "^", " / ", ",")


def lines_of(text: str, prefix: str = "") -> list[tuple[str, str]]:
    """The lines with their places; those drawn as rules are left out."""
    return [
        (line, f"{prefix}line {at + 1}")
        for at, line in enumerate(text.splitlines()[:MAX_LINES])
        if len(line) <= 4000 and line.strip() and not _RULE.match(line) and not _BANNER.match(line)
    ]


def grids(text: str, prefix: str = "") -> Iterator[Grid]:
    """Every grid that a plain text may hold."""
    lines = lines_of(text, prefix)
    for mark in _MARKS:
        yield from _delimited(lines, mark)
    led = [(re.sub(r"\s*(?:\.\s?){4,}\s*", "\t", line), place) for line, place in lines]
    if led != lines:  # dots that lead the eye from the name to the price
        yield from _delimited(led, "\t")
    spread = [(line.expandtabs(8).replace("\u00a0", " "), place) for line, place in lines]
    yield from _aligned(spread)
    yield from _gaps(spread)
    found = grid_of([(line, place) for line, place in lines])
    if found:
        yield found


def _runs(lines: Sequence[tuple[str, str]], mark: str) -> Iterator[list[tuple[str, str]]]:
    """Runs of lines that hold the mark."""
    run: list[tuple[str, str]] = []
    need = 1 if mark == "\t" else 2
    for line, place in lines:
        if line.strip().strip("|│║").count(mark) >= need - (mark in "|│║"):
            run.append((line, place))
        else:
            yield run
            run = []
    yield run


def _delimited(lines: Sequence[tuple[str, str]], mark: str) -> Iterator[Grid]:
    for run in _runs(lines, mark):
        if len(run) < 1 or (len(run) == 1 and mark == ","):
            continue
        rows = []
        for line, place in run:
            parts = _split(_POSITION.sub("", line), mark)
            rows.append([cell(one, f"{place}, column {at + 1}") for at, one in enumerate(parts)])
        widths = [len(row) for row in rows]
        usual = max(set(widths), key=widths.count)
        if mark == "," and (widths.count(usual) < len(rows) or usual < 3 or _decimal(run)):
            continue
        if usual >= 2:
            yield Grid(kind="delimited", rows=squared(rows), wraps=mark in "|│║")


def _decimal(run: Sequence[tuple[str, str]]) -> bool:
    """Whether the commas stand within numbers."""
    head = run[0][0]
    if not any(map(str.isdigit, head)) and _count([(0, 0, one) for one in head.split(",")]) >= 2:
        return False
    found = sum(bool(re.search(r"\d,\d\d?(?![\d.])", line)) for line, _ in run)
    return 2 * found > len(run)


def _split(line: str, mark: str) -> list[str]:
    if mark in "|│║¦":
        return [one.strip() for one in line.strip().strip(mark).split(mark)]
    if mark in ",;\t" and '"' in line:
        try:
            return next(csv.reader([line.strip("\n")], delimiter=mark, skipinitialspace=True), [])
        except csv.Error:
            pass
    return [one.strip() for one in line.rstrip().split(mark)]


def _segments(line: str) -> list[tuple[int, int, str]]:
    return [(one.start(), one.end(), one[0]) for one in _WIDE.finditer(line)]


def _aligned(lines: Sequence[tuple[str, str]]) -> Iterator[Grid]:
    """Headings told apart by two spaces or more; what stands below belongs to the nearest."""
    seen: set[str] = set()
    for at, (line, _) in enumerate(lines[:60]):
        if line in seen or len(seen) >= _HEADINGS:
            continue
        apart = _segments(line)
        for heads in (apart, _named(line)):
            least = 2 if heads is apart else 3
            heads = [part for head in heads for part in _counted_first(head)]
            if len(heads) < least or _count(heads) < 2:
                continue
            seen.add(line)
            rows = [[cell(one, "") for _, _, one in heads]]
            for below, place in lines[at + 1 : at + MAX_ROWS]:
                rows.append(_placed(_segments(below), heads, place))
            yield Grid(kind="fixed", rows=squared(rows), wraps=True)
            break
    wide = [(parts, place) for line, place in lines if len(parts := _segments(line)) >= 3]
    if wide:
        rows = [
            [cell(one, f"{place}, column {n + 1}") for n, (_, _, one) in enumerate(parts)]
            for parts, place in wide
        ]
        widths = [len(row) for row in rows]
        usual = max(set(widths), key=widths.count)
        yield Grid(kind="fixed", rows=squared([row for row in rows if len(row) == usual]))


def _counted_first(head: tuple[int, int, str]) -> list[tuple[int, int, str]]:
    """`Lp. Nazwa` as two headings: the number of the row, and the name."""
    start, end, text = head
    first, space, rest = text.partition(" ")
    number, name = roles_of(first), roles_of(rest)
    if not space or number.get("index", 0) < 0.95 or not (name.keys() & set(ROLES)):
        return [head]
    if roles_of(text) and max(roles_of(text).values()) >= 0.95:
        return [head]  # Pos. Nr., Artikel Nr.
    return [(start, start + len(first), first), (end - len(rest), end, rest)]


def _count(heads: Sequence[tuple[int, int, str]]) -> int:
    named = set()
    for _, _, one in heads:
        meant = {} if any(map(str.isdigit, one)) else roles_of(one)
        if meant:
            named.add(max(meant, key=lambda role: meant[role]))
    return len(named & {*ROLES, "index"}) if named & {"quantity"} else 0


def _named(line: str) -> list[tuple[int, int, str]]:
    """Headings with single spaces between them: words joined while together they name a role."""
    tokens = [(one.start(), one.end(), one[0]) for one in re.finditer(r"\S+", line)]
    if len(tokens) > 24 or any(numeric(one) for _, _, one in tokens):
        return []
    found: list[tuple[int, int, str]] = []
    at = 0
    while at < len(tokens):
        for size in (3, 2, 1):
            part = tokens[at : at + size]
            near = all(b[0] - a[1] == 1 for a, b in pairwise(part))
            text = " ".join(one for _, _, one in part)
            if (
                len(part) == size
                and near
                and (
                    size == 1 or (roles_of(text).values() and max(roles_of(text).values()) >= 0.95)
                )
            ):
                found.append((part[0][0], part[-1][1], text))
                at += size
                break
    return found


def _placed(
    parts: Sequence[tuple[int, int, str]], heads: Sequence[tuple[int, int, str]], place: str
) -> list[Cell]:
    if len(parts) == len(heads):
        return [cell(one, f"{place}, column {n + 1}") for n, (_, _, one) in enumerate(parts)]
    texts = [""] * len(heads)
    for start, end, text in parts:
        for begin, stop, inner in _torn(start, end, text, heads):
            near = min(range(len(heads)), key=lambda n: _away(begin, stop, heads[n]))
            texts[near] = f"{texts[near]} {inner}".strip()
    return [cell(one, f"{place}, column {n + 1}") for n, one in enumerate(texts)]


def _torn(
    start: int, end: int, text: str, heads: Sequence[tuple[int, int, str]]
) -> list[tuple[int, int, str]]:
    """A segment that reaches over the beginning of a heading to its right, cut there at a space."""
    for begin, _, _ in heads:
        cut = begin - start
        if 0 < cut < len(text) and text[cut - 1] == " ":
            right = text[cut:].lstrip()
            if any(map(str.isdigit, right.split(" ")[0])) or numeric(text[:cut].strip()):
                return [
                    (start, start + len(text[:cut].rstrip()), text[:cut].rstrip()),
                    *_torn(begin, end, right, [one for one in heads if one[0] > begin]),
                ]
    return [(start, end, text)]


def _away(start: int, end: int, head: tuple[int, int, str]) -> int:
    left, right, _ = head
    shared = min(end, right) - max(start, left)
    if shared > 0:
        return -shared
    return min(abs(start - left), abs(end - right), -shared)


def _gaps(lines: Sequence[tuple[str, str]]) -> Iterator[Grid]:
    """Columns where no line below a heading has a letter."""
    for at, (line, _) in enumerate(lines[:40]):
        heads = [(one.start(), one.end(), one[0]) for one in re.finditer(r"\S+", line)]
        if _count(_segments(line)) < 2 and _count(heads) < 2:
            continue
        block = [one for one in lines[at:] if sum(map(str.isdigit, one[0])) or one[0] is line]
        if len(block) < 3:
            continue
        width = max(len(one) for one, _ in block)
        if width > 400:
            continue
        taken = [any(n < len(one) and one[n] != " " for one, _ in block) for n in range(width)]
        edges, begun = [], -1
        for n, full in enumerate([*taken, False]):
            if full and begun < 0:
                begun = n
            elif not full and begun >= 0:
                edges.append((begun, n))
                begun = -1
        edges = _headed(edges, line)
        rows = [
            [cell(one[a:b], f"{place}, column {n + 1}") for n, (a, b) in enumerate(edges)]
            for one, place in block
        ]
        if len(edges) > 2:
            yield Grid(kind="gaps", rows=squared(rows))
        return


def _headed(edges: Sequence[tuple[int, int]], heading: str) -> list[tuple[int, int]]:
    """The columns; one without a heading belongs to that to its left, a single space away: its
    words only happen to begin below each other."""
    found: list[tuple[int, int]] = []
    for start, end in edges:
        if found and start - found[-1][1] == 1 and not heading[start:end].strip():
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found
