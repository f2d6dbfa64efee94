"""Connector, module and twin hash a field alike, though they share no code."""

import json
import random
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.prestashop import combination_sweep
from connectors.prestashop.marks import LENGTH, canonical, field_hashes, mark
from connectors.prestashop.record_triggers import RECORD_NEWS
from connectors.prestashop.tests.far_side.test_module import PHP, needs_php, php
from connectors.prestashop.twin import told

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.decimals(
        allow_nan=False, allow_infinity=False, places=6, max_value=10**9, min_value=-(10**9)
    ),
    st.text(max_size=30),
    st.from_regex(r"-?[0-9]{1,8}\.[0-9]{0,6}", fullmatch=True),
)


@pytest.mark.parametrize(
    ("values", "spelling"),
    [
        (("23.900000", Decimal("23.9"), "23.9", Decimal("23.900000")), "23.9"),
        (("0.000000", "-0.000000", Decimal("0.0"), "0", 0), "0"),
        ((None, False, ""), ""),
        ((True, "1", 1), "1"),
        (("10.000000", "10", 10), "10"),
        (("007",), "007"),
        (("1.2.3",), "1.2.3"),
        (("١.٠",), "١.٠"),
    ],
)
def test_a_value_has_one_spelling(values: tuple[object, ...], spelling: str) -> None:
    assert {canonical(one) for one in values} == {spelling}


@given(VALUES)
def test_the_twin_spells_as_the_connector_does(value: object) -> None:
    if value is True or isinstance(value, Decimal):
        return  # a shop sends neither
    assert told.spelled(value) == canonical(value)


@needs_php
def test_php_hashes_as_the_connector_does(tmp_path: Path) -> None:
    chance = random.Random(7)
    letters = "abc09.- éñ愛\\'\"/\n"
    records: list[tuple[str, int, dict[str, object]]] = []
    for number in range(300):
        values: dict[str, object] = {
            "text": "".join(chance.choices(letters, k=chance.randint(0, 12))),
            "price": f"{chance.uniform(-100, 100):.6f}",
            "round": f"{chance.randint(-3, 3)}.000000",
            "active": chance.choice(["0", "1", 0, 1]),
            "nothing": chance.choice([None, False, ""]),
            "big": chance.randint(0, 2**40),
        }
        records.append(("product", number, values))
    file = tmp_path / "records.json"
    file.write_text(json.dumps(records))
    found = php(str(PHP / "digest.php"), str(file))
    assert found.returncode == 0, found.stderr
    for (entity, number, values), by_php in zip(records, json.loads(found.stdout), strict=True):
        hashes = field_hashes(entity, str(number), values, values)
        assert by_php["hashes"] == hashes
        assert by_php["mark"] == mark(hashes)
        assert all(len(one) == LENGTH for one in hashes.values())


@needs_php
def test_module_and_connector_hash_the_same_fields() -> None:
    """A field that only one of them hashes would give one state two names."""
    code = (
        "define('_PS_VERSION_', '9'); require $argv[1];"
        "echo json_encode(array_map(function ($one) { return $one['hashed']; },"
        " CausewayEntity::TABLE));"
    )
    source = PHP.parents[2] / "far_side/causeway/classes/CausewayEntity.php"
    found = php("-r", code, str(source))
    assert found.returncode == 0, found.stderr
    hashed = {entity: set(names) for entity, names in json.loads(found.stdout).items()}
    for news in RECORD_NEWS:
        ours = {name for name in (news.key, *news.told) if name}
        assert hashed[news.noun.name] == ours
    assert hashed["combination"] == set(combination_sweep.TOLD)
    for _, entity, names in told.MODULE.values():
        assert hashed[entity] == set(names.split())
