"""The rules as pages, and what holds for every check whatever stands in the records."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfsheet.checks import CHECKS, RULES, check
from perfsheet.findings import Rule
from perfsheet.forms import (
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
    Place,
    TeamSettings,
)
from perfsheet.records.teambook import TeamBook


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.code)
def test_a_page_is_complete(rule: Rule):
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", rule.code)
    assert all(text.endswith(".") for text in (rule.what, rule.why, rule.example))
    assert not rule.title.endswith(".")
    assert not rule.remedy.endswith(".")  # it is printed with a full stop, alone and after a message


def test_codes_are_unique_and_every_check_has_a_page():
    codes = [rule.code for rule in RULES]
    assert len(set(codes)) == len(codes)
    assert sorted(one.__name__ for one in CHECKS) == sorted(codes)


# ------------------------------------------------------------- whatever is read

NAMES = st.sampled_from(["Ada", "ada", "Bo", "Bо", "", "राम", "—"])
IDS = st.sampled_from(["G1", "g1", "G2", "G3", "7"])
DAYS = st.integers(-400, 400).map(lambda n: date(2026, 2, 14) + timedelta(days=n))
NUMBERS = st.floats(-1e308, 1e308, allow_nan=False) | st.sampled_from([0.0, 1.0, 50.0, 100.0, 5e-324])


def cell(column: Column) -> st.SearchStrategy[object]:
    """Anything that reading may give for a column."""
    if column.choices and column.kind is Kind.CHOICE:
        some: st.SearchStrategy[object] = st.sampled_from(column.choices)
    else:
        some = {
            Kind.ID: IDS, Kind.PERSON: NAMES.filter(bool), Kind.PEOPLE: st.lists(NAMES.filter(bool), min_size=1, max_size=3).map(tuple),
            Kind.DATE: DAYS, Kind.NUMBER: NUMBERS, Kind.SHARE: st.floats(0, 1), Kind.LEVEL: st.integers(-2, 2), Kind.FLAG: st.booleans(),
        }.get(column.kind, st.sampled_from(["x", "Try again"]))  # fmt: skip
    return some if column.required else st.none() | some


def rows(form: Form) -> st.SearchStrategy[tuple[object, ...]]:
    inputs = [c for c in form.columns if not c.live]
    place = Place(form.tab, {c.name: i for i, c in enumerate(inputs, 1)})
    one = st.fixed_dictionaries({c.name: cell(c) for c in inputs})
    return st.lists(one, max_size=7).map(
        lambda found: tuple(form.record(place=place, row=n, **values) for n, values in enumerate(found, 2))  # type: ignore[call-arg]
    )


BOOKS = st.builds(
    TeamBook,
    st.just("team.xlsx"),
    settings=st.builds(TeamSettings, manager=st.none() | NAMES, period_start=st.none() | DAYS, period_end=st.none() | DAYS),
    people=rows(PEOPLE), goals=rows(GOALS), plan=rows(PLAN), milestones=rows(MILESTONES), checkins=rows(CHECKINS),
    feedback=rows(FEEDBACK), actions=rows(ACTIONS), development=rows(DEVELOPMENT), absences=rows(ABSENCES),
    weights_in_percent=st.booleans(), percent_scale=st.sampled_from([1.0, 100.0]),
)  # fmt: skip


@settings(max_examples=200, deadline=None, derandomize=True)
@given(book=BOOKS, as_of=DAYS)
def test_checks_never_raise_and_say_one_plain_line_with_a_true_cell(book: TeamBook, as_of: date):
    found = check(book, as_of)
    records = (
        *book.people, *book.goals, *book.plan, *book.milestones, *book.checkins, *book.feedback, *book.actions, *book.development,
        *book.absences,
    )  # fmt: skip
    rows_there = {(r.place.sheet, r.row) for r in records} | {("Settings", 1)}
    for finding in found:
        assert (finding.address.sheet, finding.address.row) in rows_there
        assert "None" not in finding.message
        assert "\n" not in finding.message
        assert not finding.message.endswith(".")
    assert check(book, as_of) == found
