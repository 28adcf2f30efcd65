"""How high a row has to be for the texts that wrap in it.

Excel fits rows to their texts by itself, but only once somebody edits them; other programs print
long texts over the next row. The estimate is rather one line too many than one too few.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..tables import Scalar
from .package import Package
from .splicing import attributes, decoded
from .styles import StyleSheet

_COLUMN = re.compile(r"<(?:\w+:)?col\b([^>]*?)/?>")
_DEFAULTS = re.compile(r"<(?:\w+:)?sheetFormatPr\b([^>]*?)/?>")
_STANDARD_WIDTH = 8.43
_MARGINS = 1.0
"""Digits of a column's width on which no text stands."""


ONE_LINE = 16.0
"""Points of a row of one line at the base size, with a little air."""
NEXT_LINE = 14.6
"""Points of each further line."""
HAIR = 1e-9

_BREADTHS = {
    **dict.fromkeys("iljI.,:;'|· ", 0.46), **dict.fromkeys("frtJ()[]{}-/!\"", 0.66), **dict.fromkeys("scvkyxzL", 0.86),
    **dict.fromkeys("mwMW%@…—", 1.5),
}  # fmt: skip


_BROADEST = 2.0


def _breadth(character: str) -> float:
    """About how many digits wide a character is in the base font."""
    if character in _BREADTHS:
        return _BREADTHS[character]
    if character > "\u2e7f":
        return _BROADEST
    return 1.16 if character.isupper() else 1.0


def lines_in(text: str, width: float) -> int:
    """How many lines a text takes in a cell that is `width` digits wide, broken between words."""
    count = 0
    for paragraph in text.split("\n"):
        count, used = count + 1, 0.0
        for word in paragraph.split(" "):
            needed = sum(map(_breadth, word))
            if used and used + needed > width:
                count, used = count + 1, 0.0
            count += int(max(0.0, needed - HAIR) // width)
            used = (used + needed) % width + _breadth(" ")
    return count


def wrapping(package: Package) -> frozenset[int]:
    """The cell formats, by their index, under which a text wraps."""
    pointers = package.relationships(package.workbook_part).values()
    part = next((p.target for p in pointers if p.kind == "styles" and package.has(p.target)), None)
    if part is None:
        return frozenset()
    items = StyleSheet(decoded(package.read(part))).items("cellXfs")
    aligned = ((number, item.child("alignment")) for number, item in enumerate(items))
    return frozenset(n for n, span in aligned if span and span.attributes.get("wrapText") in ("1", "true"))


class Heights:
    """The columns of one sheet, and how high a row with some texts in them has to be."""

    def __init__(self, sheet: str, wrapping: frozenset[int]) -> None:
        head = sheet[: sheet.find("sheetData")]
        defaults = attributes(found[1]) if (found := _DEFAULTS.search(head)) else {}
        self._wrapping = wrapping
        self._standard = float(defaults.get("defaultColWidth", _STANDARD_WIDTH))
        self._widths = [
            (int(c["min"]), int(c["max"]), float(c.get("width", self._standard)))
            for c in (attributes(column[1]) for column in _COLUMN.finditer(head))
        ]

    def needed(self, cells: Iterable[tuple[int, int, Scalar]]) -> float | None:
        """The height in points for cells (column, format, value); None where one line is enough."""
        texts = (
            (column, value) for column, number, value in cells if number in self._wrapping and isinstance(value, str)
        )
        lines = max((self._lines(text, column) for column, text in texts), default=1)
        return ONE_LINE + NEXT_LINE * (lines - 1) if lines > 1 else None

    def _lines(self, text: str, column: int) -> int:
        width = next((w for first, last, w in self._widths if first <= column <= last), self._standard)
        room = max(width - _MARGINS, 3.0)
        if len(text) * _BROADEST <= room and "\n" not in text:
            return 1
        return lines_in(text, room)
