"""Cell references inside formulas: found without being fooled by texts, and moved with their formula.

A formula that is copied two rows down refers to cells two rows further down, except where a
dollar sign pins a row or a column. References to whole tables (`tblGoals[Weight]`) stay.
"""

from __future__ import annotations

import re

from ..tables import MAX_COLUMN, MAX_ROW, column_number, letters

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
