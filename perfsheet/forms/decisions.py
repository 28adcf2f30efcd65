"""What managers decide on proposals (read back from Adjustments), and the History that it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .columns import Form, Kind, Record, column

DECISIONS = ("Accept", "Change", "Reject", "Later")
PROPOSAL_STATES = ("Open", "Applied", "Withdrawn")
CHOSEN = ("Accept", "Change")
"""Decisions that put something into Goals."""
BY_ITSELF = ("hold", "fix_data")
"""Rules whose proposals ask for no decision: they come and go without a trace."""


@dataclass(slots=True, unsafe_hash=True)
class Decision(Record):
    proposal_id: str = column("Proposal ID", Kind.ID, "The proposal's stable id.", required=True, width=12)
    goal_id: str | None = column("Goal ID", Kind.ID, "The goal.", width=10)
    goal: str | None = column("Goal", Kind.TEXT, "Its title.", width=34)
    owner: str | None = column("Owner", Kind.PERSON, "Who answers for it.", width=18)
    rule: str | None = column("Rule", Kind.TEXT, "The rule that proposes, with its version.", width=16)
    proposal: str | None = column("Proposal", Kind.TEXT, "What is proposed.", width=34)
    field: str | None = column("Field", Kind.TEXT, "The column of Goals that would change.", width=12)
    now: str | float | date | None = column("Now", Kind.ANY, "What stands there now.", width=12)
    proposed: str | float | date | None = column("Proposed", Kind.ANY, "What would stand there.", width=12)
    why: str | None = column("Why", Kind.TEXT, "The evidence, with its numbers.", width=52)
    chance_before: str | float | None = column("Chance before", Kind.ANY, "Chance of success as it stands.", width=10)
    chance_after: str | float | None = column("Chance after", Kind.ANY, "Chance of success with the change.", width=10)
    decision: str | None = column(
        "Decision", Kind.CHOICE, "Accept, Change (with your own value), Reject or Later.", choices=DECISIONS, width=12
    )
    decided_value: str | float | date | None = column(
        "Decided value", Kind.ANY, "With Change: the value you want.", width=14
    )
    decided_by: str | None = column("Decided by", Kind.PERSON, "Who decides.", width=18)
    decided_on: date | None = column("Decided on", Kind.DATE, "When.", width=12)
    reason: str | None = column("Reason", Kind.TEXT, "Why so.", width=34)
    state: str | None = column(
        "State", Kind.CHOICE, "Open, Applied or Withdrawn; written by perfsheet.", choices=PROPOSAL_STATES, width=11
    )
    proposed_on: date | None = column(
        "Proposed on", Kind.DATE, "Since when this has been proposed; written by perfsheet.", width=12
    )
    seal: str | None = column(
        "Seal", Kind.TEXT, "Written by perfsheet: shows that the row still says what was proposed.", width=10
    )

    @property
    def rule_name(self) -> str:
        """The rule's name without its version; empty where the cell is."""
        return next(iter((self.rule or "").split()), "")

    @property
    def asks(self) -> bool:
        """Whether somebody is to decide on it."""
        return self.rule_name not in BY_ITSELF


@dataclass(slots=True, unsafe_hash=True)
class HistoryRow(Record):
    when: str = column("When", Kind.ANY, "When the change was applied.", required=True, width=12)
    who: str | None = column("Who", Kind.TEXT, "Who decided.", width=20)
    part: str | None = column("Workbook part", Kind.TEXT, "Sheet and cell.", width=18)
    goal_id: str | None = column("Goal ID", Kind.ID, "The goal.", width=10)
    field: str | None = column("Field", Kind.TEXT, "The column.", width=14)
    old: str | float | date | None = column("From", Kind.ANY, "What stood there.", width=14)
    new: str | float | date | None = column("To", Kind.ANY, "What stands there now.", width=14)
    reason: str | None = column("Reason", Kind.TEXT, "Why.", width=40)
    proposal_id: str | None = column("Proposal ID", Kind.ID, "The proposal it came from.", width=12)
    previous_hash: str | None = column("Previous hash", Kind.TEXT, "Hash of the row before.", width=20)
    hash: str | None = column("Hash", Kind.TEXT, "Covers this row and the hash before it.", width=20)


ADJUSTMENTS = Form(
    "Adjustments", "tblAdjustments", Decision, "Proposed changes to goals, for the manager to decide.", optional=True
)
HISTORY = Form("History", "tblHistory", HistoryRow, "Every applied change. Rows are only ever added.", optional=True)
