"""The decision table: one function a row, in the order of precedence. Every row may answer or stay silent.

The gates come before the rows: too early, too late, or too soon after another change is `hold`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from functools import partial
from itertools import islice

from ..forms import Goal, same_name
from ..issues.issue import wording
from ..issues.movement import beginning, way
from ..issues.people import is_blocker, load, open_blocker
from ..issues.rhythm import last_look
from ..issues.standing import confidence_of, standing
from ..issues.wording import days, number, percent, quantity, shown
from ..scoring import GoalScore, Status
from ..scoring.forecast import chance, first_with_chance, rounded_chance, value_with_chance
from ..scoring.versions import plan_changes
from . import rules
from .asking import Ask, Candidate
from .proposal import Value

FELL = 0.2
"""A fall of confidence that is worth help."""

LITTLE = 0.05
LONG_DAYS, MANY_MILESTONES = 180, 8
UNLIKELY, VERY_UNLIKELY, LIKELY_ENOUGH, SAFE = 0.30, 0.15, 0.70, 0.80
LONGEST_DELAY = 0.5
LEAST_LOWERED, LOWER_FROM = 0.5, 0.4
EARLY_LEFT = 0.15
FORWARD_BY = 0.2
STRETCH_CHANCE, STRETCH_LEAST, STRETCH_MOST = 0.4, 0.10, 0.50
SUPPORT_DAYS = 7
LEAST_CHECK_INS = 3
LEAVE = "Leave it as it is"


# ---------------------------------------------------------------------------------------- gates


def fix_data(ask: Ask) -> Candidate | None:
    """Row 0: before anything else is said, the data must be right."""
    wrong = ask.anomalies
    if not wrong:
        return None
    return Candidate(
        rules.FIX_DATA,
        "Put the data right, then look again",
        lambda: "; ".join(f"{i.address}: {i.evidence}" for i in wrong),
        address=wrong[0].address,
    )


def gate(ask: Ask) -> str | None:
    """Why no adjustment is proposed whatever the numbers say; None if one may be."""
    score, policy = ask.score, ask.policy
    looks = max(score.check_ins, len(score.readings))
    if looks < LEAST_CHECK_INS:
        return f"Too early for a change: {looks} of {LEAST_CHECK_INS} check-ins"
    if ask.gone < policy.proposal_elapsed:
        return f"Too early for a change: {percent(ask.gone)} of the time is over, proposals start at {percent(policy.proposal_elapsed)}"
    if ask.gone > 1 - policy.proposal_last:
        return "Little or no time is left: close this goal and set the next one"
    if changed := changed_on(ask):
        return f"Changed on {changed.isoformat()} already: one adjustment for a goal in a period"
    return None


def changed_on(ask: Ask) -> date | None:
    """When the goal's plan was changed in this period, if it was."""
    history = ask.book.history_of(ask.goal)
    if not history:
        return None
    begin = ask.book.settings.period_start or date.min
    return max((d for d, _, _ in plan_changes(history, ask.goal) if begin <= d <= ask.as_of), default=None)


# ----------------------------------------------------------------------------------------- rows


def add_support(ask: Ask) -> Candidate | None:
    """Row 1: in trouble, and something is in the way that the manager can move."""
    if ask.score.status is not Status.OFF_TRACK and all(i.code != "stalled" for i in ask.issues):
        return None
    reason = _in_the_way(ask)
    if reason is None:
        return None
    due = ask.as_of + timedelta(days=SUPPORT_DAYS)
    text = f"Support by the manager: agree an action, due by {due.isoformat()}"
    return Candidate(rules.ADD_SUPPORT, text, f"{reason}; {_lower_first(standing(ask.score))}", proposed=due)


def _in_the_way(ask: Ask) -> str | None:
    """The blocker, the falling confidence or the overload; None where nothing is known to be in the way."""
    found = open_blocker(ask.case, ask.goal)
    if found and found[1] > ask.policy.blocked_days:
        return f"Blocked by {found[0].blocker} for {days(found[1])}"
    newest, *before = [c.confidence or 0.0 for c in islice(confidence_of(ask.case, ask.score), 3)] or [0.0]
    if before and max(before) - newest >= FELL - 1e-9:
        return f"Confidence fell from {percent(max(before))} to {percent(newest)}"
    goals = load(ask.case, ask.goal.owner)
    return f"{ask.goal.owner} has {len(goals)} active goals" if len(goals) > ask.policy.overload_goals else None


def learning_goal(ask: Ask) -> Candidate | None:
    """Row 2: hardly begun by somebody new to it."""
    raw, due, begin = ask.score.raw_progress, ask.score.due, ask.book.settings.period_start
    if raw is None or raw >= LITTLE or due is None or begin is None:
        return None
    person = ask.book.people_by_name.get(same_name(ask.goal.owner))
    if person is None or person.start is None or person.start < begin:
        return None
    until = ask.as_of + (due - ask.as_of) // 2
    text = f"A learning goal first: find and test 3 ways by {until.isoformat()}"
    why = f"{percent(raw)} done at {percent(ask.gone)} of the time; {ask.goal.owner} joined on {shown(person.start)}"
    return Candidate(rules.LEARNING_GOAL, text, why, proposed=until)


def split(ask: Ask) -> Candidate | None:
    """Row 3: too big to see the next step."""
    score, target = ask.score, ask.aim
    current, due = score.current, score.due
    if score.status not in (Status.AT_RISK, Status.OFF_TRACK) or target is None or current is None or due is None:
        return None
    big = _too_big(ask)
    if big is None:
        return None
    steps = steps_to(current, target, ask.as_of, due, 3 if (due - ask.as_of).days > LONG_DAYS else 2)
    told = [f"{_in_unit(ask, value)} by {day.isoformat()}" for value, day in steps]
    why = f"{big}; {_lower_first(standing(score))}. Next step {told[0]}"
    text = f"Split into {len(steps)} steps of equal weight: " + ", then ".join(told)
    value, day = steps[0]
    return Candidate(rules.SPLIT, text, why, proposed=told[0], chance_after=ask.chance_at(day, value))


def _too_big(ask: Ask) -> str | None:
    whole = ask.score.whole_days or 0
    count = len(ask.book.milestones_of(ask.goal))
    if whole > LONG_DAYS:
        return f"{days(whole)} long"
    if count > MANY_MILESTONES:
        return f"{count} milestones"
    measures = [m for m in (ask.goal.measure or "").replace("\n", ";").split(";") if m.strip()]
    return f"{len(measures)} measures in one goal" if len(measures) > 1 else None


def steps_to(current: float, target: float, as_of: date, due: date, parts: int) -> list[tuple[float, date]]:
    """Equal steps from where the goal stands to its target: (value, day) for each."""
    rest = (due - as_of).days
    return [
        (current + k * (target - current) / parts, as_of + timedelta(days=k * rest // parts))
        for k in range(1, parts + 1)
    ]


def extend_due(ask: Ask) -> Candidate | None:
    """Row 4: moving the right way, but not in time."""
    score, due, aim = ask.score, ask.score.due, ask.aim
    if not (ask.chance is not None and ask.chance <= UNLIKELY and (score.raw_progress or 0) > 0):
        return None
    if ask.goal.due_fixed or due is None or aim is None:
        return None
    day = _first_good_day(ask, due, aim)
    if day is None:
        return None
    text = f"Move the due date to {day.isoformat()}, {days((day - due).days)} later"
    why = f"At today's pace the target falls on {_pace_day(ask)}; {percent(rounded_chance(ask.chance))} likely by {due.isoformat()}"
    return Candidate(rules.EXTEND_DUE, text, why).on(ask, "due", day, ask.chance_at(day, aim))


def _first_good_day(ask: Ask, due: date, aim: float) -> date | None:
    """The first day with a good chance, put off to the end of its week, within half of the time again."""
    score, model = ask.score, ask.model
    if model is None or score.origin is None or score.whole_days is None:
        return None
    last = due + timedelta(days=int(LONGEST_DELAY * score.whole_days))
    found = first_with_chance(
        model, aim, LIKELY_ENOUGH, (last - score.origin).days, ask.upwards, (due - score.origin).days + 1
    )  # fmt: skip
    if found is None:
        return None
    day = ask.day(found)
    return min(last, day + timedelta(days=6 - day.weekday()))


def _pace_day(ask: Ask) -> str:
    forecast = ask.score.forecast
    if ask.score.forecast_finish:
        return ask.score.forecast_finish.isoformat()
    return (
        forecast.outlook.median_date.isoformat()
        if forecast and forecast.outlook.median_date
        else "no date that can be named"
    )


def lower_target(ask: Ask) -> Candidate | None:
    """Row 5: the last resort, on record reasons only."""
    if not (
        ask.chance is not None and ask.chance <= VERY_UNLIKELY and ask.gone >= LOWER_FROM and _twice_off_track(ask)
    ):
        return None
    reason, target, forecast = _outside_reason(ask), ask.goal.target, ask.score.forecast
    if reason is None or not _support_tried(ask) or target is None or forecast is None or ask.score.current is None:
        return None
    value = lowered(forecast.median, beginning(ask.score), target, ask.score.current)
    if value == target or ask.score.due is None or way(ask.case, ask.score) is None or ask.goal.kind == "Percent":
        return None
    unit = ask.goal.unit
    text = f"Lower the target from {quantity(target, unit)} to {quantity(value, unit)}"
    why = f"Median forecast {quantity(forecast.median, unit)}; {reason}; the original stays on record as {quantity(target, unit)}"
    return Candidate(rules.LOWER_TARGET, text, why).on(ask, "target", value, ask.chance_at(ask.score.due, value))


def lowered(median: float, baseline: float, target: float, current: float) -> float:
    """The median forecast rounded toward the target: at least half of the way, and not behind where the goal stands."""
    gap = target - baseline
    step = 10.0 ** math.floor(math.log10(abs(gap) / 100))
    if all(float(v).is_integer() for v in (baseline, target, current)):
        step = max(1.0, step)
    sign = 1 if gap > 0 else -1
    least = max(sign * median, sign * (baseline + LEAST_LOWERED * gap), sign * current)
    return sign * min(sign * target, round(math.ceil(least / step - 1e-9) * step, 9))


def _twice_off_track(ask: Ask) -> bool:
    return list(ask.score.off_track.values())[-2:] == [True, True]


def _outside_reason(ask: Ask) -> str | None:
    """A reason on record that lies outside of the owner's hands."""
    blockers = [c for c in ask.book.log_of(ask.goal, last=ask.as_of) if is_blocker(c.blocker)]
    if blockers:
        return f"blocked on {blockers[-1].day.isoformat()} by {blockers[-1].blocker}"
    parent = ask.parent
    if parent and parent.state in ("Postponed", "Dropped"):
        return f"the parent {parent.goal_id} is {parent.state.lower()}"
    changed = (
        [day for day, _, _ in plan_changes(ask.book.history_of(parent), parent) if day <= ask.as_of] if parent else []
    )
    return f"the parent {parent.goal_id} changed on {changed[-1].isoformat()}" if parent and changed else None


def _support_tried(ask: Ask) -> bool:
    """Whether an action was agreed for the goal, or support was offered and decided on."""
    goal = same_name(ask.goal.goal_id)
    acted = any((a.agreed or a.due) <= ask.as_of for a in ask.book.actions_of(ask.goal))
    return acted or any(
        d.goal_id
        and same_name(d.goal_id) == goal
        and d.decision in ("Accept", "Change", "Reject")
        and d.rule_name == "add_support"
        for d in ask.book.decisions
    )


def close_early(ask: Ask) -> Candidate | None:
    """Row 6: reached with time to spare. The next step is a new goal, never a higher bar on this one."""
    score = ask.score
    if (
        score.status is not Status.ACHIEVED
        or 1 - ask.gone < EARLY_LEFT
        or score.due is None
        or score.kind in ("Maintain", "Flow")
    ):
        return None
    left = days((score.due - (score.reached_on or ask.as_of)).days)
    value = _stretch(ask)
    more = (
        ()
        if value is None
        else (f"A new stretch goal of {quantity(value, ask.goal.unit)}; raise this target only if the owner asks",)
    )
    text = "Close the goal as done and set a new one" + (
        f", such as {quantity(value, ask.goal.unit)}" if value is not None else ""
    )
    found = Candidate(rules.CLOSE_EARLY, text, f"Reached {left} early", also=more)
    return found.on(ask, "state", "Done")


def _stretch(ask: Ask) -> float | None:
    """What the goal would reach with a chance of 40 %, between 10 and 50 % of the way further on."""
    whole, target, days_ = way(ask.case, ask.score), ask.goal.target, ask.score.planned_days
    if whole is None or target is None or ask.goal.kind == "Percent":
        return None
    value = value_with_chance(ask.model, days_, STRETCH_CHANCE, ask.upwards) if ask.model and days_ else target
    further = min(STRETCH_MOST, max(STRETCH_LEAST, (value - target) / whole))
    return round(target + further * whole, 9)


def bring_forward(ask: Ask) -> Candidate | None:
    """Row 7: safe long before the date, and a parent goal waits for it."""
    score, parent = ask.score, ask.parent
    if parent is None or ask.goal.due_fixed or score.status is Status.ACHIEVED or ask.chance is None:
        return None
    due, aim, model = score.due, ask.aim, ask.model
    if due is None or aim is None or model is None or score.origin is None or score.whole_days is None:
        return None
    last = (due - score.origin).days - math.ceil(FORWARD_BY * score.whole_days)
    found = first_with_chance(model, aim, SAFE, last, ask.upwards, (ask.as_of - score.origin).days + 1)
    if found is None:
        return None
    day = ask.day(found)
    after = rounded_chance(chance(model, found, aim, ask.upwards))
    text = f"Bring the due date forward to {day.isoformat()}, {days((due - day).days)} earlier"
    why = f"{percent(after)} likely by {day.isoformat()}; the parent {parent.goal_id} waits for it"
    return Candidate(rules.BRING_FORWARD, text, why).on(ask, "due", day, after)


def retire(ask: Ask) -> Candidate | None:
    """Row 8: nobody needs it, or nobody works on it any more."""
    why = _needless(ask)
    if why is None:
        return None
    found = Candidate(rules.RETIRE, "Retire the goal: its score is frozen and stays listed", why)
    return found.on(ask, "state", "Dropped")


def _needless(ask: Ask) -> str | None:
    owner, parent = ask.book.people_by_name.get(same_name(ask.goal.owner)), ask.parent
    if parent and parent.state == "Dropped":
        return f"The parent {parent.goal_id} is dropped"
    if owner and owner.end and owner.end < ask.as_of:
        return f"{owner.person} left on {owner.end.isoformat()}"
    if twin := _twin(ask):
        return f"The same goal stands in {twin.goal_id}"
    last = last_look(ask.score)
    if last and not ask.goal.parent and (ask.as_of - last).days > 3 * ask.score.cadence:
        return f"Last check-in {days((ask.as_of - last).days)} ago, and it serves no other goal"
    return None


def _twin(ask: Ask) -> Goal | None:
    """An earlier row with the same words and the same owner."""
    for other in ask.case.goals_worded[wording(ask.goal)]:
        if other.goal_id == ask.goal.goal_id:
            return None
        if other.state in (None, "Active"):
            return other
    return None


def defer(ask: Ask) -> Candidate | None:
    """Row 9: too much at once, and this counts least."""
    goals = load(ask.case, ask.goal.owner)
    if len(goals) <= ask.policy.overload_goals or _least(goals).goal_id != ask.score.goal_id:
        return None
    why = f"{ask.goal.owner} has {len(goals)} active goals; this one has the least weight, {number(ask.score.weight)}"
    found = Candidate(
        rules.DEFER, "Postpone the goal to the next period", why, also=("Hand it over to somebody with fewer goals",)
    )
    return found.on(ask, "state", "Postponed")


def _least(goals: Sequence[GoalScore]) -> GoalScore:
    """The goal with the least weight; of several the one due last, then the lowest row."""
    return min(goals, key=lambda s: (s.weight, -(s.due or date.max).toordinal(), -s.address.row))


TABLE: tuple[Callable[[Ask], Candidate | None], ...] = (
    add_support, learning_goal, split, extend_due, lower_target, close_early, bring_forward, retire, defer,
)  # fmt: skip
"""Rows 1 to 9; row 0 and row 10 stand around them."""


def answers(ask: Ask) -> Iterator[Candidate]:
    """Everything that applies to the goal, the first by precedence first; `hold` where nothing does."""
    silent = True
    if found := fix_data(ask):
        yield found
    elif why := gate(ask):
        yield Candidate(rules.HOLD, LEAVE, why)
    else:
        for row in TABLE:
            if found := row(ask):
                silent = False
                yield found
        if silent:
            yield hold(ask)


def hold(ask: Ask) -> Candidate:
    """Row 10: nothing fired."""
    return Candidate(rules.HOLD, LEAVE, partial(_why_nothing_fired, ask))


def _why_nothing_fired(ask: Ask) -> str:
    score = ask.score
    if score.status in (Status.AT_RISK, Status.OFF_TRACK):
        why = f"{standing(score)}. No change is called for yet: nothing is known to be in the way, and being behind is a reason to stay"
    else:
        why = f"{score.status.replace('_', ' ').capitalize()}: {_lower_first(standing(score))}"
    return why if ask.chance is None else f"{why}. Chance {percent(rounded_chance(ask.chance))}"


def _in_unit(ask: Ask, value: float) -> str:
    if ask.goal.kind in ("Percent", "Milestones"):
        return percent(value / (ask.aim or 1.0))
    return quantity(value, ask.goal.unit)


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def inputs_of(ask: Ask) -> list[tuple[str, Value]]:
    """What the table looked at, for the record."""
    score, forecast = ask.score, ask.score.forecast
    return [
        ("as_of", ask.as_of), ("status", str(score.status)), ("current", score.current), ("target", score.target),
        ("due", score.due), ("progress", score.progress), ("expected", score.expected), ("elapsed", ask.gone),
        ("check_ins", float(score.check_ins)), ("probability", ask.chance),
        ("median", forecast.median if forecast and ask.chance is not None else None),
    ]  # fmt: skip
