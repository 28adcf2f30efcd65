"""One input tab from its form: purpose, hints, table, drop-downs, messages, formats, print set-up."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.styles import Alignment
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.filters import AutoFilter
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import Outline
from openpyxl.worksheet.table import Table, TableColumn, TableFormula, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from ..forms import GOALS, Column, Form, Kind
from ..live_columns import HELPERS, VISIBLE, Step
from ..tables import letters
from ..workbooks.heights import lines_in
from . import look
from .designs import PLAIN, TEAM, Additions, Design
from .entries import add_check_cell, mark_faults

PURPOSE_ROW, NOTE_ROW, HINT_ROW, HEADER_ROW = 1, 2, 3, 4
FROZEN_WIDTH = 60
"""Leading required columns stay in sight up to this width."""
WIDE = 200
"""Tabs wider than this print on A3."""
PRINTED_ROWS = 5000
"""So many rows can be printed."""
LIST_ROWS = 1000
"""Drop-downs of names and ids look so far down; only what is filled in is offered."""

FORMATS: Mapping[Kind, str] = {
    Kind.DATE: "yyyy-mm-dd", Kind.SHARE: "0%", Kind.LEVEL: "+0;-0;0", Kind.ID: "@",
}  # fmt: skip
ALIGNED = {Kind.DATE: "center", Kind.ID: "left", Kind.CHOICE: "left", Kind.FLAG: "center"}
HEADER_ALIGNED = {**ALIGNED, **dict.fromkeys((Kind.NUMBER, Kind.SHARE, Kind.LEVEL), "right")}
"""A header stands where its values do: a number at the right would seem to belong to the next column."""
NARROWEST = 11
EMPTY_WIDTH = 9
"""Of a column that nobody gave a width, rather more than less."""
TITLE_LETTER = 1.6
"""How much wider a letter of the title is."""
NARROW = 150
"""Tables up to this width have the short note."""
NUMBER_LIMIT = 1e15
OLDEST_DAY = 32874
"""1990-01-01, as a day number: what is older was meant to be something else."""


@dataclass(frozen=True)
class Layout:
    """Where things stand on an input tab: the columns of its table, calculated ones included."""

    form: Form
    columns: tuple[Column, ...]
    steps: Mapping[str, Step] = field(default_factory=dict)
    """The formula of each calculated column, by header."""
    shown: int = 0
    """So many columns are in sight; the rest are steps, folded away."""
    rows: int = 0

    @property
    def first_row(self) -> int:
        return HEADER_ROW + 1

    @property
    def last_row(self) -> int:
        return HEADER_ROW + self.rows

    def cells(self, column: int) -> str:
        """The data cells of a column: B5:B34."""
        return f"{letters(column)}{self.first_row}:{letters(column)}{self.last_row}"

    def place(self, header: str) -> int:
        """The number of the column with that header."""
        return 1 + [c.header for c in self.columns].index(header)


def layout_of(form: Form, additions: Additions = PLAIN) -> Layout:
    """The form's own columns with what the template adds; for Goals the steps of the live columns behind them."""
    folded_away = (*(HELPERS if form is GOALS else ()), *additions.steps)
    steps = {step.column.header: step for step in (*(VISIBLE if form is GOALS else ()), *additions.shown, *folded_away)}
    columns: list[Column] = []
    for column in form.columns:
        columns.append(_worded(steps[column.header].column if column.live else column, additions))
        columns += additions.entries.get(column.header, ())
    columns += [step.column for step in additions.shown]
    every = (*columns, *(step.column for step in folded_away))
    return Layout(form, every, steps, len(columns), additions.rows or form.prepared_rows)


def _worded(column: Column, additions: Additions) -> Column:
    return replace(column, help=additions.help[column.header]) if column.header in additions.help else column


def add_input_tab(book: Workbook, form: Form, lists: Mapping[tuple[str, ...], str], design: Design = TEAM) -> Worksheet:
    """The tab of a form. `lists` says where the drop-downs' choices stand on Settings."""
    additions = design.of(form)
    layout = layout_of(form, additions)
    sheet: Worksheet = book.create_sheet(form.tab)
    add_head(sheet, additions.purpose or form.purpose, layout.columns, layout.shown)
    for row in range(layout.first_row, layout.last_row + 1):
        for number, column in enumerate(layout.columns, 1):
            _fill_cell(sheet, row, number, column, layout.steps.get(column.header))
    add_table(sheet, form.table, layout.last_row, [c.header for c in layout.columns], layout.steps)
    _fold_steps(sheet, layout)
    for number, column in enumerate(layout.columns, 1):
        sheet.add_data_validation(_rule(column, layout.cells(number), lists))
    finish_tab(sheet, layout.columns[: layout.shown], layout.last_row)
    _print_what_is_used(sheet, layout)
    mark_faults(
        sheet, form, {c.header: layout.place(c.header) for c in form.columns}, layout.first_row, layout.last_row
    )
    for number, column in enumerate(layout.columns[: layout.shown], 1):
        if column.live and column.kind is Kind.TEXT:
            look.colour_words(sheet, layout.cells(number), column.header)
    return sheet


# --------------------------------------------------------------------- the rows above the table


WAY_BACK = "← back to Start here, which counts what there is to check."
NOTE = (
    WAY_BACK + "   * is needed in every row that you use. Leave the rest empty if you do not know it: "
    "empty is never read as zero."
)


def add_head(sheet: Worksheet, purpose: str, columns: Sequence[Column], shown: int | None = None) -> None:
    """Purpose in A1, the check that leads back, the hint above each header, and the headers; the first `shown` set the height."""
    sheet.cell(PURPOSE_ROW, 1, purpose).style = look.TITLE
    add_check_cell(sheet, NOTE_ROW, 1)
    sheet.cell(NOTE_ROW, 1).hyperlink = Hyperlink(
        ref=f"A{NOTE_ROW}", location="'Start here'!A1", tooltip="To Start here"
    )
    sheet.cell(NOTE_ROW, 1).style = look.CALCULATED  # a hyperlink brings a style of its own
    narrow = sum(max(c.width, NARROWEST) + 2 for c in columns[:shown]) < NARROW
    beside = sheet.cell(NOTE_ROW, 2, WAY_BACK if narrow else NOTE)
    beside.style, beside.alignment = look.HINT, Alignment(wrap_text=False, vertical="top")
    heights = []
    for number, column in enumerate(columns, 1):
        width = sheet.column_dimensions[letters(number)].width = max(column.width, NARROWEST) + 2
        hint = ("* " if column.required else "") + _first_sentence(column.help)
        sheet.cell(HINT_ROW, number, hint).style = look.HINT
        sheet.cell(HEADER_ROW, number, column.header)
        look.dress_header(sheet, HEADER_ROW, number, column.live, HEADER_ALIGNED.get(column.kind))
        heights.append(lines_in(hint, width))
    sheet.row_dimensions[PURPOSE_ROW].height = 27
    sheet.row_dimensions[HINT_ROW].height = 15 * max(heights[:shown]) + 4
    sheet.row_dimensions[HEADER_ROW].height = 32


def _first_sentence(text: str) -> str:
    """The hint above a column; the input message has the rest."""
    return re.split(r"(?<=[.!?…]) ", text)[0]


def link_to(sheet: Worksheet, row: int, column: int, tab: str, text: str) -> None:
    """A click's way to another tab."""
    cell = sheet.cell(row, column, text)
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{tab}'!A1", tooltip=f"Go to {tab}")
    cell.style = look.LINK


# ------------------------------------------------------------------------------- the table itself


def format_of(column: Column) -> str:
    """The number format of a column's cells."""
    return column.format or FORMATS.get(column.kind, "General")


def _fill_cell(sheet: Worksheet, row: int, number: int, column: Column, step: Step | None) -> None:
    cell = sheet.cell(row, number)
    cell.style = look.CALCULATED if step else look.ENTRY
    cell.number_format = format_of(column)
    if step and column.kind is Kind.TEXT:
        cell.alignment = Alignment(vertical="top", horizontal="left", indent=1)
    if column.kind in ALIGNED:
        cell.alignment = Alignment(vertical="top", wrap_text=True, horizontal=ALIGNED[column.kind])
    if step:
        set_formula(cell, step)


def set_formula(cell: Cell | MergedCell, step: Step) -> None:
    """The step's formula in a cell of its table."""
    cell.value = ArrayFormula(cell.coordinate, "=" + step.text) if step.array else "=" + step.text


def add_table(sheet: Worksheet, name: str, last_row: int, headers: Sequence[str], steps: Mapping[str, Step]) -> None:
    """The Excel table. Calculated columns carry their formula, so that new rows get it by themselves."""
    table = Table(displayName=name, name=name, ref=f"A{HEADER_ROW}:{letters(len(headers))}{last_row}")
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False)
    for number, header in enumerate(headers, 1):
        column = TableColumn(id=number, name=header)
        if header in steps:
            column.calculatedColumnFormula = TableFormula(
                array=steps[header].array or None, attr_text=steps[header].text
            )
        table.tableColumns.append(column)
    table.autoFilter = AutoFilter(ref=table.ref)
    sheet.add_table(table)


def _fold_steps(sheet: Worksheet, layout: Layout) -> None:
    """Columns with steps on the way: hidden behind the [+] above them."""
    if len(layout.columns) > layout.shown:
        first, last = letters(layout.shown + 1), letters(len(layout.columns))
        sheet.column_dimensions.group(first, last, outline_level=1, hidden=True)
        sheet.sheet_properties.outlinePr = Outline(summaryRight=False)


def finish_tab(sheet: Worksheet, columns: Sequence[Column], last_row: int) -> None:
    """Frozen header and leading columns, the cursor on the first entry cell, print set-up."""
    sheet.freeze_panes = f"{letters(_frozen(columns) + 1)}{HEADER_ROW + 1}"
    if sheet.sheet_view.pane:
        sheet.sheet_view.pane.activePane = "bottomLeft"
    for selection in sheet.sheet_view.selection:
        if selection.pane == "bottomLeft":
            selection.activeCell = selection.sqref = f"A{HEADER_ROW + 1}"
    wide = sum(c.width for c in columns) > WIDE
    look.print_setup(sheet, f"A1:{letters(_printed(sheet, columns))}{last_row}", HEADER_ROW, wide)


def _print_what_is_used(sheet: Worksheet, layout: Layout) -> None:
    """A print area that ends with the last row in which something was typed, so that prepared rows stay off paper.

    Excel works it out when it prints. LibreOffice keeps the name but takes no formula for a print area: it
    prints the tab as far as it has content or borders. A print area that somebody sets replaces this one.
    """
    typed = [number for number, column in enumerate(layout.columns[: layout.shown], 1) if not column.live]
    first, last = f"${letters(min(typed))}${layout.first_row}", f"${letters(max(typed))}${HEADER_ROW + PRINTED_ROWS}"
    tab = f"'{sheet.title}'!"
    edge = f"${letters(_printed(sheet, layout.columns[: layout.shown]))}"
    used = f"{tab}{first}:{last}"
    bottom = f'MAX({layout.first_row},SUMPRODUCT(MAX(({used}<>"")*ROW({used}))))'
    area = f"{tab}$A$1:INDEX({tab}{edge}$1:{edge}${HEADER_ROW + PRINTED_ROWS},{bottom})"
    sheet.print_area = None
    sheet.defined_names.add(DefinedName("_xlnm.Print_Area", attr_text=area))


def _printed(sheet: Worksheet, columns: Sequence[Column]) -> int:
    """So many columns are printed: of a narrow table as many more as its head is wide, lest that is cut."""
    width = sum(sheet.column_dimensions[letters(number)].width for number in range(1, len(columns) + 1))
    title, note = str(sheet.cell(PURPOSE_ROW, 1).value), str(sheet.cell(NOTE_ROW, 2).value)
    head = max(TITLE_LETTER * len(title), sheet.column_dimensions["A"].width + len(note))
    return len(columns) + max(0, math.ceil((head - width) / EMPTY_WIDTH))


def _frozen(columns: Sequence[Column]) -> int:
    """How many leading columns stay in sight: the required ones, two at most, if they are not too wide."""
    width, number = 0.0, 0
    for column in columns[:2]:
        width += column.width
        if not column.required or width > FROZEN_WIDTH:
            break
        number += 1
    return max(number, 1)


# --------------------------------------------------------------- drop-downs and input messages


def list_name(drop_down: str) -> str:
    """The defined name of the entries that a drop-down offers: People.Person -> list_People_Person."""
    return "list_" + re.sub(r"\W", "_", drop_down)


def add_list_names(book: Workbook, layouts: Sequence[Layout]) -> None:
    """A name for the filled-in part of each column that other columns choose from."""
    for drop_down in sorted({c.drop_down for layout in layouts for c in layout.columns if c.drop_down}):
        tab, header = drop_down.split(".")
        letter = letters(next(layout for layout in layouts if layout.form.tab == tab).place(header))
        top = f"'{tab}'!${letter}${HEADER_ROW + 1}"
        reach = f"{top}:${letter}${HEADER_ROW + LIST_ROWS}"
        book.defined_names[list_name(drop_down)] = DefinedName(
            list_name(drop_down), attr_text=f"{top}:INDEX({reach},MAX(1,COUNTA({reach})))"
        )


def _rule(column: Column, area: str, lists: Mapping[tuple[str, ...], str]) -> DataValidation:
    """What a cell of the column accepts without a warning, and the message shown on entry."""
    rule = _accepts(column, lists)
    rule.sqref = rule.sqref.__class__(area)
    rule.allow_blank, rule.errorStyle = True, "stop" if column.live else "warning"
    rule.showInputMessage, rule.promptTitle, rule.prompt = True, column.header[:32], _message(column)
    rule.showErrorMessage = rule.type is not None and column.kind is not Kind.PEOPLE
    rule.errorTitle = f"Check {column.header}"[:32]
    rule.error = _objection(column)[:225]
    return rule


def refusal(
    area: str, error: str = "This cell calculates itself, so it takes no entry. Press Esc to leave it as it was."
) -> DataValidation:
    """Calculated cells take no entry: a slip of the finger is stopped, sorting and filtering are not."""
    return DataValidation(
        type="custom", formula1="FALSE", sqref=area, allow_blank=True, errorStyle="stop",
        showErrorMessage=True, errorTitle="Calculated", error=error,
    )  # fmt: skip


def _accepts(column: Column, lists: Mapping[tuple[str, ...], str]) -> DataValidation:
    if column.live:
        return DataValidation(type="custom", formula1="FALSE")
    if column.choices:
        return DataValidation(type="list", formula1=lists[column.choices])
    if column.drop_down:
        return DataValidation(type="list", formula1=list_name(column.drop_down))
    if column.kind is Kind.DATE:
        return DataValidation(type="date", operator="greaterThanOrEqual", formula1=str(OLDEST_DAY))
    if column.kind in (Kind.NUMBER, Kind.SHARE, Kind.LEVEL):
        low, high = (f"{limit:.0f}" for limit in _limits(column))
        return DataValidation(
            type="whole" if column.kind is Kind.LEVEL else "decimal", operator="between", formula1=low, formula2=high
        )
    return DataValidation()


def _limits(column: Column) -> tuple[float, float]:
    return (-NUMBER_LIMIT if column.low is None else column.low, NUMBER_LIMIT if column.high is None else column.high)


def _message(column: Column) -> str:
    needed = " Needed in every row." if column.required else ""
    form = " Type it as 2026-03-31." if column.kind is Kind.DATE else ""
    return (column.help + form + needed)[:255]


def _objection(column: Column) -> str:
    if column.live:
        return "This cell calculates itself, so it takes no entry. Press Esc to leave it as it was."
    if column.choices or column.drop_down:
        return "This is not in the list. Choose from the list if you can; perfsheet may not understand other words."
    if column.kind is Kind.DATE:
        return "This is not a date. Type it as 2026-03-31."
    low, high = _limits(column)
    if column.low is None:
        return "This is not a number. Type the number alone; units have a column of their own."
    return (
        f"This should be a number between {low:g} and {high:g}."
        if column.high is not None
        else f"This should be a number of at least {low:g}."
    )


def choice_lists(layouts: Iterable[Layout]) -> dict[tuple[str, ...], str]:
    """Every list of choices that columns offer, with the name it gets on Settings."""
    found: dict[tuple[str, ...], str] = {}
    for layout in layouts:
        for column in layout.columns:
            if column.choices and column.choices not in found:
                tab = f" ({layout.form.tab})" if column.header in ("Kind", "State") else ""
                found[column.choices] = column.header + tab
    return found
