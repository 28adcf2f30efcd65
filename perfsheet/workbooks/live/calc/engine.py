"""LibreOffice Calc as xlwings sees a program: apps, books, sheets, ranges, names, tables.

Each class answers for one of xlwings' own, with what perfsheet uses of it. A call over the bridge takes about half a
millisecond, and an object that comes over it for the first time or again takes eight calls to be understood. So
blocks of cells are read and written at once, and what a document has but one of is asked for once.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from threading import Lock
from typing import Any
from urllib.parse import unquote, urlsplit

from ....errors import Refused
from . import grammar
from .bridge import Office, Uno, connected, plainly

Block = Sequence[Sequence[Any]]

ERRORS = {
    502: "#VALUE!", 503: "#NUM!", 504: "#REF!", 511: "#VALUE!", 519: "#VALUE!", 524: "#REF!", 525: "#NAME?", 532: "#DIV/0!", 32767: "#N/A",
}  # fmt: skip
"""The errors of a cell by number, in Excel's words; all others are #VALUE!, as in a file that LibreOffice saves."""

_DATE, _TIME, _PERCENT, _TEXT, _LOGICAL = 2, 4, 128, 256, 1024
_to_calc = lru_cache(maxsize=4096)(grammar.to_calc)


@lru_cache(maxsize=4096)
def _from_calc(formula: str) -> str:
    """A formula as Excel gives it; one over an array (which stands in braces) without them."""
    if formula[:1] == "{":
        return _from_calc(formula[1:-1]) if formula[:2] == "{=" and formula[-1] == "}" else formula
    return grammar.from_calc(formula)


@plainly
class Engine:
    """What xlwings asks an engine for. Cells come as numbers, texts and None, as they are in the document."""

    name, type = "libreoffice", "desktop"

    @property
    def apps(self) -> Apps:
        return Apps()

    @staticmethod
    def clean_value_data(
        data: Block, datetime_builder: Any, empty_as: Any, number_builder: Any, err_to_str: bool
    ) -> list[list[Any]]:
        def clean(value: Any) -> Any:
            return empty_as if value in ("", None) else number_builder(value) if number_builder else value

        return [[clean(value) for value in row] for row in data]

    @staticmethod
    def prepare_xl_data_element(value: Any, date_format: str | None) -> Any:
        return "" if value is None else value


engine = Engine()


@plainly
class Apps:
    """The one office that is connected to."""

    def keys(self) -> list[int]:
        return [1]

    def __iter__(self) -> Iterator[App]:
        yield App(connected())

    def __len__(self) -> int:
        return 1

    def __getitem__(self, pid: int) -> App:
        return App(connected())


@plainly
class App:
    """The office, seen from one of its documents where there is one: calculation and selection are the document's."""

    engine = engine
    display_alerts = enable_events = True

    def __init__(self, office: Office, document: Uno = None) -> None:
        self.office, self.document = office, document

    api = property(lambda self: self.office.desktop)
    pid = 1

    @property
    def books(self) -> Books:
        return Books(self.office)

    @property
    def screen_updating(self) -> bool:
        return not self.document.hasControllersLocked()

    @screen_updating.setter
    def screen_updating(self, wanted: bool) -> None:
        """With the windows the work is held back that each change would set off."""
        if wanted and not self.screen_updating:
            self.document.removeActionLock()
            self.document.unlockControllers()
        elif not wanted:
            self.document.lockControllers()
            self.document.addActionLock()

    @property
    def calculation(self) -> str:
        return "automatic" if self.document.isAutomaticCalculationEnabled() else "manual"

    @calculation.setter
    def calculation(self, mode: str) -> None:
        self.document.enableAutomaticCalculation(mode != "manual")

    def calculate(self) -> None:
        self.document.calculate()

    @property
    def selection(self) -> Range | None:
        chosen = self.document.CurrentController.Selection
        if chosen is None or not chosen.supportsService("com.sun.star.sheet.SheetCellRange"):
            return None
        return Range.at(Book(self.office, self.document), chosen.RangeAddress)


@plainly
class Books:
    """The open spreadsheets."""

    def __init__(self, office: Office) -> None:
        self.office, self.api = office, office.desktop

    app = property(lambda self: App(self.office))

    @property
    def active(self) -> Book:
        """The one in front. Raises KeyError if a text or nothing is in front."""
        front = self.office.desktop.CurrentComponent
        if front is None or not hasattr(front, "Sheets"):
            raise KeyError("active")
        return Book(self.office, front)

    def __call__(self, name_or_index: int | str) -> Book:
        books = list(self)
        if isinstance(name_or_index, int):
            return books[name_or_index - 1]
        for book in books:
            if book.name == name_or_index:
                return book
        raise KeyError(name_or_index)

    def __len__(self) -> int:
        return len(self.office.documents())

    def __iter__(self) -> Iterator[Book]:
        return (Book(self.office, document) for document in self.office.documents())

    def open(self, fullname: str, *_: Any) -> Book:
        """Opens a workbook out of sight, to take sheets from: the command for that is switched off in one to read only."""
        url = self.office.uno.systemPathToFileUrl(fullname)
        hidden = self.office.arguments(Hidden=True)
        return Book(self.office, self.office.desktop.loadComponentFromURL(url, "_blank", 0, hidden))


@plainly
class Book:
    """One document."""

    def __init__(self, office: Office, document: Uno) -> None:
        self.office, self.api = office, document
        self.areas: dict[str, tuple[Uno, Uno]] | None = None
        """The document's tables (database ranges) by name, each with its area, once they have been looked up."""
        self.arrived: set[str] = set()
        """The tabs that came in through this object."""
        self._looking_up = Lock()
        self._formats: dict[int, str] = {}
        self._styles: dict[str, Uno] = {}
        self._taken: dict[str, Uno] = {}

    @cached_property
    def name(self) -> str:
        url = self.api.URL
        return unquote(posixpath.basename(urlsplit(url).path)) if url else str(self.api.Title)

    @property
    def fullname(self) -> str:
        url = str(self.api.URL)
        return str(self.office.uno.fileUrlToSystemPath(url)) if url.startswith("file:") else url or self.name

    @property
    def app(self) -> App:
        return App(self.office, self.api)

    @cached_property
    def undo(self) -> Uno:
        """The steps that the user can take back."""
        return self.api.UndoManager

    @property
    def view(self) -> Uno:
        """The document's window; not kept, for LibreOffice may fall over one that is let go after its document."""
        return self.api.CurrentController

    @cached_property
    def tabs(self) -> Uno:
        return self.api.Sheets

    @cached_property
    def database_ranges(self) -> Uno:
        return self.api.DatabaseRanges

    @cached_property
    def number_formats(self) -> Uno:
        return self.api.NumberFormats

    def styles(self, family: str) -> Uno:
        """Its "PageStyles" or "CellStyles"."""
        if family not in self._styles:
            self._styles[family] = self.api.StyleFamilies.getByName(family)
        return self._styles[family]

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """What the menu may call the document: with or without its ending, as the system shows names.

        Raises Refused where another open document could be meant.
        """
        title = str(self.api.Title)
        titles = (title.rpartition(".")[0], title) if "." in title else (title,)
        for other in self.office.documents():
            if other != self.api and {other.Title, other.Title.rpartition(".")[0]} & set(titles):
                what = f"LibreOffice cannot tell it from {other.Title}, which is open too"
                raise Refused(self.name, what, "Close that one first")
        return titles

    @property
    def sheets(self) -> Sheets:
        return Sheets(self)

    @property
    def names(self) -> Names:
        return Names(self.api.NamedRanges)

    def close(self) -> None:
        self.api.close(True)

    def without_tables(self) -> Mapping[str, Uno]:
        """The areas of its tables, which are given up: a tab that is copied would put them into wrong places."""
        for name, (_, area) in self.tables().items():
            self._taken[name] = area
            self.database_ranges.removeByName(name)
        self.areas = {}
        return self._taken

    def format(self, key: int) -> str:
        """A number format in English, by its number."""
        if key not in self._formats:
            known = self.number_formats.getByKey(key).getPropertyValues()
            self._formats[key] = _format(key, {one.Name: one.Value for one in known})
        return self._formats[key]

    def tables(self) -> dict[str, tuple[Uno, Uno]]:
        with self._looking_up:
            if self.areas is None:
                ranges = self.database_ranges
                found = {name: ranges.getByName(name) for name in ranges.ElementNames}
                self.areas = {name: (table, table.DataArea) for name, table in found.items()}
            return self.areas


@plainly
class Sheets:
    """The tabs of a document, from left to right."""

    def __init__(self, book: Book) -> None:
        self.book, self.api = book, book.tabs

    @property
    def active(self) -> Sheet:
        return Sheet(self.book, str(self.book.view.ActiveSheet.Name))

    def __call__(self, name_or_index: int | str) -> Sheet:
        names = self.api.ElementNames
        if isinstance(name_or_index, int):
            return Sheet(self.book, names[name_or_index - 1])
        if name_or_index not in names:
            raise KeyError(name_or_index)
        return Sheet(self.book, name_or_index)

    def __contains__(self, name: str) -> bool:
        return bool(self.api.hasByName(name))

    def __len__(self) -> int:
        return int(self.api.Count)

    def __iter__(self) -> Iterator[Sheet]:
        return (Sheet(self.book, name) for name in self.api.ElementNames)


@plainly
class Sheet:
    """One tab, by its name; the document is asked for it when something is wanted of it."""

    def __init__(self, book: Book, name: str) -> None:
        self.book, self._name = book, name
        self._pointed = (1, 1, 1, 1)

    @cached_property
    def api(self) -> Uno:
        return self.book.tabs.getByName(self._name)

    @property
    def name(self) -> str:
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        self.api.Name = self._name = name

    @cached_property
    def _pointer(self) -> Uno:
        return self.api.createCursorByRange(self.api.getCellRangeByPosition(0, 0, 0, 0))

    def at(self, area: Range) -> Uno:
        """The cells as an object to be asked at once: always the same one, led from area to area.

        A new object at the other end costs three times what leading this one does.
        """
        pointer, (height, width) = self._pointer, area.shape
        row, column, *size = self._pointed
        resized = size != [height, width]
        if resized and size != [1, 1]:  # a large one cannot be led everywhere
            pointer.collapseToSize(1, 1)
        if (area.row, area.column) != (row, column):
            pointer.gotoOffset(area.column - column, area.row - row)
        if resized and (height, width) != (1, 1):
            pointer.collapseToSize(width, height)
        self._pointed = (area.row, area.column, height, width)
        return pointer

    @cached_property
    def number(self) -> int:
        """Its place among the tabs, from 0."""
        return int(self.api.RangeAddress.Sheet)

    @property
    def index(self) -> int:
        return int(self.api.RangeAddress.Sheet) + 1

    @property
    def visible(self) -> bool:
        return bool(self.api.IsVisible)

    @visible.setter
    def visible(self, value: bool) -> None:
        self.api.IsVisible = bool(value)

    @property
    def names(self) -> Names:
        return Names(self.api.NamedRanges)

    @property
    def tables(self) -> Tables:
        return Tables(self)

    @property
    def used_range(self) -> Range:
        self._pointer.gotoEndOfUsedArea(False)
        end = self._pointer.RangeAddress
        self._pointed = (end.EndRow + 1, end.EndColumn + 1, 1, 1)
        return Range(self, 1, 1, end.EndRow + 1, end.EndColumn + 1)

    def range(self, first: Any, second: Any = None) -> Range:
        """Cells by (row, column, height, width), by corners, by ranges or by name, as xlwings asks for them."""
        if isinstance(first, str):
            return Range.at(self.book, self.api.getCellRangeByName(first).RangeAddress, self)
        if isinstance(first, tuple) and len(first) == 4:
            return Range(self, *first)
        top, left = (first.row, first.column) if isinstance(first, Range) else first
        if second is None:
            return first if isinstance(first, Range) else Range(self, top, left, 1, 1)
        bottom, right = (
            (second.row + second.shape[0] - 1, second.column + second.shape[1] - 1)
            if isinstance(second, Range)
            else second
        )
        return Range(self, top, left, bottom - top + 1, right - left + 1)

    def activate(self) -> None:
        self.book.view.setActiveSheet(self.api)

    def delete(self) -> None:
        """From the front: LibreOffice loses the tables of the tab to the left of one that goes.

        Its own tables go with it, and come back with it on undo; taken away one by one each would have all formulas
        of the document compiled again.
        """
        name, book = self.name, self.book
        book.tabs.moveByName(name, 0)
        book.tabs.removeByName(name)
        book.areas = None
        book.arrived.discard(name)

    def copy(self, before: Sheet | None, after: Sheet | None) -> None:
        """A copy in another document, by the command of the menu: other ways cannot be undone.

        It comes in at the front and is then moved, so that undoing this takes it away from the front as well.
        """
        beside = before or after
        if beside is None:
            raise ValueError("a place is needed")
        target, position = beside.book, beside.index - (before is not None)
        target.areas = None
        self.activate()
        tables, count = self.book.without_tables(), target.tabs.Count
        for title in target.titles:
            place = {"DocName": title, "Index": 1, "Copy": True}
            self.book.office.dispatch(self.book.view, ".uno:Move", **place)
            if target.tabs.Count > count:
                name = target.tabs.ElementNames[0]
                target.tabs.moveByName(name, position + 1)
                target.arrived.add(name)
                return _complete(self, target.sheets(name), tables)
        raise Refused(target.name, "LibreOffice did not take a new tab", "Look whether a dialog is open in it")


def _complete(source: Sheet, copy: Sheet, tables: Mapping[str, Uno]) -> None:
    """What the command leaves behind: how the tab is looked at, how it prints, its names and its tables."""
    _look_alike(source, copy)
    _print_alike(source, copy)
    _colour_alike(source, copy)
    _chart_alike(copy)
    for name in source.api.NamedRanges.ElementNames:
        if not name.startswith("_xlnm.") and not copy.api.NamedRanges.hasByName(name):
            kept = source.api.NamedRanges.getByName(name)
            copy.api.NamedRanges.addNewByName(name, kept.Content, copy.api.getCellByPosition(0, 0).CellAddress, 0)
    ranges = copy.book.database_ranges
    for name, area in tables.items():
        if area.Sheet == source.number:
            ranges.addNewByName(name, Range.at(copy.book, area, copy).api.RangeAddress)
            ranges.getByName(name).AutoFilter = True


def _look_alike(source: Sheet, copy: Sheet) -> None:
    view = source.book.view
    grid, frozen, corner = view.ShowGrid, view.hasFrozenPanes(), (view.getSplitColumn(), view.getSplitRow())
    view = copy.book.view
    copy.activate()
    view.ShowGrid = grid
    if frozen:
        view.freezeAtPosition(*corner)


def _print_alike(source: Sheet, copy: Sheet) -> None:
    """Paper, margins and footer: a page style of the tab's own in the other document."""
    styles, name = copy.book.styles("PageStyles"), f"perfsheet {copy.name}"
    properties = (
        "IsLandscape", "Width", "Height", "LeftMargin", "RightMargin", "TopMargin", "BottomMargin", "ScaleToPagesX", "ScaleToPagesY",
        "HeaderIsOn", "FooterIsOn", "RightPageFooterContent",
    )  # fmt: skip
    if not styles.hasByName(name):
        old = source.book.styles("PageStyles").getByName(source.api.PageStyle)
        new = copy.book.api.createInstance("com.sun.star.style.PageStyle")
        styles.insertByName(name, new)
        new.setPropertyValues(properties, old.getPropertyValues(properties))
    copy.api.PageStyle = name
    copy.api.setPrintAreas(_moved(source.api.getPrintAreas(), copy))
    copy.api.setTitleRows(source.api.getTitleRows())
    copy.api.setPrintTitleRows(source.api.getPrintTitleRows())


def _colour_alike(source: Sheet, copy: Sheet) -> None:
    """The looks of conditional formats by names of their own: LibreOffice goes by the name, which means another look here."""
    names: dict[str, str] = {}
    for conditional in copy.api.ConditionalFormats.getConditionalFormats():
        for entry in (conditional.getByIndex(n) for n in range(conditional.Count)):
            if not hasattr(entry, "StyleName"):
                continue
            look = entry.StyleName
            if look not in names:
                names[look] = _style_alike(source.book, look, copy.book)
            entry.StyleName = names[look]


def _style_alike(source: Book, look: str, target: Book) -> str:
    """The name of the cell style in `target` that has the colours of the style `look`; made where there is none."""
    styles, old = target.styles("CellStyles"), source.styles("CellStyles").getByName(look)
    paper, ink = old.CellBackColor, old.CharColor
    name = f"perfsheet {paper & 0xFFFFFF:06x} {ink & 0xFFFFFF:06x}"
    if not styles.hasByName(name):
        made = target.api.createInstance("com.sun.star.style.CellStyle")
        styles.insertByName(name, made)
        made.CellBackColor, made.CharColor = paper, ink
    return name


def _chart_alike(copy: Sheet) -> None:
    """Charts look at their own tab again: they stayed with the place at which it came in."""
    number = copy.api.RangeAddress.Sheet
    for n in range(copy.api.Charts.Count):
        chart = copy.api.Charts.getByIndex(n)
        areas = chart.getRanges()
        for area in areas:
            area.Sheet = number
        chart.setRanges(areas)


def _moved(areas: Sequence[Uno], copy: Sheet) -> tuple[Uno, ...]:
    for area in areas:
        area.Sheet = copy.api.RangeAddress.Sheet
    return tuple(areas)


@plainly
class Range:
    """A rectangle of cells."""

    max_cells_per_read = max_cells_per_write = None

    def __init__(self, sheet: Sheet, row: int, column: int, height: int, width: int) -> None:
        self.sheet, self._place, self.shape = sheet, (row, column), (height, width)
        self.options: dict[str, Any] = {}

    @classmethod
    def at(cls, book: Book, area: Uno, sheet: Sheet | None = None) -> Range:
        on = sheet or Sheet(book, book.tabs.ElementNames[area.Sheet])
        height, width = area.EndRow - area.StartRow + 1, area.EndColumn - area.StartColumn + 1
        return cls(on, area.StartRow + 1, area.StartColumn + 1, height, width)

    row = property(lambda self: self._place[0])
    column = property(lambda self: self._place[1])

    @property
    def coords(self) -> tuple[Any, int, int, int, int]:
        return (self.sheet.api, *self._place, *self.shape)

    @property
    def api(self) -> Uno:
        (row, column), (height, width) = self._place, self.shape
        return self.sheet.api.getCellRangeByPosition(column - 1, row - 1, column + width - 2, row + height - 2)

    def __len__(self) -> int:
        return self.shape[0] * self.shape[1]

    def __call__(self, row: int, column: int | None = None) -> Range:
        if column is None:
            row, column = divmod(row - 1, self.shape[1])
            row, column = row + 1, column + 1
        return Range(self.sheet, self.row + row - 1, self.column + column - 1, 1, 1)

    @property
    def address(self) -> str:
        return str(self.api.AbsoluteName).rpartition(".")[2] if len(self) == 1 else self._address()

    def _address(self) -> str:
        first, _, last = str(self.api.AbsoluteName).rpartition(".")[2].partition(":")
        return f"{first}:{last}"

    # ------------------------------------------------------------------ what the cells hold

    @property
    def raw_value(self) -> Any:
        """Numbers and texts; an error as its text, what is empty as None."""
        rows = self.sheet.at(self).getDataArray()
        values = [
            [self._error(r, c) if v is None else v if v != "" else None for c, v in enumerate(row)]
            for r, row in enumerate(rows)
        ]
        return values[0][0] if len(self) == 1 else values

    @raw_value.setter
    def raw_value(self, data: Any) -> None:
        for cell, value in self._each(data):
            if isinstance(value, str) and value:
                cell.setString(value)
            elif value in (None, ""):
                cell.setFormula("")
            else:
                cell.setValue(value)

    def _error(self, row: int, column: int) -> str | None:
        number = self.api.getCellByPosition(column, row).getError()
        return ERRORS.get(number, "#VALUE!") if number else None

    def _each(self, data: Any) -> Iterator[tuple[Uno, Any]]:
        """The cells with what is meant for each: undoing a block that was written at once ends LibreOffice 7.4."""
        rows = data if isinstance(data, (list, tuple)) else ((data,),)
        for r, row in enumerate(rows):
            for c, value in enumerate(row if isinstance(row, (list, tuple)) else (row,)):
                yield self.sheet.api.getCellByPosition(self.column - 1 + c, self.row - 1 + r), value

    def clear_contents(self) -> None:
        """Values, dates, texts and formulas; formats stay."""
        self.api.clearContents(1 | 2 | 4 | 16)

    @property
    def formula(self) -> Any:
        rows = [[_from_calc(v) if v[:1] in "={" else v for v in row] for row in self.sheet.at(self).getFormulaArray()]
        return rows[0][0] if len(self) == 1 else rows

    @formula.setter
    def formula(self, data: Any) -> None:
        """Into a tab that came in just now all at once and without a step of its own to undo.

        Taking the tab back takes them with it, and doing it again brings them too.
        """
        if self.sheet.name not in self.sheet.book.arrived:
            for cell, text in self._each(data):
                cell.setFormula(_to_calc(text))
            return
        rows = data if isinstance(data, (list, tuple)) else ((data,),)
        undo = self.sheet.book.undo
        undo.lock()
        try:
            self.sheet.at(self).setFormulaArray(tuple(tuple(map(_to_calc, row)) for row in rows))
        finally:
            undo.unlock()

    @property
    def number_format(self) -> str | None:
        """In English, or None if the cells differ."""
        (found,) = self.sheet.at(self).getPropertyValuesTolerant(("NumberFormat",))
        return None if found.State.value == "AMBIGUOUS_VALUE" else self.sheet.book.format(found.Value)

    @number_format.setter
    def number_format(self, code: str) -> None:
        formats = self.sheet.book.number_formats
        english = self.sheet.book.office.struct("com.sun.star.lang.Locale", Language="en", Country="US")
        key = formats.queryKey(code, english, False)
        self.api.NumberFormat = key if key >= 0 else formats.addNew(code, english)

    # ---------------------------------------------------------------- how they are laid out

    def visible(self) -> Sequence[Uno]:
        """The parts of it that are not hidden."""
        return self.sheet.at(self).queryVisibleCells().RangeAddresses  # type: ignore[no-any-return]

    @property
    def merge_cells(self) -> bool | None:
        """None for an area in which some cell begins a merged one."""
        return (True if len(self) == 1 else None) if self.sheet.at(self).IsMerged else False

    @property
    def merge_area(self) -> Range:
        cursor = self.sheet.api.createCursorByRange(self.api)
        cursor.collapseToMergedArea()
        return Range.at(self.sheet.book, cursor.RangeAddress, self.sheet)

    def copy(self, destination: Any) -> None:
        """Contents, formats and drop-downs to another place of the tab."""
        target = destination.api.getCellByPosition(0, 0).CellAddress
        self.sheet.api.copyRange(target, self.api.RangeAddress)

    def select(self) -> None:
        self.sheet.book.view.select(self.api)


def _format(key: int, found: Mapping[str, Any]) -> str:
    """A number format in English; of another language's, one that means the same."""
    kind, code = found["Type"], str(found["FormatString"])
    if kind & _LOGICAL and kind & ~1 == _LOGICAL:
        return "BOOLEAN"
    if kind & _TEXT:
        return "@"
    if key == 0 or code.casefold() in ("general", "standard"):
        return "General"
    if not kind & (_DATE | _TIME) or found["Locale"].Language in ("", "en"):
        return code.lower() if kind & (_DATE | _TIME) else code
    if kind & _DATE:
        return "yyyy-mm-dd hh:mm:ss" if kind & _TIME else "yyyy-mm-dd"
    return "[h]:mm:ss" if "[" in code else "hh:mm:ss"


@plainly
class Names:
    """Defined names, of a document or of one tab."""

    def __init__(self, names: Uno) -> None:
        self.api = names

    def __call__(self, name_or_index: int | str) -> Name:
        name = self.api.ElementNames[name_or_index - 1] if isinstance(name_or_index, int) else name_or_index
        if not self.api.hasByName(name):
            raise KeyError(name)
        return Name(self.api, name)

    def __len__(self) -> int:
        return len(self.api.ElementNames)

    def snapshot(self) -> list[tuple[str, Name]]:
        return [(name, Name(self.api, name)) for name in self.api.ElementNames]

    def contains(self, name_or_index: int | str) -> bool:
        return bool(self.api.hasByName(name_or_index))


@plainly
class Name:
    """One defined name."""

    def __init__(self, among: Uno, name: str) -> None:
        self._among, self.name = among, name

    @cached_property
    def api(self) -> Uno:
        return self._among.getByName(self.name)

    @property
    def refers_to(self) -> str:
        return "=" + _from_calc(str(self.api.Content).removeprefix("="))


@plainly
class Tables:
    """The tables of a tab: the document's database ranges that lie on it."""

    def __init__(self, sheet: Sheet) -> None:
        number = sheet.number
        self._all = [Table(sheet, n, *found) for n, found in sheet.book.tables().items() if found[1].Sheet == number]

    def __call__(self, name_or_index: int | str) -> Table:
        if isinstance(name_or_index, int):
            return self._all[name_or_index - 1]
        return next(table for table in self._all if table.name == name_or_index)

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Table]:
        return iter(self._all)

    def __contains__(self, name: str) -> bool:
        return any(table.name == name for table in self._all)


@plainly
class Table:
    """One database range."""

    def __init__(self, sheet: Sheet, name: str, table: Uno, area: Uno) -> None:
        self.parent, self.name, self.api, self._area = sheet, name, table, area

    display_name = property(lambda self: self.name)

    @property
    def range(self) -> Range:
        return Range.at(self.parent.book, self._area, self.parent)

    @property
    def show_headers(self) -> bool:
        return bool(self.api.ContainsHeader)

    @property
    def show_totals(self) -> bool:
        return bool(self.api.TotalsRow)

    def resize(self, range: Any) -> None:
        """To the cells of an xlwings range."""
        self.api.setDataArea(range.impl.api.RangeAddress)
        self.parent.book.areas = None
