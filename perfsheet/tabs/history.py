"""History: every applied change, chained by hash. Rows are only ever added."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..forms import HISTORY
from ..tables import Area, Frame, Put, Tab

HEADER_ROW = 4


def history(rows: Sequence[Any]) -> Tab:
    """The rows of History, oldest first: records that were read, and new entries with the same fields."""
    columns = HISTORY.columns
    note = "Each hash covers its row and the hash before it, so that a changed or deleted row shows. Please leave this tab as it is."
    cells = [
        Put(1, 1, "History", "title"),
        Put(2, 1, "Every change that perfsheet applied to Goals", "subtitle"),
        Put(3, 1, note, "muted"),
        *(Put(HEADER_ROW, i, c.header, "heading") for i, c in enumerate(columns, start=1)),
    ]
    for number, row in enumerate(rows, start=HEADER_ROW + 1):
        for i, c in enumerate(columns, start=1):
            style = "code" if "hash" in c.name else "any" if c.name in ("old", "new", "when") else "wrapped"
            cells.append(Put(number, i, getattr(row, c.name), style))
    bottom = HEADER_ROW + max(1, len(rows))
    return Tab(
        "History", "History", tuple(cells),
        widths={i: c.width for i, c in enumerate(columns, start=1)},
        frames=(Frame(HISTORY.table, Area(HEADER_ROW, 1, bottom, len(columns)), tuple(c.header for c in columns)),),
        freeze=(HEADER_ROW, 0),
        repeat_rows=(HEADER_ROW, HEADER_ROW),
    )  # fmt: skip
