"""Every template as a file: what people meet in each tab, and that the cycle runs on it."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from perfsheet import cycle
from perfsheet.examples import check
from perfsheet.filling import fill, new_file
from perfsheet.forms import CHECKINS, GOALS, PEOPLE, PLAN, SETTINGS
from perfsheet.forms.settings import labels
from perfsheet.records import read_records
from perfsheet.scoring.scales import grade_against_hope, okr_grade, payout, scorecard_points
from perfsheet.templates.designs import DESIGNS, Design
from perfsheet.templates.entries import NAME
from perfsheet.templates.views import BANDS, GRADES, OKR_SHOWN, OKR_STEPS, PLAN_SHOWN, SCORECARD_SHOWN, SCORECARD_STEPS
from perfsheet.workbooks.package import Package
from perfsheet.workbooks.reading import read

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
FACTS = {
    "team": "North", "manager": "Ada", "period": "2026 Q1", "period_start": date(2026, 1, 1), "period_end": date(2026, 3, 31),
    "as_of": date(2026, 2, 14),
}  # fmt: skip
INPUT_TABS = [(design, form) for design in DESIGNS for form in (*design.forms, SETTINGS)]


@pytest.fixture(scope="module")
def books(templates: dict[str, bytes]) -> dict[str, Any]:
    return {name: openpyxl.load_workbook(io.BytesIO(data)) for name, data in templates.items()}


@pytest.mark.parametrize(("design", "form"), INPUT_TABS, ids=lambda thing: getattr(thing, "tab", "") or thing.name)
class TestInputTab:
    def test_it_says_what_it_is_for_in_its_first_cell(self, books: Any, design: Design, form: Any) -> None:
        assert books[design.name][form.tab]["A1"].value == (design.of(form).purpose or form.purpose)

    def test_it_holds_one_table_with_the_forms_columns(self, books: Any, design: Design, form: Any) -> None:
        (table,) = books[design.name][form.tab].tables.values()
        headers = [column.name for column in table.tableColumns]
        assert table.displayName == form.table
        assert [header for header in headers if header in {c.header for c in form.columns}] == [
            c.header for c in form.columns
        ]

    def test_its_header_stays_in_sight_and_repeats_in_print(self, books: Any, design: Design, form: Any) -> None:
        sheet = books[design.name][form.tab]
        assert re.fullmatch(r"[B-D]5", sheet.freeze_panes)
        assert sheet.print_title_rows == "$1:$4"
        assert (sheet.page_setup.orientation, sheet.page_setup.fitToWidth) == ("landscape", 1)

    def test_every_entry_column_has_a_message(self, books: Any, design: Design, form: Any) -> None:
        rules = books[design.name][form.tab].data_validations.dataValidation
        titles = {rule.promptTitle for rule in rules}
        wanted = {label[:32] for label in labels()} if form is SETTINGS else {c.header for c in form.columns}
        assert wanted <= titles
        assert all(
            len(rule.promptTitle or "") <= 32 and len(rule.prompt or "") <= 255 and len(rule.error or "") <= 225
            for rule in rules
        )

    def test_calculated_cells_take_no_entry_and_other_objections_are_warnings(
        self, books: Any, design: Design, form: Any
    ) -> None:
        for rule in books[design.name][form.tab].data_validations.dataValidation:
            assert rule.errorStyle == ("stop" if rule.type == "custom" else "warning")
            assert rule.type != "custom" or rule.formula1 == "FALSE"
            if rule.type == "list":
                assert re.match(r"Settings!\$[A-Z]+\$5:|list_", rule.formula1)

    def test_nothing_is_merged_and_nothing_is_locked_away(self, books: Any, design: Design, form: Any) -> None:
        sheet = books[design.name][form.tab]
        assert not sheet.merged_cells.ranges
        assert not sheet.protection.sheet


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
class TestTemplate:
    def test_it_opens_on_start_here_with_three_steps_that_lead_to_tabs(self, books: Any, design: Design) -> None:
        book = books[design.name]
        start = book.active
        assert (start.title, start["A1"].value) == ("Start here", design.headline)
        ways = [start.cell(row, 1).hyperlink.location for row in (5, 6, 7)]
        assert ways == [f"'{guide.tab}'!A1" for guide in design.guides]
        assert {guide.tab for guide in design.guides} <= set(book.sheetnames)

    def test_the_overall_check_stands_in_every_frozen_header(self, books: Any, design: Design) -> None:
        book = books[design.name]
        assert book.defined_names[NAME].attr_text == "'Start here'!$F$10"
        for sheet in book.worksheets[1:]:
            assert sheet["A2"].value == f"={NAME}"
            assert sheet.freeze_panes.endswith("5")

    def test_it_lacks_only_its_facts(self, templates: Any, design: Design) -> None:
        team = read_records(read(Package.from_bytes(templates[design.name])))
        assert {finding.code for finding in team.findings} == {"missing_setting"}

    def test_a_new_workbook_of_it_goes_through_the_cycle(self, tmp_path: Path, design: Design) -> None:
        path = tmp_path / "new.xlsx"
        new_file(path, template=design.name, facts=FACTS)
        assert cycle.validate(cycle.read(path)) == []
        assert cycle.write(cycle.score(cycle.read(path)), path).changed
        assert cycle.validate(cycle.read(path)) == []

    def test_only_the_as_of_cell_is_volatile(self, templates: Any, design: Design) -> None:
        with zipfile.ZipFile(io.BytesIO(templates[design.name])) as package:
            text = "".join(package.read(name).decode() for name in package.namelist())
        assert len(re.findall(r"\b(?:TODAY|NOW|OFFSET|INDIRECT|RAND)\(", text)) == 1


@pytest.mark.skipif(
    tuple(map(int, xlsxwriter.__version__.split(".")[:2])) < (3, 2),
    reason="an older XlsxWriter paints the same tabs in other words; the examples are made with a present one",
)
def test_the_committed_examples_are_current() -> None:
    assert check(EXAMPLES) == []


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_an_example_has_no_error_and_a_summary(design: Design) -> None:
    book = cycle.read(EXAMPLES / f"{design.name}.xlsx")
    assert [f for f in cycle.validate(book) if f.severity.value != "info"] == []
    assert "Summary" in [sheet.mark for sheet in book.book.sheets] if book.book else False


# ------------------------------------------------------------------------------ what the views show


def _column(path: Path, tab: str, header: str) -> list[Any]:
    """The values of a table's column, top down, without those of empty rows."""
    sheet = read(path).sheet(tab)
    assert sheet
    (table,) = sheet.list_objects
    number = table.area.left + table.columns.index(header)
    cells = [sheet.cells.get((row, number)) for row in range(table.area.top + 1, table.area.bottom + 1)]
    return [cell.value for cell in cells if cell and cell.value not in ("", None)]


def _counted(goal: str, progress: float, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A goal of kind Count that stands at this share of 1000, and its check-in."""
    row = {"goal_id": goal, "goal": f"Goal {goal}", "owners": ("Ada",), "kind": "Count", "target": 1000, **more}
    return row, {"goal_id": goal, "day": date(2026, 2, 1), "value": 1000 * progress}


PROGRESSES = (0, 0.34, 0.35, 0.64, 0.65, 0.96, 1.2)


@pytest.fixture(scope="module")
def calculated(templates: dict[str, bytes], recalculate: Any) -> dict[str, Path]:
    """The OKR and the scorecard template filled in, as LibreOffice calculated them."""
    rows = [_counted(f"K{n}", progress, parent="O1") for n, progress in enumerate(PROGRESSES)]
    rows.append(_counted("K9", 0.1, parent="O1", state="Dropped"))
    objective = {"goal_id": "O1", "goal": "An objective", "owners": ("Ada",), "kind": "Percent"}
    people = [{"person": "Ada"}]
    over = [
        _counted("A", 0.7, aspiration="Aspirational", due=date(2026, 2, 10)),
        _counted("C", 0.7, aspiration="Committed", due=date(2026, 2, 10)),
        _counted("L", 0.7, aspiration="Committed"),
    ]
    limits = {
        "Threshold": 500,
        "target": 700,
        "Stretch": 900,
        "kind": "Increase",
        "baseline": 0,
        "Perspective": "Customer",
    }
    figures = [_counted(f"F{value}", value / 1000, **limits) for value in (300, 500, 600, 700, 800, 900, 1200)]
    downwards = {
        **limits,
        "Threshold": 20,
        "target": 10,
        "Stretch": 5,
        "kind": "Decrease",
        "baseline": 30,
        "Perspective": "Financial",
    }
    figures.append(_counted("D", 0.01, **downwards))
    figures.append(_counted("E", 0.01, **{**downwards, "Threshold": None, "Perspective": None}))
    visits = {"goal_id": "V", "goal": "Visits", "owners": ("Ada",), "kind": "Flow", "target": 5}
    plan = [
        {"goal_id": name, "day": date(2026, month, day), "planned": 10}
        for name in ("F500", "V")
        for month, day in ((1, 31), (2, 14), (3, 31))
    ]
    log = [{"goal_id": "V", "day": date(2026, 1, day), "value": 3} for day in (5, 12, 31)]
    books = {
        "grades": fill(templates["okr"], {PEOPLE: people, GOALS: [objective, *(g for g, _ in rows)], CHECKINS: [c for _, c in rows]}, FACTS),
        "hopes": fill(templates["okr"], {PEOPLE: people, GOALS: [g for g, _ in over], CHECKINS: [c for _, c in over]}, FACTS),
        "scorecard": fill(
            templates["scorecard"],
            {PEOPLE: people, GOALS: [*(g for g, _ in figures), visits], CHECKINS: [*(c for _, c in figures), *log], PLAN: plan},
            FACTS,
        ),
    }  # fmt: skip
    return recalculate(books)


def test_a_grade_has_one_decimal_halves_upwards(calculated: dict[str, Path]) -> None:
    grades = [okr_grade(min(1, progress)) for progress in PROGRESSES]
    mean = sum(grade for grade, _ in grades) / len(grades)
    wanted = [okr_grade(mean), *grades]
    words = {"red": GRADES[0], "yellow": GRADES[1], "green": GRADES[2]}
    assert _column(calculated["grades"], "Goals", "Grade") == pytest.approx([grade for grade, _ in wanted])
    assert _column(calculated["grades"], "Goals", "Graded as") == [words[colour] for _, colour in wanted]


def test_a_grade_is_read_against_what_was_hoped_once_the_goal_is_due(calculated: dict[str, Path]) -> None:
    shown = _column(calculated["hopes"], "Goals", "Against hope")
    assert [word[2:].casefold().split(":")[0] for word in shown[:2]] == [
        grade_against_hope(0.7, aspirational).split(" that")[0] for aspirational in (True, False)
    ]
    assert shown[2] == "◔ Not due yet"


def test_points_and_curve_follow_the_published_scales(calculated: dict[str, Path]) -> None:
    values = (300, 500, 600, 700, 800, 900, 1200)
    points = [scorecard_points(value, red=500, goal=700) for value in values] + [scorecard_points(10, red=20, goal=10)]
    curve = [payout(value, ((500, 0.5), (700, 1.0), (900, 1.5))) for value in values] + [1.0]
    assert _column(calculated["scorecard"], "Goals", "Points") == pytest.approx(points)
    assert _column(calculated["scorecard"], "Goals", "Curve") == pytest.approx(curve)
    assert [BANDS.index(word) for word in _column(calculated["scorecard"], "Goals", "Band")] == [0, 1, 1, 2, 2, 3, 3, 2]


def test_perspectives_add_up(calculated: dict[str, Path]) -> None:
    path = calculated["scorecard"]
    assert _column(path, "Scorecard", "Key figures") == [1, 7, 0, 0]
    assert _column(path, "Scorecard", "Mean points") == pytest.approx(
        [20 / 3, (0 + 10 / 3 + 5 + 20 / 3 + 25 / 3 + 20) / 7]
    )
    assert _column(path, "Scorecard", "Stretch reached") == [0, 2, 0, 0]


def test_plan_shows_what_each_period_reached(calculated: dict[str, Path]) -> None:
    assert _column(calculated["scorecard"], "Plan", "Reached") == [500, 9]
    assert _column(calculated["scorecard"], "Plan", "Difference") == [490, -1]


FAULTS = """
Goals     | goal_id=G1 goal=Grow kind=Count                                    | a required cell is empty
Goals     | goal_id=G1 goal=Grow kind=Count owners=Bob                         | nobody of that name in People
Goals     | goal_id=G1 goal=Grow kind=Count owners=Ada;Bob                     |
Goals     | goal_id=G1 goal=Grow kind=Count owners=Ada start=2-10 due=2-01     | due before its start
Goals     | goal_id=G1 goal=Grow kind=Count owners=ada weight=-1               | a weight below zero
Check-ins | goal_id=G7 day=2-01 value=1                                        | no goal of that id
Check-ins | goal_id=G0 day=February value=1                                    | a date that is none
Actions   | action_id=A0 action=Call owner=Ada due=3-01                        | an id taken twice
People    | person=Eve start=3-01 end=2-01                                     | the last day before the first
Settings  | team=                                                              |
"""


def _fault_rows() -> list[tuple[str, dict[str, Any], str]]:
    def value(text: str) -> Any:
        month, _, day = text.partition("-")
        return (
            date(2026, int(month), int(day))
            if month.isdigit() and day
            else int(text)
            if text.lstrip("-").isdigit()
            else text
        )

    lines = [[cell.strip() for cell in line.split("|")] for line in FAULTS.strip().splitlines()]
    pairs = [(tab, [pair.split("=") for pair in entry.split()], what) for tab, entry, what in lines]
    return [(tab, {name: value(text) for name, text in entry if text}, what) for tab, entry, what in pairs]


@pytest.fixture(scope="module")
def checked(team_template: bytes, recalculate: Any) -> list[Path]:
    """One workbook for each case, sound but for that row."""
    forms = {form.tab: form for form in DESIGNS[0].forms}
    sound = {
        "People": [{"person": "Ada"}],
        "Goals": [{"goal_id": "G0", "goal": "Sound", "owners": "Ada", "kind": "Count", "target": 9}],
        "Actions": [{"action_id": "A0", "action": "Write", "owner": "Ada", "due": date(2026, 3, 1)}],
    }
    books = {}
    for number, (tab, entry, _) in enumerate(_fault_rows()):
        rows = {
            forms[name]: [*sound.get(name, []), *([entry] if name == tab else [])]
            for name in {*sound, tab} - {"Settings"}
        }
        books[f"case{number}"] = fill(team_template, rows, FACTS)
    return list(recalculate(books).values())


@pytest.mark.parametrize("number", range(len(_fault_rows())), ids=lambda n: _fault_rows()[n][2] or "all is well")
def test_an_obvious_fault_is_counted_on_its_tab(checked: list[Path], number: int) -> None:
    tab, _, what = _fault_rows()[number]
    start = read(checked[number]).sheet("Start here")
    assert start
    tabs = {start.cells[row, 1].value: start.cells[row, 3].value for row in range(10, 20)}
    assert {name: count for name, count in tabs.items() if count} == ({tab: 1} if what else {})
    assert start.cells[10, 6].value == ("▲ CHECK 1" if what else "✔ OK")
    goals = read(checked[number]).sheet("Goals")
    assert goals
    assert goals.cells[2, 1].value == start.cells[10, 6].value


SHARED_FUNCTIONS = {
    "AND", "COUNTA", "IF", "INDEX", "INT", "ISNUMBER", "MAX", "MIN", "MOD", "N", "NOT", "OR", "ROUND", "ROW", "SUM", "SUMPRODUCT",
    "TRIM", "TRUNC",
}  # fmt: skip
"""Functions that Excel 2016, LibreOffice and Google Sheets share."""


@pytest.mark.parametrize(
    "step",
    [*OKR_SHOWN, *OKR_STEPS, *SCORECARD_SHOWN, *SCORECARD_STEPS, *PLAN_SHOWN],
    ids=lambda step: step.column.header,
)
def test_a_view_uses_only_functions_that_all_programs_share(step: Any) -> None:
    bare = re.sub(r'"[^"]*"|\[[^\]]*\]', "", step.text)
    assert set(re.findall(r"([A-Z]+)\(", bare)) <= SHARED_FUNCTIONS
