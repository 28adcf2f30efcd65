"""Lists of people or goals that are no workbooks of ours: a CSV file or any sheet, read like a form's tab.

A CSV file becomes a sheet of texts and goes the same way as a workbook, so that headers, synonyms,
dates and numbers are understood alike, and what is wrong is said with file and cell.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from .errors import Misuse
from .findings import Finding, Severity
from .forms import GOALS, PEOPLE, Form, Goal, Person, folded
from .records import locate, read_records
from .tables import Book, Cell, Sheet

QUIET = frozenset({"number_as_text", "date_as_text", "missing_tab"})
"""Findings that say nothing about a CSV file, in which everything is text."""


def read_people(path: str | os.PathLike[str]) -> list[Person]:
    """The people of a roster, each with its cell. Raises Misuse, a line for each entry that cannot be used."""
    people: list[Person] = _read(path, PEOPLE)
    return people


def read_goals(path: str | os.PathLike[str]) -> list[Goal]:
    """The goals of a library; `owners` holds the roles that each is for, "*" for everybody.

    The column Role (or Owner) says for whom. Raises Misuse as `read_people` does.
    """
    goals: list[Goal] = _read(path, GOALS)
    return goals


def _read(path: str | os.PathLike[str], form: Form) -> list[Any]:
    book = _as_form(_book(path), form)
    found = read_records(book)
    errors = [
        f
        for f in found.findings
        if f.severity is Severity.ERROR and f.address.sheet == form.tab and f.code not in QUIET
    ]
    if errors:
        raise Misuse("\n".join(_line(path, f) for f in errors))
    records = list(found.people if form is PEOPLE else found.goals)
    if not records:
        needed = ", ".join(c.header for c in form.columns if c.required)
        raise Misuse(f"{path}: no rows to read; the first line must name the columns, {needed} among them")
    return records


def _line(path: str | os.PathLike[str], finding: Finding) -> str:
    return f"{path}, {finding.address.cell}: {finding.message}. {finding.remedy}."


def _as_form(book: Book, form: Form) -> Book:
    """The list as the form's tab: the sheet of that name, else the first that has its columns; Role is whom a goal is for."""
    sheets = sorted((s for s in book.sheets if s.cells), key=lambda s: folded(s.name) != folded(form.tab))
    if not sheets:
        raise Misuse(f"{book.path}: there is nothing in it")
    tried = [_taken_for(book, sheet, form) for sheet in sheets]
    return next((b for b in tried if (place := locate(b).get(form.tab)) and not place.missing), tried[0])


def _taken_for(book: Book, sheet: Sheet, form: Form) -> Book:
    cells = _roles_as_owners(dict(sheet.cells)) if form is GOALS else sheet.cells
    return replace(book, sheets=(replace(sheet, name=form.tab, cells=cells, mark=None),))


def _roles_as_owners(cells: dict[tuple[int, int], Cell]) -> dict[tuple[int, int], Cell]:
    top = min(row for row, _ in cells)
    headers = {folded(str(cell.value)): place for place, cell in cells.items() if place[0] == top}
    role = headers.get("role")
    if role is None or "owner" in headers:
        return cells
    cells[role] = cells[role]._replace(value="Owner")
    last = max(row for row, _ in cells)
    for row in range(top + 1, last + 1):
        if any(place[0] == row for place in cells):
            cells.setdefault((row, role[1]), Cell("text", "*"))
    return cells


def _book(path: str | os.PathLike[str]) -> Book:
    """A workbook as it is, a CSV file as a book with one sheet of texts."""
    if Path(path).suffix.casefold() in (".xlsx", ".xlsm"):
        from .workbooks.reading import read

        return read(path)
    cells = {
        (row, column): Cell("text", text)
        for row, line in enumerate(_rows(path), start=1)
        for column, text in enumerate(line, start=1)
        if text.strip()
    }
    return Book(os.fspath(path), (Sheet(Path(path).stem, cells=cells),))


def _rows(path: str | os.PathLike[str]) -> list[list[str]]:
    lines = _text(path).splitlines(keepends=True)
    return list(csv.reader(lines, delimiter=_separator(lines)))


def _text(path: str | os.PathLike[str]) -> str:
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise Misuse(f"{path}: it cannot be read: {error.strerror}") from error
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return _in_an_old_encoding(data, path)


def _in_an_old_encoding(data: bytes, path: str | os.PathLike[str]) -> str:
    """Excel's plain "CSV" on most computers of the West. It is a guess, and so it is said."""
    import logging

    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError as error:
        raise Misuse(f"{path}: it is not in UTF-8; save it as 'CSV UTF-8'") from error
    logging.getLogger("perfsheet").warning(
        "%s: it is not in UTF-8 and is read as Windows-1252; if names look wrong, save it as 'CSV UTF-8'", path
    )
    return text


def _separator(lines: Sequence[str]) -> str:
    """The sign that the header line has most of."""
    return max(",;\t", key=lines[0].count) if lines else ","
