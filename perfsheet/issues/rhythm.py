"""Issues of rhythm: goals that nobody has looked at, or not for long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ..scoring import GoalScore
from . import rules
from .issue import HIGH, MED, Case, Issue, about
from .wording import days


def last_look(score: GoalScore) -> date | None:
    """When somebody last recorded how the goal stands: a check-in, or a milestone that was finished."""
    done = score.readings[-1].day if score.kind == "Milestones" and score.readings else None
    return max((d for d in (score.last_check_in, done) if d), default=None)


def no_checkin(case: Case, score: GoalScore) -> Iterator[Issue]:
    """No value yet, two cadences into the goal."""
    elapsed = score.whole_elapsed
    if not case.runs(score) or last_look(score) or elapsed is None or score.start is None:
        return
    here = case.days_here(score.owner, score.start, min(case.as_of, score.due or case.as_of)) + 1
    if min(here, elapsed) >= 2 * score.cadence:
        yield about(rules.NO_CHECKIN, HIGH, score, f"No check-in in the first {days(elapsed)}")


def stale(case: Case, score: GoalScore) -> Iterator[Issue]:
    """The last check-in is older than the cadence allows; after the due date none is expected."""
    last = last_look(score)
    if not case.runs_short(score) or last is None:
        return
    waited = case.days_here(score.owner, last, min(case.as_of, score.due or case.as_of))
    if waited <= case.policy.stale_cadences * score.cadence + score.grace:
        return
    severity = HIGH if waited > case.policy.stale_high_cadences * score.cadence else MED
    evidence = (
        f"Last check-in {days((case.as_of - last).days)} ago ({last.isoformat()}), every {days(score.cadence)} expected"
    )
    yield about(rules.STALE, severity, score, evidence)
