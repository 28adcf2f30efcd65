"""A review: one team's workbook read, checked, scored, with issues and proposals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .findings import Finding, Severity
from .issues import Issue
from .proposals import Proposal
from .records.teambook import TeamBook
from .scoring import Scores


@dataclass(frozen=True)
class Review:
    """Everything that the tabs, the JSON and the consolidation render; nothing is computed later."""

    book: TeamBook
    as_of: date
    findings: tuple[Finding, ...]
    scores: Scores
    issues: tuple[Issue, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    plan_lines: tuple[str, ...] = ()
    """Each goal's plan as it was first scored, a sealed line each, kept in the workbook."""
    own_day: bool = False
    """Whether `as_of` is the workbook's own As of (or today, where that is empty): what its formulas go by."""

    @property
    def has_errors(self) -> bool:
        """Whether a finding of severity error left something out of the scores."""
        return any(f.severity is Severity.ERROR for f in self.findings)
