"""Actions: who promised what until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .columns import Form, Kind, Record, column


@dataclass(slots=True, unsafe_hash=True)
class Action(Record):
    action_id: str = column("Action ID", Kind.ID, "A short id, such as A1.", required=True, width=10)
    action: str = column("Action", Kind.TEXT, "What will be done.", required=True, width=44)
    goal_id: str | None = column("Goal ID", Kind.ID, "The goal it helps, if any.", width=10, drop_down="Goals.Goal ID")
    owner: str = column(
        "Owner", Kind.PERSON, "The one person who does it.", required=True, width=20, drop_down="People.Person"
    )
    raised_by: str | None = column("Raised by", Kind.PERSON, "Who asked for it.", width=20, drop_down="People.Person")
    agreed: date | None = column("Agreed on", Kind.DATE, "When it was agreed.", width=12)
    due: date = column("Due date", Kind.DATE, "By when.", required=True, width=12)
    done: date | None = column("Done on", Kind.DATE, "When it was done; empty while open.", width=12)
    outcome: str | None = column("Outcome", Kind.TEXT, "What came of it.", width=34)


ACTIONS = Form("Actions", "tblActions", Action, "Promises with a name and a date.", prepared_rows=60)
