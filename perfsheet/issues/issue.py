"""The shape of an issue, and what every issue rule looks at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

from ..findings import Finding, Rule
from ..forms import CheckIn, Goal, Milestone, PlanPoint, folded, same_name
from ..policy import Policy
from ..records.teambook import TeamBook
from ..scoring import OUTSIDE, GoalScore, Scores, Status
from ..tables import Address

DATA, HIGH, MED, INFO = "data", "high", "med", "info"
RANK = {DATA: 0, HIGH: 1, MED: 2, INFO: 3}
"""The order of printing: data first, since it may explain the rest."""


class Issue(NamedTuple):
    """Something that asks for attention. `severity` is data, high, med or info.

    `for_manager` marks what the manager, not the owner, has to answer.
    """

    code: str
    severity: str
    evidence: str
    address: Address
    goal_id: str | None = None
    person: str | None = None
    for_manager: bool = False


@dataclass(frozen=True)
class Case:
    """One workbook on one day: what every rule looks at."""

    book: TeamBook
    scores: Scores
    findings: Sequence[Finding]
    """All findings of the workbook; those of anomaly rules become data issues."""
    as_of: date

    @property
    def policy(self) -> Policy:
        return self.book.policy

    @cached_property
    def goals_worded(self) -> dict[tuple[str, str], list[Goal]]:
        """The goals with the same words and owner, in the order of rows."""
        found: dict[tuple[str, str], list[Goal]] = {}
        for goal in self.book.goals:
            found.setdefault(wording(goal), []).append(goal)
        return found

    @cached_property
    def scores_by_owner(self) -> dict[str, list[GoalScore]]:
        """The goals' scores by the folded name of who answers for them."""
        found: dict[str, list[GoalScore]] = {}
        for score in self.scores.goals:
            found.setdefault(same_name(score.owner), []).append(score)
        return found

    @cached_property
    def loads(self) -> dict[str, list[GoalScore]]:
        """What `load` found for a person already asked about."""
        return {}

    @cached_property
    def goal_ids_by_row(self) -> dict[tuple[str, int], str]:
        """Which goal each row of the input tabs is about, by (sheet, row)."""
        book = self.book
        rows: tuple[Goal | CheckIn | PlanPoint | Milestone, ...]
        rows = (*book.goals, *book.checkins, *book.plan, *book.milestones)
        return {(row.place.sheet, row.row): row.goal_id for row in rows}

    @cached_property
    def _records(self) -> dict[str, Goal]:
        """The goals by their ids as typed, which is how their scores spell them."""
        return {goal.goal_id: goal for goal in self.book.goals_by_id.values()}

    def record(self, score: GoalScore) -> Goal | None:
        """The goal's row, of which the score was made."""
        return self._records.get(score.goal_id)

    def cell(self, score: GoalScore, field: str) -> Address:
        """The cell of one of the goal's fields; the goal's row without a record."""
        goal = self.record(score)
        return goal.at(field) if goal else score.address

    def runs(self, score: GoalScore) -> bool:
        """Whether the goal has begun and is neither closed, nor set aside, nor a mere roll-up."""
        return score.goal_id in self._running

    @cached_property
    def _running(self) -> set[str]:
        """The ids of the goals that run, as their scores spell them."""
        closed = {goal.goal_id for goal in self._records.values() if goal.state not in (None, "Active")}
        live = [s.goal_id for s in self.scores.goals if s.status not in OUTSIDE and not s.container]
        return set(live) - closed

    def runs_short(self, score: GoalScore) -> bool:
        """Whether the goal runs and has not reached its target: there is still something to do."""
        return self.runs(score) and score.status is not Status.ACHIEVED

    def days_here(self, person: str, after: date, until: date) -> int:
        """Days after `after` up to and with `until` on which the person was not away."""
        days = max(0, (until - after).days)
        away = [a for a in self.book.absences if same_name(a.person) == same_name(person)] if self.book.absences else ()
        if not away:
            return days
        each = (after + timedelta(days=k) for k in range(1, days + 1))
        return sum(not any(a.first <= day <= a.last for a in away) for day in each)


def wording(goal: Goal) -> tuple[str, str]:
    """What makes two goals the same: their words and their owner."""
    return folded(goal.goal), same_name(goal.owner)


def about(
    rule: Rule, severity: str, score: GoalScore, evidence: str, at: Address | None = None, *, for_manager: bool = False
) -> Issue:
    """An issue about one goal, at its row unless another cell tells more."""
    return Issue(rule.code, severity, evidence, at or score.address, score.goal_id, score.owner, for_manager)
