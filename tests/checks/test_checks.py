"""Every check: the row that triggers it, and the near miss that does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import pytest

from perfsheet.checks import RULES, check
from perfsheet.findings import Severity
from perfsheet.records import read_records
from perfsheet.records.teambook import TeamBook
from perfsheet.tables import Book

AS_OF = date(2026, 2, 14)

BASE = {
    "Settings": """
        | Setting | Value |
        | Team | North |
        | Manager | Ada Lovelace |
        | Period | 2026 Q1 |
        | Period start | 2026-01-01 |
        | Period end | 2026-03-31 |""",
    "People": """
        | Person | Email | Manager | Start | End |
        | Ada Lovelace | ada@x.example | | | |
        | Grace Hopper | grace@x.example | Ada Lovelace | | |""",
    "Goals": """
        | Goal ID | Goal | Owner | Parent goal | Measure | Kind | Baseline | Target | Lower | Upper | Weight | Start date | Due date | State |
        | G1 | Sell more | Ada Lovelace | | Orders | Increase | 20 | 40 | | | | | | |
        | G2 | Win clients | Grace Hopper | | Contracts | Count | 0 | 12 | | | | | | |""",
    "Check-ins": """
        | Date | Goal ID | Value | Confidence | Note | By | Entered on |
        | 2026-01-08 | G1 | 22 | | | | |
        | 2026-01-08 | G2 | 2 | | | | |""",
    "Plan": "| Goal ID | Date | Planned value |",
    "Milestones": "| Goal ID | Milestone | Weight | Due date | Done on |",
    "Feedback": """
        | Date | From | To | Kind | Goal ID | Feedback | Follow-up | Follow-up due | Follow-up done | Visible to |
        | 2026-01-20 | Ada Lovelace | Grace Hopper | Praise | | Clear summary | | | | |""",
    "Actions": """
        | Action ID | Action | Goal ID | Owner | Raised by | Agreed on | Due date | Done on |
        | A1 | Call the client | G2 | Grace Hopper | Ada Lovelace | 2026-01-10 | 2026-01-20 | 2026-01-19 |""",
    "Development": """
        | Person | Kind | Skill | Plan | Attainment |
        | Grace Hopper | Strength | Clarity | | |""",
    "Absences": "| Person | From | To |",
    "Adjustments": "| Proposal ID | Goal ID | Rule | Decision | Decided value | Decided by | Decided on | State |",
}  # fmt: skip
"""A workbook in which all is well. Cases add rows to its tabs, so that the first added goal is row 4."""


@dataclass(frozen=True)
class Case:
    """Rows that trigger a rule at a cell, and rows of the near miss that do not.

    Rows are added to their tab; a row of Settings takes the place of the one with its name.
    """

    rule: str
    cell: str
    rows: dict[str, str] = field(default_factory=dict)
    but_not: dict[str, str] = field(default_factory=dict)
    as_of: date = AS_OF


def goal(text: str) -> dict[str, str]:
    return {"Goals": text}


def check_in(*rows: str) -> dict[str, str]:
    return {"Check-ins": "\n".join(rows)}


#         | Goal ID | Goal | Owner | Parent | Measure | Kind | Baseline | Target | Lower | Upper | Weight | Start | Due | State |
CASES = (
    Case("unknown_owner", "Goals!C4", goal("| G3 | New | Ada Lovelac | | m | Count | 0 | 5 | | | | | | |"), goal("| G3 | New | ADA  LOVELACE | | m | Count | 0 | 5 | | | | | | |")),
    Case("unknown_person", "'Check-ins'!F4", check_in("| 2026-01-15 | G1 | 23 | | | A. Lovelace | |"), check_in("| 2026-01-15 | G1 | 23 | | | ada lovelace | |")),
    Case(
        "owner_left", "Goals!C4",
        {"People": "| Linus Pauling | | | | 2026-01-31 |", **goal("| G3 | New | Linus Pauling | | m | Count | 0 | 5 | | | | | | |")},
        {"People": "| Linus Pauling | | | | 2026-02-14 |", **goal("| G3 | New | Linus Pauling | | m | Count | 0 | 5 | | | | | | |")},
    ),
    Case("several_owners", "Goals!C4", goal("| G3 | New | Ada Lovelace; Grace Hopper | | m | Count | 0 | 5 | | | | | | |"), goal("| G3 | New | Ada Lovelace; | | m | Count | 0 | 5 | | | | | | |")),
    Case("same_name_twice", "People!A4", {"People": "| Grace Hopper | other@x.example | | | |"}, {"People": "| Grace Hopper (Lyon) | | | | |"}),
    Case("look_alike_name", "People!A4", {"People": "| \u0410da Lovelace | | | | |"}, {"People": "| \u0414da Lovelace | | | | |"}),
    Case("look_alike_name", "People!A5", {"People": "| Helen Keller | | | | |\n| \u041delen Keller | | | | |"}, {"People": "| Helen Keller | | | | |\n| \u041felen Keller | | | | |"}),
    Case("look_alike_name", "People!A4", {"People": "| Gráce Hopper | | | | |"}, {"People": "| Gracia Hopper | | | | |"}),
    Case("unknown_manager", "People!C4", {"People": "| Linus Pauling | | Marie Curie | | |"}, {"People": "| Linus Pauling | | Ada Lovelace | | |"}),
    Case(
        "manager_cycle", "People!C4", {"People": "| Linus Pauling | | Marie Curie | | |\n| Marie Curie | | Linus Pauling | | |"},
        {"People": "| Linus Pauling | | Marie Curie | | |\n| Marie Curie | | Ada Lovelace | | |"},
    ),
    Case("absence_reversed", "Absences!C2", {"Absences": "| Grace Hopper | 2026-02-10 | 2026-02-01 |"}, {"Absences": "| Grace Hopper | 2026-02-10 | 2026-02-10 |"}),
    Case("duplicate_id", "Goals!A4", goal("| g1 | Again | Ada Lovelace | | m | Count | 0 | 5 | | | | | | |"), goal("| G10 | Other | Ada Lovelace | | m | Count | 0 | 5 | | | | | | |")),
    Case("duplicate_id", "Actions!A3", {"Actions": "| A1 | Again | | Grace Hopper | | | 2026-02-20 | |"}, {"Actions": "| A2 | Again | | Grace Hopper | | | 2026-02-20 | |"}),
    Case("goal_needs_target", "Goals!H4", goal("| G3 | New | Ada Lovelace | | m | Increase | 1 | | | | | | | |"), goal("| G3 | New | Ada Lovelace | | m | Percent | | | | | | | | |")),
    Case(
        "goal_needs_target", "Goals!H4", goal("| G3 | Calls | Ada Lovelace | | m | Flow | | | | | | | | |"),
        {**goal("| G3 | Calls | Ada Lovelace | | m | Flow | | | | | | | | |"), "Plan": "| G3 | 2026-01-31 | 20 |"},
    ),
    Case("goal_needs_baseline", "Goals!G4", goal("| G3 | Less | Ada Lovelace | | m | Decrease | | 5 | | | | | | |"), goal("| G3 | Less | Ada Lovelace | | m | Decrease | 9 | 5 | | | | | | |")),
    Case("baseline_assumed_zero", "Goals!G4", goal("| G3 | More | Ada Lovelace | | m | Increase | | 5 | | | | | | |"), goal("| G3 | More | Ada Lovelace | | m | Increase | 0 | 5 | | | | | | |")),
    Case("maintain_needs_limits", "Goals!I4", goal("| G3 | Keep | Ada Lovelace | | m | Maintain | | | | | | | | |"), goal("| G3 | Keep | Ada Lovelace | | m | Maintain | | | | 8 | | | | |")),
    Case(
        "milestones_needed", "Goals!F4", goal("| G3 | Ship | Ada Lovelace | | m | Milestones | | | | | | | | |"),
        {**goal("| G3 | Ship | Ada Lovelace | | m | Milestones | | | | | | | | |"), "Milestones": "| G3 | Plan | | | |"},
    ),
    Case("target_not_positive", "Goals!H4", goal("| G3 | None | Ada Lovelace | | m | Count | 0 | 0 | | | | | | |"), goal("| G3 | None | Ada Lovelace | | m | Decrease | 4 | 0 | | | | | | |")),
    Case("baseline_equals_target", "Goals!H4", goal("| G3 | Same | Ada Lovelace | | m | Increase | 5 | 5 | | | | | | |"), goal("| G3 | Same | Ada Lovelace | | m | Increase | 5 | 5 | 5 | | | | | |")),
    Case("direction_mismatch", "Goals!F4", goal("| G3 | Less | Ada Lovelace | | m | Decrease | 20 | 40 | | | | | | |"), goal("| G3 | Less | Ada Lovelace | | m | Decrease | 40 | 20 | | | | | | |")),
    Case("limits_reversed", "Goals!I4", goal("| G3 | Keep | Ada Lovelace | | m | Maintain | | | 25 | 18 | | | | |"), goal("| G3 | Keep | Ada Lovelace | | m | Maintain | | | 18 | 18 | | | | |")),
    Case("due_before_start", "Goals!M4", goal("| G3 | New | Ada Lovelace | | m | Count | 0 | 5 | | | | 2026-03-01 | 2026-02-01 | |"), goal("| G3 | New | Ada Lovelace | | m | Count | 0 | 5 | | | | 2026-03-01 | 2026-03-01 | |")),
    Case("due_before_start", "Goals!M4", goal("| G3 | a | Ada Lovelace | | m | Count | 0 | 5 | | | | | 2025-12-31 | |"), goal("| G3 | a | Ada Lovelace | | m | Count | 0 | 5 | | | | | 2026-01-01 | |")),
    Case("due_before_start", "Goals!L4", goal("| G3 | a | Ada Lovelace | | m | Count | 0 | 5 | | | | 2026-04-01 | | |"), goal("| G3 | a | Ada Lovelace | | m | Count | 0 | 5 | | | | 2026-03-31 | | |")),
    Case("dates_outside_period", "Goals!M4", goal("| G3 | New | Ada Lovelace | | m | Count | 0 | 5 | | | | | 2027-03-31 | |"), goal("| G3 | New | Ada Lovelace | | m | Count | 0 | 5 | | | | | 2026-03-31 | |")),
    Case(
        "dates_outside_period", "Goals!M4", {"Settings": "| Period end | 2026-01-01 |", **goal("| G3 | a | Ada Lovelace | | m | Count | 0 | 5 | | | | | 2026-01-02 | |")},
        {"Settings": "| Period end | 2026-01-01 |", **goal("| G3 | a | Ada Lovelace | | m | Count | 0 | 5 | | | | | 2026-01-01 | |")},
    ),
    Case("vague_goal", "Goals!E4", goal("| G3 | Be better | Ada Lovelace | | | Percent | | | | | | | | |"), goal("| G3 | Be better | Ada Lovelace | | Survey | Percent | | | | | | | | |")),
    Case("done_without_value", "Goals!N4", goal("| G3 | New | Ada Lovelace | | m | Count | 0 | 5 | | | | | | Done |"), goal("| G3 | New | Ada Lovelace | | m | Yes/No | | | | | | | | Done |")),
    Case(
        "done_without_value", "Goals!N4", {**goal("| G3 | a | Ada Lovelace | | m | Count | 0 | 5 | | | | | | Done |"), **check_in("| 2026-01-15 | G3 | | | Finished | | |")},
        {**goal("| G3 | a | Ada Lovelace | | m | Count | 0 | 5 | | | | | | Done |"), **check_in("| 2026-01-15 | G3 | 5 | | Finished | | |")},
    ),
    Case(
        "weights_do_not_sum", "Goals!K4", goal("| G3 | a | Ada Lovelace | | m | Count | 0 | 5 | | | 60 | | | |\n| G4 | b | Grace Hopper | | m | Count | 0 | 5 | | | 100 | | | |\n| G5 | c | Ada Lovelace | | m | Count | 0 | 5 | | | 50 | | | |"),
        goal("| G3 | a | Ada Lovelace | | m | Count | 0 | 5 | | | 3 | | | |\n| G4 | b | Grace Hopper | | m | Count | 0 | 5 | | | 2 | | | |"),
    ),
    Case("weights_do_not_sum", "Goals!K4", {"People": "| Linus Pauling | | | | |", **goal("| G3 | a | Linus Pauling | | m | Yes/No | | | | | 60 | | | |\n| G4 | a | Linus Pauling | | m | Yes/No | | | | | 30 | | | |\n| G5 | a | Grace Hopper | | m | Yes/No | | | | | 100 | | | |")}, {"People": "| Linus Pauling | | | | |", **goal("| G3 | a | Linus Pauling | | m | Yes/No | | | | | 60 | | | |\n| G4 | a | Linus Pauling | | m | Yes/No | | | | | 30 | | | |\n| G5 | a | Linus Pauling | | m | Yes/No | | | | |  | | | |\n| G6 | a | Grace Hopper | | m | Yes/No | | | | | 100 | | | |")}),
    Case("weights_do_not_sum", "Goals!K4", {"People": "| Linus Pauling | | | | |", **goal("| G3 | a | Linus Pauling | | m | Yes/No | | | | | 60 | | | |\n| G4 | a | Linus Pauling | | m | Yes/No | | | | | 39 | | | |\n| G5 | a | Grace Hopper | | m | Yes/No | | | | | 100 | | | |")}, {"People": "| Linus Pauling | | | | |", **goal("| G3 | a | Linus Pauling | | m | Yes/No | | | | | 60 | | | |\n| G4 | a | Linus Pauling | | m | Yes/No | | | | | 39.5 | | | |\n| G5 | a | Grace Hopper | | m | Yes/No | | | | | 100 | | | |")}),
    Case("weight_blank", "Goals!K2", goal("| G3 | a | Ada Lovelace | | m | Count | 0 | 5 | | | 60 | | | |"), goal("| G3 | a | Ada Lovelace | | m | Count | 0 | 5 | | | 60 | | | Dropped |")),
    Case("parent_not_here", "Goals!D4", goal("| G3 | a | Ada Lovelace | O1 | m | Count | 0 | 5 | | | | | | |"), goal("| G3 | a | Ada Lovelace | G1 | m | Count | 0 | 5 | | | | | | |")),
    Case(
        "circular_parent", "Goals!D4", goal("| G3 | a | Ada Lovelace | G4 | m | Count | 0 | 5 | | | | | | |\n| G4 | b | Ada Lovelace | G3 | m | Count | 0 | 5 | | | | | | |"),
        goal("| G3 | a | Ada Lovelace | G4 | m | Count | 0 | 5 | | | | | | |\n| G4 | b | Ada Lovelace | G1 | m | Count | 0 | 5 | | | | | | |"),
    ),
    Case(
        "parent_retired", "Goals!D5", goal("| G3 | a | Ada Lovelace | | m | Count | 0 | 5 | | | | | | Dropped |\n| G4 | b | Ada Lovelace | G3 | m | Count | 0 | 5 | | | | | | |"),
        goal("| G3 | a | Ada Lovelace | | m | Count | 0 | 5 | | | | | | Done |\n| G4 | b | Ada Lovelace | G3 | m | Count | 0 | 5 | | | | | | |"),
    ),
    Case("unknown_goal", "'Check-ins'!B4", check_in("| 2026-01-15 | G9 | 23 | | | | |"), check_in("| 2026-01-15 | g1 | 23 | | | | |")),
    Case("unknown_goal", "Actions!C3", {"Actions": "| A2 | Call | G7 | Grace Hopper | | | 2026-02-20 | |"}, {"Actions": "| A2 | Call | | Grace Hopper | | | 2026-02-20 | |"}),
    Case("future_check_in", "'Check-ins'!A4", check_in("| 2026-02-15 | G1 | 23 | | | | |"), check_in("| 2026-02-14 | G1 | 23 | | | | |")),
    Case("before_start", "'Check-ins'!A4", check_in("| 2025-12-31 | G1 | 21 | | | | |"), check_in("| 2026-01-01 | G1 | 21 | | | | |")),
    Case("same_day_twice", "'Check-ins'!C4", check_in("| 2026-01-08 | G1 | 23 | | | | |"), check_in("| 2026-01-09 | G1 | 23 | | | | |")),
    Case("duplicate_row", "'Check-ins'!B4", check_in("| 2026-01-08 | G1 | 22 | | | | |"), check_in("| 2026-01-09 | G1 | 22 | | | | |")),
    Case(
        "out_of_bounds", "'Check-ins'!C4",
        {**goal("| G3 | Move | Ada Lovelace | | m | Percent | | | | | | | | |"), **check_in("| 2026-01-15 | G3 | 120 | | | | |")},
        {**goal("| G3 | Move | Ada Lovelace | | m | Percent | | | | | | | | |"), **check_in("| 2026-01-15 | G3 | 100 | | | | |")},
    ),
    Case("out_of_bounds", "'Check-ins'!C4", check_in("| 2026-01-15 | G2 | -1 | | | | |"), check_in("| 2026-01-15 | G2 | 0 | | | | |")),
    Case(
        "unit_slip", "'Check-ins'!C6", check_in("| 2026-01-15 | G1 | 24 | | | | |", "| 2026-01-22 | G1 | 26 | | | | |", "| 2026-01-29 | G1 | 27000 | | | | |"),
        check_in("| 2026-01-15 | G1 | 24 | | | | |", "| 2026-01-22 | G1 | 26 | | | | |", "| 2026-01-29 | G1 | 90 | | | | |"),
    ),
    Case(
        "unit_slip", "'Check-ins'!C4",
        {**goal("| G3 | a | Ada Lovelace | | m | Increase | 60 | 100 | | | | | | |"), **check_in("| 2026-01-08 | G3 | 0.8 | | | | |", *(f"| 2026-01-{day} | G3 | {day + 55} | | | | |" for day in (15, 22, 29)))},
        {**goal("| G3 | a | Ada Lovelace | | m | Increase | | 100 | | | | | | |"), **check_in("| 2026-01-08 | G3 | 0.8 | | | | |", *(f"| 2026-01-{day} | G3 | {day + 55} | | | | |" for day in (15, 22, 29)))},
    ),
    Case("value_decreased", "'Check-ins'!C4", check_in("| 2026-01-15 | G2 | 1 | | | | |"), check_in("| 2026-01-15 | G2 | 2 | | | | |")),
    Case("value_decreased", "'Check-ins'!C3", check_in("| 2026-01-01 | G2 | 5 | | | | |"), check_in("| 2025-12-31 | G2 | 5 | | | | |")),
    Case(
        "check_in_after_due", "'Check-ins'!A4",
        {**goal("| G3 | a | Ada Lovelace | | m | Count | 0 | 5 | | | | | 2026-01-31 | |"), **check_in("| 2026-02-02 | G3 | 4 | | | | |")},
        {**goal("| G3 | a | Ada Lovelace | | m | Count | 0 | 5 | | | | | 2026-01-31 | |"), **check_in("| 2026-01-31 | G3 | 4 | | | | |")},
    ),
    Case(
        "check_in_after_due", "'Check-ins'!A4",
        {**goal("| G3 | a | Ada Lovelace | | m | Count | 0 | 5 | | | | 2026-01-31 | 2026-01-31 | |"), **check_in("| 2026-02-14 | G3 | 4 | | | | |")},
        {**goal("| G3 | a | Ada Lovelace | | m | Count | 0 | 5 | | | | 2026-01-31 | 2026-01-31 | |"), **check_in("| 2026-02-15 | G3 | 4 | | | | |")},
    ),
    Case("entered_before_date", "'Check-ins'!G4", check_in("| 2026-01-15 | G1 | 24 | | | | 2026-01-10 |"), check_in("| 2026-01-15 | G1 | 24 | | | | 2026-01-15 |")),
    Case(
        "many_entered_at_once", "'Check-ins'!G4",
        check_in(*(f"| 2026-01-{day} | G1 | {day} | | | | 2026-02-01 |" for day in (15, 22, 29))),
        check_in(*(f"| 2026-01-{day} | G1 | {day} | | | | 2026-02-01 |" for day in (15, 22))),
    ),
    Case(
        "many_entered_at_once", "'Check-ins'!G4",
        check_in(*(f"| 2026-01-{day} | G1 | {day} | | | | 2026-02-01 |" for day in (15, 15, 22, 29))),
        check_in(*(f"| 2026-01-{day} | G1 | {day} | | | | 2026-02-01 |" for day in (15, 15, 22))),
    ),
    Case(
        "identical_values", "'Check-ins'!C7", check_in(*(f"| 2026-01-{day} | G1 | 22 | | | | |" for day in (15, 20, 22, 29))),
        check_in(*(f"| 2026-01-{day} | G1 | 22 | | | | |" for day in (15, 22, 29))),
    ),
    Case(
        "identical_values", "'Check-ins'!C9",
        check_in("| 2026-01-10 | G1 | 23 | | | | |", *(f"| 2026-01-{day} | G1 | 24 | | | | |" for day in (15, 18, 22, 25, 29))),
        check_in("| 2026-01-10 | G1 | 23 | | | | |", *(f"| 2026-01-{day} | G1 | 24 | | | | |" for day in (15, 18, 22, 25))),
    ),
    Case("plan_outside_dates", "Plan!B2", {"Plan": "| G1 | 2026-04-30 | 40 |"}, {"Plan": "| G1 | 2026-03-31 | 40 |"}),
    Case("plan_outside_dates", "Plan!B2", {"Plan": "| G1 | 2025-12-31 | 20 |"}, {"Plan": "| G1 | 2026-01-01 | 20 |"}),
    Case("plan_date_twice", "Plan!B3", {"Plan": "| G1 | 2026-01-31 | 25 |\n| G1 | 2026-01-31 | 26 |"}, {"Plan": "| G1 | 2026-01-31 | 25 |\n| G2 | 2026-01-31 | 4 |"}),
    Case(
        "milestone_kind", "Milestones!A2", {"Milestones": "| G1 | Step | | | |"},
        {**goal("| G3 | Ship | Ada Lovelace | | m | Milestones | | | | | | | | |"), "Milestones": "| G3 | Step | | | |"},
    ),
    Case("done_in_future", "Actions!H3", {"Actions": "| A2 | Call | | Grace Hopper | | | 2026-02-20 | 2026-02-15 |"}, {"Actions": "| A2 | Call | | Grace Hopper | | | 2026-02-20 | 2026-02-14 |"}),
    Case("done_in_future", "Feedback!I3", {"Feedback": "| 2026-01-20 | | Grace Hopper | Coaching | | x | y | 2026-02-20 | 2026-02-15 | |"}, {"Feedback": "| 2026-01-20 | | Grace Hopper | Coaching | | x | y | 2026-02-20 | 2026-02-14 | |"}),
    Case("self_feedback", "Feedback!C3", {"Feedback": "| 2026-01-20 | Ada Lovelace | ada lovelace | Praise | | Well done | | | | |"}, {"Feedback": "| 2026-01-20 | | Ada Lovelace | Praise | | Well done | | | | |"}),
    Case("feedback_in_future", "Feedback!A3", {"Feedback": "| 2026-02-20 | Ada Lovelace | Grace Hopper | Praise | | Good | | | | |"}, {"Feedback": "| 2026-02-14 | Ada Lovelace | Grace Hopper | Praise | | Good | | | | |"}),
    Case("follow_up_without_due", "Feedback!H3", {"Feedback": "| 2026-01-20 | Ada Lovelace | Grace Hopper | Coaching | | Start with the number | Next review | | | |"}, {"Feedback": "| 2026-01-20 | Ada Lovelace | Grace Hopper | Coaching | | Start with the number | Next review | 2026-02-01 | | |"}),
    Case("follow_up_before_feedback", "Feedback!I3", {"Feedback": "| 2026-01-20 | Ada Lovelace | Grace Hopper | Coaching | | x | y | 2026-02-01 | 2026-01-19 | |"}, {"Feedback": "| 2026-01-20 | Ada Lovelace | Grace Hopper | Coaching | | x | y | 2026-02-01 | 2026-01-20 | |"}),
    Case("due_before_agreed", "Actions!G3", {"Actions": "| A2 | Call | | Grace Hopper | | 2026-01-20 | 2026-01-10 | |"}, {"Actions": "| A2 | Call | | Grace Hopper | | 2026-01-20 | 2026-01-20 | |"}),
    Case("done_before_agreed", "Actions!H3", {"Actions": "| A2 | Call | | Grace Hopper | | 2026-01-20 | 2026-01-30 | 2026-01-19 |"}, {"Actions": "| A2 | Call | | Grace Hopper | | 2026-01-20 | 2026-01-30 | 2026-01-20 |"}),
    Case("development_without_plan", "Development!D3", {"Development": "| Grace Hopper | Opportunity | Negotiation | |"}, {"Development": "| Grace Hopper | Opportunity | Negotiation | Lead one |"}),
    Case("attainment_without_plan", "Development!E3", {"Development": "| Grace Hopper | Opportunity | Negotiation | | 2 |"}, {"Development": "| Grace Hopper | Opportunity | Negotiation | Lead one | 2 |"}),
    Case("absence_twice", "Absences!B3", {"Absences": "| Grace Hopper | 2026-02-02 | 2026-02-10 |\n| grace hopper | 2026-02-10 | 2026-02-12 |"}, {"Absences": "| Grace Hopper | 2026-02-02 | 2026-02-10 |\n| Grace Hopper | 2026-02-11 | 2026-02-12 |"}),
    Case("person_ends_before_start", "People!E4", {"People": "| Linus Pauling | | | 2026-03-01 | 2026-02-28 |"}, {"People": "| Linus Pauling | | | 2026-03-01 | 2026-03-01 |"}),
    Case("parent_is_itself", "Goals!D4", goal("| G3 | a | Ada Lovelace | g3 | m | Count | 0 | 5 | | | | | | |"), goal("| G3 | a | Ada Lovelace | G1 | m | Count | 0 | 5 | | | | | | |")),
    Case(
        "no_parent", "Goals!D3", goal("| G3 | a | Ada Lovelace | G1 | m | Count | 0 | 5 | | | | | | |\n| G4 | b | Ada Lovelace | G1 | m | Count | 0 | 5 | | | | | | |"),
        goal("| G3 | a | Ada Lovelace | G1 | m | Count | 0 | 5 | | | | | | |"),
    ),
    Case("count_baseline_unused", "Goals!G4", goal("| G3 | a | Ada Lovelace | | m | Count | 3 | 5 | | | | | | |"), goal("| G3 | a | Ada Lovelace | | m | Increase | 3 | 5 | | | | | | |")),
    Case("plan_turns_back", "Plan!C3", {"Plan": "| G1 | 2026-01-31 | 30 |\n| G1 | 2026-02-28 | 29 |"}, {"Plan": "| G1 | 2026-01-31 | 30 |\n| G1 | 2026-02-28 | 30 |"}),
    Case("plan_turns_back", "Plan!C2", {"Plan": "| G1 | 2026-02-28 | 29 |\n| G1 | 2026-02-27 | 30 |"}, {"Plan": "| G1 | 2026-02-28 | 30 |\n| G1 | 2026-02-28 | 29 |"}),
    Case("plan_end_differs", "Plan!C2", {"Plan": "| G1 | 2026-03-31 | 39 |"}, {"Plan": "| G1 | 2026-03-30 | 39 |"}),
    Case("plan_end_differs", "Plan!C2", {"Plan": "| G2 | 2026-03-31 | 13 |"}, {**goal("| G3 | a | Ada Lovelace | | m | Increase | 1 | | | | | | | |"), "Plan": "| G3 | 2026-03-31 | 13 |"}),
    Case(
        "plan_unused", "Plan!A2", {**goal("| G3 | a | Ada Lovelace | | m | Yes/No | | | | | | | | |"), "Plan": "| G3 | 2026-01-31 | 1 |"},
        {**goal("| G3 | a | Ada Lovelace | | m | Percent | | | | | | | | |"), "Plan": "| G3 | 2026-01-31 | 50 |"},
    ),
    Case("period_reversed", "Settings!B6", {"Settings": "| Period end | 2025-12-31 |"}, {"Settings": "| Period end | 2026-01-01 |"}),
    Case("as_of_outside_period", "Settings!A1", {}, {"Settings": "| Period end | 2026-05-02 |"}, as_of=date(2026, 5, 2)),
    Case("as_of_outside_period", "Settings!A1", {}, {"Settings": "| Period start | 2025-12-31 |"}, as_of=date(2025, 12, 31)),
    Case("as_of_outside_period", "Settings!A1", {"Settings": "| Period end | 2026-01-01 |"}, {"Settings": "| Period end | 2026-02-14 |"}),
    Case(
        "decision_incomplete", "Adjustments!G2", {"Adjustments": "| P1 | G1 | extend_due v1 | Accept | | Ada Lovelace | | Open |"},
        {"Adjustments": "| P1 | G1 | extend_due v1 | Later | | | | Open |"},
    ),
    Case("manager_not_in_people", "Settings!B3", {"Settings": "| Manager | Marie Curie |"}, {"Settings": "| Manager | GRACE  Hopper |"}),
)  # fmt: skip
RULE_AND_CELL = [f"{case.rule} {case.cell}" for case in CASES]


def table(tab: str, rows: str) -> str:
    """A tab of the base with rows added, or in Settings put in the place of those with their names."""
    lines = [line.strip() for line in BASE[tab].strip().splitlines()]
    for row in rows.splitlines():
        name = row.split("|")[1]
        same = [i for i, line in enumerate(lines) if tab == "Settings" and line.split("|")[1] == name]
        lines[same[0] if same else len(lines) :] = [row, *lines[same[0] + 1 :]] if same else [row]
    return "\n".join(lines)


@pytest.fixture
def team(make_book: Callable[..., Book]) -> Callable[[dict[str, str]], TeamBook]:
    """team(rows) -> the base workbook with these rows, read."""
    return lambda rows: read_records(make_book({tab: table(tab, rows.get(tab, "")) for tab in BASE}))


def test_all_is_well_in_the_base(team):
    assert check(team({}), AS_OF) == []


@pytest.mark.parametrize("case", CASES, ids=RULE_AND_CELL)
def test_a_check_finds_its_case(team, case):
    found = check(team(case.rows), case.as_of)
    assert f"{case.cell} {case.rule}" in [f"{f.address} {f.code}" for f in found]
    assert [f.message for f in found if f.message.endswith(".")] == []  # printed with a full stop and the remedy behind


@pytest.mark.parametrize("case", CASES, ids=RULE_AND_CELL)
def test_a_check_leaves_the_near_miss_alone(team, case):
    assert case.but_not
    assert [f"{f.address} {f.code}" for f in check(team(case.but_not), case.as_of) if f.code == case.rule] == []


@pytest.mark.parametrize("case", CASES, ids=RULE_AND_CELL)
def test_every_row_of_a_case_is_read(team, case):
    """A row that reading sets aside would make a near miss of anything."""
    for rows in (case.rows, case.but_not):
        assert [f"{f.address} {f.message}" for f in team(rows).findings if f.severity is Severity.ERROR] == []


def test_the_same_value_six_times_is_said_once_at_the_fifth(team):
    rows = check_in(*(f"| 2026-01-{day} | G1 | 22 | | | | |" for day in (10, 15, 18, 22, 29)))
    assert [f"{f.address} {f.code}" for f in check(team(rows), AS_OF)] == ["'Check-ins'!C7 identical_values"]


def test_dates_that_are_reversed_are_said_once_and_not_for_every_row(team):
    period = {
        "Settings": "| Period end | 2025-12-31 |",
        **goal("| G3 | a | Ada Lovelace | | m | Count | 0 | 5 | | | | 2026-01-10 | 2026-02-10 | |"),
    }
    assert [f"{f.address} {f.code}" for f in check(team(period), AS_OF)] == ["Settings!B6 period_reversed"]
    one = {
        **goal("| G3 | a | Ada Lovelace | | m | Count | 0 | 5 | | | | 2026-01-20 | 2026-01-10 | |"),
        **check_in("| 2026-01-22 | G3 | 1 | | | | |"),
    }
    assert [f"{f.address} {f.code}" for f in check(team(one), AS_OF)] == ["Goals!M4 due_before_start"]


def test_every_rule_has_a_case():
    cases = {case.rule for case in CASES}
    assert [rule.code for rule in RULES if rule.code not in cases] == [], "add a Case for each of these"
    assert sorted(cases - {rule.code for rule in RULES}) == [], "no rules of these codes"
