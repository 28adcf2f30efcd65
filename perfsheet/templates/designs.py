"""Our templates: which tabs each has, what it adds to them, and what its first tab says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..forms import (
    ABSENCES,
    ACTIONS,
    CHECKINS,
    DEVELOPMENT,
    FEEDBACK,
    GOALS,
    MILESTONES,
    PEOPLE,
    PLAN,
    Column,
    Form,
    Kind,
)
from ..live_columns import Step
from . import views


@dataclass(frozen=True)
class Guide:
    """One of the three steps: the tab that it leads to, its name, what to do."""

    tab: str
    name: str
    text: str


@dataclass(frozen=True)
class Additions:
    """What a template does with a form's tab beyond the form itself."""

    purpose: str = ""
    """Stands in the tab's first cell instead of the form's own."""
    entries: Mapping[str, tuple[Column, ...]] = field(default_factory=dict)
    """Columns of our own to fill in, by the header that they stand behind. perfsheet leaves them alone."""
    shown: tuple[Step, ...] = ()
    """Live columns at the end, in sight."""
    steps: tuple[Step, ...] = ()
    """Live columns folded away."""
    help: Mapping[str, str] = field(default_factory=dict)
    """What stands above a column instead of the form's own words, by header."""
    rows: int | None = None
    """Prepared rows, where it is not the form's number."""


PLAIN = Additions()


@dataclass(frozen=True)
class Design:
    """One template."""

    name: str
    title: str
    headline: str
    audience: str
    guides: tuple[Guide, Guide, Guide]
    forms: tuple[Form, ...]
    """The tabs in the order in which they stand; Settings is the last."""
    additions: Mapping[str, Additions] = field(default_factory=dict)
    """By tab."""

    def of(self, form: Form) -> Additions:
        """What the template adds to a form's tab."""
        return self.additions.get(form.tab, PLAIN)


REVIEW = Guide(
    "Goals",
    "3  Review",
    "Goals shows the status at once. Run perfsheet score on the file: Summary and Adjustments tell what to talk about.",
)

TEAM = Design(
    "team",
    "Team performance workbook",
    "Goals, check-ins and feedback of one team for one period",
    "For the manager and the team; ten minutes a week. A plain workbook: no macros, nothing is sent anywhere.",
    (
        Guide(
            "Settings",
            "1  Set up",
            "Fill in Settings (team, manager, period), then People, then Goals: one row a goal, with baseline, target and due date.",
        ),
        Guide(
            "Check-ins",
            "2  Check in",
            "Once a week, add a line for each goal in Check-ins. Note feedback and promises as they happen.",
        ),
        REVIEW,
    ),
    (GOALS, CHECKINS, FEEDBACK, ACTIONS, DEVELOPMENT, PEOPLE, PLAN, MILESTONES, ABSENCES),
)

OKR = Design(
    "okr",
    "Objectives and key results",
    "Objectives and key results of one team for one period",
    "For a team that grades its key results from 0.0 to 1.0. A plain workbook: no macros, nothing is sent anywhere.",
    (
        Guide(
            "Settings",
            "1  Set up",
            "Fill in Settings and People. In Goals, write each objective (Kind Percent, no numbers), then its key results, which name it in Parent goal.",
        ),
        Guide(
            "Check-ins",
            "2  Check in",
            "Once a week, add a line for each key result in Check-ins: the value, how sure you are, what is in the way.",
        ),
        Guide(
            "Goals",
            "3  Grade",
            "Goals shows grade and status at once. At the end, talk about each grade: low grades are data, not punishment.",
        ),
    ),
    (GOALS, CHECKINS, ACTIONS, FEEDBACK, PEOPLE, PLAN, MILESTONES),
    {
        GOALS.tab: Additions(
            "Objectives and their key results, one row each.",
            shown=views.OKR_SHOWN,
            steps=views.OKR_STEPS,
            help={
                "Goal ID": "A short id, such as O1 or KR1.1.",
                "Goal": "What we want to achieve; of a key result, what we will see when we have.",
                "Parent goal": "Of a key result, the id of its objective.",
                "Kind": "How progress is counted. An objective: Percent, without numbers; its key results decide.",
            },
        ),
    },
)

SCORECARD = Design(
    "scorecard",
    "Balanced scorecard",
    "Scorecard: key figures by perspective, with threshold, target and stretch",
    "For a unit that steers by key figures. A plain workbook: no macros, nothing is sent anywhere.",
    (
        Guide(
            "Settings",
            "1  Set up",
            "Fill in Settings and People. In Goals, one row a key figure: its perspective, owner, and threshold, target and stretch.",
        ),
        Guide(
            "Check-ins",
            "2  Report",
            "Once a period, add a line for each key figure in Check-ins. Plan compares each period with what was planned.",
        ),
        Guide(
            "Scorecard",
            "3  Review",
            "Scorecard adds up the perspectives. Run perfsheet score on the file: Summary and Adjustments tell what to talk about.",
        ),
    ),
    (GOALS, CHECKINS, PLAN, ACTIONS, PEOPLE, MILESTONES),
    {
        GOALS.tab: Additions(
            "Key figures: one row each. Grey columns calculate themselves.",
            entries={
                "Goal": (
                    Column(
                        "perspective",
                        "Perspective",
                        Kind.CHOICE,
                        "The part of the scorecard that it belongs to.",
                        choices=views.PERSPECTIVES,
                        width=18,
                    ),
                ),
                "Baseline": (Column("threshold", "Threshold", Kind.NUMBER, "The least that is acceptable.", width=11),),
                "Target": (Column("stretch", "Stretch", Kind.NUMBER, "Beyond the target: excellent.", width=11),),
            },
            shown=views.SCORECARD_SHOWN,
            steps=views.SCORECARD_STEPS,
            help={
                "Goal ID": "A short id that never changes, such as F1.",
                "Goal": "The key figure, and what should become of it.",
            },
        ),
        PLAN.tab: Additions(
            "Key figures by period: what is planned for each date, and what was reached.",
            shown=views.PLAN_SHOWN,
            steps=views.PLAN_STEPS,
            rows=60,
        ),
    },
)

ONE_TO_ONE = Design(
    "one-to-one",
    "One-to-one workbook",
    "One-to-one: goals, check-ins, feedback and development of one person",
    "For one person and their manager. Keep it where only you two can open it. No macros, nothing is sent anywhere.",
    (
        Guide(
            "Settings",
            "1  Set up",
            "Fill in Settings, both names in People, and a handful of Goals. Agree what Development is about this period.",
        ),
        Guide(
            "Check-ins",
            "2  Before you talk",
            "Each goal gets a line in Check-ins. Note feedback as it happens: what was seen, what it led to.",
        ),
        Guide(
            "Actions",
            "3  After you talked",
            "Each promise, by either of you, is a line in Actions with a date. Next time, begin with those.",
        ),
    ),
    (GOALS, CHECKINS, FEEDBACK, ACTIONS, DEVELOPMENT, PEOPLE, PLAN, MILESTONES),
    {
        GOALS.tab: Additions(
            "What you want to reach: one row a goal. Grey columns calculate themselves.",
            rows=12,
        ),
        CHECKINS.tab: Additions(rows=120),
        PEOPLE.tab: Additions("The two of you, and others who give feedback or own an action.", rows=6),
        PLAN.tab: Additions(rows=12),
        MILESTONES.tab: Additions(rows=16),
    },
)

DESIGNS = (TEAM, OKR, SCORECARD, ONE_TO_ONE)
