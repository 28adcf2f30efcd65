"""Which remembered results are old after a change: direct, through others, through names and tables."""

from __future__ import annotations

import pytest

from perfsheet.tables import Area
from perfsheet.workbooks.dependents import Formula, TableFacts, dependents
from perfsheet.workbooks.references import looks, moved, renamed_sheet

TABLES = {"tblgoals": TableFacts("goals", Area(4, 1, 10, 3), ("Goal ID", "Weight", "Live"))}
NAMES = {"rate": "Settings!$B$2", "both": "rate*2"}


def stale(changed, formulas):
    """Cells (as Sheet!A1 text) whose results are old; formulas as {"sheet!A1": text}."""

    def place(text):
        sheet, cell = text.split("!")
        return sheet, int(cell[1:]), ord(cell[0]) - 64

    found = dependents([place(c) for c in changed], [Formula(place(c), f) for c, f in formulas.items()], TABLES, NAMES)
    return sorted(f"{s}!{chr(64 + c)}{r}" for s, r, c in found)


@pytest.mark.parametrize(
    ("formula", "is_stale"),
    [
        ("A1*2", True), ("$A$1", True), ("SUM(A1:B9)", True), ("SUM(A:A)", True), ("SUM(1:3)", True), ("goals!A1", True),
        ("A2", False), ("'other'!A1", False), ('"A1"', False), ("LOG10(B2)", False), ("AA1", False), ("other!A1+B1", False),
        ("INDIRECT(B1)", True), ("OFFSET(B1,1,1)", True),
    ],
)  # fmt: skip
def test_references(formula, is_stale):
    assert (stale(["goals!A1"], {"goals!E5": formula}) == ["goals!E5"]) is is_stale


@pytest.mark.parametrize(
    ("formula", "changed", "is_stale"),
    [
        ("SUM(tblGoals[Weight])", "goals!B7", True),
        ("SUM(tblGoals[Weight])", "goals!A7", False),
        ("tblGoals[[#This Row],[Weight]]", "goals!B5", True),
        ("tblGoals[[#This Row],[Weight]]", "goals!B6", False),
        ("tblGoals[@Weight]", "goals!B5", True),
        ("ROWS(tblGoals)", "goals!A9", True),
        ("rate*3", "settings!B2", True),
        ("both+1", "settings!B2", True),
        ("both+1", "settings!B3", False),
    ],
)
def test_tables_and_names(formula, changed, is_stale):
    assert (stale([changed], {"goals!E5": formula}) == ["goals!E5"]) is is_stale


def test_through_other_formulas_and_other_sheets():
    formulas = {
        "goals!B1": "A1+1",
        "summary!A1": "goals!B1",
        "summary!A2": "A1*2",
        "summary!A3": "B9",
        "goals!C1": "C2",
    }
    assert stale(["goals!A1"], formulas) == ["goals!B1", "summary!A1", "summary!A2"]


def test_circles_end():
    assert stale(["a!A1"], {"a!B1": "C1+A1", "a!C1": "B1"}) == ["a!B1", "a!C1"]


@pytest.mark.parametrize(
    ("formula", "rows", "columns", "wanted"),
    [
        ("A1+$B$2", 2, 1, "B3+$B$2"), ("SUM(A1:A3)", 1, 0, "SUM(A2:A4)"), ('"A1"&A1', 1, 0, '"A1"&A2'), ("LOG10(A1)", 1, 0, "LOG10(A2)"),
        ("'A1 x'!A1", 1, 0, "'A1 x'!A2"), ("tblGoals[Weight]+A1", 1, 0, "tblGoals[Weight]+A2"), ("A1", -1, 0, "#REF!"),
    ],
)  # fmt: skip
def test_formulas_move_with_their_cell(formula, rows, columns, wanted):
    assert moved(formula, rows, columns) == wanted


@pytest.mark.parametrize(
    ("formula", "wanted"),
    [
        ("Summary!A1", "'Über uns'!A1"),
        ("'Summary'!A1", "'Über uns'!A1"),
        ('"Summary!A1"', '"Summary!A1"'),
        ("MySummary!A1", "MySummary!A1"),
    ],
)
def test_references_follow_a_renamed_sheet(formula, wanted):
    assert renamed_sheet(formula, "Summary", "Über uns") == wanted


def test_looks_are_named_for_each_sheet():
    assert looks("B2+goals!C3", "home").areas == (("home", Area(2, 2, 2, 2)), ("goals", Area(3, 3, 3, 3)))
