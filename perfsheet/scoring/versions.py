"""The versions of a goal's plan: what was first agreed, and when an accepted change began a new segment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from ..forms import Goal, HistoryRow, folded, same_name
from ..records.teambook import TeamBook

PLAN_FIELDS = {
    "baseline": "baseline",
    "target": "target",
    "startdate": "start",
    "duedate": "due",
    "lower": "lower",
    "upper": "upper",
}
"""Columns whose change is a re-baseline, by their folded header."""


class Plan(NamedTuple):
    """What a goal was agreed to be: numbers and dates, by one version."""

    baseline: float | None
    target: float | None
    lower: float | None
    upper: float | None
    start: date | None
    due: date | None


class Versions(NamedTuple):
    """The plan in force, the plan as first agreed, and the days on which accepted changes took effect."""

    now: Plan
    original: Plan
    changed_on: tuple[date, ...] = ()

    def last_reset(self, as_of: date) -> date | None:
        """The day on which the present segment began, if a re-baseline began one."""
        return max([day for day in self.changed_on if day <= as_of], default=None)


def plan_of(book: TeamBook, goal: Goal) -> Plan:
    """The plan as the Goals tab has it now."""
    return Plan(goal.baseline, goal.target, goal.lower, goal.upper, book.start_of(goal), book.due_of(goal))


def day_of(text: object) -> date | None:
    """The day of a History cell: a date, or a text that begins with one as 2026-03-31."""
    if isinstance(text, datetime):
        return text.date()
    if isinstance(text, date):
        return text
    try:
        return date.fromisoformat(str(text).strip()[:10])
    except ValueError:
        return None


def _number(value: object) -> float | None:
    if isinstance(value, (int, float)):
        return float(value)
    try:
        return float(str(value))
    except ValueError:
        return None


def plan_changes(history: Sequence[HistoryRow], goal: Goal) -> list[tuple[date, str, HistoryRow]]:
    """The History rows that changed the goal's plan, as (day, field, row), oldest first."""
    found = []
    for row in history:
        name = PLAN_FIELDS.get(folded(row.field or ""))
        day = day_of(row.when)
        if name and day and row.goal_id and same_name(row.goal_id) == same_name(goal.goal_id):
            found.append((day, name, row))
    return sorted(found, key=lambda item: item[0])


def versions(book: TeamBook, goal: Goal) -> Versions:
    """The versions of a goal's plan, the original recovered from the From cells of History."""
    now, history = plan_of(book, goal), book.history_of(goal)
    if not history:
        return Versions(now, now)
    changes = plan_changes(history, goal)
    first: dict[str, HistoryRow] = {}
    for _, name, row in changes:
        first.setdefault(name, row)
    numbers = {n: _number(r.old) if r.old is not None else None for n, r in first.items() if n not in ("start", "due")}
    original = Plan(
        numbers.get("baseline", now.baseline),
        numbers.get("target", now.target),
        numbers.get("lower", now.lower),
        numbers.get("upper", now.upper),
        day_of(first["start"].old) or book.settings.period_start if "start" in first else now.start,
        day_of(first["due"].old) or book.settings.period_end if "due" in first else now.due,
    )
    return Versions(now, original, tuple(sorted({day for day, _, _ in changes})))
