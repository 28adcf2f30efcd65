"""Live cells and Python never disagree unexplained: what was typed over, changed, lost or is old shows by cell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from perfsheet import cycle
from perfsheet.filling import fill
from perfsheet.forms import CHECKINS, GOALS, PEOPLE
from perfsheet.live_columns import HELPERS, VISIBLE
from perfsheet.tables import Address, Change
from perfsheet.templates import template_bytes
from perfsheet.workbooks.editing import edit
from perfsheet.workbooks.formulas import formula_texts, plain
from perfsheet.workbooks.package import Package, open_package

AS_OF = date(2026, 2, 14)
SETTINGS = {
    "team": "North", "manager": "Ada Bell", "period": "2026 Q1", "period_start": date(2026, 1, 1), "period_end": date(2026, 3, 31),
    "as_of": AS_OF,
}  # fmt: skip
ROWS = {
    PEOPLE: [{"person": "Ada Bell"}],
    GOALS: [
        {"goal_id": "G1", "goal": "Raise sales", "owners": ("Ada Bell",), "kind": "Increase", "measure": "Orders", "baseline": 0, "target": 40},
        {"goal_id": "G2", "goal": "Win clients", "owners": ("Ada Bell",), "kind": "Count", "measure": "Contracts", "target": 12},
    ],
    CHECKINS: [{"day": date(2026, 2, 10), "goal_id": "G1", "value": 20}, {"day": date(2026, 2, 10), "goal_id": "G2", "value": 3}],
}  # fmt: skip
CURRENT, PROGRESS, EXPECTED, STATUS = (len(GOALS.columns) - 3 + n for n in range(4))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A workbook with two goals, in rows 5 and 6 of Goals."""
    file = tmp_path / "team.xlsx"
    file.write_bytes(fill(template_bytes("team"), ROWS, SETTINGS))
    return file


def told(path: Path) -> list[str]:
    """What is said about live cells: code, cell, message."""
    found = cycle.validate(cycle.read(path))
    return [f"{f.code} {f.address} {f.message}" for f in found if f.code.startswith("live_")]


def change(path: Path, *changes: Change) -> None:
    path.write_bytes(edit(open_package(path), changes, forget=False))


def reword(path: Path, turn: Callable[[str], str]) -> None:
    """Changes the XML of Goals as a text."""
    package = open_package(path)
    part = next(s.part for s in package.sheets if s.name == "Goals")
    path.write_bytes(package.replace({part: turn(package.read(part).decode()).encode()}))


def test_a_workbook_as_it_was_made_has_nothing_to_tell(path: Path) -> None:
    assert told(path) == []


def test_a_value_typed_over_a_formula(path: Path) -> None:
    change(path, Change(Address("Goals", 5, PROGRESS), 0.8), Change(Address("Goals", 6, STATUS), "Great"))
    assert told(path) == [
        "live_overwritten Goals!S5 Progress of G1 is 0.8, typed over its formula; computed it is 0.5",
        "live_overwritten Goals!U6 Status of G2 is Great, typed over its formula; computed it is ✖ Off track",
    ]


def test_a_changed_formula(path: Path) -> None:
    reword(path, lambda xml: xml.replace("MIN(pol_cap,", "MIN(2,", 1))
    assert told(path) == ["live_edited Goals!S5 The formula of Progress of G1 was changed"]


def test_a_formula_changed_in_every_row_is_one_finding(path: Path) -> None:
    reword(path, lambda xml: xml.replace("MIN(pol_cap,", "MIN(2,"))
    assert told(path) == ["live_edited Goals!S5 The formula of Progress in all 2 rows was changed"]


def test_a_changed_step_on_the_way_shows_too(path: Path) -> None:
    reword(
        path,
        lambda xml: xml.replace("N([Days])&lt;=100,7", "N([Days])&lt;=100,8").replace("&lt;=100,7,", "&lt;=100,8,", 1),
    )
    assert told(path) == ["live_edited Goals!AB5 The formula of Cadence days of G1 was changed"]


def test_a_row_without_formulas_is_one_finding(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    for column in range(CURRENT, CURRENT + len(VISIBLE) + len(HELPERS)):
        book["Goals"].cell(6, column).value = None
    book.save(path)
    assert told(path) == ["live_missing Goals!R6 G2 has no formula for Current, Progress, Expected, Status and 37 more"]


def test_a_remembered_result_that_is_old(path: Path) -> None:
    change(
        path,
        Change(Address("Goals", 5, PROGRESS), 0.25, cached=True),
        Change(Address("Goals", 5, CURRENT), 20.0, cached=True),
    )
    assert told(path) == ["live_stale Goals!S5 Progress of G1 shows 0.25, and its entries give 0.5"]


def test_results_of_another_day_are_judged_at_that_day(path: Path) -> None:
    """Opened last on 10 January, scored on 14 February: nothing is stale."""
    in_force = cycle.read(path).settings_at["as_of"]
    there = Address(in_force.sheet, in_force.row, in_force.column + 1)
    change(
        path, Change(there, date(2026, 1, 10), cached=True), Change(Address("Goals", 5, EXPECTED), 10 / 90, cached=True)
    )
    assert told(path) == []
    change(path, Change(there, AS_OF, cached=True))
    assert told(path) == ["live_stale Goals!T5 Expected of G1 shows 0.111111, and its entries give 0.5"]


def test_a_tracker_of_the_teams_own_has_no_live_cells(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    for row in book["Goals"].iter_rows(min_row=5, min_col=CURRENT):
        for cell in row:
            cell.value = 0.4 if cell.column < CURRENT + 4 else None
    book.save(path)
    assert told(path) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("IF(tblGoals[[#This Row],[Kind]]=\"A b\",1)", "=if( tblGoals[@Kind] = \"A b\" , 1 )"),
        ("SUM(tblGoals[[#This Row],[Goal ID]])", "SUM([@[Goal ID]])"),
        ("_xlfn.IFS(A1=TRUE,1)", "IFS(A1=TRUE(),1)"),
    ],
)  # fmt: skip
def test_one_formula_in_the_spellings_of_several_programs(one: str, other: str) -> None:
    assert plain(one) == plain(other)


@pytest.mark.parametrize(("one", "other"), [('IF(A1="a",1)', 'IF(A1="A",1)'), ('"a b"', '"ab"'), ("A1+1", "A1+2")])
def test_what_is_another_formula(one: str, other: str) -> None:
    assert plain(one) != plain(other)


def test_shared_formulas_are_told_as_they_read_in_each_cell() -> None:
    book = openpyxl.Workbook()
    book.active.title = "Goals"
    book.active["A1"] = "x"
    from io import BytesIO

    raw = BytesIO()
    book.save(raw)
    package = Package.from_bytes(raw.getvalue())
    shared = (
        '<row r="1"><c r="B1"><f t="shared" ref="B1:B3" si="0">A1*$C$1</f><v>1</v></c></row>'
        '<row r="3"><c r="B3"><f t="shared" si="0"/><v>3</v></c></row>'
    )
    xml = package.read("xl/worksheets/sheet1.xml").decode()
    head, _, rest = xml.partition("<sheetData>")
    changed = f"{head}<sheetData>{shared}</sheetData>{rest.partition('</sheetData>')[2]}"
    again = Package.from_bytes(package.replace({"xl/worksheets/sheet1.xml": changed.encode()}))
    assert formula_texts(again, "Goals") == {(1, 2): "A1*$C$1", (3, 2): "A3*$C$1"}
    assert formula_texts(again, "no such sheet") == {}
