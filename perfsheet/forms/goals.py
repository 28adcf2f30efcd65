"""Goals, their phased plans and their milestones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .columns import Form, Kind, Record, column

GOAL_KINDS = ("Increase", "Decrease", "Count", "Flow", "Maintain", "Milestones", "Percent", "Yes/No")
STATES = ("Draft", "Active", "Done", "Postponed", "Dropped")
ASPIRATIONS = ("Committed", "Aspirational")


@dataclass(slots=True, unsafe_hash=True)
class Goal(Record):
    goal_id: str = column("Goal ID", Kind.ID, "A short id that never changes, such as G1.", required=True, width=10)
    goal: str = column("Goal", Kind.TEXT, "What will be different, in one sentence.", required=True, width=44)
    owners: tuple[str, ...] = column(
        "Owner",
        Kind.PEOPLE,
        "The one person who answers for it. Others after a semicolon contribute.",
        required=True,
        width=22,
        drop_down="People.Person",
    )
    parent: str | None = column(
        "Parent goal", Kind.ID, "The id of the goal this one supports, here or in another workbook.", width=12
    )
    measure: str | None = column(
        "Measure", Kind.TEXT, "What is counted or measured, and where the number comes from.", width=26
    )
    kind: str = column(
        "Kind",
        Kind.CHOICE,
        "How progress is counted. Increase/Decrease: from baseline to target. Count: a running total. Flow: an amount each period. Maintain: stay within limits.",
        required=True,
        choices=GOAL_KINDS,
        width=13,
    )
    unit: str | None = column("Unit", Kind.TEXT, "Unit of the numbers: %, EUR, days, calls …", width=9)
    baseline: float | None = column("Baseline", Kind.NUMBER, "Where the measure stood at the start.", width=11)
    target: float | None = column(
        "Target",
        Kind.NUMBER,
        "Where it should stand on the due date. Flow: the amount for each check-in period.",
        width=11,
    )
    lower: float | None = column("Lower", Kind.NUMBER, "Maintain: not below this.", width=10)
    upper: float | None = column("Upper", Kind.NUMBER, "Maintain: not above this.", width=10)
    weight: float | None = column(
        "Weight",
        Kind.NUMBER,
        "How much it counts beside the owner's other goals. 0: tracked, not counted.",
        low=0,
        width=9,
    )
    start: date | None = column("Start date", Kind.DATE, "First day. Empty: the period's start.", width=12)
    due: date | None = column("Due date", Kind.DATE, "Last day. Empty: the period's end.", width=12)
    state: str | None = column(
        "State", Kind.CHOICE, "Where the goal stands in its life. Empty: Active.", choices=STATES, width=11
    )
    due_fixed: bool | None = column(
        "Due fixed", Kind.FLAG, "Yes if the date cannot move (a law, a trade fair).", choices=("Yes", "No"), width=9
    )
    aspiration: str | None = column(
        "Aspiration", Kind.CHOICE, "Committed: must be met. Aspirational: a stretch.", choices=ASPIRATIONS, width=13
    )
    current: None = column("Current", Kind.NUMBER, "Live: the newest reading.", live=True, width=11)
    progress: None = column(
        "Progress", Kind.NUMBER, "Live: how much of the way is done.", live=True, width=10, format="0%"
    )
    expected: None = column(
        "Expected", Kind.NUMBER, "Live: how much should be done by now.", live=True, width=10, format="0%"
    )
    status: None = column("Status", Kind.TEXT, "Live: on track, at risk, off track …", live=True, width=15)

    @property
    def owner(self) -> str:
        """The accountable person: the first name in the Owner cell."""
        return self.owners[0]

    @property
    def has_numbers(self) -> bool:
        """Whether a target or a limit says what is wanted."""
        return self.target is not None or self.lower is not None or self.upper is not None

    @property
    def direction_mismatch(self) -> bool:
        """Whether the kind says one way and baseline to target goes the other."""
        if self.baseline is None or self.target is None:
            return False
        return (self.kind == "Increase" and self.target < self.baseline) or (
            self.kind == "Decrease" and self.target > self.baseline
        )


@dataclass(slots=True, unsafe_hash=True)
class PlanPoint(Record):
    goal_id: str = column(
        "Goal ID", Kind.ID, "The goal that is planned in phases.", required=True, width=10, drop_down="Goals.Goal ID"
    )
    day: date = column("Date", Kind.DATE, "End of the phase.", required=True, width=12)
    planned: float = column(
        "Planned value",
        Kind.NUMBER,
        "Where the measure should stand that day. Flow: the amount planned for the phase.",
        required=True,
    )


@dataclass(slots=True, unsafe_hash=True)
class Milestone(Record):
    goal_id: str = column(
        "Goal ID", Kind.ID, "The goal of kind Milestones.", required=True, width=10, drop_down="Goals.Goal ID"
    )
    milestone: str = column("Milestone", Kind.TEXT, "What must be finished.", required=True, width=40)
    weight: float | None = column("Weight", Kind.NUMBER, "How much it counts. All empty: all the same.", low=0, width=9)
    due: date | None = column("Due date", Kind.DATE, "When it should be done.", width=12)
    done: date | None = column(
        "Done on", Kind.DATE, "When it was done. There is no credit for half a milestone.", width=12
    )


GOALS = Form(
    "Goals",
    "tblGoals",
    Goal,
    "What we want to reach: one row a goal. Grey columns calculate themselves.",
    prepared_rows=30,
)
PLAN = Form(
    "Plan", "tblPlan", PlanPoint, "Phased targets, for goals that do not grow evenly.", optional=True, prepared_rows=20
)
MILESTONES = Form(
    "Milestones", "tblMilestones", Milestone, "The steps of goals of kind Milestones.", optional=True, prepared_rows=20
)
