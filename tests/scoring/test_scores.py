"""All scores of a workbook: the names that scripts rely on, and what may not change a number."""

from __future__ import annotations

import dataclasses
import random

import pytest

from perfsheet.policy import Policy
from perfsheet.scoring import Accountability, Component, Forecast, GoalScore, GroupScore, Status, score_book

GOALS = """
    | Goal ID | Goal | Owner | Parent goal | Kind | Baseline | Target | Lower | Upper | Weight |
    | G1 | grow   | Ada     |    | Increase   | 40 | 100 |    |    | 3 |
    | G2 | shrink | Bo      |    | Decrease   | 50 | 10  |    |    | 2 |
    | G3 | calls  | Ada; Bo |    | Count      | 0  | 40  |    |    |   |
    | G4 | weekly | Cy      |    | Flow       |    | 10  |    |    |   |
    | G5 | hold   | Cy      |    | Maintain   |    |     | 70 | 80 |   |
    | G6 | steps  | Ada     |    | Milestones |    |     |    |    | 1 |
    | G7 | manual | Bo      |    | Percent    |    |     |    |    |   |
    | G8 | launch | Cy      |    | Yes/No     |    |     |    |    |   |
    | G9 | part   | Bo      | G1 | Increase   | 0  | 10  |    |    |   |
"""
MILESTONES = """
    | Goal ID | Milestone | Done on |
    | G6 | a | 2026-01-09 |
    | G6 | b | 2026-01-19 |
    | G6 | c | |
    | G6 | d | |
"""
VALUES = {
    "G1": (44, 50, 55, 61), "G2": (47, 44, 40, 36), "G3": (4, 8, 11, 14), "G4": (9, 11, 10, 8), "G5": (75, 69, 72, 78),
    "G7": (0.1, 0.2, 0.2, 0.3), "G8": (0, 0, 0, 0), "G9": (1, 2, 3, 4),
}  # fmt: skip
PEOPLE = "| Person | Manager |\n| Ada | Mona May |\n| Bo | Mona May |\n| Cy | Mona May |\n| Mona May | |"


@pytest.fixture
def book(team, day):
    lines = [f"| {day(7 * k)} | {g} | {v[k - 1]} |" for g, v in VALUES.items() for k in (1, 2, 3, 4)]
    checkins = "\n".join(["| Date | Goal ID | Value |", *lines])
    return team(goals=GOALS, milestones=MILESTONES, checkins=checkins, people=PEOPLE)


@pytest.mark.parametrize(
    ("shape", "names"),
    [
        (GoalScore, "goal_id goal owner kind address baseline target current raw_progress progress expected spi_t earned_schedule "
                    "forecast_finish tspi status status_reason check_ins forecast reason vs_original"),
        (Forecast, "probability shown median low high df drift safe_date"),
        (GroupScore, "progress expected coverage low high status_counts worst"),
        (Accountability, "index low high coverage reason components"),
        (Component, "name successes trials share weight"),
    ],
)  # fmt: skip
def test_the_names_that_scripts_rely_on(shape, names) -> None:
    assert set(names.split()) <= {*shape.__annotations__, *vars(shape)}


def test_off_track_looking_back_is_what_each_day_said(book, day) -> None:
    for goal in score_book(book, day(28)).goals:
        then = [score_book(book, on).goal(goal.goal_id).status is Status.OFF_TRACK for on in goal.off_track]
        assert list(goal.off_track.values()) == then


def test_every_kind_at_once(book, day) -> None:
    scores = score_book(book, day(28))
    assert {g.goal_id: (round(g.progress, 3), g.status.value) for g in scores.goals} == {
        "G1": (0.35, "on_track"),
        "G2": (0.35, "on_track"),
        "G3": (0.35, "on_track"),
        "G4": (0.95, "on_track"),
        "G5": (0.75, "at_risk"),
        "G6": (0.5, "on_track"),
        "G7": (0.3, "on_track"),
        "G8": (0.0, "on_track"),
        "G9": (0.4, "on_track"),
    }
    assert [p.person for p in scores.people] == ["Ada", "Bo", "Cy", "Mona May"]


def test_the_order_of_the_rows_changes_no_number(book, day) -> None:
    rnd = random.Random(7)
    mixed = dataclasses.replace(
        book,
        goals=tuple(rnd.sample(book.goals, len(book.goals))),
        checkins=tuple(rnd.sample(book.checkins, len(book.checkins))),
    )
    one, other = score_book(book, day(28)), score_book(mixed, day(28))
    assert other.team.progress == pytest.approx(one.team.progress)
    for goal in one.goals:
        assert other.goal(goal.goal_id) == goal
    for person in one.people:
        assert other.person(person.person).accountability.index == pytest.approx(person.accountability.index)


def test_two_runs_are_equal(book, day) -> None:
    assert score_book(book, day(28)) == score_book(book, day(28))


def test_status_counts_name_every_status_in_its_order(book, day) -> None:
    assert list(score_book(book, day(28)).team.status_counts) == [s.value for s in Status]


def test_every_number_explains_itself(book, day) -> None:
    scores = score_book(book, day(28))
    everything = [*scores.goals, scores.team]
    everything += [s for p in scores.people for s in (p.progress, p.accountability)]
    assert all(e.explain().endswith(".") for e in everything)
    assert not any("None" in e.explain() or "nan" in e.explain() for e in everything)


def test_every_part_of_a_goal_and_every_trial_has_a_cell(book, day) -> None:
    scores = score_book(book, day(28))
    assert all(p.address for g in scores.goals for p in g.parts)
    assert all(t.address for p in scores.people for c in p.accountability.components for t in c.listed)


@pytest.mark.parametrize("asof", [-400, 0, 1, 2, 91, 92, 2000])
def test_any_day_can_be_asked_about(book, day, asof: int) -> None:
    scores = score_book(book, day(asof))
    assert all(g.progress is None or 0 <= g.progress <= 1 for g in scores.goals)
    assert asof > 0 or {g.status.value for g in scores.goals} == {"not_started"}


@pytest.mark.parametrize("asof", [1, 2, 28, 91, 92])
def test_the_exclusive_convention(book, day, asof: int) -> None:
    exclusive = dataclasses.replace(book, policy=Policy(time_convention="exclusive"))
    goal = score_book(exclusive, day(asof)).goal("G1")
    assert goal.expected == (None if asof == 1 else pytest.approx(min(1, (asof - 1) / 90)))


def test_a_due_date_before_the_start_gives_a_number_and_no_pace(team, day, readings) -> None:
    goals = f"| Goal ID | Goal | Owner | Kind | Baseline | Target | Start date | Due date |\n| G1 | a | Ada | Increase | 0 | 9 | {day(9)} | {day(5)} |"
    goal = score_book(team(goals=goals, checkins=readings([12], [3])), day(20)).goals[0]
    assert (goal.progress, goal.expected, goal.spi_t, goal.forecast) == (pytest.approx(1 / 3), None, None, None)


def test_a_goal_of_one_day(team, day, readings) -> None:
    goals = f"| Goal ID | Goal | Owner | Kind | Baseline | Target | Start date | Due date |\n| G1 | a | Ada | Increase | 0 | 9 | {day(9)} | {day(9)} |"
    goal = score_book(team(goals=goals, checkins=readings([9], [3])), day(9)).goals[0]
    assert (goal.expected, goal.spi_t, goal.planned_days) == (1.0, pytest.approx(1 / 3), 1)
