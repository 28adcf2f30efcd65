"""From a decision in Adjustments to a changed goal, a History row, and a mark that it was applied."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from perfsheet import cycle
from perfsheet.cli import cli
from perfsheet.demo import demo_teams
from perfsheet.filling import fill
from perfsheet.tables import Address, Change, Scalar
from perfsheet.templates import template_bytes
from perfsheet.workbooks.editing import edit
from perfsheet.workbooks.package import open_package
from perfsheet.workbooks.reading import read as read_cells

AS_OF = date(2026, 8, 28)


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scored workbook in which a later due date is proposed for T1."""
    sales = list(demo_teams(2))[1]
    path = tmp_path_factory.mktemp("scored") / "team.xlsx"
    path.write_bytes(fill(template_bytes("team"), sales.rows, sales.settings))
    cycle.write(cycle.score(cycle.read(path)), path)
    return path


@pytest.fixture
def team(scored: Path, tmp_path: Path) -> Path:
    """A copy of it to work in."""
    return Path(shutil.copy(scored, tmp_path / "team.xlsx"))


def decide(path: Path, goal_id: str, **cells: Scalar) -> None:
    """What a manager types into the row of a goal's proposal."""
    row = next(d for d in cycle.read(path).decisions if d.goal_id == goal_id)
    path.write_bytes(edit(open_package(path), [Change(row.at(name), value) for name, value in cells.items()]))


def parts(path: Path) -> dict[str, bytes]:
    package = open_package(path)
    return {name: package.read(name) for name in package.names}


def test_nothing_accepted_changes_nothing(team: Path) -> None:
    before = team.read_bytes()
    applied = cycle.apply(team)
    assert (applied.plan.history_rows, team.read_bytes()) == ((), before)


def test_an_accepted_date_goes_into_goals_and_history(team: Path) -> None:
    decide(team, "T1", decision="Accept", decided_by="Hiroshi Okafor", reason="Agreed with sales")
    applied = cycle.apply(team)
    book = cycle.read(team)
    (row,) = book.history
    goal = book.goals_by_id["t1"]
    assert (row.field, row.new, row.who, row.reason) == ("Due date", goal.due, "Hiroshi Okafor", "Agreed with sales")
    assert row.part == str(goal.at("due"))
    assert next(d for d in book.decisions if d.goal_id == "T1").state == "Applied"
    assert applied.review.scores.goal("T1").vs_original.due == date(2026, 9, 30)
    assert [f.code for f in cycle.validate(book) if "history" in f.code] == []


def test_only_the_cells_that_must_change_do(team: Path) -> None:
    before = parts(team)
    cells = {s.name: dict(s.cells) for s in read_cells(team).sheets}
    decide(team, "T1", decision="Accept", decided_by="Hiroshi Okafor")
    cycle.apply(team)
    after = parts(team)
    changed = {name for name in before if before[name] != after.get(name)}
    ours = {"Summary", "Adjustments", "Checks", "History"}
    values = {
        (sheet.name, position)
        for sheet in read_cells(team).sheets
        if sheet.name not in ours
        for position, cell in sheet.cells.items()
        if not cell.formula and cell != cells[sheet.name].get(position)
    }
    assert values == {("Goals", (cycle.read(team).goals_by_id["t1"].row, 14))}
    assert not any("sharedStrings" in name or "theme" in name for name in changed)


def test_a_second_run_has_nothing_left_to_do(team: Path) -> None:
    decide(team, "T1", decision="Accept")
    cycle.apply(team)
    once = team.read_bytes()
    assert cycle.apply(team).plan.history_rows == ()
    assert team.read_bytes() == once


def test_history_grows_by_rows_and_the_chain_holds(team: Path) -> None:
    decide(team, "T1", decision="Accept")
    cycle.apply(team)
    decide(team, "P1", decision="Change", decided_value=None)
    refused = cycle.apply(team).plan.refused
    book = cycle.read(team)
    assert len(book.history) == 1
    assert all(reason for _, reason in refused)
    table = next(o for s in read_cells(team).sheets if s.name == "History" for o in s.list_objects)
    assert table.area.bottom == book.history[-1].row


def test_a_tampered_history_row_shows(team: Path) -> None:
    decide(team, "T1", decision="Accept")
    cycle.apply(team)
    row = cycle.read(team).history[0]
    team.write_bytes(edit(open_package(team), [Change(row.at("who"), "Somebody else")]))
    assert "history_row_changed" in [f.code for f in cycle.validate(cycle.read(team))]


def test_a_cell_that_changed_meanwhile_is_left(team: Path) -> None:
    decide(team, "T1", decision="Accept")
    goal = cycle.read(team).goals_by_id["t1"]
    team.write_bytes(
        edit(open_package(team), [Change(Address("Goals", goal.row, goal.place.columns["due"]), date(2026, 10, 9))])
    )
    applied = cycle.apply(team)
    assert applied.plan.history_rows == ()
    assert cycle.read(team).goals_by_id["t1"].due == date(2026, 10, 9)


def test_dry_run_names_the_cells_and_writes_nothing(team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    decide(team, "T1", decision="Accept")
    before = team.read_bytes()
    with pytest.raises(SystemExit) as ended:
        cli(["apply", "--dry-run", "--format", "json", str(team)])
    (workbook,) = json.loads(capsys.readouterr().out)["workbooks"]
    assert (ended.value.code, team.read_bytes()) == (0, before)
    assert [(c["goal_id"], c["field"], c["cell"]) for c in workbook["changes"]] == [("T1", "Due date", "Goals!N5")]


def test_a_target_moved_by_hand_shows_from_the_next_run_on(team: Path) -> None:
    goal = cycle.read(team).goals_by_id["t1"]
    team.write_bytes(edit(open_package(team), [Change(goal.at("target"), 20)]))
    for _ in range(2):
        (moved,) = [f for f in cycle.validate(cycle.read(team)) if f.code == "target_changed_without_history"]
        assert (str(moved.address), "it is 36" in moved.message) == (str(goal.at("target")), True)
        cycle.write(cycle.score(cycle.read(team)), team)


def test_a_target_moved_by_a_decision_does_not(team: Path) -> None:
    decide(team, "T1", decision="Accept")
    cycle.apply(team)
    assert [f.code for f in cycle.validate(cycle.read(team)) if f.code == "target_changed_without_history"] == []
