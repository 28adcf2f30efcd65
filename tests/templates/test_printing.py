"""What is printed: the rows that are used, and rows as high as their texts."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl

from perfsheet import cycle
from perfsheet.filling import fill
from perfsheet.forms import CHECKINS, FEEDBACK, GOALS, PEOPLE
from perfsheet.tables import Address, Change
from perfsheet.templates.designs import DESIGNS
from perfsheet.workbooks.editing import edit
from perfsheet.workbooks.package import Package

FACTS = {
    "team": "North", "manager": "Ada", "period": "2026 Q1", "period_start": date(2026, 1, 1), "period_end": date(2026, 3, 31),
    "as_of": date(2026, 2, 14),
}  # fmt: skip
GOAL = {"goal_id": "G1", "goal": "Grow", "owners": "Ada", "kind": "Count", "target": 100}


def print_areas(data: bytes) -> dict[str, str]:
    """Each tab's print area as it is written."""
    package = Package.from_bytes(data)
    listed = package.workbook.child("definedNames")
    return {
        package.sheets[int(n.get("localSheetId"))].name: n.text
        for n in (listed.all("definedName") if listed else ())
        if n.get("name") == "_xlnm.Print_Area"
    }


def rows_printed(data: bytes, recalculate: Any) -> dict[str, int]:
    """How many rows of each tab LibreOffice finds in the print area's formula."""
    areas = {tab: area for tab, area in print_areas(data).items() if "INDEX" in area}
    book = openpyxl.load_workbook(io.BytesIO(data))
    probe = book.create_sheet("Probe")
    for row, area in enumerate(areas.values(), 1):
        probe.cell(row, 1, f"=ROWS({area})")
    out = io.BytesIO()
    book.save(out)
    shown = openpyxl.load_workbook(recalculate({"probe": out.getvalue()})["probe"], data_only=True)["Probe"]
    return {tab: shown.cell(row, 1).value for row, tab in enumerate(areas, 1)}


def test_every_tab_has_a_print_area_and_those_to_fill_in_a_formula(templates: dict[str, bytes]) -> None:
    for design in DESIGNS:
        areas = print_areas(templates[design.name])
        assert {f.tab for f in design.forms} == {tab for tab, area in areas.items() if "INDEX" in area}
        assert {"Start here", "Settings"} <= set(areas)
        assert not any(re.search(r"OFFSET|INDIRECT|TODAY|NOW", area) for area in areas.values())


def test_the_print_area_ends_with_the_last_row_that_is_used(team_template: bytes, recalculate: Any) -> None:
    rows = {
        PEOPLE: [{"person": f"Person {n}"} for n in range(1, 31)],
        GOALS: [GOAL],
        CHECKINS: [{"goal_id": "G1", "day": date(2026, 2, 1), "value": n} for n in range(1, 8)],
    }
    filled = fill(team_template, rows, FACTS)
    gap = edit(Package.from_bytes(filled), [Change(Address("Check-ins", 20, 6), "a note alone")])
    printed = rows_printed(gap, recalculate)
    assert {tab: printed[tab] for tab in ("Goals", "Check-ins", "People", "Actions")} == {
        "Goals": 5,
        "Check-ins": 20,
        "People": 34,
        "Actions": 5,
    }


def test_it_survives_scoring_and_libreoffice(team_template: bytes, recalculate: Any, tmp_path: Path) -> None:
    path = tmp_path / "team.xlsx"
    path.write_bytes(fill(team_template, {PEOPLE: [{"person": "Ada"}], GOALS: [GOAL]}, FACTS))
    before = print_areas(path.read_bytes())
    cycle.write(cycle.score(cycle.read(path)), path)
    scored = print_areas(path.read_bytes())
    assert {tab: area for tab, area in scored.items() if tab in before} == before
    saved = print_areas(recalculate({"scored": path.read_bytes()})["scored"].read_bytes())
    assert {tab for tab, area in saved.items() if "INDEX" in area} == {tab for tab, a in before.items() if "INDEX" in a}


def heights(data: bytes, tab: str, *rows: int) -> list[float | None]:
    sheet = openpyxl.load_workbook(io.BytesIO(data))[tab]
    return [sheet.row_dimensions[row].height for row in rows]


def test_rows_are_as_high_as_their_texts(team_template: bytes) -> None:
    said = {"day": date(2026, 2, 1), "receiver": "Ada", "kind": "Praise"}
    long = "The hand-over document saved the support team two days of questions, and the next one will be shorter."
    data = fill(team_template, {FEEDBACK: [{**said, "text": text} for text in ("Well done.", long)]}, FACTS)
    one, two = heights(data, "Feedback", 5, 6)
    assert one is None
    assert two is not None
    assert 30 <= two < 50
    assert "customHeight" not in re.findall(r'<row r="6"[^>]*>', sheet_xml(data, "Feedback"))[0]


def test_a_height_that_somebody_chose_stays(team_template: bytes) -> None:
    package = Package.from_bytes(team_template)
    part = next(sheet.part for sheet in package.sheets if sheet.name == "Goals")
    own = package.read(part).replace(b'<row r="5"', b'<row r="5" ht="80" customHeight="1"', 1)
    data = fill(package.replace({part: own}), {GOALS: [{**GOAL, "goal": "Grow steadily, " * 20}]}, FACTS)
    assert heights(data, "Goals", 5) == [80]


def sheet_xml(data: bytes, tab: str) -> str:
    package = Package.from_bytes(data)
    return package.read(next(sheet.part for sheet in package.sheets if sheet.name == tab)).decode()


def test_headers_stand_over_their_values(team_template: bytes) -> None:
    goals = openpyxl.load_workbook(io.BytesIO(team_template))["Goals"]
    stand = {cell.value: cell.alignment.horizontal for cell in goals[4]}
    assert {header: stand[header] for header in ("Goal", "Target", "Due date", "Progress", "Status")} == {
        "Goal": None, "Target": "right", "Due date": "center", "Progress": "right", "Status": None,
    }  # fmt: skip
