"""Issues of movement: standing still, going backwards, arriving too early or all at once, odd points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..scoring import GoalScore, Reading, Status
from ..scoring.signals import Limits, Signal, natural_limits, pace, signals
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


def flat_tail(readings: Sequence[Reading], least: float) -> list[Reading]:
    """The newest readings that all lie within `least` of one another."""
    if not readings:
        return []
    first = len(readings)
    low = high = readings[-1].value
    for reading in reversed(readings):
        low, high = min(low, reading.value), max(high, reading.value)
        if high - low >= least:
            break
        first -= 1
    return list(readings[first:])


def stalled(case: Case, score: GoalScore) -> Iterator[Issue]:
    """The newest check-ins hardly move, over a time in which they should."""
    whole = way(case, score)
    if not case.runs_short(score) or whole is None or score.raw_progress is None or score.raw_progress >= 1:
        return
    tail = flat_tail(score.readings, STILL * abs(whole))
    if len(tail) < 3:
        return
    span = (tail[-1].day - tail[0].day).days
    if span >= 2 * score.cadence and span >= (score.whole_days or 0) / 10:
        value = quantity(tail[-1].value, _unit(case, score))
        evidence = f"{value} since {tail[0].day.isoformat()}, {len(tail)} check-ins"
        yield about(rules.STALLED, HIGH, score, evidence, tail[-1].address)


def reversing(case: Case, score: GoalScore) -> Iterator[Issue]:
    """Worse than the baseline, or a trend that surely points away from the target."""
    whole = way(case, score)
    if not case.runs_short(score) or whole is None:
        return
    at = score.readings[-1].address if score.readings else None
    trend = score.trend
    if trend and trend.low is not None and trend.high is not None and (trend.high < 0 if whole > 0 else trend.low > 0):
        side = "upwards" if whole > 0 else "downwards"
        evidence = (
            f"Trend {number(trend.slope)} a day ({number(trend.low)} to {number(trend.high)}, {score.check_ins} check-ins), "
            f"where the target is {side}"
        )
        yield about(rules.REVERSING, HIGH, score, evidence, at)
    elif score.raw_progress is not None and score.raw_progress < 0 and score.current is not None:
        unit = _unit(case, score)
        evidence = (
            f"{quantity(score.current, unit)} is worse than the baseline {quantity(beginning(score), unit)} "
            f"({percent(score.raw_progress)} of the way)"
        )
        yield about(rules.REVERSING, HIGH, score, evidence, at)


def too_easy(case: Case, score: GoalScore) -> Iterator[Issue]:
    """Reached long before the date: a question, never an accusation."""
    reached, start, whole = score.reached_on, score.start, score.whole_days
    if score.kind in ("Maintain", "Flow") or score.status is not Status.ACHIEVED or not (reached and start and whole):
        return
    taken = (reached - start).days + 1
    if taken < TOO_EASY * whole:
        evidence = f"Reached after {taken} of {days(whole)}. Could the next goal ask for more?"
        yield about(rules.SANDBAGGING, INFO, score, evidence)


def late_surge(case: Case, score: GoalScore) -> Iterator[Issue]:
    """At least half of the way came in the last tenth of the time."""
    whole, total, start = way(case, score), score.whole_days, score.start
    if whole is None or not total or start is None or not score.readings or score.current is None:
        return
    late = [r for r in score.readings if (r.day - start).days + 1 > LAST_STRETCH * total]
    if not late:
        return
    early = score.readings[: len(score.readings) - len(late)]
    before = early[-1].value if early else beginning(score)
    surge = (late[-1].value - before) / whole
    if surge >= HALF:
        evidence = (
            f"{percent(surge)} of the way reported from {late[0].day.isoformat()} on, in the last tenth of the time"
        )
        yield about(rules.LATE_SURGE, INFO, score, evidence, late[0].address)


def signal(case: Case, score: GoalScore) -> Iterator[Issue]:
    """The newest point that stands out from the goal's own ups and downs."""
    if not case.runs(score):
        return
    points, values, what = _series(score)
    limits = natural_limits(values)
    found = signals(values, limits)
    if not limits or not found:
        return
    rule = found[0].rule
    newest = [s for s in found if s.rule == rule][-1]
    point = points[newest.index]
    severity = MED if rule == 1 else INFO
    yield about(
        rules.SIGNAL, severity, score, _signal_text(newest, limits, point, what, _unit(case, score)), point.address
    )


def _series(score: GoalScore) -> tuple[list[Reading], list[float], str]:
    """The right series: levels where the measure should hold still, else the pace between check-ins."""
    if score.kind in ("Maintain", "Flow"):
        return list(score.readings), [r.value for r in score.readings], ""
    if score.kind in GROWING:
        return list(score.readings[1:]), pace(score.readings, score.cadence), f" in {days(score.cadence)}"
    return [], [], ""


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
