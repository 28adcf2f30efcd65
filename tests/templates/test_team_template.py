"""The team template as a file: what a manager meets in each tab."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import openpyxl
import pytest

from perfsheet.errors import Misuse
from perfsheet.forms import CHECKINS, GOALS, PEOPLE
from perfsheet.forms.settings import labels
from perfsheet.live_columns import HELPERS
from perfsheet.records import read_records
from perfsheet.templates import build, check, run_templates, template_path, templates_folder, write
from perfsheet.templates.designs import DESIGNS
from perfsheet.workbooks.package import Package
from perfsheet.workbooks.reading import read


@pytest.fixture(scope="module")
def book(team_template: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(team_template))


@pytest.fixture(scope="module")
def parts(team_template: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(team_template)) as package:
        return {name: package.read(name).decode() for name in package.namelist()}


def test_building_twice_gives_the_same_bytes(team_template: bytes) -> None:
    assert build()["team"] == team_template


def test_a_changed_template_is_stale_until_it_is_rebuilt(
    tmp_path: Any, templates: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("perfsheet.templates.build", lambda: templates)  # that builds are alike is tested above
    assert write(tmp_path) == [design.name for design in DESIGNS]
    assert (check(tmp_path), write(tmp_path)) == ([], [])
    (tmp_path / "team.xlsx").unlink()
    assert check(tmp_path) == ["team"]


def test_the_command_says_that_all_is_current() -> None:
    said: list[str] = []
    assert run_templates(check=True, say=said.append) == 0
    assert said == ["The templates are current."]


def test_a_template_is_found_by_its_name_or_by_a_path(tmp_path: Any, team_template: bytes) -> None:
    own = tmp_path / "own.xlsx"
    own.write_bytes(team_template)
    assert template_path("team") == templates_folder() / "team.xlsx"
    assert template_path(own) == own
    with pytest.raises(Misuse, match=r"no template 'taem'.*team"):
        template_path("taem")


def test_the_tabs_stand_in_order_and_the_first_is_open(book: Any) -> None:
    assert book.sheetnames == [
        "Start here", "Goals", "Check-ins", "Feedback", "Actions", "Development", "People", "Plan", "Milestones", "Absences", "Settings",
    ]  # fmt: skip
    assert book.active.title == "Start here"


def test_goals_have_thirty_blank_rows_and_folded_steps(book: Any) -> None:
    sheet = book["Goals"]
    assert sheet.tables["tblGoals"].ref.endswith(str(4 + GOALS.prepared_rows))
    first = sheet.cell(4, len(GOALS.columns) + 1)
    assert (first.value, sheet.column_dimensions[first.column_letter].hidden) == (HELPERS[0].column.header, True)


def test_every_formula_remembers_a_result(parts: dict[str, str]) -> None:
    for name, part in parts.items():
        if name.startswith("xl/worksheets/"):
            assert part.count("</f>") == len(re.findall(r"</f><v>", part)), name


def test_only_the_as_of_cell_is_volatile(parts: dict[str, str]) -> None:
    volatile = [
        name for name, part in parts.items() for _ in re.findall(r"\b(?:TODAY|NOW|OFFSET|INDIRECT|RAND)\(", part)
    ]
    assert len(volatile) == 1


def test_every_setting_shows_its_default(team_template: bytes) -> None:
    sheet = read(Package.from_bytes(team_template)).sheet("Settings")
    shown = {
        sheet.cells[row, 2].value: sheet.cells[row, 5].value
        for row in range(5, 5 + len(labels()))
        if (row, 5) in sheet.cells
    }
    assert (shown["At risk below pace"], shown["Minimum group size"], shown["Worst status wins"]) == (0.9, 5, "No")


def test_an_empty_workbook_has_no_rows_and_lacks_only_its_facts(team_template: bytes) -> None:
    team = read_records(read(Package.from_bytes(team_template)))
    assert (team.goals, team.checkins, team.people) == ((), (), ())
    assert {finding.code for finding in team.findings} == {"missing_setting"}


def test_statuses_are_told_by_symbol_word_and_colour(book: Any) -> None:
    rules = [rule for area in book["Goals"].conditional_formatting for rule in area.rules]
    assert '"✔ On track"' in {rule.formula[0] for rule in rules}


def test_lists_of_names_offer_what_is_filled_in(book: Any) -> None:
    assert (
        book.defined_names["list_People_Person"].attr_text
        == "'People'!$A$5:INDEX('People'!$A$5:$A$1004,MAX(1,COUNTA('People'!$A$5:$A$1004)))"
    )
    assert {PEOPLE.tab, CHECKINS.tab} <= set(book.sheetnames)
