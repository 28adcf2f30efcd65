"""A review -> the tabs that are painted into the workbook. Nothing is computed here."""

from __future__ import annotations

from ..review import Review
from ..tables import Tab
from .adjustments import adjustments
from .checks import checks
from .history import history
from .summary import summary

OUR_TABS = ("Summary", "Adjustments", "Checks")
"""The tabs that every scored workbook has; History comes with the first applied change."""

__all__ = ["OUR_TABS", "adjustments", "checks", "history", "summary", "tabs_of"]


def tabs_of(review: Review) -> tuple[Tab, ...]:
    """Summary, Adjustments and Checks of one review."""
    return summary(review), adjustments(review), checks(review)
