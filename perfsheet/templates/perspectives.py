"""The Scorecard tab: each perspective's key figures added up, live."""

from __future__ import annotations

from collections.abc import Mapping

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from ..forms import Column, Kind
from ..live_columns import Step
from ..tables import letters
from . import look
from .inputs import HEADER_ROW, add_head, add_table, finish_tab, format_of, refusal, set_formula
from .views import BANDS, PERSPECTIVES

TAB, TABLE = "Scorecard", "tblScorecard"
ROWS = 8
"""The perspectives of the list, and room for others."""

PURPOSE = "The scorecard at a glance: key figures by perspective"

MINE = "(tblGoals[Perspective]=[Perspective])"
COUNTED = f"{MINE}*ISNUMBER(tblGoals[Points])"
WEIGHT = "IF(ISNUMBER(tblGoals[Weight]),tblGoals[Weight],1)"


def _column(header: str, help: str, formula: str, format: str = "0", width: float = 14, array: bool = False) -> Step:
    name = header.lower().replace(" ", "_")
    column = Column(name, header, Kind.NUMBER, help, live=True, width=width, format=format)
    return Step(column, f'IF([Perspective]="","",{formula})', help, array, TABLE)


PERSPECTIVE = Column("perspective", "Perspective", Kind.TEXT, "As in Goals.", required=True, width=26)
FIGURES = (
    _column("Key figures", "Live: how many there are.", f"SUMPRODUCT({MINE}*1)"),
    _column("With points", "Live: how many of them have a number, a threshold and a target.", f"SUMPRODUCT({COUNTED})"),
    _column(
        "Mean points", "Live: 0 to 10, weighted; the threshold is 3.3, the target 6.7.",
        f'IF(SUM(IF({COUNTED},{WEIGHT},0))=0,"",SUM(IF({COUNTED},{WEIGHT}*tblGoals[Points],0))/SUM(IF({COUNTED},{WEIGHT},0)))',
        "0.0", array=True,
    ),
    *(
        _column(word[2:], "Live: how many stand there.", f'SUMPRODUCT({MINE}*(tblGoals[Band]="{word}"))', "0;;–")
        for word in BANDS
    ),
)  # fmt: skip


def add_scorecard_tab(book: Workbook, lists: Mapping[tuple[str, ...], str]) -> Worksheet:
    """One row a perspective. `lists` says where the perspectives to choose from stand on Settings."""
    sheet: Worksheet = book.create_sheet(TAB)
    columns = (PERSPECTIVE, *(step.column for step in FIGURES))
    last = HEADER_ROW + ROWS
    add_head(sheet, PURPOSE, columns)
    for row in range(HEADER_ROW + 1, last + 1):
        _add_row(sheet, row, PERSPECTIVES[row - HEADER_ROW - 1] if row - HEADER_ROW <= len(PERSPECTIVES) else None)
    headers = [c.header for c in columns]
    add_table(sheet, TABLE, last, headers, {step.column.header: step for step in FIGURES})
    sheet.add_data_validation(
        DataValidation(
            type="list", formula1=lists[PERSPECTIVES], sqref=f"A{HEADER_ROW + 1}:A{last}", allow_blank=True,
            showInputMessage=True, promptTitle="Perspective", prompt="The same word as in the Perspective column of Goals.",
        )
    )  # fmt: skip
    sheet.add_data_validation(refusal(f"B{HEADER_ROW + 1}:{letters(len(columns))}{last}"))
    finish_tab(sheet, columns, last)
    return sheet


def _add_row(sheet: Worksheet, row: int, perspective: str | None) -> None:
    first = sheet.cell(row, 1, perspective)
    first.style = look.ENTRY
    for number, step in enumerate(FIGURES, 2):
        cell = sheet.cell(row, number)
        cell.style = look.CALCULATED
        cell.number_format = format_of(step.column)
        cell.alignment = Alignment(horizontal="right", vertical="top")
        set_formula(cell, step)
