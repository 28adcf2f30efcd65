"""From an accepted proposal to changed cells and a History that cannot be changed unseen."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfsheet.decisions import (
    Entry,
    PlanRecord,
    fields_of,
    plan_changes,
    record_from,
    records,
    row_hash,
    unrecorded_changes,
    verify,
)  # fmt: skip
from perfsheet.decisions.history import chained
from perfsheet.forms import HISTORY, HistoryRow, Place
from perfsheet.proposals import plain_text
from perfsheet.tables import Change

from .conftest import adjustments, checkins, day, log

GOALS = """
| Goal ID | Goal       | Owner   | Kind     | Baseline | Target | Due date |
| G1      | More calls | Ann Lee | Increase | 0        | 100    |          |
"""
SLOW = checkins(log("G1", {7: 6, 14: 13, 21: 19, 28: 25, 35: 32, 42: 38, 49: 44, 56: 50, 63: 57}))


def decided(look, elapsed=64, goals=GOALS, later_goals=None, **typed):
    """The workbook after a manager filled in the decision columns of G1's proposal."""
    first = look(elapsed, goals=goals, checkins=SLOW)
    tab = adjustments(first.proposals, G1={"Decided by": "Mona May", "Reason": "holiday season", **typed})
    return look(elapsed, goals=later_goals or goals, checkins=SLOW, adjustments=tab)


# ------------------------------------------------------------------------------------ applying


def test_an_accepted_date_goes_into_its_cell_and_into_history(look):
    found = decided(look, Decision="Accept")
    plan = found.plan()
    new = found.proposal().proposed
    assert [(str(c.address), c.value) for c in plan.changes] == [("Goals!G2", new)]
    row = plan.history_rows[0]
    assert (row.when, row.who, row.part, row.goal_id, row.field, row.old, row.new, row.reason, row.proposal_id) == (
        "2026-03-05", "Mona May", "Goals!G2", "G1", "Due date", date(2026, 4, 1), new, "holiday season", found.proposal().id,
    )  # fmt: skip
    assert (plan.applied, plan.refused) == ((found.proposal().id,), ())
    assert [p.state for p in plan.marked(found.proposals)] == ["Applied"]


def test_a_changed_value_is_the_managers_own(look):
    plan = decided(look, Decision="Change", **{"Decided value": "2026-05-04"}).plan()
    assert [c.value for c in plan.changes] == [date(2026, 5, 4)]


def test_since_when_it_is_proposed_stays_from_run_to_run(look):
    first = look(64, goals=GOALS, checkins=SLOW)
    again = look(70, goals=GOALS, checkins=SLOW, adjustments=adjustments(first.proposals))
    assert (first.proposal().proposed_on, again.proposal().proposed_on) == (day(64), day(64))
    assert again.proposal().id == first.proposal().id


@pytest.mark.parametrize("decision", ["", "Later", "Reject"])
def test_nothing_else_is_applied(look, decision):
    plan = decided(look, Decision=decision).plan()
    assert (plan.changes, plan.history_rows, plan.refused) == ((), (), ())


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("", "the decision is Change, and Decided value is empty; fill it in"),
        ("soon", "Due date takes a date, and not soon"),
        ("2025-12-31", "2025-12-31 is before the start date 2026-01-01"),
        ("2026-02-01", "2026-02-01 lies in the past; a plan is not changed backwards in time"),
        ("2026-04-01", "Due date is 2026-04-01 already"),
    ],
)
def test_a_value_that_does_not_fit_is_said_and_left(look, value, why):
    found = decided(look, Decision="Change", **{"Decided value": value})
    plan = found.plan()
    assert (plan.changes, plan.refused) == ((), ((found.proposal().id, why),))


def test_a_cell_that_changed_meanwhile_is_said_and_left(look):
    moved = GOALS.replace("|          |", "| 2026-04-20 |")
    found = decided(look, later_goals=moved, Decision="Accept")
    waiting = next(p for p in found.proposals if p.decision == "Accept")
    plan = found.plan()
    assert plan.changes == ()
    assert plan.refused == ((waiting.id, "Goals!G2 says 2026-04-20 now, and said 2026-04-01 when this was proposed"),)


def test_a_formula_is_never_overwritten(look):
    found = decided(look, Decision="Accept")
    sheets = tuple(
        dataclasses.replace(s, cells={**s.cells, (2, 7): s.cells.get((2, 1))._replace(formula=True)})
        if s.name == "Goals"
        else s  # type: ignore[union-attr]
        for s in found.book.book.sheets
    )
    book = dataclasses.replace(found.book, book=dataclasses.replace(found.book.book, sheets=sheets))
    plan = plan_changes(book, found.proposals, found.as_of)
    assert plan.refused == ((found.proposal().id, "Goals!G2 holds a formula; change what it is calculated from"),)


def test_without_the_column_nothing_can_be_put_there(look):
    goals = GOALS.replace("Due date", "Whatever")
    plan = decided(look, goals=goals, Decision="Accept").plan()
    assert [why for _, why in plan.refused] == ["the Goals tab has no column Due date"]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (80.0, None),
        ("80", None),
        (-5.0, "a target of -5 is not above the baseline 0"),
        ("most", "Target takes a number, and not most"),
    ],
)
def test_a_target_must_leave_a_way_to_go(look, value, why):
    found = look(64, goals=GOALS, checkins=SLOW)
    lowering = dataclasses.replace(
        found.proposal(), rule="lower_target", field="Target", now=100.0, decision="Change", decided_value=value
    )
    plan = plan_changes(found.book, [lowering], found.as_of)
    assert [c.value for c in plan.changes] == ([] if why else [80.0])
    assert [w for _, w in plan.refused] == ([why] if why else [])


def test_one_adjustment_for_a_goal_at_a_time(look):
    found = decided(look, Decision="Accept")
    other = dataclasses.replace(
        found.proposal(), named="P2", rule="lower_target", field="Target", now=100.0, proposed=80.0
    )
    plan = plan_changes(found.book, [found.proposal(), other], found.as_of)
    assert len(plan.changes) == 1
    assert plan.refused == (
        ("P2", "another accepted proposal changes this goal; one adjustment for a goal in a period"),
    )


def test_what_changes_no_cell_is_recorded_all_the_same(look):
    support = dataclasses.replace(
        look(64, goals=GOALS, checkins=SLOW).proposal(),
        named="P3",
        rule="add_support",
        field=None,
        now=None,
        proposal="Ask IT",
        decision="Accept",
    )
    plan = plan_changes(look(64, goals=GOALS).book, [support], day(64))
    assert plan.changes == ()
    assert [(r.field, r.new, r.who, r.part) for r in plan.history_rows] == [(None, "Ask IT", "not named", "Goals!A2")]


def test_changes_are_values_of_the_file_layer(look):
    change = decided(look, Decision="Accept").plan().changes[0]
    assert isinstance(change, Change)
    assert not change.cached


# ------------------------------------------------------------------------------- the hash chain


def test_the_hash_of_a_known_row():
    row = Entry("2026-02-12", "Mona May", "Goals!G2", "G1", "Target", 100.0, 80.0, "scope", "P1")
    assert row_hash("", fields_of(row)) == row_hash(
        "", ("2026-02-12", "Mona May", "Goals!G2", "G1", "Target", 100, 80, "scope", "P1")
    )
    assert row_hash("", fields_of(row)) != row_hash("x", fields_of(row))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (40.0, 40),
        (date(2026, 3, 1), "2026-03-01"),
        (None, ""),
        (0.1 + 0.2, 0.3),
        (" two  words ", "two  words"),
        (-0.0, 0),
    ],
)
def test_values_that_a_spreadsheet_does_not_tell_apart(one, other):
    assert plain_text(one) == plain_text(other)


PLACE = Place("History", {c.name: k for k, c in enumerate(HISTORY.columns, 1)})


def _cell(value):
    return None if value == "" else value


def read_back(entries):
    """Entries as the reader gives them again."""
    return [
        HistoryRow(place=PLACE, row=k, **{c.name: _cell(getattr(e, c.name)) for c in HISTORY.columns})
        for k, e in enumerate(entries, 2)
    ]


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zs", "Zl", "Zp"]), max_size=8)
values = st.one_of(texts, st.integers(-999, 999).map(float), st.dates())
some_entries = st.builds(
    Entry,
    when=st.dates().map(str),
    who=texts,
    part=texts,
    goal_id=texts,
    field=texts,
    old=values,
    new=values,
    reason=texts,
    proposal_id=texts,
)
histories = st.lists(some_entries, min_size=1, max_size=6).map(lambda e: read_back(chained([], e)))


@given(histories)
def test_an_untouched_history_is_whole(history):
    assert verify(history) == []


@given(histories, st.data())
def test_any_changed_cell_shows(history, data):
    k = data.draw(st.integers(0, len(history) - 1))
    name = data.draw(st.sampled_from([c.name for c in HISTORY.columns]))
    new = data.draw(texts.filter(lambda t: plain_text(t) != plain_text(getattr(history[k], name))))
    history[k] = dataclasses.replace(history[k], **{name: new})
    assert verify(history)


@given(histories.filter(lambda h: len(h) > 1), st.data())
def test_any_row_removed_before_the_end_shows(history, data):
    del history[data.draw(st.integers(0, len(history) - 2))]
    assert "history_broken" in {f.code for f in verify(history)}


@given(histories.filter(lambda h: len(h) > 1), st.data())
def test_rows_that_change_places_show(history, data):
    i, j = sorted(data.draw(st.lists(st.integers(0, len(history) - 1), min_size=2, max_size=2, unique=True)))
    history[i], history[j] = (
        dataclasses.replace(history[j], row=history[i].row),
        dataclasses.replace(history[i], row=history[j].row),
    )
    assert verify(history)


def test_a_changed_row_is_named_with_its_cell():
    history = read_back(
        chained([], [Entry("2026-02-12", "Mona", "Goals!G2", "G1", "Target", 100.0, 80.0, "scope", "P1")])
    )
    history[0] = dataclasses.replace(history[0], new=90.0)
    assert [(f.code, str(f.address), f.message) for f in verify(history)] == [
        ("history_row_changed", "History!K2", "The row of 2026-02-12 was changed after it was written")
    ]


def test_a_lost_last_row_shows_in_adjustments(look):
    found = decided(look, Decision="Accept", State="Applied")
    assert [(f.code, f.address.sheet) for f in verify(found.book.history, found.book.decisions)] == [
        ("history_broken", "Adjustments")
    ]


def test_new_rows_follow_from_the_last():
    first = chained([], [Entry("2026-02-12", "A", None, "G1", "Target", 1.0, 2.0, None, "P1")])
    second = chained(read_back(first), [Entry("2026-02-20", "B", None, "G2", "Target", 1.0, 2.0, None, "P2")])
    assert second[0].previous_hash == first[0].hash
    assert verify(read_back([*first, *second])) == []


# ------------------------------------------------------------------------- changes without a row


def test_a_target_that_is_not_what_history_says(look):
    history = f"| When | Goal ID | Field | From | To |\n| {day(30)} | G1 | Target | 100 | 80 |"
    found = look(64, goals=GOALS, checkins=SLOW, history=history)
    assert [(f.code, str(f.address), f.message) for f in unrecorded_changes(found.book)] == [
        ("target_changed_without_history", "Goals!F2", "Target of G1 is 100; by History since 2026-01-30 it is 80")
    ]
    right = look(64, goals=GOALS.replace("100 ", "80  "), checkins=SLOW, history=history)
    assert unrecorded_changes(right.book) == []


def test_a_target_that_is_not_what_was_first_recorded(look):
    first = records(look(10, goals=GOALS, checkins=SLOW).book, (), day(10))
    moved = look(20, goals=GOALS.replace("100 ", "80  "), checkins=SLOW).book
    assert [f.message for f in unrecorded_changes(moved, first)] == [
        "Target of G1 is 80; when first scored on 2026-01-10 it is 100"
    ]
    assert records(moved, first, day(20)) == first


def test_plans_may_change_freely_before_the_first_check_in(look):
    first = records(look(1, goals=GOALS).book, (), day(1))
    moved = look(3, goals=GOALS.replace("100 ", "80  ")).book
    assert [r.plan[1] for r in records(moved, first, day(3))] == ["80"]


def test_a_record_travels_as_a_line_and_an_edited_line_is_none():
    record = PlanRecord("G|1", "2026-01-10", ("0", "100", "2026-01-01", "2026-04-01"))
    assert record_from(record.line()) == record
    assert record_from(record.line().replace("100", "80")) is None
    assert record_from("nothing of ours") is None
