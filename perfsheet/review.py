"""A review: one team's workbook read, checked, scored, with issues and proposals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import NamedTuple

from .findings import Finding, Severity
from .forms import Action, Feedback, same_name
from .issues import Issue
from .proposals import Proposal
from .records.teambook import TeamBook
from .scoring import Scores
from .since import Since
from .tables import Address


@dataclass(frozen=True, slots=True)
class Held:
    """One thing that the workbook holds about a person: what kind, where, in words."""

    kind: str
    address: Address
    text: str


class Practice(NamedTuple):
    """The rows behind each count of actions and feedback."""

    actions_open: list[Action]
    actions_overdue: list[Action]
    actions_done: list[Action]
    feedback_given: list[Feedback]
    feedback_asked_for: list[Feedback]
    follow_ups_open: list[Feedback]


Lines = Callable[[], tuple[str, ...]]
"""Lines to be kept in the workbook: written when somebody writes the workbook, who may be nobody."""


def _none() -> tuple[()]:
    return ()


@dataclass(frozen=True)
class Review:
    """Everything that the tabs, the JSON and the consolidation render; nothing is judged later."""

    book: TeamBook
    as_of: date
    findings: tuple[Finding, ...]
    scores: Scores
    issues: tuple[Issue, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    own_day: bool = False
    """Whether `as_of` is the workbook's own As of (or today, where that is empty): what its formulas go by."""
    since: Since | None = None
    """What changed since the run before; None if there was none."""
    plans: Lines = field(default=_none, repr=False, compare=False)
    runs: Lines = field(default=_none, repr=False, compare=False)

    @cached_property
    def plan_lines(self) -> tuple[str, ...]:
        """Each goal's plan as it was first scored, a sealed line each, kept in the workbook."""
        return self.plans()

    @cached_property
    def run_lines(self) -> tuple[str, ...]:
        """The last runs in short, kept in the workbook for the next one."""
        return self.runs()

    @cached_property
    def practice(self) -> Practice:
        """What is recorded in Actions and Feedback; feedback up to the day."""
        actions, feedback = self.book.actions, [f for f in self.book.feedback if f.day <= self.as_of]
        running = [a for a in actions if a.done is None]
        return Practice(
            actions_open=running,
            actions_overdue=[a for a in running if a.due < self.as_of],
            actions_done=[a for a in actions if a.done is not None],
            feedback_given=[f for f in feedback if f.kind != "Request"],
            feedback_asked_for=[f for f in feedback if f.kind == "Request"],
            follow_ups_open=[f for f in self.book.feedback if f.follow_up and f.follow_up_done is None],
        )

    def held_about(self, name: str) -> list[Held]:
        """What the workbook holds about a person beside goals and record; feedback as far as it is meant for them."""
        book, own = self.book, same_name(name)
        actions = [
            Held("action", a.at(), f"{a.action}, due {a.due}, {f'done {a.done}' if a.done else 'open'}")
            for a in book.actions
            if same_name(a.owner) == own
        ]
        development = [
            Held("development", d.at("person"), f"{d.kind}: {d.skill}. {d.plan or 'No plan yet'}")
            for d in book.development
            if same_name(d.person) == own
        ]
        told = [
            Held("development", s.items[0].at("person"), s.how)
            for s in self.scores.development
            if same_name(s.person) == own
        ]
        feedback = [
            Held("feedback", f.at(), f"{f.day} {f.kind} from {f.giver or 'somebody not named'}: {f.text}")
            for f in self._feedback_to(name)
            if f.visible_to in (None, "Both")
        ]
        absences = [
            Held("absence", a.at(), f"{a.first} to {a.last}, taken out of the record")
            for a in book.absences
            if same_name(a.person) == own
        ]
        return [*actions, *development, *told, *feedback, *absences]

    def reserved_feedback(self, name: str) -> list[Feedback]:
        """Feedback to a person that is marked as visible to the manager or HR alone."""
        return [f for f in self._feedback_to(name) if f.visible_to not in (None, "Both")]

    def _feedback_to(self, name: str) -> list[Feedback]:
        return [f for f in self.book.feedback if same_name(f.receiver) == same_name(name)]

    @property
    def has_errors(self) -> bool:
        """Whether a finding of severity error left something out of the scores."""
        return any(f.severity is Severity.ERROR for f in self.findings)
