"""Issues of changed plans: targets and dates that History shows as eased late, or in trouble, or twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ..forms import Goal, HistoryRow, same_name
from ..scoring import GoalScore
from ..scoring.versions import day_of, plan_changes
from . import rules
from .issue import MED, Case, Issue
from .wording import percent, shown

LATE = 0.75
"""From this share of the time on, easing is late."""


@dataclass(frozen=True)
class Easing:
    """A change in History that made a goal easier to reach."""

    goal: Goal
    day: date
    row: HistoryRow

    def told(self) -> str:
        """Old and new value, when and by whom."""
        by = f" by {self.row.who}" if self.row.who else ""
        return f"{self.row.field} {shown(self.row.old)} -> {shown(self.row.new)} on {self.day.isoformat()}{by}"


def easings(case: Case, goal: Goal) -> list[Easing]:
    """The goal's changes that brought the target nearer or put the date off, oldest first."""
    found = plan_changes(case.book.history_of(goal), goal)
    return [Easing(goal, day, row) for day, name, row in found if day <= case.as_of and _eases(goal, name, row)]


def _eases(goal: Goal, field: str, row: HistoryRow) -> bool:
    if field == "due":
        old, new = day_of(row.old), day_of(row.new)
        return bool(old and new and new > old)
    if field != "target" or not isinstance(row.old, (int, float)) or not isinstance(row.new, (int, float)):
        return False
    upwards = goal.kind != "Decrease"
    return row.new < row.old if upwards else row.new > row.old


def target_moved(case: Case) -> Iterator[Issue]:
    """Easings that came late, after trouble, or as the second of one owner."""
    eased: dict[str, int] = {}
    changed = [g for g in case.book.goals if case.book.history_of(g)] if case.book.history else []
    every = sorted((e for g in changed for e in easings(case, g)), key=lambda e: (e.day, e.row.row))
    for easing in every:
        owner = same_name(easing.goal.owner)
        eased[owner] = eased.get(owner, 0) + 1
        score = case.scores.goal(easing.goal.goal_id)
        why = _why(case, easing, score, eased[owner])
        if why:
            evidence = f"{easing.told()}: {why}"
            goal = easing.goal
            yield Issue(
                rules.TARGET_MOVED.code, MED, evidence, easing.row.at("new"), goal.goal_id, goal.owner, eased[owner] > 1
            )  # fmt: skip


def _why(case: Case, easing: Easing, score: GoalScore | None, times: int) -> str | None:
    """What makes the easing worth telling, or None."""
    if times > 1:
        return f"easing number {times} for {easing.goal.owner}, one for the manager's own manager to see"
    if score is None or score.vs_original.start is None or score.vs_original.due is None:
        return None
    start, due = score.vs_original.start, score.vs_original.due
    gone = ((easing.day - start).days + 1) / ((due - start).days + 1)
    if gone >= LATE:
        return f"{percent(min(1.0, gone))} of the time was over"
    return "the goal was off track" if _was_off_track(case, score, easing.day, gone) else None


def _was_off_track(case: Case, score: GoalScore, day: date, gone: float) -> bool:
    """Whether the goal stood off track against its original, even plan on the eve of the change."""
    original, policy = score.vs_original, case.policy
    goal = case.record(score)
    before = [c for c in case.book.checkins_of(goal) if c.day <= day and c.value is not None] if goal else []
    start, target = original.baseline or 0.0, original.target
    if not before or target is None or target == start or gone <= 0:
        return False
    value = max(before, key=lambda c: (c.day, c.row)).value or 0.0
    done = min(1.0, max(0.0, (value - start) / (target - start)))
    return done / gone < policy.off_track_pace and gone - done >= policy.off_track_gap
