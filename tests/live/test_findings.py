"""What `validate` and `score` say when live cells and Python do not agree, and when they say nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from perfsheet import cycle
from perfsheet.agreement import RULES
from perfsheet.demo import demo_teams
from perfsheet.filling import fill
from perfsheet.forms import CHECKINS, GOALS
from perfsheet.records import read_records
from perfsheet.tables import Address, Change
from perfsheet.templates import template_bytes
from perfsheet.workbooks.editing import edit
from perfsheet.workbooks.package import Package

from .conftest import GOALS_PART, ROWS, SETTINGS, Said, calculated, rewritten, typed

F = r"(<c r=\"{cell}\"[^>]*>)<f[^>]*>[^<]*</f>"
"""The formula of one cell, after what stands before it."""


def formula(cell: str) -> str:
    return F.format(cell=cell)


# ------------------------------------------------------------------------- nothing to say


def test_a_workbook_as_a_program_saved_it_is_in_order(workbook: bytes, said: Said) -> None:
    assert said(workbook) == []


def test_formulas_that_nobody_calculated_are_no_finding(said: Said) -> None:
    assert said(fill(template_bytes("team"), ROWS, SETTINGS)) == []


def test_the_empty_template_is_in_order(said: Said) -> None:
    assert said(template_bytes("team")) == []


def test_demo_workbooks_are_in_order(said: Said) -> None:
    for team in demo_teams(3):
        assert said(fill(template_bytes("team"), team.rows, team.settings)) == []


def test_a_tracker_with_live_columns_of_its_own_is_left_alone(make_book: Any, make_sheet: Any) -> None:
    """Even if some of its columns are called as our steps are."""
    goals = """
        | Goal ID | Goal | Owner | Kind | Baseline | Target | Progress | Status | Days | Pace |
        | G1 | Sell more | Ada | Increase | 20 | 40 | 0.9 | fine | 90 | 1 |
        | G2 | Sell less | Ada | Decrease | 40 | 20 | =? | =? | | |"""
    book = read_records(make_book({"Goals": make_sheet("Goals", goals, table="tblGoals")}))
    assert [g.goal_id for g in book.goals] == ["G1", "G2"]
    assert [f for f in cycle.validate(book, date(2026, 2, 14)) if f.code.startswith("live_")] == []


# -------------------------------------------------------------------------- typed over, edited, missing


def test_a_number_typed_over_progress(workbook: bytes, said: Said) -> None:
    assert said(typed(workbook, S5=0.8)) == [
        "live_cell_overwritten Goals!S5 Progress of G1 was typed over and shows 0.8; perfsheet says 0.5"
    ]


def test_a_word_typed_over_status_of_a_row_without_a_goal(workbook: bytes, said: Said) -> None:
    assert said(typed(workbook, U20="fine")) == ["live_cell_overwritten Goals!U20 Status was typed over and shows fine"]


def test_folded_steps_are_told_by_row(workbook: bytes, said: Said) -> None:
    assert said(typed(workbook, W5=46000, AB5=7, W6=46000)) == [
        "live_cell_overwritten Goals!W5 Folded steps of G1 were typed over: First day, Cadence days",
        "live_cell_overwritten Goals!W6 Folded steps of G2 were typed over: First day",
    ]


def test_an_edited_formula(workbook: bytes, said: Said) -> None:
    edited = rewritten(workbook, formula("S6"), r"\1<f>tblGoals[[#This Row],[Current]]/100</f>")
    assert said(edited) == [
        "live_formula_edited Goals!S6 Progress of G2 has another formula than the template's and shows 0.375; perfsheet says 0.375"
    ]


def test_one_number_changed_in_a_folded_step(workbook: bytes, said: Said) -> None:
    assert said(rewritten(workbook, r"(<c r=\"AB5\".*?&lt;=)100", r"\g<1>90")) == [
        "live_formula_edited Goals!AB5 Folded steps of G1 have another formula than the template's: Cadence days"
    ]


def test_a_column_with_another_formula_throughout_is_one_finding(workbook: bytes, said: Said) -> None:
    edited = rewritten(workbook, r"MIN\(pol_cap,", "MIN(2,")
    edited = rewritten(edited, r"MIN\(pol_cap,", "MIN(2,", "xl/tables/table1.xml")
    assert said(edited) == [
        "live_formula_edited Goals!S5 Progress has another formula than the template's, from row 5 to 34"
    ]


def test_new_rows_that_would_get_another_formula(workbook: bytes, said: Said) -> None:
    edited = rewritten(workbook, r"MIN\(pol_cap,", "MIN(2,", "xl/tables/table1.xml")
    assert said(edited) == ["live_formula_edited Goals!S4 New rows would get another formula in Progress"]


def test_a_goal_pasted_below_the_table_has_no_formulas(workbook: bytes, said: Said) -> None:
    pasted = typed(workbook, A35="G9", B35="Late", C35="Ada", F35="Count", I35=5)
    assert said(pasted) == [
        "live_formula_missing Goals!R35 Row 35 of G9 has no live formula in Current, Progress, Expected, Status and 37 more"
    ]


def test_an_emptied_cell_is_missing(workbook: bytes, said: Said) -> None:
    assert said(typed(workbook, T6=None)) == [
        "live_formula_missing Goals!T6 Row 6 of G2 has no live formula in Expected"
    ]


def test_a_number_in_force_typed_over(workbook: bytes, said: Said) -> None:
    typed_over = edit(Package.from_bytes(workbook), [Change(Address("Settings", 20, 4), 2)], forget=False)
    assert said(typed_over) == [
        "live_cell_overwritten Settings!D20 In force of Progress cap was typed over and says 2; live cells go by it"
    ]


# ------------------------------------------------------------------------- the same formula, written otherwise

REWRITTEN = {
    "as typed in a newer Excel": ('IF(OR([@[Live key]]="",[@[Rolled up]]=1,tblGoals[@[Raw progress]]=""),"",MIN(pol_cap,MAX(0,[@[Raw progress]])))'),
    "cells by their letters": 'IF(OR($V5="",Goals!$BE5=1,AT5=""),"",MIN(pol_cap,MAX(0,\'Goals\'!$AT$5)))',
    "with spaces and in small letters": 'if( or( tblGoals[[#This Row],[live key]]="", tblGoals[[#This Row],[Rolled up]]=1.0 ,tblGoals[[#This Row],[Raw progress]]="" ),"",min( POL_CAP,max(0,tblGoals[[#This Row],[Raw progress]])))',
    "with prefixes": 'IF(OR(tblGoals[[#This Row],[Live key]]="",tblGoals[[#This Row],[Rolled up]]=1,tblGoals[[#This Row],[Raw progress]]=""),"",_xlfn.MIN(pol_cap,MAX(0,tblGoals[[#This Row],[Raw progress]])))',
}  # fmt: skip


@pytest.mark.parametrize("text", REWRITTEN.values(), ids=REWRITTEN)
def test_the_same_formula_in_another_writing(workbook: bytes, said: Said, text: str) -> None:
    assert said(rewritten(workbook, formula("S5"), rf"\1<f>{text}</f>")) == []


def test_shared_formulas_are_read_as_they_stand_in_their_cell(workbook: bytes, said: Said) -> None:
    master = '<f t="shared" ref="S5:S7" si="0">IF(OR(V5="",BE5=1,AT5=""),"",MIN(pol_cap,MAX(0,AT5)))</f>'
    shared = rewritten(workbook, formula("S5"), rf"\1{master}")
    for cell in ("S6", "S7"):
        shared = rewritten(shared, formula(cell), r'\1<f t="shared" si="0"/>')
    assert said(shared) == []


def test_a_cell_of_another_row_is_not_the_same(workbook: bytes, said: Said) -> None:
    text = 'IF(OR($V5="",$BE5=1,$AT6=""),"",MIN(pol_cap,MAX(0,$AT5)))'
    assert [line[:30] for line in said(rewritten(workbook, formula("S5"), rf"\1<f>{text}</f>"))] == [
        "live_formula_edited Goals!S5 P"
    ]


def test_renamed_tables_and_headers_are_followed(workbook: bytes, said: Said) -> None:
    """As Excel does it: the name changes in the table and in every formula."""
    goals, check_ins = "xl/tables/table1.xml", "xl/tables/table2.xml"
    data = rewritten(workbook, "tblCheckIns", "tblLog", check_ins)
    for part in (GOALS_PART, goals):
        data = rewritten(rewritten(data, "tblCheckIns", "tblLog", part), r"\[Baseline\]", "[Base]", part)
    data = rewritten(rewritten(data, 'name="Baseline"', 'name="Base"', goals), ">Baseline<", ">Base<")
    assert said(data) == []


# ------------------------------------------------------------------------------------- old results


def remember(data: bytes, **cells: Any) -> bytes:
    changes = [Change(Address("Goals", 5, {"R": 18, "S": 19, "T": 20, "U": 21}[c]), v, True) for c, v in cells.items()]
    return edit(Package.from_bytes(data), changes)


def test_an_old_result(workbook: bytes, said: Said) -> None:
    assert said(remember(workbook, S=0.25)) == [
        "live_value_stale Goals!S5 Progress of G1 shows 0.25, perfsheet says 0.5"
    ]


def test_another_word_in_status(workbook: bytes, said: Said) -> None:
    assert said(remember(workbook, U="✖ Off track")) == [
        "live_value_stale Goals!U5 Status of G1 shows ✖ Off track, perfsheet says ✔ On track"
    ]


def test_an_error_in_a_live_cell(workbook: bytes, said: Said) -> None:
    assert said(remember(workbook, S="#REF!")) == [
        "live_value_stale Goals!S5 Progress of G1 shows #REF!, perfsheet says 0.5"
    ]


def test_the_last_digit_does_not_matter(workbook: bytes, said: Said) -> None:
    assert said(remember(workbook, S=0.5000000001)) == []


def test_check_ins_added_by_a_script(workbook: bytes, said: Said) -> None:
    changes = [Change(Address("Check-ins", 8, c), v) for c, v in enumerate((date(2026, 2, 12), "G1", 36), 1)]
    assert said(edit(Package.from_bytes(workbook), changes, forget=False)) == [
        "live_value_stale Goals!R5 Current of G1 shows 30, perfsheet says 36",
        "live_value_stale Goals!S5 Progress of G1 shows 0.5, perfsheet says 0.8",
    ]


# ---------------------------------------------------------------------------------- another day


def test_results_of_another_day_are_one_line(workbook: bytes, said: Said) -> None:
    assert said(workbook, date(2026, 3, 20)) == [
        "live_other_day Settings!D11 The live cells are as of 2026-02-14, this run as of 2026-03-20: 3 goals differ for that reason"
    ]


def test_an_old_result_shows_among_those_of_another_day(workbook: bytes, said: Said) -> None:
    assert said(remember(workbook, S=0.25), date(2026, 3, 20)) == [
        "live_value_stale Goals!S5 Progress of G1 shows 0.25, perfsheet says 0.5",
        "live_other_day Settings!D11 The live cells are as of 2026-02-14, this run as of 2026-03-20: 2 goals differ for that reason",
    ]


def test_a_day_that_changes_nothing_is_no_finding(said: Said) -> None:
    goal = {"goal_id": "G1", "goal": "Ship", "owners": ("Ada",), "kind": "Yes/No"}
    assert said(calculated({GOALS: [goal]}), date(2026, 2, 20)) == []


# ---------------------------------------------------------------------- explained differences


def remembered_at(rows: Any, shown: dict[str, Any], settings: Any = SETTINGS) -> bytes:
    return remember(calculated(rows, settings), **shown)


def test_a_date_typed_as_text_is_the_reason(said: Said) -> None:
    rows = ROWS | {CHECKINS: [{"day": "2026-02-10", "goal_id": "G1", "value": 30}]}
    assert said(remembered_at(rows, {"R": "", "S": "", "U": "○ No data"}))[:1] == [
        "live_reads_differently Goals!R5 Current of G1 shows nothing, perfsheet says 30: "
        "perfsheet reads 'Check-ins'!A5 as 2026-02-10, a formula does not"
    ]


def test_a_row_below_the_table_is_the_reason(workbook: bytes, said: Said) -> None:
    changes = [Change(Address("Check-ins", 205, c), v) for c, v in enumerate((date(2026, 2, 12), "G1", 36), 1)]
    lines = said(edit(Package.from_bytes(workbook), changes, forget=False))
    assert lines == [
        f"live_reads_differently Goals!{cell} {what}: row 205 of Check-ins stands below the table, where formulas do not look"
        for cell, what in (
            ("R5", "Current of G1 shows 30, perfsheet says 36"),
            ("S5", "Progress of G1 shows 0.5, perfsheet says 0.8"),
        )
    ]


def test_a_policy_file_is_the_reason(workbook: bytes, tmp_path: Any) -> None:
    (tmp_path / "policy.toml").write_text("at_risk_pace = 0.99\nat_risk_gap = 0.01\n")
    data = remember(workbook, S=0.5, U="✔ On track")
    data = edit(Package.from_bytes(data), [Change(Address("Check-ins", 5, 3), 29)], forget=False)
    (tmp_path / "team.xlsx").write_bytes(data)
    found = cycle.validate(cycle.read(tmp_path / "team.xlsx", policy=tmp_path / "policy.toml"))
    assert {f.message.partition(": ")[2] for f in found if f.code == "live_reads_differently"} == {
        "Settings!D25 says 0.9, this run uses 0.99"
    }


# ------------------------------------------------------------------------------------- the rules


def test_every_rule_has_a_case_here() -> None:
    cases = Path(__file__).read_text(encoding="utf-8")
    assert [rule.code for rule in RULES if f'"{rule.code} ' not in cases] == []
