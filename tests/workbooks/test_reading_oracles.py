"""The same values as two other readers, on workbooks made here and on the public corpus.

Two workbooks are read alike when every cell is; each forgiven difference has a name below and
says who is right. A difference without a name fails.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pytest
import python_calamine
import xlsxwriter

from perfsheet.errors import Obstacle
from perfsheet.tables import Book, Cell
from perfsheet.workbooks.reading import read

OBSTACLES = ("encrypted", "damaged", "hostile", "not_a_workbook", "unsupported")


class Pair(NamedTuple):
    """One cell as we and as the other reader have it; None is a cell that is not there."""

    book: Book
    ours: Cell | None
    theirs: object
    covered: bool = False
    """Whether the cell lies under a merged area, out of sight."""

    @property
    def value(self) -> object:
        return self.ours.value if self.ours else None


def text(value: object) -> str:
    return value if isinstance(value, str) else ""


def same(pair: Pair) -> bool:
    ours, theirs = pair.value, pair.theirs
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    if isinstance(ours, int | float) and isinstance(theirs, int | float):
        return ours == theirs or math.isclose(ours, theirs, rel_tol=1e-15)
    return type(ours) is type(theirs) and ours == theirs


Forgiven = dict[str, Callable[[Pair], bool]]

OPENPYXL: Forgiven = {
    "an empty text is no value to openpyxl": lambda p: p.value == "" and p.theirs is None,
    "a formula nobody calculated is no value to openpyxl": lambda p: bool(
        p.ours and p.ours.type == "empty" and p.theirs is None
    ),
    "openpyxl leaves _xHHHH_ escapes of control characters": lambda p: "_x" in text(p.theirs).lower(),
    "openpyxl takes one underscore too many from _x005F_": lambda p: text(p.value) == "_x005F_" and p.theirs == "_",
    "in the 1904 calendar day 0 is a date": lambda p: p.book.date1904 and p.value == datetime(1904, 1, 1),
    "openpyxl gives an ISO date without time as a date": lambda p: (
        type(p.theirs) is date and p.value == datetime.combine(p.theirs, time())
    ),
    "openpyxl drops what lies under merged cells": lambda p: p.covered and p.theirs is None,
    "openpyxl shows a hyperlink's address in an empty cell": lambda p: p.ours is None and ":" in text(p.theirs),
    "openpyxl joins <v> and <is> or takes the wrong one": lambda p: text(p.value).endswith(text(p.theirs) or "\0"),
    "openpyxl reads an inline text with a formula as nothing": lambda p: (
        p.theirs is None and bool(p.ours and p.ours.formula and p.ours.type == "text")
    ),
}

CALAMINE: Forgiven = {
    "an empty text is no value here": lambda p: p.value == "" and p.theirs is None,
    "calamine gives errors as empty text": lambda p: bool(p.ours and p.ours.type == "error" and p.theirs is None),
    "calamine gives formulas nobody calculated as empty text": lambda p: bool(
        p.ours and p.ours.type == "empty" and p.theirs is None
    ),
    "calamine gives a date at midnight as a date": lambda p: (
        type(p.theirs) is date and p.value == datetime.combine(p.theirs, time())
    ),
    "calamine trims inline texts": lambda p: bool(text(p.value).strip() == text(p.theirs) and p.value),
    "calamine reads an inline text with a formula as nothing": lambda p: (
        p.theirs is None and bool(p.ours and p.ours.formula and p.ours.type == "text")
    ),
    "calamine gives days before 1900 as midnight": lambda p: (
        p.theirs == time() and isinstance(p.value, datetime) and p.value.year < 1900
    ),
    "in the 1904 calendar day 0 is a date": lambda p: p.book.date1904 and p.value == datetime(1904, 1, 1),
    "calamine leaves the escape of a character that XML forbids": lambda p: text(p.theirs) in ("_xFFFE_", "_xFFFF_"),
    "calamine leaves an ISO date without seconds as text": lambda p: (
        isinstance(p.value, datetime) and text(p.theirs) == p.value.isoformat(timespec="minutes")
    ),
}


def differences(book: Book, theirs: dict[str, dict[tuple[int, int], object]], forgiven: Forgiven) -> Iterator[str]:
    """Every cell read differently and not forgiven, as one readable line."""
    for sheet in book.sheets:
        other = theirs.get(sheet.name)
        if other is None or any(code == "no_cells" for code, _ in sheet.remarks):
            continue  # macro sheets are listed, and not read
        for where in sorted(sheet.cells.keys() | other.keys()):
            pair = Pair(book, sheet.cells.get(where), other.get(where))
            if same(pair):
                continue
            covered = any(a.holds(*where) and where != (a.top, a.left) for a in sheet.merged)
            if not any(excuse(pair._replace(covered=covered)) for excuse in forgiven.values()):
                yield f"{Path(book.path).name} {sheet.name}!{where}: ours {pair.ours!r}, theirs {pair.theirs!r}"


def by_openpyxl(path: Path) -> dict[str, dict[tuple[int, int], object]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(path, data_only=True)
    return {
        sheet.title: {where: cell.value for where, cell in sheet._cells.items() if cell.value is not None}
        for sheet in book.worksheets
    }


def by_calamine(path: Path) -> dict[str, dict[tuple[int, int], object]]:
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    found = {}
    for name in book.sheet_names:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        found[name] = {(i, j): v for i, row in enumerate(rows, 1) for j, v in enumerate(row, 1) if v != ""}
    return found


# ------------------------------------------------------------------- workbooks made here

GRID = {
    "A1": "Goal ID", "B1": " spaced ", "C1": "two\nlines", "D1": "a & b < c", "E1": "Ünï😀", "F1": "007", "G1": "=1+1",
    "A2": 1, "B2": -2.5, "C2": 0.1, "D2": 1e-300, "E2": 123456789012345, "F2": 0, "G2": 1e300,
    "A3": True, "B3": False,
    "A4": datetime(2026, 3, 31), "B4": datetime(2026, 3, 31, 8, 30, 15), "C4": datetime(1900, 1, 2), "D4": datetime(1900, 3, 1),
    "E4": datetime(9999, 12, 31),
    "A5": time(8, 30), "B5": timedelta(hours=30), "C5": timedelta(days=2, minutes=1),
}  # fmt: skip


def made_by_openpyxl(path: Path) -> None:
    book = openpyxl.Workbook()
    for name, value in GRID.items():
        book.active[name] = value
        if isinstance(value, str):
            book.active[name].data_type = "s"
    book.create_sheet("Lists").sheet_state = "veryHidden"
    book["Lists"]["XFD1048576"] = "far"
    book.save(path)


def made_by_xlsxwriter(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        formats = {datetime: "yyyy-mm-dd hh:mm:ss", time: "hh:mm", timedelta: "[h]:mm:ss"}
        for name, value in GRID.items():
            if isinstance(value, str):
                sheet.write_string(name, value)
            elif type(value) in formats:
                sheet.write_datetime(name, value, book.add_format({"num_format": formats[type(value)]}))
            else:
                sheet.write(name, value)
        sheet.write_formula("A7", "=1/0", None, "#DIV/0!")
        sheet.write_formula("B7", '="x"', None, "x")
        sheet.write_rich_string("C7", "plain ", book.add_format({"bold": True}), "bold")


@pytest.mark.parametrize("make", [made_by_openpyxl, made_by_xlsxwriter])
def test_a_workbook_made_by_another_program_is_read_as_written(make, tmp_path):
    path = tmp_path / "made.xlsx"
    make(path)
    book = read(path)
    found = {cell: book.sheets[0].cells[openpyxl.utils.cell.coordinate_to_tuple(cell)].value for cell in GRID}
    assert {k: (type(v), v) for k, v in found.items()} == {k: (type(v), v) for k, v in GRID.items()}
    assert list(differences(book, by_openpyxl(path), OPENPYXL)) == []


@pytest.mark.parametrize("make", [made_by_xlsxwriter])
def test_calamine_agrees(make, tmp_path):
    path = tmp_path / "made.xlsx"
    make(path)
    assert list(differences(read(path), by_calamine(path), CALAMINE)) == []


# ----------------------------------------------------------------------------- the corpus

SMALL = 400_000
"""Bytes; the other readers need minutes for the few larger files."""


@dataclass
class Compared:
    """The corpus, read once: what came of each file, and how the other readers' cells differ."""

    books: int = 0
    without_sheets: list[str] = field(default_factory=list)
    refused: list[Obstacle] = field(default_factory=list)
    by_openpyxl: int = 0
    by_calamine: int = 0
    unlike_openpyxl: list[str] = field(default_factory=list)
    unlike_calamine: list[str] = field(default_factory=list)

    def file(self, path: Path) -> None:
        try:
            book = read(path)
        except Obstacle as obstacle:
            self.refused.append(obstacle)
            return
        self.books += 1
        if not book.sheets:
            self.without_sheets.append(path.name)
        if path.stat().st_size <= SMALL:
            self.with_openpyxl(path, book)
            self.with_calamine(path, book)

    def with_openpyxl(self, path: Path, book: Book) -> None:
        try:
            theirs = by_openpyxl(path)
        except Exception:  # openpyxl raises whatever comes; a file it cannot read is no comparison
            return
        self.by_openpyxl += 1
        self.unlike_openpyxl += differences(book, theirs, OPENPYXL)

    def with_calamine(self, path: Path, book: Book) -> None:
        if _far(book):
            return
        try:
            theirs = by_calamine(path)
        except python_calamine.CalamineError:
            return
        self.by_calamine += 1
        self.unlike_calamine += differences(book, theirs, CALAMINE)


def _far(book: Book) -> bool:
    """Whether a cell stands so far out that a reader of whole rectangles takes a gigabyte for it."""
    corners = [(max(r for r, _ in s.cells), max(c for _, c in s.cells)) for s in book.sheets if s.cells]
    return any(rows * columns > 2_000_000 for rows, columns in corners)


@pytest.fixture(scope="module")
def compared(corpus: Path) -> Compared:
    found = Compared()
    for path in sorted(corpus.glob("*/*.xl*")):
        found.file(path)
    return found


@pytest.mark.corpus
def test_every_file_of_the_corpus_ends_in_a_typed_verdict(compared):
    assert {found.code for found in compared.refused} <= set(OBSTACLES)
    assert all("\n" not in str(found) for found in compared.refused)
    assert len(compared.refused) <= 0.03 * (compared.books + len(compared.refused))
    assert compared.without_sheets == []


@pytest.mark.corpus
def test_openpyxl_reads_the_same_in_the_corpus(compared):
    assert compared.by_openpyxl > 1_000
    assert compared.unlike_openpyxl == []


@pytest.mark.corpus
def test_calamine_reads_the_same_in_the_corpus(compared):
    assert compared.by_calamine > 1_000
    assert compared.unlike_calamine == []
