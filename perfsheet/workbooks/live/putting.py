"""Tabs and cells into an open workbook.

Tabs are painted into a small report workbook, as for a file, and come in by the program's own copying of sheets. A
formula that names something of the workbook around it would become a link to the report on the way, so formulas are
written when the tab is in its place.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isclose
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ...errors import Changed, Refused
from ...tables import Address, Book, Change, ListObject, Put, Scalar, Sheet, Tab
from ..grafting import final_names
from ..painting import paint
from ..reading import PAINTED
from ..references import renamed_sheet
from ..serials import serial
from .host import Host
from .reading import text_named

if TYPE_CHECKING:
    import xlwings as xw

Place = tuple[int, int]
Texts = Mapping[Place, str]


def put(
    book: xw.Book, host: Host, before: Book, tabs: Sequence[Tab], created: date, painter: str = ""
) -> dict[str, str]:
    """The tabs put in, or renewed where one with the mark stands; returns the name of each by mark.

    `before` is the workbook as read. One that stands there just so, by the same `painter`, is left alone. A renewed
    tab keeps its name, its place, its state and its colour; formulas of other tabs that look at it are written again.
    Raises Refused where tabs may not come or go.
    """
    own = {sheet.mark: sheet.name for sheet in reversed(before.sheets) if sheet.mark}
    names = final_names([(tab.name, tab.mark) for tab in tabs], own, [sheet.name for sheet in before.sheets])
    calls = _calls(before, tabs, {t.name: names[t.mark] for t in tabs})
    named = [_named(tab, calls) for tab in tabs]
    fingerprints = {tab.name: _fingerprint(tab, painter) for tab in named}
    due = [tab for tab in named if not _stands(book, before, tab, fingerprints[tab.name])]
    if not due:
        return names
    refuse_locked(book, host)
    looking = _formulas_on(before, {tab.name for tab in due if tab.mark in own}, {tab.name for tab in due})
    painted = paint([_plain(tab) for tab in due], created=created, marked=True, fingerprints=fingerprints)
    with _report(book, host, painted) as report:
        for tab in due:
            _place(book, host, report.sheets[tab.name], tab)
    for tab in due:
        _write_formulas(book.sheets[tab.name], {(p.row, p.column): p.formula for p in tab.cells if p.formula})
    for name, texts in looking.items():
        _write_formulas(book.sheets[name], texts)
    return names


def refuse_locked(book: xw.Book, host: Host) -> None:
    """Raises Refused where tabs may not come or go."""
    if host.facts(book).tabs_locked:
        raise Refused(
            book.name, "its structure is protected, so no tab may be added", "Take the protection off, and try again"
        )


def remove(book: xw.Book, before: Book, mark: str) -> None:
    """Takes the tab with the mark away, if there is one."""
    for sheet in before.sheets:
        if sheet.mark == mark and sheet.name in [s.name for s in book.sheets]:
            book.sheets[sheet.name].delete()


# ------------------------------------------------------------------------- tabs


class _Calls(NamedTuple):
    """What our tabs and tables are called in this workbook, by the names that we paint them with."""

    tabs: Mapping[str, str]
    tables: Mapping[str, str]

    def formula(self, text: str) -> str:
        for old, new in self.tabs.items():
            text = renamed_sheet(text, old, new) if old != new else text
        for old, new in self.tables.items():
            text = re.sub(rf"(?<![\w.]){re.escape(old)}(?=\[)", new, text) if old != new else text
        return text


def _calls(before: Book, tabs: Sequence[Tab], names: Mapping[str, str]) -> _Calls:
    """The names of the tabs, and for tables whose name is taken by one of the user's the next free one."""
    marks = {tab.mark for tab in tabs}
    taken = {t.name.casefold() for s in before.sheets if s.mark not in marks for t in s.list_objects}
    tables = {}
    for frame in (frame for tab in tabs for frame in tab.frames):
        more = (f"{frame.name}_{n}" for n in range(2, 1000))
        tables[frame.name] = next(name for name in (frame.name, *more) if name.casefold() not in taken)
    return _Calls(names, tables)


def _named(tab: Tab, calls: _Calls) -> Tab:
    """The tab under its final name, and with the final names in what points to others of ours."""

    def renamed(put: Put) -> Put:
        link = put.link
        if link and link.sheet in calls.tabs:
            link = link._replace(sheet=calls.tabs[link.sheet])
        return replace(put, formula=calls.formula(put.formula) if put.formula else None, link=link)

    lines = tuple(replace(line, sheet=calls.tabs.get(line.sheet, line.sheet)) for line in tab.sparklines)
    frames = tuple(replace(frame, name=calls.tables[frame.name]) for frame in tab.frames)
    cells = [renamed(put) for put in tab.cells]
    return replace(tab, name=calls.tabs[tab.name], cells=cells, sparklines=lines, frames=frames)


def _plain(tab: Tab) -> Tab:
    """The tab with values where it has formulas."""
    return replace(tab, cells=[replace(put, formula=None) if put.formula else put for put in tab.cells])


def _fingerprint(tab: Tab, painter: str) -> str:
    """The same for tabs that this painter paints alike."""
    return hashlib.sha256(repr((painter, tab)).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _stands(book: xw.Book, before: Book, tab: Tab, fingerprint: str) -> bool:
    """Whether this tab stands in the workbook: it was painted alike, nobody wrote into it since, its tables are there.

    LibreOffice loses a tab's tables when a user takes the tab to the right of it away.
    """
    sheet = before.sheet(tab.name)
    if sheet is None or sheet.mark != tab.mark or before.formulas is None:
        return False
    if text_named(book.sheets[tab.name], PAINTED) != fingerprint:
        return False
    if {(t.name, t.area) for t in sheet.list_objects} != {(frame.name, frame.area) for frame in tab.frames}:
        return False
    texts = before.formulas(tab.name).texts
    puts = {(put.row, put.column): put for put in tab.cells if put.formula or put.value not in (None, "")}
    return sheet.cells.keys() == puts.keys() and all(
        texts.get(place) == put.formula
        and (put.formula or _as_painted(sheet.cells[place].value, put.value, before.date1904))
        for place, put in puts.items()
    )


def _as_painted(now: Scalar, value: Scalar, date1904: bool) -> bool:
    """Whether a cell holds what was painted: a file keeps sixteen digits of a number."""
    number = _plainly(now)
    if isinstance(number, float) and isinstance(value, float):
        return isclose(number, value, rel_tol=1e-15)
    return is_same(number, value, date1904)


@contextlib.contextmanager
def _report(book: xw.Book, host: Host, data: bytes) -> Iterator[xw.Book]:
    """The painted tabs, a workbook of their own, opened beside and closed again."""
    with tempfile.TemporaryDirectory(prefix="perfsheet-", dir=host.folder(), ignore_cleanup_errors=True) as folder:
        path = Path(folder, f"perfsheet-report-{Path(folder).name[-8:]}.xlsx")
        path.write_bytes(data)
        report = book.app.books.open(str(path), update_links=False, read_only=True, add_to_mru=False)
        try:
            yield report
        finally:
            report.close()


def _place(book: xw.Book, host: Host, source: xw.Sheet, tab: Tab) -> None:
    """One tab into the workbook: in the place of the old one, or at the end."""
    names = [sheet.name for sheet in book.sheets]
    if tab.name not in names:
        source.copy(after=book.sheets[names[-1]])
        return
    old, position = book.sheets[tab.name], names.index(tab.name)
    state, colour = old.visible, host.tab_colour(old)
    old.delete()
    if position < len(names) - 1:
        new = source.copy(before=book.sheets[names[position + 1]])
    else:
        new = source.copy(after=book.sheets[names[position - 1]])
    host.colour_tab(new, colour)
    if state not in (True, -1):
        new.visible = state


def _formulas_on(before: Book, renewed: set[str], own: set[str]) -> dict[str, Texts]:
    """The formulas of the user's tabs that look at tabs which are about to be renewed, by tab."""
    if not renewed or before.formulas is None:
        return {}
    names = "|".join(re.escape(name.replace("'", "''")) for name in sorted(renewed))
    named = re.compile(rf"(?<![\w.])'?(?:{names})'?!", re.IGNORECASE)
    found: dict[str, Texts] = {}
    for sheet in before.sheets:
        texts = {} if sheet.name in own else before.formulas(sheet.name).texts
        looking = {place: text for place, text in texts.items() if named.search(text)}
        if looking:
            found[sheet.name] = looking
    return found


def _write_formulas(sheet: xw.Sheet, texts: Texts) -> None:
    """Formulas, a block of neighbours at once."""
    for (row, column), block in _blocks(texts):
        cells = sheet.range((row, column), (row + len(block) - 1, column + len(block[0]) - 1))
        alone = len(block) == len(block[0]) == 1
        cells.formula = f"={block[0][0]}" if alone else [[f"={text}" for text in line] for line in block]


def _blocks(texts: Texts) -> Iterator[tuple[Place, list[list[str]]]]:
    """The formulas in rectangles without a gap, each with its first place: runs of a row, and equal ones below it."""
    open_ones: dict[tuple[int, int], tuple[Place, list[list[str]]]] = {}
    for (row, column), line in _runs(texts):
        wide = column, len(line)
        start, block = open_ones.get(wide, ((0, 0), []))
        if start[0] + len(block) == row:
            block.append(line)
        else:
            if block:
                yield start, block
            open_ones[wide] = (row, column), [line]
    yield from open_ones.values()


def _runs(texts: Texts) -> Iterator[tuple[Place, list[str]]]:
    """Formulas that stand beside one another without a gap, with the first one's place, from top to bottom."""
    run: list[str] = []
    start = (0, 0)
    for row, column in sorted(texts):
        if run and (row, column) == (start[0], start[1] + len(run)):
            run.append(texts[row, column])
            continue
        if run:
            yield start, run
        start, run = (row, column), [texts[row, column]]
    if run:
        yield start, run


# ------------------------------------------------------------------------ cells


def change(book: xw.Book, host: Host, before: Book, changes: Iterable[Change]) -> None:
    """Single cells, formats and drop-downs as they are.

    Raises Changed if one is not what it was when it was read, and Refused if the program would not write one.
    """
    wanted = list(changes)
    for one in wanted:
        _check(book, before, one.address)
    for one in wanted:
        _write(book, host, one, before.date1904)


def _write(book: xw.Book, host: Host, one: Change, date1904: bool) -> None:
    """One cell. Raises Refused with its name where the program would not write it."""
    cell = book.sheets[one.address.sheet].range((one.address.row, one.address.column))
    try:
        cell.raw_value = stored(host, one.value, date1904)
    except Exception as error:
        said = host.trouble(error)
        if said is None:
            raise
        what = f"{one.address} cannot be changed: {said}"
        remedy = "Look whether the tab is protected, and try again"
        raise Refused(book.name, what, remedy, cell=one.address) from error


def stored(host: Host, value: Scalar, date1904: bool) -> Any:
    """A value as the program takes it: dates as numbers, so that no format is changed; nothing as an empty text."""
    if isinstance(value, (datetime, date, time, timedelta)):
        return serial(value, date1904)
    if isinstance(value, str):
        return host.as_text(value) if value else ""
    return "" if value is None else value


def _check(book: xw.Book, before: Book, address: Address) -> None:
    sheet = before.sheet(address.sheet)
    cell = sheet.cells.get((address.row, address.column)) if sheet else None
    if not is_same(value_at(book, address), cell.value if cell else None, before.date1904):
        raise Changed(book.name, f"{address} was changed a moment ago", "Run the command again", cell=address)


def _plainly(value: Any) -> Any:
    """Values that are the same for a reader of the sheet; dates come as numbers from some programs."""
    if isinstance(value, datetime):
        return (value.replace(tzinfo=None) - datetime(1899, 12, 30)) / timedelta(days=1)
    return "" if value is None else float(value) if isinstance(value, (int, float, Decimal)) else value


def lengthen(book: xw.Book, before: Book, name: str, bottom: int) -> None:
    """The table reaches down to the row `bottom`; new rows look like its last one. Raises Refused if cells are in the way."""
    sheet, table = _table(before, name)
    area = table.area
    if bottom <= area.bottom:
        return
    filled = [p for p in sheet.cells if area.bottom < p[0] <= bottom and area.left <= p[1] <= area.right]
    if filled or table.totals_rows:
        first = Address(sheet.name, *(min(filled) if filled else (area.bottom, area.left)))
        where = str(first) if filled else "its totals row"
        what = f"{where} is in the way of the table {name}"
        raise Refused(book.name, what, "Move it away, and try again", cell=first)
    tab = book.sheets[sheet.name]
    last = tab.range((area.bottom, area.left), (area.bottom, area.right))
    for row in range(area.bottom + 1, bottom + 1):
        new = tab.range((row, area.left), (row, area.right))
        last.copy(new)
        new.clear_contents()
    _resize(book, sheet, table, bottom)


def shorten(book: xw.Book, before: Book, name: str, bottom: int) -> None:
    """The table ends with the row `bottom` again; what stood below in it is emptied."""
    sheet, table = _table(before, name)
    if bottom < table.area.bottom:
        tab = book.sheets[sheet.name]
        tab.range((bottom + 1, table.area.left), (table.area.bottom, table.area.right)).clear_contents()
        _resize(book, sheet, table, bottom)


def _resize(book: xw.Book, sheet: Sheet, table: ListObject, bottom: int) -> None:
    tab = book.sheets[sheet.name]
    found = next(t for t in tab.tables if t.name == table.name)
    found.resize(tab.range((table.area.top, table.area.left), (bottom, table.area.right)))


def value_at(book: xw.Book, address: Address) -> Any:
    """What a cell holds just now, a date as its number."""
    return _plainly(book.sheets[address.sheet].range((address.row, address.column)).raw_value)


def is_same(now: Any, value: Scalar, date1904: bool) -> bool:
    """Whether a cell that holds `now` holds this value."""
    if isinstance(value, (datetime, date, time, timedelta)):
        value = serial(value, date1904)
    return bool(now == _plainly(value))


def _table(before: Book, name: str) -> tuple[Sheet, ListObject]:
    return next((s, t) for s in before.sheets for t in s.list_objects if t.name.casefold() == name.casefold())
