"""Rows as columns: what workbooks contribute is packed as it comes in, and read back without a dict for each row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, overload

import numpy
import pandas as pd

from .contributions import Contribution

Row = Mapping[str, Any]

SHORT = 48
"""Texts up to this length come again and again: owners, status words, teams. Each distinct one is kept once."""


PART = 16_384
"""So many rows wait as lists; then they become columns as pandas keeps them, which take a fraction of the room."""
BLOCK, BLOCKS = 512, 12
"""Texts are taken out of a frame so many at a time, and so many such blocks are kept at hand."""


class Columns:
    """One table as it grows: a list for each column, and what was put away of it."""

    def __init__(self, names: Iterable[str]) -> None:
        self._values: dict[str, list[Any]] = {name: [] for name in names}
        self._parts: dict[str, list[pd.Series[Any]]] = {name: [] for name in self._values}
        self._put_away = 0

    def __len__(self) -> int:
        return self._put_away + self._waiting

    @property
    def _waiting(self) -> int:
        return len(next(iter(self._values.values())))

    def add(self, rows: Iterable[Row], known: dict[Any, Any]) -> None:
        """Further rows; `known` holds the values of which one copy is enough."""
        for row in rows:
            for name, values in self._values.items():
                value = row.get(name)
                if not isinstance(value, str) or len(value) <= SHORT:
                    value = known.setdefault((type(value), value), value)
                values.append(value)
        if self._waiting >= PART:
            known.clear()
            self._fold()

    def _fold(self) -> None:
        self._put_away += self._waiting
        for name, values in self._values.items():
            self._parts[name].append(pd.Series(values))
            self._values[name] = []

    def frame(self, drop: Sequence[range]) -> pd.DataFrame:
        """The table without the rows in `drop`. The parts are given up one by one as their column is made."""
        if self._waiting or not self._put_away:
            self._fold()
        made = {name: _joined(self._parts.pop(name)) for name in list(self._parts)}
        frame = pd.DataFrame(made, copy=False)
        if not drop:
            return frame
        keep = numpy.ones(len(frame), dtype=bool)
        for gone in drop:
            keep[gone.start : gone.stop] = False
        return frame[keep].reset_index(drop=True)


def _joined(parts: list[pd.Series[Any]]) -> pd.Series[Any]:
    """One column of its parts; a part in which everything is missing takes the type of the others."""
    typed = [part.dtype for part in parts if part.notna().any()]
    if len(set(typed)) == 1:
        parts = (
            [part if part.notna().any() else part.astype(typed[0]) for part in parts]
            if typed[0].kind in "fO"
            else parts
        )
    return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)


class Packed:
    """What the workbooks of a run contributed: the tables in columns, and of each workbook what tells it from others."""

    def __init__(self, tables: Mapping[str, Iterable[str]]) -> None:
        self.sources: list[Contribution] = []
        self._tables = {name: Columns(columns) for name, columns in tables.items()}
        self._ranges: list[dict[str, range]] = []
        self._known: dict[Any, Any] = {}

    def add(self, contribution: Contribution) -> None:
        """Takes one in. Of its rows only who its people are stays beside it."""
        ranges = {}
        for name, table in self._tables.items():
            start = len(table)
            table.add(getattr(contribution, name), self._known)
            ranges[name] = range(start, len(table))
        people = tuple({key: row[key] for key in ("person", "email", "cell")} for row in contribution.people)
        self._ranges.append(ranges)
        c = contribution
        self.sources.append(Contribution(c.path, c.file, c.team, people=people, code=c.code, message=c.message))

    def frames(self, kept: Iterable[Contribution], added: Mapping[str, Iterable[Row]]) -> dict[str, pd.DataFrame]:
        """The tables with the rows of the workbooks that count, and some more below them."""
        chosen = set(map(id, kept))
        gone = [ranges for source, ranges in zip(self.sources, self._ranges, strict=True) if id(source) not in chosen]
        for name, rows in added.items():
            self._tables[name].add(rows, self._known)
        self._known = {}
        return {name: self._tables.pop(name).frame([r[name] for r in gone]) for name in list(self._tables)}


class Line(Mapping[str, Any]):
    """One row of a frame, read where it stands; what is missing is None."""

    __slots__ = ("_at", "_columns")

    def __init__(self, columns: Mapping[str, Any], at: int) -> None:
        self._columns, self._at = columns, at

    def __getitem__(self, name: str) -> Any:
        value = self._columns[name][self._at]
        return plain(value.item() if isinstance(value, numpy.generic) else value)

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


class Rows(Sequence[Row]):
    """The rows of a frame, each made when it is asked for."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._columns = {str(name): _array(frame[name]) for name in frame.columns}
        self._length = len(frame)

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> list[Row]: ...
    def __getitem__(self, at: int | slice) -> Row | list[Row]:
        if isinstance(at, slice):
            return [self[i] for i in range(*at.indices(len(self)))]
        if not -self._length <= at < self._length:
            raise IndexError(at)
        return Line(self._columns, at % self._length)


class _Texts:
    """The values of a column that pandas keeps in a form of its own, as Python's, a block at a time."""

    def __init__(self, column: pd.Series[Any]) -> None:
        self._column = column
        self._blocks: dict[int, Any] = {}

    def __getitem__(self, at: int) -> Any:
        number, place = divmod(at, BLOCK)
        block = self._blocks.get(number)
        if block is None:
            while len(self._blocks) >= BLOCKS:
                del self._blocks[next(iter(self._blocks))]
            block = self._column.iloc[number * BLOCK : (number + 1) * BLOCK].astype(object).to_numpy()
            self._blocks[number] = block
        return block[place]


def _array(column: pd.Series[Any]) -> Any:
    """The values as they lie in memory, where they lie there as plain ones."""
    return (
        column.to_numpy() if isinstance(column.dtype, numpy.dtype) and column.dtype.kind in "fiubO" else _Texts(column)
    )


class Changed(Sequence[Row]):
    """Rows as a function makes each of something else, when it is asked for."""

    def __init__(self, rows: Sequence[Any], change: Callable[[Any], Row]) -> None:
        self._rows, self._change = rows, change

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> list[Row]: ...
    def __getitem__(self, at: int | slice) -> Row | list[Row]:
        return [self._change(row) for row in self._rows[at]] if isinstance(at, slice) else self._change(self._rows[at])


def sorted_by(frame: pd.DataFrame, names: Sequence[str], ascending: Sequence[bool] | None = None) -> Rows:
    """The frame's rows in order of some columns; equal ones stay as they stood."""
    return Rows(frame.sort_values(list(names), ascending=list(ascending) if ascending else True, kind="stable"))


def plain(value: Any) -> Any:
    """A value as plain Python has it."""
    return None if value is None or value is pd.NaT or (isinstance(value, float) and value != value) else value
