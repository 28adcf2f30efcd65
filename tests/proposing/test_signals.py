"""Signal or noise: natural limits and the three rules, on Wheeler's and NIST's numbers."""

from __future__ import annotations

from datetime import date

import pytest

from perfsheet.scoring.parts import Readings
from perfsheet.scoring.signals import natural_limits, pace, signals

NIST = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
WHEELER = [10.5, 11.2, 9.2, 10.1, 10.4, 10.5]


def test_v6_1_limits_of_the_nist_handbook():
    limits = natural_limits(NIST)
    assert limits is not None
    assert (limits.mean, limits.mean_range) == (pytest.approx(50.81), pytest.approx(1.8778, abs=5e-5))
    assert (limits.low, limits.high) == (pytest.approx(45.8159, abs=5e-5), pytest.approx(55.8041, abs=5e-5))
    assert not limits.temporary


def test_v6_2_limits_of_wheelers_exercise():
    limits = natural_limits(WHEELER)
    assert limits is not None
    assert (round(limits.mean, 3), round(limits.mean_range, 2)) == (10.317, 0.80)
    assert (round(limits.low, 2), round(limits.high, 2), round(limits.range_limit, 2)) == (8.19, 12.44, 2.62)
    assert limits.temporary


@pytest.mark.parametrize("values", [[], [1, 2, 3, 4], [7, 7, 7, 7, 7, 7]], ids=["none", "four", "nothing moves"])
def test_no_limits_without_enough_values_or_movement(values):
    assert natural_limits(values) is None
    assert signals(values) == []


def test_the_nist_series_holds_no_point_outside():
    assert [s for s in signals(NIST) if s.rule == 1] == []


def test_rule_1_is_a_point_outside():
    values = [10, 11, 10, 9, 10, 11, 10, 9, 10, 25]
    assert [(s.index, s.value) for s in signals(values) if s.rule == 1] == [(9, 25)]


def test_rule_2_is_eight_in_a_row_on_one_side():
    values = [9.5, 10.5, 9, 10, 11, 12, 11, 12, 11, 12, 11, 12]
    limits = natural_limits([9, 12] * 6)
    assert [(s.rule, s.index) for s in signals(values, limits)] == [(2, 11)]


def test_rule_3_is_three_of_four_nearer_to_a_limit_than_to_the_mean():
    limits = natural_limits([9, 11] * 6)  # mean 10, limits 4.7 to 15.3
    assert [(s.rule, s.index) for s in signals([10, 13, 13.5, 9, 13.2, 10], limits)] == [(3, 4)]


def test_pace_is_the_change_brought_to_one_cadence():
    readings = Readings((date(2026, 1, 1), date(2026, 1, 8), date(2026, 1, 22)), (10.0, 24.0, 38.0))
    assert pace(readings, 7) == [14, 7]
