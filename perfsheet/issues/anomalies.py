"""Data anomalies first: findings and flags that may explain every other issue of a goal."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Finding, Severity
from ..forms import Record, same_name
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
    owners = _rows(case)
    causes: dict[tuple[str, str], list[Finding]] = {}
    for finding in case.findings:
        if finding.rule.anomaly:
            goal = finding.goal_id or owners.get(finding.address[:2])
            place = f"goal {same_name(goal)}" if goal else f"{finding.address.sheet} {finding.address.column}"
            causes.setdefault((finding.code, place), []).append(finding)
    for found in causes.values():
        first = found[0]
        goal = first.goal_id or owners.get(first.address[:2])
        yield Issue(first.code, DATA, _message(found), first.address, goal, first.person or _owner(case, goal))


def _rows(case: Case) -> dict[tuple[str, int], str]:
    """Which goal each row of the input tabs is about, by (sheet, row)."""
    book = case.book
    found: dict[tuple[str, int], str] = {}
    records: tuple[tuple[Record, str], ...] = (
        *((g, g.goal_id) for g in book.goals),
        *((c, c.goal_id) for c in book.checkins),
        *((p, p.goal_id) for p in book.plan),
        *((m, m.goal_id) for m in book.milestones),
    )
    for record, goal_id in records:
        found[record.place.sheet, record.row] = goal_id
    return found


def _owner(case: Case, goal_id: str | None) -> str | None:
    goal = case.book.goals_by_id.get(same_name(goal_id)) if goal_id else None
    return goal.owner if goal else None


def _message(found: list[Finding]) -> str:
    """The first finding's message, and the cells of the others."""
    others = [f.address.cell for f in found[1:]]
    return found[0].message + (f" (also {listed(others)})" if others else "")


def flagged(case: Case) -> Iterator[Issue]:
    """What the scores noticed and no finding has told already."""
    told = {(f.code, f.address) for f in case.findings}
    for score in case.scores.goals:
        for flag in score.flags:
            if (flag.code, flag.address) not in told:
                yield from _lifted(flag, score)
    for flag in case.scores.flags:
        if (flag.code, flag.address) not in told:
            yield from _lifted(flag, _at(case, flag.address))


def _at(case: Case, address: Address) -> GoalScore | None:
    return next((s for s in case.scores.goals if s.address[:2] == address[:2]), None)


def _lifted(flag: Flag, score: GoalScore | None) -> Iterator[Issue]:
    rule = FLAG_RULES.get(flag.code)
    if rule:
        severity = DATA if rule.anomaly else INFO if rule.severity is Severity.INFO else MED
        goal, owner = (score.goal_id, score.owner) if score else (None, None)
        yield Issue(flag.code, severity, sentence(flag.message), flag.address, goal, owner)
