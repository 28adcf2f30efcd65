"""Headers are found wherever they stand, through synonyms, with or without an Excel table."""

from __future__ import annotations

import pytest

from perfsheet.records.locating import locate, others

GOALS = "| Goal ID | Goal | Owner | Kind | Target |\n| G1 | Grow | Ada | Increase | 5 |"


def columns(book, tab="Goals"):
    place = locate(book)[tab]
    return {name: place.columns[name] for name in sorted(place.columns)}


def test_own_headers_in_the_first_row(make_book):
    assert columns(make_book({"Goals": GOALS})) == {"goal": 2, "goal_id": 1, "kind": 4, "owners": 3, "target": 5}


def test_header_row_lower_and_to_the_right(make_book, make_sheet):
    sheet = make_sheet("Goals", "| Our goals for this year |\n\n" + GOALS.replace("| Goal ID", "| | | Goal ID"), left=2)
    place = locate(make_book({"Goals": sheet}))["Goals"]
    assert (place.header_row, place.columns["goal_id"]) == (3, 4)


def test_a_renamed_tab_is_known_by_its_table(make_book, make_sheet):
    book = make_book({"Plans 2026": make_sheet("Plans 2026", GOALS, table="tblGoals", top=4)})
    assert locate(book)["Goals"].sheet.name == "Plans 2026"


def test_a_renamed_tab_without_a_table_is_known_by_its_headers(make_book):
    assert locate(make_book({"Sheet3": GOALS}))["Goals"].sheet.name == "Sheet3"


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("GOAL  id", "goal_id"), ("Goal-ID *", "goal_id"), ("KPI name", "goal"), ("Accountable", "owners"), ("Responsible", "owners"),
        ("Target (EUR)", "target"), ("Goal\nvalue", "target"), ("Deadline", "due"), ("Weight %", "weight"), ("Zielwert", "target"),
    ],
)  # fmt: skip
def test_headers_without_regard_to_case_spacing_punctuation_and_through_synonyms(make_book, make_sheet, header, field):
    sheet = make_sheet("Goals", "| Goal ID | Goal | Owner | Kind | x |\n| G1 | Grow | Ada | Increase | 5 |")
    position = {"goal_id": 1, "goal": 2, "owners": 3}.get(field, 5)
    cells = dict(sheet.cells)
    cells[1, position] = cells[1, 1]._replace(value=header)
    if field == "due":
        cells[2, 5] = cells[2, 5]._replace(type="date")
    assert locate(make_book({"Goals": type(sheet)("Goals", cells=cells)}))["Goals"].columns[field] == position


def test_own_name_goes_before_any_synonym(make_book):
    text = "| Objective | Goal | Goal ID | Owner | Kind |\n| Be better | Grow | G1 | Ada | Increase |"
    assert columns(make_book({"Goals": text})) == {"goal": 2, "goal_id": 3, "kind": 5, "owners": 4}


@pytest.mark.parametrize(("value", "field"), [("2026-01-01", "start"), ("12", None)])
def test_start_is_a_date_only_when_its_values_are(make_book, value, field):
    text = f"| Goal ID | Goal | Owner | Kind | Start |\n| G1 | Grow | Ada | Increase | {value} |"
    assert ("start" in columns(make_book({"Goals": text}))) is (field is not None)


def test_extra_columns_are_left_alone_and_order_is_free(make_book):
    text = "| Colour | Kind | Owner | Goal | Mood | Goal ID |\n| red | Count | Ada | Grow | good | G1 |"
    assert columns(make_book({"Goals": text})) == {"goal": 4, "goal_id": 6, "kind": 2, "owners": 3}


def test_two_forms_on_one_tab(make_book):
    text = GOALS + "\n\n| Date | Goal ID | Value | Note |\n| 2026-01-05 | G1 | 2 | ok |"
    found = locate(make_book({"Everything": text}))
    assert {tab: (p.sheet.name, p.header_row) for tab, p in found.items()} == {
        "Goals": ("Everything", 1),
        "Check-ins": ("Everything", 4),
    }


def test_duplicate_header_is_named_and_the_first_is_read(make_book):
    text = "| Goal ID | Goal | Owner | Kind | Target | Target |\n| G1 | Grow | Ada | Increase | 5 | 6 |"
    assert locate(make_book({"Goals": text}))["Goals"].duplicates == (("Target", 5, 6),)


def test_a_copy_of_the_tab_is_not_read_but_named(make_book, make_sheet):
    book = make_book({"Goals": make_sheet("Goals", GOALS, table="tblGoals"), "Goals (2)": GOALS})
    found = locate(book)
    assert (found["Goals"].sheet.name, [p.sheet.name for p in others(book, found)]) == ("Goals", ["Goals (2)"])


def test_our_own_tabs_are_never_input(make_book, make_sheet):
    summary = make_sheet("Summary", GOALS, mark="Summary")
    assert "Goals" not in locate(make_book({"Summary": summary}))
