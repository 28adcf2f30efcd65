"""What the forecast said at half time, beside what came of it: the forecasts are held to account too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ..forms import Goal
from ..records.teambook import TeamBook
from .goals import Standing, case_of, forecast_of, outside, stand
from .pace import HAIR
from .versions import versions

HALF = 0.5
"""The one horizon at which forecasts are judged; with several a long goal would count more than a short one."""
LAST_WORD = 2
"""Cadences before the due date within which there must be a reading to know that a target was missed."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """One goal that is over: the chance shown at half of its time, and whether the target was met by its due date."""

    on: date
    chance: float
    met: bool
    confidence: float | None = None
    """The owner's own confidence then, from the last check-in that had one."""


def in_hindsight(book: TeamBook, goal: Goal, as_of: date) -> Resolved | None:
    """The goal's forecast at half time against its first plan, made again from the readings until then.

    None for a goal that is not over, was postponed or dropped, whose record stops before its end, or
    that had no chance to show at half time.
    """
    plan = versions(book, goal).original
    if plan.due is None or not (as_of >= plan.due or goal.state == "Done"):
        return None
    line = case_of(book, goal, plan, as_of).line
    if line is None or line.days < 2 or outside(goal, plan, as_of):
        return None
    half = line.day(round(HALF * line.days))
    told, _ = forecast_of(stand(case_of(book, goal, plan, half)))
    met = _met(stand(case_of(book, goal, plan, min(as_of, plan.due))), plan.due)
    if told is None or told.shown is None or met is None:
        return None
    said = [c.confidence for c in book.checkins_of(goal) if c.day <= half and c.confidence is not None]
    return Resolved(half, told.shown, met, said[-1] if said else None)


def _met(end: Standing, due: date) -> bool | None:
    """Whether the target was met; None where the record stops so early that nobody can say."""
    if end.measured.raw is None or not end.measured.readings:
        return None
    if end.measured.raw >= 1 - HAIR:
        return True
    silent = (due - end.measured.readings.days[-1]).days > LAST_WORD * end.case.cadence
    return None if silent and end.case.goal.state != "Done" else False
