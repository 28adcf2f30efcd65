"""Feedback and coaching, given, asked for and followed up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .columns import Form, Kind, Record, column

FEEDBACK_KINDS = ("Praise", "Coaching", "Concern", "Request")
AUDIENCES = ("Both", "Manager", "HR")


@dataclass(slots=True, unsafe_hash=True)
class Feedback(Record):
    day: date = column("Date", Kind.DATE, "When it was given.", required=True, width=12)
    giver: str | None = column("From", Kind.PERSON, "Who gives it.", width=20, drop_down="People.Person")
    receiver: str = column("To", Kind.PERSON, "Who it is for.", required=True, width=20, drop_down="People.Person")
    kind: str = column(
        "Kind",
        Kind.CHOICE,
        "Praise, coaching, a concern, or a request for feedback.",
        required=True,
        choices=FEEDBACK_KINDS,
        width=12,
    )
    goal_id: str | None = column(
        "Goal ID", Kind.ID, "The goal it is about, if any.", width=10, drop_down="Goals.Goal ID"
    )
    text: str = column(
        "Feedback", Kind.TEXT, "About the task, not the person: what was seen, what it led to.", required=True, width=52
    )
    follow_up: str | None = column("Follow-up", Kind.TEXT, "What was agreed.", width=34)
    follow_up_due: date | None = column("Follow-up due", Kind.DATE, "By when.", width=13)
    follow_up_done: date | None = column("Follow-up done", Kind.DATE, "When it was done.", width=13)
    visible_to: str | None = column(
        "Visible to",
        Kind.CHOICE,
        "Both: giver and receiver with their manager. Empty: Both.",
        choices=AUDIENCES,
        width=11,
    )


FEEDBACK = Form(
    "Feedback",
    "tblFeedback",
    Feedback,
    "Praise, coaching, concerns and requests, with what was agreed.",
    prepared_rows=60,
)
