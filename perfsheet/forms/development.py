"""Development: strengths, opportunities and aspirations, beside and never inside the scores."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .columns import Form, Kind, Record, column

DEVELOPMENT_KINDS = ("Strength", "Opportunity", "Aspiration")


@dataclass(slots=True, unsafe_hash=True)
class Development(Record):
    person: str = column(
        "Person", Kind.PERSON, "Whose development.", required=True, width=22, drop_down="People.Person"
    )
    kind: str = column(
        "Kind", Kind.CHOICE, "Strength, opportunity or aspiration.", required=True, choices=DEVELOPMENT_KINDS, width=13
    )
    skill: str = column("Skill", Kind.TEXT, "What it is about.", required=True, width=28)
    evidence: str | None = column("Evidence", Kind.TEXT, "Where it showed.", width=40)
    plan: str | None = column("Plan", Kind.TEXT, "What will be done about it.", width=40)
    due: date | None = column("Due date", Kind.DATE, "By when.", width=12)
    level_now: float | None = column("Level now", Kind.NUMBER, "On your own scale.", width=10)
    level_aimed: float | None = column("Level aimed at", Kind.NUMBER, "On the same scale.", width=13)
    attainment: int | None = column(
        "Attainment", Kind.LEVEL, "-2 much less than expected, 0 as expected, +2 much more.", low=-2, high=2, width=11
    )


DEVELOPMENT = Form(
    "Development",
    "tblDevelopment",
    Development,
    "Strengths, opportunities and aspirations, and the plan for each.",
    prepared_rows=30,
)
