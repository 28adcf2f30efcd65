"""Issues of standing: behind the plan, past the date, or seen differently by owner and record."""

from __future__ import annotations

from collections.abc import Iterator

from ..scoring import GoalScore, Status
from . import rules
from .issue import HIGH, MED, Case, Issue, about
from .wording import days, percent

SURE, UNSURE = 0.7, 0.3
"""Above and below which confidence or chance is an opinion."""


def behind(case: Case, score: GoalScore) -> Iterator[Issue]:
    """At risk or off track, with the pace that is needed from now on."""
    if not case.runs(score) or score.status not in (Status.AT_RISK, Status.OFF_TRACK):
        return
    off = score.status is Status.OFF_TRACK
    yield about(rules.OFF_TRACK if off else rules.AT_RISK, HIGH if off else MED, score, standing(score))


def overdue(case: Case, score: GoalScore) -> Iterator[Issue]:
    """The date has passed and the target is not reached."""
    if not case.runs(score) or score.status is not Status.OVERDUE or score.due is None:
        return
    late = days((case.as_of - score.due).days)
    done = f"{percent(score.progress)} done" if score.progress is not None else "Progress unknown"
    yield about(rules.OVERDUE, HIGH, score, f"{done}, due {score.due.isoformat()}, {late} ago", case.cell(score, "due"))


def standing(score: GoalScore) -> str:
    """Where the goal is, where it should be, and what that asks for."""
    done = "Progress unknown" if score.progress is None else f"{percent(score.progress)} done"
    hoped = "" if score.expected is None else f", {percent(score.expected)} expected today"
    needs = "" if score.tspi is None else f"; needs {score.tspi:.1f} times the planned pace"
    return done + hoped + needs


def confidence_of(case: Case, score: GoalScore) -> list[tuple[float, int]]:
    """The owner's recorded confidence, oldest first, each with the row of its check-in."""
    goal = case.record(score)
    rows = case.book.log_of(goal) if goal else ()
    return [(c.confidence, c.row) for c in rows if c.confidence is not None and c.day <= case.as_of]


def confidence_conflict(case: Case, score: GoalScore) -> Iterator[Issue]:
    """The owner is sure where the record is not, or the other way round."""
    forecast, stated = score.forecast, confidence_of(case, score)
    goal = case.record(score)
    if not case.runs(score) or goal is None or forecast is None or forecast.shown is None or not stated:
        return
    confidence, row = stated[-1]
    chance = forecast.probability
    if (confidence >= SURE and chance <= UNSURE) or (confidence <= UNSURE and chance >= SURE):
        evidence = f"Confidence {percent(confidence)}, chance by the record {percent(forecast.shown)} ({score.check_ins} check-ins)"
        at = next(c.at("confidence") for c in case.book.checkins_of(goal) if c.row == row)
        yield about(rules.CONFIDENCE_CONFLICT, MED, score, evidence, at)
