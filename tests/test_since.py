"""What changed since the last run: the workbook remembers, and the next run compares."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from perfsheet import cycle
from perfsheet.demo import demo_teams
from perfsheet.filling import fill
from perfsheet.scoring import Status
from perfsheet.since import Snapshot, Standing, compared, remembered, since_last_run, snapshots_in
from perfsheet.templates import template_bytes
from perfsheet.workbooks.reading import read

DAY = date(2026, 2, 14)


def run(days: int, *goals: tuple[str, float | None, str], check_ins: int = 0) -> Snapshot:
    standings = tuple(Standing(goal, progress, Status(word)) for goal, progress, word in goals)
    return Snapshot(DAY + timedelta(days=days), check_ins, 0, 0, standings)


def test_what_got_worse_comes_first() -> None:
    before = run(0, ("G1", 0.2, "off_track"), ("G2", 0.4, "on_track"), ("G3", 0.4, "on_track"), ("G4", None, "no_data"))
    now = run(
        7,
        ("G1", 0.5, "on_track"),
        ("G2", 0.4, "at_risk"),
        ("G3", 0.5, "on_track"),
        ("g5", None, "no_data"),
        check_ins=3,
    )
    found = compared(before, now)
    assert [(m.now.goal_id, m.worse) for m in found.moved] == [("G2", True), ("G1", False)]
    assert (found.day, found.new, found.gone, found.added["check-in"]) == (DAY, ("g5",), ("G4",), 3)


def test_lines_come_back_as_they_were() -> None:
    runs = [run(0, ("G|1", 1 / 3, "at_risk")), run(7, ("Ö2", None, "no_data"), ("G3", 0, "off_track"))]
    assert snapshots_in(remembered(runs[:1], runs[1])) == runs


@pytest.mark.parametrize("line", ["", "{", "[1]", '["not a day", 1, 2, 3]', '["G1", 0.5, "great"]', '["G1", true]'])
def test_a_line_that_somebody_changed_is_passed_over(line: str) -> None:
    lines = remembered([], run(0, ("G1", 0.5, "on_track")))
    assert snapshots_in([line, *lines, line]) == [run(0, ("G1", 0.5, "on_track"))]


def test_goals_below_a_damaged_head_belong_to_no_run() -> None:
    first, second = run(0, ("G1", 0.5, "on_track")), run(7, ("G2", 0.5, "on_track"))
    lines = list(remembered([first], second))
    lines[2] = lines[2].replace("2026", "20x6")
    assert snapshots_in(lines) == [first]


@pytest.mark.parametrize(
    ("days", "compared_with"),
    [
        pytest.param(21, 14, id="the last run"),
        pytest.param(14, 7, id="the same day again: the run before it"),
        pytest.param(10, 7, id="a look back in time: the run before that day"),
        pytest.param(0, None, id="the first day: nothing to compare with"),
    ],
)
def test_which_run_is_compared_with(days: int, compared_with: int | None) -> None:
    earlier = [run(0), run(7), run(14)]
    found = since_last_run(earlier, run(days))
    assert (found and found.day) == (None if compared_with is None else DAY + timedelta(days=compared_with))


def test_only_the_last_runs_are_remembered_one_a_day() -> None:
    lines: tuple[str, ...] = ()
    for days in (0, 7, 7, 14, 21):
        lines = remembered(snapshots_in(lines), run(days))
    assert [s.as_of - DAY for s in snapshots_in(lines)] == [timedelta(days=d) for d in (7, 14, 21)]


def test_summary_says_what_changed_and_a_second_run_gives_the_same_bytes(tmp_path: Path) -> None:
    team, path = next(demo_teams(1)), tmp_path / "team.xlsx"
    path.write_bytes(fill(template_bytes("team"), team.rows, team.settings))
    before = cycle.score(cycle.read(path), date(2026, 8, 1))
    cycle.write(before, path)
    assert before.since is None
    for _ in range(2):
        review = cycle.score(cycle.read(path), date(2026, 8, 28))
        cycle.write(review, path)
        seen = path.read_bytes()
    assert seen == path.read_bytes()
    assert review.since is not None
    assert review.since.day == date(2026, 8, 1)
    summary = read(path).sheet("Summary")
    assert summary is not None
    texts = [str(cell.value) for cell in summary.cells.values() if cell.type == "text"]
    assert "What changed since 2026-08-01" in texts
    assert any("check-ins" in text and text.endswith("added") for text in texts)
