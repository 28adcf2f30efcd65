"""The traps of cells, one by one: what is read, and what is said about it."""

from __future__ import annotations

import string
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfsheet.forms import CHECKINS, DEVELOPMENT, FORMS, GOALS, Place
from perfsheet.records.parsing import (
    READERS,
    Reading,
    clean,
    date_in,
    decimal_sign,
    read_flags,
    read_numbers,
    read_people,
    visible,
)  # fmt: skip
from perfsheet.tables import Cell, Strip

from ..conftest import parse_cell


def read(form, name, *texts):
    """The values of a column, and the codes of what was noted."""
    column = form.column(name)
    reading = Reading(column, Place("T", {name: 1}), 1, [])
    strip = Strip.of((row, parse_cell(text)) for row, text in enumerate(texts, start=1))
    values = list(READERS[column.kind](reading, strip))
    return values, [f"{f.address.cell} {f.code}" for f in reading.findings]


@pytest.mark.parametrize(
    ("texts", "values", "codes"),
    [
        (["12", "", "0"], [12, None, 0], []),
        (["'42"], [42], ["A1 number_as_text"]),
        (["'1,234.5", "'2,000"], [1234.5, 2000], ["A1 number_as_text", "A2 number_as_text"]),
        (["'1.234,5", "'2.000"], [1234.5, 2000], ["A1 number_as_text", "A2 number_as_text"]),
        (["'12,5", "'3"], [12.5, 3], ["A1 number_as_text", "A2 number_as_text"]),
        (["'1,234"], [None], ["A1 ambiguous_number"]),
        (["'1,5", "'2.5"], [None, None], ["A1 ambiguous_number", "A2 ambiguous_number"]),
        (["'1,23.4"], [None], ["A1 ambiguous_number"]),
        (["' 1\u00a0234 "], [1234], ["A1 number_as_text"]),
        (["'80%"], [0.8], ["A1 number_as_text"]),
        (["80%"], [0.8], []),
        (["about 40"], [None], ["A1 not_a_number"]),
        (["72 hours"], [None], ["A1 not_a_number"]),
        (["2026-03-04"], [None], ["A1 not_a_number"]),
        (["TRUE"], [None], ["A1 not_a_number"]),
        (["n/a", "tbd", "-", "?"], [None] * 4, [f"A{i} placeholder" for i in (1, 2, 3, 4)]),
        (["#N/A"], [None], ["A1 error_value"]),
        (["=?"], [None], ["A1 uncalculated_formula"]),
        (["'   "], [None], []),
    ],
)
def test_numbers(texts, values, codes):
    assert read(GOALS, "target", *texts) == (values, codes)


def test_weights_are_never_negative():
    assert read(GOALS, "weight", "-20", "0") == ([None, 0], ["A1 out_of_limits"])


@pytest.mark.parametrize(
    ("texts", "values", "codes"),
    [
        (["0.8", "1", ""], [0.8, 1, None], []),
        (["80%", "75%"], [0.8, 0.75], []),
        (["8", "7.5"], [0.8, 0.75], ["A1 scale_read"]),
        (["80", "75"], [0.8, 0.75], ["A1 scale_read"]),
        (["80", "0.7"], [0.8, 0.007], ["A1 scale_read", "A2 mixed_scale"]),
        (["80", "70%"], [0.8, 0.7], ["A1 scale_read"]),
        (["'80%", "0.7"], [0.8, 0.7], ["A1 number_as_text"]),
        (["120"], [None], ["A1 scale_read", "A1 out_of_limits"]),
        (["120%"], [None], ["A1 out_of_limits"]),
    ],
)
def test_confidence_is_decided_for_the_whole_column(texts, values, codes):
    found, noted = read(CHECKINS, "confidence", *texts)
    assert (found, noted) == ([v if v is None else pytest.approx(v) for v in values], codes)


@pytest.mark.parametrize(
    ("texts", "values", "codes"),
    [
        (["2026-03-04", ""], [date(2026, 3, 4), None], []),
        (["'2026-03-04"], [date(2026, 3, 4)], ["A1 date_as_text"]),
        (["4.3.2026"], [date(2026, 3, 4)], ["A1 date_as_text"]),
        (["4 March 2026"], [date(2026, 3, 4)], ["A1 date_as_text"]),
        (["March 4, 2026"], [date(2026, 3, 4)], ["A1 date_as_text"]),
        (["4. März 2026"], [date(2026, 3, 4)], ["A1 date_as_text"]),
        (["3/4/2026"], [None], ["A1 ambiguous_date"]),
        (["3/4/2026", "25/4/2026"], [date(2026, 4, 3), date(2026, 4, 25)], ["A1 date_as_text", "A2 date_as_text"]),
        (["3/4/2026", "4/25/2026"], [date(2026, 3, 4), date(2026, 4, 25)], ["A1 date_as_text", "A2 date_as_text"]),
        (["13/4/2026", "4/13/2026"], [None, None], ["A1 ambiguous_date", "A2 ambiguous_date"]),
        (["4/4/2026"], [date(2026, 4, 4)], ["A1 date_as_text"]),
        (["46096"], [date(2026, 3, 15)], ["A1 date_as_number"]),
        (["12"], [None], ["A1 not_a_date"]),
        (["31.2.2026"], [None], ["A1 not_a_date"]),
        (["mid March"], [None], ["A1 not_a_date"]),
        (["tbd"], [None], ["A1 placeholder"]),
        (["#REF!"], [None], ["A1 error_value"]),
    ],
)
def test_dates(texts, values, codes):
    assert read(GOALS, "due", *texts) == (values, codes)


def test_choices_are_spelled_as_ours_and_near_misses_get_a_hint():
    values, codes = read(GOALS, "kind", "increase", "YES / NO", "Incrase", "Growth")
    assert (values, codes) == (["Increase", "Yes/No", None, None], ["A3 unknown_choice", "A4 unknown_choice"])


@pytest.mark.parametrize(
    ("text", "value"),
    [("Yes", True), ("x", True), ("TRUE", True), ("1", True), ("nein", False), ("FALSE", False), ("", None)],
)
def test_flags(text, value):
    reading = Reading(GOALS.column("due_fixed"), Place("T", {}), 1, [])
    assert read_flags(reading, Strip.of([(1, parse_cell(text))])) == [value]


def test_levels_are_whole_and_within_limits():
    assert read(DEVELOPMENT, "attainment", "-2", "1.5", "3") == (
        [-2, None, None],
        ["A3 out_of_limits", "A2 out_of_limits"],
    )


def test_a_ticked_goal_may_be_checked_in_with_words():
    reading = Reading(CHECKINS.column("value"), Place("T", {}), 1, [])
    cells = [(1, Cell("text", "Yes")), (2, Cell("bool", True)), (3, Cell("text", "nein"))]
    assert read_numbers(reading, Strip.of(cells), {"yes": 1, "nein": 0}) == [1, 1, 0]


KNOWN = frozenset({"ada lovelace", "grace hopper", "linus pauling"})


@pytest.mark.parametrize(
    ("cells", "names"),
    [
        (["Ada Lovelace"], [("Ada Lovelace",)]),
        (["Ada Lovelace; Grace Hopper"], [("Ada Lovelace", "Grace Hopper")]),
        (["Ada Lovelace / Grace Hopper"], [("Ada Lovelace", "Grace Hopper")]),
        (["Ada Lovelace and Grace Hopper"], [("Ada Lovelace", "Grace Hopper")]),
        (["Ada Lovelace, Grace Hopper"], [("Ada Lovelace", "Grace Hopper")]),
        (["Lovelace, Ada", "Hopper, Grace"], [("Ada Lovelace",), ("Grace Hopper",)]),
        (["Ada Lovelace; ada  lovelace"], [("Ada Lovelace",)]),
        ([""], [()]),
    ],
)
def test_the_first_owner_is_accountable_the_others_contribute(cells, names):
    reading = Reading(GOALS.column("owners"), Place("T", {}), 1, [])
    assert read_people(reading, Strip.of((i, parse_cell(c)) for i, c in enumerate(cells)), KNOWN) == names


def test_ids_are_text_whatever_the_cell_holds():
    assert read(GOALS, "goal_id", "7", "'007", " G1\u00a0")[0] == ["7", "007", "G1"]


@given(st.text(alphabet=" \t\xa0\u200bab", max_size=12))
def test_cleaning_takes_blanks_from_the_ends_only(text):
    cleaned = clean(text)
    assert cleaned in text
    assert clean(cleaned) == cleaned


@given(st.floats(-1e9, 1e9).map(lambda x: round(x, 2)), st.sampled_from([",.", ".,"]))
def test_written_numbers_come_back_under_either_decimal_sign(number, signs):
    group, decimal = signs
    text = f"{number:,.2f}".translate(str.maketrans({",": group, ".": decimal}))
    column = GOALS.column("target")
    reading = Reading(column, Place("T", {}), 1, [])
    assert read_numbers(reading, Strip.of([(1, Cell("text", text))])) == [number]


@given(st.dates(date(1950, 1, 1), date(2100, 1, 1)))
def test_iso_and_dotted_dates_come_back(day):
    assert date_in(day.isoformat()) == date_in(f"{day.day}.{day.month}.{day.year}") == day


@given(st.text(alphabet=string.printable, max_size=20))
def test_no_text_breaks_the_readers(text):
    for form, name in (
        (GOALS, "target"),
        (GOALS, "due"),
        (GOALS, "kind"),
        (CHECKINS, "confidence"),
        (GOALS, "due_fixed"),
    ):
        column = form.column(name)
        READERS[column.kind](Reading(column, Place("T", {}), 1, []), Strip.of([(1, Cell("text", text))]))


def test_decimal_sign_says_nothing_when_nothing_decides():
    assert decimal_sign(["1,234"]) is None


_SOME = {
    "number": st.integers(-3, 120) | st.floats(-2, 150),
    "text": st.sampled_from(["", "  ", "Ada", " ada\xa0", "42", "1,5", "n/a", "yes", "Increase", "3/4/2026", "A; B"]),
    "date": st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),
    "bool": st.booleans(),
    "error": st.just("#N/A"),
}


@st.composite
def strips_of_one_kind(draw: st.DrawFn) -> Strip:
    kind = draw(st.sampled_from(list(_SOME)))
    look = draw(st.sampled_from(["General", "0%"]))
    values = draw(st.lists(st.none() | _SOME[kind], min_size=1, max_size=8))
    return Strip.of((row, None if v is None else Cell(kind, v, False, look)) for row, v in enumerate(values, 1))


@given(strips_of_one_kind(), st.sampled_from([(f, c.name) for f in FORMS for c in f.columns if not c.live]))
def test_a_column_of_one_kind_reads_the_same_cell_by_cell(strip, at):
    column = at[0].column(at[1])
    careful = Strip(strip.rows, strip.kinds, strip.values, None)  # its kind is not known: every cell is looked at
    answers = []
    for one in (strip, careful):
        reading = Reading(column, Place("T", {column.name: 1}), 1, [])
        read_column = READERS.get(column.kind) or (lambda r, s: read_people(r, s, KNOWN))
        values = list(read_column(reading, one))
        seen = [entry is None for entry in visible(one)]
        answers.append((list(map(repr, values)), reading.findings, reading.shares, seen))
    assert answers[0] == answers[1]
