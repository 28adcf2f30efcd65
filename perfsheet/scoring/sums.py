"""Sums that come out the same everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from math import fsum


def exact_sum(values: Iterable[float]) -> float:
    """The sum, rounded once at its end.

    Python's own `sum` rounds after each number up to 3.11 and otherwise from 3.12 on: the same workbook would get
    another last digit with another Python. Infinite where the sum is beyond the largest number.
    """
    numbers = list(values)
    try:
        return fsum(numbers)
    except (OverflowError, ValueError):  # some number is infinite, or the sum is
        return float(sum(numbers))
