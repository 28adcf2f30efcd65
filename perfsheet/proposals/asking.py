"""What the table of proposals is asked about: one goal on one day, and what a row may answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from ..findings import Rule
from ..forms import GOALS, Goal, same_name
from ..issues.issue import DATA, Case, Issue
from ..policy import Policy
from ..records.teambook import TeamBook
from ..scoring import GoalScore
from ..scoring.forecast import chance, rounded_chance
from ..scoring.parts import Drift
from ..tables import Address
from .proposal import Because, Value


class Ask(NamedTuple):
    """One goal with its score, its issues and everything that a row of the table looks at."""

    case: Case
    goal: Goal
    score: GoalScore
    issues: Sequence[Issue]
    book: TeamBook
    as_of: date
    policy: Policy
    chance: float | None
    """The chance of meeting the target on the due date, where it may be shown."""

    @classmethod
    def of(cls, case: Case, goal: Goal, score: GoalScore, issues: Sequence[Issue]) -> Ask:
        """What is asked about a goal on the case's day."""
        forecast = score.forecast
        chance = forecast.probability if forecast and forecast.shown is not None else None
        return cls(case, goal, score, issues, case.book, case.as_of, case.policy, chance)

    @property
    def anomalies(self) -> list[Issue]:
        """Open data anomalies of the goal."""
        return [i for i in self.issues if i.severity == DATA]

    @property
    def gone(self) -> float:
        """The share of the time that is over."""
        return (self.score.whole_elapsed or 0) / (self.score.whole_days or 1)

    @property
    def upwards(self) -> bool:
        return self.goal.kind != "Decrease"

    @property
    def aim(self) -> float | None:
        """The value that the forecast asks for, in the unit of the readings."""
        if self.goal.kind == "Percent":
            return self.book.percent_scale
        return 1.0 if self.goal.kind == "Milestones" else self.score.target

    @property
    def model(self) -> Drift | None:
        """The forecast's drift, where a chance may be shown or the target is reached."""
        forecast = self.score.forecast
        return forecast.model if forecast and (forecast.shown is not None or forecast.locked) else None

    def chance_at(self, day: date, target: float) -> float | None:
        """The chance, as it may be shown, of having reached `target` by that day."""
        if self.model is None or self.score.origin is None or (day - self.score.origin).days <= self.model.elapsed:
            return None
        return rounded_chance(chance(self.model, (day - self.score.origin).days, target, self.upwards))

    def day(self, elapsed: float) -> date:
        """The day at that elapsed time of the present plan."""
        return (self.score.origin or self.as_of) + timedelta(days=int(elapsed))

    @property
    def parent(self) -> Goal | None:
        """The parent goal, if it stands in this workbook."""
        return self.book.goals_by_id.get(same_name(self.goal.parent)) if self.goal.parent else None


class Candidate(NamedTuple):
    """What one row of the table proposes for a goal."""

    rule: Rule
    proposal: str
    because: Because
    field: str | None = None
    now: Value = None
    proposed: Value = None
    chance_after: float | None = None
    address: Address | None = None
    also: tuple[str, ...] = ()
    """Other ways to do the same."""

    def on(self, ask: Ask, name: str, proposed: Value, after: float | None = None) -> Candidate:
        """This candidate as a change of one column of Goals."""
        now = present(ask.book, ask.goal, name)
        header = GOALS.column(name).header
        return self._replace(field=header, now=now, proposed=proposed, chance_after=after, address=ask.goal.at(name))


def present(book: TeamBook, goal: Goal, name: str) -> Value:
    """What holds for a goal's field now: its cell, or what an empty cell means."""
    if name == "due":
        return book.due_of(goal)
    if name == "start":
        return book.start_of(goal)
    value = getattr(goal, name)
    if name == "state":
        return value or "Active"
    return value if isinstance(value, (str, int, float, date)) else None
