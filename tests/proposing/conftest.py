"""`look(...)`: a team workbook written as tables, read, scored, with its issues and proposals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from perfsheet.decisions import Plan, plan_changes
from perfsheet.findings import Finding
from perfsheet.forms import ADJUSTMENTS
from perfsheet.issues import Case, Issue, find_issues
from perfsheet.proposals import Proposal, propose
from perfsheet.records import read_records
from perfsheet.records.teambook import TeamBook
from perfsheet.scoring import Scores, score_book

START = date(2026, 1, 1)
"""The period has 91 days, 1 January to 1 April 2026, both included: elapsed n is the day START + n - 1."""

SETTINGS = """
| Setting      | Value      |
| Team         | Sales      |
| Manager      | Mona May   |
| Period       | 2026 Q1    |
| Period start | 2026-01-01 |
| Period end   | 2026-04-01 |
| Workbook ID  | W1         |
"""
PEOPLE = """
| Person   | Manager  |
| Mona May |          |
| Ann Lee  | Mona May |
| Bo Kim   | Mona May |
"""
FEEDBACK = """
| Date       | From     | To      | Kind   | Feedback   |
| 2026-12-31 | Mona May | Ann Lee | Praise | Not yet    |
"""
TABS = {
    "settings": "Settings", "people": "People", "goals": "Goals", "plan": "Plan", "milestones": "Milestones",
    "checkins": "Check-ins", "feedback": "Feedback", "actions": "Actions", "absences": "Absences",
    "adjustments": "Adjustments", "history": "History",
}  # fmt: skip


def day(elapsed: int) -> date:
    """The day at that elapsed time of the period."""
    return START + timedelta(days=elapsed - 1)


def log(goal: str, readings: dict[int, float], **last: object) -> str:
    """Rows of Check-ins for a goal: elapsed day -> value; `last` fills other columns of the last row."""
    columns = ("confidence", "blocker")
    lines = []
    for k, (elapsed, value) in enumerate(readings.items(), 1):
        more = [str(last.get(c, "")) if k == len(readings) else "" for c in columns]
        lines.append(f"| {day(elapsed)} | {goal} | {value} | {' | '.join(more)} |")
    return "\n".join(lines)


def checkins(*logs: str) -> str:
    return "| Date | Goal ID | Value | Confidence | Blocker |\n" + "\n".join(logs)


def adjustments(proposals: Iterable[Proposal], **decisions: dict[str, object]) -> str:
    """The Adjustments tab as perfsheet writes it, with what a manager typed: by goal, column -> entry."""
    lines = ["| " + " | ".join(c.header for c in ADJUSTMENTS.columns) + " |"]
    for proposal in proposals:
        typed = decisions.get(proposal.goal_id, {})
        values = [typed.get(c.header, getattr(proposal, _NAMES.get(c.name, c.name))) for c in ADJUSTMENTS.columns]
        lines.append("| " + " | ".join("" if v is None else str(v) for v in values) + " |")
    return "\n".join(lines)


_NAMES = {"proposal_id": "id"}


@dataclass(frozen=True)
class Look:
    """One workbook on one day."""

    book: TeamBook
    as_of: date
    scores: Scores
    issues: tuple[Issue, ...]
    proposals: tuple[Proposal, ...]

    def told(self, code: str) -> list[str]:
        """severity, cell and evidence of the issues of that code."""
        return [f"{i.severity} {i.address}: {i.evidence}" for i in self.issues if i.code == code]

    def codes(self, goal: str | None = None) -> list[str]:
        return [i.code for i in self.issues if goal is None or i.goal_id == goal]

    def proposal(self, goal: str = "G1") -> Proposal:
        """The goal's present proposal."""
        return next(p for p in self.proposals if p.goal_id == goal)

    def plan(self) -> Plan:
        return plan_changes(self.book, self.proposals, self.as_of)


@pytest.fixture
def look(make_book: Callable[..., object]) -> Callable[..., Look]:
    """look(40, goals="| ... |", checkins="| ... |"): the workbook at elapsed day 40."""

    def build(elapsed: int, *, findings: Sequence[Finding] = (), **tables: str) -> Look:
        full = {"settings": SETTINGS, "people": PEOPLE, "checkins": "| Date | Goal ID | Value |", **tables}
        book = read_records(make_book({TABS[name]: text for name, text in full.items()}))  # type: ignore[arg-type]
        as_of = day(elapsed)
        scores = score_book(book, as_of)
        case = Case(book, scores, [*book.findings, *findings], as_of)
        issues = find_issues(case)
        return Look(book, as_of, scores, issues, propose(case, issues))

    return build
