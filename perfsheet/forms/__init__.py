"""The declared shape of the input tabs: a frozen dataclass a form, a column declared once."""

from __future__ import annotations

from .actions import ACTIONS, Action
from .checkins import CHECKINS, CheckIn
from .columns import Column, Form, Kind, Place, Record, Spot, address_of, folded, same_name
from .decisions import ADJUSTMENTS, HISTORY, Decision, HistoryRow
from .development import DEVELOPMENT, Development
from .feedback import FEEDBACK, Feedback
from .goals import GOALS, MILESTONES, PLAN, Goal, Milestone, PlanPoint
from .people import ABSENCES, PEOPLE, Absence, Person
from .settings import SETTINGS, Setting, TeamSettings

FORMS: tuple[Form, ...] = (
    SETTINGS,
    PEOPLE,
    GOALS,
    PLAN,
    MILESTONES,
    CHECKINS,
    FEEDBACK,
    ACTIONS,
    DEVELOPMENT,
    ABSENCES,
    ADJUSTMENTS,
    HISTORY,
)
"""In the order in which they are read."""

__all__ = [
    "ABSENCES", "ACTIONS", "ADJUSTMENTS", "CHECKINS", "DEVELOPMENT", "FEEDBACK", "FORMS", "GOALS", "HISTORY",
    "MILESTONES", "PEOPLE", "PLAN", "SETTINGS", "Absence", "Action", "CheckIn", "Column", "Decision", "Development",
    "Feedback", "Form", "Goal", "HistoryRow", "Kind", "Milestone", "Person", "Place", "PlanPoint", "Record", "Setting",
    "Spot", "TeamSettings", "address_of", "folded", "same_name",
]  # fmt: skip
