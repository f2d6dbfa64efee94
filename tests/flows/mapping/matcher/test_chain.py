"""The proposed functions do to the samples what the suggestion says: every chain is run."""

from decimal import Decimal
from typing import Any

import pytest

from flows.mapping.command import answer
from flows.mapping.functions import FUNCTIONS
from flows.mapping.functions.call import call
from tests.bench.mapping.maps import development

ADDRESS = "Max Muster\nHauptstraße 12a\n10115 Berlin\nDeutschland"


def chain(
    source: dict[str, str], target: str, sample: Any, others: tuple[str, ...] = ()
) -> list[dict[str, Any]]:
    found = answer(
        {
            "task": "map",
            "source_fields": [source],
            "target_fields": [{"name": name} for name in (target, *others)],
            "samples": [{source["name"]: sample}],
        }
    )
    best = next(one for one in found if one["target"] == target)
    return list(best["transform"].get("functions", []))


def run(functions: list[dict[str, Any]], value: Any) -> Any:
    for one in functions:
        params = {key: given for key, given in one.items() if key != "name"}
        value = call(one["name"], value, params)
    return value


@pytest.mark.parametrize(
    ("source", "type_", "target", "sample", "wanted", "others"),
    [
        ("Anschrift", "text", "address1", ADDRESS, "Hauptstraße 12a", ("postcode", "city")),
        ("Anschrift", "text", "postcode", ADDRESS, "10115", ("address1", "city")),
        ("Anschrift", "text", "city", ADDRESS, "Berlin", ("address1", "postcode")),
        ("Kundenname", "text", "firstname", "Mara Quill", "Mara", ("lastname",)),
        ("Kundenname", "text", "lastname", "Quill, Mara", "Quill", ("firstname",)),
        ("Land", "text", "country_iso_code", "Österreich", "AT", ("city",)),
        ("Einzelpreis netto", "text", "unit_price_tax_excl", "1.234,50 €", Decimal("1234.50"), ()),
        ("Gesamt brutto", "text", "total_paid_tax_incl", "1.234,50", Decimal("1234.50"), ()),
        ("Newsletter", "text", "newsletter", "j", True, ("email",)),
        ("Gesperrt", "text", "active", "n", True, ("email", "lastname", "firstname")),
        ("Auftragsstatus", "text", "current_state", "Versendet", "4", ("reference",)),
        ("Auftragsdatum", "text", "date_add", "12.03.2026", "2026-03-12", ("reference",)),
    ],
)  # fmt: skip
def test_the_chain_makes_the_target_value(
    source: str, type_: str, target: str, sample: Any, wanted: Any, others: tuple[str, ...]
) -> None:
    functions = chain({"name": source, "type": type_}, target, sample, others)

    assert functions, "nothing was proposed"
    made = run(functions, sample)
    assert (str(made) == wanted) if isinstance(wanted, str) else made == wanted


def test_an_incomplete_table_of_states_is_left_to_a_person() -> None:
    found = answer(
        {
            "task": "map",
            "source_fields": [{"name": "Auftragsstatus"}],
            "target_fields": [{"name": "current_state"}],
            "samples": [{"Auftragsstatus": "Versendet"}, {"Auftragsstatus": "Zu Xaver"}],
        }
    )

    assert found[0]["transform"]["parameters"]["unknown"] == ["Zu Xaver"]
    assert "functions" not in found[0]["transform"]


def test_every_chain_of_the_development_set_is_of_the_registry_and_reads_its_samples() -> None:
    """Of what would be accepted unseen, hardly a sample fails in its chain."""
    ran = failed = 0
    for task in development():
        if not task.get("samples") or task["direction"] in ("from_shop", "shop_to_notes"):
            continue
        keys = ("source_fields", "target_fields", "samples")
        for one in answer({"task": "map", **{key: task[key] for key in keys}}):
            functions = one["transform"].get("functions", [])
            assert all(entry["name"] in FUNCTIONS for entry in functions)
            if one["confidence"] < 0.9 or not functions:
                continue
            for sample in task["samples"]:
                value = sample.get(one["source"])
                if value in (None, "") or isinstance(value, list):
                    continue
                ran += 1
                try:
                    run(functions, value)
                except ValueError:
                    failed += 1

    assert ran > 300
    assert failed <= 0.02 * ran
