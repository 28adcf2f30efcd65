"""What only shows when many workbooks lie side by side. The pages stand here, so that they can be read without any."""

from __future__ import annotations

from ..findings import Rule, Severity

W, I = Severity.WARNING, Severity.INFO

TEAM_TWICE = Rule(
    "team_twice", W, "Two workbooks of one team",
    "Two workbooks with different ids name the same team, manager and period.",
    "If one is a copy of the other, its goals count twice.",
    "teams/north.xlsx and teams/old/north-final.xlsx, both Sales North, 2026 Q1.",
    "Keep one of them, or give the teams different names",
)  # fmt: skip
PERSON_TWICE = Rule(
    "person_twice", I, "Somebody in two teams",
    "One e-mail address stands in People of two workbooks.",
    "Nothing is wrong with that; where people are counted, they count once.",
    "ada@example.org in Sales North and in Product.",
    "Remove the row from the team that the person has left, or set its End",
)  # fmt: skip
ID_TWICE = Rule(
    "id_twice", W, "Another team's workbook id",
    "Two workbooks have one id, but neither team nor manager in common: one was made from a copy of the other.",
    "Both count. By its id alone the newer one would have taken the other's place.",
    "south.xlsx, saved from north.xlsx under another name and filled in for another team.",
    "Empty Workbook ID in Settings of the copy, or make each team's workbook with `perfsheet new`",
)  # fmt: skip
PERIOD_DIFFERS = Rule(
    "period_differs", W, "A workbook of another period",
    "A workbook names another period than most of those that are consolidated with it.",
    "Its goals are judged with the others although they belong to another time.",
    "2025 Q4 among 40 workbooks of 2026 Q1.",
    "Correct Period in Settings, or consolidate one period at a time with --period",
)  # fmt: skip
OLDER_TEMPLATE = Rule(
    "older_template", I, "A workbook from an older template",
    "Settings names an older template version than the present one.",
    "It is read through the names that its columns had then. New columns and live formulas are missing in it.",
    "Template version 1, and the present one is 2.",
    "Nothing to do; the next period's workbook is made from the present template",
)  # fmt: skip

RULES = (TEAM_TWICE, ID_TWICE, PERSON_TWICE, PERIOD_DIFFERS, OLDER_TEMPLATE)
