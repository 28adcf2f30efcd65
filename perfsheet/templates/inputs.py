"""One input tab from its form: purpose, hints, table, drop-downs, messages, formats, print set-up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.filters import AutoFilter
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import Outline
from openpyxl.worksheet.table import Table, TableColumn, TableFormula, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from ..forms import FORMS, GOALS, Column, Form, Kind
from ..live_columns import HELPERS, VISIBLE, Step
from ..tables import letters
from . import look

PURPOSE_ROW, NOTE_ROW, HINT_ROW, HEADER_ROW = 1, 2, 3, 4
FROZEN_WIDTH = 60
"""Leading required columns stay in sight up to this width."""
WIDE = 200
"""Tabs wider than this print on A3."""
LIST_ROWS = 1000
"""Drop-downs of names and ids look so far down; only what is filled in is offered."""

FORMATS: Mapping[Kind, str] = {
    Kind.DATE: "yyyy-mm-dd", Kind.SHARE: "0%", Kind.LEVEL: "+0;-0;0", Kind.ID: "@",
}  # fmt: skip
ALIGNED = {Kind.DATE: "center", Kind.ID: "left", Kind.CHOICE: "left", Kind.FLAG: "center"}
NARROWEST = 11
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


def layout_of(form: Form) -> Layout:
    """The form's own columns; for Goals the steps of the live columns behind them."""
    steps = (*VISIBLE, *HELPERS) if form is GOALS else ()
    extra = tuple(step.column for step in HELPERS) if form is GOALS else ()
    by_header = {step.column.header: step for step in steps}
    columns = tuple(by_header[c.header].column if c.live else c for c in form.columns) + extra
    return Layout(form, columns, by_header, len(form.columns), form.prepared_rows)


def add_input_tab(book: Workbook, form: Form, lists: Mapping[tuple[str, ...], str]) -> Worksheet:
    """The tab of a form. `lists` says where the drop-downs' choices stand on Settings."""
    layout = layout_of(form)
    sheet: Worksheet = book.create_sheet(form.tab)
    add_head(sheet, form, layout.columns, layout.shown)
    for row in range(layout.first_row, layout.last_row + 1):
        for number, column in enumerate(layout.columns, 1):
            _fill_cell(sheet, row, number, column, layout.steps.get(column.header))
    add_table(sheet, form.table, layout.last_row, [c.header for c in layout.columns], layout.steps)
    _fold_steps(sheet, layout)
    for number, column in enumerate(layout.columns[: layout.shown], 1):
        sheet.add_data_validation(_rule(column, layout.cells(number), lists))
    finish_tab(sheet, layout.columns[: layout.shown], layout.last_row)
    if form is GOALS:
        look.colour_statuses(sheet, layout.cells(layout.shown))
    return sheet


# --------------------------------------------------------------------- the rows above the table


def add_head(sheet: Worksheet, form: Form, columns: Sequence[Column], shown: int | None = None) -> None:
    """Purpose in A1, a way back, the hint above each header, and the headers; the first `shown` set the height."""
    sheet.cell(PURPOSE_ROW, 1, form.purpose).style = look.TITLE
    link_to(sheet, NOTE_ROW, 1, "Start here", "← Start")
    note = sheet.cell(
        NOTE_ROW,
        2,
        "* is needed in every row that you use. Leave the rest empty if you do not know it: empty is never read as zero.",
    )
    note.style, note.alignment = look.HINT, Alignment(wrap_text=False, vertical="top")
    heights = []
    for number, column in enumerate(columns, 1):
        width = sheet.column_dimensions[letters(number)].width = max(column.width, NARROWEST) + 2
        hint = ("* " if column.required else "") + _first_sentence(column.help)
        sheet.cell(HINT_ROW, number, hint).style = look.HINT
        sheet.cell(HEADER_ROW, number, column.header)
        look.dress_header(sheet, HEADER_ROW, number, column.live)
        heights.append(look.lines_needed(hint, width))
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
        cell.alignment = Alignment(vertical="top", indent=1)
    if column.kind in ALIGNED:
        cell.alignment = Alignment(vertical="top", wrap_text=True, horizontal=ALIGNED[column.kind])
    if step:
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
    look.print_setup(sheet, f"A1:{letters(len(columns))}{last_row}", HEADER_ROW, wide)


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


def add_list_names(book: Workbook) -> None:
    """A name for the filled-in part of each column that other columns choose from."""
    for drop_down in sorted({c.drop_down for form in FORMS for c in form.columns if c.drop_down}):
        tab, header = drop_down.split(".")
        form = next(f for f in FORMS if f.tab == tab)
        letter = letters(1 + [c.header for c in form.columns].index(header))
        top = f"'{tab}'!${letter}${HEADER_ROW + 1}"
        reach = f"{top}:${letter}${HEADER_ROW + LIST_ROWS}"
        book.defined_names[list_name(drop_down)] = DefinedName(
            list_name(drop_down), attr_text=f"{top}:INDEX({reach},MAX(1,COUNTA({reach})))"
        )


def _rule(column: Column, area: str, lists: Mapping[tuple[str, ...], str]) -> DataValidation:
    """What a cell of the column accepts without a warning, and the message shown on entry."""
    rule = _accepts(column, lists)
    rule.sqref = rule.sqref.__class__(area)
    rule.allow_blank, rule.errorStyle = True, "warning"
    rule.showInputMessage, rule.promptTitle, rule.prompt = True, column.header[:32], _message(column)
    rule.showErrorMessage = rule.type is not None and column.kind is not Kind.PEOPLE
    rule.errorTitle = f"Check {column.header}"[:32]
    rule.error = _objection(column)[:225]
    return rule


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
        return "This cell calculates itself. Keep what you typed only if you mean to replace its formula."
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


def choice_lists(forms: Iterable[Form]) -> dict[tuple[str, ...], str]:
    """Every list of choices that columns offer, with the name it gets on Settings."""
    found: dict[tuple[str, ...], str] = {}
    names: dict[str, int] = {}
    for form in forms:
        for column in form.columns:
            if column.choices and column.choices not in found:
                names[column.header] = names.get(column.header, 0) + 1
                found[column.choices] = (
                    f"{column.header} ({form.tab})" if column.header in ("Kind", "State") else column.header
                )
    return found
