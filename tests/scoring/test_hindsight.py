"""Forecasts held to account: what was said at half time, and what came of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from perfsheet.forms import same_name
from perfsheet.scoring.hindsight import in_hindsight

from .conftest import END, START

HALF = START + timedelta(days=45)
"""46 days of 91, both ends counted."""


def goal(**more: str) -> str:
    row = {
        "Goal ID": "G1",
        "Goal": "Calls",
        "Owner": "Ada",
        "Kind": "Increase",
        "Baseline": "0",
        "Target": "91",
        **more,
    }
    return f"| {' | '.join(row)} |\n| {' | '.join(row.values())} |"


def found(book, as_of=END):
    return in_hindsight(book, book.goals_by_id[same_name("G1")], as_of)


@pytest.mark.parametrize(
    ("values", "said", "met"),
    [
        pytest.param([13, 26, 40, 55, 91], (0.55, 0.95), True, id="ahead, and met"),
        pytest.param([3, 6, 9, 12, 30], (0.05, 0.2), False, id="behind, and missed"),
        pytest.param([3, 6, 9, 12, 91], (0.05, 0.2), True, id="behind, and met all the same"),
        pytest.param([13, 26, 40, 55, 90.9], (0.55, 0.95), False, id="nearly is not met"),
    ],
)
def test_what_was_said_and_what_came_of_it(team, readings, values, said, met) -> None:
    resolved = found(team(goals=goal(), checkins=readings([12, 23, 34, 45, 90], values)))
    assert resolved is not None
    assert said[0] <= resolved.chance <= said[1]
    assert (resolved.on, resolved.met) == (HALF, met)


def test_only_what_was_known_at_half_time_counts(team, readings) -> None:
    log = [12, 23, 34, 45, 47, 60, 90], [13, 26, 40, 55, 0, 0, 91]
    later = found(team(goals=goal(), checkins=readings(*log)))
    known = found(team(goals=goal(), checkins=readings([12, 23, 34, 45, 90], [13, 26, 40, 55, 91])))
    assert later == known


@pytest.mark.parametrize(
    ("more", "elapsed"),
    [
        pytest.param({"State": "Dropped"}, [12, 23, 34, 90], id="dropped"),
        pytest.param({"State": "Postponed"}, [12, 23, 34, 90], id="postponed"),
        pytest.param({"Kind": "Yes/No"}, [12, 23, 34, 90], id="no trend to reach forward"),
        pytest.param({}, [12, 23, 60, 90], id="too few check-ins by half time"),
        pytest.param({}, [12, 23, 34, 45], id="nothing is known of its end"),
        pytest.param({"Due date": (END + timedelta(days=1)).isoformat()}, [12, 23, 34, 90], id="not over"),
    ],
)
def test_goals_that_say_nothing_about_the_forecasts(team, readings, more, elapsed) -> None:
    assert found(team(goals=goal(**more), checkins=readings(elapsed, [10, 20, 30, 40]))) is None


def test_an_eased_target_is_held_against_the_first_plan(team, readings) -> None:
    eased = f"| When | Goal ID | Field | From | To |\n| {HALF.isoformat()} | G1 | Target | 91 | 45 |"
    book = team(goals=goal(Target="45"), history=eased, checkins=readings([12, 23, 34, 45, 90], [6, 11, 17, 23, 45]))
    resolved = found(book)
    assert resolved is not None
    assert (resolved.chance, resolved.met) == (0.1, False)


def test_the_owners_own_confidence_stands_beside_it(team, day) -> None:
    log = [(12, 13, "0.9"), (23, 26, "0.8"), (34, 40, ""), (60, 60, "0.1"), (90, 91, "1")]
    rows = "".join(f"\n| {day(t).isoformat()} | G1 | {value} | {confidence} |" for t, value, confidence in log)
    resolved = found(team(goals=goal(), checkins=f"| Date | Goal ID | Value | Confidence |{rows}"))
    assert resolved is not None
    assert resolved.confidence == 0.8
