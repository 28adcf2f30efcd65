"""Records and policy -> scores that hold their parts.

`score_book(book, date(2026, 3, 31))` gives `Scores`: `.team.progress`, `.goal("G1").explain()`,
`.person("Ada Bell").accountability.index` and all that they are made of.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from ..records.teambook import TeamBook
from .development import score_development
from .parts import (
    OUTSIDE,
    WORST_FIRST,
    Accountability,
    Component,
    DevelopmentScore,
    Drift,
    Flag,
    Forecast,
    GoalScore,
    GroupScore,
    Original,
    Part,
    PersonScore,
    Reading,
    Readings,
    Scores,
    Status,
    Trend,
    Trial,
    TrialRow,
    trials_of,
)
from .people import score_people
from .rollup import score_goals, score_group


def score_book(book: TeamBook, as_of: date, rates: Mapping[str, float] | None = None) -> Scores:
    """All scores of one team's workbook on one day.

    `rates` are an organisation's pooled success rates by component of the index; without them the
    workbook's own count from 30 trials on, and the policy's usual rate until then.
    """
    goals, tree, flags = score_goals(book, as_of)
    team = score_group(goals, tree.parents, book.policy)
    people = score_people(book, goals, tree, as_of, rates)
    return Scores(as_of, tuple(goals.values()), team, people, score_development(book), flags)


__all__ = [
    "OUTSIDE",
    "WORST_FIRST",
    "Accountability",
    "Component",
    "DevelopmentScore",
    "Drift",
    "Flag",
    "Forecast",
    "GoalScore",
    "GroupScore",
    "Original",
    "Part",
    "PersonScore",
    "Reading",
    "Readings",
    "Scores",
    "Status",
    "Trend",
    "Trial",
    "TrialRow",
    "score_book",
    "trials_of",
]
