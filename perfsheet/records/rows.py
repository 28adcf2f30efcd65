"""The rows of a located form -> records. Bad rows are set aside with a finding; good rows count."""

from __future__ import annotations

import dataclasses
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from itertools import compress, repeat
from typing import Any

from ..findings import Finding
from ..forms import ADJUSTMENTS, CHECKINS, HISTORY, Column, Form, Kind, Place, Record, folded
from ..tables import Address, Sheet, Strip, cell_position
from . import rules
from .locating import Located
from .parsing import READERS, YES_NO, Reading, clean, read_numbers, read_people, read_texts, visible

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


@lru_cache(maxsize=1 << 14)
def _is_totals_word(text: str) -> bool:
    """Whether this is all that the first cell of a totals row says."""
    return len(text) <= LONGEST_TOTAL and folded(clean(text).rstrip(":")) in TOTALS


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
        self._strips: Mapping[int, Strip] = {}
        """The input columns from left to right, in the rows that count."""
        self._seen: dict[int, Sequence[object]] = {}

    def read(self) -> list[Any]:
        """The records of all usable rows, from top to bottom."""
        self._note_headers()
        if self.located.missing:
            return []
        numbers = self._entry_rows()
        values = {column.name: self._read(column) for column in self.inputs}
        if self.form not in (ADJUSTMENTS, HISTORY):  # how our own tabs look is our own affair
            self._note_surroundings(numbers)
        return self._records(numbers, values)

    # -------------------------------------------------------- which rows count

    def _entry_rows(self) -> Sequence[int]:
        """Rows with an entry in some input column; totals left out, blank rows skipped. The strips then hold no others."""
        first, last = self.located.header_row + 1, self._last_row()
        self._strips = self.sheet.grid.strips(sorted(self.place.columns[c.name] for c in self.inputs), first, last)
        kept = self._filled()
        if asides := self._asides(kept):
            kept = [at for at in kept if at not in asides]
        rows = next(iter(self._strips.values())).rows
        if len(kept) == len(rows):
            return rows
        self._strips = {number: strip.only(kept) for number, strip in self._strips.items()}
        self._seen.clear()
        return [rows[at] for at in kept]

    def _visible(self, number: int) -> Sequence[object]:
        """What a person would see in a column, row by row; None where that is nothing."""
        if number not in self._seen:
            self._seen[number] = visible(self._strips[number])
        return self._seen[number]

    def _filled(self) -> Sequence[int]:
        """The positions of the rows with an entry."""
        first = self._visible(next(iter(self._strips)))
        if None not in set(first):
            return range(len(first))
        columns = list(map(self._visible, self._strips))
        blank = (None,) * len(columns)
        return [at for at, entries in enumerate(zip(*columns, strict=True)) if entries != blank]

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

    def _asides(self, kept: Sequence[int]) -> set[int]:
        """The positions of totals rows, by the table's own account or by the word in their first filled column."""
        list_object = self.located.list_object
        bottom = list_object.area.bottom if list_object and list_object.totals_rows else None
        rows = next(iter(self._strips.values())).rows
        if bottom not in rows and not self._names_totals():
            return set()
        return {at for at in kept if rows[at] == bottom or self._is_total(at)}

    def _names_totals(self) -> bool:
        """Whether a word for totals stands in a column that is the first filled one of some row."""
        for number in self._strips:
            entries = set(self._visible(number))
            if any(isinstance(entry, str) and _is_totals_word(entry) for entry in entries):
                return True
            if None not in entries:
                return False
        return False

    def _is_total(self, at: int) -> bool:
        number = next(number for number in self._strips if self._visible(number)[at] is not None)
        row, cell = self._strips[number].only([at]).cells[0]
        if cell is None or cell.type != "text" or not _is_totals_word(str(cell.value)):
            return False
        if all(self._visible(self.place.columns[c.name])[at] is not None for c in self.form.required):
            return False
        message = f"Row {row} of {self.form.tab} looks like a total and is left out"
        self.findings.append(rules.TOTALS_ROW.at(Address(self.sheet.name, row, number), message))
        return True

    # --------------------------------------------------------- values and rows

    def _read(self, column: Column) -> Sequence[Any]:
        """The column's value in each of the rows."""
        number = self.place.columns[column.name]
        strip = self._strips[number]
        if not any(strip.kinds):
            return [() if column.kind is Kind.PEOPLE else None] * len(strip.rows)
        reader = READERS.get(column.kind)
        if reader is read_texts and strip.kind and strip.kind.type == "text":
            return self._visible(number)
        reading = Reading(column, self.place, number, self.findings)
        if reader is None:
            return read_people(reading, strip, self.people)
        if self.form is CHECKINS and column.name == "value":
            values: Sequence[Any] = read_numbers(reading, strip, YES_NO)
        else:
            values = reader(reading, strip)
        if reading.shares:
            self.shares[column.name] = reading.shares
        return values

    def _records(self, numbers: Sequence[int], values: Mapping[str, Sequence[Any]]) -> list[Any]:
        lacking: dict[int, list[Column]] = {}
        for column in self.inputs:
            nothing = () if column.kind is Kind.PEOPLE else None
            if column.required and nothing in set(values[column.name]):
                for at, value in enumerate(values[column.name]):
                    if value == nothing:
                        lacking.setdefault(at, []).append(column)
        for at in sorted(lacking):
            self._note_missing(at, numbers[at], lacking[at])
        fields = [values.get(name) or repeat(default) for name, default in _fields(self.form.record)]  # type: ignore[arg-type]
        found = map(self.form.record, repeat(self.place), numbers, *fields)
        return list(compress(found, (at not in lacking for at in range(len(numbers))))) if lacking else list(found)

    def _note_missing(self, at: int, row: int, columns: Iterable[Column]) -> None:
        """A row is set aside: say which cell it lacks, unless a finding already says what is wrong there."""
        for column in columns:
            address = Address(self.sheet.name, row, self.place.columns[column.name])
            if self._visible(address.column)[at] is None:
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
        if not self.sheet.remarks:
            return
        columns, rows = {self.place.columns[c.name] for c in self.inputs}, set(numbers)
        for _, remark in self.sheet.remarks:
            name = remark.split(" ", 1)[0]
            if _CELL.fullmatch(name):
                row, column = cell_position(name)
                if row in rows and column in columns:
                    self.findings.append(rules.ODD_CELL.at(Address(self.sheet.name, row, column), remark))

    def _note_below(self, numbers: Sequence[int]) -> None:
        list_object = self.located.list_object
        if list_object is None or numbers[-1] <= list_object.area.bottom:
            return
        for row in numbers[bisect_right(numbers, list_object.area.bottom) :]:
            message = f"Row {row} stands below the table {list_object.name} and is read all the same"
            self.findings.append(rules.BELOW_TABLE.at(Address(self.sheet.name, row, list_object.area.left), message))

    def _note_hidden(self, numbers: Sequence[int]) -> None:
        sheet, top = self.sheet, self.located.header_row
        hidden = sorted(sheet.hidden_rows.intersection(numbers))
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
