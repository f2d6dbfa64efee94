"""Items of a Notes document as grids: lists that run side by side, and numbered items."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from connectors.sdk.codec import loads
from flows.mapping.lines.grid import MAX_ROWS, Cell, Grid, cell, squared
from flows.mapping.lines.words import ORDER_WORDS, ROLES, is_row_prefix, roles_of, words
from flows.mapping.values import ValueLimitError, number, text

_NUMBERED: Final = re.compile(r"\d{1,4}")
_AMOUNT: Final = ("amount", "value", "net", "betrag", "montant")
_LETTER: Final = re.compile(r".*(?:[a-z]|[_-])[A-Z]\Z")
_PAIR: Final = re.compile(r"\s*([$\w][\w .$/-]{0,60}?)\s*[:=]\s*(.*)\Z")
_SEPARATORS: Final = ("\n", ";", "|", "~", "^", ",")

Items = dict[str, list[Any]]


def items_of(content: Any) -> Items:
    """Values by item name, each as a list.

    Takes an object of values (as DDS gives them), a list of `{name, value | values}`, such JSON
    as text, or lines `Name: value; value`. Unknown shapes give nothing.
    """
    if isinstance(content, str):
        try:
            content = loads(content)
        except ValueError:
            return _lines(content)
    if isinstance(content, Mapping) and len(content) == 1:
        inner = next(iter(content.values()))
        if isinstance(inner, Mapping) and not {"data", "content", "values", "value"} & inner.keys():
            content = inner
    if isinstance(content, Mapping) and content and all(str(one).isdigit() for one in content):
        return {"": list(content.values())}
    if isinstance(content, Mapping):
        for key in ("items", "fields", "document"):
            inner = content.get(key)
            if isinstance(inner, Mapping | list) and _named(inner):
                return items_of(inner)
        return {str(name): _values(value) for name, value in content.items()}
    if isinstance(content, list):
        named = [one for one in content if isinstance(one, Mapping)]
        keys = ("name", "@name", "item", "field", "Name")
        found: Items = {}
        for one in named:
            name = next((one[key] for key in keys if isinstance(one.get(key), str)), None)
            if name is None:
                continue
            for key in ("values", "value", "text", "data", "Values", "Value"):
                if key in one:
                    found[name] = _values(one[key])
                    break
        return found if len(found) == len(named) else {"": content}
    return {}


def _named(inner: Any) -> bool:
    if isinstance(inner, Mapping):
        return True
    return all(isinstance(one, Mapping) and {"name", "@name"} & one.keys() for one in inner)


def _lines(content: str) -> Items:
    found: Items = {}
    for line in content.splitlines()[:MAX_ROWS]:
        match = _PAIR.match(line)
        if not match:
            continue
        value = match[2].strip()
        try:
            found[match[1]] = _values(loads(value)) if value[:1] in '["' else [value]
        except ValueError:
            found[match[1]] = [value.strip('"')]
    return found


def _values(value: Any) -> list[Any]:
    if isinstance(value, Mapping) and value and all(str(key).isdigit() for key in value):
        return list(value.values())  # rows by their numbers
    if isinstance(value, Mapping):
        for key in ("values", "value", "data"):
            if key in value and len(value) <= 3 and "contentType" not in value:
                return _values(value[key])
        return [value]
    return value if isinstance(value, list) else [value]


def families(items: Items) -> Iterator[tuple[str, list[Any]]]:
    """Texts in numbered items as one list: `Line1: 2 x Lamp`, `Line2: 1 x Table`."""
    found: dict[str, list[tuple[int, Any]]] = defaultdict(list)
    for name, values in items.items():
        match = re.search(r"\d{1,4}\Z", name)
        if match and len(values) == 1 and isinstance(values[0], str):
            found[name[: match.start()].rstrip("_-. ")].append((int(match[0]), values[0]))
    for name, texts in found.items():
        kept = [text for _, text in sorted(texts, key=lambda one: one[0]) if text.strip()]
        if len(kept) > 1 and any(len(one) > 12 for one in kept):
            yield name, kept


def grids(items: Items) -> Iterator[Grid]:
    """Every grid that the items may form."""
    shown = {name: values for name, values in items.items() if not name.startswith(("$", "@"))}
    yield from _objects(shown)
    for flat in (shown, _parted(shown)):
        if flat:
            yield from _parallel(flat)
    yield from _numbered(shown)
    lettered = _lettered(shown)
    if lettered:
        yield from _numbered(lettered)


def _cell(value: Any, place: str) -> Cell:
    if isinstance(value, bool) or value is None or isinstance(value, Mapping | list):
        return Cell((), place)
    if isinstance(value, int | Decimal | float):
        try:
            figure = number(value)
            return Cell((text(figure),), place, Decimal(figure))
        except ValueLimitError:  # no amount of anything
            return Cell((), place)
    return cell(str(value), place)


def _simple(values: Sequence[Any]) -> bool:
    return not any(isinstance(one, Mapping | list) for one in values)


def _parallel(items: Items) -> Iterator[Grid]:
    lists = {name: values for name, values in items.items() if len(values) > 1 and _simple(values)}
    known = {name: found for name in lists if (found := _row_roles(name))}
    lengths = Counter(
        len(values) for name, values in lists.items() if "quantity" in known.get(name, ())
    )
    lengths += Counter(len(lists[name]) for name in known)
    for size in [one for one, _ in lengths.most_common(3)] or sorted(
        {len(v) for v in lists.values()}
    ):
        alike = {
            name: values
            for name, values in lists.items()
            if len(values) == size or (name in known and abs(len(values) - size) < max(2, size))
        }
        strict = {name: values for name, values in alike.items() if len(values) == size}
        first = Counter(words(name, camel=True)[:1] for name in strict)
        family = next((word for word, count in first.most_common(1) if count > 2), None)
        if family:  # PartNo, PartQty, PartCost: a shorter list of another name is no part
            alike = {
                name: values
                for name, values in alike.items()
                if name in strict or words(name, camel=True)[:1] == family
            }
        yield from _grid(alike)
        if len(strict) < len(alike):
            yield from _grid(strict)
    if not lists or not known:
        single = {
            name: values
            for name, values in items.items()
            if len(values) == 1
            and _simple(values)
            and len(str(values[0])) < 300
            and _row_roles(name)
        }
        yield from _grid(_of_rows(_unnumbered(single)))


def _unnumbered(items: Items) -> Items:
    """Without families of numbered names: they are rows of their own."""
    families = Counter(_NUMBERED.sub("\0", name) for name in items)
    return {
        name: values for name, values in items.items() if families[_NUMBERED.sub("\0", name)] < 2
    }


def _row_roles(name: str) -> dict[str, float]:
    found = roles_of(name)
    return found if any(one in ROLES or one == "index" for one in found) else {}


def _of_rows(items: Items) -> Items:
    """Without what belongs to the order as a whole: its number, its customer, its total."""
    return {
        name: values
        for name, values in items.items()
        if not (ORDER_WORDS & set(words(name, camel=True)))
        or "quantity" in roles_of(name)
        or (words(name, camel=True)[0] not in ORDER_WORDS)
    }


def _grid(items: Items) -> Iterator[Grid]:
    if len(items) < 2:
        return
    size = min(max(map(len, items.values())), MAX_ROWS)
    ragged = len({len(values) for values in items.values()}) > 1
    columns = [
        [_cell(value, f"item {name}, value {at + 1}") for at, value in enumerate(values[:size])]
        + [Cell()] * (size - len(values))
        for name, values in items.items()
    ]
    yield Grid(
        kind="items",
        rows=tuple(zip(*columns, strict=True)),
        labels=_unprefixed(list(items)),
        keeps=True,
        flags=("ragged",) if ragged else (),
    )


def _unprefixed(names: Sequence[str]) -> tuple[str, ...]:
    """Names without the word for a row that three or more begin with: PosPreis beside PosMenge
    is a price, while a Positionspreis by itself is what the row costs."""
    first = Counter(words(name, camel=True)[:1] for name in names)
    shared = {
        one[0]
        for one, count in first.items()
        if one and count > 2 and (is_row_prefix(one[0]) or 2 * count >= len(names))
    }
    shown = []
    for name in names:
        found = words(name, camel=True)
        rest = " ".join(found[1:])
        shown.append(rest if found and found[0] in shared and roles_of(rest) else name)
    return tuple(shown)


def _parted(items: Items) -> Items:
    """Lists that were joined into one text: `A-1; B-2` beside `2; 1`."""
    single = {
        name: str(values[0])
        for name, values in items.items()
        if len(values) == 1 and isinstance(values[0], str) and len(values[0]) < 20_000
    }
    for mark in _SEPARATORS:
        parts = {
            name: [one.strip() for one in value.strip().strip(mark).split(mark)]
            for name, value in single.items()
            if mark in value.strip().strip(mark) and _row_roles(name)
        }
        sizes = Counter(len(one) for one in parts.values())
        if sizes and sizes.most_common(1)[0][1] >= 2:
            return {name: list(one) for name, one in parts.items()}
    return {}


def _objects(items: Items) -> Iterator[Grid]:
    """A list of objects: `{"sku": "A-1", "qty": 2}`."""
    for name, values in items.items():
        rows = [_inner(one) for one in values if isinstance(one, Mapping)][:MAX_ROWS]
        if not rows or len(rows) < len(values):
            continue
        keys = list(dict.fromkeys(str(key) for one in rows for key in one))[:60]
        if len(keys) > 1:
            where = f"item {name}, " if name else ""
            yield Grid(
                kind="items",
                labels=tuple(keys),
                rows=tuple(
                    tuple(_cell(one.get(key), f"{where}value {at + 1}, {key}") for key in keys)
                    for at, one in enumerate(rows)
                ),
            )
        for one in rows[:20]:
            if any(isinstance(inner, list | Mapping) for inner in one.values()):
                yield from _objects({str(key): _values(inner) for key, inner in one.items()})


def _inner(one: Mapping[str, Any]) -> Mapping[str, Any]:
    """An object within an object that holds nothing else: `{"node": {"sku": "A-1"}}`."""
    inner = next(iter(one.values()), None) if len(one) == 1 else None
    return _flat(inner if isinstance(inner, Mapping) else one)


def _flat(one: Mapping[str, Any]) -> dict[str, Any]:
    """Objects within a row as fields of the row: `{"article": {"number": "A-1"}}`."""
    found: dict[str, Any] = {}
    for key, value in list(one.items())[:60]:
        if isinstance(value, Mapping) and _simple(list(value.values())):
            for name, inner in list(value.items())[:20]:
                found[str(key) if name in _AMOUNT else f"{key} {name}"] = inner
        else:
            found[str(key)] = value
    return found


def _numbered(items: Items) -> Iterator[Grid]:
    """`Item_1`, `Qty_1`, `Pos1Menge`, `i2Desc`: one family for each place of the number."""
    for which in (-1, 0):
        families: dict[str, dict[int, tuple[str, Any]]] = defaultdict(dict)
        for name, values in items.items():
            figures = list(_NUMBERED.finditer(name))
            if not figures or len(values) != 1 or not _simple(values):
                continue
            at = figures[which]
            template = f"{name[: at.start()]}\0{name[at.end() :]}"
            families[template][int(at[0])] = (name, values[0])
        for name, values in items.items():  # the first row may lack its number: Qty, Qty_2, Qty_3
            for template in (f"{name}\0", f"{name}_\0", f"{name}-\0"):
                if template in families and len(values) == 1 and _simple(values):
                    families[template].setdefault(min(families[template]) - 1, (name, values[0]))
        yield from _family(families)
        if which == -1 and not any(len(_NUMBERED.findall(name)) > 1 for name in items):
            return


def _lettered(items: Items) -> Items:
    """`QtyA`, `QtyB`, `Price_A`: the letter as the number of the row."""
    families: dict[str, set[str]] = defaultdict(set)
    for name in items:
        if _LETTER.match(name):
            families[name[:-1]].add(name[-1])
    several = {one for one, found in families.items() if {"A", "B"} <= found}
    return {
        f"{name[:-1]}{ord(name[-1]) - 64}": values
        for name, values in items.items()
        if _LETTER.match(name) and name[:-1] in several
    }


def _label(template: str) -> str:
    """The heading of a numbered item: Pos1Preis is the price of the first row, while a
    Positionspreis is what the row costs."""
    before, _, after = template.partition("\0")
    bare = after.strip(" _-.")
    meant = roles_of(bare) if len(bare) > 1 and is_row_prefix(before) else {}
    if meant and max(meant, key=lambda one: meant[one]) != "index":
        return bare
    return " ".join(f"{before} {after}".split())


def _family(families: Mapping[str, Mapping[int, tuple[str, Any]]]) -> Iterator[Grid]:
    counts = [
        template for template in families if "quantity" in roles_of(template.replace("\0", " "))
    ]
    for template in counts[:4]:
        indexes = set(families[template])
        related = {
            one: found
            for one, found in families.items()
            if 2 * len(indexes & set(found)) >= len(indexes)
        }
        every = sorted(set().union(*(set(found) for found in related.values())))[:MAX_ROWS]
        rows = [
            [
                _cell(found[at][1], f"item {found[at][0]}") if at in found else Cell()
                for found in related.values()
            ]
            for at in every
        ]
        labels = tuple(_label(one) for one in related)
        yield Grid(kind="numbered", rows=squared(rows), labels=labels)
