"""Order lines packed into one text."""

from decimal import Decimal

from flows.mapping.lines import read_lines
from flows.mapping.lines.packed import grids


def test_rows_and_fields_are_parted_by_marks_of_their_own() -> None:
    [grid] = grids("Cart", ["R-1:Rope:5:2.00;H-2:Hook:6:3.00"])
    assert [[one.text for one in row] for row in grid.rows] == [
        ["R-1", "Rope", "5", "2.00"],
        ["H-2", "Hook", "6", "3.00"],
    ]


def test_rows_of_unequal_length_are_not_packed() -> None:
    assert not list(grids("Note", ["a:b:c;d:e"]))
    assert not list(grids("Note", ["one/two/three", "four"]))


def test_packed_lines_are_read() -> None:
    found = read_lines({"BestPos": ["1/4711/Hammer/2/19,90", "2/4712/Zange/1/12,50"]}, "items")
    assert [(one.reference, one.name, one.quantity, one.unit_price) for one in found.rows] == [
        ("4711", "Hammer", Decimal(2), Decimal("19.90")),
        ("4712", "Zange", Decimal(1), Decimal("12.50")),
    ]
