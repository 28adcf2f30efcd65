"""What a workbook says: its forms as typed records, each with its cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from operator import attrgetter
from typing import TypeVar

from ..findings import Finding
from ..forms import (
    Absence,
    Action,
    CheckIn,
    Decision,
    Development,
    Feedback,
    Goal,
    HistoryRow,
    Milestone,
    Person,
    Place,
    PlanPoint,
    Record,
    TeamSettings,
    same_name,
)  # fmt: skip
from ..policy import Policy
from ..tables import Address, Book


@dataclass(frozen=True)
class TeamBook:
    """One team's workbook for one period, as read. Rows with errors are in `findings`, not here.

    Ids and names are as typed, trimmed; use `key` (or `same_name`) to compare them.
    """

    path: str
    settings: TeamSettings = TeamSettings()
    policy: Policy = Policy()
    people: tuple[Person, ...] = ()
    goals: tuple[Goal, ...] = ()
    plan: tuple[PlanPoint, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    checkins: tuple[CheckIn, ...] = ()
    """In the order of the rows; dates may lie in the future or before the goal's start."""
    feedback: tuple[Feedback, ...] = ()
    actions: tuple[Action, ...] = ()
    development: tuple[Development, ...] = ()
    absences: tuple[Absence, ...] = ()
    decisions: tuple[Decision, ...] = ()
    history: tuple[HistoryRow, ...] = ()
    findings: tuple[Finding, ...] = ()
    percent_scale: float = 1.0
    """What 100 % is in the values of Percent goals: 1 or 100, decided for the whole column."""
    weights_in_percent: bool = False
    """Whether the Weight column is meant as percent of 100."""
    places: dict[str, Place] = field(default_factory=dict)
    """Where each form stands, by its tab's own name ("Goals")."""
    settings_at: dict[str, Address] = field(default_factory=dict)
    """The value cell of each setting found, by field name ("period_end", "cap")."""
    book: Book | None = None

    @cached_property
    def goals_by_id(self) -> dict[str, Goal]:
        """Goals by folded id; of duplicate ids the first row."""
        found: dict[str, Goal] = {}
        for goal in self.goals:
            found.setdefault(same_name(goal.goal_id), goal)
        return found

    @cached_property
    def goals_to_judge(self) -> list[Goal]:
        """Goals with a score of their own. A parent without numbers is the roll-up of the goals below it."""
        parents = {same_name(g.parent) for g in self.goals if g.parent and same_name(g.parent) != same_name(g.goal_id)}
        live = [g for g in self.goals if g.state not in ("Draft", "Postponed", "Dropped")]
        return [g for g in live if g.has_numbers or same_name(g.goal_id) not in parents]

    @cached_property
    def people_by_name(self) -> dict[str, Person]:
        """People by folded name; of two people of one name the first row."""
        found: dict[str, Person] = {}
        for person in self.people:
            found.setdefault(same_name(person.person), person)
        return found

    def checkins_of(self, goal: Goal) -> Sequence[CheckIn]:
        """The goal's check-ins in the order of their rows."""
        return self.checkins_by_goal.get(same_name(goal.goal_id), ())

    def log_of(self, goal: Goal, first: date | None = None, last: date | None = None) -> Sequence[CheckIn]:
        """The goal's check-ins from a first day up to a last one, by day; those of one day in the order of their rows."""
        log = self._logs_by_goal.get(same_name(goal.goal_id), ())
        if not log or ((last is None or log[-1].day <= last) and (first is None or log[0].day >= first)):
            return log  # as nearly always
        return [c for c in log if (last is None or c.day <= last) and (first is None or c.day >= first)]

    def plan_of(self, goal: Goal) -> Sequence[PlanPoint]:
        """The goal's rows of Plan, in their order."""
        return self._plan_by_goal.get(same_name(goal.goal_id), ())

    def milestones_of(self, goal: Goal) -> Sequence[Milestone]:
        """The goal's rows of Milestones, in their order."""
        return self._milestones_by_goal.get(same_name(goal.goal_id), ())

    def actions_of(self, goal: Goal) -> Sequence[Action]:
        """The actions that help the goal, in the order of their rows."""
        return self._actions_by_goal.get(same_name(goal.goal_id), ())

    def history_of(self, goal: Goal) -> Sequence[HistoryRow]:
        """The rows of History that name the goal, in their order."""
        return self._history_by_goal.get(same_name(goal.goal_id), ())

    @cached_property
    def checkins_by_goal(self) -> dict[str, list[CheckIn]]:
        """The check-ins by folded goal id, those of goals that are not there too, in the order of their rows."""
        return by_key(self.checkins, "goal_id")

    @cached_property
    def _logs_by_goal(self) -> dict[str, list[CheckIn]]:
        return {key: sorted(rows, key=attrgetter("day")) for key, rows in self.checkins_by_goal.items()}

    @cached_property
    def goals_with_a_day_twice(self) -> set[str]:
        """The folded ids of goals that have two check-ins of one day."""
        return {key for key, rows in self.checkins_by_goal.items() if len({c.day for c in rows}) < len(rows)}

    @cached_property
    def entered_on_another_day(self) -> list[CheckIn]:
        """The check-ins that were entered on another day than the one they hold for."""
        return [c for c in self.checkins if c.entered != c.day and c.entered]

    @cached_property
    def _plan_by_goal(self) -> dict[str, list[PlanPoint]]:
        return by_key(self.plan, "goal_id")

    @cached_property
    def _milestones_by_goal(self) -> dict[str, list[Milestone]]:
        return by_key(self.milestones, "goal_id")

    @cached_property
    def _actions_by_goal(self) -> dict[str, list[Action]]:
        return by_key(self.actions, "goal_id")

    @cached_property
    def feedback_by_receiver(self) -> dict[str, list[Feedback]]:
        """The feedback by the folded name of its receiver, in the order of rows."""
        return by_key(self.feedback, "receiver")

    @cached_property
    def _history_by_goal(self) -> dict[str, list[HistoryRow]]:
        return by_key(self.history, "goal_id")

    def start_of(self, goal: Goal) -> date | None:
        """The goal's first day: its own, else the period's."""
        return goal.start or self.settings.period_start

    def due_of(self, goal: Goal) -> date | None:
        """The goal's last day: its own, else the period's."""
        return goal.due or self.settings.period_end


Row = TypeVar("Row", bound=Record)


def by_key(rows: Sequence[Row], field: str) -> dict[str, list[Row]]:
    """Rows by the folded name or id that stands in a field, in their order; rows where none stands are left out."""
    found: dict[str, list[Row]] = {}
    spelled: dict[str | None, list[Row]] = {}
    for row, name in zip(rows, map(attrgetter(field), rows), strict=True):
        there = spelled.get(name)
        if there is None and name:
            there = spelled[name] = found.setdefault(same_name(name), [])
        if there is not None:
            there.append(row)
    return found
