"""Headings and charges in three languages."""

import pytest

from flows.mapping.lines.words import is_charge, roles_of


@pytest.mark.parametrize(
    ("label", "role"),
    [
        ("Art.-Nr.", "reference"), ("Réf.", "reference"), ("SKU", "reference"),
        ("ItemCode", "reference"), ("Bezeichnung", "name"), ("Désignation", "name"),
        ("Item_Desc", "name"), ("Auftragsmenge", "quantity"), ("Qté", "quantity"),
        ("i1Quant", "quantity"), ("Stück", "quantity"), ("Stückpreis", "unit_price"),
        ("P.U. HT", "unit_price"), ("E-Preis", "unit_price"), ("Price (EUR)", "unit_price"),
        ("G-Preis", "total"), ("Montant HT", "total"), ("Line total", "total"),
        ("#", "index"), ("MwSt.", "tax"), ("Rabatt", "discount"),
        ("Qty delivered", "other"), ("Lieferdatum", "other"), ("EAN", "other"),
    ],
)  # fmt: skip
def test_a_heading_names_a_role(label: str, role: str) -> None:
    found = roles_of(label)
    assert max(found, key=lambda one: found[one]) == role


@pytest.mark.parametrize(
    "label",
    ["Zwischensumme", "Versandkosten DHL", "zzgl. 19 % MwSt.", "Frais de port", "Sous-total HT",
     "Total",
     "Shipping (UPS Ground)", "TVA 20 %", "Gutschein SOMMER10", "Discount (SPRING)",
     "Livraison offerte"],
)  # fmt: skip
def test_a_charge_is_no_article(label: str) -> None:
    assert is_charge(label, counted=False, negative=label.startswith(("Disc", "Gut")))


@pytest.mark.parametrize(
    "label",
    ["Versandtasche C4", "Total Care Cream", "Shipping box large", "Portoroko wine", "Lampe"],
)
def test_an_article_is_no_charge(label: str) -> None:
    assert not is_charge(label, counted=True)
