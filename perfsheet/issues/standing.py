"""Issues of standing: behind the plan, past the date, or seen differently by owner and record."""

from __future__ import annotations

from collections.abc import Iterator

from ..forms import CheckIn
from ..scoring import GoalScore, Status
from . import rules
from .issue import HIGH, MED, Case, Issue, about
from .wording import days, percent

SURE, UNSURE = 0.7, 0.3
"""Above and below which confidence or chance is an opinion."""


def behind(case: Case, score: GoalScore) -> Issue | None:
    """At risk or off track, with the pace that is needed from now on."""
    if score.status not in (Status.AT_RISK, Status.OFF_TRACK):
        return None
    off = score.status is Status.OFF_TRACK
    return about(rules.OFF_TRACK if off else rules.AT_RISK, HIGH if off else MED, score, standing(score))


def overdue(case: Case, score: GoalScore) -> Issue | None:
    """The date has passed and the target is not reached."""
    if score.status is not Status.OVERDUE or score.due is None:
        return None
    late = days((case.as_of - score.due).days)
    done = f"{percent(score.progress)} done" if score.progress is not None else "Progress unknown"
    evidence = f"{done}, due {score.due.isoformat()}, {late} ago"
    return about(rules.OVERDUE, HIGH, score, evidence, case.cell(score, "due"))


def standing(score: GoalScore) -> str:
    """Where the goal is, where it should be, and what that asks for."""
    done = "Progress unknown" if score.progress is None else f"{percent(score.progress)} done"
    hoped = "" if score.expected is None else f", {percent(score.expected)} expected today"
    needs = "" if score.tspi is None else f"; needs {score.tspi:.1f} times the planned pace"
    return done + hoped + needs


def confidence_of(case: Case, score: GoalScore) -> Iterator[CheckIn]:
    """The check-ins in which the owner said how sure they are, newest first."""
    goal = case.record(score)
    rows = case.book.log_of(goal, last=case.as_of) if goal else ()
    return (c for c in reversed(rows) if c.confidence is not None)


def confidence_conflict(case: Case, score: GoalScore) -> Issue | None:
    """The owner is sure where the record is not, or the other way round."""
    forecast = score.forecast
    if forecast is None or forecast.shown is None or UNSURE < forecast.probability < SURE:
        return None
    stated, chance = next(confidence_of(case, score), None), forecast.probability
    if stated is None or (confidence := stated.confidence) is None:
        return None
    if not ((confidence >= SURE and chance <= UNSURE) or (confidence <= UNSURE and chance >= SURE)):
        return None
    evidence = f"Confidence {percent(confidence)}, chance by the record {percent(forecast.shown)} ({score.check_ins} check-ins)"
    return about(rules.CONFIDENCE_CONFLICT, MED, score, evidence, stated.at("confidence"))
