"""Other people's scales, for display and import only: OKR grades, scorecards, payout curves, attainment scaling.

Progress from 0 to 1 is the one scale that perfsheet computes with; none of these feeds a score.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from ..errors import Misuse
from .sums import exact_sum

GAS_CORRELATION = 0.3
"""The correlation between goals that goal attainment scaling assumes by convention."""


def rounded_half_up(number: float, step: float) -> float:
    """`number` (0 or more) in whole steps, halves upwards, without binary fractions deciding the halves."""
    return round(math.floor(number / step + 0.5 + 1e-9) * step, 10)


def okr_grade(progress: float) -> tuple[float, str]:
    """Grade with one decimal and its colour: red below 0.35, yellow below 0.65, green from there."""
    grade = rounded_half_up(progress, 0.1)
    return grade, "red" if grade < 0.35 else "yellow" if grade < 0.65 else "green"


def grade_against_hope(grade: float, aspirational: bool) -> str:
    """How a grade compares with what was hoped: 1.0 for a committed goal, 0.7 for an aspirational one."""
    hoped = 0.7 if aspirational else 1.0
    if grade > hoped + 1e-9:
        return "better than hoped"
    return "as hoped" if grade > hoped - 1e-9 else "a shortfall that needs an explanation"


def scorecard_points(value: float, red: float, goal: float) -> float | None:
    """Balanced-scorecard points 0 to 10 with a red flag at 3.33 and the goal at 6.67; None if both are equal."""
    if goal == red:
        return None
    return min(10.0, max(0.0, 10 / 3 + (value - red) / (goal - red) * 10 / 3))


def payout(value: float, anchors: Sequence[tuple[float, float]]) -> float:
    """The multiplier of a threshold-target-stretch curve: 0 below the first anchor, flat above the last.

    `anchors` are (achievement, multiplier); raises Misuse unless achievements strictly increase.
    """
    if len(anchors) < 2 or any(a[0] >= b[0] for a, b in pairwise(anchors)):
        raise Misuse("the anchors of a payout curve must be two or more, with strictly increasing achievements")
    if value < anchors[0][0]:
        return 0.0
    for (x0, y0), (x1, y1) in pairwise(anchors):
        if value <= x1:
            return y0 + (y1 - y0) * (value - x0) / (x1 - x0)
    return anchors[-1][1]


def attainment_t(levels: Sequence[int], weights: Sequence[float] | None = None) -> float | None:
    """Goal attainment scaling: the T score of levels from -2 to +2; 50 is "as expected", None without a level."""
    given = list(weights) if weights is not None else [1.0] * len(levels)
    total, squares = exact_sum(given), exact_sum(w * w for w in given)
    if not levels or total <= 0:
        return None
    spread = math.sqrt((1 - GAS_CORRELATION) * squares + GAS_CORRELATION * total * total)
    return 50 + 10 * exact_sum(w * x for w, x in zip(given, levels, strict=True)) / spread


def attainment_progress(level: int) -> float:
    """An attainment level as raw progress: -2 is 0, -1 is 0.5, 0 is 1, and beyond as hoped 1.25 and 1.5."""
    return 1 + level / 2 if level < 0 else 1 + level / 4
