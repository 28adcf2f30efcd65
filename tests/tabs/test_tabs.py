"""Summary, Adjustments and Checks of a small team, as a person would read them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace as Tabs

import pytest

from perfsheet.forms import ADJUSTMENTS
from perfsheet.forms.decisions import DECISIONS
from perfsheet.review import Review
from perfsheet.scoring import Status
from perfsheet.tables import Put, Tab
from perfsheet.tabs import OUR_TABS, tabs_of
from perfsheet.tabs.statuses import STATUS_WORDS

from .conftest import drawn


@pytest.fixture
def tabs(review: Review) -> Tabs:
    """The tabs by name: tabs.summary, tabs.adjustments, tabs.checks."""
    return Tabs(**{tab.name.lower(): tab for tab in tabs_of(review)})


def put(tab: Tab, text: object, *, after: int = 0) -> Put:
    """The first cell below row `after` that shows `text`."""
    return next(p for p in sorted(tab.cells, key=lambda p: (p.row, p.column)) if p.value == text and p.row > after)


def row_of(tab: Tab, row: int) -> dict[int, Put]:
    return {p.column: p for p in tab.cells if p.row == row}


def column(tab: Tab, header: str) -> list[object]:
    """What stands below a header of the tab's table."""
    frame = tab.frames[0]
    number = frame.area.left + frame.headers.index(header)
    rows = range(frame.area.top + 1, frame.area.bottom + 1)
    return [next((p.value for p in tab.cells if (p.row, p.column) == (r, number)), None) for r in rows]


@pytest.mark.parametrize("name", ["summary", "adjustments", "checks"])
def test_the_tabs_read_as_written_down(tabs: Tabs, as_expected: Callable[[str, str], None], name: str) -> None:
    as_expected(name, drawn(getattr(tabs, name)))


def test_a_team_on_its_first_day(empty_review: Review, as_expected: Callable[[str, str], None]) -> None:
    as_expected("first_day", "\n".join(drawn(tab) for tab in tabs_of(empty_review)))


def test_names_and_marks_are_fixed(review: Review) -> None:
    assert [(t.name, t.mark) for t in tabs_of(review)] == [(name, name) for name in OUR_TABS]


@pytest.mark.parametrize("which", ["review", "empty_review"])
def test_no_cell_is_put_twice(which: str, request: pytest.FixtureRequest) -> None:
    for tab in tabs_of(request.getfixturevalue(which)):
        places = [(p.row, p.column) for p in tab.cells]
        assert sorted(p for p in places if places.count(p) > 1) == [], tab.name


@pytest.mark.parametrize("which", ["review", "empty_review"])
def test_every_link_leads_to_a_row_with_something_in_it(which: str, request: pytest.FixtureRequest) -> None:
    review = request.getfixturevalue(which)
    made = tabs_of(review)
    rows = {(t.name, p.row) for t in made for p in t.cells}
    rows |= {(s.name, row) for s in review.book.book.sheets for row, _ in s.cells}
    links = [p.link for t in made for p in t.cells if p.link]
    assert links
    assert [str(link) for link in links if (link.sheet, link.row) not in rows] == []


# ------------------------------------------------------------------------------------- Summary


def test_goals_stand_in_the_order_of_what_needs_attention(tabs: Tabs) -> None:
    first = put(tabs.summary, "Last check-in").row + 1
    shown = [(row_of(tabs.summary, r)[1].value, row_of(tabs.summary, r)[9].value) for r in range(first, first + 4)]
    assert shown == [("G4", "⚑ Overdue"), ("G1", "✖ Off track"), ("G3", "○ No data"), ("G2", "✔ On track")]


def test_a_status_is_a_symbol_and_a_word_in_a_style_of_its_own(tabs: Tabs) -> None:
    first = put(tabs.summary, "Goals by status").row + 1
    legend = [row_of(tabs.summary, r)[10] for r in range(first, first + len(Status))]
    assert [p.value for p in legend] == [STATUS_WORDS[s] for s in Status]
    assert len({p.style for p in legend}) == len(Status)


def test_team_totals_are_formulas_that_remember_the_scores(tabs: Tabs, review: Review) -> None:
    total = row_of(tabs.summary, put(tabs.summary, "Team: weighted by the goals that count").row)
    team = review.scores.team
    assert (total[5].value, total[6].value) == (team.progress, team.expected)
    assert [bool(total[c].formula) for c in (4, 5, 6)] == [True] * 3


def test_what_is_not_known_is_left_empty_and_never_zero(tabs: Tabs) -> None:
    no_data = row_of(tabs.summary, put(tabs.summary, "G3", after=20).row)
    assert [no_data[c].value for c in (5, 7, 8, 10, 12)] == [None] * 5
    assert no_data[7].formula is None


def test_a_thin_record_gets_a_word_and_no_chance(tabs: Tabs) -> None:
    chances = {
        goal: row_of(tabs.summary, put(tabs.summary, goal, after=20).row)[12].value for goal in ("G1", "G2", "G3")
    }
    assert chances == {"G1": 0.05, "G2": "open", "G3": None}


def test_people_stand_by_name_without_rank_or_colour(tabs: Tabs) -> None:
    top = put(tabs.summary, "People, by name").row
    people = [row_of(tabs.summary, r) for r in range(top + 3, top + 7)]
    assert [p[2].value for p in people] == ["Ada Lovelace", "Bo Diddley", "Bob Diddley", "Mona May"]
    assert {cell.style for p in people for cell in p.values()} <= {
        "text", "link", "count", "percent", "points", "indented", "wrapped",
    }  # fmt: skip


def test_an_index_stands_beside_its_band_and_counts_or_not_at_all(tabs: Tabs) -> None:
    top = put(tabs.summary, "People, by name").row
    ada, mona = (row_of(tabs.summary, put(tabs.summary, name, after=top).row) for name in ("Ada Lovelace", "Mona May"))
    assert ada[9].value is not None
    assert " to " in str(ada[10].value)
    assert "commitments 0 of 1" in str(ada[13].value)
    assert (mona[9].value, mona[10].value) == (None, "not enough record")


def test_by_policy_the_counts_stand_alone(review: Review) -> None:
    book = dataclasses.replace(review.book, policy=dataclasses.replace(review.book.policy, show_index=False))
    page = tabs_of(dataclasses.replace(review, book=book))[0]
    ada = row_of(page, put(page, "Ada Lovelace", after=put(page, "People, by name").row).row)
    assert (ada[9].value, ada[10].value) == (None, None)
    assert "commitments 0 of 1" in str(ada[13].value)
    assert not any("average occasions" in str(p.value) for p in page.cells)


def test_a_team_that_fills_a_page_is_printed_on_one_and_a_large_one_on_more(review: Review) -> None:
    many = tuple(
        dataclasses.replace(review.scores.goals[0], goal_id=f"G{n}", address=review.scores.goals[0].address._replace(row=n))
        for n in range(2, 60)
    )  # fmt: skip
    large = dataclasses.replace(review, scores=dataclasses.replace(review.scores, goals=many))
    assert [tabs_of(r)[0].one_page for r in (review, large)] == [True, False]


def test_only_the_explanations_are_left_out_of_the_print(tabs: Tabs) -> None:
    assert put(tabs.summary, "How these numbers came about").row == tabs.summary.print_rows + 2


# --------------------------------------------------------------------------------- Adjustments


def test_adjustments_have_the_columns_of_the_contract_in_their_order(tabs: Tabs) -> None:
    frame = tabs.adjustments.frames[0]
    assert frame.name == "tblAdjustments"
    assert frame.headers[:18] == (
        "Proposal ID", "Goal ID", "Goal", "Owner", "Rule", "Proposal", "Field", "Now", "Proposed", "Why", "Chance before",
        "Chance after", "Decision", "Decided value", "Decided by", "Decided on", "Reason", "State",
    )  # fmt: skip
    assert frame.headers == tuple(c.header for c in ADJUSTMENTS.columns)


def test_what_asks_for_a_decision_stands_before_what_may_stay_as_it_is(tabs: Tabs) -> None:
    assert column(tabs.adjustments, "Rule") == ["add_support", "hold", "hold", "hold"]


def test_each_decision_column_says_what_to_enter(tabs: Tabs) -> None:
    headers = tabs.adjustments.frames[0].headers
    said = {headers[d.area.left - 1]: (d.choices, bool(d.message)) for d in tabs.adjustments.dropdowns}
    assert said == {
        "Decision": (DECISIONS, True),
        "Decided value": ((), True),
        "Decided by": ((), True),
        "Decided on": ((), True),
        "Reason": ((), True),
    }


def test_a_decision_that_stands_is_written_again(review: Review) -> None:
    asked = next(p for p in review.proposals if p.rule == "add_support")
    answer = {"decision": "Reject", "decided_by": "Mona May", "decided_on": date(2026, 3, 1), "reason": "She has help"}
    decided = dataclasses.replace(asked, **answer)
    again = dataclasses.replace(review, proposals=tuple(decided if p is asked else p for p in review.proposals))
    summary, adjustments, _ = tabs_of(again)
    row = row_of(adjustments, put(adjustments, asked.id).row)
    positions = {c.name: i for i, c in enumerate(ADJUSTMENTS.columns, start=1)}
    assert {name: row[positions[name]].value for name in answer} == answer
    assert put(adjustments, "Nothing waits for a decision, as of 2026-02-28").row == 2
    assert put(summary, 0, after=4).link.sheet == "Adjustments"


# -------------------------------------------------------------------------------------- Checks


def test_findings_stand_errors_first_with_counts_above(tabs: Tabs) -> None:
    assert column(tabs.checks, "Severity") == ["error", "warning", "info", "info", "info"]
    assert [row_of(tabs.checks, r)[2].value for r in (4, 5, 6)] == [1, 1, 3]
    assert row_of(tabs.checks, 3)[1].value == "CHECK"


def test_without_findings_there_is_a_friendly_line(review: Review) -> None:
    summary, adjustments, checks = tabs_of(dataclasses.replace(review, findings=()))
    assert put(checks, "Nothing: every entry was read as it stands.").row == 8
    assert [next(p.value for p in t.cells if p.row == 1 and p.value in ("OK", "CHECK")) for t in (summary, adjustments)] == ["OK", "OK"]  # fmt: skip


def test_a_missing_tab_is_named_without_a_link_to_nowhere(empty_review: Review) -> None:
    where = put(tabs_of(empty_review)[2], "Actions!A1")
    assert (where.link, where.style) == (None, "text")
