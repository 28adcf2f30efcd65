"""Settings: whose workbook this is, the period, and the numbers that HR may change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ..policy import Knob, knobs
from .columns import Form, Kind, Record, column


@dataclass(slots=True, unsafe_hash=True)
class Setting(Record):
    setting: str = column(
        "Setting", Kind.TEXT, "The name of the setting; please leave it as it is.", required=True, width=44
    )
    value: str | float | bool | date | None = column("Value", Kind.ANY, "Your entry. Empty: the default.", width=34)


TEMPLATE_VERSION = "1"
"""The version of the templates that these forms make; it goes up when a column or a live formula changes."""

SETTINGS = Form(
    "Settings", "tblSettings", Setting, "Whose workbook this is, its period, and the rules in force.", prepared_rows=0
)


@dataclass(frozen=True)
class Fact:
    """One setting that says whose workbook this is."""

    name: str
    label: str
    kind: Kind
    help: str
    required: bool = False


FACTS = (
    Fact("organisation", "Organisation", Kind.TEXT, "The organisation's name."),
    Fact("team", "Team", Kind.TEXT, "The team's name.", required=True),
    Fact("manager", "Manager", Kind.PERSON, "The team's manager.", required=True),
    Fact("period", "Period", Kind.TEXT, "Such as 2026 Q1.", required=True),
    Fact("period_start", "Period start", Kind.DATE, "First day of the period.", required=True),
    Fact("period_end", "Period end", Kind.DATE, "Last day of the period.", required=True),
    Fact("as_of", "As of", Kind.DATE, "The day everything is judged at. Empty: today."),
    Fact("contact", "Contact", Kind.TEXT, "Whom to ask about this workbook, and when the next update is due."),
    Fact("workbook_id", "Workbook ID", Kind.ID, "Written by perfsheet: the same for all copies of this workbook."),
    Fact("template_version", "Template version", Kind.TEXT, "Written by perfsheet."),
)


@dataclass(frozen=True)
class TeamSettings:
    """The facts of one workbook. What is missing is None (and a finding)."""

    organisation: str | None = None
    team: str | None = None
    manager: str | None = None
    period: str | None = None
    period_start: date | None = None
    period_end: date | None = None
    as_of: date | None = None
    contact: str | None = None
    workbook_id: str | None = None
    template_version: str | None = None


LEFT_OUT: Mapping[str, tuple[str, ...]] = {"okr": ("Development",), "scorecard": ("Feedback", "Development")}
"""Tabs that one of our templates does without, by the first word of Template version: they are not missed."""


def left_out(template_version: object) -> tuple[str, ...]:
    """The tabs that the workbook's template does without on purpose."""
    return LEFT_OUT.get(str(template_version or "").partition(" ")[0], ())


def labels() -> dict[str, Fact | Knob]:
    """Every setting by its label, facts first: the rows of a fresh Settings tab, in order."""
    return {f.label: f for f in FACTS} | {k.label: k for k in knobs()}
