"""The rows of streams poured into the sheets of a painted workbook, from there straight into a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from ..tables import Segment, Tab
from .grafting import Grafted
from .package import Package
from .palette import DATES, NUMBERS
from .rows import RowPainter
from .segments import content_of, piece

MANY = 512
"""So many rows are packed at once."""

_DIMENSION = re.compile(r'<dimension ref="[^"]*"/>')
_CLOSED = re.compile(r"<sheetData\s*/>")
_CELL = re.compile(rb'<c s="(\d+)"(?:><v>([^<]*))?')


def pour(package: Package, tabs: Iterable[Tab], target: BinaryIO, grafted: Grafted | None = None) -> None:
    """Writes the package into a file that can seek, with the rows of the tabs' streams below those that are there.

    `grafted` says how the tabs were put into the package, if they were not painted for it alone.
    """
    parts = {sheet.name: sheet.part for sheet in package.sheets}
    names = {tab.mark: tab.name for tab in tabs} if grafted is None else grafted.names
    streamed = {parts[names[tab.mark]]: tab for tab in tabs if tab.stream is not None}
    other = None if grafted is None or _as_at_home(grafted) else grafted
    package.write(target, {part: _sheet(package.read(part).decode(), tab, other) for part, tab in streamed.items()})


def _sheet(text: str, tab: Tab, grafted: Grafted | None) -> Iterator[Segment]:
    """A sheet's content in pieces."""
    text = _CLOSED.sub("<sheetData></sheetData>", text, count=1)
    head, closed, tail = text.partition("</sheetData>")
    reach = max((str(frame.area) for frame in tab.frames), key=len, default="")
    if reach:
        head = _DIMENSION.sub(f'<dimension ref="A1:{reach.partition(":")[2]}"/>', head, count=1)
    yield piece(head.encode())
    for segment in _segments(tab):
        yield _translated(segment, grafted) if grafted else segment
    yield piece((closed + tail).encode())


def _segments(tab: Tab) -> Iterator[Segment]:
    """The stream in pieces: those that are there already, and single rows many at a time."""
    painter, rows = RowPainter(tab.widths), list[bytes]()
    for item in tab.stream or ():
        whole = isinstance(item, Segment)
        if rows and (whole or len(rows) >= MANY):
            yield piece(b"".join(rows), len(rows))
            rows = []
        if isinstance(item, Segment):
            if item.rows:
                yield item
        elif isinstance(item, bytes):
            rows.append(item)
        else:
            rows += [row.encode() for row in painter.rows(item)]
    if rows:
        yield piece(b"".join(rows), len(rows))


def in_order(keyed: Iterable[tuple[Sequence[Any], Segment]]) -> Iterator[Segment]:
    """Rows of many segments in the order of their keys, one for each row; equal ones stay as they stood."""
    keys, rows = list[Any](), list[bytes]()
    for own, segment in keyed:
        keys += own
        rows += content_of(segment).split(_END_OF_ROW)[:-1]
    order = sorted(range(len(rows)), key=keys.__getitem__)
    for start in range(0, len(order), MANY):
        some = [rows[at] for at in order[start : start + MANY]]
        yield piece(_END_OF_ROW.join(some) + _END_OF_ROW, len(some))


_END_OF_ROW = b"</row>"


def _as_at_home(grafted: Grafted) -> bool:
    """Whether formats have the same numbers here, and days too."""
    return not grafted.days and all(grafted.formats[number] == number for number in NUMBERS.values())


def _translated(segment: Segment, grafted: Grafted) -> Segment:
    """The rows with the workbook's own numbers. A text cannot look like a cell, since its brackets are escaped."""

    def cell(match: re.Match[bytes]) -> bytes:
        number = int(match[1])
        if match[2] is None:
            return b'<c s="%d"' % grafted.formats[number]
        value = float(match[2]) + grafted.days if grafted.days and number in DATES else None
        written = match[2] if value is None else f"{value:.15g}".encode()
        return b'<c s="%d"><v>%s' % (grafted.formats[number], written)

    return piece(_CELL.sub(cell, content_of(segment)), segment.rows)
