"""A street line in its parts."""

import pytest

from flows.mapping.addresses import Street, part


@pytest.mark.parametrize(
    ("line", "before", "street", "number", "after"),
    [
        ("56, route de Genève", "", "route de Genève", "56", ""),
        ("Piazza dell'Indipendenza 14", "", "Piazza dell'Indipendenza", "14", ""),
        ("574 E 10th Street", "", "E 10th Street", "574", ""),
        ("3940 Radio Road, Unit 110", "", "Radio Road", "3940", "Unit 110"),
        ("D 6, 2", "", "D 6", "2", ""),
        ("13 2ème Avenue", "", "2ème Avenue", "13", ""),
        ("Apenrader Str. 16 / Whg. 9", "", "Apenrader Str.", "16", "Whg. 9"),
        ("Turm, Bayreuther Str. 108, 2. Stock", "Turm", "Bayreuther Str.", "108", "2. Stock"),
        ("Corso XXII Marzo 69", "", "Corso XXII Marzo", "69", ""),
        ("Frauenplatz 14 A", "", "Frauenplatz", "14 A", ""),
        ("Mannerheimintie 13A2", "", "Mannerheimintie", "13A2", ""),
        ("Straße des 17. Juni 135", "", "Straße des 17. Juni", "135", ""),
        ("Lindenweg 13-15", "", "Lindenweg", "13-15", ""),
        ("Unit 3, 14 Park Avenue", "Unit 3", "Park Avenue", "14", ""),
        ("Via Roma, 12/A", "", "Via Roma", "12/A", ""),
        ("Am Wald", "", "Am Wald", "", ""),
        ("Müllerstr.15", "", "Müllerstr.", "15", ""),
    ],
)  # fmt: skip
def test_a_line(line: str, before: str, street: str, number: str, after: str) -> None:
    assert part(line) == Street(before=before, street=street, number=number, after=after)
