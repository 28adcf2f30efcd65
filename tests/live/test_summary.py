"""Summary follows the tables by formulas, where that is sure, and holds plain numbers where it is not."""

from __future__ import annotations

import dataclasses
import re
from datetime import date
from typing import Any

import pytest

from perfsheet import cycle
from perfsheet.filling import fill
from perfsheet.forms import ACTIONS, CHECKINS, GOALS, HISTORY
from perfsheet.records import read_records
from perfsheet.review import Review
from perfsheet.tables import Put
from perfsheet.tabs import summary
from perfsheet.templates import template_bytes
from perfsheet.workbooks.package import Package
from perfsheet.workbooks.reading import read

from .conftest import AS_OF, ROWS, SETTINGS

FAMILY: dict[Any, Any] = {
    GOALS: [
        {"goal_id": "G1", "goal": "Happy customers", "owners": ("Ada",), "kind": "Increase"},
        {"goal_id": "G2", "goal": "Sell more", "owners": ("Ada",), "kind": "Increase", "baseline": 20, "target": 40, "parent": "G1"},
        {"goal_id": "G3", "goal": "Win clients", "owners": ("Bo",), "kind": "Count", "target": 12, "parent": "G1", "weight": 2},
    ],
    CHECKINS: [{"day": date(2026, 2, 10), "goal_id": "G2", "value": 30}, {"day": date(2026, 2, 10), "goal_id": "G3", "value": 3}],
    ACTIONS: [{"action_id": "A1", "action": "Call", "owner": "Ada", "due": date(2026, 2, 1)}],
}  # fmt: skip


def reviewed(rows: Any = ROWS, as_of: date | None = None, settings: Any = SETTINGS) -> Review:
    book = read_records(read(Package.from_bytes(fill(template_bytes("team"), rows, settings))))
    return cycle.score(book, as_of)


def row_of(review: Review, name: str, column: int = 1) -> dict[int, Put]:
    """The cells of the goal's or person's row by column."""
    cells = summary(review).cells
    row = next(p.row for p in cells if p.column == column and p.value == name and p.row > 20)
    return {p.column: p for p in cells if p.row == row}


def test_a_goal_shows_its_cells_of_the_goals_tab() -> None:
    goal = row_of(reviewed(), "G1")
    found = [re.sub(r"\$A\d+", "$A", str(goal[column].formula)) for column in (5, 6, 9)]
    assert found == [
        f"INDEX(tblGoals[{header}],MATCH($A,tblGoals[Live key],0))" for header in ("Progress", "Expected", "Status")
    ]
    assert [goal[column].value for column in (5, 6, 9)] == [0.5, 0.5, "✔ On track"]


def test_a_parent_without_a_measure_is_added_up_from_its_sub_goals() -> None:
    review = reviewed(FAMILY)
    parent, first, second = row_of(review, "G1"), row_of(review, "G3")[5].row, row_of(review, "G2")[5].row
    known = f"((O{second}*P{second}+O{first}*P{first})/(O{second}+O{first}))"
    assert parent[16].formula == known[1:-1]
    assert str(parent[5].formula).startswith(f"IF({known[1:-1]}<pol_none_below,")
    assert parent[5].value == pytest.approx((0.5 + 0.25) / 2)
    assert str(parent[9].formula).startswith("IF(INDEX(tblGoals[Status],MATCH($A")


def test_counts_look_at_their_tables() -> None:
    cells = {p.value: p for p in summary(reviewed(FAMILY)).cells}
    row = cells["of these overdue"].row + 1
    counts = {p.column: (p.value, p.formula) for p in summary(reviewed(FAMILY)).cells if p.row == row}
    assert counts[3] == (
        1,
        'SUMPRODUCT((tblActions[Action ID]<>"")*(tblActions[Action]<>"")*(tblActions[Owner]<>"")*(tblActions[Due date]<>"")'
        '*(tblActions[Done on]="")*(tblActions[Due date]<as_of))',
    )


def test_on_another_day_than_the_workbooks_own_summary_holds_numbers() -> None:
    assert row_of(reviewed(as_of=date(2026, 3, 1)), "G1")[5].formula is None
    assert row_of(reviewed(as_of=AS_OF), "G1")[5].formula is not None


def test_a_goal_that_formulas_cannot_follow_holds_its_numbers() -> None:
    rows = ROWS | {CHECKINS: [{"day": "2026-02-10", "goal_id": "G1", "value": 30}, *ROWS[CHECKINS][1:]]}
    review = reviewed(rows)
    assert [row_of(review, name)[5].formula is None for name in ("G1", "G2")] == [True, False]
    assert row_of(review, "G1")[5].value == 0.5


def test_after_an_accepted_change_of_plan_the_numbers_are_held() -> None:
    review = reviewed()
    goal = next(g for g in review.book.goals if g.goal_id == "G1")
    place = goal.place
    change = HISTORY.record(place=place, row=9, when="2026-02-01", field="Target", goal_id="G1", old="60", new="40")  # type: ignore[call-arg]
    changed = dataclasses.replace(review.book, history=(change,))
    assert row_of(cycle.score(changed), "G1")[6].formula is None


def test_status_colours_change_with_the_word() -> None:
    tab = summary(reviewed())
    assert [word for word, _ in tab.marked[0].looks][:3] == ["★ Achieved", "✔ On track", "▲ At risk"]
    assert {p.style for p in tab.cells if p.value == "✔ On track"} == {"status_on_track"}
