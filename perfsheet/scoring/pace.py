"""Time, plan curve, earned schedule and status: how far a goal should be by now, and how it stands.

Days count to the end of the day: a goal's baseline stands at elapsed 0, its first day ends at 1
(or, by the exclusive convention, the first day is 0 and the last day D).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from ..policy import Policy
from .parts import Status

Curve = tuple[tuple[float, float], ...]
"""A plan: (elapsed days, planned share), in order of time, from the start to the due date."""

HAIR = 1e-9
"""Two shares this close are the same: binary fractions do not decide a status."""

BEYOND = 3.0
"""No finish date is named beyond this many times the planned time."""


class Timeline(NamedTuple):
    """A span of days: `origin` is the day at elapsed 0, `days` the planned duration D."""

    origin: date
    days: int

    def elapsed(self, day: date) -> int:
        """Days from the origin to the end of `day`; negative before."""
        return (day - self.origin).days

    def day(self, elapsed: float) -> date:
        """The day on which that much time is over."""
        return self.origin + timedelta(days=math.ceil(elapsed - HAIR))


@lru_cache(maxsize=1024)
def timeline(start: date, due: date, convention: str = "inclusive") -> Timeline:
    """The span from start to due: both days count, or by the exclusive convention the first is day 0.

    Most goals of a workbook share their dates, so the latest spans are remembered.
    """
    origin = start - timedelta(days=1) if convention == "inclusive" else start
    return Timeline(origin, (due - origin).days)


def cadence_of(days: int, policy: Policy) -> int:
    """Days between check-ins: the policy's, else 7 up to 100 planned days, 14 up to 200, else 30."""
    return policy.cadence or (7 if days <= 100 else 14 if days <= 200 else 30)


def grace_of(cadence: int, policy: Policy) -> int:
    """Days a check-in may be late: the policy's, else a fifth of the cadence, rounded up."""
    return policy.grace if policy.grace is not None else math.ceil(cadence / 5)


# ------------------------------------------------------------------------------------ the plan


def even_plan(days: float, done: float = 0.0) -> Curve:
    """A plan that grows evenly from `done` to 1."""
    return ((0.0, done), (float(days), 1.0))


def phased_plan(points: Sequence[tuple[float, float]], days: float, done: float = 0.0) -> Curve:
    """A plan through phase points (elapsed, share) within the time; it ends with 1 on the due date.

    Of two points of one day the later one in `points` holds, as the lower row of a tab does.
    """
    inner = {at: share for at, share in points if 0 < at < days}
    return ((0.0, done), *sorted(inner.items()), (float(days), 1.0))


def expected(plan: Curve, elapsed: float) -> float:
    """The share that should be done by now: on the curve, from 0 to 1, and 1 from the due date on."""
    if elapsed >= plan[-1][0]:
        return 1.0
    share = plan[0][1]
    for (x0, y0), (x1, y1) in pairwise(plan):
        if x0 <= elapsed < x1:
            share = y0 + (y1 - y0) * (elapsed - x0) / (x1 - x0)
            break
    return share if 0.0 < share < 1.0 else 1.0 if share >= 1.0 else 0.0


def earned_schedule(plan: Curve, done: float) -> float:
    """The elapsed time at which the plan wanted what is done; 0 while nothing beyond its start is done."""
    if done <= max(0.0, plan[0][1]):
        return 0.0
    if done >= 1.0:
        return next(x for x, y in plan if y >= 1.0)
    last = len(plan) - 2
    while plan[last][1] > done:
        last -= 1
    (x0, y0), (x1, y1) = plan[last], plan[last + 1]
    return x0 + (done - y0) / (y1 - y0) * (x1 - x0)


def schedule_index(earned: float, elapsed: float) -> float | None:
    """SPI(t): earned by elapsed time; 1 is on plan. None before the first day is over."""
    return earned / elapsed if elapsed > 0 else None


def whole_time(days: float, index: float | None) -> float | None:
    """IEAC(t): the time the whole will take at this pace; None without progress."""
    return days / index if index else None


def needed_index(days: float, earned: float, elapsed: float) -> float | None:
    """TSPI: the pace needed from now on, as a multiple of the plan's; None when no time is left."""
    return (days - earned) / (days - elapsed) if days > elapsed else None


# ------------------------------------------------------------------------- earned value with cost


@dataclass(frozen=True, slots=True)
class EarnedValue:
    """The indices of earned value management. None where a division has no meaning."""

    sv: float
    cv: float
    spi: float | None
    cpi: float | None
    eac: float | None
    """Cost at the end if the cost efficiency so far goes on: BAC / CPI."""
    eac_typical: float
    """Cost at the end if the rest costs what was planned: AC + BAC - EV."""
    eac_blend: float | None
    """Cost at the end if cost and schedule efficiency both go on: AC + (BAC - EV) / (CPI SPI)."""
    etc: float | None
    vac: float | None
    tcpi: float | None
    tcpi_eac: float | None
    """The efficiency needed to end at EAC instead of the budget."""


def _ratio(top: float, bottom: float) -> float | None:
    return top / bottom if bottom else None


def earned_value(bac: float, pv: float, ev: float, ac: float, schedule: float | None = None) -> EarnedValue:
    """Earned value indices of budget, planned value, earned value and actual cost.

    `schedule` is the schedule efficiency to blend with, SPI(t) for instance; EV/PV without it.
    """
    spi, cpi = _ratio(ev, pv), _ratio(ev, ac)
    blend = (schedule if schedule is not None else spi or 0.0) * (cpi or 0.0)
    eac = _ratio(bac, cpi) if cpi is not None else None
    return EarnedValue(
        sv=ev - pv,
        cv=ev - ac,
        spi=spi,
        cpi=cpi,
        eac=eac,
        eac_typical=ac + bac - ev,
        eac_blend=ac + (bac - ev) / blend if blend else None,
        etc=None if eac is None else eac - ac,
        vac=None if eac is None else bac - eac,
        tcpi=_ratio(bac - ev, bac - ac),
        tcpi_eac=None if eac is None else _ratio(bac - ev, eac - ac),
    )


# ----------------------------------------------------------------------------------- pace, status


@dataclass(slots=True, unsafe_hash=True)
class Pace:
    """Where a goal is on its plan. `ratio` is what the status is judged by. Made for every goal, so not frozen."""

    expected: float | None
    elapsed: int
    days: int
    earned: float | None = None
    index: float | None = None
    whole: float | None = None
    needed: float | None = None
    ratio: float | None = None


def pace(plan: Curve, raw: float | None, elapsed: int) -> Pace:
    """The pace of a goal with a plan curve; nothing but the expectation while progress is unknown."""
    days = int(plan[-1][0])
    if elapsed <= 0 or days <= 0:
        return Pace(None, elapsed, days)
    hoped = expected(plan, elapsed)
    if raw is None:
        return Pace(hoped, elapsed, days)
    earned = earned_schedule(plan, min(1.0, raw))
    index = schedule_index(earned, elapsed)
    return Pace(
        hoped, elapsed, days, earned, index, whole_time(days, index), needed_index(days, earned, elapsed), index
    )


def level_pace(hoped: float, raw: float | None, elapsed: int, days: int) -> Pace:
    """The pace of a goal without a path, such as Maintain: progress by expectation, no schedule."""
    if elapsed <= 0:
        return Pace(None, elapsed, days)
    ratio = None if raw is None or not hoped else max(0.0, min(1.0, raw)) / hoped
    return Pace(hoped, elapsed, days, ratio=ratio)


def finish(line: Timeline, whole: float | None) -> tuple[date | None, str | None]:
    """The date the goal ends at this pace, or None with the reason."""
    if whole is None:
        return None, "no progress yet"
    if whole > BEYOND * line.days + HAIR:
        return None, "beyond three times the planned time"
    return line.day(whole), None


def early_until(cadence: int, days: int, policy: Policy) -> float:
    """Elapsed days before which there is no verdict."""
    return max(policy.too_early_cadences * cadence, policy.too_early_share * days)


def verdict(ratio: float | None, gap: float, policy: Policy) -> Status:
    """The status of a running goal: both the ratio and the gap must be bad, since each alone misleads early."""
    if ratio is None:
        return Status.ON_TRACK
    if ratio < policy.off_track_pace - HAIR and gap >= policy.off_track_gap - HAIR:
        return Status.OFF_TRACK
    if ratio < policy.at_risk_pace - HAIR and gap >= policy.at_risk_gap - HAIR:
        return Status.AT_RISK
    return Status.ON_TRACK


def off_track_evenly(
    days: int, first: float, times: Sequence[int], raws: Sequence[float | None], policy: Policy
) -> list[bool]:
    """On an even plan, of each raw progress after so many elapsed days whether the verdict was off track.

    There is none before `first`, past the `days`, for what is done, and without a number.
    """
    pace_below, gap_from, done = policy.off_track_pace - HAIR, policy.off_track_gap - HAIR, 1 - HAIR
    return [
        raw is not None
        and elapsed / days - max(0.0, raw) >= gap_from
        and first <= elapsed <= days
        and max(0.0, raw) * days / elapsed < pace_below
        and raw < done
        for elapsed, raw in zip(times, raws, strict=True)
    ]
