"""Rows as a sheet's own XML, without a program in between: for listings of a million rows.

A row names neither its number nor its cells' (it is the one below the last one, and they stand from the first
column on, as the format allows), so that rows painted once go anywhere. Every text is written as a text
of its own cell, never as a formula.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from html import escape
from itertools import repeat
from math import isfinite

from ..tables import Block, Scalar, Segment
from .heights import NEXT_LINE, ONE_LINE, lines_in
from .palette import DAY, NUMBERS, PALETTE, STREAMED, WHOLE
from .segments import piece
from .strings import LONGEST, encoded

HIGHEST = 400.0
MANY = 4_096
"""So many cells with a text are remembered for each style, since owners, teams and words come again and again."""
SHORT = 64
_DAY_ZERO = datetime(1899, 12, 30)

_CONTROLS = dict.fromkeys(
    (
        *range(0, 9), 11, 12, *range(14, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A),
        *range(0xD800, 0xE000), 0xFFFE, 0xFFFF,
    ),
    "�",
)  # fmt: skip
"""Characters that no file may hold, that steer terminals or turn the direction of a text: made visible."""


def shown(value: object) -> str:
    """A text as it may stand in a cell. Programs count a character beyond U+FFFF twice."""
    text = str(value)
    if not text.isprintable():
        text = text.translate(_CONTROLS)
    if 2 * len(text) <= LONGEST or _units(text) <= LONGEST:
        return text
    text = text[: LONGEST - 1]
    while _units(text) > LONGEST - 1:
        text = text[: -max(1, (_units(text) - LONGEST + 1) // 2)]
    return text + "…"


def _units(text: str) -> int:
    return len(text) + sum(c > "\uffff" for c in text)


def number_of_day(day: date) -> float:
    """A date as the number that it is in a cell."""
    if isinstance(day, datetime):
        return (day - _DAY_ZERO).total_seconds() / 86_400
    return (day - _DAY_ZERO.date()).days


@lru_cache(MANY)
def height_of(style: str, value: Scalar, width: float) -> float:
    """Points that a cell needs in a column `width` digits wide."""
    look = PALETTE[style]
    size = look.get("font_size", 11)
    scale = size / 11 if isinstance(size, (int, float)) else 1.0
    if not look.get("text_wrap") or not isinstance(value, str):
        return ONE_LINE * scale
    bold = 1.06 if look.get("bold") else 1.0
    return (ONE_LINE + NEXT_LINE * (lines_in(value, max(3.0, width - 1.0) / (scale * bold)) - 1)) * scale


class RowPainter:
    """Paints rows for columns of given widths. Raises KeyError for a style that no streamed row has."""

    def __init__(self, widths: Mapping[int, float]) -> None:
        self._widths = widths
        self._texts: dict[str, dict[str, str]] = {}

    def segment(self, blocks: Iterable[Block]) -> Segment:
        """Some rows, packed."""
        rows = [row for block in blocks for row in self.rows(block)]
        return piece("".join(rows).encode("utf-8"), len(rows))

    def rows(self, block: Block) -> list[str]:
        """Some rows, each as high as its highest cell: cells are painted column by column, since those of one are much alike."""
        cells = [
            self._column(values, style) if isinstance(style, str) else self._cells(values, style)
            for values, style in zip(block.columns, block.styles, strict=True)
        ]
        return [*map("".join, zip(self._starts(block), *cells, repeat("</row>")))]

    def _column(self, values: Sequence[Scalar], style: str) -> list[str]:
        known, empty = self._texts.setdefault(style, {}), _EMPTY[style]
        if len(known) > MANY:
            known.clear()
        return [
            empty if value is None else (known.get(value) or self._text(style, value, known)) if value.__class__ is str else _plain(style, value)
            for value in values
        ]  # fmt: skip

    def _cells(self, values: Sequence[Scalar], styles: Sequence[str]) -> list[str]:
        return [self._column((value,), style)[0] for value, style in zip(values, styles, strict=True)]

    def _starts(self, block: Block) -> Sequence[str]:
        """How each row begins."""
        heights = [ONE_LINE] * len(block.columns[0])
        for column, (values, style) in enumerate(zip(block.columns, block.styles, strict=True), start=1):
            if isinstance(style, str) and style not in _WRAPPED:
                continue
            styles = repeat(style) if isinstance(style, str) else style
            width = self._widths.get(column, 8.43)
            heights = [
                max(height, height_of(own, value, width)) if value and own in _WRAPPED else height
                for height, value, own in zip(heights, values, styles, strict=False)
            ]
        return [f'<row ht="{min(HIGHEST, height):g}" customHeight="1">' for height in heights]

    def _text(self, style: str, value: str, known: dict[str, str]) -> str:
        text = shown(value)
        kept = ' xml:space="preserve"' if text != text.strip() or "\n" in text else ""
        cell = f'<c s="{_OWN[style]}" t="inlineStr"><is><t{kept}>{escape(encoded(text), quote=False)}</t></is></c>'
        if not value:
            cell = _EMPTY[style]
        if len(value) <= SHORT:
            known[value] = cell
        return cell


_OWN = {style: NUMBERS[style, None] for style in STREAMED}
_EMPTY = {style: f'<c s="{number}"/>' for style, number in _OWN.items()}
_WHOLE = {style: NUMBERS.get((style, WHOLE), NUMBERS[style, None]) for style in STREAMED}
_DAY = {style: NUMBERS.get((style, DAY), NUMBERS[style, None]) for style in STREAMED}
_WRAPPED = frozenset(style for style in STREAMED if PALETTE[style].get("text_wrap"))


def _plain(style: str, value: Scalar) -> str:
    """A cell that is not empty, without a text."""
    if value.__class__ is float:
        if not isfinite(value):
            return f'<c s="{_OWN[style]}" t="inlineStr"><is><t>{value}</t></is></c>'
        if value == int(value):
            return f'<c s="{_WHOLE[style]}"><v>{int(value)}</v></c>'
        return f'<c s="{_OWN[style]}"><v>{value!r}</v></c>'
    if isinstance(value, bool):
        return f'<c s="{_OWN[style]}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int):
        return f'<c s="{_WHOLE[style]}"><v>{value}</v></c>'
    if isinstance(value, date):
        return f'<c s="{_DAY[style]}"><v>{number_of_day(value):.15g}</v></c>'
    return f'<c s="{_OWN[style]}" t="inlineStr"><is><t>{escape(str(value), quote=False)}</t></is></c>'
