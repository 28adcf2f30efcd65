"""What the formulas of an empty template show before anything is typed in."""

from __future__ import annotations

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from ..forms import SETTINGS
from ..forms.settings import Fact, labels
from ..tables import letters
from .entries import FAULTY
from .entries import NAME as CHECK
from .finishing import Results
from .inputs import HEADER_ROW
from .settings import FIRST_LIST, VALUE
from .start import COUNT, FIRST_TAB, SIDE_TEXT, meanings


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
    results.update(_checks(book, sum(isinstance(fact, Fact) and fact.required for fact in labels().values())))
    return results


def _checks(book: Workbook, missing: int) -> Results:
    """An empty template lacks nothing but its facts."""
    start: Worksheet = book["Start here"]
    last = max(row for row in range(FIRST_TAB, start.max_row + 1) if start.cell(row, COUNT).value is not None)
    counts: dict[tuple[str, str], str | float] = {
        (start.title, f"{letters(COUNT)}{row}"): 0 for row in range(FIRST_TAB, last)
    }
    verdict = f"{FAULTY} {missing}"
    heads = {(sheet.title, "A2"): verdict for sheet in book.worksheets if sheet.cell(2, 1).value == f"={CHECK}"}
    own: dict[tuple[str, str], str | float] = {
        (start.title, f"{letters(COUNT)}{last}"): missing,
        (start.title, f"{letters(SIDE_TEXT)}{FIRST_TAB}"): verdict,
    }
    return {**counts, **heads, **own}


def _meanings(sheet: Worksheet) -> Results:
    texts = {f"={formula}": text for _, formula, text in meanings()}
    return {
        (sheet.title, cell.coordinate): texts[str(cell.value)]
        for row in sheet.iter_rows()
        for cell in row
        if str(cell.value) in texts
    }
