"""How much of a goal is done: one formula for each kind, and what it is computed from.

The arithmetic takes numbers; `measure` takes a goal's records and keeps each cell that counted.
Missing is never zero: what cannot be computed is None, with a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from ..forms import CheckIn, Goal, Milestone, PlanPoint
from ..policy import Policy
from ..records.teambook import TeamBook
from ..tables import Address
from .pace import HAIR, Timeline
from .parts import NO_READINGS, Flag, Part, Parts, Reading, Readings
from .sums import exact_sum
from .versions import Plan

# ------------------------------------------------------------------------------------ arithmetic


def change(baseline: float, target: float, current: float) -> float | None:
    """The share of the way from baseline to target, either way; None if both are equal."""
    return None if baseline == target else (current - baseline) / (target - baseline)


def count(current: float, target: float) -> float | None:
    """The share of a running total; None for a target of 0 or less and for a negative count."""
    return current / target if target > 0 and current >= 0 else None


def flow(actual: Sequence[float], planned: Sequence[float]) -> float | None:
    """What came by what was planned, summed over the reported periods; None without a plan above 0."""
    total = exact_sum(planned)
    return exact_sum(actual) / total if total > 0 else None


def in_range(value: float, lower: float | None, upper: float | None) -> bool:
    """Whether a reading lies within the limits, edges included; a missing limit does not bind."""
    return (lower is None or value >= lower) and (upper is None or value <= upper)


def share_held(readings: Sequence[float | None], lower: float | None, upper: float | None) -> float | None:
    """The share of reported periods in range. Unreported periods (None) are missing, not compliant."""
    reported = [value for value in readings if value is not None]
    return sum(in_range(v, lower, upper) for v in reported) / len(reported) if reported else None


def maintained(
    share: float | None, coverage: float, required: float = 1.0, least_coverage: float = 0.5
) -> float | None:
    """The share held by the share required; None with too few periods reported."""
    if share is None or coverage < least_coverage - HAIR:
        return None
    return share / required if required > 0 else 1.0


def milestones(done: Sequence[bool], weights: Sequence[float]) -> float | None:
    """The weight of what is finished; no credit for halves. None without a milestone that counts."""
    total = exact_sum(weights)
    return exact_sum(w for w, d in zip(weights, done, strict=True) if d) / total if total > 0 else None


def capped(raw: float | None, cap: float = 1.0) -> float | None:
    """Progress as it counts: from 0 to the cap."""
    return None if raw is None else min(cap, max(0.0, raw))


def error_budget(required: float, span: float) -> float:
    """How much of a span may be out of range: 43.2 minutes of 30 days at 99.9 %."""
    return (1 - required) * span


def burn(share: float, required: float) -> float | None:
    """How much of the error budget is used: 1 is all of it. None where nothing may be out of range."""
    return (1 - share) / (1 - required) if required < 1 else None


# --------------------------------------------------------------------------------------- records


def _no_parts() -> tuple[()]:
    return ()


class Measured(NamedTuple):
    """What a goal's records say on one day, before any plan is looked at.

    `y0` and `goal_value` are where the measure starts and where it should end, in the readings' unit.
    """

    raw: float | None = None
    reason: str | None = None
    current: float | None = None
    readings: Readings = NO_READINGS
    y0: float | None = None
    goal_value: float | None = None
    coverage: float = 1.0
    listed: Parts = _no_parts
    flags: tuple[Flag, ...] = ()
    self_reported: bool = False
    assumed: bool = False
    level: bool = False
    """Something to hold, day by day, and not a way to go."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """The cells and periods that the numbers are made of."""
        return self.listed()


class Case(NamedTuple):
    """One goal on one day: its records, its plan version, its time."""

    book: TeamBook
    goal: Goal
    plan: Plan
    as_of: date
    line: Timeline | None
    cadence: int
    policy: Policy
    rows: Sequence[CheckIn] = ()
    """The check-ins from the start to the day, oldest first."""
    readings: Readings = NO_READINGS

    def cell(self, name: str, value: float | None, reason: str | None = None) -> Part:
        """A part that is a cell of the goal's own row."""
        return Part(name, value, address=self.goal.at(name), reason=reason)


def readings_of(rows: Sequence[CheckIn], line: Timeline | None) -> Readings:
    """One reading a day, oldest first: of two rows on one day the last wins; rows without a value have none."""
    by_day = {c.day: c for c in rows if c.value is not None}
    days, last = tuple(by_day), tuple(by_day.values())
    return Readings(days, tuple([c.value for c in last if c.value is not None]), _elapsed(days, line), last)


def _elapsed(days: Sequence[date], line: Timeline | None) -> tuple[int, ...]:
    """The number of each day since the goal began; 0 where nobody knows when."""
    if line is None:
        return (0,) * len(days)
    origin = line.origin.toordinal()
    return tuple([day.toordinal() - origin for day in days])


def measure(case: Case) -> Measured:
    """The goal's progress by its kind, with its parts and what was noticed on the way."""
    measured = MEASURES[case.goal.kind](case)
    if measured.raw is None or measured.raw >= -HAIR:
        return measured
    worse = Flag("worse_than_baseline", "the newest reading is worse than the baseline", _newest(case))
    return measured._replace(flags=(*measured.flags, worse))


def _newest(case: Case) -> Address:
    return case.readings[-1].address if case.readings else case.goal.at("baseline")


def _reading_part(case: Case) -> Part:
    last = case.readings[-1]
    return Part("current", last.value, address=last.address, day=last.day)


def _last_reading(case: Case) -> tuple[Part, ...]:
    return (_reading_part(case),)


def _nothing(case: Case, reason: str, *flags: Flag, listed: Parts = _no_parts) -> Measured:
    last = case.readings.values[-1] if case.readings else None
    return Measured(None, reason, last, case.readings, listed=listed, flags=flags)


def _one_cell(case: Case, name: str, value: float | None, reason: str | None = None, what: str = "") -> Parts:
    """The parts of a score that rests on one cell of the goal's own row."""
    return lambda: (Part(what or name, value, address=case.goal.at(name), reason=reason),)


def _moving(
    case: Case, y0: float, goal_value: float, listed: Parts, flags: tuple[Flag, ...] = (), self_reported: bool = False
) -> Measured:
    """A measure that goes from `y0` to `goal_value`, once there is a reading."""
    if case.readings.values:
        last = case.readings.values[-1]
        return Measured(
            change(y0, goal_value, last), None, last, case.readings, y0, goal_value,
            listed=lambda: (*listed(), _reading_part(case)), flags=flags, self_reported=self_reported,
        )  # fmt: skip
    reason, assumed = "no check-in with a value yet", case.policy.assume_baseline
    return Measured(
        0.0 if assumed else None, None if assumed else reason, None, NO_READINGS, y0, goal_value, coverage=0.0, assumed=assumed,
        listed=lambda: (*listed(), Part("current", None, address=case.goal.at("goal_id"), reason=reason)),
        flags=flags, self_reported=self_reported,
    )  # fmt: skip


def _changing(case: Case) -> Measured:
    """Increase and Decrease."""
    plan, goal = case.plan, case.goal
    if plan.target is None:
        return _nothing(case, "no target", listed=_one_cell(case, "target", None, "empty"))
    flags: tuple[Flag, ...] = ()
    baseline = plan.baseline
    if baseline is None:
        if goal.kind == "Decrease":
            return _nothing(case, "no baseline to come down from", listed=_one_cell(case, "baseline", None, "empty"))
        baseline, flags = 0.0, (_assumed_zero(goal),)
    if baseline == plan.target:
        return _without_way(case)
    if (goal.kind == "Increase") != (plan.target > baseline):
        message = f"the kind is {goal.kind}, but baseline {baseline:g} to target {plan.target:g} goes the other way"
        return _nothing(case, message, Flag("direction_mismatch", message, goal.at("kind")))
    return _moving(case, baseline, plan.target, partial(_ends, case, baseline, plan.target), flags)


def _ends(case: Case, baseline: float, target: float) -> tuple[Part, ...]:
    assumed = "empty: 0 is assumed" if case.plan.baseline is None else None
    return case.cell("baseline", baseline, assumed), case.cell("target", target)


def _assumed_zero(goal: Goal) -> Flag:
    return Flag("baseline_assumed_zero", "the baseline is empty: 0 is assumed", goal.at("baseline"))


def _without_way(case: Case) -> Measured:
    """Baseline and target are equal: something to hold if a limit says so, else nothing to measure."""
    message = f"baseline and target are both {case.plan.target:g}"
    flag = Flag("baseline_equals_target", message, case.goal.at("target"))
    if case.plan.lower is None and case.plan.upper is None:
        return _nothing(case, message, flag)
    held = _holding(case)
    return held._replace(flags=(*held.flags, flag))


def _counting(case: Case) -> Measured:
    """Count: a running total from 0."""
    plan, goal = case.plan, case.goal
    flags = [] if plan.baseline is not None else [_assumed_zero(goal)]
    if plan.target is None or plan.target <= 0:
        cell = _one_cell(case, "target", plan.target)
        return _nothing(case, "a count needs a target above 0", *flags, listed=cell)
    values = case.readings.values
    for at, (before, after) in enumerate(pairwise(values), start=1):
        if after < before:
            message = f"the running total fell from {before:g} to {after:g}; the newest value counts"
            flags.append(Flag("value_decreased", message, case.readings[at].address))
    if values and values[-1] < 0:
        return _nothing(case, "a count cannot be negative", *flags, listed=partial(_last_reading, case))
    return _moving(case, 0.0, plan.target, _one_cell(case, "target", plan.target), tuple(flags))


def _percent(case: Case) -> Measured:
    """Percent: the owner's own estimate of how much is done."""
    scale = case.book.percent_scale
    return _moving(case, 0.0, scale, partial(_whole, case, scale), self_reported=True)


def _whole(case: Case, scale: float) -> tuple[Part, ...]:
    return (Part("100 %", scale, address=case.goal.at("kind"), reason="self-reported"),)


def _yes_or_no(case: Case) -> Measured:
    """Yes/No: 1 when done and 0 until then, whatever the effort."""
    done = case.goal.state == "Done"
    if case.readings:
        last = case.readings.values[-1]
        done = done or last >= 1
        return Measured(float(done), None, last, case.readings, listed=partial(_last_reading, case))
    return Measured(
        float(done), listed=_one_cell(case, "state", float(done), None if done else "not reported as done", "done")
    )


def _milestones(case: Case) -> Measured:
    """Milestones: finished ones by weight, from their own tab."""
    rows = case.book.milestones_of(case.goal)
    if not rows:
        return _nothing(case, "no milestones are listed")
    given = [m.weight for m in rows if m.weight is not None]
    blank = exact_sum(given) / len(given) if given else 1.0
    weights = [m.weight if m.weight is not None else blank for m in rows]
    done = [m.done is not None and m.done <= case.as_of for m in rows]
    raw = milestones(done, weights)
    path = _milestone_path(case, rows, weights, done) or case.readings
    reason = None if raw is not None else "all milestones have weight 0"
    return Measured(raw, reason, raw, path, 0.0, 1.0, listed=partial(_milestone_parts, rows, weights, done))


def _milestone_parts(rows: Sequence[Milestone], weights: Sequence[float], done: Sequence[bool]) -> tuple[Part, ...]:
    return tuple(
        Part(m.milestone, float(d), w, m.at("done"), None if d else "not done", m.done if d else m.due)
        for m, w, d in zip(rows, weights, done, strict=True)
    )


def _milestone_path(case: Case, rows: Sequence[Milestone], weights: Sequence[float], done: Sequence[bool]) -> Readings:
    """Finished milestones as readings of the share done, one a day."""
    total, sofar = exact_sum(weights) or 1.0, 0.0
    path: dict[date, tuple[float, Milestone]] = {}
    finished = [(m.done, w, m) for m, w, d in zip(rows, weights, done, strict=True) if d and m.done]
    for day, weight, row in sorted(finished, key=itemgetter(0)):
        sofar += weight / total
        path[day] = sofar, row
    days, shares = tuple(path), tuple([share for share, _ in path.values()])
    return Readings(days, shares, _elapsed(days, case.line), tuple([row for _, row in path.values()]), "done")


# -------------------------------------------------------------------------- kinds that hold a level


def periods(line: Timeline, cadence: int, as_of: date) -> list[tuple[int, int]]:
    """The check-in periods begun by `as_of`, as (after, up to) in elapsed days; the last may be shorter."""
    days = line.days
    return [(after, min(after + cadence, days)) for after in _begun(line.elapsed(as_of), cadence, days)]


def _begun(elapsed: int, cadence: int, days: int) -> range:
    """The elapsed days after which a period has begun so many days into the goal."""
    return range(0, max(min(elapsed, days), 0), cadence)


def _period_of(elapsed: int, cadence: int) -> int:
    """The elapsed day after which the period of a reading begins; day 0 is in the first."""
    return max(0, elapsed - 1) // cadence * cadence


def _holding(case: Case) -> Measured:
    """Maintain: the share of reported periods whose last reading lies within the limits."""
    plan = case.plan
    if plan.lower is None and plan.upper is None:
        return _nothing(case, "nothing to hold: Lower and Upper are both empty")._replace(level=True)
    if case.line is None:
        return _nothing(case, "no start and due date")._replace(level=True)
    last = {_period_of(r.elapsed, case.cadence): r for r in case.readings if 0 <= r.elapsed <= case.line.days}
    rows = [(span, last.get(span[0])) for span in periods(case.line, case.cadence, case.as_of)]
    now = case.line.elapsed(case.as_of)
    # a period that has begun counts once it is reported: nobody is late before it ends
    rows = [(span, reading) for span, reading in rows if reading or span[1] <= now]
    values = [reading.value if reading else None for _, reading in rows]
    share = share_held(values, plan.lower, plan.upper)
    coverage = sum(v is not None for v in values) / len(rows) if rows else 0.0
    raw = maintained(share, coverage, case.policy.required_share, case.policy.maintain_coverage)
    reason = None if raw is not None else _too_thin(share, coverage)
    newest = case.readings.values[-1] if case.readings else None
    parts = partial(_held_parts, case, rows)
    return Measured(raw, reason, newest, case.readings, coverage=coverage, listed=parts, level=True)


def _too_thin(share: float | None, coverage: float) -> str:
    return "no period reported yet" if share is None else f"only {100 * coverage:.0f} % of the periods are reported"


def _held_parts(case: Case, rows: Sequence[tuple[tuple[int, int], Reading | None]]) -> tuple[Part, ...]:
    plan, line, parts = case.plan, case.line, []
    for name, limit in (("lower", plan.lower), ("upper", plan.upper)):
        if limit is not None:
            parts.append(case.cell(name, limit))
    for (_, upto), reading in rows:
        day = line.day(upto) if line else None
        what = f"period to {day}"
        if reading is None:
            parts.append(Part(what, None, address=case.goal.at("goal_id"), reason="no reading", day=day))
        else:
            held = in_range(reading.value, plan.lower, plan.upper)
            parts.append(Part(what, reading.value, 1.0, reading.address, "in range" if held else "out of range", day))
    return tuple(parts)


def _flowing(case: Case) -> Measured:
    """Flow: what came in the reported periods by what was planned for them."""
    points = sorted(case.book.plan_of(case.goal), key=lambda p: p.day)
    if not points or case.line is None:
        return _flow_evenly(case)
    summed = _flow_sum(case, _planned_periods(case, points, case.line.origin))
    beyond = [r for r in case.readings if r.day > points[-1].day]
    return summed._replace(flags=(_beyond_plan(beyond),)) if beyond else summed


def _flow_evenly(case: Case) -> Measured:
    """The same amount is planned for each check-in."""
    target, count = case.plan.target, len(case.readings)

    def parts() -> tuple[Part, ...]:
        each = Part("planned", target, count, case.goal.at("target"), "for each check-in")
        return (each, *map(_actual, case.readings))

    if target is None or target <= 0:
        return _no_flow(case, "a flow needs a target above 0, or rows in Plan", parts)
    return _flow(case, case.readings.values, [target * count], parts)


def _actual(reading: Reading) -> Part:
    return Part("actual", reading.value, address=reading.address, day=reading.day)


def _planned_periods(case: Case, points: Sequence[PlanPoint], origin: date) -> list[Part]:
    """Each period of Plan that has a reading: what was planned, and what came."""
    before, parts = origin, []
    for point in points:
        inside = [r for r in case.readings if before < r.day <= point.day]
        if inside:
            parts.append(Part("planned", point.planned, address=point.at("planned"), day=point.day))
            parts += [_actual(r) for r in inside]
        before = max(before, point.day)
    return parts


def _beyond_plan(readings: Sequence[Reading]) -> Flag:
    message = f"{len(readings)} check-in values lie after the last date in Plan; they are not counted"
    return Flag("outside_plan", message, readings[0].address)


def _flow_sum(case: Case, parts: Sequence[Part]) -> Measured:
    actual = [p.value for p in parts if p.what == "actual" and p.value is not None]
    planned = [p.value or 0.0 for p in parts if p.what == "planned"]
    return _flow(case, actual, planned, lambda: tuple(parts))


def _flow(case: Case, actual: Sequence[float], planned: Sequence[float], listed: Parts) -> Measured:
    if not actual:
        return _no_flow(case, "no period reported yet", listed)
    raw = flow(actual, planned)
    reason = None if raw is not None else "the planned amounts sum to 0"
    return Measured(raw, reason, case.readings.values[-1], case.readings, listed=listed, level=True)


def _no_flow(case: Case, reason: str, listed: Parts) -> Measured:
    return _nothing(case, reason, listed=listed)._replace(level=True)


MEASURES: dict[str, Callable[[Case], Measured]] = {
    "Increase": _changing,
    "Decrease": _changing,
    "Count": _counting,
    "Flow": _flowing,
    "Maintain": _holding,
    "Milestones": _milestones,
    "Percent": _percent,
    "Yes/No": _yes_or_no,
}


def raw_by_reading(case: Case, measured: Measured) -> list[float | None] | None:
    """The raw progress as it was on the day of each reading; None where no short way to it is known."""
    kind, values = case.goal.kind, case.readings.values
    if kind == "Yes/No":
        done = case.goal.state == "Done"
        return [float(done or value >= 1) for value in values]
    y0, end = measured.y0, measured.goal_value
    if kind in ("Increase", "Decrease", "Count", "Percent") and y0 is not None and end is not None:
        if y0 == end:
            return [None] * len(values)
        return [None if kind == "Count" and value < 0 else (value - y0) / (end - y0) for value in values]
    if kind == "Maintain" and case.line and (case.plan.lower is not None or case.plan.upper is not None):
        return _held_by_reading(case, case.line)
    if kind == "Flow" and case.plan.target and case.plan.target > 0 and not case.book.plan_of(case.goal):
        return [flow(values[:n], [case.plan.target * n]) for n in range(1, len(values) + 1)]
    return None


def _held_by_reading(case: Case, line: Timeline) -> list[float | None]:
    """Of a level, on the day of each reading: its period counts as reported, and all before it are over."""
    plan, policy, cadence, found = case.plan, case.policy, case.cadence, []
    held: dict[int, bool] = {}
    fine = 0
    for value, elapsed in zip(case.readings.values, case.readings.elapsed, strict=True):
        if 0 <= elapsed <= line.days:
            period, now = _period_of(elapsed, cadence), in_range(value, plan.lower, plan.upper)
            fine += now - held.get(period, False)
            held[period] = now
        begun = len(_begun(elapsed, cadence, line.days))
        share, coverage = (fine / len(held), len(held) / begun) if held and begun else (None, 0.0)
        found.append(maintained(share, coverage, policy.required_share, policy.maintain_coverage))
    return found


def has_own_measure(book: TeamBook, goal: Goal) -> bool:
    """Whether a goal is measured by itself; one that is not, but has children, is their container."""
    if goal.kind in ("Increase", "Decrease", "Count"):
        return goal.target is not None
    if goal.kind == "Flow":
        return goal.target is not None or bool(book.plan_of(goal))
    if goal.kind == "Maintain":
        return goal.lower is not None or goal.upper is not None
    if goal.kind == "Milestones":
        return bool(book.milestones_of(goal))
    return goal.state == "Done" or any(c.value is not None for c in book.checkins_of(goal))
