"""What the record says about the due date: average pace so far, tempered by the plan, with its bumpiness.

Brownian motion with drift under a conjugate normal-inverse-gamma prior: a closed form for any spacing
of check-ins, the same numbers every time. Exactly on pace means roughly even odds, not certainty.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from ..policy import Policy
from .distributions import normal_quantile, t_cdf, t_quantile
from .pace import HAIR, Timeline
from .parts import Drift, Forecast, Outlook, Trend
from .sums import exact_sum

SAFE = 0.8
"""The chance from which a date is called fairly safe."""

LAST = 2.0
"""No fairly safe date is looked for beyond this many times the planned time."""

TREND_FROM, TREND_RANGE_FROM = 4, 5
"""Readings from which a Theil-Sen pace, and its interval, are shown."""


# ------------------------------------------------------------------------------- the drift itself


class Prior(NamedTuple):
    """What is believed before any check-in; the numbers were tuned once and are HR's to change."""

    attainment: float = 0.85
    strength: float = 0.5
    shape: float = 2.0
    volatility: float = 0.5


USUAL = Prior()


def prior_of(policy: Policy, aspiration: str | None) -> Prior:
    """The policy's prior: committed goals are expected in full, aspirational ones to 70 %."""
    attainment = policy.attainment
    if aspiration:
        usual = {"Committed": policy.attainment_committed, "Aspirational": policy.attainment_aspirational}
        attainment = usual.get(aspiration, attainment)
    return Prior(attainment, policy.prior_strength, policy.prior_shape, policy.prior_volatility)


def drift(elapsed: Sequence[float], values: Sequence[float], days: float, target: float, prior: Prior = USUAL) -> Drift:
    """The posterior of a path. The first point is the baseline at elapsed 0; times strictly increase.

    The prior's variance is floored at the volatility seen: without it, small targets on noisy
    measures are talked into false certainty.
    """
    gap, n, time = target - values[0], len(elapsed) - 1, elapsed[-1]
    planned, weight = prior.attainment * gap / days, prior.strength * days
    variance = (prior.volatility * gap) ** 2 / days
    if not n:
        return Drift(0.0, values[0], planned, variance, weight, 2 * prior.shape)
    seen = (values[-1] - values[0]) / time
    steps = zip(elapsed, elapsed[1:], values, values[1:], strict=False)
    rough = exact_sum([(y1 - y0 - seen * (t1 - t0)) ** 2 / (t1 - t0) for t0, t1, y0, y1 in steps])
    if n >= 2:
        variance = max(variance, rough / (n - 1))
    shape = prior.shape + n / 2
    scale = prior.shape * variance + 0.5 * (rough + weight * time * (seen - planned) ** 2 / (weight + time))
    mean = (weight * planned + time * seen) / (weight + time)
    return Drift(time, values[-1], mean, scale / shape, weight + time, 2 * shape)


def at_time(model: Drift, elapsed: float) -> tuple[float, float]:
    """Location and scale of the value at an elapsed time after the last reading."""
    ahead = elapsed - model.elapsed
    return model.value + model.drift * ahead, math.sqrt(model.spread * ahead * (1 + ahead / model.pooled))


def chance(model: Drift, elapsed: float, target: float, upwards: bool = True) -> float:
    """The chance that the value has reached the target at that elapsed time."""
    middle, scale = at_time(model, elapsed)
    distance = (target - middle) * (1 if upwards else -1)
    if scale <= 0:
        return 1.0 if distance <= 0 else 0.0
    return 1 - t_cdf(distance / scale, model.df)


def interval(model: Drift, elapsed: float, share: float = 0.8) -> tuple[float, float]:
    """The range that holds the value at that elapsed time with chance `share`."""
    middle, scale = at_time(model, elapsed)
    reach = t_quantile((1 + share) / 2, model.df) * scale
    return middle - reach, middle + reach


def value_with_chance(model: Drift, elapsed: float, share: float, upwards: bool = True) -> float:
    """The value that is reached at that elapsed time with chance `share`."""
    middle, scale = at_time(model, elapsed)
    return middle - (1 if upwards else -1) * t_quantile(share, model.df) * scale


def first_with_chance(
    model: Drift, target: float, share: float, until: float, upwards: bool = True, start: float | None = None
) -> int | None:
    """The first whole elapsed day after the last reading (not before `start`) on which the chance is `share`.

    For a share of at least one half: the way still to go, in standard deviations, then shrinks from some
    day on and for good, so that after the first day the days can be halved instead of counted.
    """
    wanted, sign = t_quantile(share, model.df), 1 if upwards else -1

    origin, value, pace, spread, pooled, _ = model

    def reached(day: int) -> bool:  # what `at_time` says, asked so often that it is spelled out
        ahead = day - origin
        return sign * (value + pace * ahead - target) >= wanted * math.sqrt(spread * ahead * (1 + ahead / pooled))

    next_day = math.floor(model.elapsed) + 1
    days = range(next_day if start is None else max(math.ceil(start), next_day), math.floor(until) + 1)
    if not days or reached(days[0]):
        return days[0] if days else None
    index = bisect_left(days, True, key=reached)
    return days[index] if index < len(days) else None


def median_time(model: Drift, target: float) -> float | None:
    """The elapsed time at which the median reaches the target; None if it moves away or stands still."""
    rest = target - model.value
    if rest and (not model.drift or rest / model.drift < 0):
        return None
    return model.elapsed + (rest / model.drift if rest else 0.0)


# --------------------------------------------------------------------------------------- the trend


def _median(numbers: Sequence[float]) -> float:
    ordered, half = sorted(numbers), len(numbers) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _pairs_variance(n: int) -> float:
    return n * (n - 1) * (2 * n + 5)


def _ties(numbers: Sequence[float]) -> float:
    different = set(numbers)
    if len(different) == len(numbers):
        return 0.0
    return sum(_pairs_variance(numbers.count(x)) for x in different)


def theil_sen(x: Sequence[float], y: Sequence[float], confidence: float = 0.9) -> Trend | None:
    """The median slope of all pairs, which one wild value does not move; the interval is Sen's (1968).

    None unless two x differ.
    """
    n = len(x)
    slopes = sorted([(y[j] - y[i]) / (x[j] - x[i]) for i in range(n) for j in range(i + 1, n) if x[j] != x[i]])
    if not slopes:
        return None
    slope = _median(slopes)
    variance = (_pairs_variance(n) - _ties(x) - _ties(y)) / 18
    reach = normal_quantile((1 + confidence) / 2) * math.sqrt(max(0.0, variance))
    lower, upper = round((len(slopes) - reach) / 2) - 1, round((len(slopes) + reach) / 2)
    return Trend(
        slope, _median(y) - slope * _median(x), slopes[max(lower, 0)], slopes[min(upper, len(slopes) - 1)], confidence
    )


def trend_of(points: Sequence[tuple[float, float]], confidence: float = 0.9) -> Trend | None:
    """The trend as it may be shown: from four points on, its interval from five."""
    if len(points) < TREND_FROM:
        return None
    found = theil_sen([x for x, _ in points], [y for _, y in points], confidence)
    if found is None or len(points) >= TREND_RANGE_FROM:
        return found
    return Trend(found.slope, found.intercept)


# ------------------------------------------------------------------------------ what may be shown


def rounded_chance(probability: float) -> float:
    """A chance in steps of 5 %, never below 5 % nor above 95 %."""
    return min(95, max(5, 5 * math.floor(probability * 20 + 0.5 + HAIR))) / 100


def chance_word(probability: float) -> str:
    """The word for a chance."""
    if probability < 0.3:
        return "very unlikely" if probability < 0.1 else "unlikely"
    if probability <= 0.7:
        return "open"
    return "likely" if probability <= 0.9 else "very likely"


def rough_word(probability: float) -> str:
    """The word for a chance that rests on two check-ins."""
    return "unlikely" if probability < 0.3 else "likely" if probability > 0.7 else "open"


def may_show(check_ins: int, elapsed: float, days: float, policy: Policy) -> bool:
    """Whether a probability may be shown at all."""
    return check_ins >= policy.forecast_check_ins and elapsed >= policy.forecast_elapsed * days - HAIR


class Question(NamedTuple):
    """What is asked of a goal's record: its path since the last reset, its time, its target.

    `times` are elapsed days, from 0 on, and `values` what stood at each. `floor` and `ceiling` are physical
    bounds of the value; `cumulative` totals cannot fall.
    """

    times: Sequence[float]
    values: Sequence[float]
    line: Timeline
    target: float
    upwards: bool
    check_ins: int
    elapsed: float
    cadence: int
    floor: float | None = None
    ceiling: float | None = None
    cumulative: bool = False


def why_not(question: Question) -> str | None:
    """Why no forecast is possible; None if one is."""
    first, last = question.values[0], question.values[-1]
    sign = 1 if question.upwards else -1
    if question.elapsed > question.line.days or question.times[-1] >= question.line.days:
        return "the due date has come: the outcome counts"
    if not question.check_ins:
        return "no check-in yet: only the plan is known"
    if sign * (question.target - first) <= 0 and not (question.cumulative and last >= question.target):
        return "there is no way to go from the starting value to the target"
    return None


def forecast(question: Question, policy: Policy, prior: Prior = USUAL) -> Forecast:
    """The forecast for the due date, with what may be shown of it. Ask `why_not` first."""
    line, times, values = question.line, question.times, question.values
    model = drift(times, values, line.days, question.target, prior)
    locked = question.cumulative and values[-1] >= question.target
    probability = 1.0 if locked else chance(model, line.days, question.target, question.upwards)
    showing = not locked and may_show(question.check_ins, question.elapsed, line.days, policy)
    return Forecast(
        probability,
        rounded_chance(probability) if showing else None,
        "reached" if locked else _word(question.check_ins, probability, showing),
        question.check_ins,
        question.elapsed - times[-1] > 2 * question.cadence,
        locked,
        model,
        partial(_outlook, model, question, locked),
    )


def _outlook(model: Drift, question: Question, locked: bool) -> Outlook:
    line, target = question.line, question.target
    middle, _ = at_time(model, line.days)
    ends = interval(model, line.days)
    low, high = _within(ends[0], question), _within(ends[1], question)
    safe = None if locked else first_with_chance(model, target, SAFE, LAST * line.days, question.upwards)
    crossing = None if locked else median_time(model, target)
    return Outlook(
        middle, low, high, (low, high) != ends,
        line.day(safe) if safe is not None else None,
        line.day(crossing) if crossing is not None and crossing <= 3 * line.days else None,
        line.day(question.times[-1]),
    )  # fmt: skip


def _within(value: float, question: Question) -> float:
    if question.floor is not None:
        value = max(question.floor, value)
    return min(question.ceiling, value) if question.ceiling is not None else value


def _word(check_ins: int, probability: float, showing: bool) -> str:
    if check_ins < 2:
        return "one check-in, no trend"
    return chance_word(probability) if showing else rough_word(probability)


# --------------------------------------------------------------------- were the forecasts any good?

ENOUGH_RESOLVED = 30
"""Below this many resolved goals nobody can say whether the forecasts are good."""


def brier(chances: Sequence[float], outcomes: Sequence[bool]) -> float:
    """The mean squared distance of chances from what came true (0 or 1); 0 is perfect, lower is better."""
    return exact_sum((p - o) ** 2 for p, o in zip(chances, outcomes, strict=True)) / len(chances)


@dataclass(frozen=True, slots=True)
class Bin:
    """One row of a reliability table: how often it was said, and how often it happened."""

    said: float
    happened: float
    n: int


@dataclass(frozen=True, slots=True)
class Skill:
    """How good a set of forecasts was. `score` is REL - RES + UNC, exact when chances are equal in a bin."""

    n: int
    brier: float
    base_rate: float
    skill: float | None
    """1 - Brier by the base rate's own; 0 is no better than always saying the base rate. None without both outcomes."""
    reliability: float
    resolution: float
    uncertainty: float
    table: tuple[Bin, ...]

    @property
    def score(self) -> float:
        """Murphy's sum of the three terms."""
        return self.reliability - self.resolution + self.uncertainty


def skill(chances: Sequence[float], outcomes: Sequence[bool], bins: int = 10) -> Skill:
    """Murphy's parting of the Brier score over equally wide bins; needs at least one forecast."""
    n, rate = len(chances), sum(outcomes) / len(outcomes)
    held: dict[int, list[tuple[float, bool]]] = {}
    for p, o in zip(chances, outcomes, strict=True):
        held.setdefault(min(bins - 1, int(p * bins + HAIR)), []).append((p, o))
    table = tuple(
        Bin(exact_sum(p for p, _ in rows) / len(rows), exact_sum(o for _, o in rows) / len(rows), len(rows))
        for _, rows in sorted(held.items())
    )
    uncertainty, score = rate * (1 - rate), brier(chances, outcomes)
    return Skill(
        n, score, rate, 1 - score / uncertainty if uncertainty else None,
        exact_sum(b.n * (b.said - b.happened) ** 2 for b in table) / n,
        exact_sum(b.n * (b.happened - rate) ** 2 for b in table) / n,
        uncertainty, table,
    )  # fmt: skip


def judged(chances: Sequence[float], outcomes: Sequence[bool]) -> Skill | None:
    """The skill of an organisation's own forecasts, or None: not enough resolved goals to judge.

    Pass one forecast for each goal at one fixed horizon, else long goals count most.
    """
    return skill(chances, outcomes) if len(chances) >= ENOUGH_RESOLVED else None
