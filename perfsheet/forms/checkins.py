"""Check-ins: the append-only log of how goals move."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .columns import Form, Kind, Record, column


@dataclass(slots=True, unsafe_hash=True)
class CheckIn(Record):
    day: date = column("Date", Kind.DATE, "The day the value holds for.", required=True, width=12)
    goal_id: str = column("Goal ID", Kind.ID, "Which goal.", required=True, width=10, drop_down="Goals.Goal ID")
    value: float | None = column(
        "Value",
        Kind.NUMBER,
        "The measure as it stands that day. Yes/No goals: 1 when done. Flow: the amount since the last check-in.",
        width=12,
    )
    confidence: float | None = column(
        "Confidence",
        Kind.SHARE,
        "How sure are you that the target will be met? 0 % to 100 %.",
        low=0,
        high=1,
        width=12,
        format="0%",
    )
    blocker: str | None = column("Blocker", Kind.TEXT, "What is in the way, if anything.", width=34)
    note: str | None = column("Note", Kind.TEXT, "What happened, what comes next.", width=44)
    by: str | None = column("By", Kind.PERSON, "Who made the entry.", width=20, drop_down="People.Person")
    entered: date | None = column(
        "Entered on", Kind.DATE, "The day it was typed in. Several days' values entered at once count once.", width=12
    )


CHECKINS = Form(
    "Check-ins", "tblCheckIns", CheckIn, "A line for each look at a goal. Add, never overwrite.", prepared_rows=200
)
