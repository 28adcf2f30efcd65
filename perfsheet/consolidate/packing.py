"""Rows as columns: what workbooks contribute travels and waits packed, and is read back without a dict for each row."""

from __future__ import annotations

import io
import pickle
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, overload

from ..scoring import Status
from ..scoring.rollup import Member
from ..tables import Segment

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[str, Any]
T = TypeVar("T")

PART = 16_384
"""So many rows wait as lists; then they become columns as pandas keeps them, which take a fraction of the room."""
BLOCK, BLOCKS = 512, 12
"""Texts are taken out of a frame so many at a time, and so many such blocks are kept at hand."""

COLUMNS: dict[str, tuple[str, ...]] = {
    "teams": (
        "team", "file", "manager", "period", "organisation", "as_of", "people", "goals", "counted", "progress", "expected",
        "coverage", "low", "high", *(f"n_{s.value}" for s in Status), "worst", "partial", "check_ins", "proposals", "actions_overdue",
        "minimum_group", "minimum_group_comments",
    ),
    "goals": (
        "team", "file", "goal_id", "goal", "owner", "parent", "kind", "cell", "status", "progress", "raw_progress", "expected",
        "gap", "spi_t", "weight", "weight_given", "counted", "baseline", "target", "current", "lower", "upper", "state", "start", "due", "last_check_in", "check_ins",
        "chance", "forecast_finish", "reason", "period", "measured", "coverage", "low", "high",
    ),
    "people": (
        "team", "file", "person", "email", "group", "manager", "cell", "goals", "progress", "expected", "coverage", "index",
        "index_low", "index_high", "index_trials", "index_reason", "judged", "behind", "feedback_received", "proposals_decided",
        "proposals_accepted",
    ),
    "issues": ("team", "file", "code", "severity", "goal_id", "person", "cell", "evidence"),
    "findings": ("team", "file", "code", "severity", "cell", "value", "message", "remedy"),
    "proposals": (
        "team", "file", "id", "goal_id", "goal", "owner", "manager", "rule", "proposal", "why", "chance_before", "chance_after",
        "proposed_on", "days", "cell",
    ),
    "ratings": ("team", "file", "person", "email", "rater", "skill", "attainment", "cell"),
    "forecasts": ("team", "file", "goal_id", "goal", "cell", "on", "chance", "met", "confidence"),
    "reminders": ("team", "file", "person", "text"),
    "feedback": ("team", "file", "day", "giver", "receiver", "kind", "goal_id", "text", "follow_up", "follow_up_due", "follow_up_done", "cell"),
    "check_ins": ("team", "file", "goal_id", "day", "value", "confidence", "by", "entered", "cell"),
    "history": ("team", "file", "when", "who", "goal_id", "field", "old", "new", "reason", "chain_intact"),
    "files": ("file", "team", "workbook_id", "outcome", "errors", "warnings", "goals", "note", "period", "template_version", "in_a_sum", "people", "check_ins", "progress_sum", "weighted_sum", "counted", "progress_counted", "expected_counted", "coverage_counted", "modified", "digest"),
}  # fmt: skip
"""The columns of each frame, also when there are no rows."""


WHERE = ("team", "file")
"""The columns that are the same in all rows of a workbook."""
TABLES = tuple(name for name in COLUMNS if name not in ("teams", "files"))
"""The tables to which a workbook contributes any number of rows."""


def packed(rows: Iterable[Row], table: str) -> bytes:
    """Some rows of one workbook."""
    rows = list(rows)
    if not rows:
        return b""
    names = _own(table)
    columns = zip(*(map(row.get, names) for row in rows), strict=True)
    return squeezed(columns)


def unpacked(data: bytes, table: str, team: str | None, file: str) -> dict[str, list[Any]]:
    """The columns of some rows of one workbook."""
    if not data:
        return {name: [] for name in COLUMNS[table]}
    own: dict[str, list[Any]] = dict(zip(_own(table), columns_in(data), strict=True))
    length = len(next(iter(own.values())))
    where: dict[str, list[Any]] = {"team": [team] * length, "file": [file] * length}
    return {name: own[name] if name in own else where[name] for name in COLUMNS[table]}


def squeezed(columns: Iterable[Sequence[Any]]) -> bytes:
    """Columns of plain values."""
    return zlib.compress(pickle.dumps(list(map(list, columns)), 5), 1)


def columns_in(data: bytes) -> list[list[Any]]:
    """The columns that were squeezed."""
    found: list[list[Any]] = loaded(zlib.decompress(data))
    return found


@cache
def _own(table: str) -> tuple[str, ...]:
    return tuple(name for name in COLUMNS[table] if name not in WHERE)


_ALLOWED: dict[tuple[str, str], type] = {("datetime", "date"): date, ("datetime", "datetime"): datetime}


class _Careful(pickle.Unpickler):
    """Reads plain values and our own plain shapes: what somebody tampered with can run no code."""

    def find_class(self, module: str, name: str) -> Any:
        found = _ALLOWED.get((module, name))
        if found is None:
            raise pickle.UnpicklingError(f"{module}.{name} has no place here")
        return found


def allow(shape: type[T]) -> type[T]:
    """One more plain shape that may be read back."""
    _ALLOWED[shape.__module__, shape.__qualname__] = shape
    return shape


allow(Segment)
allow(Member)


def loaded(data: bytes) -> Any:
    """What was pickled. Raises pickle.UnpicklingError, or what a damaged one raises."""
    return _Careful(io.BytesIO(data)).load()


class Part(NamedTuple):
    """What one workbook has in a table: the columns, the workbook's period, and by what it is known from run to run."""

    book: str
    period: str | None
    columns: Mapping[str, Sequence[Any]]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The same as rows, each with its period."""
        names = self.columns.keys()
        return [{**dict(zip(names, row, strict=True)), "period": self.period} for row in zip(*self.columns.values(), strict=True)]  # fmt: skip


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

    def add(self, columns: Mapping[str, Sequence[Any]]) -> None:
        """Further rows."""
        for name, values in self._values.items():
            values.extend(columns[name])
        if self._waiting >= PART:
            self._fold()

    def _fold(self) -> None:
        import pandas as pd

        self._put_away += self._waiting
        for name, values in self._values.items():
            self._parts[name].append(pd.Series(values))
            self._values[name] = []

    def frame(self) -> pd.DataFrame:
        """The table. The parts are given up one by one as their column is made."""
        import pandas as pd

        if self._waiting or not self._put_away:
            self._fold()
        return pd.DataFrame({name: _joined(self._parts.pop(name)) for name in list(self._parts)}, copy=False)


def _joined(parts: list[pd.Series[Any]]) -> pd.Series[Any]:
    """One column of its parts; a part in which everything is missing takes the type of the others."""
    import pandas as pd

    typed = [part.dtype for part in parts if part.notna().any()]
    if len(set(typed)) == 1:
        parts = (
            [part if part.notna().any() else part.astype(typed[0]) for part in parts]
            if typed[0].kind in "fO"
            else parts
        )
    return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)


class Line(Mapping[str, Any]):
    """One row of a frame, read where it stands; what is missing is None."""

    __slots__ = ("_at", "_columns")

    def __init__(self, columns: Mapping[str, Any], at: int) -> None:
        self._columns, self._at = columns, at

    def __getitem__(self, name: str) -> Any:
        value = self._columns[name][self._at]
        return plain(value.item() if hasattr(value, "dtype") else value)

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
    import numpy

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
    return None if value is None or value != value else value
