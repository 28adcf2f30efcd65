"""A workbook that is filled in thousands of times: cut up once, and cast from its pieces.

Filling a template in changes a few rows of a few sheets; most of its bytes are the same in every copy,
and compressing them again took longer than all the rest. So a sheet is kept as rows. Those that are
filled in are put together from cells that were taken apart before; long stretches that stay are
compressed once, by themselves, and copied. A deflate stream may be made of such pieces, as long as
each begins on a whole byte and looks back at none before it.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence

from ..tables import Change, cell_position
from .archive import Deflated
from .editing import (
    CELL,
    FORMULA,
    Cells,
    Row,
    calculated_on_load,
    kept,
    rows_in,
    sheet_data,
    widened,
    without_calculation_chain,
)
from .heights import Heights, wrapping
from .package import Package
from .splicing import Text, attributes, decoded

_LONG = 4096
"""Bytes from which a stretch that stays is worth a compressed piece of its own."""
_KEPT = 256
"""So many compressed pieces of a sheet are kept; each takes a few kilobytes."""
_FAST = 3
"""The level for what differs from copy to copy: a third of the time of the usual one, and a tenth larger."""


Rows = Mapping[int, Mapping[int, Change]]
"""What is filled in: row -> column -> change."""


class Mould:
    """A package taken apart to be filled in many times.

    As `edit(..., forget=False)` does it, but that formulas in a row that is filled in forget their results,
    and that the row becomes as high as its texts need.
    """

    def __init__(self, package: Package) -> None:
        source = decoded(package.read(package.workbook_part))
        parts: dict[str, bytes | None] = {package.workbook_part: source.encoded(calculated_on_load(source.text))}
        parts.update(without_calculation_chain(package, parts))
        self._package = Package.from_bytes(package.replace(parts), package.path)
        self._parts = {sheet.name: sheet.part for sheet in package.sheets}
        properties = package.workbook.child("workbookPr")
        self._date1904 = properties is not None and properties.get("date1904") in ("1", "true", "on")
        self._wrapping = wrapping(package)
        self._sheets: dict[str, _Sheet] = {}

    def cast(self, changes: Sequence[Change]) -> bytes:
        """A copy's bytes with cells changed. Raises Unsupported for a formula that other cells share."""
        wanted: dict[str, dict[int, dict[int, Change]]] = {}
        for change in changes:
            rows = wanted.setdefault(self._parts[change.address.sheet], {})
            rows.setdefault(change.address.row, {})[change.address.column] = change
        return self._package.replace({part: self._sheet(part).cast(rows) for part, rows in wanted.items()})

    def _sheet(self, part: str) -> _Sheet:
        if part not in self._sheets:
            source = decoded(self._package.read(part))
            text = _opened(source.text)
            cells = Cells(self._package.path, part, text, self._date1904, {})
            self._sheets[part] = _Sheet(text, source, cells, Heights(text, self._wrapping))
        return self._sheets[part]


def _opened(text: str) -> str:
    """The sheet's text with a section of rows that has a beginning and an end."""
    start, end, empty = sheet_data(text)
    if not empty or start == end:
        return text
    tag = text[start:end].rstrip("/> ")
    return f"{text[:start]}{tag}></{tag[1:].split()[0]}>{text[end:]}"


class _Sheet:
    """One sheet as rows and the stretches between them, known by their places among the part's bytes."""

    def __init__(self, text: str, source: Text, cells: Cells, heights: Heights) -> None:
        self._cells, self._encoding, self._heights = cells, source.encoding, heights
        self._bytes = source.encoded(text)
        self._rows: dict[int, tuple[Row, int, int]] = {}
        self._apart: dict[int, _Row] = {}
        self._pieces: dict[tuple[int, int], bytes] = {}
        start, stop, _ = sheet_data(text)
        number, position, at = 0, 0, len(source.bom)
        for row in rows_in(text, start, stop):
            number = int(attributes(row.facts).get("r", number + 1))
            begin = at + len(text[position : row.start].encode(self._encoding))
            at, position = begin + len(text[row.start : row.end].encode(self._encoding)), row.end
            self._rows[number] = (row, begin, at)
        self._stop = at + len(text[position:stop].encode(self._encoding))

    def cast(self, rows: Rows) -> Deflated:
        """The sheet's content with the rows filled in; a row that is not there is put in its place."""
        stream, position = _Stream(), 0
        for number in sorted(rows):
            begin, end = self._place(number)
            self._stay(stream, position, begin)
            stream.add(self._filled(number, rows[number]))
            position = end
        self._stay(stream, position, len(self._bytes))
        return stream.done()

    def _place(self, number: int) -> tuple[int, int]:
        """Where the row's bytes begin and end, or would."""
        if number in self._rows:
            return self._rows[number][1:]
        after = min((row for row in self._rows if row > number), default=None)
        begin = self._stop if after is None else self._rows[after][1]
        return begin, begin

    def _filled(self, number: int, wanted: Mapping[int, Change]) -> bytes:
        if number not in self._rows:
            return self._cells.new_row(number, wanted).encode(self._encoding)
        if number not in self._apart:
            self._apart[number] = _Row(self._rows[number][0], number, self._cells, self._heights, self._encoding)
        return self._apart[number].cast(wanted)

    def _stay(self, stream: _Stream, start: int, end: int) -> None:
        """A stretch that stays as it is."""
        content = self._bytes[start:end]
        if end - start < _LONG:
            stream.add(content)
            return
        packed = self._pieces.get((start, end))
        if packed is None:
            packed = _piece(content, 9)
            if len(self._pieces) < _KEPT:
                self._pieces[start, end] = packed
        stream.copy(content, packed)


class _Row:
    """One row taken apart: each cell as it stays, and what surrounds another value."""

    def __init__(self, row: Row, number: int, cells: Cells, heights: Heights, encoding: str) -> None:
        self._row, self._number, self._cells, self._heights, self._encoding = row, number, cells, heights, encoding
        self._found: dict[int, re.Match[str]] = {}
        self._blank: dict[int, bytes] = {}
        self._formats: dict[int, int] = {}
        self._frames: dict[int, tuple[str, str]] = {}
        column = position = 0
        for cell in CELL.finditer(row.content):
            facts = attributes(cell[2])
            name = facts.get("r")
            column = cell_position(name)[1] if name else column + 1
            self._found[column] = cell
            self._formats[column] = int(facts.get("s", "0"))
            self._blank[column] = (row.content[position : cell.start()] + _without_result(cell)).encode(encoding)
            position = cell.end()
        self._behind = row.content[position:]

    def cast(self, wanted: Mapping[int, Change]) -> bytes:
        """The row with some values; cells that are not there are put in their places."""
        texts = self._blank | {
            column: self._cell(column, change).encode(self._encoding)
            for column, change in wanted.items()
            if change.value is not None or column in self._found
        }
        ordered = texts.values() if len(texts) == len(self._blank) else (texts[column] for column in sorted(texts))
        height = self._heights.needed((c, self._formats.get(c, 0), change.value) for c, change in wanted.items())
        head = f"<{self._row.prefix}row{_raised(widened(self._row.facts, wanted), height)}>"
        tail = f"{self._behind}</{self._row.prefix}row>"
        return b"".join((head.encode(self._encoding), *ordered, tail.encode(self._encoding)))

    def _cell(self, column: int, change: Change) -> str:
        """The cell with another value; what surrounds it is worked out once."""
        if column not in self._found:
            return self._cells.new_cell(self._number, column, change)
        if column not in self._frames:
            found = self._found[column]
            if FORMULA.search(found[3] or ""):
                return self._cells.old_cell(found, self._number, column, change)
            self._frames[column] = (f"<{found[1]}c{kept(found[2])}", f"</{found[1]}c>")
        begins, ends = self._frames[column]
        if change.value is None:
            return f"{begins}/>"
        kind, inner = self._cells.written(change.value)
        return f"{begins}{kind}>{inner}{ends}"


def _raised(facts: str, height: float | None) -> str:
    """A row's attributes with the height that it needs, unless somebody gave it one; Excel goes on fitting it."""
    if height is None or "customHeight" in facts or float(attributes(facts).get("ht", "0")) >= height:
        return facts
    return f'{_HEIGHT.sub("", facts)} ht="{height:g}"'


_HEIGHT = re.compile(r"\sht\s*=\s*(?:\"[^\"]*\"|'[^']*')")


def _without_result(cell: re.Match[str]) -> str:
    """A cell as it stays in a row that is filled in: a formula forgets the result that it had for the empty row."""
    formula = FORMULA.search(cell[3] or "")
    return f"<{cell[1]}c{kept(cell[2], formula=True)}>{formula[0]}</{cell[1]}c>" if formula else cell[0]


class _Stream:
    """A deflate stream made of new content and of pieces that were compressed before."""

    def __init__(self) -> None:
        self._packed: list[bytes] = []
        self._waiting: list[bytes] = []
        self._crc = self._size = 0

    def add(self, content: bytes) -> None:
        """Content that differs from copy to copy."""
        self._waiting.append(content)
        self._counted(content)

    def copy(self, content: bytes, packed: bytes) -> None:
        """Content whose compressed form, a piece, is at hand."""
        self._flush()
        self._packed.append(packed)
        self._counted(content)

    def _counted(self, content: bytes) -> None:
        self._crc, self._size = zlib.crc32(content, self._crc), self._size + len(content)

    def _flush(self) -> None:
        if self._waiting:
            self._packed.append(_piece(b"".join(self._waiting), _FAST))
            self._waiting = []

    def done(self) -> Deflated:
        """The whole stream, closed by an empty last block."""
        self._flush()
        return Deflated(b"".join((*self._packed, _END)), self._crc, self._size)


_END = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS).flush()


def _piece(content: bytes, level: int) -> bytes:
    """Content compressed by itself, up to a whole byte and not closed."""
    stream = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    return stream.compress(content) + stream.flush(zlib.Z_SYNC_FLUSH)
