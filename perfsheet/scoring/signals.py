"""Signal or noise: natural limits of a series (XmR chart) and the points that break its rules.

Levels are judged where a measure should hold still (Maintain). A measure that is *meant* to move
is judged by its pace from check-in to check-in, else every good goal would be a "signal".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from .parts import Readings
from .sums import exact_sum

LEAST_VALUES = 5
SETTLED_VALUES = 10
"""Below this many values the limits are temporary."""

TO_LIMIT = 3 / 1.128
"""2.66: turns the mean moving range into three sigma."""
TO_RANGE_LIMIT = 3.27
RUN = 8
NEAR, OF = 3, 4


class Limits(NamedTuple):
    """The natural limits of a series: what it does when nothing special happens."""

    mean: float
    mean_range: float
    low: float
    high: float
    range_limit: float
    n: int

    @property
    def temporary(self) -> bool:
        """Too few values for limits to rely on."""
        return self.n < SETTLED_VALUES

    def sides(self, values: Sequence[float], beyond: float = 0.0) -> list[int]:
        """Of each value 1 above the mean, -1 below, 0 on it or no farther `beyond` it than that."""
        mean = self.mean
        return [0 if abs(value - mean) <= beyond else 1 if value > mean else -1 for value in values]


@dataclass(frozen=True, slots=True)
class Signal:
    """One point that stands out. `rule` is 1, 2 or 3; `index` is the point that completes it."""

    rule: int
    index: int
    value: float


def natural_limits(values: Sequence[float]) -> Limits | None:
    """The limits of a series, or None below five values or where nothing ever moved."""
    if len(values) < LEAST_VALUES:
        return None
    mean = exact_sum(values) / len(values)
    mean_range = exact_sum([abs(b - a) for a, b in pairwise(values)]) / (len(values) - 1)
    if mean_range == 0:
        return None
    reach = TO_LIMIT * mean_range
    return Limits(mean, mean_range, mean - reach, mean + reach, TO_RANGE_LIMIT * mean_range, len(values))


def outside(values: Sequence[float], limits: Limits) -> list[Signal]:
    """Rule 1: single points beyond a limit."""
    low, high = limits.low, limits.high
    if not values or (low <= min(values) and max(values) <= high):
        return []
    return [Signal(1, i, v) for i, v in enumerate(values) if not low <= v <= high]


def runs(values: Sequence[float], limits: Limits) -> list[Signal]:
    """Rule 2: the points that complete eight (or more) in a row on one side of the mean."""
    if len(values) < RUN:
        return []
    sides = limits.sides(values)
    if max(sides.count(1), sides.count(-1)) < RUN:
        return []
    found, length, before = [], 0, 0
    for i, side in enumerate(sides):
        length = length + 1 if side == before else 1
        if side and length >= RUN:
            found.append(Signal(2, i, values[i]))
        before = side
    return found


def crowded(values: Sequence[float], limits: Limits) -> list[Signal]:
    """Rule 3: the points that complete three of four nearer to one limit than to the mean."""
    sides = limits.sides(values, beyond=(limits.high - limits.mean) / 2)
    if len(sides) - sides.count(0) < NEAR:
        return []
    windows = ((i, sides[i - OF + 1 : i + 1]) for i in range(OF - 1, len(sides)))
    return [Signal(3, i, values[i]) for i, last in windows if sides[i] and last.count(sides[i]) >= NEAR]


def signals(values: Sequence[float], limits: Limits | None = None) -> list[Signal]:
    """All signals of a series, rule 1 first, each rule in the order of its points."""
    limits = limits or natural_limits(values)
    if limits is None:
        return []
    return outside(values, limits) + runs(values, limits) + crowded(values, limits)


def newest_signal(values: Sequence[float], limits: Limits) -> Signal | None:
    """The newest signal of the first rule that finds any."""
    found = outside(values, limits) or runs(values, limits) or crowded(values, limits)
    return found[-1] if found else None


def pace(readings: Readings, days: float) -> list[float]:
    """The change from reading to reading, each brought to a span of `days`."""
    seen, values = readings.days, readings.values
    steps = zip(seen, seen[1:], values, values[1:], strict=False)
    return [(after - before) / (later - earlier).days * days for earlier, later, before, after in steps]
