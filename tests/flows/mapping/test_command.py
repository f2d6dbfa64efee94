"""What the mapping commands answer, and how they refuse."""

from decimal import Decimal
from typing import Any

import pytest

from flows.mapping.command import CommandError, answer

LINE = {"id": 7, "format": "text", "locale": "de", "content": "2 x Lampe (A-1) à 12,50 €"}


def test_lines_are_answered_in_the_form_of_the_contract() -> None:
    [one] = answer({"task": "lines", "items": [LINE]})
    assert one["id"] == 7
    assert one["lines"] == [
        {
            "reference": "A-1",
            "name": "Lampe",
            "quantity": 2,
            "unit_price": Decimal("12.50"),
            "total": None,
        }
    ]
    assert set(one["provenance"][0]) == {"reference", "name", "quantity", "unit_price"}
    assert one["row_flags"] == [[]]


@pytest.mark.parametrize(
    ("request_", "preset", "told"),
    [
        ([], "", "one JSON object"),
        ({}, "", "`task` is ''"),
        ({"task": "paint", "items": []}, "", "give one of map, lines, address, street"),
        ({"task": "map", "items": []}, "", "`source_fields` must be a list"),
        ({"task": "map", "source_fields": [{"name": "A"}]}, "", "`target_fields` must be a list"),
        ({"task": "map", "items": []}, "lines", "This command does 'lines'"),
        ({"items": "x"}, "lines", "list of objects"),
        ({"items": [{**LINE, "format": "pdf"}]}, "lines", "Item 7: The format is 'pdf'"),
        ({"items": [{**LINE, "locale": 3}]}, "lines", "locale"),
    ],
)
def test_a_bad_request_is_refused_with_the_remedy(request_: Any, preset: str, told: str) -> None:
    with pytest.raises(CommandError, match=told):
        answer(request_, preset)


def test_a_mapping_is_answered_in_the_form_of_the_contract() -> None:
    found = answer(
        {
            "task": "map",
            "source_fields": [{"name": "LiefPLZ", "type": "text"}],
            "target_fields": [
                {"name": "postcode", "type": "string", "entity": "address", "role": "delivery"},
                {"name": "city", "type": "string", "entity": "address", "role": "delivery"},
            ],
            "samples": [{"LiefPLZ": "10115"}],
        }
    )
    assert found[0]["source"] == "LiefPLZ"
    assert found[0]["target"] == "postcode"
    assert found[0]["role"] == "delivery"
    assert 0.5 < found[0]["confidence"] <= 1
    assert found[0]["transform"] == {"kind": "copy"}
    assert "postcode" in found[0]["explanation"]


def test_an_address_and_a_street_are_answered_in_the_form_of_the_contract() -> None:
    text = "Anna Berg, Kungsgatan 12, 411 19 Göteborg"
    [one] = answer({"task": "address", "items": [{"id": 1, "text": text, "country_hint": "SE"}]})
    assert one["components"] == {
        "street": "Kungsgatan",
        "house_number": "12",
        "unit": "",
        "postcode": "411 19",
        "city": "Göteborg",
        "state": "",
        "country": "SE",
        "name": "Anna Berg",
        "po_box": "",
    }
    [two] = answer({"task": "street", "items": [{"id": 2, "text": "Lindenweg 13-15, 2. Stock"}]})
    assert two == {
        "id": 2,
        "components": {
            "street": "Lindenweg",
            "house_number": "13-15",
            "addition1": "",
            "addition2": "2. Stock",
        },
    }


def test_a_function_answers_or_says_what_is_wrong() -> None:
    items = [
        {"id": 1, "name": "money", "params": {"locale": "de"}, "value": "1.234,56 €"},
        {"id": 2, "name": "money", "value": "none"},
        {"id": 3, "name": "nothing", "value": 1},
    ]
    right, wrong, unknown = answer({"task": "function", "items": items})
    assert right == {"id": 1, "value": Decimal("1234.56")}
    assert wrong["error"]["code"] == "bad_money"
    assert unknown["error"]["code"] == "function_unknown"
    with pytest.raises(CommandError, match="params"):
        answer({"task": "function", "items": [{"id": 1, "name": "money", "params": []}]})
