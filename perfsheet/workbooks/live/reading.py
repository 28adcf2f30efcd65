"""An open workbook to plain tables: the same shapes as from a file, with what was typed a moment ago.

What a program does not tell is left empty: the formulas that new rows of a table would get, and the number formats
of cells that hold no number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from ...errors import Hostile
from ...tables import Area, Book, Cell, Formulas, ListObject, Sheet, letters
from ..formulas import SheetFormulas, tables_in
from ..reading import MARK
from ..serials import kind_of, moment
from .host import Host

if TYPE_CHECKING:
    import xlwings as xw

T = TypeVar("T")
R = TypeVar("R")
Place = tuple[int, int]
Grid = Sequence[Sequence[Any]]

MOST_CELLS = 5_000_000
"""A used area of more cells is one that was formatted far beyond its entries."""
ERRORS = frozenset({"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!"})
_STATES: Mapping[Any, str] = {True: "visible", -1: "visible", False: "hidden", 2: "veryHidden"}
_DAY_ZERO = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}
"""The day 0 of a date that a program hands over: without the leap day of 1900 that never was."""
_ERROR_CODES = range(-2_146_826_300, -2_146_826_200)
"""How COM hands over an error that xlwings has no word for."""


def read(book: xw.Book, host: Host, bare: Collection[str] = ()) -> Book:
    """The whole workbook as it stands on the screen.

    Of our tabs with a mark in `bare` the number formats are not asked for, which takes most of the time: their
    dates stay numbers.
    """
    date1904 = host.facts(book).date1904

    def told(sheet: xw.Sheet) -> tuple[Sheet, dict[Place, str]]:
        reader = _Reader(sheet, book.name, date1904, host, bare)
        return reader.sheet(), reader.texts

    found = _each(told, list(book.sheets), host.at_once)
    sheets = [sheet for sheet, _ in found]
    texts = {sheet.name.casefold(): formulas for sheet, formulas in found}
    tables = tables_in({sheet.name: sheet.list_objects for sheet in sheets})
    known: dict[str, Formulas] = {}

    def formulas(name: str) -> Formulas:
        key = name.casefold()
        if key not in known:
            known[key] = SheetFormulas(name, texts.get(key, {}), tables, dict)
        return known[key]

    return Book(book.name, tuple(sheets), _digest(sheets), date1904, formulas)


def _each(work: Callable[[T], R], things: Sequence[T], at_once: int) -> list[R]:
    """The results in order; in this thread alone where only one may ask, since some programs know no other."""
    if at_once == 1:
        return [work(thing) for thing in things]
    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(work, things))


def _digest(sheets: Sequence[Sheet]) -> str:
    """A fingerprint of all cells, as a file has one of its bytes."""
    seen = hashlib.sha256()
    for sheet in sheets:
        seen.update(repr((sheet.name, sheet.state, sorted(sheet.cells.items()))).encode("utf-8", "surrogatepass"))
    return seen.hexdigest()


class _Reader:
    """One tab: its values and formulas are fetched in one go, the rest in as few questions as possible."""

    def __init__(self, sheet: xw.Sheet, path: str, date1904: bool, host: Host, bare: Collection[str]) -> None:
        self._sheet, self._date1904, self._host, self._bare = sheet, date1904, host, bare
        self.name: str = sheet.name
        self._used = sheet.used_range
        self._top, self._left = self._used.row, self._used.column
        self._height, self._width = self._used.shape
        if self._height * self._width > MOST_CELLS:
            end = f"{letters(self._left + self._width - 1)}{self._top + self._height - 1}"
            what = f"its tab '{self.name}' is in use as far as {end}"
            raise Hostile(path, what, "Delete the empty rows and columns below and beside the entries, and save it")
        self._values: Grid = self._used.options(ndim=2, err_to_str=True).value
        self._formulas: Grid = _grid(self._used.formula, self._height, self._width)
        self.texts: dict[Place, str] = {}

    def sheet(self) -> Sheet:
        mark = text_named(self._sheet, MARK)
        state = _STATES.get(self._sheet.visible, "visible")
        cells, remarks = self._cells(mark not in self._bare)
        return Sheet(
            self.name, state, cells, tuple(self._tables(cells)), tuple(self._merged()),
            *self._host.hidden(self._used), mark, tuple(remarks),
        )  # fmt: skip

    # ------------------------------------------------------------------ cells

    def _cells(self, dated: bool) -> tuple[dict[Place, Cell], list[tuple[str, str]]]:
        cells: dict[Place, Cell] = {}
        numbers: dict[int, dict[int, tuple[float, bool]]] = {}
        for row, (values, formulas) in enumerate(zip(self._values, self._formulas, strict=True), start=self._top):
            for column, (value, formula) in enumerate(zip(values, formulas, strict=True), start=self._left):
                if value is None and not formula:
                    continue
                place = row, column
                calculated = formula[:1] == "=" and formula != value
                if calculated:
                    self.texts[place] = formula[1:]
                number = self._number(value)
                if number is None:
                    cells[place] = _cell(value, calculated)
                else:
                    numbers.setdefault(column, {})[row] = number, calculated
                    cells[place] = Cell("number", number, calculated)
        return cells, list(self._dated(cells, numbers)) if dated else []

    def _number(self, value: Any) -> float | None:
        """A number; of a date, its number in this workbook's calendar."""
        if isinstance(value, datetime):
            return (value.replace(tzinfo=None) - _DAY_ZERO[self._date1904]) / timedelta(days=1)
        if isinstance(value, Decimal):
            return float(value)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and value not in _ERROR_CODES:
            return int(value) if value == int(value) and abs(value) < 1e15 else value
        return None

    def _dated(
        self, cells: dict[Place, Cell], numbers: Mapping[int, Mapping[int, tuple[float, bool]]]
    ) -> Iterator[tuple[str, str]]:
        """Numbers get the meaning of their formats; yields what is odd about them."""
        for column, rows in numbers.items():
            for first, last, code in self._formats(column, sorted(rows)):
                kind = kind_of(code)
                for row in (r for r in rows if first <= r <= last):
                    number, calculated = rows[row]
                    place = row, column
                    if code == "BOOLEAN":
                        cells[place] = Cell("bool", bool(number), calculated)
                    elif kind == "number":
                        cells[place] = Cell("number", number, calculated, code)
                    else:
                        found = moment(number, kind, self._date1904)
                        cells[place] = Cell(found.type, found.value, calculated, code)
                        if found.remark:
                            yield found.remark[0], f"{letters(column)}{row} {found.remark[1]}"

    def _formats(self, column: int, rows: Sequence[int]) -> Iterator[tuple[int, int, str]]:
        """(first row, last row, format) of the rows with numbers in a column."""
        code = self._block(rows[0], column, rows[-1], column).number_format
        if code is not None or len(rows) == 1:
            yield rows[0], rows[-1], code or "General"
            return
        half = len(rows) // 2
        yield from self._formats(column, rows[:half])
        yield from self._formats(column, rows[half:])

    def _block(self, top: int, left: int, bottom: int, right: int) -> xw.Range:
        return self._sheet.range((top, left), (bottom, right))

    # ----------------------------------------------------------------- layout

    def _tables(self, cells: Mapping[Place, Cell]) -> Iterator[ListObject]:
        for table in self._sheet.tables:
            extent = table.range
            (height, width), top, left = extent.shape, extent.row, extent.column
            titles = (cells.get((top, column)) for column in range(left, left + width))
            columns = tuple("" if t is None or t.value is None else str(t.value) for t in titles)
            area = Area(top, left, top + height - 1, left + width - 1)
            headed = bool(table.show_headers)
            yield ListObject(table.name, area, columns if headed else (), int(headed), int(bool(table.show_totals)))

    def _merged(self) -> Iterator[Area]:
        seen = set()
        for place in self._merged_cells(self._top, self._left, self._height, self._width):
            area = self._block(*place, *place).merge_area
            found = Area(area.row, area.column, area.row + area.shape[0] - 1, area.column + area.shape[1] - 1)
            if found not in seen:
                seen.add(found)
                yield found

    def _merged_cells(self, top: int, left: int, height: int, width: int) -> Iterator[Place]:
        """A cell of each merged area, by halves where the answer is neither yes nor no: most tabs have none."""
        answer = self._block(top, left, top + height - 1, left + width - 1).merge_cells
        if answer is True or height * width == 1:
            yield from ((top, left),) if answer is True else ()
        elif answer is not False and height >= width:
            yield from self._merged_cells(top, left, height // 2, width)
            yield from self._merged_cells(top + height // 2, left, height - height // 2, width)
        elif answer is not False:
            yield from self._merged_cells(top, left, height, width // 2)
            yield from self._merged_cells(top, left + width // 2, height, width - width // 2)


def _grid(values: Any, height: int, width: int) -> Grid:
    """Formulas as rows: of a single cell and a single row or column some programs give less than that."""
    if height * width == 1 and not isinstance(values, (list, tuple)):
        return ((str(values or ""),),)
    if values and not isinstance(values[0], (list, tuple)):
        values = (values,) if height == 1 else tuple((value,) for value in values)
    return [[v if isinstance(v, str) else "" if v is None else str(v) for v in row] for row in values]


def _cell(value: Any, calculated: bool) -> Cell:
    if isinstance(value, bool):
        return Cell("bool", value, calculated)
    if isinstance(value, (int, float)):
        return Cell("error", "#VALUE!", calculated)
    text = "" if value is None else str(value)
    return Cell("error" if text in ERRORS else "text", text, calculated)


def text_named(sheet: xw.Sheet, wanted: str) -> str | None:
    """The text that a name of the tab's own stands for; None if it has no such name."""
    found = next((name for name in sheet.names if name.name.rpartition("!")[2] == wanted), None)
    return str(found.refers_to or "").removeprefix("=").strip('"').replace('""', '"') if found else None
