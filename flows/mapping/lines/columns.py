"""Which column of a grid is what: by its heading, by its values, by quantity × price = total."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import pairwise, product
from typing import Final

from flows.mapping.lines import amounts
from flows.mapping.lines.codes import alone
from flows.mapping.lines.grid import Cell, cell
from flows.mapping.lines.words import ROLES, roles_of, words

_TIMES: Final = re.compile(
    r"\s*(?P<count>\d{1,6}(?:[.,]\d{1,3})?)\s*[x×*]\s*(?P<rest>[^\s\d].*|\d+[.,]\d\d.*)\Z"
)
_SAMPLE: Final = 40
_CHOICES: Final = 4
_WEAK: Final = 0.011  # of a column that nothing but its numbers speaks for
_NUMERIC: Final = ("quantity", "unit_price", "total")


@dataclass(frozen=True)
class Column:
    """A column below its heading."""

    label: str
    cells: tuple[Cell, ...]

    @cached_property
    def filled(self) -> list[Cell]:
        return [one for one in self.cells if not one.blank and not one.spread][:_SAMPLE]

    def _share(self, count: int) -> float:
        return count / len(self.filled) if self.filled else 0.0

    @cached_property
    def numeric(self) -> float:
        return self._share(
            sum(
                one.value is not None
                or (amounts.numeric(one.text) and not amounts.percent(one.text))
                for one in self.filled
            )
        )

    @cached_property
    def money(self) -> float:
        return self._share(sum(amounts.money(one.text) for one in self.filled))

    @cached_property
    def codes(self) -> float:
        return self._share(sum(bool(alone(one.text)) for one in self.filled))

    @cached_property
    def worded(self) -> float:
        """Share of cells that hold a word of three letters and are no code."""
        return self._share(
            sum(
                any(len(word) > 2 and not word[0].isdigit() for word in words(one.text))
                and not alone(one.text)
                and not amounts.numeric(one.text)
                for one in self.filled
            )
        )

    @cached_property
    def units(self) -> float:
        return self._share(sum(amounts.is_unit(one.text) for one in self.filled))

    @cached_property
    def length(self) -> float:
        return sum(len(one.text) for one in self.filled) / max(1, len(self.filled))

    @cached_property
    def counting(self) -> bool:
        """Whether it counts the rows: 1, 2, 3 or 10, 20, 30, 001, 002."""
        texts = [one.text.strip(" .)#") for one in self.filled]
        if not texts or not all(one.isdigit() and len(one) < 7 for one in texts):
            return False
        figures = [int(one) for one in texts]
        step = figures[0]
        if len(figures) == 1:
            return step in (1, 10) or texts[0].startswith("0")
        steps = {b - a for a, b in pairwise(figures)}
        return (
            step in (0, 1, 10, 100, 1000)
            and len(steps) <= 2
            and min(steps) > 0
            and (min(steps) in (1, 10, 100, 1000))
        )

    def numbers(self, hint: str | None, *, priced: bool) -> list[Decimal | None]:
        return amounts.amounts(self.cells, hint, priced=priced)

    @cached_property
    def small(self) -> float:
        """Share of whole numbers without a currency."""
        count = 0
        for one in self.filled:
            value = one.value if one.value is not None else amounts.amount(one, None)
            count += (
                value is not None
                and value == value.to_integral_value()
                and not amounts.money(one.text)
            )
        return self._share(count)


def parted(columns: Sequence[Column]) -> list[Column]:
    """The columns, those that hold two things as two: `4 × 45,00 €`, `2 x Lampe`."""
    found: list[Column] = []
    for one in columns:
        matches = [_TIMES.match(inner.text) for inner in one.cells]
        filled = len(one.filled)
        if filled and sum(match is not None for match in matches) * 10 >= filled * 9:
            counts, rest = [], []
            for inner, match in zip(one.cells, matches, strict=True):
                counts.append(cell(match["count"], inner.place) if match else Cell())
                rest.append(cell(match["rest"], inner.place) if match else inner)
            priced = sum(amounts.numeric(inner.text) for inner in rest) * 2 > len(rest)
            if not priced and (filled < 2 or any(amounts.money(inner.text) for inner in rest)):
                found.append(one)
                continue
            meant = "unit price" if priced else "name"
            found.append(Column("quantity" if one.label else "", tuple(counts)))
            found.append(Column(meant if one.label else "", tuple(rest)))
        else:
            found.append(one)
    return found


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Where the roles stand; `named` are those that a heading named."""

    columns: Mapping[str, int]
    named: frozenset[str]
    score: float
    arithmetic: float | None


def _fit(role: str, column: Column, header: float, *, late: bool) -> float:
    """How well a column's values suit a role, -9 where they cannot; `late` says that other
    columns stand before it, and numbers of rows stand first."""
    if not column.filled:
        return -9 if not header else 0.0
    if role in _NUMERIC:
        if column.numeric < 0.5 and not (header >= 0.6 and _has_figures(column)):
            return -9
        if role == "quantity":
            if column.money > 0.5 and not column.small:
                return -2.0 if header < 0.9 else -0.8
            return (
                0.3
                + 0.5 * column.small
                - 0.8 * column.money
                - (0 if not column.counting or header >= 0.6 else 0.2 if late else 1.2)
            )
        return 0.2 + 0.6 * column.money - (0.6 if column.counting and not header else 0)
    if role == "reference":
        if column.counting and len(column.filled) > 1 and header < 0.95:
            return -9
        if column.worded > 0.7 and column.codes < 0.3:
            return -1.2 if header >= 0.7 and column.length < 25 else -9
        if column.money > 0.5 and column.numeric > 0.5:
            return -9
        if not header and any(one.value is not None and "." in one.text for one in column.filled):
            return -9
        if column.counting and len(column.filled) == 1 and header < 0.8:
            return -1
        if (
            not header
            and column.label
            and not any(re.search(r"[^\W\d]|\d{4}", one.text) for one in column.filled)
        ):
            return -9  # 12-13 under a heading that says nothing
        plain = column.numeric > 0.9 and not header
        return 0.8 * column.codes - (0.5 if plain and column.length < 5 else 0)
    if column.counting or column.numeric > 0.6:
        return -9 if header < 0.9 else -1.2
    if column.units > 0.5 and header < 0.9:
        return -9
    return 0.8 * column.worded + min(column.length, 40) / 100 - 0.5 * column.codes


def _has_figures(column: Column) -> bool:
    count = sum(any(map(str.isdigit, one.text)) for one in column.filled)
    return count * 2 >= len(column.filled)


def _candidates(
    columns: Sequence[Column], headed: bool, loose: bool
) -> dict[str, list[tuple[int, float, bool]]]:
    found: dict[str, list[tuple[int, float, bool]]] = {}
    known = [roles_of(one.label) if one.label else {} for one in columns]
    for role in ROLES:
        choices: list[tuple[int, float, bool]] = []
        for at, column in enumerate(columns):
            header = known[at].get(role, 0.0)
            if headed and column.label and not header:
                best = max(known[at], key=lambda one: known[at][one], default="")
                generic = best in ("name", "reference", "") and role in ("name", "reference")
                unknown = not known[at] and (loose or role in _NUMERIC)
                # Amounts of money in every cell are no name and no count, whatever the heading.
                unknown = unknown or (
                    role in ("unit_price", "total")
                    and best in ("name", "reference", "index", "quantity", "unit")
                    and column.money == 1
                )
                if not (generic or unknown):
                    continue
            fit = _fit(
                role,
                column,
                header,
                late=not headed and (at > 1 or (at == 1 and columns[0].worded > 0.5)),
            )
            if fit <= -9:
                continue
            score = 2.0 * header + fit
            floor = 0.0 if header else 0.35 if headed and column.label else 0.3
            named = headed and bool(column.label)
            weak = not header and role in _NUMERIC and (named or role != "quantity")
            if weak and (score <= floor or (named and not loose)):
                choices.append((at, _WEAK, False))  # only arithmetic can speak for it
            elif score > floor:
                choices.append((at, score if header else score * 0.7, header > 0))
        choices.sort(key=lambda one: -one[1])
        found[role] = choices[:_CHOICES]
    return found


def _combinations(
    found: Mapping[str, list[tuple[int, float, bool]]],
) -> Iterator[tuple[float, dict[str, tuple[int, bool]]]]:
    options = [[*found[role], None] for role in ROLES]
    for choice in product(*options):
        taken = [one[0] for one in choice if one is not None]
        if len(taken) != len(set(taken)):
            continue
        roles = {
            role: (one[0], one[2])
            for role, one in zip(ROLES, choice, strict=True)
            if one is not None
        }
        yield sum(one[1] for one in choice if one is not None), roles


def layout_of(
    columns: Sequence[Column], hint: str | None, *, headed: bool, loose: bool = False
) -> Layout | None:
    """The best reading of the columns; None where no quantity or neither name nor reference.

    `headed`: the labels are headings, and a number under a heading that means something else
    is not taken. `loose`: labels are names that a developer chose and may say nothing.
    """
    found = _candidates(columns, headed, loose)
    if not found["quantity"] or not (found["name"] or found["reference"]):
        return None
    off = _discounts(columns, hint)
    cache: dict[tuple[int, int, int], float | None] = {}
    best: Layout | None = None
    first = {at: words(one.label, camel=True)[:1] for at, one in enumerate(columns)}
    for score, roles in _combinations(found):
        if "quantity" not in roles or not ("name" in roles or "reference" in roles):
            continue
        arithmetic = None
        if "unit_price" in roles and "total" in roles:
            key = (roles["quantity"][0], roles["unit_price"][0], roles["total"][0])
            if key not in cache:
                cache[key] = _arithmetic(columns, key, hint, off)
            arithmetic = cache[key]
            if arithmetic == 0 and _second(columns, roles):
                continue  # Price net, Price gross: the other is no total
            if arithmetic is not None:
                score += 2.2 * arithmetic - 1.1
        counted = roles["quantity"][1] or not (headed and loose)
        if not counted and not (arithmetic == 1 and len(columns[0].cells) > 1):
            continue  # nobody said that it counts anything
        if _unsaid(found, roles) and not (arithmetic == 1 and len(columns[0].cells) > 1):
            continue
        if not headed:
            score += _order(roles)
        elif loose:
            at = [first[one] for one, _ in roles.values()]
            score += 0.15 * max(map(at.count, at))
        if best is None or score > best.score:
            best = Layout(
                columns={role: at for role, (at, _) in roles.items()},
                named=frozenset(role for role, (_, named) in roles.items() if named),
                score=score,
                arithmetic=arithmetic,
            )
    return best


def _second(columns: Sequence[Column], roles: Mapping[str, tuple[int, bool]]) -> bool:
    """Whether price or total is but the second meaning of a heading."""
    return any(
        0 < roles_of(columns[roles[role][0]].label).get(role, 0) < 0.5
        for role in ("unit_price", "total")
    )


def _unsaid(
    found: Mapping[str, list[tuple[int, float, bool]]], roles: Mapping[str, tuple[int, bool]]
) -> bool:
    """Whether a role was given to a column that nothing speaks for yet."""
    chosen = {(role, at) for role, (at, _) in roles.items()}
    return any(
        score == _WEAK and (role, at) in chosen
        for role, choices in found.items()
        for at, score, _ in choices
    )


def _discounts(columns: Sequence[Column], hint: str | None) -> list[Decimal | None] | None:
    for one in columns:
        meant = roles_of(one.label)
        if max(meant, key=lambda role: meant[role], default="") == "discount":
            bare = [
                Cell(tuple(line.replace("%", "") for line in inner.lines), value=inner.value)
                for inner in one.cells
            ]
            return amounts.amounts(bare, hint)
    return None


def _order(roles: Mapping[str, tuple[int, bool]]) -> float:
    """Without headings: the price before the total, the price behind the quantity."""
    at = {role: one[0] for role, one in roles.items()}
    score = 0.0
    if "unit_price" in at and "total" in at:
        score += 0.3 if at["unit_price"] < at["total"] else -0.3
    elif "total" in at:
        score -= 0.6
    return score


def _arithmetic(
    columns: Sequence[Column],
    at: tuple[int, int, int],
    hint: str | None,
    off: Sequence[Decimal | None] | None,
) -> float | None:
    """Share of the rows in which quantity × price is the total; None where no row has all."""
    quantity, price, total = (columns[one] for one in at)
    found = [
        any(amounts.agrees(q, one, t) for one in (p, *_reduced(p, d)))
        for q, p, t, d in zip(
            quantity.numbers(hint, priced=False)[:_SAMPLE],
            price.numbers(hint, priced=True)[:_SAMPLE],
            total.numbers(hint, priced=True)[:_SAMPLE],
            (off or [None] * len(quantity.cells))[:_SAMPLE],
            strict=True,
        )
        if q is not None and p is not None and t is not None
    ]
    return sum(found) / len(found) if found else None


def _reduced(price: Decimal, discount: Decimal | None) -> Iterator[Decimal]:
    """What a price comes to with its discount, in percent or in money."""
    if discount:
        yield price * (100 - abs(discount)) / 100
        yield price - abs(discount)
