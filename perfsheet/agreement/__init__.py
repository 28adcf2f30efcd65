"""Whether the live cells of Goals say what Python says, and where they do not, why.

A live cell is a formula with a remembered result. The formula may have been typed over, edited or
never filled in; its result may be old, or of another day. Workbooks without our live columns are
left alone, and so are formulas that nobody has calculated yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from ..findings import Finding
from ..records.teambook import TeamBook
from ..scoring.parts import GoalScore
from ..tables import Address
from .faults import faults_in, settings_typed_over, told
from .live_tab import STEPS, language_here, live_tab
from .reasons import reasons
from .results import differing_results
from .rules import RULES

__all__ = ["RULES", "disagreements", "followed", "language_here"]


def disagreements(book: TeamBook, as_of: date, scores: Iterable[GoalScore]) -> list[Finding]:
    """What is wrong with the live cells, `scores` being the goals' scores on the day. Changes nothing."""
    live = live_tab(book)
    if live is None:
        return []
    faults = faults_in(live)
    known = {score.address.row: score for score in scores}
    return [
        *told(live, faults, known),
        *settings_typed_over(book),
        *differing_results(live, {f.row for f in faults}, known, as_of),
    ]


def followed(book: TeamBook, as_of: date, scores: Iterable[GoalScore]) -> frozenset[Address] | None:
    """The goals whose live cells come to their score, by address; None without live columns of ours."""
    live = live_tab(book)
    if live is None or not live.wanted or len(live.columns) < len(STEPS):
        return None
    faulty = {fault.row for fault in faults_in(live)}
    return frozenset(
        score.address
        for score in scores
        if score.address.row not in faulty and not any(reasons(live, live.goals[score.address.row], score, as_of))
    )
