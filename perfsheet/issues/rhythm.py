"""Issues of rhythm: goals that nobody has looked at, or not for long."""

from __future__ import annotations

from datetime import date

from ..scoring import GoalScore
from . import rules
from .issue import HIGH, MED, Case, Issue, about
from .wording import days


def last_look(score: GoalScore) -> date | None:
    """When somebody last recorded how the goal stands: a check-in, or a milestone that was finished."""
    if score.kind != "Milestones" or not score.readings:
        return score.last_check_in
    done = score.readings.days[-1]
    return max(done, score.last_check_in or done)


def no_checkin(case: Case, score: GoalScore) -> Issue | None:
    """No value yet, two cadences into the goal."""
    elapsed = score.whole_elapsed
    if last_look(score) or elapsed is None or score.start is None:
        return None
    here = case.days_here(score.owner, score.start, min(case.as_of, score.due or case.as_of)) + 1
    if min(here, elapsed) < 2 * score.cadence:
        return None
    return about(rules.NO_CHECKIN, HIGH, score, f"No check-in in the first {days(elapsed)}")


def stale(case: Case, score: GoalScore) -> Issue | None:
    """The last check-in is older than the cadence allows; after the due date none is expected."""
    last = last_look(score)
    if last is None:
        return None
    waited = case.days_here(score.owner, last, min(case.as_of, score.due or case.as_of))
    if waited <= case.policy.stale_cadences * score.cadence + score.grace:
        return None
    severity = HIGH if waited > case.policy.stale_high_cadences * score.cadence else MED
    evidence = (
        f"Last check-in {days((case.as_of - last).days)} ago ({last.isoformat()}), every {days(score.cadence)} expected"
    )
    return about(rules.STALE, severity, score, evidence)
