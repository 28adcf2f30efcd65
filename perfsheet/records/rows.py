"""The rows of a located form -> records. Bad rows are set aside with a finding; good rows count."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import compress, repeat
from typing import Any

from ..findings import Finding
from ..forms import ADJUSTMENTS, CHECKINS, HISTORY, Column, Form, Kind, Place, Record, folded
from ..tables import Address, Cell, Sheet, cell_position
from . import rules
from .locating import Located
from .parsing import READERS, YES_NO, Cells, Reading, clean, read_numbers, read_people

TOTALS = frozenset(
    folded(word)
    for word in (
        "total", "totals", "grand total", "sum", "subtotal", "sub total", "average", "mean", "summe", "gesamt", "gesamtsumme",
        "zwischensumme", "durchschnitt", "somme", "sous total", "sous-total", "total général", "moyenne", "suma", "total general",
        "promedio", "soma", "total geral", "média", "合计", "总计", "小计", "平均",
    )
)  # fmt: skip
"""First words of rows that sum up the rows above."""

LONGEST_TOTAL = 60
"""A longer text is no such word."""


_CELL = re.compile(r"[A-Z]{1,3}[1-9][0-9]*")


@cache
def _fields(record: type[Record]) -> tuple[tuple[str, Any], ...]:
    """The columns of a record in the order of its making, each with what an empty cell means."""
    return tuple((f.name, f.default) for f in dataclasses.fields(record)[len(dataclasses.fields(Record)) :])


class Rows:
    """One form's rows as they are read: the records, the findings, and which numbers are shares."""

    def __init__(self, located: Located, people: frozenset[str] = frozenset()) -> None:
        self.located = located
        self.form: Form = located.form
        self.sheet: Sheet = located.sheet
        self.place = Place(self.sheet.name, dict(located.columns))
        self.findings: list[Finding] = []
        self.shares: dict[str, set[int]] = {}
        self.people = people
        self.inputs = [c for c in self.form.columns if not c.live and c.name in self.place.columns]
        self._cells: dict[int, dict[int, Cell]] = {self.place.columns[c.name]: {} for c in self.inputs}
        """The cells below the header that a person would see something in, by column and row."""

    def read(self) -> list[Any]:
        """The records of all usable rows, from top to bottom."""
        self._note_headers()
        if self.located.missing:
            return []
        numbers = self._entry_rows()
        values = {column.name: self._column(column, numbers) for column in self.inputs}
        if self.form not in (ADJUSTMENTS, HISTORY):  # how our own tabs look is our own affair
            self._note_surroundings(numbers)
        return self._records(numbers, values)

    # -------------------------------------------------------- which rows count

    def _entry_rows(self) -> list[int]:
        """Rows with an entry in some input column, totals left out, blank rows skipped."""
        first, last, wanted = self.located.header_row + 1, self._last_row(), self._cells
        for (row, column), cell in self.sheet.cells.items():
            if column in wanted and first <= row <= last:
                kind: str = cell[0]
                value: Any = cell[1]
                if (kind != "text" or value[:1].isalnum() or clean(value)) and (kind != "empty" or cell[2]):
                    wanted[column][row] = cell
        columns = [(column, cells) for column, cells in sorted(wanted.items()) if cells]
        rows = sorted(set().union(*(cells for _, cells in columns)))
        return [row for row in rows if not self._is_aside(row, next(c for c, cells in columns if row in cells))]

    def _last_row(self) -> int:
        """The row before the next table on this sheet that stands below this one."""
        left, right = min(self.place.columns.values()), max(self.place.columns.values())
        below = [
            o.area.top
            for o in self.sheet.list_objects
            if o is not self.located.list_object
            and o.area.top > self.located.header_row
            and o.area.left <= right
            and o.area.right >= left
        ]
        return min(below, default=1_048_577) - 1

    def _is_aside(self, row: int, first: int) -> bool:
        """Totals rows, by the table's own account or by the word in their `first` filled column."""
        list_object = self.located.list_object
        if list_object and list_object.totals_rows and row == list_object.area.bottom:
            return True
        if not self._is_total(row, self._cells[first][row]):
            return False
        message = f"Row {row} of {self.form.tab} looks like a total and is left out"
        self.findings.append(rules.TOTALS_ROW.at(Address(self.sheet.name, row, first), message))
        return True

    def _is_total(self, row: int, cell: Cell) -> bool:
        if cell.type != "text" or len(str(cell.value)) > LONGEST_TOTAL:
            return False
        word = folded(clean(str(cell.value)).rstrip(":"))
        required = [self.place.columns[c.name] for c in self.form.columns if c.required] if word in TOTALS else []
        return word in TOTALS and not all(row in self._cells.get(column, ()) for column in required)

    # --------------------------------------------------------- values and rows

    def _column(self, column: Column, numbers: Sequence[int]) -> Sequence[Any]:
        """The column's value in each of these rows; where nothing stands there is nothing to read."""
        number = self.place.columns[column.name]
        there = self._cells[number]
        if len(there) == len(numbers) and all(map(there.__contains__, numbers)):
            return self._read(column, number, list(zip(numbers, map(there.__getitem__, numbers), strict=True)))
        filled = [row for row in numbers if row in there]
        values = self._read(column, number, [(row, there[row]) for row in filled]) if filled else ()
        empty = () if column.kind is Kind.PEOPLE else None
        by_row = dict(zip(filled, values, strict=True))
        return [by_row.get(row, empty) for row in numbers]

    def _read(self, column: Column, number: int, cells: Cells) -> Sequence[Any]:
        reading = Reading(column, self.place, number, self.findings)
        if column.kind is Kind.PEOPLE:
            return read_people(reading, cells, self.people)
        if self.form is CHECKINS and column.name == "value":
            values: Sequence[Any] = read_numbers(reading, cells, YES_NO)
        else:
            values = READERS[column.kind](reading, cells)
        if reading.shares:
            self.shares[column.name] = reading.shares
        return values

    def _records(self, numbers: Sequence[int], values: Mapping[str, Sequence[Any]]) -> list[Any]:
        needed = [c for c in self.inputs if c.required]
        lacking: dict[int, list[Column]] = {}
        for column in needed:
            for row, value in zip(numbers, values[column.name], strict=True):
                if value is None or value == ():
                    lacking.setdefault(row, []).append(column)
        for row in sorted(lacking):
            self._note_missing(row, lacking[row])
        fields = [values.get(name) or repeat(default) for name, default in _fields(self.form.record)]  # type: ignore[arg-type]
        found = map(self.form.record, repeat(self.place), numbers, *fields)
        return list(compress(found, (row not in lacking for row in numbers))) if lacking else list(found)

    def _note_missing(self, row: int, columns: Iterable[Column]) -> None:
        """A row is set aside: say which cell it lacks, unless a finding already says what is wrong there."""
        for column in columns:
            address = Address(self.sheet.name, row, self.place.columns[column.name])
            if row not in self._cells[address.column]:
                message = f"{self.form.tab} row {row} has no {column.header}, so the row is set aside"
                self.findings.append(rules.MISSING_VALUE.at(address, message))

    # ------------------------------------------------------------ what is odd

    def _note_headers(self) -> None:
        row = self.located.header_row
        for header, used, spare in self.located.duplicates:
            address = Address(self.sheet.name, row, spare)
            read = Address(self.sheet.name, row, used)
            self.findings.append(
                rules.DUPLICATE_HEADER.at(
                    address, f"{header} stands here and in {read.cell}; {read.cell} is read", value=header
                )
            )
        for column in self.located.missing:
            address = Address(self.sheet.name, row, min(self.place.columns.values()))
            message = f"{self.form.tab} has no column {column.header}, so none of its rows can be used"
            self.findings.append(rules.MISSING_COLUMN.at(address, message))

    def _note_surroundings(self, numbers: Sequence[int]) -> None:
        """Rows below the table, hidden rows, columns and tabs, merged cells, and oddly stored cells."""
        if numbers:
            self._note_below(numbers)
            self._note_hidden(numbers)
            self._note_merged(numbers)
            self._note_odd(numbers)

    def _note_odd(self, numbers: Sequence[int]) -> None:
        """What the file holds in an odd way, where we read it; formulas beside the entries are not input."""
        columns, rows = {self.place.columns[c.name] for c in self.inputs}, set(numbers)
        for _, remark in self.sheet.remarks:
            name = remark.split(" ", 1)[0]
            if _CELL.fullmatch(name):
                row, column = cell_position(name)
                if row in rows and column in columns:
                    self.findings.append(rules.ODD_CELL.at(Address(self.sheet.name, row, column), remark))

    def _note_below(self, numbers: Sequence[int]) -> None:
        list_object = self.located.list_object
        for row in numbers if list_object else ():
            if list_object and row > list_object.area.bottom:
                address = Address(self.sheet.name, row, list_object.area.left)
                self.findings.append(
                    rules.BELOW_TABLE.at(
                        address, f"Row {row} stands below the table {list_object.name} and is read all the same"
                    )
                )

    def _note_hidden(self, numbers: Sequence[int]) -> None:
        sheet, top = self.sheet, self.located.header_row
        hidden = [row for row in numbers if row in sheet.hidden_rows]
        if hidden:
            address = Address(sheet.name, hidden[0], min(self.place.columns.values()))
            self.findings.append(
                rules.HIDDEN_ROWS.at(
                    address, f"{len(hidden)} hidden rows of {self.form.tab} count, the first is row {hidden[0]}"
                )
            )
        for column in self.inputs:
            number = self.place.columns[column.name]
            if number in sheet.hidden_columns:
                self.findings.append(
                    rules.HIDDEN_PART.at(
                        Address(sheet.name, top, number), f"The column {column.header} is hidden and is read"
                    )
                )
        if sheet.state != "visible":
            self.findings.append(
                rules.HIDDEN_PART.at(Address(sheet.name, 1, 1), f"The tab {sheet.name} is hidden and is read")
            )

    def _note_merged(self, numbers: Sequence[int]) -> None:
        columns = {self.place.columns[c.name] for c in self.inputs}
        low, high = numbers[0], numbers[-1]
        for area in self.sheet.merged:
            if area.bottom >= low and area.top <= high and any(area.left <= c <= area.right for c in columns):
                address = Address(self.sheet.name, area.top, area.left)
                self.findings.append(
                    rules.MERGED_CELLS.at(
                        address, f"{area} is merged: only {address.cell} holds a value", value=str(area)
                    )
                )
