"""Records -> findings: every check, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from ..findings import Finding, Rule
from ..records.teambook import TeamBook
from . import alignment, checkins, goals, people, practice

Check = Callable[[TeamBook, date], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (*people.CHECKS, *goals.CHECKS, *alignment.CHECKS, *checkins.CHECKS, *practice.CHECKS)

RULES: tuple[Rule, ...] = tuple(
    value for module in (people, goals, alignment, checkins, practice) for value in vars(module).values() if isinstance(value, Rule)
)  # fmt: skip
"""The page of each check stands just above it."""


def check(book: TeamBook, as_of: date) -> list[Finding]:
    """What all checks find. Checks never raise for what stands in a cell, and change nothing."""
    return [finding for one in CHECKS for finding in one(book, as_of)]
