"""A spreadsheet program in memory, as xlwings sees one: what it hands over is what Excel hands over through COM.

Numbers come as floats, days as datetimes, errors as COM's numbers, an empty text as None; a number format of cells
that differ is None. It does not calculate: a formula that is written keeps the result that stood in its cell, and
`recalculate`, if it is given, is called where a program would calculate.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl

from perfsheet.tables import Area, Book, Cell, ListObject, Sheet, cell_position, letters
from perfsheet.workbooks.live import engines
from perfsheet.workbooks.live.host import Facts
from perfsheet.workbooks.live.hosts import Found
from perfsheet.workbooks.reading import read

EPOCH = datetime(1899, 12, 30)
ERRORS = {"#DIV/0!": -2146826281, "#N/A": -2146826246, "#NAME?": -2146826259, "#NULL!": -2146826288, "#NUM!": -2146826252, "#REF!": -2146826265, "#VALUE!": -2146826273}  # fmt: skip


class Trouble(Exception):
    """What the program says is wrong."""


class Engine:
    """Registered once; the programs are what the tests start."""

    name, type = "memory", "desktop"

    @staticmethod
    def clean_value_data(data: Any, datetime_builder: Any, empty_as: Any, number_builder: Any, err_to_str: bool) -> Any:
        words = {number: word for word, number in ERRORS.items()}

        def clean(value: Any) -> Any:
            if value in ("", None):
                return empty_as
            return (words[value] if err_to_str else None) if type(value) is int and value in words else value

        return [[clean(value) for value in row] for row in data]

    @staticmethod
    def prepare_xl_data_element(value: Any, date_format: Any) -> Any:
        return "" if value is None else value


engine = Engine()


class App:
    """A program with open workbooks."""

    engine = engine
    screen_updating = enable_events = display_alerts = True
    pid = 1

    def __init__(self) -> None:
        self.open: list[MemoryBook] = []
        self.front: MemoryBook | None = None
        self.chosen: tuple[str, int, int, int, int] = ("", 1, 1, 1, 1)
        self.mode = "automatic"
        self.modes: list[str] = []
        self.recalculate: Callable[[MemoryBook], None] = lambda book: None

    @property
    def books(self) -> Books:
        return Books(self)

    @property
    def calculation(self) -> str:
        return self.mode

    @calculation.setter
    def calculation(self, mode: str) -> None:
        self.mode = mode
        self.modes.append(mode)
        if mode == "automatic":
            for book in self.open:
                self.recalculate(book)

    @property
    def selection(self) -> Range:
        name, *cells = self.chosen
        return Range(self.front.sheets(name), *cells)

    def opened(self, path: Path) -> MemoryBook:
        """A workbook as a user opens it."""
        book = MemoryBook(self, read(path), str(path))
        for name, formats in _formats(path.read_bytes()).items():
            book.sheets(name).formats = dict(formats)
        book.name_tabs(path)
        self.open.append(book)
        self.front = book
        self.chosen = (book.tabs[0].name, 1, 1, 1, 1)
        return book


def _sheets(data: bytes, *, cells: bool) -> list[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return openpyxl.load_workbook(io.BytesIO(data), read_only=not cells).worksheets


@lru_cache
def _names_of_tabs(data: bytes) -> dict[str, dict[str, str]]:
    """The names that are defined for each tab alone."""
    sheets = _sheets(data, cells=False)
    return {s.title: {n: str(d.attr_text) for n, d in s.defined_names.items()} for s in sheets}


@lru_cache
def _formats(data: bytes) -> dict[str, dict[tuple[int, int], str]]:
    """The number formats of all cells, empty ones too, by tab; those that say something."""
    sheets = _sheets(data, cells=True)
    cells = {s.title: [(c.row, c.column, c.number_format) for row in s.iter_rows() for c in row] for s in sheets}
    return {name: {(r, c): code for r, c, code in found if code != "General"} for name, found in cells.items()}


class Books:
    def __init__(self, app: App) -> None:
        self.app = app

    @property
    def active(self) -> MemoryBook:
        if self.app.front is None:
            raise KeyError("active")
        return self.app.front

    def __call__(self, name: int | str) -> MemoryBook:
        if isinstance(name, int):
            return self.app.open[name - 1]
        for book in self.app.open:
            if book.name == name:
                return book
        raise KeyError(name)

    def __iter__(self) -> Iterator[MemoryBook]:
        return iter(list(self.app.open))

    def __len__(self) -> int:
        return len(self.app.open)

    def open(self, fullname: str, *_: Any) -> MemoryBook:
        book = MemoryBook(self.app, read(fullname), fullname)
        book.name_tabs(Path(fullname))
        self.app.open.append(book)
        return book


class MemoryBook:
    def __init__(self, app: App, book: Book, fullname: str) -> None:
        self.app, self.fullname, self.name = app, fullname, Path(fullname).name
        self.tabs = [Tab(self, sheet, book) for sheet in book.sheets]
        self.locked = False
        self.api = self

    def name_tabs(self, path: Path) -> None:
        """Gives the tabs the names that are defined for each alone in the file."""
        for title, named in _names_of_tabs(path.read_bytes()).items():
            self.sheets(title).named = dict(named)

    @property
    def sheets(self) -> Sheets:
        return Sheets(self)

    def activate(self, *_: Any) -> None:
        self.app.front = self

    def close(self) -> None:
        self.app.open.remove(self)


class Sheets:
    def __init__(self, book: MemoryBook) -> None:
        self.book = book

    @property
    def active(self) -> Tab:
        return self(self.book.app.chosen[0])

    def __call__(self, name: int | str) -> Tab:
        if isinstance(name, int):
            return self.book.tabs[name - 1]
        for tab in self.book.tabs:
            if tab.name == name:
                return tab
        raise KeyError(name)

    def __iter__(self) -> Iterator[Tab]:
        return iter(list(self.book.tabs))

    def __len__(self) -> int:
        return len(self.book.tabs)

    def __contains__(self, name: str) -> bool:
        return any(tab.name == name for tab in self.book.tabs)


class Tab:
    """One tab: [value, formula, number format] by cell, and what lies on it."""

    def __init__(self, book: MemoryBook, sheet: Sheet, whole: Book) -> None:
        self.book, self.name, self.api = book, sheet.name, self
        texts = whole.formulas(sheet.name).texts if whole.formulas else {}
        self.cells = {p: [handed(c), texts.get(p), c.format] for p, c in sheet.cells.items()}
        self.areas = list(sheet.list_objects)
        self.merged, self.rows_hidden, self.columns_hidden = sheet.merged, sheet.hidden_rows, sheet.hidden_columns
        self.colour, self.locked = None, False
        self.named: dict[str, str] = {}
        self.formats: dict[tuple[int, int], str] = {}
        """Of cells that are empty as well."""
        self.visible: Any = {"visible": -1, "hidden": 0, "veryHidden": 2}[sheet.state]

    @property
    def names(self) -> Names:
        return Names(self.named)

    @property
    def tables(self) -> Tables:
        return Tables(self)

    @property
    def index(self) -> int:
        return self.book.tabs.index(self) + 1

    @property
    def used_range(self) -> Range:
        rows, columns = [r for r, _ in self.cells] or [1], [c for _, c in self.cells] or [1]
        return Range(self, 1, 1, max(rows), max(columns))

    def range(self, first: Any, second: Any = None) -> Range:
        if isinstance(first, tuple) and len(first) == 4:
            return Range(self, *first)
        if isinstance(first, str):
            first = cell_position(first)
        second = second or first
        first, second = (((c.row, c.column) if isinstance(c, Range) else c) for c in (first, second))
        return Range(self, *first, second[0] - first[0] + 1, second[1] - first[1] + 1)

    def activate(self) -> None:
        self.book.app.chosen = (self.name, 1, 1, 1, 1)

    def delete(self) -> None:
        self.book.tabs.remove(self)
        if self.book.app.chosen[0] == self.name:
            self.book.app.chosen = (self.book.tabs[0].name, 1, 1, 1, 1)
        self.book.app.recalculate(self.book)

    def copy(self, before: Tab | None, after: Tab | None) -> None:
        beside = before or after
        assert beside is not None
        new = object.__new__(Tab)
        cells = {p: list(c) for p, c in self.cells.items()}
        new.__dict__ = {**self.__dict__, "book": beside.book, "cells": cells, "formats": dict(self.formats)}
        new.api = new
        beside.book.tabs.insert(beside.index - (before is not None), new)


def handed(cell: Cell) -> Any:
    """A value as COM hands it over."""
    if cell.type == "error":
        return ERRORS.get(str(cell.value), -2146826245)
    if isinstance(cell.value, date):
        return cell.value if isinstance(cell.value, datetime) else datetime.combine(cell.value, time())
    if isinstance(cell.value, time):
        return EPOCH + (datetime.combine(datetime.min, cell.value) - datetime.min)
    if isinstance(cell.value, timedelta):
        return EPOCH + cell.value
    if isinstance(cell.value, bool) or not isinstance(cell.value, (int, float)):
        return cell.value
    return Decimal(str(cell.value)) if "$" in cell.format else float(cell.value)


class Range:
    max_cells_per_read = max_cells_per_write = None

    def __init__(self, sheet: Tab, row: int, column: int, height: int, width: int) -> None:
        self.sheet, self.row, self.column, self.shape = sheet, row, column, (height, width)
        self.options: dict[str, Any] = {}
        self.api = self

    def __len__(self) -> int:
        return self.shape[0] * self.shape[1]

    def __call__(self, row: int, column: int) -> Range:
        return Range(self.sheet, self.row + row - 1, self.column + column - 1, 1, 1)

    @property
    def address(self) -> str:
        return f"${letters(self.column)}${self.row}"

    @property
    def coords(self) -> tuple[Any, ...]:
        return (self.sheet, self.row, self.column, *self.shape)

    def places(self) -> list[list[tuple[int, int]]]:
        (height, width), top, left = self.shape, self.row, self.column
        return [[(r, c) for c in range(left, left + width)] for r in range(top, top + height)]

    def _shown(self, rows: list[list[Any]]) -> Any:
        return rows[0][0] if len(self) == 1 else tuple(map(tuple, rows))

    @property
    def raw_value(self) -> Any:
        cells = self.sheet.cells
        return self._shown([[cells.get(p, (None,))[0] for p in row] for row in self.places()])

    @raw_value.setter
    def raw_value(self, value: Any) -> None:
        ((place,),) = self.places()
        if self.sheet.locked:
            raise Trouble("The cell is on a protected sheet")
        old = self.sheet.cells.get(place, [None, None, self.sheet.formats.get(place, "General")])
        if value == "":
            self.clear_contents()
            return
        text = value.removeprefix("'") if isinstance(value, str) else value
        if "yy" in old[2] and isinstance(value, (int, float)):
            text = EPOCH + timedelta(days=value)
        self.sheet.cells[place] = [text, None, old[2]]

    @property
    def formula(self) -> Any:
        def told(cell: Sequence[Any]) -> str:
            return f"={cell[1]}" if cell[1] is not None else "" if cell[0] is None else str(cell[0])

        cells = self.sheet.cells
        return self._shown([[told(cells.get(p, (None, None))) for p in row] for row in self.places()])

    @formula.setter
    def formula(self, data: Any) -> None:
        rows = data if isinstance(data, (list, tuple)) else [[data]]
        for places, texts in zip(self.places(), rows, strict=True):
            for place, text in zip(places, texts, strict=True):
                value, _, code = self.sheet.cells.get(place, [None, None, "General"])
                self.sheet.cells[place] = [value, text[1:], code]

    @property
    def number_format(self) -> str | None:
        cells = self.sheet.cells
        codes = {cells[p][2] if p in cells else "General" for row in self.places() for p in row}
        return codes.pop() if len(codes) == 1 else None

    def clear_contents(self) -> None:
        for row in self.places():
            for place in row:
                if place in self.sheet.cells:
                    self.sheet.formats[place] = self.sheet.cells.pop(place)[2]

    def copy(self, destination: Any) -> None:
        for old, new in zip(self.places(), destination.impl.places(), strict=True):
            for source, target in zip(old, new, strict=True):
                if source in self.sheet.cells:
                    self.sheet.cells[target] = list(self.sheet.cells[source])

    @property
    def merge_cells(self) -> bool | None:
        merged = self.sheet.merged
        seen = {any(a.holds(*p) for a in merged) for row in self.places() for p in row} if merged else {False}
        return seen.pop() if len(seen) == 1 else None

    @property
    def merge_area(self) -> Range:
        area = next((a for a in self.sheet.merged if a.holds(self.row, self.column)), None)
        if area is None:
            return self
        return Range(self.sheet, area.top, area.left, area.bottom - area.top + 1, area.right - area.left + 1)

    def select(self) -> None:
        self.sheet.book.app.chosen = (self.sheet.name, self.row, self.column, *self.shape)


class Names:
    """The names of one tab, and what each stands for."""

    def __init__(self, named: Mapping[str, str]) -> None:
        self.named = named

    def __len__(self) -> int:
        return len(self.named)

    def __call__(self, number: int) -> Name:
        return self.snapshot()[number - 1][1]

    def snapshot(self) -> list[tuple[str, Name]]:
        return [(f"Tab!{name}", Name(f"Tab!{name}", f"={text}")) for name, text in self.named.items()]


class Name(NamedTuple):
    name: str
    refers_to: str


class Tables:
    def __init__(self, sheet: Tab) -> None:
        self.all = [Table(sheet, area) for area in sheet.areas]

    def __iter__(self) -> Iterator[Table]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self.all)


class Table:
    def __init__(self, sheet: Tab, area: ListObject) -> None:
        self.parent, self.list_object, self.name = sheet, area, area.name
        self.show_headers, self.show_totals = bool(area.header_rows), bool(area.totals_rows)

    @property
    def range(self) -> Range:
        a = self.list_object.area
        return Range(self.parent, a.top, a.left, a.bottom - a.top + 1, a.right - a.left + 1)

    def resize(self, range: Any) -> None:
        (height, width), top, left = range.shape, range.row, range.column
        area = Area(top, left, top + height - 1, left + width - 1)
        old = self.list_object
        new = ListObject(old.name, area, old.columns, old.header_rows, old.totals_rows)
        self.parent.areas = [new if a is old else a for a in self.parent.areas]


class MemoryHost:
    """The host of such programs, with what it was asked to say."""

    title = "Memory"
    at_once = 1
    obstacles_stay = False

    def __init__(self, *apps: App) -> None:
        self.running, self.said = list(apps), []
        self.busy_for = 0
        """So many times it says that a cell is being edited."""

    def apps(self) -> list[Any]:
        xw = engines.load()
        engines.engine("memory", engine)
        return [xw.App(impl=app) for app in self.running]

    def found(self, name: str | None = None) -> Found:
        (app,) = self.apps()
        return Found(self, app.books[name] if name else app.books.active)

    def pinned(self, book: Any) -> Any:
        return book

    def fullname(self, book: Any) -> str:
        return str(book.impl.fullname)

    def facts(self, book: Any) -> Facts:
        return Facts(False, book.impl.locked)

    def hidden(self, block: Any) -> tuple[frozenset[int], frozenset[int]]:
        return block.sheet.impl.rows_hidden, block.sheet.impl.columns_hidden

    def is_ready(self, book: Any) -> bool:
        self.busy_for -= 1
        return self.busy_for < 0

    def is_busy(self, error: Exception) -> bool:
        return False

    def say(self, book: Any, words: str | None) -> None:
        self.said.append(words)

    def one_step(self, book: Any, title: str) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def show(self, sheet: Any) -> None:
        sheet.impl.activate()

    def as_text(self, text: str) -> str:
        return f"'{text}"

    def tab_colour(self, sheet: Any) -> object:
        return sheet.impl.colour

    def colour_tab(self, sheet: Any, colour: object) -> None:
        sheet.impl.colour = colour

    def folder(self) -> str | None:
        return None

    def trouble(self, error: Exception) -> str | None:
        return str(error) if isinstance(error, Trouble) else None
