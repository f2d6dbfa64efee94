"""SyncHash: one set of vectors for connector, twin and (test_far_side) the Java agent."""

import hashlib
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.notes.fingerprint import canonical_number, canonical_text, fingerprint
from connectors.notes.twin.fingerprint import fingerprint as twins
from connectors.notes.twin.values import Item, Kind

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "vectors/synchash.json").read_text()
)


def as_items(items: dict[str, list[Any]]) -> list[Item]:
    return [
        Item(
            name,
            Kind.NUMBER if values and isinstance(values[0], int | float) else Kind.TEXT,
            [float(one) if isinstance(one, int | float) else one for one in values],
        )
        for name, values in items.items()
    ]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: one["about"])
def test_vectors(vector: dict[str, Any]) -> None:
    assert canonical_text(vector["items"], vector.get("synced")) == vector["text"]
    digest = hashlib.sha256(vector["text"].encode()).hexdigest()
    assert fingerprint(vector["items"], vector.get("synced")) == digest
    assert twins(as_items(vector["items"]), vector.get("synced")) == digest


NAMES = st.text("abcXYZ_19", min_size=1, max_size=8)
VALUES = st.one_of(
    st.lists(st.text(max_size=12), max_size=4),
    st.lists(st.floats(allow_nan=False, allow_infinity=False, width=64), max_size=4),
)


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine draws slowly at first
@given(st.dictionaries(NAMES, VALUES, max_size=6))
def test_connector_and_twin_agree_without_sharing_code(items: dict[str, list[Any]]) -> None:
    folded = {name.upper(): values for name, values in items.items()}
    assert fingerprint(folded) == twins(as_items(folded))


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=4))
def test_a_decimal_hashes_as_the_double_it_becomes(number: Decimal) -> None:
    assert canonical_number(number) == canonical_number(float(number))
    assert Decimal(canonical_number(number)) == number
