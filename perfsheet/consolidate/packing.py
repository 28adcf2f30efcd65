"""Rows as columns: what workbooks contribute is packed as it comes in, and read back without a dict for each row."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, overload

import numpy
import pandas as pd

from .contributions import Contribution

Row = Mapping[str, Any]

SHORT = 48
"""Texts up to this length come again and again: owners, status words, teams. Each distinct one is kept once."""


class Columns:
    """One table as it grows: a list for each column."""

    def __init__(self, names: Iterable[str]) -> None:
        self._values: dict[str, list[Any]] = {name: [] for name in names}

    def __len__(self) -> int:
        return len(next(iter(self._values.values())))

    def add(self, rows: Iterable[Row], known: dict[Any, Any]) -> None:
        """Further rows; `known` holds the values of which one copy is enough."""
        for row in rows:
            for name, values in self._values.items():
                value = row.get(name)
                if not isinstance(value, str) or len(value) <= SHORT:
                    value = known.setdefault((type(value), value), value)
                values.append(value)

    def frame(self, drop: Sequence[range]) -> pd.DataFrame:
        """The table without the rows in `drop`. The lists are given up one by one as their column is made."""
        keep: Any = slice(None)
        if drop:
            keep = numpy.ones(len(self), dtype=bool)
            for gone in drop:
                keep[gone.start : gone.stop] = False
        made = {}
        for name in list(self._values):
            column = pd.Series(self._values.pop(name))
            made[name] = column[keep].reset_index(drop=True) if drop else column
        return pd.DataFrame(made, copy=False)


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
    """The rows of a frame, in its order or another one, each made when it is asked for."""

    def __init__(self, frame: pd.DataFrame, order: Sequence[int] | None = None) -> None:
        self._columns = {str(name): _array(frame[name]) for name in frame.columns}
        self._order = range(len(frame)) if order is None else order

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> list[Row]: ...
    def __getitem__(self, at: int | slice) -> Row | list[Row]:
        if isinstance(at, slice):
            return [self[i] for i in range(*at.indices(len(self)))]
        return Line(self._columns, int(self._order[at]))


def _array(column: pd.Series[Any]) -> Any:
    """The values as they lie in memory; times as objects, because they hold more than numpy's."""
    return column.to_numpy() if column.dtype.kind in "fiubO" else column.astype(object).to_numpy()


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
    keys = frame[list(names)].reset_index(drop=True)
    order = keys.sort_values(list(names), ascending=list(ascending) if ascending else True, kind="stable").index
    return Rows(frame, array("q", order.to_numpy()))


def plain(value: Any) -> Any:
    """A value as plain Python has it."""
    return None if value is None or value is pd.NaT or (isinstance(value, float) and value != value) else value
