"""Formulas between two ways of writing: Excel's `'Check-ins'!$A$1,B2` and LibreOffice's `$'Check-ins'.$A$1;B2`.

Both use English function names here. What stands in quotes, and the column names in a table's brackets, is the same
in both and is left alone.
"""

from __future__ import annotations

import re

_PIECE = re.compile(
    r"(?P<text>\"(?:[^\"]|\"\")*\")"
    r"|(?P<column>\[[^\[\]]*\])"
    r"|(?P<array>\{[^{}\"]*\})"
    r"|\$?(?P<sheet>'(?:[^']|'')*'|[^\W\d][\w]*)(?P<join>[.!])(?=\$?[A-Za-z]{1,3}\$?[0-9])"
    r"|(?P<sign>[;,])"
    r"|(?P<word>[^\W\d][\w.\\]*)"
    r"|.",
    re.DOTALL,
)


def to_calc(formula: str) -> str:
    """A formula of Excel, as LibreOffice takes it."""
    return _PIECE.sub(lambda m: _written(m, ";", ".", "$"), formula)


def from_calc(formula: str) -> str:
    """A formula of LibreOffice, as Excel writes it."""
    return _PIECE.sub(lambda m: _written(m, ",", "!", ""), formula)


def _written(piece: re.Match[str], separator: str, join: str, before: str) -> str:
    if piece["sign"]:
        return separator
    if piece["sheet"]:
        return f"{before}{piece['sheet']}{join}"
    if piece["array"]:
        old, new = (",;", ";|") if separator == ";" else (";|", ",;")
        return piece["array"].translate(str.maketrans(old, new))
    return piece[0]
