"""Plain shapes at the file boundary: what is read from a workbook and what is painted into one.

Reading gives a `Book` of `Sheet`s with sparse `Cell`s; writing takes `Tab`s, which are
painted, and `Change`s of single cells. Nothing here knows a file format or a goal.
Rows and columns count from 1, as in the spreadsheet.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, Protocol

MAX_ROW = 1_048_576
MAX_COLUMN = 16_384

Scalar = str | float | int | bool | date | datetime | time | timedelta | None


@lru_cache(maxsize=1024)
def letters(column: int) -> str:
    """The column's letters: 1 -> A, 27 -> AA."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def column_number(name: str) -> int:
    """The number of a column's letters: A -> 1, AA -> 27."""
    number = 0
    for letter in name.upper():
        number = number * 26 + ord(letter) - 64
    return number


_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})\Z")


def cell_position(name: str) -> tuple[int, int]:
    """(row, column) of a cell's name: B7 -> (7, 2). Raises ValueError for anything else."""
    match = _CELL.match(name)
    if not match:
        raise ValueError(f"not a cell: {name!r}")
    return int(match[2]), column_number(match[1])


class Address(NamedTuple):
    """Where a value stands: sheet, row, column."""

    sheet: str
    row: int
    column: int

    @property
    def cell(self) -> str:
        """The cell's name without its sheet: B7."""
        return f"{letters(self.column)}{self.row}"

    @property
    def quoted_sheet(self) -> str:
        """The sheet's name as a formula needs it, in quotes: 'Check-ins'."""
        return _in_quotes(self.sheet)

    def __str__(self) -> str:
        sheet, row, column = self
        return f"{_as_named(sheet)}!{letters(column)}{row}"


def _in_quotes(sheet: str) -> str:
    return "'" + sheet.replace("'", "''") + "'"


@lru_cache(maxsize=1024)
def _as_named(sheet: str) -> str:
    """A sheet's name in quotes, if it needs any."""
    return sheet if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", sheet) else _in_quotes(sheet)


class Area(NamedTuple):
    """A rectangle of cells on one sheet, its edges included."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        return f"{letters(self.left)}{self.top}:{letters(self.right)}{self.bottom}"

    def holds(self, row: int, column: int) -> bool:
        """Whether the cell lies inside."""
        return self.top <= row <= self.bottom and self.left <= column <= self.right


# ---------------------------------------------------------------- what is read


class Cell(NamedTuple):
    """One cell as it is stored.

    `type` is number, text, bool, date, time, duration, error or empty. A date's value is a
    datetime, a duration's a timedelta, an error's its text (#N/A). A formula without a cached
    value has type "empty", value None and formula True: nobody has calculated it yet.
    """

    type: str
    value: Scalar
    formula: bool = False
    format: str = "General"


class CellKind(NamedTuple):
    """What a cell is but for its value, as in `Cell`. A sheet has thousands of cells and a few kinds of them."""

    type: str
    formula: bool = False
    format: str = "General"


@dataclass(slots=True)
class Strip:
    """One column of a sheet over some of its rows: of each row the cell's kind and its value.

    Where nothing stands both are None.
    """

    rows: Sequence[int]
    kinds: Sequence[CellKind | None]
    values: Sequence[Scalar]
    _kind: CellKind | bool | None = field(default=False, compare=False)
    """Remembered once it is known."""

    @classmethod
    def of(cls, cells: Iterable[tuple[int, Cell | None]]) -> Strip:
        """The strip of these cells by row, from top to bottom."""
        rows, found = [], []
        for row, cell in cells:
            rows.append(row)
            found.append(cell)
        kinds = [CellKind(cell.type, cell.formula, cell.format) if cell else None for cell in found]
        return cls(rows, kinds, [cell.value if cell else None for cell in found])

    @property
    def kind(self) -> CellKind | None:
        """The kind that all cells here have; None if they differ, or there are none."""
        if isinstance(self._kind, bool):
            self._kind = self._only_kind()
        return self._kind

    def _only_kind(self) -> CellKind | None:
        kinds = self.kinds
        if kinds and kinds.count(kinds[-1]) == len(kinds):
            return kinds[-1]
        there = list(filter(None, kinds))
        return there[0] if there and there.count(there[0]) == len(there) else None

    @property
    def cells(self) -> list[tuple[int, Cell | None]]:
        """(row, cell or None) from top to bottom."""
        return [(row, _cell(kind, value)) for row, kind, value in zip(self.rows, self.kinds, self.values, strict=True)]

    def apart(self, type: str) -> tuple[list[Scalar], list[tuple[int, Cell]]]:
        """The values of the cells of one type, None in all other rows; and (position, cell) of those of other types."""
        if self.kind is not None and self.kind.type == type:
            return list(self.values), []
        values: list[Scalar] = [None] * len(self.values)
        others = []
        for at, kind in enumerate(self.kinds):
            if kind is not None and kind.type == type:
                values[at] = self.values[at]
            elif kind is not None:
                others.append((at, Cell(kind.type, self.values[at], kind.formula, kind.format)))
        return values, others

    def only(self, positions: Sequence[int]) -> Strip:
        """The same column at some of its positions, which ascend."""
        if len(positions) == len(self.rows):
            return self
        if positions and positions[-1] - positions[0] == len(positions) - 1:
            part = slice(positions[0], positions[-1] + 1)
            return Strip(self.rows[part], self.kinds[part], self.values[part])
        rows, kinds, values = self.rows, self.kinds, self.values
        return Strip([rows[i] for i in positions], [kinds[i] for i in positions], [values[i] for i in positions])


def _cell(kind: CellKind | None, value: Scalar) -> Cell | None:
    return Cell(kind.type, value, kind.formula, kind.format) if kind else None


class Grid(Mapping[tuple[int, int], Cell]):
    """The cells of a sheet by (row, column), kept by columns.

    Whoever goes through a table column by column asks for a `strip`, which makes no cell at all;
    as a mapping it runs from left to right and from top to bottom.
    """

    def __init__(
        self, rows: Sequence[int], columns: Mapping[int, tuple[Sequence[CellKind | None], Sequence[Scalar]]]
    ) -> None:
        """`rows` ascend; each column has a kind and a value for every one of them."""
        self.rows = rows
        self._columns = dict(sorted(columns.items()))

    @classmethod
    def of(cls, cells: Mapping[tuple[int, int], Cell]) -> Grid:
        """The grid of cells that are kept otherwise."""
        if isinstance(cells, Grid):
            return cells
        by_column: dict[int, dict[int, Cell]] = {}
        for (row, column), cell in cells.items():
            by_column.setdefault(column, {})[row] = cell
        rows = sorted({row for row, _ in cells})
        strips = {column: Strip.of((row, found.get(row)) for row in rows) for column, found in by_column.items()}
        return cls(rows, {column: (strip.kinds, strip.values) for column, strip in strips.items()})

    def strip(self, column: int, first: int, last: int) -> Strip:
        """The column from row `first` to row `last`."""
        return self.strips((column,), first, last)[column]

    def strips(self, columns: Iterable[int], first: int, last: int) -> dict[int, Strip]:
        """Columns from row `first` to row `last`; their rows are those of the grid, the same for all."""
        part = slice(bisect_left(self.rows, first), bisect_right(self.rows, last))
        rows = self.rows[part]
        nothing: tuple[Sequence[None], Sequence[None]] = (), ()
        found = {}
        for column in columns:
            kinds, values = self._columns.get(column, nothing)
            blank = [None] * len(rows) if not kinds else None
            found[column] = Strip(rows, blank or kinds[part], blank or values[part])
        return found

    def texts(self, row: int) -> dict[int, str]:
        """The texts in a row by column, from left to right."""
        position = bisect_left(self.rows, row)
        if position == len(self.rows) or self.rows[position] != row:
            return {}
        found = {}
        for column, (kinds, values) in self._columns.items():
            kind = kinds[position]
            if kind is not None and kind.type == "text":
                found[column] = str(values[position])
        return found

    @cached_property
    def _all(self) -> dict[tuple[int, int], Cell]:
        """Every cell, made when somebody goes through them all."""
        found = {}
        columns = self._columns.items()
        for position, row in enumerate(self.rows):
            for column, (kinds, values) in columns:
                cell = _cell(kinds[position], values[position])
                if cell is not None:
                    found[row, column] = cell
        return found

    def get(self, place: tuple[int, int], default: Any = None) -> Any:
        """The cell in this (row, column)."""
        if "_all" in self.__dict__:
            return self._all.get(place, default)
        row, column = place
        position = bisect_left(self.rows, row)
        if column not in self._columns or position == len(self.rows) or self.rows[position] != row:
            return default
        kinds, values = self._columns[column]
        return _cell(kinds[position], values[position]) or default

    def __getitem__(self, place: tuple[int, int]) -> Cell:
        cell: Cell | None = self.get(place)
        if cell is None:
            raise KeyError(place)
        return cell

    def __contains__(self, place: object) -> bool:
        return isinstance(place, tuple) and self.get(place) is not None

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def items(self) -> ItemsView[tuple[int, int], Cell]:
        """((row, column), cell) of every cell."""
        return self._all.items()


@dataclass(frozen=True)
class ListObject:
    """An Excel table. `area` includes its header and totals rows."""

    name: str
    area: Area
    columns: tuple[str, ...]
    header_rows: int = 1
    totals_rows: int = 0


@dataclass(frozen=True)
class Sheet:
    """One worksheet, sparse: `cells` holds what has a value or a formula, nothing else.

    `mark` is the word by which we know a tab of our own again ("Summary"), else None.
    """

    name: str
    state: str = "visible"
    cells: Mapping[tuple[int, int], Cell] = field(default_factory=dict)
    list_objects: tuple[ListObject, ...] = ()
    merged: tuple[Area, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    mark: str | None = None
    remarks: tuple[tuple[str, str], ...] = ()
    """What was odd while reading, as (code, message with the cell): a duplicate cell, serial 60 …"""

    @cached_property
    def grid(self) -> Grid:
        """The cells by columns."""
        return Grid.of(self.cells)


class Formulas(Protocol):
    """The formulas of one sheet, as texts without an equals sign."""

    @property
    def texts(self) -> Mapping[tuple[int, int], str]:
        """By (row, column)."""

    @property
    def calculated(self) -> Mapping[tuple[str, str], str]:
        """What new rows of a table get, by (table, column), both folded."""

    def same(self, row: int, column: int, wanted: str) -> bool:
        """Whether the cell holds the formula `wanted`, however it is written."""

    def reads(self, formula: str, row: int) -> str:
        """A formula of this row in one way of writing: two that read the same are the same."""


@dataclass(frozen=True)
class Book:
    """A whole workbook as read. `digest` is the sha256 of the file's bytes.

    `formulas` gives the formula texts of a sheet, which are read when somebody asks and not before.
    """

    path: str
    sheets: tuple[Sheet, ...]
    digest: str = ""
    date1904: bool = False
    formulas: Callable[[str], Formulas] | None = field(default=None, compare=False, repr=False)

    def sheet(self, name: str) -> Sheet | None:
        """The sheet of that name (without regard to case), or None."""
        return next((s for s in self.sheets if s.name.casefold() == name.casefold()), None)


# ------------------------------------------------------------ what is written


class Change(NamedTuple):
    """One cell to change in place.

    With `cached` the cell's formula stays and only the remembered result is renewed;
    without it the value replaces whatever stands there (None empties the cell).
    A text is never taken for a formula, whatever it begins with.
    """

    address: Address
    value: Scalar
    cached: bool = False


@dataclass(frozen=True, slots=True)
class Put:
    """One painted cell. `style` is a name in the painter's palette.

    With `formula` (English names, commas) `value` is its cached result. `link` is a click's
    way: a cell of this workbook.
    """

    row: int
    column: int
    value: Scalar
    style: str = "text"
    formula: str | None = None
    link: Address | None = None


class Block(NamedTuple):
    """Some rows of a stream by columns, from the first column on: the values, and their style or the style of each."""

    columns: Sequence[Sequence[Scalar]]
    styles: Sequence[str | Sequence[str]]


class Segment(NamedTuple):
    """Rows that were painted before, by whoever pours them in now: `rows` of them, packed, with what adds up to checksums."""

    packed: bytes
    difference: int
    size: int
    rows: int


@dataclass(frozen=True, slots=True)
class Frame:
    """A painted ListObject over cells that are `Put` already, header row included."""

    name: str
    area: Area
    headers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dropdown:
    """A choice list on cells where people type, with the message shown on entry; no choices: the message alone."""

    area: Area
    choices: tuple[str, ...]
    title: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Bars:
    """Data bars in cells that hold shares from `low` to `high`."""

    area: Area
    colour: str
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True, slots=True)
class Marked:
    """Cells that change their look with the word that a formula gives; `looks` are (word, style) pairs."""

    area: Area
    looks: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Series:
    """One series of a chart; the values stand in cells of the same tab."""

    name: str
    categories: Area
    values: Area
    colours: tuple[str, ...] = ()
    """One colour for the series, or one for each point."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart beside its numbers. `alt` is its text for those who do not see it."""

    kind: str
    """bar, stacked_bar, column or line."""
    title: str
    anchor: tuple[int, int]
    size: tuple[int, int]
    series: tuple[Series, ...]
    alt: str
    value_format: str = "0%"
    maximum: float | None = None
    legend: bool = True


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A small picture in one cell of the values in cells of this or another sheet.

    `kind` is line or column. `floor` is the value at the bottom of the picture; without it the least one.
    """

    cell: tuple[int, int]
    sheet: str
    area: Area
    kind: str = "line"
    floor: float | None = None


@dataclass(frozen=True)
class Tab:
    """One tab of ours, ready to be painted.

    `mark` is the word by which it is known again when it is renewed; it stays when a user
    renames the tab, and it is why a user's own tab of the same name is never overwritten.
    """

    name: str
    mark: str
    cells: Sequence[Put]
    widths: Mapping[int, float] = field(default_factory=dict)
    heights: Mapping[int, float] = field(default_factory=dict)
    frames: tuple[Frame, ...] = ()
    dropdowns: tuple[Dropdown, ...] = ()
    bars: tuple[Bars, ...] = ()
    marked: tuple[Marked, ...] = ()
    charts: tuple[Chart, ...] = ()
    sparklines: tuple[Sparkline, ...] = ()
    freeze: tuple[int, int] = (0, 0)
    """Rows and columns that stay in sight."""
    hidden_columns: frozenset[int] = frozenset()
    colour: str | None = None
    landscape: bool = True
    repeat_rows: tuple[int, int] | None = None
    print_columns: int | None = None
    """So many columns are printed; what stands to the right is working."""
    state: str = "visible"
    print_rows: int | None = None
    """So many rows are printed, where not all are; needs `print_columns`."""
    one_page: bool = False
    """Printed on a single page, smaller if need be, instead of one page wide."""
    stream: Iterable[Block | Segment | bytes] | None = None
    """Further rows below the others, from top to bottom, each made when it is painted and then forgotten.

    They are lines, or were painted before: many in a segment, or one as it stands in the sheet.
    """
