"""Issues of structure: parents that are not here, and work that may count twice."""

from __future__ import annotations

from collections.abc import Iterator

from ..forms import Goal, same_name
from ..scoring import GoalScore
from . import rules
from .issue import MED, Case, Issue
from .wording import listed


def orphan(case: Case) -> Iterator[Issue]:
    """One issue for each parent that this workbook does not have."""
    missing: dict[str, list[Goal]] = {}
    for goal in case.book.goals:
        if goal.parent and same_name(goal.parent) not in case.book.goals_by_id and goal.state in (None, "Active"):
            missing.setdefault(same_name(goal.parent), []).append(goal)
    for goals in missing.values():
        first = goals[0]
        evidence = f"The parent {first.parent} of {listed([g.goal_id for g in goals])} is not in this workbook"
        yield Issue(rules.ORPHAN.code, MED, evidence, first.at("parent"), first.goal_id, first.owner)


def double_count_risk(case: Case) -> Iterator[Issue]:
    """Parents with a measure of their own whose children count as well."""
    for parent in case.scores.goals:
        if not _counts(parent) or not parent.children:
            continue
        children = [c for c in (case.scores.goal(name) for name in parent.children) if c and _counts(c)]
        if children:
            names = listed([c.goal_id for c in children])
            evidence = f"{parent.goal_id} and {names} below it all count with measures of their own"
            yield Issue(rules.DOUBLE_COUNT_RISK.code, MED, evidence, parent.address, parent.goal_id, parent.owner)


def _counts(score: GoalScore) -> bool:
    return score.counted and not score.container and score.weight > 0
