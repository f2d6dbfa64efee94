"""What fields mean, alone and among their siblings."""

import shlex

import pytest

from flows.mapping.matcher.concepts import RELATED
from flows.mapping.matcher.field import Field
from flows.mapping.matcher.profile import profile
from flows.mapping.matcher.reading import Reading, read
from tests.bench.mapping.sets import SETS

# Siblings that say what a list of fields is about.
ABOUT = {
    "order": ["OrderNo", "OrderDate", "Currency", "current_state"],
    "customer": ["CustomerNo", "FirstName", "Email", "Company"],
    "product": ["SKU", "EAN", "Price", "Category"],
}


def readings(*names: str) -> dict[str, Reading]:
    found, _ = read([Field(name=name, type="text") for name in names])
    return {one.field.name: one for one in found}


def known(name: str, about: str, concept: str) -> bool:
    siblings = [Field(name=one, type="text") for one in ABOUT[about]]
    found, _ = read([*siblings, Field(name=name, type="text")], about)
    meant = found[-1].meanings
    near = [one for one, strength in meant if strength >= meant[0][1] - 0.05]
    return any(one == concept or RELATED.get((one, concept), (0.0, ""))[0] >= 0.9 for one in near)


def test_nearly_every_name_of_other_systems_is_known() -> None:
    right, wrong = 0, []
    for line in (SETS["development"] / "names.txt").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        about, concept, names = line.split("|")
        about = {"address": "customer"}.get(about, about)
        for name in shlex.split(names):
            if known(name, about, concept):
                right += 1
            else:
                wrong.append(f"{name}: {concept}")
    assert right / (right + len(wrong)) >= 0.95, "\n".join(wrong)


def test_a_bare_name_beside_a_first_name_is_a_last_name() -> None:
    assert readings("Vorname", "Name", "PLZ")["Name"].best == "person.last"
    assert readings("KundenNr", "Name", "PLZ")["Name"].best != "person.last"


def test_a_name_whose_values_are_firms_is_a_company() -> None:
    seen, _ = read(
        [
            Field(name="KundenNr"),
            Field(name="Name", profile=profile(["Muster GmbH", "Dupont SARL"])),
            Field(name="PLZ"),
        ]
    )
    assert seen[1].best == "company.name"


def test_an_address_is_whole_where_no_town_stands_beside_it() -> None:
    assert readings("Anschrift", "EMail")["Anschrift"].best == "address.full"
    assert readings("Anschrift", "PLZ", "Ort")["Anschrift"].best == "address.street"


def test_where_only_the_delivery_is_marked_the_other_is_the_invoice() -> None:
    found = readings("Strasse", "PLZ", "LiefStrasse", "LiefPLZ", "BestellNr")
    assert found["PLZ"].roles == {"invoice"}
    assert found["LiefPLZ"].roles == {"delivery"}


@pytest.mark.parametrize(
    ("names", "rows"),
    [
        (["Pos1_Menge", "Pos2_Menge", "Pos1_EP", "Pos2_EP", "Ort"], {"Pos1_Menge", "Pos2_EP"}),
        (["Adresse1", "Adresse2", "Telefon1", "Telefon2", "Ort"], set()),
    ],
)
def test_what_is_numbered_alike_is_a_row_only_where_goods_are_meant(
    names: list[str], rows: set[str]
) -> None:
    found = readings(*names)
    marked = {name for name, one in found.items() if one.row}
    assert rows <= marked
    assert bool(rows) == bool(marked)


def test_letters_that_most_names_begin_with_are_taken_away() -> None:
    names = ["OXZIP", "OXCITY", "OXFNAME", "OXLNAME", "OXSTREET", "OXCOMPANY"]
    found = readings(*names)
    assert found["OXZIP"].best == "address.postcode"
    assert found["OXLNAME"].best == "person.last"
    assert readings("OXZIP", "Ort")["OXZIP"].best == ""


@pytest.mark.parametrize(
    ("name", "concept"),
    [
        ("BES_NUM", "order.reference"),
        ("Lie_Dat", "order.delivery_date"),
        ("BESTNUMM", "order.reference"),
        ("RechDatu", "order.invoice_date"),
    ],
)
def test_cut_off_words_are_completed_where_together_they_name_something(
    name: str, concept: str
) -> None:
    assert readings("Bestelldatum", "Kundennummer", "Waehrung", name)[name].best == concept
