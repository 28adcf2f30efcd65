"""Whatever a workbook holds, there are answers: no exception, every issue a cell, the same twice."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perfsheet.decisions import plan_changes, records, unrecorded_changes, verify
from perfsheet.forms import (
    ADJUSTMENTS,
    CHECKINS,
    GOALS,
    HISTORY,
    MILESTONES,
    PEOPLE,
    CheckIn,
    Decision,
    Goal,
    HistoryRow,
    Milestone,
    Person,
    Place,
    TeamSettings,
)  # fmt: skip
from perfsheet.forms.goals import GOAL_KINDS, STATES
from perfsheet.issues import Case, find_issues
from perfsheet.proposals import propose
from perfsheet.records.teambook import TeamBook
from perfsheet.scoring import score_book

from .conftest import START

PLACES = {
    f: Place(f.tab, {c.name: k for k, c in enumerate(f.columns, 1)})
    for f in (GOALS, CHECKINS, MILESTONES, PEOPLE, HISTORY, ADJUSTMENTS)
}
NAMES = ("Ann Lee", "Bo Kim", "Mona May")
IDS = tuple(f"G{k}" for k in range(1, 5))

days = st.integers(-20, 140).map(lambda n: START + timedelta(days=n))
numbers = st.one_of(st.none(), st.sampled_from([0.0, 1.0, 100.0, -5.0]), st.integers(-50, 500).map(float))
cells = st.one_of(numbers, days, st.sampled_from(["", "Active", "soon"]))


@st.composite
def goals(draw):
    found = []
    for row, goal_id in enumerate(IDS[: draw(st.integers(1, 4))], 2):
        made = {
            "goal_id": goal_id, "goal": draw(st.sampled_from(["More", "Less"])), "owners": (draw(st.sampled_from(NAMES)),),
            "kind": draw(st.sampled_from(GOAL_KINDS)), "parent": draw(st.sampled_from([None, None, *IDS, "X1"])),
            "state": draw(st.sampled_from([None, "Active", *STATES])), "weight": draw(st.sampled_from([None, 0.0, 50.0])),
            **{name: draw(numbers) for name in ("baseline", "target", "lower", "upper")},
            **{name: draw(st.one_of(st.none(), days)) for name in ("start", "due")},
        }  # fmt: skip
        found.append(Goal(place=PLACES[GOALS], row=row, **made))
    return tuple(found)


@st.composite
def books(draw):
    def rows(form, record, most, **fields):
        made = [{name: draw(strategy) for name, strategy in fields.items()} for _ in range(draw(st.integers(0, most)))]
        return tuple(record(place=PLACES[form], row=k, **values) for k, values in enumerate(made, 2))

    ids, day, text = st.sampled_from(IDS), days, st.sampled_from([None, "none", "no budget"])
    return TeamBook(
        "team.xlsx",
        TeamSettings(team="T", manager="Mona May", period_start=START, period_end=date(2026, 4, 1), workbook_id="W1"),
        people=tuple(Person(place=PLACES[PEOPLE], row=k, person=n) for k, n in enumerate(NAMES, 2)),
        goals=draw(goals()),
        checkins=rows(
            CHECKINS,
            CheckIn,
            14,
            day=day,
            goal_id=ids,
            value=numbers,
            confidence=st.sampled_from([None, 0.1, 0.9]),
            blocker=text,
        ),
        milestones=rows(MILESTONES, Milestone, 6, goal_id=ids, milestone=st.just("M"), done=st.one_of(st.none(), day)),
        history=rows(
            HISTORY,
            HistoryRow,
            3,
            when=day.map(str),
            goal_id=ids,
            field=st.sampled_from(["Target", "Due date", None]),
            old=cells,
            new=cells,
        ),
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(books(), days, st.sampled_from(["Accept", "Change", "Reject", "Later"]), cells)
def test_every_workbook_gets_answers(book, as_of, decision, value):
    scores = score_book(book, as_of)
    case = Case(book, scores, book.findings, as_of)
    issues = find_issues(case)
    proposals = propose(case, issues)
    assert all(i.evidence and i.address.row and i.address.column for i in issues)
    assert all(p.why and p.proposal for p in proposals)
    assert len({p.goal_id for p in proposals}) == len(proposals)
    once_more = dataclasses.replace(case)
    assert (issues, proposals) == (find_issues(once_more), propose(once_more, issues))

    again = dataclasses.replace(book, decisions=tuple(_row(k, p, decision, value) for k, p in enumerate(proposals, 2)))
    kept = propose(dataclasses.replace(case, book=again), issues)
    assert {p.id: p.decision for p in kept} == {p.id: decision for p in proposals}
    plan = plan_changes(again, kept, as_of)
    assert len(plan.history_rows) == len(plan.applied) >= len(plan.changes)
    assert isinstance(verify(again.history, again.decisions), list)
    assert unrecorded_changes(dataclasses.replace(book, history=()), records(book, (), as_of)) == []


def _row(number, proposal, decision, value):
    said = {c.name: getattr(proposal, c.name, None) for c in ADJUSTMENTS.columns} | {"proposal_id": proposal.id}
    return Decision(place=PLACES[ADJUSTMENTS], row=number, **said | {"decision": decision, "decided_value": value})
