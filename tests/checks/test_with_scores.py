"""Findings say what the scores do: a goal that scores is not called one without progress, nor the other way round."""

from __future__ import annotations

from datetime import date

import pytest

from perfsheet.checks import check
from perfsheet.records import read_records
from perfsheet.scoring import score_book

DAY = date(2026, 2, 14)
SETTINGS = "| Setting | Value |\n| Team | North |\n| Manager | Ada |\n| Period | Q1 |\n| Period start | 2026-01-01 |\n| Period end | 2026-03-31 |"
HEADER = "| Goal ID | Goal | Owner | Measure | Kind | Unit | Baseline | Target | Lower | Upper |"


@pytest.fixture
def told(make_book):
    """told(goal row, values, more tabs) -> (progress of G1, what is found as "cell code")."""

    def look(goal: str, values: str = "20 30 40", **tabs: str) -> tuple[float | None, list[str]]:
        log = [f"| 2026-01-{5 * n:02} | G1 | {value} |" for n, value in enumerate(values.split(), 1)]
        sheets = {"Settings": SETTINGS, "Goals": f"{HEADER}\n| G1 | a | Ada | m | {goal} |", **tabs}
        sheets["Check-ins"] = "\n".join(["| Date | Goal ID | Value |", *log])
        book = read_records(make_book(sheets))
        found = [f"{f.address} {f.code}" for f in check(book, DAY)]
        return score_book(book, DAY).goals[0].progress, found

    return look


PLAN = "| Goal ID | Date | Planned value |"
STEPS = "| Goal ID | Milestone | Weight | Done on |"


@pytest.mark.parametrize(
    ("goal", "tabs", "cell_and_code"),
    [
        ("Increase | | 5 | | |", {}, "Goals!H2 goal_needs_target"),
        ("Decrease | | | 5 | |", {}, "Goals!G2 goal_needs_baseline"),
        ("Increase | | 5 | 5 | |", {}, "Goals!H2 baseline_equals_target"),
        ("Decrease | | 5 | 9 | |", {}, "Goals!E2 direction_mismatch"),
        ("Count | | 0 | 0 | |", {}, "Goals!H2 target_not_positive"),
        ("Flow | | | 0 | |", {}, "Goals!H2 target_not_positive"),
        ("Flow | | | 0 | |", {"Plan": f"{PLAN}\n| G1 | 2026-02-14 | 0 |"}, "Goals!H2 target_not_positive"),
        ("Flow | | | | |", {}, "Goals!H2 goal_needs_target"),
        ("Flow | | | | |", {"Plan": f"{PLAN}\n| G1 | 2026-02-14 | 0 |"}, "Goals!H2 goal_needs_target"),
        ("Maintain | | | | |", {}, "Goals!I2 maintain_needs_limits"),
        ("Milestones | | | | |", {}, "Goals!E2 milestones_needed"),
        (
            "Milestones | | | | |",
            {"Milestones": f"{STEPS}\n| G1 | Pilot | 0 | 2026-01-09 |"},
            "Goals!E2 milestones_needed",
        ),
    ],
)
def test_a_goal_without_progress_is_told(told, goal, tabs, cell_and_code):
    assert told(goal, **tabs) == (None, [cell_and_code])


@pytest.mark.parametrize(
    ("goal", "tabs", "progress"),
    [
        ("Increase | | 0 | 80 | |", {}, 0.5),
        ("Decrease | | 80 | 0 | |", {}, 0.5),
        ("Count | | 0 | 80 | |", {}, 0.5),
        ("Flow | | | 0 | |", {"Plan": f"{PLAN}\n| G1 | 2026-02-14 | 180 |"}, 0.5),
        ("Flow | | | | |", {"Plan": f"{PLAN}\n| G1 | 2026-02-14 | 180 |"}, 0.5),
        (
            "Milestones | | | | |",
            {"Milestones": f"{STEPS}\n| G1 | Pilot | 0 | |\n| G1 | Live | 2 | 2026-01-09 |"},
            1.0,
        ),
    ],
)
def test_a_goal_with_progress_is_not_called_one_without(told, goal, tabs, progress):
    assert told(goal, **tabs) == (progress, [])


def test_limits_that_are_reversed_are_said_once_and_not_for_every_value(told):
    assert told("Increase | | 0 | 80 | 90 | 10") == (0.5, ["Goals!I2 limits_reversed"])


def test_a_phase_outside_the_goals_dates_is_not_compared_with_the_others(told):
    plan = f"{PLAN}\n| G1 | 2025-12-31 | 60 |\n| G1 | 2026-02-14 | 40 |\n| G1 | 2026-04-30 | 10 |"
    assert told("Increase | | 0 | 80 | |", Plan=plan)[1] == ["Plan!B2 plan_outside_dates", "Plan!B4 plan_outside_dates"]


@pytest.mark.parametrize(
    ("goal", "values", "found"),
    [
        ("Maintain | % | | | 60 |", "70 85 0.3 80", ["'Check-ins'!C4 unit_slip"]),
        ("Flow | Percent | | 80 | |", "70 85 0.3 80", ["'Check-ins'!C4 unit_slip"]),
        ("Percent | % | | | |", "70 85 0.3 80", []),  # reading says so: mixed_scale
        ("Maintain | % | | | 60 |", "70 85 -0.3 80", []),
        ("Maintain | hours | | | 60 |", "70 85 0.3 80", []),  # nothing says that it is a share
        ("Maintain | % | | | | 5", "2 4 0.3 3", []),  # percents as small as these may be meant
        ("Decrease | % | 90 | 0 | |", "70 50 20 0.3", []),  # on the way to 0
    ],
)
def test_a_share_among_points_of_100_is_a_slip_of_the_unit(told, goal, values, found):
    assert told(goal, values)[1] == found
