"""The check of LotusScript: refuses each broken script for its own fault, accepts the good ones."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.notes.far_side.linter import check_file, check_text
from connectors.notes.far_side.linter.check import notes_classes

HERE = Path(__file__).parent
OURS = sorted((HERE.parents[1] / "far_side" / "lotusscript").glob("*.lss"))
GOOD = sorted((HERE / "lotusscript" / "good").glob("*.lss"))
BROKEN = sorted((HERE / "lotusscript" / "broken").glob("*.lss"))


@pytest.mark.parametrize("path", OURS, ids=lambda one: one.name)
def test_what_customers_import_passes(path: Path) -> None:
    assert path.read_bytes().isascii(), "importers have mangled code pages"
    assert check_file(path) == []


@pytest.mark.parametrize("path", GOOD, ids=lambda one: one.stem)
def test_a_good_script_is_accepted(path: Path) -> None:
    assert check_file(path) == []


@pytest.mark.parametrize("path", BROKEN, ids=lambda one: one.stem)
def test_a_broken_script_is_refused_for_its_fault(path: Path) -> None:
    expected = path.read_text().splitlines()[0].removeprefix("' expects: ")
    found = [str(one) for one in check_file(path)]
    assert any(expected in one for one in found), found


def test_each_script_of_ours_fails_when_a_line_of_a_block_is_lost() -> None:
    """What the check is for: every End that is lost is found, wherever it stands."""
    lost = 0
    for path in OURS:
        lines = path.read_text().splitlines()
        libraries = {one.stem.lower(): one for one in OURS}
        for at, line in enumerate(lines):
            ends = ("End ", "Loop", "Next", "Wend")
            if line.strip().startswith(ends):
                text = "\n".join(lines[:at] + lines[at + 1 :])
                assert check_text(text, libraries=libraries), f"{path.name}:{at + 1}"
                lost += 1
    assert lost > 100


def test_each_name_of_ours_is_missed_when_its_declaration_is_lost() -> None:
    path = HERE.parents[1] / "far_side" / "lotusscript" / "causeway.lss"
    lines = path.read_text().splitlines()
    declarations = [
        at for at, line in enumerate(lines) if line.strip().startswith(("Dim ", "Const "))
    ]
    unseen = [
        lines[at].strip()
        for at in declarations
        if not check_text("\n".join(lines[:at] + lines[at + 1 :]))
    ]
    # A function of the same name stands behind one, and ReDim declares the other as well.
    assert unseen == ["Dim moment As String", "Dim titles() As String"]


@given(st.text(max_size=200))
def test_no_text_breaks_the_check(text: str) -> None:
    check_text(text)


@given(st.lists(st.sampled_from(
    ["Sub A", "End Sub", "If a Then", "End If", "Dim a As Integer", "a = (1", "Next", "Class B",
     "End Class", "x:", "On Error GoTo x", "Property Get P As Integer", "Type T", "End Type",
     "Do", "Loop", "Select Case a", "Case 1", "ForAll", "Dim", "As", "Set", "Call", "Use", "b."]
), max_size=12))  # fmt: skip
def test_no_order_of_statements_breaks_the_check(lines: list[str]) -> None:
    check_text("\n".join(lines))


def test_the_list_of_notes_classes_leads_to_classes_that_it_has() -> None:
    known = notes_classes()
    returned = {one for members in known.values() for one in members.values() if one}
    # Those are known by name only: their own members are not listed yet.
    assert returned - set(known) == {"notesinternational"}
