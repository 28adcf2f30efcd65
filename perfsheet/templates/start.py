"""The Start here tab: what this is, three steps, the way to each tab, and how to read the cells."""

from __future__ import annotations

import re
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.worksheet.worksheet import Worksheet

from ..forms import Form
from ..live_columns import CONTAINER, SHOWN
from ..policy import Policy, knobs
from ..scoring.parts import Status
from . import look
from .inputs import link_to

NAME, TEXT, SIDE, SIDE_TEXT = 1, 2, 4, 5
WIDTHS = {1: 17, 2: 72, 3: 3, 4: 18, 5: 58}

STEPS = (
    (
        "Settings",
        "1  Set up",
        "Fill in Settings (team, manager, period), then People, then Goals: one row a goal, with baseline, target and due date.",
    ),
    (
        "Check-ins",
        "2  Check in",
        "Once a week, add a line for each goal in Check-ins. Note feedback and promises as they happen.",
    ),
    (
        "Goals",
        "3  Review",
        "Goals shows the status at once. Run perfsheet score on the file: Summary and Adjustments tell what to talk about.",
    ),
)
WRITTEN = (
    ("Summary", "How the team stands, what needs attention first."),
    ("Adjustments", "Proposed changes; the manager decides."),
    ("Checks", "What looks wrong, with a link to the cell."),
    ("History", "Every change that was applied."),
)
FACTS = (
    ("Organisation", "organisation"),
    ("Team", "team"),
    ("Manager", "manager"),
    ("Period", "period"),
    ("Judged as of", "as_of"),
)


MEANINGS = (
    (SHOWN[Status.ACHIEVED], "The target is reached."),
    (SHOWN[Status.ON_TRACK], "Neither of the next two."),
    (SHOWN[Status.AT_RISK], "Pace below {at_risk_pace} of plan, and {at_risk_gap} or more behind."),
    (SHOWN[Status.OFF_TRACK], "Pace below {off_track_pace} of plan, and {off_track_gap} or more behind."),
    (SHOWN[Status.OVERDUE], "The due date is past, the target is not reached."),
    (SHOWN[Status.NO_DATA], "No check-in yet, or not enough to compute a number."),
    (
        SHOWN[Status.TOO_EARLY],
        "The first {too_early_share} of the time, or {too_early_cadences} check-in periods if longer.",
    ),
    (SHOWN[Status.NOT_STARTED], "Draft, or the start date is still to come."),
    (CONTAINER, "Measured by the goals below it; perfsheet adds them up."),
)
"""The status rules in words; names in braces are policy numbers, shown as they are in force."""

_NUMBER = re.compile(r"{(\w+)}")


def meanings() -> list[tuple[str, str, str]]:
    """(status word, formula, what the formula shows by default) of the rules that have numbers in them."""
    percent = {k.name: k.percent for k in knobs()}
    defaults = Policy()

    def formula(name: str) -> str:
        return f'"&ROUND(100*pol_{name},0)&" %' if percent[name] else f'"&pol_{name}&"'

    def text(name: str) -> str:
        return f"{100 * getattr(defaults, name):.0f} %" if percent[name] else f"{getattr(defaults, name):g}"

    numbered = [(word, meaning) for word, meaning in MEANINGS if "{" in meaning]
    return [
        (word, '"' + _NUMBER.sub(lambda m: formula(m[1]), meaning) + '"', _NUMBER.sub(lambda m: text(m[1]), meaning))
        for word, meaning in numbered
    ]


def add_start_tab(book: Workbook, forms: Sequence[Form]) -> Worksheet:
    """The first tab: one screen, nothing to fill in."""
    sheet: Worksheet = book.create_sheet("Start here")
    for column, width in WIDTHS.items():
        sheet.column_dimensions["ABCDE"[column - 1]].width = width
    sheet.cell(1, NAME, "Goals, check-ins and feedback of one team for one period").style = look.TITLE
    sheet.row_dimensions[1].height = 27
    _text(
        sheet,
        2,
        NAME,
        "For the manager and the team; ten minutes a week. A plain workbook: no macros, nothing is sent anywhere.",
        wrap=False,
    )
    below = _add_ways(sheet, forms)
    _add_legend(sheet)
    below = max(below, _add_rules(sheet, _add_facts(sheet)))
    _text(
        sheet,
        below + 1,
        NAME,
        "Made by perfsheet. You may add columns, tabs, a logo and colours of your own: perfsheet leaves them alone.",
        wrap=False,
    )
    for row in range(9, below):
        sheet.row_dimensions[row].height = 18
    sheet.sheet_view.showGridLines = False
    look.print_setup(sheet, f"A1:E{below + 1}")
    sheet.page_setup.fitToHeight = 1
    return sheet


def _text(sheet: Worksheet, row: int, column: int, text: str, wrap: bool = True) -> None:
    cell = sheet.cell(row, column, text)
    cell.font, cell.alignment = look.font(), Alignment(wrap_text=wrap, vertical="top")


def _heading(sheet: Worksheet, row: int, columns: Sequence[int], text: str) -> None:
    for column in columns:
        sheet.cell(row, column).style = look.HEADING
    sheet.cell(row, columns[0], text)
    sheet.row_dimensions[row].height = 21


def _add_ways(sheet: Worksheet, forms: Sequence[Form]) -> int:
    """Left: the three steps and a link to each tab. Returns the row below."""
    _heading(sheet, 4, (NAME, TEXT), "Three steps")
    for row, (tab, name, text) in enumerate(STEPS, 5):
        link_to(sheet, row, NAME, tab, name)
        _text(sheet, row, TEXT, text)
        sheet.row_dimensions[row].height = 15 * look.lines_needed(text, WIDTHS[TEXT]) + 3
    _heading(sheet, 9, (NAME, TEXT), "The tabs")
    for row, form in enumerate(forms, 10):
        link_to(sheet, row, NAME, form.tab, form.tab)
        _text(sheet, row, TEXT, form.purpose)
    for row, (tab, text) in enumerate(WRITTEN, 10 + len(forms)):
        _text(sheet, row, NAME, tab)
        _text(sheet, row, TEXT, f"{text} Added by perfsheet score.")
    return 10 + len(forms) + len(WRITTEN)


def _add_legend(sheet: Worksheet) -> None:
    """Right, beside the steps: what the cells look like."""
    _heading(sheet, 4, (SIDE, SIDE_TEXT), "How to read the cells")
    samples = (
        (look.ENTRY, "You fill in", "A cell with a border: type or choose. Click it for a hint."),
        (look.CALCULATED, "Calculated", "A grey cell without a border calculates itself."),
        (look.HINT, "Hint", "Grey italics above a column say what belongs there."),
    )
    for row, (style, sample, text) in enumerate(samples, 5):
        cell = sheet.cell(row, SIDE, sample)
        cell.style = style
        cell.alignment = Alignment(vertical="top")
        _text(sheet, row, SIDE_TEXT, text)


def _add_facts(sheet: Worksheet) -> int:
    """Right, beside the tabs: whose workbook this is, from Settings. Returns the row below."""
    _heading(sheet, 9, (SIDE, SIDE_TEXT), "This workbook")
    for row, (label, name) in enumerate(FACTS, 10):
        _text(sheet, row, SIDE, label)
        cell = sheet.cell(row, SIDE_TEXT, f'=IF({name}="","",{name})')
        cell.style = look.CALCULATED
        cell.alignment = Alignment(horizontal="left", vertical="top")
        cell.number_format = "yyyy-mm-dd" if name == "as_of" else "General"
    return 10 + len(FACTS)


def _add_rules(sheet: Worksheet, row: int) -> int:
    """Right: what the status words mean. Returns the row below."""
    _heading(sheet, row + 1, (SIDE, SIDE_TEXT), "What the status words mean")
    formulas = {word: formula for word, formula, _ in meanings()}
    for number, (word, meaning) in enumerate(MEANINGS, row + 2):
        sheet.cell(number, SIDE, word).style = look.CALCULATED
        cell = sheet.cell(number, SIDE_TEXT, f"={formulas[word]}" if word in formulas else meaning)
        cell.font, cell.alignment = look.font(), Alignment(vertical="top")
    look.colour_statuses(sheet, f"D{row + 2}:D{row + 1 + len(MEANINGS)}")
    return row + 2 + len(MEANINGS)
