"""Cell references inside formulas: found without being fooled by texts, and moved with their formula.

A formula that is copied two rows down refers to cells two rows further down, except where a
dollar sign pins a row or a column. References to whole tables (`tblGoals[Weight]`) stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from ..tables import MAX_COLUMN, MAX_ROW, Area, cell_position, column_number, letters

_PIECE = re.compile(
    r"(?P<text>\"(?:[^\"]|\"\")*\")"  # "a text", in which nothing is a reference
    r"|(?P<sheet>'(?:[^']|'')*'!)"  # 'a sheet'!
    r"|(?P<table>[A-Za-z_\\][\w.\\]*\[(?:[^\[\]]|\[[^\[\]]*\])*\])"  # tblGoals[[#This Row],[Weight]]
    r"|(?P<brackets>\[(?:[^\[\]]|\[[^\[\]]*\])*\])"
    r"|(?P<cell>(?<![\w.$])\$?[A-Za-z]{1,3}\$?[1-9][0-9]{0,6}(?![\w.(!]))"
)
_CELL = re.compile(r"(\$?)([A-Za-z]{1,3})(\$?)([0-9]+)")


def moved(formula: str, rows: int, columns: int) -> str:
    """The formula as it reads when its cell is copied `rows` down and `columns` to the right."""
    return _PIECE.sub(lambda m: _moved_cell(m["cell"], rows, columns) if m["cell"] else m[0], formula)


def _moved_cell(reference: str, rows: int, columns: int) -> str:
    match = _CELL.fullmatch(reference)
    if match is None:
        return reference
    pin_column, name, pin_row, number = match.groups()
    column = column_number(name) + (0 if pin_column else columns)
    row = int(number) + (0 if pin_row else rows)
    if not (1 <= row <= MAX_ROW and 1 <= column <= MAX_COLUMN):
        return "#REF!"
    return f"{pin_column}{letters(column)}{pin_row}{row}"


def renamed_sheet(formula: str, old: str, new: str) -> str:
    """The formula with references to the sheet `old` pointing to `new`; texts are left alone."""
    bare = re.compile(rf"(?<![\w'.\]]){re.escape(old)}!")
    quoted_old, quoted_new = "'" + old.replace("'", "''") + "'!", "'" + new.replace("'", "''") + "'!"

    def turn(match: re.Match[str]) -> str:
        return quoted_new if match["sheet"] == quoted_old else match[0]

    pieces, position = [], 0
    for match in _PIECE.finditer(formula):
        pieces.append(bare.sub(lambda _: quoted_new, formula[position : match.start()]))
        pieces.append(turn(match))
        position = match.end()
    return "".join((*pieces, bare.sub(lambda _: quoted_new, formula[position:])))


# ------------------------------------------------------------- what a formula looks at

_REFERENCE = re.compile(
    r"(?P<text>\"(?:[^\"]|\"\")*\")"
    r"|(?P<table>[A-Za-z_\\][\w.\\]*)\[(?P<inside>(?:[^\[\]]|\[[^\[\]]*\])*)\]"
    r"|(?:(?P<sheet>'(?:[^']|'')*'|[A-Za-z_][\w.]*)!)?"
    r"(?:(?P<first>\$?[A-Za-z]{1,3}\$?[1-9][0-9]{0,6})(?::(?P<last>\$?[A-Za-z]{1,3}\$?[1-9][0-9]{0,6}))?(?![\w.(])"
    r"|(?P<columns>\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3})(?![\w.(])"
    r"|(?P<rows>\$?[1-9][0-9]{0,6}:\$?[1-9][0-9]{0,6})(?![\w.(]))"
    r"|(?P<name>[A-Za-z_\\][\w.\\]*)(?P<call>\()?"
)
_MOVING = frozenset(("INDIRECT", "OFFSET"))
"""Functions that look at cells which their formula does not name."""


def renamed_areas(formula: str, where: Callable[[str, Area], tuple[str, Area] | None]) -> str:
    """The formula with its references to cells of named sheets pointing to where those are now.

    `where` gives the new sheet and area of a sheet's area; without one the reference becomes #REF!.
    """

    def turn(match: re.Match[str]) -> str:
        if not match["sheet"] or not match["first"]:
            return match[0]
        name = match["sheet"].strip("'").replace("''", "'")
        found = where(name, area_of(f"{match['first']}:{match['last'] or match['first']}"))
        if found is None:
            return "#REF!"
        sheet, area = found
        quoted = match["sheet"] if sheet == name else "'" + sheet.replace("'", "''") + "'"
        last = f":${letters(area.right)}${area.bottom}" if match["last"] else ""
        return f"{quoted}!${letters(area.left)}${area.top}{last}"

    return _REFERENCE.sub(turn, formula)


def renamed_cells(formula: str, where: Callable[[int, int], tuple[int, int] | None]) -> str | None:
    """The formula with its references to cells of its own sheet pointing to where those are now, dollar signs kept.

    `where` gives a cell's new row and column; without one the whole formula is None.
    """
    lost = False

    def corner(reference: str) -> str:
        nonlocal lost
        pins = _CELL.fullmatch(reference)
        found = where(*cell_position(reference))
        if found is None or pins is None:
            lost = True
            return reference
        return f"{pins[1]}{letters(found[1])}{pins[3]}{found[0]}"

    def turn(match: re.Match[str]) -> str:
        if match["sheet"] or not match["first"]:
            return match[0]
        return corner(match["first"]) + (f":{corner(match['last'])}" if match["last"] else "")

    text = _REFERENCE.sub(turn, formula)
    return None if lost else text


class Looks(NamedTuple):
    """What a formula looks at: areas of sheets, parts of tables, names; or, perhaps, anything."""

    areas: tuple[tuple[str, Area], ...]
    tables: tuple[tuple[str, str], ...]
    """(table, what stands in its brackets)"""
    names: tuple[str, ...]
    anything: bool


@lru_cache(maxsize=4096)
def looks(formula: str, sheet: str) -> Looks:
    """What the formula in a cell of `sheet` looks at."""
    areas: list[tuple[str, Area]] = []
    tables: list[tuple[str, str]] = []
    names: list[str] = []
    anything = False
    for match in _REFERENCE.finditer(formula):
        if match["table"]:
            tables.append((match["table"], match["inside"]))
        elif match["name"] and match["call"]:
            anything |= match["name"].upper() in _MOVING
        elif match["name"]:
            names.append(match["name"])
        elif area := _seen(match):
            home = match["sheet"].strip("'").replace("''", "'") if match["sheet"] else sheet
            areas.append((home, area))
    return Looks(tuple(areas), tuple(tables), tuple(names), anything)


def _seen(match: re.Match[str]) -> Area | None:
    if match["first"]:
        return area_of(f"{match['first']}:{match['last'] or match['first']}")
    if match["columns"]:
        first, last = sorted(column_number(c) for c in match["columns"].replace("$", "").split(":"))
        return Area(1, first, MAX_ROW, last)
    if match["rows"]:
        top, bottom = sorted(int(r) for r in match["rows"].replace("$", "").split(":"))
        return Area(top, 1, bottom, MAX_COLUMN)
    return None


def area_of(reference: str) -> Area:
    """The area of B2:C9 or B2, corners in any order, with or without dollar signs. Raises ValueError."""
    first, _, last = reference.replace("$", "").partition(":")
    (a, b), (c, d) = cell_position(first), cell_position(last or first)
    return Area(min(a, c), min(b, d), max(a, c), max(b, d))
