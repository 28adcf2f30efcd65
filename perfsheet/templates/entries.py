"""The overall check: obvious faults counted live for each tab, and one cell that says OK or CHECK in every header.

Only what can be seen without judgement is counted: a required cell that is empty, a name or an id that
is not there, a date that is no date or ends before it begins, an id taken twice, a weight below zero.
What takes judgement is for `perfsheet validate`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from openpyxl.formatting.rule import Rule
from openpyxl.styles import Font, PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.worksheet.worksheet import Worksheet

from ..forms import GOALS, PEOPLE, SETTINGS, Column, Form, Kind
from ..forms.settings import FACTS
from ..tables import letters
from . import look

NAME = "entries_to_check"
"""The defined name of the cell that says OK or CHECK for the whole workbook."""

FINE, FAULTY = "✔ OK", "▲ CHECK"

BEGINS = {"Start date": "Due date", "Start": "End", "From": "To"}
"""Columns with a first day, and the column with the last."""

_PLAIN = re.compile(r"[A-Za-z ]+\Z")


def fault_count(form: Form) -> str:
    """The formula (no equals sign) that counts the obvious faults of a tab; every part is a plain SUMPRODUCT."""
    if form is SETTINGS:
        return "+".join(f'({fact.name}="")' for fact in FACTS if fact.required)
    return "+".join(f"SUMPRODUCT({part})" for part in _faults(form))


def _faults(form: Form) -> Iterator[str]:
    def cells(header: str) -> str:
        return f"{form.table}[{header}]"

    inputs = [c for c in form.columns if not c.live and _PLAIN.match(c.header)]
    used = "+".join(f'({cells(c.header)}<>"")' for c in inputs)
    empty = "+".join(f'({cells(c.header)}="")' for c in inputs if c.required)
    yield f"(({used})>0)*({empty})"
    for column in inputs:
        yield from _column_faults(form, column, cells(column.header))
    headers = {c.header for c in inputs if c.kind is Kind.DATE}
    for first, last in BEGINS.items():
        if {first, last} <= headers:
            yield f"ISNUMBER({cells(first)})*ISNUMBER({cells(last)})*({cells(last)}<{cells(first)})"


def _column_faults(form: Form, column: Column, cells: str) -> Iterator[str]:
    if column.drop_down:
        tab, header = column.drop_down.split(".")
        table = next(f.table for f in (PEOPLE, GOALS) if f.tab == tab)
        # of several owners the first is accountable
        wanted = f'LEFT({cells},FIND(";",{cells}&";")-1)' if column.kind is Kind.PEOPLE else f'{cells}&""'
        yield f'({cells}<>"")*ISNA(MATCH(TRIM({wanted}),TRIM({table}[{header}]),0))'
    elif column.kind is Kind.DATE:
        yield f"ISTEXT({cells})"
    elif column.kind is Kind.ID and column.required:
        yield f'({cells}<>"")*(MATCH(TRIM({cells}),TRIM({cells}),0)<>ROW({cells})-ROW({form.table}[[#Headers],[{column.header}]]))'
    elif column.kind is Kind.NUMBER and column.low == 0:
        yield f"({cells}<0)"


def add_check_cell(sheet: Worksheet, row: int, column: int) -> None:
    """The cell that says OK or CHECK for the whole workbook."""
    cell = sheet.cell(row, column, f"={NAME}")
    cell.style = look.CALCULATED
    colour_checks(sheet, cell.coordinate)


def colour_checks(sheet: Worksheet, area: str) -> None:
    """Tints for a cell that begins with OK or CHECK; the words say it too."""
    corner = area.split(":")[0]
    for word, (fill, ink) in ((FINE, look.STATUS_LOOK["✔ On track"]), (FAULTY, look.STATUS_LOOK["▲ At risk"])):
        tint = DifferentialStyle(font=Font(color=ink, bold=True), fill=PatternFill("solid", bgColor=fill))
        formula = f'LEFT({corner},{len(word)})="{word}"'
        sheet.conditional_formatting.add(area, Rule("expression", formula=[formula], dxf=tint))


def mark_faults(sheet: Worksheet, form: Form, places: dict[str, int], first_row: int, last_row: int) -> None:
    """A tint on required cells that are empty in a row that is used, so that the count has a place.

    `places` says which column of the sheet is which of the form, by header.
    """
    numbers = [places[c.header] for c in form.columns if not c.live]
    tint = DifferentialStyle(fill=PatternFill("solid", bgColor=look.STATUS_LOOK["▲ At risk"][0]))
    row = f"${letters(min(numbers))}{first_row}:${letters(max(numbers))}{first_row}"
    for column in form.columns:
        if column.required:
            name = letters(places[column.header])
            formula = f'AND(COUNTA({row})>0,${name}{first_row}="")'
            area = f"{name}{first_row}:{name}{last_row}"
            sheet.conditional_formatting.add(area, Rule("expression", formula=[formula], dxf=tint))


def mark_empty(sheet: Worksheet, cell: str) -> None:
    """A tint on a needed cell while it is empty."""
    tint = DifferentialStyle(fill=PatternFill("solid", bgColor=look.STATUS_LOOK["▲ At risk"][0]))
    sheet.conditional_formatting.add(cell, Rule("expression", formula=[f'{cell}=""'], dxf=tint))
