"""`team(...)`: a small workbook's records, written as the tables that a person would see."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings

from perfsheet.forms import (
    ABSENCES,
    ACTIONS,
    ADJUSTMENTS,
    CHECKINS,
    DEVELOPMENT,
    FEEDBACK,
    GOALS,
    HISTORY,
    MILESTONES,
    PEOPLE,
    PLAN,
    Form,
    Kind,
    Place,
    TeamSettings,
    folded,
)  # fmt: skip
from perfsheet.policy import Policy
from perfsheet.records.teambook import TeamBook

# no example fails for being slow, and the same examples are tried every time
hypothesis_settings.register_profile("steady", deadline=None, derandomize=True)
hypothesis_settings.load_profile("steady")

USUAL = Policy()
START, END = date(2026, 1, 1), date(2026, 4, 1)
"""A period of 91 days, both included: elapsed n is the day START + n - 1."""

FORMS = {
    "people": PEOPLE, "goals": GOALS, "plan": PLAN, "milestones": MILESTONES, "checkins": CHECKINS, "feedback": FEEDBACK,
    "actions": ACTIONS, "development": DEVELOPMENT, "absences": ABSENCES, "history": HISTORY,
    "decisions": ADJUSTMENTS,
}  # fmt: skip


def cell(text: str, kind: Kind) -> Any:
    if not text:
        return None
    if kind is Kind.DATE:
        return date.fromisoformat(text)
    if kind in (Kind.NUMBER, Kind.SHARE, Kind.LEVEL):
        return float(text)
    if kind is Kind.ANY:
        try:
            return float(text)
        except ValueError:
            return text
    return tuple(p.strip() for p in text.split(";")) if kind is Kind.PEOPLE else text


def rows(form: Form, table: str) -> tuple[Any, ...]:
    """The records of a table drawn with |, its header first; headers as in the form, in any order."""
    drawn = [line.strip() for line in table.strip().splitlines()]
    lines = [[c.strip() for c in line.strip("|").split("|")] for line in drawn if line]
    if not lines:
        return ()
    by_header = {folded(c.header): c for c in form.columns}
    columns = [by_header[folded(header)] for header in lines[0]]
    place = Place(form.tab, {c.name: i for i, c in enumerate(columns, 1)})
    return tuple(
        form.record(place=place, row=number, **{c.name: cell(t, c.kind) for c, t in zip(columns, line, strict=True)})  # type: ignore[call-arg]
        for number, line in enumerate(lines[1:], 2)
    )


@pytest.fixture
def team() -> Callable[..., TeamBook]:
    """A function: tables by the names of their forms -> a TeamBook of the 91 days from 1 January 2026."""

    def build(*, policy: Policy = USUAL, settings: dict[str, Any] | None = None, **tables: Any) -> TeamBook:
        read = {name: rows(FORMS[name], table) for name, table in tables.items() if name in FORMS}
        more = {name: value for name, value in tables.items() if name not in FORMS}
        facts = TeamSettings(team="Sales", manager="Mona May", period_start=START, period_end=END)
        return TeamBook("team.xlsx", dataclasses.replace(facts, **(settings or {})), policy, **read, **more)

    return build


@pytest.fixture
def day() -> Callable[[int], date]:
    """A function: elapsed days -> the date, counted to the end of the day."""
    return lambda elapsed: START + timedelta(days=elapsed - 1)


@pytest.fixture
def readings(day: Callable[[int], date]) -> Callable[..., str]:
    """A function: elapsed days and values of a goal -> the Check-ins table."""

    def table(elapsed: list[int], values: list[float], goal: str = "G1") -> str:
        lines = [f"| {day(t).isoformat()} | {goal} | {v} |" for t, v in zip(elapsed, values, strict=True)]
        return "\n".join(["| Date | Goal ID | Value |", *lines])

    return table
