"""More rows than a sheet holds: the details are in the dataset, the workbook says so, and Control still ties out."""

from __future__ import annotations

from pathlib import Path

import pytest

import perfsheet
from perfsheet.consolidate import Organisation
from perfsheet.consolidate.packing import PART, Columns, Rows
from perfsheet.consolidate.rollup import Audience
from perfsheet.consolidate.writing import write_organisation
from perfsheet.demo import demo_teams
from perfsheet.errors import Unwritable
from perfsheet.filling import fill
from perfsheet.templates import template_bytes
from perfsheet.workbooks.reading import read

FEW = 30
"""Rows of a sheet, for these tests."""


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Organisation:
    folder = tmp_path_factory.mktemp("teams")
    for team in demo_teams(4):
        (folder / team.file_name).write_bytes(fill(template_bytes("team"), team.rows, team.settings))
    return perfsheet.consolidate([folder])


def texts(path: Path, tab: str) -> list[str]:
    sheet = read(path).sheet(tab)
    assert sheet is not None
    return [str(cell.value) for cell in sheet.cells.values()]


def test_what_no_sheet_holds_is_in_the_dataset_and_the_tab_says_so(org: Organisation, tmp_path: Path) -> None:
    org.dataset = "data"
    write_organisation(org, str(tmp_path / "org.xlsx"), Audience(), most_rows=FEW)
    assert len(org.goals) > FEW
    assert texts(tmp_path / "org.xlsx", "Goals") == [
        "Goals",
        f"{len(org.goals)} rows, more than the {FEW - 4} that a sheet holds.",
        "They stand in table goals of the dataset data. Open it with Power BI, DuckDB or pandas.",
    ]
    assert "Team" in texts(tmp_path / "org.xlsx", "Teams")


def test_control_ties_out_all_the_same(org: Organisation, tmp_path: Path) -> None:
    org.dataset = "data"
    write_organisation(org, str(tmp_path / "org.xlsx"), Audience(), most_rows=FEW)
    control = read(tmp_path / "org.xlsx").sheet("Control")
    assert control is not None
    assert control.cells[3, 2].value == "OK"
    lines = {control.cells[row, 1].value: control.cells[row, 3] for row in range(7, 16)}
    assert (lines["Goals"].value, lines["Goals"].formula) == (len(org.goals), False)
    assert lines["Check-ins"].formula
    assert "Counted in the dataset, because no sheet holds so many rows: Alignment, Goals, Issues" in str(
        control.cells[4, 1].value
    )


def test_without_a_dataset_the_remedy_is_one_line_and_nothing_is_written(org: Organisation, tmp_path: Path) -> None:
    org.dataset = None
    with pytest.raises(Unwritable, match=r"Goals has \d+ rows, and a sheet holds 26. Add --dataset DIR") as caught:
        write_organisation(org, str(tmp_path / "org.xlsx"), Audience(), most_rows=FEW)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.glob("*.xlsx")) == []


def test_columns_that_were_put_away_in_parts_read_as_they_came() -> None:
    rows = [
        {"n": i, "text": None if i < PART + 5 else f"row {i}", "share": i / 7 if i % 3 else None}
        for i in range(2 * PART + 9)
    ]
    columns = Columns(("n", "text", "share"))
    for start in range(0, len(rows), 1000):
        some = rows[start : start + 1000]
        columns.add({name: [row[name] for row in some] for name in ("n", "text", "share")})
    assert len(columns) == len(rows)
    found = Rows(columns.frame())
    assert [dict(row) for row in found] == rows
    assert dict(found[-1]) == rows[-1]
