"""A sum has one result, whatever the order and whichever Python adds up."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfsheet.scoring.sums import exact_sum

numbers = st.lists(st.floats(-1e100, 1e100), max_size=20)


@given(numbers)
def test_it_is_the_nearest_number_to_the_true_sum(values: list[float]) -> None:
    assert exact_sum(values) == float(sum(map(Fraction, values)))


def test_a_tenth_ten_times_is_one() -> None:
    """Python 3.11 adds these up to 0.9999999999999999, Python 3.12 to 1.0."""
    assert exact_sum([0.1] * 10) == 1.0


@pytest.mark.parametrize(
    ("values", "result"), [([1e308, 1e308], math.inf), ([math.inf, 1.0], math.inf), ([-1e308, -1e308], -math.inf)]
)
def test_beyond_the_largest_number_it_is_infinite(values: list[float], result: float) -> None:
    assert exact_sum(values) == result
