"""Other scales, for display and import: OKR grades, scorecards, payout curves, attainment (sections 1.2 to 1.5)."""

from __future__ import annotations

import pytest

from perfsheet.errors import Misuse
from perfsheet.scoring.scales import (
    attainment_progress,
    attainment_t,
    grade_against_hope,
    okr_grade,
    payout,
    scorecard_points,
)


@pytest.mark.parametrize(
    ("progress", "grade", "colour"),
    [
        (0.34, 0.3, "red"),
        (0.35, 0.4, "yellow"),
        (0.64, 0.6, "yellow"),
        (0.65, 0.7, "green"),
        (1.0, 1.0, "green"),
        (0, 0, "red"),
    ],
)
def test_okr_grade(progress: float, grade: float, colour: str) -> None:
    assert okr_grade(progress) == (grade, colour)


def test_a_grade_is_read_against_what_was_hoped() -> None:
    assert grade_against_hope(0.7, aspirational=True) == "as hoped"
    assert grade_against_hope(0.7, aspirational=False) == "a shortfall that needs an explanation"
    assert grade_against_hope(0.9, aspirational=True) == "better than hoped"


@pytest.mark.parametrize(("value", "points"), [(300, 0), (500, 10 / 3), (700, 20 / 3), (900, 10), (1200, 10)])
def test_scorecard_points_v1_8(value: float, points: float) -> None:
    assert scorecard_points(value, red=500, goal=700) == pytest.approx(points)


def test_scorecard_points_work_downwards_and_need_two_thresholds() -> None:
    assert scorecard_points(10, red=20, goal=10) == pytest.approx(20 / 3)
    assert scorecard_points(10, red=10, goal=10) is None


@pytest.mark.parametrize(
    ("achieved", "multiplier"),
    [
        (92, 0),
        (93, 65),
        (94, 70),
        (95, 75),
        (96, 80),
        (97, 85),
        (98, 90),
        (99, 95),
        (100, 100),
        (105, 125),
        (110, 150),
        (130, 150),
    ],
)
def test_payout_v1_9(achieved: float, multiplier: float) -> None:
    assert payout(achieved, [(93, 65), (100, 100), (110, 150)]) == pytest.approx(multiplier)


@pytest.mark.parametrize(("achieved", "pay"), [(79, 0), (80, 40), (90, 45), (100, 50), (110, 65), (120, 80), (140, 80)])
def test_payout_v1_10(achieved: float, pay: float) -> None:
    assert payout(achieved, [(80, 40), (100, 50), (120, 80)]) == pytest.approx(pay)


def test_payout_anchors_must_increase() -> None:
    with pytest.raises(Misuse, match="strictly increasing"):
        payout(1, [(100, 1), (100, 2)])


@pytest.mark.parametrize(("n", "above"), [(1, 10.00), (2, 6.20), (3, 4.56), (4, 3.63), (5, 3.01)])
def test_attainment_v1_11_one_goal_better_than_expected(n: int, above: float) -> None:
    assert (attainment_t([1] + [0] * (n - 1)) or 0) - 50 == pytest.approx(above, abs=0.006)


def test_attainment_v1_11_as_expected_is_50_and_three_at_minus_one_36() -> None:
    assert attainment_t([0, 0, 0], [5, 1, 3]) == 50
    assert attainment_t([-1, -1, -1]) == pytest.approx(36.3, abs=0.05)
    assert attainment_t([]) is None


def test_attainment_as_progress() -> None:
    assert [attainment_progress(x) for x in (-2, -1, 0, 1, 2)] == [0, 0.5, 1, 1.25, 1.5]
