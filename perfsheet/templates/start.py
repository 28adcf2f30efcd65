"""The Start here tab: what this is, three steps, the way to each tab, and how to read the cells."""

from __future__ import annotations

import re
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.worksheet import Worksheet

from ..forms import SETTINGS
from ..live_columns import CONTAINER, SHOWN
from ..policy import Policy, knobs
from ..scoring.parts import Status
from ..tables import letters
from ..workbooks.heights import lines_in
from . import look
from .designs import Design
from .entries import FAULTY, FINE, colour_checks, fault_count
from .entries import NAME as NAME_OF_CHECK
from .inputs import link_to, refusal

NAME, TEXT, COUNT, SIDE, SIDE_TEXT = 1, 2, 3, 5, 6
WIDTHS = {NAME: 17, TEXT: 66, COUNT: 11, 4: 3, SIDE: 18, SIDE_TEXT: 58}

FIRST_TAB = 10
"""Row of the first tab in the list of tabs."""

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
    ("Contact", "contact"),
)
GENERATOR = "perfsheet, template "


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


def add_start_tab(book: Workbook, design: Design) -> Worksheet:
    """The first tab: one screen, nothing to fill in."""
    sheet: Worksheet = book.create_sheet("Start here")
    for column, width in WIDTHS.items():
        sheet.column_dimensions[letters(column)].width = width
    sheet.cell(1, NAME, design.headline).style = look.TITLE
    sheet.row_dimensions[1].height = 27
    _text(sheet, 2, NAME, design.audience, wrap=False)
    below = _add_ways(sheet, design)
    _add_legend(sheet)
    row = _add_facts(book, sheet, design)
    below = max(below, _add_rules(sheet, row))
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
    look.print_setup(sheet, f"A1:{letters(SIDE_TEXT)}{below + 1}")
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


def _add_ways(sheet: Worksheet, design: Design) -> int:
    """Left: the three steps, and a link to each tab with what there is to check on it. Returns the row below."""
    _heading(sheet, 4, (NAME, TEXT, COUNT), "Three steps")
    for row, guide in enumerate(design.guides, 5):
        link_to(sheet, row, NAME, guide.tab, guide.name)
        _text(sheet, row, TEXT, guide.text)
        sheet.row_dimensions[row].height = 15 * lines_in(guide.text, WIDTHS[TEXT]) + 3
    _heading(sheet, FIRST_TAB - 1, (NAME, TEXT, COUNT), "The tabs")
    sheet.cell(FIRST_TAB - 1, COUNT, "To check").alignment = Alignment(horizontal="right")
    forms = (*design.forms, SETTINGS)
    for row, form in enumerate(forms, FIRST_TAB):
        link_to(sheet, row, NAME, form.tab, form.tab)
        _text(sheet, row, TEXT, design.of(form).purpose or form.purpose)
        cell = sheet.cell(row, COUNT, f"={fault_count(form)}")
        cell.style, cell.number_format = look.CALCULATED, "0;-0;–"
        cell.alignment = Alignment(horizontal="right", vertical="top")
    sheet.add_data_validation(refusal(f"C{FIRST_TAB}:C{FIRST_TAB - 1 + len(forms)}"))
    below = FIRST_TAB + len(forms)
    for row, (tab, text) in enumerate(WRITTEN, below):
        _text(sheet, row, NAME, tab)
        _text(sheet, row, TEXT, f"{text} Added by perfsheet score.")
    return below + len(WRITTEN)


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


def _add_facts(book: Workbook, sheet: Worksheet, design: Design) -> int:
    """Right, beside the tabs: whose workbook this is, from Settings, and whether all is well. Returns the row below."""
    _heading(sheet, FIRST_TAB - 1, (SIDE, SIDE_TEXT), "This workbook")
    counts = f"C{FIRST_TAB}:C{FIRST_TAB + len(design.forms)}"
    _fact(sheet, FIRST_TAB, "Entries", f'=IF(SUM({counts})=0,"{FINE}","{FAULTY} "&SUM({counts}))')
    place = f"'{sheet.title}'!${letters(SIDE_TEXT)}${FIRST_TAB}"
    book.defined_names[NAME_OF_CHECK] = DefinedName(NAME_OF_CHECK, attr_text=place)
    colour_checks(sheet, f"{letters(SIDE_TEXT)}{FIRST_TAB}")
    for row, (label, name) in enumerate(FACTS, FIRST_TAB + 1):
        _fact(sheet, row, label, f'=IF({name}="","",{name})')
        if name == "as_of":
            sheet.cell(row, SIDE_TEXT).number_format = "yyyy-mm-dd"
    below = FIRST_TAB + 1 + len(FACTS)
    _fact(sheet, below, "Made with", f'="{GENERATOR}"&template_version')
    area = f"{letters(SIDE_TEXT)}{FIRST_TAB}:{letters(SIDE_TEXT)}{below}"
    sheet.add_data_validation(refusal(area, "This cell shows what stands on Settings. Press Esc, and change it there."))
    return below + 1


def _fact(sheet: Worksheet, row: int, label: str, formula: str) -> None:
    _text(sheet, row, SIDE, label)
    cell = sheet.cell(row, SIDE_TEXT, formula)
    cell.style = look.CALCULATED
    cell.alignment = Alignment(horizontal="left", vertical="top")


def _add_rules(sheet: Worksheet, row: int) -> int:
    """Right: what the status words mean. Returns the row below."""
    _heading(sheet, row + 1, (SIDE, SIDE_TEXT), "What the status words mean")
    formulas = {word: formula for word, formula, _ in meanings()}
    for number, (word, meaning) in enumerate(MEANINGS, row + 2):
        sheet.cell(number, SIDE, word).style = look.CALCULATED
        cell = sheet.cell(number, SIDE_TEXT, f"={formulas[word]}" if word in formulas else meaning)
        cell.font, cell.alignment = look.font(), Alignment(vertical="top")
    look.colour_words(sheet, f"{letters(SIDE)}{row + 2}:{letters(SIDE)}{row + 1 + len(MEANINGS)}")
    return row + 2 + len(MEANINGS)
