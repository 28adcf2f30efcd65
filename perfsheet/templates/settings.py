"""The Settings tab: facts and policy numbers with what is in force, and the lists behind the drop-downs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet

from ..forms import SETTINGS, Column, Kind
from ..forms.settings import TEMPLATE_VERSION, Fact, labels
from ..live_columns import IN_FORCE as FORCE
from ..live_columns import WHOLE_PERCENT, Step
from ..policy import Knob
from ..tables import Scalar, letters
from ..workbooks.heights import lines_in
from . import look
from .entries import mark_empty
from .inputs import HEADER_ROW, HINT_ROW, OLDEST_DAY, add_head, add_table, finish_tab, refusal

IN_FORCE = Step(
    Column("in_force", FORCE, Kind.ANY, "What applies now; all formulas look here.", live=True, width=24),
    'IF([Value]<>"",[Value],IF([Default]<>"",[Default],""))',
    "The value, else the default; in sight, so that nobody has to guess.",
    table=SETTINGS.table,
)
COLUMNS = (
    Column("section", "Section", Kind.TEXT, "What it is about.", width=14),
    *SETTINGS.columns,
    IN_FORCE.column,
    Column("default", "Default", Kind.ANY, "Applies while Value is empty.", live=True, width=14),
    Column("meaning", "Meaning", Kind.TEXT, "What the setting does.", live=True, width=92),
)
VALUE = 1 + [c.name for c in COLUMNS].index("value")
FIRST_LIST = len(COLUMNS) + 2
OURS = ("workbook_id", "template_version")
"""Settings that perfsheet fills in."""
LONG = ("contact", "workbook_id")
"""Settings whose text may need a second line."""
YES_NO = ("Yes", "No")
OBJECTION = "This cell calculates itself. Your entry belongs under Value; press Esc."


def setting_name(thing: Fact | Knob) -> str:
    """The defined name of a setting's cell in force: as_of, period_start, pol_at_risk_pace."""
    return f"pol_{thing.name}" if isinstance(thing, Knob) else thing.name


def choices_of(thing: Fact | Knob) -> tuple[str, ...]:
    """The words that a setting takes, if it takes words."""
    if isinstance(thing, Fact):
        return ()
    return YES_NO if isinstance(thing.default, bool) else thing.choices


def add_settings_tab(book: Workbook, lists: Mapping[tuple[str, ...], str], template: str) -> Worksheet:
    """Settings with one row for each fact and each policy number, and the lists beside them."""
    sheet: Worksheet = book.create_sheet(SETTINGS.tab)
    add_head(sheet, SETTINGS.purpose, COLUMNS)
    things = labels()
    for row, (label, thing) in enumerate(things.items(), HEADER_ROW + 1):
        _add_row(book, sheet, row, label, thing, f"{template} {TEMPLATE_VERSION}")
    last = HEADER_ROW + len(things)
    add_table(sheet, SETTINGS.table, last, [c.header for c in COLUMNS], {IN_FORCE.column.header: IN_FORCE})
    finish_tab(sheet, COLUMNS, last)
    sheet.freeze_panes = f"{letters(VALUE)}{HEADER_ROW + 1}"
    _add_whole_percent(book, sheet)
    places = _add_lists(sheet, lists)
    for row, (label, thing) in enumerate(things.items(), HEADER_ROW + 1):
        sheet.add_data_validation(_rule(label, thing, f"{letters(VALUE)}{row}", places))
    sheet.add_data_validation(refusal(f"{letters(VALUE + 1)}{HEADER_ROW + 1}:{letters(VALUE + 2)}{last}", OBJECTION))
    sheet.add_data_validation(refusal(f"{letters(FIRST_LIST)}{HEADER_ROW + 1}"))
    colour_required(sheet, VALUE)
    return sheet


def colour_required(sheet: Worksheet, column: int) -> None:
    """A tint on facts that are needed and still empty."""
    for row, thing in enumerate(labels().values(), HEADER_ROW + 1):
        if isinstance(thing, Fact) and thing.required:
            mark_empty(sheet, f"{letters(column)}{row}")


def _add_row(book: Workbook, sheet: Worksheet, row: int, label: str, thing: Fact | Knob, version: str) -> None:
    section = "This workbook" if isinstance(thing, Fact) else thing.group
    value = version if thing.name == "template_version" else None
    cells = (section, label, value, "=" + IN_FORCE.text, _default(thing), thing.help)
    for number, (column, content) in enumerate(zip(COLUMNS, cells, strict=True), 1):
        cell = sheet.cell(row, number, content)
        if column.name in ("value", "in_force", "default"):
            cell.style = look.ENTRY if column.name == "value" and thing.name not in OURS else look.CALCULATED
            cell.number_format = _format(thing)
        else:
            cell.font = look.font(bold=column.name == "setting" and getattr(thing, "required", False))
        cell.alignment = Alignment(vertical="top", wrap_text=True, horizontal="left")
    lines = 2 if thing.name in LONG else lines_in(thing.help, COLUMNS[-1].width)
    sheet.row_dimensions[row].height = 15 * lines + 1
    name = setting_name(thing)
    book.defined_names[name] = DefinedName(name, attr_text=f"{SETTINGS.tab}!${letters(VALUE + 1)}${row}")


def _default(thing: Fact | Knob) -> Scalar:
    """The default as it is shown. Today's date is the one volatile cell of the workbook."""
    if isinstance(thing, Fact):
        return "=TODAY()" if thing.name == "as_of" else None
    return ("Yes" if thing.default else "No") if isinstance(thing.default, bool) else thing.default


def _format(thing: Fact | Knob) -> str:
    if isinstance(thing, Knob):
        return "0%" if thing.percent else "General"
    return "yyyy-mm-dd" if thing.kind is Kind.DATE else "@" if thing.kind is Kind.ID else "General"


def _add_whole_percent(book: Workbook, sheet: Worksheet) -> None:
    """The scale of Percent goals, decided for the whole log, in sight beside the settings."""
    column = letters(FIRST_LIST)
    sheet.column_dimensions[column].width = 26
    sheet.cell(HINT_ROW, FIRST_LIST, "Calculated: what 100 % is in the check-ins of Percent goals.").style = look.HINT
    sheet.cell(HEADER_ROW, FIRST_LIST, "100 % is")
    look.dress_header(sheet, HEADER_ROW, FIRST_LIST, calculated=True)
    cell = sheet.cell(HEADER_ROW + 1, FIRST_LIST)
    cell.style = look.CALCULATED
    cell.value = ArrayFormula(cell.coordinate, "=" + WHOLE_PERCENT)
    book.defined_names["whole_percent"] = DefinedName(
        "whole_percent", attr_text=f"{SETTINGS.tab}!${column}${HEADER_ROW + 1}"
    )


def _add_lists(sheet: Worksheet, lists: Mapping[tuple[str, ...], str]) -> dict[tuple[str, ...], str]:
    """The choices behind the drop-downs, in sight; returns where each list stands."""
    places = list_places(lists)
    for number, (choices, header) in enumerate(lists.items(), FIRST_LIST + 2):
        sheet.column_dimensions[letters(number)].width = 20
        hint = "Lists behind the drop-downs; please leave them as they are." if number == FIRST_LIST + 2 else None
        sheet.cell(HINT_ROW, number, hint).style = look.HINT
        sheet.cell(HEADER_ROW, number, header)
        look.dress_header(sheet, HEADER_ROW, number, calculated=True)
        for row, choice in enumerate(choices, HEADER_ROW + 1):
            sheet.cell(row, number, choice).style = look.CALCULATED
    return places


def list_places(lists: Mapping[tuple[str, ...], str]) -> dict[tuple[str, ...], str]:
    """Where each list of choices stands: Settings!$J$5:$J$12."""
    return {
        choices: f"{SETTINGS.tab}!${letters(number)}${HEADER_ROW + 1}:${letters(number)}${HEADER_ROW + len(choices)}"
        for number, choices in enumerate(lists, FIRST_LIST + 2)
    }


def _rule(label: str, thing: Fact | Knob, cell: str, places: Mapping[tuple[str, ...], str]) -> DataValidation:
    """What a setting's Value accepts without a warning, and the message shown on entry."""
    rule = _accepts(thing, places)
    rule.sqref = rule.sqref.__class__(cell)
    rule.allow_blank, rule.errorStyle = True, "warning"
    rule.showInputMessage, rule.promptTitle, rule.prompt = (
        True,
        label[:32],
        (thing.help + _limits_in_words(thing))[:255],
    )
    rule.showErrorMessage = rule.type is not None
    rule.errorTitle, rule.error = (
        "Check this setting",
        f"{label}: this value is outside what it can mean.{_limits_in_words(thing)}"[:225],
    )
    return rule


def _accepts(thing: Fact | Knob, places: Mapping[tuple[str, ...], str]) -> DataValidation:
    if choices_of(thing):
        return DataValidation(type="list", formula1=places[choices_of(thing)])
    if isinstance(thing, Fact):
        return (
            DataValidation(type="date", operator="greaterThanOrEqual", formula1=str(OLDEST_DAY))
            if thing.kind is Kind.DATE
            else DataValidation()
        )
    kind: Literal["whole", "decimal"] = (
        "whole" if isinstance(thing.default, int) or thing.default is None else "decimal"
    )
    low, high = (f"{limit:g}" for limit in (thing.low or 0, 1e9 if thing.high is None else thing.high))
    return DataValidation(type=kind, operator="between", formula1=low, formula2=high)


def _limits_in_words(thing: Fact | Knob) -> str:
    if isinstance(thing, Fact):
        return " Type it as 2026-03-31." if thing.kind is Kind.DATE else ""
    if choices_of(thing):
        return " Choose from the list."
    if thing.low is None or thing.high is None:
        return ""
    low, high = ((f"{limit:.0%}" if thing.percent else f"{limit:g}") for limit in (thing.low, thing.high))
    return f" From {low} to {high}."
