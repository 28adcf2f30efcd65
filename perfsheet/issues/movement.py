"""Issues of movement: standing still, going backwards, arriving too early or all at once, odd points."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from datetime import timedelta
from itertools import combinations, starmap
from operator import gt, lt

from ..scoring import GoalScore, Reading, Status
from ..scoring.signals import Limits, Signal, natural_limits, newest_signal, pace
from . import rules
from .issue import HIGH, INFO, MED, Case, Issue, about
from .wording import days, number, percent, quantity

GROWING = ("Increase", "Decrease", "Count", "Percent")
"""Kinds whose readings go from a baseline to a target."""

STILL = 0.01
"""Less than this share of the way is no movement."""

HALF = 0.5
LAST_STRETCH = 0.9
TOO_EASY = 0.6


def way(case: Case, score: GoalScore) -> float | None:
    """The whole way from start to target in the unit of the readings, negative downwards; None without one."""
    if score.kind == "Percent":
        return case.book.percent_scale
    if score.kind not in GROWING or score.target is None:
        return None
    return (score.target - beginning(score)) or None


def beginning(score: GoalScore) -> float:
    """Where the way begins: the baseline, or zero for what is counted."""
    return score.baseline or 0.0 if score.kind in ("Increase", "Decrease") else 0.0


def flat_tail(values: Sequence[float], least: float) -> int:
    """How many of the newest values all lie within `least` of one another."""
    if not values:
        return 0
    low = high = values[-1]
    for count, value in enumerate(reversed(values)):
        low, high = min(low, value), max(high, value)
        if high - low >= least:
            return count
    return len(values)


def stalled(case: Case, score: GoalScore) -> Issue | None:
    """The newest check-ins hardly move, over a time in which they should."""
    whole = way(case, score)
    if whole is None or score.raw_progress is None or score.raw_progress >= 1:
        return None
    count, seen = flat_tail(score.readings.values, STILL * abs(whole)), score.readings.days
    span = (seen[-1] - seen[-count]).days if count >= 3 else 0
    if span < 2 * score.cadence or span < (score.whole_days or 0) / 10:
        return None
    newest = score.readings[-1]
    evidence = f"{quantity(newest.value, _unit(case, score))} since {seen[-count].isoformat()}, {count} check-ins"
    return about(rules.STALLED, HIGH, score, evidence, newest.address)


def reversing(case: Case, score: GoalScore) -> Issue | None:
    """Worse than the baseline, or a trend that surely points away from the target."""
    whole = way(case, score)
    if whole is None:
        return None
    trend = score.trend if _mostly_away(score.readings.values, whole) else None
    if trend and trend.low is not None and trend.high is not None and (trend.high < 0 if whole > 0 else trend.low > 0):
        side = "upwards" if whole > 0 else "downwards"
        evidence = (
            f"Trend {number(trend.slope)} a day ({number(trend.low)} to {number(trend.high)}, {score.check_ins} check-ins), "
            f"where the target is {side}"
        )
    elif score.raw_progress is not None and score.raw_progress < 0 and score.current is not None:
        unit = _unit(case, score)
        evidence = (
            f"{quantity(score.current, unit)} is worse than the baseline {quantity(beginning(score), unit)} "
            f"({percent(score.raw_progress)} of the way)"
        )
    else:
        return None
    return about(rules.REVERSING, HIGH, score, evidence, score.readings[-1].address if score.readings else None)


def _mostly_away(values: Sequence[float], whole: float) -> bool:
    """Whether most pairs of readings point away from the target; no trend's whole interval does otherwise."""
    away: int = sum(starmap(gt if whole > 0 else lt, combinations(values, 2)))
    return 2 * away > math.comb(len(values), 2)


def too_easy(case: Case, score: GoalScore) -> Issue | None:
    """Reached long before the date: a question, never an accusation."""
    reached, start, whole = score.reached_on, score.start, score.whole_days
    if score.kind in ("Maintain", "Flow") or score.status is not Status.ACHIEVED or not (reached and start and whole):
        return None
    taken = (reached - start).days + 1
    if taken >= TOO_EASY * whole:
        return None
    evidence = f"Reached after {taken} of {days(whole)}. Could the next goal ask for more?"
    return about(rules.SANDBAGGING, INFO, score, evidence)


def late_surge(case: Case, score: GoalScore) -> Issue | None:
    """At least half of the way came in the last tenth of the time."""
    total, start, readings = score.whole_days, score.start, score.readings
    if not total or start is None or not readings or score.current is None:
        return None
    if (readings.days[-1] - start).days + 1 <= LAST_STRETCH * total or (whole := way(case, score)) is None:
        return None
    from_day = start + timedelta(days=math.floor(LAST_STRETCH * total))  # the first day with more of the time over
    first = bisect_left(readings.days, from_day)
    before = readings.values[first - 1] if first else beginning(score)
    surge = (readings.values[-1] - before) / whole
    if surge < HALF:
        return None
    since = readings[first]
    evidence = f"{percent(surge)} of the way reported from {since.day.isoformat()} on, in the last tenth of the time"
    return about(rules.LATE_SURGE, INFO, score, evidence, since.address)


def signal(case: Case, score: GoalScore) -> Issue | None:
    """The newest point that stands out from the goal's own ups and downs."""
    values, what = _series(score)
    limits = natural_limits(values)
    newest = newest_signal(values, limits) if limits else None
    if limits is None or newest is None:
        return None
    point, severity = score.readings[newest.index - len(values)], MED if newest.rule == 1 else INFO
    text = _signal_text(newest, limits, point, what, _unit(case, score))
    return about(rules.SIGNAL, severity, score, text, point.address)


def _series(score: GoalScore) -> tuple[Sequence[float], str]:
    """The right series up to the newest reading: levels where the measure should hold still, else the pace between check-ins."""
    if score.kind in ("Maintain", "Flow"):
        return score.readings.values, ""
    if score.kind in GROWING:
        return pace(score.readings, score.cadence), f" in {days(score.cadence)}"
    return (), ""


def _signal_text(signal: Signal, limits: Limits, point: Reading, what: str, unit: str | None) -> str:
    value = f"{quantity(signal.value, unit)}{what} on {point.day.isoformat()}"
    basis = f"mean {number(limits.mean)}, {limits.n} values{', temporary' if limits.temporary else ''}"
    if signal.rule == 2:
        return f"Eight or more in a row on one side of the mean, up to {value} ({basis})"
    if signal.rule == 3:
        return f"Three of four nearer to a limit than to the mean, up to {value} ({basis})"
    side, limit = ("above the upper", limits.high) if signal.value > limits.high else ("below the lower", limits.low)
    return f"{value} lies {side} limit of {number(limit)} ({basis})"


def _unit(case: Case, score: GoalScore) -> str | None:
    goal = case.record(score)
    return goal.unit if goal else None
