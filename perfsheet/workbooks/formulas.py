"""The texts of a sheet's formulas. Ordinary reading needs only their results; a comparison needs the texts."""

from __future__ import annotations

import re

from ..tables import cell_position
from . import markup
from .package import Package
from .references import moved

Texts = dict[tuple[int, int], str]


def formula_texts(package: Package, sheet: str) -> Texts:
    """The formula in each cell of the sheet that has one, by (row, column), without its equals sign.

    A formula that is shared by several cells is told for each as it reads there. Raises an Obstacle
    for a part that is not sound; a sheet that is not there has no formulas.
    """
    part = next((s.part for s in package.sheets if s.name == sheet and s.kind == "worksheet"), None)
    if part is None:
        return {}
    reader = _Reader()
    markup.parse(package.read(part), package.path, part, start=reader.start, end=reader.end, text=reader.text)
    return reader.texts


class _Reader:
    """Listens to the elements of a sheet: in which cell, in which formula."""

    def __init__(self) -> None:
        self.texts: Texts = {}
        self._cell: tuple[int, int] | None = None
        self._formula: dict[str, str] | None = None
        self._pieces: list[str] = []
        self._shared: dict[str, tuple[tuple[int, int], str]] = {}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition("}")[2]
        if name == "c":
            self._cell = _position(attributes.get("r", ""))
        elif name == "f":
            self._formula, self._pieces = attributes, []

    def text(self, content: str) -> None:
        if self._formula is not None:
            self._pieces.append(content)

    def end(self, tag: str) -> None:
        if self._formula is None or tag.rpartition("}")[2] != "f":
            return
        told, self._formula = self._formula, None
        if self._cell is not None:
            self.texts[self._cell] = self._as_it_reads(self._cell, told, "".join(self._pieces))

    def _as_it_reads(self, cell: tuple[int, int], told: dict[str, str], text: str) -> str:
        if told.get("t") != "shared":
            return text
        if text:
            self._shared[told.get("si", "")] = (cell, text)
            return text
        first, text = self._shared.get(told.get("si", ""), (cell, ""))
        return moved(text, cell[0] - first[0], cell[1] - first[1])


def _position(name: str) -> tuple[int, int] | None:
    try:
        return cell_position(name)
    except ValueError:
        return None


# ------------------------------------------------------------------- when are two formulas the same?

_TEXT = re.compile(r'("(?:[^"]|"")*")')
_OWN_ROW = re.compile(r"(?:\w+)?\[@\[?([^\[\]]+)\]?\]")
_THIS_ROW = re.compile(r"(?:\w+)?\[\[#This Row\],\s*\[([^\[\]]+)\]\]", re.IGNORECASE)
_CONSTANT = re.compile(r"\b(true|false)\(\)")
_PREFIX = re.compile(r"_xl(?:fn|ws|udf)\.", re.IGNORECASE)


def plain(formula: str) -> str:
    """The formula in one spelling, so that what programs rewrite on saving does not count as a change.

    Case, spaces and prefixes of function names do not matter outside of texts, nor whether this
    row's cell of a column is written `tbl[[#This Row],[X]]`, `tbl[@X]` or `[@X]`, nor TRUE() for TRUE.
    """
    pieces = _TEXT.split(formula.strip().removeprefix("=").removeprefix("{=").removesuffix("}"))
    return "".join(piece if n % 2 else _plain(piece) for n, piece in enumerate(pieces))


def _plain(piece: str) -> str:
    piece = _PREFIX.sub("", piece)
    piece = _THIS_ROW.sub(r"[@\1]", piece)
    piece = _OWN_ROW.sub(r"[@\1]", piece)
    return _CONSTANT.sub(r"\1", "".join(piece.split()).casefold())
