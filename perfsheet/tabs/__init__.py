"""A review -> the tabs that are painted into the workbook. Nothing is computed here."""

from __future__ import annotations

from ..review import Review
from ..tables import Tab
from .adjustments import adjustments
from .checks import checks
from .history import history
from .summary import summary
from .trials import trials

OUR_TABS = ("Summary", "Adjustments", "Checks")
"""The tabs that every scored workbook has; History comes with the first applied change."""

__all__ = ["OUR_TABS", "adjustments", "checks", "history", "summary", "tabs_of", "trials"]


def tabs_of(review: Review, *, with_trials: bool = False) -> tuple[Tab, ...]:
    """Summary, Adjustments and Checks of one review; Trials if asked for, or if the workbook has it already."""
    book = review.book.book
    there = book is not None and any(sheet.mark == "Trials" for sheet in book.sheets)
    more = (trials(review),) if with_trials or there else ()
    return summary(review), adjustments(review), checks(review), *more
