"""The end of a period: final numbers stay, and what is unfinished goes on by the rule of its kind."""

from __future__ import annotations

import io
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.table import TableColumn

from perfsheet import closing, cycle
from perfsheet.errors import Misuse
from perfsheet.filling import fill
from perfsheet.forms import ACTIONS, CHECKINS, DEVELOPMENT, GOALS, MILESTONES, PEOPLE
from perfsheet.templates import template_bytes
from perfsheet.workbooks.reading import read

SETTINGS = {
    "organisation": "Alder", "team": "North", "manager": "Ada Lovelace", "period": "2026 Q1", "period_start": date(2026, 1, 1),
    "period_end": date(2026, 3, 31), "at_risk_pace": 0.8,
}  # fmt: skip


def goal(goal_id: str, kind: str, **more: object) -> dict[str, object]:
    return {
        "goal_id": goal_id,
        "goal": f"Goal {goal_id}",
        "owners": "Ada Lovelace",
        "kind": kind,
        "measure": "m",
        **more,
    }


def look(goal_id: str, value: float) -> dict[str, object]:
    return {"day": date(2026, 3, 20), "goal_id": goal_id, "value": value}


@pytest.fixture(scope="module")
def team_bytes() -> bytes:
    rows = {
        PEOPLE: [{"person": "Ada Lovelace"}, {"person": "Linus Pauling", "end": date(2026, 2, 28)}],
        GOALS: [
            goal("G1", "Increase", baseline=20, target=40, parent="O1"), goal("G2", "Count", baseline=0, target=12),
            goal("G3", "Percent"), goal("G4", "Milestones"), goal("G5", "Decrease", baseline=50, target=10),
            goal("G6", "Increase", baseline=1, target=2, state="Dropped"), goal("G7", "Maintain", lower=5), goal("G8", "Count", target=3, state="Draft"),
        ],
        MILESTONES: [{"goal_id": "G4", "milestone": "Plan", "done": date(2026, 2, 1)}, {"goal_id": "G4", "milestone": "Ship"}],
        CHECKINS: [look("G1", 31), look("G2", 5), look("G3", 60), look("G5", 8), look("G7", 4)],
        ACTIONS: [
            {"action_id": "A1", "action": "Call", "owner": "Ada Lovelace", "due": date(2026, 3, 1), "done": date(2026, 3, 1)},
            {"action_id": "A2", "action": "Write", "owner": "Ada Lovelace", "due": date(2026, 4, 10)},
        ],
        DEVELOPMENT: [{"person": "Ada Lovelace", "kind": "Strength", "skill": "Clarity", "attainment": 1}],
    }  # fmt: skip
    return fill(template_bytes("team"), rows, SETTINGS)


@pytest.fixture
def team(team_bytes: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "q1.xlsx"
    path.write_bytes(team_bytes)
    return path


@pytest.fixture(scope="module")
def closed(team_bytes: bytes, tmp_path_factory: pytest.TempPathFactory) -> closing.Closed:
    """The quarter closed; nobody changes the two files any more."""
    folder = tmp_path_factory.mktemp("closed")
    (folder / "q1.xlsx").write_bytes(team_bytes)
    return closing.close(
        folder / "q1.xlsx",
        folder / "q2.xlsx",
        period="2026 Q2",
        start=date(2026, 4, 1),
        end=date(2026, 6, 30),
        note="Start earlier",
    )


def test_each_goal_has_an_outcome(closed):
    assert closed.outcomes == {
        "G1": "carried on", "G2": "carried on", "G3": "carried on", "G4": "carried on", "G5": "done", "G6": "dropped", "G7": "carried on",
        "G8": "still a draft",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("goal_id", "baseline", "target", "state"),
    [
        ("G1", 31, 40, "Active"),
        ("G2", 0, 7, "Active"),
        ("G3", None, None, "Active"),
        ("G7", None, None, "Active"),
        ("G8", None, 3, "Draft"),
    ],
)
def test_unfinished_goals_go_on_by_the_rule_of_their_kind(closed, goal_id, baseline, target, state):
    found = cycle.read(closed.next_path).goals_by_id[goal_id.casefold()]
    assert (found.baseline, found.target, found.state, found.start, found.due) == (baseline, target, state, None, None)


def test_what_goes_along_and_what_stays(closed):
    book = cycle.read(closed.next_path)
    assert [p.person for p in book.people] == ["Ada Lovelace"]
    assert [m.milestone for m in book.milestones] == ["Ship"]
    assert [a.action_id for a in book.actions] == ["A2"]
    assert (book.checkins, book.development[0].attainment, book.goals_by_id["g1"].parent) == ((), None, "O1")
    assert (book.settings.period, book.settings.period_end, book.policy.at_risk_pace) == (
        "2026 Q2",
        date(2026, 6, 30),
        0.8,
    )
    assert book.settings.workbook_id not in (None, cycle.read(closed.path).settings.workbook_id)


def test_history_goes_on_with_its_chain(closed):
    book = cycle.read(closed.next_path)
    assert [(r.goal_id, r.field, r.old, r.new) for r in book.history] == [
        ("G1", "Baseline", 20, 31),
        ("G2", "Target", 12, 7),
    ]
    codes = {f.code for f in cycle.validate(book, date(2026, 4, 2))}
    assert not {"history_broken", "history_row_changed", "target_changed_without_history"} & codes


def test_the_closed_workbook_keeps_its_final_numbers(closed):
    book = read(closed.path)
    sheet = next(s for s in book.sheets if s.mark == "Closing")
    finals = {
        c.value: sheet.cells[row, 7].value
        for (row, column), c in sheet.cells.items()
        if column == 1 and row > 8 and (row, 7) in sheet.cells
    }
    assert finals["G1"] == pytest.approx(0.55)
    assert not any(c.formula for c in sheet.cells.values())
    again = cycle.read(closed.path)
    assert (again.settings.as_of, again.goals_by_id["g5"].state) == (date(2026, 3, 31), "Done")
    assert cycle.score(again).scores.team.progress == closed.review.scores.team.progress
    assert any(c.value == "Start earlier" for c in sheet.cells.values())
    assert not any(isinstance(c.value, datetime) for c in sheet.cells.values())


def test_a_dry_run_writes_nothing(team, tmp_path):
    before = team.read_bytes()
    closing.close(
        team, tmp_path / "q2.xlsx", period="2026 Q2", start=date(2026, 4, 1), end=date(2026, 6, 30), dry_run=True
    )
    assert (team.read_bytes(), (tmp_path / "q2.xlsx").exists()) == (before, False)


@pytest.mark.parametrize(
    ("start", "end"), [(date(2026, 3, 1), date(2026, 6, 30)), (date(2026, 4, 1), date(2026, 3, 31))]
)
def test_periods_must_follow_on(team, tmp_path, start, end):
    with pytest.raises(Misuse, match="next period must begin after"):
        closing.close(team, tmp_path / "q2.xlsx", period="2026 Q2", start=start, end=end)


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_next_workbook_that_is_there_is_never_replaced(closed, dry_run):
    q2 = {"period": "2026 Q2", "start": date(2026, 4, 1), "end": date(2026, 6, 30)}
    before = Path(closed.next_path).read_bytes()
    with pytest.raises(Misuse, match="there already"):
        closing.close(closed.path, closed.next_path, **q2, dry_run=dry_run)
    assert Path(closed.next_path).read_bytes() == before
    with pytest.raises(Misuse, match="a name that ends in"):
        closing.close(closed.path, Path(closed.next_path).with_suffix(".csv"), **q2, dry_run=dry_run)


def scorecard(path: Path, template: bytes) -> Path:
    """A workbook with the scorecard's columns, a count among its goals."""
    levels = {"Perspective": "Customer", "Threshold": 25.0, "Stretch": 50.0}
    rows = {
        PEOPLE: [{"person": "Ada Lovelace"}],
        GOALS: [
            goal("G1", "Increase", baseline=20, target=40, **levels),
            goal("G2", "Count", baseline=0, target=12, **levels | {"Threshold": 4.0, "Stretch": 15.0}),
        ],
        CHECKINS: [look("G1", 31), look("G2", 5)],
    }
    path.write_bytes(fill(template, rows, SETTINGS))
    return path


def columns_of(path: str | Path, *headers: str) -> list[tuple[object, ...]]:
    sheet = read(path).sheet("Goals")
    (table,) = sheet.list_objects
    places = [table.area.left + table.columns.index(header) for header in headers]
    rows = ((row, [sheet.cells.get((row, column)) for column in places]) for row in (5, 6))
    return [tuple(cell.value if cell else None for cell in cells) for _, cells in rows]


def close_to(path: Path, template: str | None = None) -> str:
    dates = {"start": date(2026, 4, 1), "end": date(2026, 6, 30)}
    return closing.close(path, path.with_name("q2.xlsx"), period="2026 Q2", template=template, **dates).next_path


def test_columns_that_the_template_adds_go_along_and_a_counts_levels_owe_what_is_left(tmp_path):
    upcoming = close_to(scorecard(tmp_path / "q1.xlsx", template_bytes("scorecard")))
    assert columns_of(upcoming, "Goal ID", "Perspective", "Threshold", "Target", "Stretch") == [
        ("G1", "Customer", 25, 40, 50),
        ("G2", "Customer", 0, 7, 10),
    ]
    assert all(
        read(upcoming).sheet("Goals").cells[5, column].formula
        for column in [
            i for i, c in enumerate(read(upcoming).sheet("Goals").list_objects[0].columns, 1) if c == "Points"
        ]
    )


def test_columns_that_the_next_template_lacks_stay_behind(tmp_path):
    upcoming = close_to(scorecard(tmp_path / "q1.xlsx", template_bytes("scorecard")), "team")
    assert columns_of(upcoming, "Goal ID", "Target") == [("G1", 40), ("G2", 7)]


def test_a_column_of_their_own_goes_along_where_their_template_has_it(tmp_path):
    book = openpyxl.load_workbook(io.BytesIO(template_bytes("team")))
    people = book["People"]
    people["H4"] = "Shoe size"
    people.tables["tblPeople"].ref = people.tables["tblPeople"].autoFilter.ref = "A4:H24"
    people.tables["tblPeople"].tableColumns.append(TableColumn(id=8, name="Shoe size"))
    own = tmp_path / "own.xlsx"
    book.save(own)
    rows = {PEOPLE: [{"person": "Ada Lovelace", "Shoe size": 42}], GOALS: [goal("G1", "Percent")]}
    (tmp_path / "q1.xlsx").write_bytes(fill(own.read_bytes(), rows, SETTINGS))
    assert read(close_to(tmp_path / "q1.xlsx", str(own))).sheet("People").cells[5, 8].value == 42
