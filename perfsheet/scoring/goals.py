"""One goal on one day: its records, its plan and its pace put together into a score."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from functools import partial
from typing import NamedTuple

from ..forms import Goal
from ..policy import Policy
from ..records.teambook import TeamBook
from . import words
from .forecast import Question, forecast, prior_of, trend_of, why_not
from .pace import (
    HAIR,
    Curve,
    Pace,
    Timeline,
    cadence_of,
    early_until,
    earned_schedule,
    even_plan,
    expected,
    finish,
    grace_of,
    level_pace,
    off_track_evenly,
    pace,
    phased_plan,
    timeline,
    verdict,
)
from .parts import OUTSIDE, Forecast, GoalScore, Original, Readings, Status, Trend
from .progress import Case, Measured, capped, change, measure, raw_by_reading, readings_of
from .versions import Plan, Versions, versions

MANY_MILESTONES = 4
"""Fewer milestones than this make no trend."""


class Standing(NamedTuple):
    """How a goal stands against one version of its plan."""

    case: Case
    measured: Measured
    line: Timeline | None
    """The present segment: the whole time, or what is left since a re-baseline."""
    curve: Curve | None
    """The plan over the segment."""
    reset: date | None
    pace: Pace | None
    status: Status
    progress: float | None
    reached_on: date | None = None


def case_of(book: TeamBook, goal: Goal, plan: Plan, as_of: date) -> Case:
    """The goal's records up to the day, against one version of its plan."""
    policy = book.policy
    line = _line(plan, policy)
    days = line.days if line else 91
    rows = book.log_of(goal, plan.start, as_of)
    return Case(book, goal, plan, as_of, line, cadence_of(days, policy), policy, rows, readings_of(rows, line))


def _line(plan: Plan, policy: Policy) -> Timeline | None:
    """The goal's time, if it has one: a due date before the start gives none."""
    if plan.start is None or plan.due is None or plan.due < plan.start:
        return None
    return timeline(plan.start, plan.due, policy.time_convention)


def stand(case: Case, reset: date | None = None) -> Standing:
    """Progress, pace and status against one plan; with `reset` the pace starts anew that day."""
    measured = measure(case)
    line, curve, began = _segment(case, measured, reset)
    run = _pace(case, measured, line, curve)
    reached = _reached_on(measured)
    status = status_of(case, measured, run)
    return Standing(case, measured, line, curve, began, run, status, capped(measured.raw, case.policy.cap), reached)


def _segment(case: Case, measured: Measured, reset: date | None) -> tuple[Timeline | None, Curve | None, date | None]:
    """The time and the plan curve in force, and the day of the reset that began them."""
    line = case.line
    if line is None or line.days <= 0:
        return line, None, None
    if reset and line.origin < reset <= case.as_of and case.plan.due and reset < case.plan.due:
        done = _done_by(measured, reset)
        if done < 1:
            rest = Timeline(reset, (case.plan.due - reset).days)
            return rest, _curve(case, measured, rest, done), reset
    return line, _curve(case, measured, line, 0.0), None


def _value_at(measured: Measured, day: date) -> float | None:
    """The value in force on a day: the last reading until then, else the baseline."""
    until = bisect_right(measured.readings.days, day)
    return measured.readings.values[until - 1] if until else measured.y0


def _done_by(measured: Measured, day: date) -> float:
    value = _value_at(measured, day)
    if value is None or measured.y0 is None or measured.goal_value is None:
        return 0.0
    return max(0.0, change(measured.y0, measured.goal_value, value) or 0.0)


def _curve(case: Case, measured: Measured, line: Timeline, done: float) -> Curve:
    """The plan: through the rows of Plan if there are any, else even."""
    y0, target = measured.y0, measured.goal_value
    rows = case.book.plan_of(case.goal)
    if y0 is None or target is None or target == y0 or not rows:
        return even_plan(line.days, done)
    points = [(float(line.elapsed(p.day)), (p.planned - y0) / (target - y0)) for p in rows]
    return phased_plan(points, line.days, done)


def _pace(case: Case, measured: Measured, line: Timeline | None, curve: Curve | None) -> Pace | None:
    if line is None or curve is None:
        return None
    elapsed = line.elapsed(case.as_of)
    if _is_level(case, measured):
        return level_pace(_level_hoped(case, measured, line, elapsed), measured.raw, elapsed, line.days)
    return pace(curve, measured.raw, elapsed)


def _is_level(case: Case, measured: Measured) -> bool:
    """Whether the goal has no path: it holds a level, or is done all at once."""
    return measured.level or case.goal.kind == "Yes/No"


def _level_hoped(case: Case, measured: Measured, line: Timeline, elapsed: int) -> float:
    """What a goal without a path should be at."""
    if case.goal.kind == "Yes/No":
        return 1.0 if elapsed >= line.days else 0.0
    return 1.0 if case.goal.kind == "Flow" else case.policy.required_share


def _reached_on(measured: Measured) -> date | None:
    """The first day of the unbroken run of readings at the target; None if it is not reached now."""
    if measured.raw is None or measured.raw < 1 - HAIR or measured.y0 is None or measured.goal_value is None:
        return None
    since = None
    for day, value in zip(reversed(measured.readings.days), reversed(measured.readings.values), strict=True):
        if (change(measured.y0, measured.goal_value, value) or 0.0) < 1 - HAIR:
            break
        since = day
    return since


# ------------------------------------------------------------------------------------------ status


def status_of(case: Case, measured: Measured, run: Pace | None) -> Status:
    """The status, by the first rule that applies."""
    quiet = outside(case.goal, case.plan, case.as_of)
    if quiet:
        return quiet
    holding = measured.level
    return judged(measured.raw, run, case.plan.due, case.as_of, case.cadence, case.policy, holding)


def outside(goal: Goal, plan: Plan, as_of: date) -> Status | None:
    """Why a goal is in no sum, if so."""
    if goal.state in ("Postponed", "Dropped"):
        return Status.POSTPONED if goal.state == "Postponed" else Status.DROPPED
    if goal.state == "Draft" or (plan.start is not None and plan.start > as_of):
        return Status.NOT_STARTED
    return None


def judged(
    raw: float | None,
    run: Pace | None,
    due: date | None,
    as_of: date,
    cadence: int,
    policy: Policy,
    holding: bool = False,
) -> Status:
    """The status of a goal that runs. What must be `holding` is achieved only once its due date has come."""
    settled = _settled(raw, due, as_of, holding)
    if settled or raw is None:
        return settled or Status.NO_DATA
    if run is None or run.expected is None or run.elapsed < early_until(cadence, run.days, policy) - HAIR:
        return Status.TOO_EARLY
    return verdict(run.ratio, run.expected - max(0.0, min(policy.cap, raw)), policy)


def _settled(raw: float | None, due: date | None, as_of: date, holding: bool) -> Status | None:
    """The status that needs no pace, if it is one."""
    if raw is None:
        return Status.NO_DATA
    if raw >= 1 - HAIR and (not holding or (due is not None and as_of >= due)):
        return Status.ACHIEVED
    return Status.OVERDUE if due is not None and as_of > due else None


# -------------------------------------------------------------------------------------- the forecast


def question_of(standing: Standing) -> Question | str:
    """What may be asked of the forecast, or why nothing."""
    case, measured, line = standing.case, standing.measured, standing.line
    kind = case.goal.kind
    if kind == "Yes/No" or measured.level:
        return f"{kind} goals have no trend to reach forward"
    if measured.y0 is None or measured.goal_value is None or line is None or line.days <= 0:
        return measured.reason or "no start and due date"
    if kind == "Milestones" and len(case.book.milestones_of(case.goal)) < MANY_MILESTONES:
        return f"fewer than {MANY_MILESTONES} milestones make no trend"
    first = _value_at(measured, standing.reset) if standing.reset else measured.y0
    before = (line.origin - case.line.origin).days if case.line else 0  # the days before the present segment
    begin, elapsed = bisect_right(measured.readings.elapsed, before), line.elapsed(case.as_of)
    times = [time - before for time in measured.readings.elapsed[begin:]]
    values, check_ins = measured.readings.values[begin:], len(times)
    if kind == "Milestones" and not times:
        return "no milestone is finished yet" + (" since the plan was changed" if standing.reset else "")
    if kind == "Milestones" and times[-1] < elapsed:
        times, values = [*times, elapsed], (*values, values[-1])  # nothing more was finished until today
    return Question(
        times=[0, *times],
        values=[measured.y0 if first is None else first, *values],
        line=line,
        target=measured.goal_value,
        upwards=measured.goal_value > measured.y0,
        check_ins=check_ins,
        elapsed=elapsed,
        cadence=case.cadence,
        floor=0.0 if kind in ("Count", "Percent", "Milestones") else None,
        ceiling=measured.goal_value if kind in ("Percent", "Milestones") else None,
        cumulative=kind in ("Count", "Milestones"),
    )


def forecast_of(standing: Standing) -> tuple[Forecast | None, str | None]:
    """The forecast, or None and why."""
    asked = question_of(standing)
    if isinstance(asked, str):
        return None, asked
    if standing.status in OUTSIDE:
        return None, "the goal is not running"
    if reason := why_not(asked):
        return None, reason
    return forecast(asked, standing.case.policy, prior_of(standing.case.policy, standing.case.goal.aspiration)), None


# ----------------------------------------------------------------------------------------- the score


def original_of(now: Standing, known: Versions) -> Original:
    """The goal against the plan as first agreed."""
    case, plan = now.case, known.original
    same = now.reset is None and plan == case.plan
    first = now if same else stand(case_of(case.book, case.goal, plan, case.as_of))
    run = first.pace
    return Original(
        plan.baseline, plan.target, plan.start, plan.due, first.measured.raw, first.progress,
        run.expected if run else None, run.index if run else None, first.status, len(known.changed_on),
    )  # fmt: skip


class Kin(NamedTuple):
    """What a goal's place among the others gives it: ids of parent and children, the resolved weight."""

    parent: str | None = None
    children: tuple[str, ...] = ()
    weight: float = 1.0


ALONE = Kin()


def score_goal(book: TeamBook, goal: Goal, as_of: date, kin: Kin = ALONE) -> GoalScore:
    """The score of one goal by itself; what its children add comes with the roll-up."""
    known = versions(book, goal)
    reset = known.last_reset(as_of)
    now = stand(case_of(book, goal, known.now, as_of), reset)
    measured, run, case = now.measured, now.pace, now.case
    told, why = forecast_of(now)
    ends, ends_why = _finish(now)
    fixed = case.line
    return GoalScore(
        goal_id=goal.goal_id,
        goal=goal.goal,
        owner=goal.owner,
        kind=goal.kind,
        address=goal.at("goal_id"),
        baseline=goal.baseline,
        target=goal.target,
        current=measured.current,
        raw_progress=measured.raw,
        progress=now.progress,
        expected=run.expected if run else None,
        spi_t=run.index if run else None,
        earned_schedule=run.earned if run else None,
        forecast_finish=ends,
        tspi=run.needed if run else None,
        status=now.status,
        status_reason=_reason(now),
        check_ins=len(case.readings.days if len(case.readings.days) == len(case.rows) else {c.day for c in case.rows}),
        forecast=told,
        reason=measured.reason,
        first_agreed=partial(original_of, now, known),
        owners=goal.owners,
        parent=kin.parent,
        children=kin.children,
        weight=kin.weight,
        counted=now.status not in OUTSIDE,
        coverage=0.0 if measured.raw is None and not measured.level else measured.coverage,
        low=now.progress if now.progress is not None and not measured.assumed else 0.0,
        high=now.progress if now.progress is not None and not measured.assumed else book.policy.cap,
        assumed=measured.assumed,
        self_reported=measured.self_reported,
        finish_reason=ends_why,
        forecast_reason=why,
        pace_ratio=run.ratio if run else None,
        start=known.now.start,
        due=known.now.due,
        origin=now.line.origin if now.line else None,
        elapsed=run.elapsed if run else None,
        planned_days=now.line.days if now.line else None,
        whole_elapsed=fixed.elapsed(as_of) if fixed else None,
        whole_days=fixed.days if fixed else None,
        rebaselined=len(known.changed_on),
        cadence=case.cadence,
        grace=grace_of(case.cadence, book.policy),
        readings=measured.readings,
        last_check_in=case.rows[-1].day if case.rows else None,
        reached_on=now.reached_on,
        flags=measured.flags,
        listed=measured.listed,
        seen=partial(_trend, measured.readings),
        told=partial(_told, now, told, ends, ends_why),
        looked_back=partial(_off_track, now, reset),
    )


def _finish(now: Standing) -> tuple[date | None, str | None]:
    """The forecast finish and what kind of date it is, or why there is none."""
    if now.reached_on is not None:
        return now.reached_on, "the day the target was reached"
    if now.pace is None or now.line is None or now.pace.expected is None:
        return None, "no time to measure a pace by"
    if now.pace.index is None:
        level = _is_level(now.case, now.measured)
        return None, f"{now.case.goal.kind} goals have no pace" if level else now.measured.reason or "no pace yet"
    return finish(now.line, now.pace.whole)


def _trend(readings: Readings) -> Trend | None:
    return trend_of(list(zip(map(float, readings.elapsed), readings.values, strict=True)))


def _reason(now: Standing) -> str:
    case, measured = now.case, now.measured
    closed = case.goal.state == "Done" and measured.raw is not None and measured.raw < 1 - HAIR
    days = now.line.days if now.line else 0
    return words.status_reason(
        now.status, state=case.goal.state, raw=measured.raw, reason=measured.reason, pace=now.pace, start=case.plan.start,
        due=case.plan.due, early_until=early_until(case.cadence, days, case.policy), reached_on=now.reached_on,
        level=_is_level(case, measured), closed_early=closed,
    )  # fmt: skip


def _told(now: Standing, told: Forecast | None, ends: date | None, why: str | None) -> tuple[str, ...]:
    measured, case = now.measured, now.case
    level = _is_level(case, measured)
    sentences = words.progress_sentences(
        case.goal.kind, measured.raw, now.progress, measured.reason, measured.parts, measured.self_reported
    )
    sentences += words.pace_sentences(now.pace, level, now.reset, ends, why)
    if told and case.plan.due:
        ratio = now.pace.ratio if now.pace else None
        enough = bool(now.pace and now.pace.elapsed >= case.policy.forecast_elapsed * now.pace.days)
        sentences += words.forecast_sentences(told, case.plan.due, ratio is not None and 0.95 <= ratio <= 1.05, enough)
    return sentences


def _off_track(now: Standing, reset: date | None) -> dict[date, bool]:
    """Whether the goal was off track on the day of each reading, seen from the plan in force."""
    days = now.case.readings.days
    found = _off_track_steadily(now) if reset is None else None
    if found is None:
        found = [_status_then(now.case, reset, at) is Status.OFF_TRACK for at in range(len(days))]
    return dict(zip(days, found, strict=True))


def _status_then(whole: Case, reset: date | None, at: int) -> Status:
    """The status on the day of a reading, when it was the newest."""
    day = whole.readings.days[at]
    then = whole._replace(as_of=day, readings=whole.readings.part(0, at + 1))
    return stand(then, reset if reset and reset <= day else None).status


def _off_track_steadily(now: Standing) -> list[bool] | None:
    """The short way to the same along an unchanged plan, if there is one: the plan's curve is then the same on all days."""
    whole, measured, line, policy = now.case, now.measured, now.case.line, now.case.policy
    if line is None or line.days <= 0 or outside(whole.goal, whole.plan, whole.as_of):
        return None
    raws = raw_by_reading(whole, measured)
    if raws is None:
        return None
    days, first = line.days, max(1.0, early_until(whole.cadence, line.days, policy) - HAIR)
    times = whole.readings.elapsed
    curve = None if _is_level(whole, measured) else now.curve
    if curve and len(curve) == 2:
        return off_track_evenly(days, first, times, raws, policy)
    found = []
    for elapsed, raw in zip(times, raws, strict=True):
        off = False
        # neither too early, nor overdue, nor achieved
        if raw is not None and first <= elapsed <= days and (raw < 1 - HAIR or (measured.level and elapsed < days)):
            hoped = expected(curve, elapsed) if curve else _level_hoped(whole, measured, line, elapsed)
            behind = hoped - max(0.0, min(policy.cap, raw))
            if behind >= policy.off_track_gap - HAIR:
                ratio = earned_schedule(curve, raw) / elapsed if curve else level_pace(hoped, raw, elapsed, days).ratio
                off = verdict(ratio, behind, policy) is Status.OFF_TRACK
        found.append(off)
    return found
