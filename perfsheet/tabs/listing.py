"""Tabs that are one table: a title, a header that stays in sight, and rows that are made as they are painted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ..errors import made_visible
from ..scoring import Status
from ..tables import Area, Bars, Block, Frame, Put, Segment, Tab
from .statuses import BAR_COLOUR, STATUS_STYLES, STATUS_WORDS

Row = Mapping[str, Any]

TOP = 4
"""The header row of every listing."""
MANY = 512
"""So many rows are painted at once."""
DEEPEST = 5
"""Goals further down the tree are indented no more than this."""


@dataclass(frozen=True)
class Column:
    """One column: its header, the key of its values, their style, and how wide it is."""

    header: str
    key: str
    style: str = "text"
    width: float = 14


class Painted(Sequence[Row]):
    """Rows of a listing that are painted already, at least in part: `pieces` yields them in their order.

    They are counted and poured, and read no more.
    """

    def __init__(self, length: int, pieces: Callable[[], Iterable[Block | Segment | bytes | Row]]) -> None:
        self._length, self._pieces = length, pieces

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Any]:
        return iter(self._pieces())

    def __getitem__(self, at: Any) -> Any:
        raise TypeError("rows that are painted already cannot be read")


def listing(
    name: str, table: str, subtitle: str, columns: Sequence[Column], rows: Sequence[Row], bars: Sequence[str] = ()
) -> Tab:
    """One tab that is one table, with a title above it and its header in sight."""
    cells = [Put(1, 1, name, "title"), Put(2, 1, subtitle, "subtitle")]
    cells += [Put(TOP, i, column.header, heading(column)) for i, column in enumerate(columns, start=1)]
    bottom = TOP + max(1, len(rows))
    area = Area(TOP, 1, bottom, len(columns))
    positions = {column.key: i for i, column in enumerate(columns, start=1)}
    return Tab(
        name, f"Org{name.replace(' ', '')}", tuple(cells),
        widths=widths(columns),
        frames=(Frame(table, area, tuple(c.header for c in columns)),),
        bars=tuple(Bars(Area(TOP + 1, positions[key], bottom, positions[key]), BAR_COLOUR) for key in bars),
        freeze=(TOP, 1),
        repeat_rows=(TOP, TOP),
        print_columns=_for_paper(columns),
        stream=Lines(columns, rows),
    )  # fmt: skip


def widths(columns: Sequence[Column]) -> dict[int, float]:
    """How wide each column is, by its number."""
    return {i: column.width for i, column in enumerate(columns, start=1)}


@dataclass(frozen=True)
class Lines:
    """The rows of a listing in blocks to paint, made as often as somebody asks."""

    columns: Sequence[Column]
    rows: Sequence[Row]

    def __iter__(self) -> Iterator[Block | Segment | bytes]:
        return self._painted() if isinstance(self.rows, Painted) else self.blocks()

    def _painted(self) -> Iterator[Block | Segment | bytes]:
        """The rows as they come, painted or not."""
        for row in self.rows:
            yield row if isinstance(row, (Block, Segment, bytes)) else next(Lines(self.columns, (row,)).blocks())

    def blocks(self) -> Iterator[Block]:
        """The rows, none of which is painted yet."""
        rows = iter(self.rows)
        while some := list(islice(rows, MANY)):
            columns = [_column(column, some) for column in self.columns]
            yield Block([values for values, _ in columns], [styles for _, styles in columns])


def _column(column: Column, rows: Sequence[Row]) -> tuple[Sequence[Any], str | Sequence[str]]:
    """The column's values as a listing shows them, and their style or the style of each."""
    key, special = column.key, _SPECIAL.get(column.style)
    if special is None:
        return _said([row.get(key) for row in rows]), column.style
    values, styles = zip(*[special(row, key) for row in rows], strict=True)
    return values, styles


def _said(values: Iterable[Any]) -> list[Any]:
    """Values as a listing shows them."""
    return [
        value if (kind := value.__class__) is float or (kind is str and value.isprintable())
        else ("no", "yes")[value] if kind is bool else made_visible(value) if kind is str else value
        for value in values
    ]  # fmt: skip


def _status_cell(row: Row, key: str) -> tuple[Any, str]:
    value = row.get(key)
    return (None, "text") if value is None else _STATUS_CELLS[value]


_STATUS_CELLS = {status.value: (STATUS_WORDS[status], STATUS_STYLES[status]) for status in Status}


def _severity_cell(row: Row, key: str) -> tuple[Any, str]:
    return row.get(key), f"severity_{row.get(key)}"


def _tree_cell(row: Row, key: str) -> tuple[Any, str]:
    """A goal as far to the right as it stands deep; bold on top, if others serve it."""
    level = min(row["level"], DEEPEST)
    return made_visible(str(row.get(key))), f"tree_{level}" if level or row["children"] else "text"


_SPECIAL: Mapping[str, Callable[[Row, str], tuple[Any, str]]] = {
    "status": _status_cell, "severity": _severity_cell, "tree": _tree_cell,
}  # fmt: skip
"""Columns whose style depends on the row."""


def _for_paper(columns: Sequence[Column]) -> int:
    """So many columns are printed: where a row comes from is a help on the screen, and shrinks the rest on paper."""
    return max(number for number, column in enumerate(columns, start=1) if column.style != "muted")


def heading(column: Column) -> str:
    if column.style == "indented":
        return "heading_in"
    return "heading_right" if column.style in ("number", "count", "percent", "ratio") else "heading"
