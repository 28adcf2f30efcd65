"""The live columns in a real spreadsheet program: each kind of goal, each edge case, one row."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from perfsheet.filling import fill
from perfsheet.forms import CHECKINS, GOALS, MILESTONES, PLAN, folded
from perfsheet.live_columns import CONTAINER, HELPERS, SHOWN, VISIBLE
from perfsheet.records import read_records
from perfsheet.records.locating import _vocabulary
from perfsheet.scoring import score_book
from perfsheet.scoring.parts import Status
from perfsheet.workbooks.reading import read

# The period has 90 days and 45 are over. Days are written as month-day of 2026; m is a milestone.
SETTINGS = {
    "team": "T",
    "manager": "M",
    "period": "Q1",
    "period_start": date(2026, 1, 1),
    "period_end": date(2026, 3, 31),
    "as_of": date(2026, 2, 14),
}

CASES = """
what                                 | goal                                  | check-ins                | plan, milestones              | current | progress | expected | status
increase, on its way                 | Increase 20 to 40                     | 1-20=24 2-10=30          |                               | 30      | 0.5      | 0.5      | On track
increase, a bit behind               | Increase 0 to 100                     | 2-10=40                  |                               | 40      | 0.4      | 0.5      | At risk
increase, far behind                 | Increase 0 to 100                     | 2-10=30                  |                               | 30      | 0.3      | 0.5      | Off track
increase, baseline left empty        | Increase to 50                        | 2-1=25                   |                               | 25      | 0.5      | 0.5      | On track
increase, beyond the target          | Increase 20 to 40                     | 2-1=52                   |                               | 52      | 1        | 0.5      | Achieved
increase, worse than the baseline    | Increase 20 to 40                     | 2-1=18                   |                               | 18      | 0        | 0.5      | Off track
increase, target below the baseline  | Increase 40 to 20                     | 2-1=30                   |                               | 30      |          | 0.5      | No data
increase, without a target           | Increase 40                           | 2-1=30                   |                               | 30      |          | 0.5      | No data
decrease, just at the limit           | Decrease 50 to 10                     | 2-1=35                   |                               | 35      | 0.375    | 0.5      | At risk
decrease to zero                     | Decrease 50 to 0                      | 2-1=20                   |                               | 20      | 0.6      | 0.5      | On track
decrease, baseline left empty        | Decrease to 10                        | 2-1=20                   |                               | 20      |          | 0.5      | No data
baseline is the target               | Increase 5 to 5                       | 2-1=5                    |                               | 5       |          | 0.5      | No data
baseline is the target, limits given | Increase 5 to 5 lower 4               | 1-3=5 1-9=3 1-16=5 1-23=5 1-30=5 2-6=5 2-13=5 | | 5       | 0.857142857 | 1     | At risk
no check-in yet                      | Increase 20 to 40                     |                          |                               |         |          | 0.5      | No data
a check-in without a value           | Increase 20 to 40                     | 1-20=30 2-10=            |                               | 30      | 0.5      | 0.5      | On track
future check-ins are ignored         | Increase 20 to 40                     | 1-20=30 2-15=40          |                               | 30      | 0.5      | 0.5      | On track
two on one day: the last row         | Increase 20 to 40                     | 2-10=22 2-10=30 2-1=40   |                               | 30      | 0.5      | 0.5      | On track
check-ins before the start           | Increase 20 to 40 start 2-1           | 1-20=40                  |                               |         |          | 0.237288136 | No data
count                                | Count to 24                           | 1-9=2 2-10=12            |                               | 12      | 0.5      | 0.5      | On track
count that fell: the newest value    | Count to 24                           | 2-1=14 2-10=12           |                               | 12      | 0.5      | 0.5      | On track
count with a target of zero          | Count to 0                            | 2-1=3                    |                               | 3       |          | 0.5      | No data
count below zero                     | Count to 24                           | 2-1=-3                   |                               | -3      |          | 0.5      | No data
flow, the target each time           | Flow to 5                             | 1-9=5 1-16=4 1-23=6 1-30=3 |                             | 3       | 0.9      | 1        | On track
flow, typed again the same day       | Flow to 5                             | 1-9=50 1-9=5 1-16=4      |                               | 4       | 0.9      | 1        | On track
flow, done before the end            | Flow to 5                             | 1-9=5 1-16=6             |                               | 6       | 1        | 1        | On track
flow by phases                       | Flow                                  | 1-9=8 1-20=10 2-10=6     | 1-31=20 2-28=12 3-31=12       | 6       | 0.75     | 1        | At risk
maintain, in range half of the time  | Maintain lower 70 upper 80            | 1-3=72 1-10=69 1-17=75 1-24=81 1-31=90 2-7=75 | | 75      | 0.5      | 1        | Off track
maintain, always in range            | Maintain lower 70 upper 80            | 1-3=72 1-10=75 1-17=75 1-24=75 1-31=80 2-7=70 | | 70      | 1        | 1        | On track
maintain, the last of a period       | Maintain lower 70                     | 1-2=60 1-3=72 1-10=75 1-17=75 1-24=75 | | 75      | 1        | 1        | On track
maintain, too few periods reported   | Maintain lower 70                     | 1-3=72                   |                               | 72      |          | 1        | No data
maintain, over and held              | Maintain lower 70 start 1-1 due 1-14  | 1-3=72 1-10=75           |                               | 75      | 1        | 1        | Achieved
maintain without limits              | Maintain                              | 1-3=72                   |                               | 72      |          | 1        | No data
milestones by weight                 | Milestones                            |                          | m1=1-20 m3=                   | 0.25    | 0.25     | 0.5      | Off track
milestones without weights           | Milestones                            |                          | m=1-20 m=2-10 m=              | 0.666666667 | 0.666666667 | 0.5 | On track
milestones, one weight left empty    | Milestones                            |                          | m4=1-20 m=2-10 m2=            | 0.777777778 | 0.777777778 | 0.5 | On track
milestone done in the future         | Milestones                            |                          | m=3-1                         | 0       | 0        | 0.5      | Off track
milestones, none listed              | Milestones                            |                          |                               |         |          | 0.5      | No data
percent                              | Percent                               | 2-1=45                   |                               | 45      | 0.45     | 0.5      | On track
yes/no, open                         | Yes/No                                |                          |                               |         | 0        | 0        | On track
yes/no, done                         | Yes/No                                | 2-1=1                    |                               | 1       | 1        | 0        | Achieved
yes/no, said in words                | Yes/No                                | 2-1=Yes                  |                               | 1       | 1        | 0        | Achieved
yes/no, done by its state            | Yes/No state Done                     |                          |                               |         | 1        | 0        | Achieved
yes/no, late                         | Yes/No due 2-10                       |                          |                               |         | 0        | 1        | Overdue
a late start of the plan             | Increase 0 to 100                     | 2-10=20                  | 2-14=20                       | 20      | 0.2      | 0.2      | On track
between two dates of the plan        | Increase 0 to 100                     | 2-10=10                  | 1-30=10 3-1=40                | 10      | 0.1      | 0.25     | Off track
earned on a plan, not too late       | Increase 0 to 100                     | 2-10=24                  | 1-30=10 3-1=40                | 24      | 0.24     | 0.25     | On track
overdue                              | Increase 0 to 100 due 2-10            | 2-1=80                   |                               | 80      | 0.8      | 1        | Overdue
reached after the due date           | Increase 0 to 100 due 2-10            | 2-14=100                 |                               | 100     | 1        | 1        | Achieved
too early to say                     | Increase 0 to 100 start 2-5           | 2-10=1                   |                               | 1       | 0.01     | 0.181818182 | Too early
not started                          | Increase 0 to 100 start 3-1           |                          |                               |         |          |          | Not started
a draft                              | Increase 0 to 100 state Draft         | 2-10=50                  |                               | 50      | 0.5      | 0.5      | Not started
postponed                            | Increase 0 to 100 state Postponed     | 2-10=50                  |                               | 50      | 0.5      | 0.5      | Postponed
dropped                              | Increase 0 to 100 state Dropped       | 2-10=50                  |                               | 50      | 0.5      | 0.5      | Dropped
due before its start                 | Increase 0 to 100 start 2-10 due 2-1  |                          |                               |         |          |          | No data
"""


def _day(text: str) -> date:
    month, day = text.split("-")
    return date(2026, int(month), int(day))


def _number(text: str) -> Any:
    return None if not text else text if text == "Yes" else float(text)


def _goal(text: str) -> dict[str, Any]:
    """Increase 20 to 40 lower 4 start 2-1 -> a goal's fields."""
    kind, _, rest = text.partition(" ")
    fields: dict[str, Any] = {"kind": kind}
    if match := re.match(r"(-?[\d.]+)", rest):
        fields["baseline"] = float(match[1])
    for word, value in re.findall(r"(to|lower|upper|start|due|state) (\S+)", rest):
        name = "target" if word == "to" else word
        fields[name] = _day(value) if word in ("start", "due") else value if word == "state" else float(value)
    return fields


def _pairs(text: str) -> list[tuple[str, str]]:
    return [(left, right) for left, _, right in (item.partition("=") for item in text.split())]


def _cases() -> list[dict[str, str]]:
    lines = [[cell.strip() for cell in line.split("|")] for line in CASES.strip().splitlines()]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


PREPARED = GOALS.prepared_rows


def _rows(cases: list[dict[str, str]]) -> dict[Any, list[dict[str, Any]]]:
    rows: dict[Any, list[dict[str, Any]]] = {GOALS: [], CHECKINS: [], PLAN: [], MILESTONES: []}
    for number, case in enumerate(cases, 1):
        name = f"G{number}"
        rows[GOALS].append({"goal_id": name, "goal": case["what"], "owners": ("Ada",), **_goal(case["goal"])})
        rows[CHECKINS] += [{"goal_id": name, "day": _day(d), "value": _number(v)} for d, v in _pairs(case["check-ins"])]
        for left, right in _pairs(case["plan, milestones"]):
            if left.startswith("m"):
                done = _day(right) if right else None
                rows[MILESTONES].append(
                    {"goal_id": name, "milestone": "step", "weight": _number(left[1:]), "done": done}
                )
            else:
                rows[PLAN].append({"goal_id": name, "day": _day(left), "planned": float(right)})
    return rows


@pytest.fixture(scope="module")
def calculated(team_template: bytes, recalculate: Any) -> list[Path]:
    """All cases, as many in a workbook as it has prepared rows, as LibreOffice calculated them."""
    cases = _cases()
    parts = [cases[i : i + PREPARED] for i in range(0, len(cases), PREPARED)]
    return list(
        recalculate({f"cases{n}": fill(team_template, _rows(part), SETTINGS) for n, part in enumerate(parts)}).values()
    )


@pytest.fixture(scope="module")
def live(calculated: list[Path]) -> dict[str, dict[str, Any]]:
    """The live cells by what the case is about."""
    return {what: cells for path in calculated for what, cells in _live_cells(path).items()}


def _live_cells(path: Path) -> dict[str, dict[str, Any]]:
    team = read_records(read(path))
    sheet, columns = team.book.sheet("Goals"), team.places["Goals"].columns

    def value(row: int, name: str) -> Any:
        cell = sheet.cells.get((row, columns[name]))
        return cell.value if cell else None

    return {
        goal.goal: {name: value(goal.row, name) for name in ("current", "progress", "expected", "status")}
        for goal in team.goals
    }


@pytest.mark.parametrize("case", _cases(), ids=lambda case: case["what"])
def test_a_live_row_shows(case: dict[str, str], live: dict[str, dict[str, Any]]) -> None:
    shown = live[case["what"]]
    for name in ("current", "progress", "expected"):
        if case[name]:
            assert shown[name] == pytest.approx(float(case[name]), abs=1e-9), name
        else:
            assert shown[name] in ("", None), name
    assert str(shown["status"])[2:] == case["status"]


def test_python_gives_the_same_words(calculated: list[Path], live: dict[str, dict[str, Any]]) -> None:
    scores = [score for path in calculated for score in score_book(read_records(read(path)), SETTINGS["as_of"]).goals]
    words = {score.goal: SHOWN[score.status] for score in scores}
    assert words == {what: cells["status"] for what, cells in live.items()}


def test_a_goal_without_a_measure_of_its_own_points_to_summary(team_template: bytes, recalculate: Any) -> None:
    rows = {
        GOALS: [
            {"goal_id": "G1", "goal": "Happy customers", "owners": ("Ada",), "kind": "Increase"},
            {
                "goal_id": "G2",
                "goal": "Answer fast",
                "owners": ("Ada",),
                "kind": "Decrease",
                "baseline": 9,
                "target": 4,
                "parent": "g1",
            },
        ],
    }
    path = recalculate({"parent": fill(team_template, rows, SETTINGS)})["parent"]
    sheet = read(path).sheet("Goals")
    assert [sheet.cells[row, 21].value for row in (5, 6)] == [CONTAINER, SHOWN[Status.NO_DATA]]


def test_a_date_typed_as_text_does_no_harm_to_other_goals(team_template: bytes, recalculate: Any) -> None:
    rows = {
        GOALS: [
            {"goal_id": "G1", "goal": "Grow", "owners": ("Ada",), "kind": "Increase", "baseline": 0, "target": 100}
        ],
        CHECKINS: [
            {"goal_id": "G1", "day": "3 Feb", "value": 90},
            {"goal_id": "G1", "day": date(2026, 2, 10), "value": 50},
            {"goal_id": "G1", "day": date(2026, 2, 11), "value": "about 60"},
        ],
    }
    sheet = read(recalculate({"text": fill(team_template, rows, SETTINGS)})["text"]).sheet("Goals")
    assert [sheet.cells[5, column].value for column in (18, 19, 21)] == [50, 0.5, SHOWN[Status.ON_TRACK]]


def test_percent_as_shares_or_as_points_is_decided_for_the_whole_log(team_template: bytes, recalculate: Any) -> None:
    goals = [{"goal_id": f"G{n}", "goal": "Write it", "owners": ("Ada",), "kind": "Percent"} for n in (1, 2)]

    def book(*values: float) -> bytes:
        log = [{"goal_id": f"G{n}", "day": date(2026, 2, 10), "value": v} for n, v in enumerate(values, 1)]
        return fill(team_template, {GOALS: goals, CHECKINS: log}, SETTINGS)

    paths = recalculate({"shares": book(0.5, 1), "points": book(50, 1)})
    shown = {name: [read(p).sheet("Goals").cells[row, 19].value for row in (5, 6)] for name, p in paths.items()}
    assert shown == {"shares": [0.5, 1], "points": [0.5, 0.01]}


# ------------------------------------------------------------------------ what may stand in a formula

SHARED_FUNCTIONS = {
    "AND", "COUNTA", "COUNTIFS", "IF", "INDEX", "INT", "ISNUMBER", "MATCH", "MAX", "MIN", "MMULT", "N", "NOT", "OR", "ROUND",
    "ROUNDUP", "ROW", "SUM", "SUMPRODUCT", "TRANSPOSE", "TRIM", "TRUNC",
}  # fmt: skip
"""Functions that Excel 2016, LibreOffice and Google Sheets share."""


@pytest.mark.parametrize("step", [*VISIBLE, *HELPERS], ids=lambda step: step.column.header)
def test_a_formula_uses_only_functions_that_all_programs_share(step: Any) -> None:
    bare = re.sub(r'"[^"]*"|\[[^\]]*\]', "", step.text)
    assert set(re.findall(r"([A-Z]+)\(", bare)) <= SHARED_FUNCTIONS
    assert len(step.text) <= 8192


@pytest.mark.parametrize("step", HELPERS, ids=lambda step: step.column.header)
def test_a_step_is_never_taken_for_input(step: Any) -> None:
    assert folded(step.column.header) not in _vocabulary(GOALS)
    assert step.column.live
