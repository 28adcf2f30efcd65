"""`said(...)`: records written as tables, and what the checks say of them, as "code cell message"."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from perfsheet.checks import check
from perfsheet.forms import (
    ABSENCES,
    ACTIONS,
    ADJUSTMENTS,
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
    Place,
    TeamSettings,
    folded,
)  # fmt: skip
from perfsheet.records.teambook import TeamBook

START, END, AS_OF = date(2026, 1, 1), date(2026, 3, 31), date(2026, 2, 14)

FORMS = {
    "people": PEOPLE, "goals": GOALS, "plan": PLAN, "milestones": MILESTONES, "checkins": CHECKINS, "feedback": FEEDBACK,
    "actions": ACTIONS, "development": DEVELOPMENT, "absences": ABSENCES, "decisions": ADJUSTMENTS,
}  # fmt: skip


def value(text: str, column: Column) -> Any:
    """What a cell of the column holds as a record's field."""
    if not text:
        return None
    if column.kind is Kind.DATE:
        return date.fromisoformat(text)
    if column.kind is Kind.PEOPLE:
        return tuple(name.strip() for name in text.split(";"))
    number = int if column.kind is Kind.LEVEL else float
    return number(text) if column.kind in (Kind.NUMBER, Kind.SHARE, Kind.LEVEL) else text


def records(form: Form, table: str) -> tuple[Any, ...]:
    """The records of a drawn table. Its header is row 1 and its columns are A, B, C … as drawn."""
    lines = [[c.strip() for c in line.strip().strip("|").split("|")] for line in table.strip().splitlines()]
    by_header = {folded(c.header): c for c in form.columns}
    columns = [by_header[folded(header)] for header in lines[0]]
    place = Place(form.tab, {c.name: i for i, c in enumerate(columns, 1)})
    return tuple(
        form.record(place=place, row=row, **{c.name: value(t, c) for c, t in zip(columns, line, strict=True)})  # type: ignore[call-arg]
        for row, line in enumerate(lines[1:], 2)
    )


def team(*, settings: TeamSettings | None = None, **given: Any) -> TeamBook:
    """A team's records for the first quarter of 2026."""
    tables = {name: records(FORMS[name], table) for name, table in given.items() if name in FORMS}
    others = {name: thing for name, thing in given.items() if name not in FORMS}
    return TeamBook("team.xlsx", settings or TeamSettings(period_start=START, period_end=END), **tables, **others)


@pytest.fixture
def said() -> Callable[..., list[str]]:
    """said(goals="| Goal ID | … |") -> every finding on 14 February, in the order of the checks."""

    def look(as_of: date = AS_OF, **given: Any) -> list[str]:
        return [f"{f.code} {f.address} {f.message}" for f in check(team(**given), as_of)]

    return look
