"""What counts as the same, as absorbed and as diverged."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sdk.compare import compare_field, compare_fields, compare_values
from connectors.sdk.receipt import FieldResult, Receipt, Verdict

SAME, ABSORBED, DIVERGED = FieldResult.SAME, FieldResult.ABSORBED, FieldResult.DIVERGED


@pytest.mark.parametrize(
    ("sent", "read_back", "result"),
    [
        ("a", "a", SAME),
        (40, "40", SAME),
        ("40", 40, SAME),
        (40, Decimal("40.0"), SAME),
        (Decimal("68.2"), Decimal("68.20"), SAME),
        (Decimal("68.20"), "68.200000", ABSORBED),
        ("68.20", Decimal("68.2"), ABSORBED),
        ("a\r\nb ", "a\nb", ABSORBED),
        ("e\u0301", "é", ABSORBED),
        (None, "", ABSORBED),
        (True, "1", ABSORBED),
        (False, 0, ABSORBED),
        ("2026-11-23T10:21:26Z", "2026-11-23T11:21:26+01:00", ABSORBED),
        (["1", "2"], ["1", "2"], SAME),
        ([1, Decimal("2.50")], [1, "2.5"], ABSORBED),
        ("a", "b", DIVERGED),
        (40, 41, DIVERGED),
        ("40", None, DIVERGED),
        (True, "0", DIVERGED),
        (True, "yes", DIVERGED),
        (["1"], ["1", "2"], DIVERGED),
        (["1", "2"], ["2", "1"], DIVERGED),
        ("2026-11-23T10:21:26", "2026-11-23T11:21:26+01:00", DIVERGED),
        ("75001", "7500", DIVERGED),
        ("NaN", Decimal("1"), DIVERGED),
    ],
)
def test_values(sent: Any, read_back: Any, result: FieldResult) -> None:
    assert compare_values(sent, read_back)[0] is result


def test_codes_compare_as_spelt() -> None:
    assert compare_values("0123", 123)[0] is ABSORBED
    assert compare_values("0123", 123, text_only=True)[0] is DIVERGED
    assert compare_values("123", 123, text_only=True)[0] is SAME


def test_a_field_that_is_gone_has_diverged() -> None:
    (one,) = compare_fields({"TrackingNo": "T1"}, {})
    assert (one.result, one.read_back) == (DIVERGED, None)


def test_the_worst_field_decides_the_receipt() -> None:
    fields = [compare_field("a", 1, 1), compare_field("b", "x ", "x")]
    receipt = Receipt(system="s", entity="e", record_id="1", action="updated", fields=fields)
    assert receipt.verdict is Verdict.ABSORBED
    worse = Receipt(
        system="s",
        entity="e",
        record_id="1",
        action="updated",
        fields=[*fields, compare_field("c", 1, 2)],
    )
    assert worse.verdict is Verdict.DIVERGED


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-1e9, max_value=1e9))
def test_a_number_never_diverges_from_its_own_spelling(number: Decimal) -> None:
    assert compare_values(number, str(number))[0] is not DIVERGED


@given(st.text(), st.text())
def test_comparison_is_symmetric_for_text(one: str, other: str) -> None:
    assert compare_values(one, other)[0] is compare_values(other, one)[0]
