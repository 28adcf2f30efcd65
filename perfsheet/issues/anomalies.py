"""Data anomalies first: findings and flags that may explain every other issue of a goal."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Finding, Severity
from ..forms import same_name
from ..scoring import Flag, GoalScore
from ..tables import Address
from . import rules
from .issue import DATA, INFO, MED, Case, Issue
from .wording import listed, sentence

FLAG_RULES = {
    rule.code: rule
    for rule in (
        rules.PARENT_CHILD_CONFLICT, rules.WEIGHTS_DO_NOT_SUM, rules.WEIGHT_ASSUMED, rules.CYCLE,
        rules.BASELINE_ASSUMED_ZERO, rules.WORSE_THAN_BASELINE, rules.DIRECTION_MISMATCH,
        rules.BASELINE_EQUALS_TARGET, rules.VALUE_DECREASED,
    )
}  # fmt: skip
"""Flags of the scores that are issues of their own."""


def anomalies(case: Case) -> Iterator[Issue]:
    """One data issue for each rule and goal, at the first of its cells; the others are named."""
    causes: dict[tuple[str, str], list[tuple[Finding, str | None]]] = {}
    for finding in case.findings:
        if finding.rule.anomaly:
            goal = finding.goal_id or case.goal_ids_by_row.get(finding.address[:2])
            place = f"goal {same_name(goal)}" if goal else f"{finding.address.sheet} {finding.address.column}"
            causes.setdefault((finding.code, place), []).append((finding, goal))
    for found in causes.values():
        first, goal = found[0]
        message, person = _message([f for f, _ in found]), first.person or _owner(case, goal)
        yield Issue(first.code, DATA, message, first.address, goal, person)


def _owner(case: Case, goal_id: str | None) -> str | None:
    goal = case.book.goals_by_id.get(same_name(goal_id)) if goal_id else None
    return goal.owner if goal else None


def _message(found: list[Finding]) -> str:
    """The first finding's message, and the cells of the others."""
    others = [f.address.cell for f in found[1:]]
    return found[0].message + (f" (also {listed(others)})" if others else "")


def flagged(case: Case) -> Iterator[Issue]:
    """What the scores noticed and no finding has told already."""
    flags: list[tuple[Flag, GoalScore | None]]
    flags = [(flag, score) for score in case.scores.goals for flag in score.flags]
    flags += [(flag, _at(case, flag.address)) for flag in case.scores.flags]
    told = {(f.code, f.address) for f in case.findings} if flags else set()
    for flag, score in flags:
        if (flag.code, flag.address) not in told:
            yield from _lifted(flag, score)


def _at(case: Case, address: Address) -> GoalScore | None:
    return next((s for s in case.scores.goals if s.address[:2] == address[:2]), None)


def _lifted(flag: Flag, score: GoalScore | None) -> Iterator[Issue]:
    rule = FLAG_RULES.get(flag.code)
    if rule:
        severity = DATA if rule.anomaly else INFO if rule.severity is Severity.INFO else MED
        goal, owner = (score.goal_id, score.owner) if score else (None, None)
        yield Issue(flag.code, severity, sentence(flag.message), flag.address, goal, owner)
