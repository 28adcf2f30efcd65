"""Rows become records with their cells; bad rows are set aside with a finding, good rows count."""

from __future__ import annotations

from datetime import date

from perfsheet.records import read_records
from perfsheet.tables import Area

SETTINGS = """
| Setting | Value |
| Team | North |
| Manager | Ada Lovelace |
| Period | 2026 Q1 |
| Period start | 2026-01-01 |
| Period end | 2026-03-31 |
"""
PEOPLE = "| Person | Email |\n| Ada Lovelace | ada@x.example |\n| Grace Hopper | |"
GOALS = """
| Goal ID | Goal | Owner | Kind | Unit | Baseline | Target | Weight |
| G1 | Grow | Ada Lovelace | Increase | kEUR | 10 | 20 | 50 |
| G2 | Do it all | Grace Hopper; Ada Lovelace | Percent | % | | | 50 |
"""
CHECKINS = """
| Date | Goal ID | Value | Confidence |
| 2026-01-08 | G1 | 12 | 80% |
"""


def book(make_book, **sheets):
    names = {"Settings": SETTINGS, "People": PEOPLE, "Goals": GOALS, "Check-ins": CHECKINS}
    return read_records(make_book({**names, **{k.replace("_", "-"): v for k, v in sheets.items()}}))


def noted(team, but=("missing_form",)):
    return [f"{f.address} {f.code}" for f in team.findings if f.code not in but]


def test_a_whole_workbook(make_book):
    team = book(make_book)
    assert (team.settings.team, team.settings.period_end) == ("North", date(2026, 3, 31))
    assert [(g.goal_id, g.owner, g.target) for g in team.goals] == [
        ("G1", "Ada Lovelace", 20),
        ("G2", "Grace Hopper", None),
    ]
    assert [(c.day, c.value, c.confidence) for c in team.checkins] == [(date(2026, 1, 8), 12, 0.8)]
    assert str(team.goals[1].at("owners")) == "Goals!C3"
    assert noted(team) == []


def test_missing_tabs_are_named(make_book):
    team = read_records(make_book({"Goals": GOALS}))
    assert [f"{f.code} {f.address.sheet}" for f in team.findings] == [
        "missing_tab Settings", "missing_tab People", "missing_tab Check-ins", "missing_form Feedback", "missing_form Actions",
        "missing_form Development", "missing_setting Settings", "missing_setting Settings", "missing_setting Settings",
        "missing_setting Settings", "missing_setting Settings",
    ]  # fmt: skip


def test_a_row_without_a_required_cell_is_set_aside_and_the_others_count(make_book):
    team = book(
        make_book,
        Goals=GOALS + "| G3 | Nobody's | | Count | | | 5 | |\n| G4 | Mine | Ada Lovelace | Count | | | 5 | |\n",
    )
    assert [g.goal_id for g in team.goals] == ["G1", "G2", "G4"]
    assert noted(team) == ["Goals!C4 missing_value"]


def test_a_missing_column_is_one_finding_not_one_for_each_row(make_book):
    team = book(make_book, Check_ins="| Date | Note |\n| 2026-01-08 | fine |\n| 2026-01-15 | fine |")
    assert (team.checkins, noted(team)) == ((), ["'Check-ins'!A1 missing_column"])


def test_blank_rows_between_and_totals_below(make_book):
    goals = GOALS.strip() + "\n\n| G3 | Late | Ada Lovelace | Count | | | 5 | |\n| Total | | | | | | | 100 |"
    team = book(make_book, Goals=goals)
    assert [g.row for g in team.goals] == [2, 3, 5]
    assert noted(team) == ["Goals!A6 totals_row"]


def test_a_goal_called_total_is_not_a_total(make_book):
    team = book(make_book, Goals=GOALS + "| Total | Total cost down | Ada Lovelace | Decrease | | 9 | 5 | |")
    assert [g.goal_id for g in team.goals] == ["G1", "G2", "Total"]


def test_rows_typed_below_the_table_are_read_and_named(make_book, make_sheet):
    sheet = make_sheet("Check-ins", CHECKINS + "| 2026-01-15 | G1 | 13 | |\n", table="tblCheckIns")
    short = type(sheet)(
        "Check-ins",
        cells=sheet.cells,
        list_objects=(
            type(sheet.list_objects[0])("tblCheckIns", Area(1, 1, 2, 4), ("Date", "Goal ID", "Value", "Confidence")),
        ),
    )
    team = book(make_book, Check_ins=short)
    assert [c.value for c in team.checkins] == [12, 13]
    assert noted(team) == ["'Check-ins'!A3 below_table"]


def test_hidden_rows_merged_cells_and_hidden_tabs_are_said(make_book, make_sheet):
    goals = make_sheet(
        "Goals",
        GOALS,
        hidden_rows=frozenset({3}),
        hidden_columns=frozenset({8}),
        merged=(Area(2, 3, 3, 3),),
        state="hidden",
    )
    assert noted(book(make_book, Goals=goals)) == [
        "Goals!A3 hidden_rows", "Goals!H1 hidden_part", "Goals!A1 hidden_part", "Goals!C2 merged_cells",
    ]  # fmt: skip


def test_percent_values_are_decided_for_the_whole_column(make_book):
    rows = "| 2026-01-08 | G2 | 20 | |\n| 2026-01-15 | G2 | 35% | |\n| 2026-01-22 | G2 | 0.5 | |\n"
    team = book(make_book, Check_ins=CHECKINS + rows)
    assert (team.percent_scale, [c.value for c in team.checkins]) == (100, [12, 20, 35, 0.5])
    assert noted(team) == ["'Check-ins'!C3 scale_read", "'Check-ins'!C5 mixed_scale"]


def test_percent_values_as_fractions(make_book):
    team = book(make_book, Check_ins=CHECKINS + "| 2026-01-08 | G2 | 0.2 | |\n| 2026-01-15 | G2 | 35% | |\n")
    assert (team.percent_scale, [c.value for c in team.checkins][1:], noted(team)) == (1, [0.2, 0.35], [])


def test_a_share_typed_for_a_goal_in_points_is_points(make_book):
    goals = GOALS + "| G3 | Share up | Ada Lovelace | Increase | % | 20 | 60 | |"
    team = book(make_book, Goals=goals, Check_ins=CHECKINS + "| 2026-01-08 | G3 | 35% | |")
    assert team.checkins[-1].value == 35


def test_settings_are_policy_and_wrong_ones_are_refused(make_book):
    settings = (
        SETTINGS
        + "| Minimum group size | 7 |\n| At risk below pace | 80% |\n| Progress cap | 9 |\n| Colour | blue |\n| As of | '2026-02-01 |\n"
    )
    team = book(make_book, Settings=settings)
    assert (team.policy.minimum_group, team.policy.at_risk_pace, team.policy.cap) == (7, 0.8, 1.0)
    assert team.settings.as_of == date(2026, 2, 1)
    assert noted(team) == ["Settings!B9 bad_setting", "Settings!A10 unknown_setting"]


def test_weights_in_percent_are_known_by_their_sum(make_book):
    assert book(make_book).weights_in_percent
    assert not book(make_book, Goals=GOALS.replace("| 50 |", "| 2 |")).weights_in_percent


def test_errors_and_uncalculated_formulas_are_never_empty_cells(make_book):
    team = book(make_book, Goals=GOALS.replace("| 10 | 20 |", "| #REF! | =? |"))
    assert (team.goals[0].baseline, team.goals[0].target) == (None, None)
    assert noted(team) == ["Goals!F2 error_value", "Goals!G2 uncalculated_formula"]


def test_oddly_stored_cells_are_told_where_they_are_read_and_nowhere_else(make_book, make_sheet):
    remarks = (("duplicate_cell", "G2 stands in the file twice"), ("day_zero", "AU7 has a date's format but no day"))
    team = book(make_book, Goals=make_sheet("Goals", GOALS, remarks=remarks))
    assert noted(team) == ["Goals!G2 odd_cell"]
