"""Scores and records -> issues, each with its evidence and its cell; one for each cause.

Data anomalies come first, since they may explain the rest; then high, medium, and what is worth
knowing. Every rule is a page in `rules`; every function below yields issues of one subject.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ..forms import same_name
from ..scoring import GoalScore, PersonScore, Scores, Status
from .anomalies import anomalies, flagged
from .issue import RANK, Case, Issue
from .movement import late_surge, reversing, signal, stalled, too_easy
from .people import all_kept, blocked, feedback_not_followed, missing_feedback, overload
from .plan_changes import target_moved
from .rhythm import no_checkin, stale
from .rules import RULES
from .standing import behind, confidence_conflict, overdue
from .structure import double_count_risk, orphan

__all__ = ["RULES", "Case", "Issue", "find_issues"]

GoalRules = tuple[Callable[[Case, GoalScore], Issue | None], ...]

OF_ANY_GOAL: GoalRules = (late_surge, too_easy)
OF_A_RUNNING_GOAL: GoalRules = (*OF_ANY_GOAL, no_checkin, overdue, behind, confidence_conflict, signal)
OF_A_GOAL_SHORT_OF_ITS_TARGET: GoalRules = (*OF_A_RUNNING_GOAL, stale, stalled, reversing, blocked)
OF_A_PERSON: tuple[Callable[[Case, PersonScore], Issue | None], ...] = (overload, missing_feedback, all_kept)
OF_THE_BOOK: tuple[Callable[[Case], Iterator[Issue]], ...] = (
    anomalies, flagged, orphan, double_count_risk, feedback_not_followed, target_moved,
)  # fmt: skip

SUPPRESSED_BY = {"stale": "no_checkin", "off_track": "overdue", "at_risk": "overdue"}
"""Two issues of one goal with one cause: the first is left out where the second stands."""


def find_issues(case: Case) -> tuple[Issue, ...]:
    """Everything that asks for attention on that day, in the order of printing."""
    scores = case.scores
    found = [issue for rule in OF_THE_BOOK for issue in rule(case)]
    for score in scores.goals:
        found += filter(None, [rule(case, score) for rule in _rules_for(case, score)])
    for person in scores.people:
        found += filter(None, [rule(case, person) for rule in OF_A_PERSON])
    return tuple(sorted(_one_per_cause(found), key=_order(scores)))


def _rules_for(case: Case, score: GoalScore) -> GoalRules:
    """What may be wrong with a goal that stands so."""
    if not case.runs(score):
        return OF_ANY_GOAL
    return OF_A_RUNNING_GOAL if score.status is Status.ACHIEVED else OF_A_GOAL_SHORT_OF_ITS_TARGET


def _one_per_cause(found: Iterable[Issue]) -> list[Issue]:
    found = list(dict.fromkeys(found))
    there = {(i.code, i.goal_id) for i in found}
    return [i for i in found if (SUPPRESSED_BY.get(i.code), i.goal_id) not in there]


def _order(scores: Scores) -> Callable[[Issue], tuple[int, int, str, str, int, int, str]]:
    rows = {same_name(s.goal_id): k for k, s in enumerate(scores.goals)}

    def key(issue: Issue) -> tuple[int, int, str, str, int, int, str]:
        row = rows.get(same_name(issue.goal_id), len(rows)) if issue.goal_id else len(rows)
        return (
            RANK[issue.severity],
            row,
            issue.person or "",
            issue.code,
            issue.address.row,
            issue.address.column,
            issue.evidence,
        )

    return key
