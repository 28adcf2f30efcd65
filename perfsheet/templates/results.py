"""What the formulas of an empty template show before anything is typed in."""

from __future__ import annotations

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from ..forms import SETTINGS
from ..forms.settings import labels
from ..tables import letters
from .finishing import Results
from .inputs import HEADER_ROW
from .settings import FIRST_LIST, VALUE
from .start import meanings


def results_of(book: Workbook) -> Results:
    """The results that are not empty: settings in force, and the rule texts with their numbers."""
    results: dict[tuple[str, str], str | float] = {(SETTINGS.tab, f"{letters(FIRST_LIST)}{HEADER_ROW + 1}"): 1}
    sheet: Worksheet = book[SETTINGS.tab]
    for row in range(HEADER_ROW + 1, HEADER_ROW + 1 + len(labels())):
        given, default = (sheet.cell(row, column).value for column in (VALUE, VALUE + 2))
        in_force = default if given is None else given
        if isinstance(in_force, (str, int, float)) and in_force != "=TODAY()":
            results[SETTINGS.tab, f"{letters(VALUE + 1)}{row}"] = in_force
    results.update(_meanings(book["Start here"]))
    return results


def _meanings(sheet: Worksheet) -> Results:
    texts = {f"={formula}": text for _, formula, text in meanings()}
    return {
        (sheet.title, cell.coordinate): texts[str(cell.value)]
        for row in sheet.iter_rows()
        for cell in row
        if str(cell.value) in texts
    }
