"""Values speak where names say nothing, and only there."""

import pytest

from flows.mapping.matcher import read_fields
from flows.mapping.matcher.evident import evident, is_whole_address
from flows.mapping.matcher.profile import profile
from flows.mapping.matcher.reading import read

NOBODY: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("values", "about", "concept"),
    [
        (["ada@example.org", "jo@elm.example"], "customer", "person.email"),
        (["LS1 4AP", "YO21 1AA"], "customer", "address.postcode"),
        (["67146 Deidesheim", "12045 Berlin"], "customer", "address.postcode_city"),
        (["DEUTSCHLAND", "Frankreich"], "customer", "address.country"),
        (["Rebenweg 3", "12 rue des Lilas"], "customer", "address.street"),
        (["Elm GmbH", "North Parts Ltd"], "customer", "company.name"),
        (["+44 113 555 0100", "+49 30 555010"], "customer", "person.phone"),
        (["55210055400013", "81234567800021"], "customer", "company.registration"),
        (["PayPal", "Vorkasse"], "order", "order.payment_method"),
        (["DHL", "UPS"], "order", "order.carrier"),
        (["4006381333931", "4009900483292"], "product", "product.ean"),
        (["<p>Glue</p>", "<p>Good <b>chair</b></p>"], "product", "product.description"),
    ],
)  # fmt: skip
def test_a_shape_of_its_own_is_known(values: list[str], about: str, concept: str) -> None:
    assert evident(profile(values), about, NOBODY)[0][0] == concept


@pytest.mark.parametrize(
    "values",
    [["4W", "2W"], ["0", "7"], ["AB", "CD"], ["8.1", "13.4"], ["ada@example.org"], ["", ""]],
)
def test_what_many_things_look_like_says_nothing(values: list[str]) -> None:
    assert evident(profile(values), "customer", NOBODY) == ()


def test_several_lines_with_a_town_are_an_address() -> None:
    assert is_whole_address(profile(["Rebenweg 3\n67146 Deidesheim\nDeutschland"]))
    assert not is_whole_address(profile(["Bitte klingeln\nzweimal"]))


def test_a_name_that_is_known_wins_over_its_values() -> None:
    fields = read_fields(
        [{"name": "Nachname"}, {"name": "Vorname"}],
        [{"Nachname": "Berlin", "Vorname": "Paris"}, {"Nachname": "Wien", "Vorname": "London"}],
    )
    found, _ = read(fields)

    assert [one.best for one in found] == ["person.last", "person.first"]
