"""Workbooks that Excel and others made: grafted, renewed, edited and ungrafted, part by part.

Every part that is not ours must keep its bytes; each forgiven difference is named below.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest
import xlsxwriter

from perfsheet.errors import Obstacle
from perfsheet.tables import Address, Book, Change
from perfsheet.workbooks.editing import edit, relationships_part
from perfsheet.workbooks.grafting import graft, ungraft
from perfsheet.workbooks.package import CONTENT_TYPES, Package, SheetPart, check, open_package
from perfsheet.workbooks.reading import read

pytestmark = pytest.mark.corpus

MARKS = {"Summary": "Summary", "Checks": "Checks"}

_SPACED = "an empty <definedNames /> comes back without its blank"
_MISCOUNTED = "a list said a wrong count; it comes back with the right one"
_EMPTY_STYLES = "a styles part without any format comes back as a plain one"
FORGIVEN_UNGRAFT = {
    "spreadsheet__47889.xlsx": _EMPTY_STYLES,
    "tests__nonstandard-xml-ns-prefix.xlsx": _EMPTY_STYLES,
    "spreadsheet__54288.xlsx": _SPACED,
    "spreadsheet__58760.xlsx": _SPACED,
    "data__test-pr-1220.xlsx": _SPACED,
    "tests__date_iso.xlsx": _SPACED,
    "spreadsheet__craftonhills.edu_programreview_report.aspx_goalpriorityreport_0011d159-1eeb-4b63-8833-867b0926e5f3.xlsx": _SPACED,
    "spreadsheet__picture.xlsx": _MISCOUNTED,
    "xlsx__sheet_with_custom_date_formats_and_no_apply_number_format.xlsx": _MISCOUNTED,
    "test__Book1.xlsx": _MISCOUNTED,
    "sheets__Ekaterinburg_IP_9.xlsx": _MISCOUNTED,
    "spreadsheet__bug63189.xlsx": "content types named a drawing that is not there; the line goes with ours of that name",
    "data__test-issue-771.xlsx": "pointed to a styles part that is not there; ours takes its place, and goes with its lines",
    "xlsx__file_with_no_styles_in_workbook_xml.xlsx": "content types named a styles part that is not there; the line goes with ours",
}
"""Files whose shared parts come back with the same meaning and other letters."""

FORGIVEN_RENEWAL = {
    "spreadsheet__craftonhills.edu_programreview_report.aspx_goalpriorityreport_0011d159-1eeb-4b63-8833-867b0926e5f3.xlsx": "gives built-in number formats another meaning, so ours are appended once more",
}

FORGIVEN_CELLS = {
    "tests__nonstandard-xml-ns-prefix.xlsx": "its cells name formats that did not exist; they are plain now"
}


@cache
def donor() -> bytes:
    """A report with what ours have: a table, formats, a chart, bars, a small line, a choice, a link, repeated rows."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    book.set_properties({"created": datetime(2026, 1, 1)})
    strong = book.add_format({"bold": True, "bg_color": "#112233", "num_format": "0.00%"})
    sheet, checks = book.add_worksheet("Summary"), book.add_worksheet("Checks")
    sheet.write_string(0, 0, "=not a formula", strong)
    sheet.write_number(1, 0, 0.5, strong)
    sheet.write_formula(2, 0, "=Checks!A1", None, "x")
    sheet.write_url(4, 0, "internal:'Checks'!A1", string="go")
    sheet.add_table(6, 0, 9, 1, {"name": "tblChecks", "columns": [{"header": "A"}, {"header": "B"}]})
    sheet.conditional_format("A2:A3", {"type": "data_bar", "data_bar_2010": True})
    sheet.conditional_format("A2:A3", {"type": "cell", "criteria": ">", "value": 1, "format": strong})
    sheet.add_sparkline(0, 5, {"range": "Summary!A2:A3"})
    chart = book.add_chart({"type": "bar"})
    chart.add_series({"values": "=Summary!$A$2:$A$3"})
    sheet.insert_chart("H1", chart, {"description": "two values"})
    sheet.repeat_rows(0, 1)
    sheet.data_validation("D1:D5", {"validate": "list", "source": ["a", "b"]})
    checks.write_string(0, 0, "x")
    book.close()
    return target.getvalue()


def workbooks(corpus: Path) -> Iterator[Path]:
    return (p for p in sorted(corpus.glob("*/*")) if p.suffix in (".xlsx", ".xlsm", ".xltx", ".xltm"))


def readable(path: Path) -> tuple[Package, Book] | None:
    """The package and what is in it, if it may be written at all."""
    try:
        package = open_package(path)
        check(package, for_writing=True)
        return package, read(package)
    except Obstacle:
        return None


def shared(package: Package) -> set[str]:
    """The parts that must name new sheets: the only ones of the user's that may change."""
    styles = {p.target for p in package.relationships(package.workbook_part).values() if p.kind == "styles"}
    listing = relationships_part(package.workbook_part)
    return styles | {
        package.workbook_part,
        package.resolve(listing) or listing,
        package.resolve(CONTENT_TYPES) or CONTENT_TYPES,
    }


def raw(package: Package) -> dict[str, tuple[object, ...]]:
    """Each entry's facts and compressed bytes."""
    return {
        e.name: (e.method, e.time, e.date, e.extra, package.data[e.data : e.data + e.compressed_size])
        for e in package.entries
    }


def foreign_differences(before: Package, after: Package) -> list[str]:
    """Parts of the user's that changed, vanished or moved."""
    old, new, may = raw(before), raw(after), shared(before)
    changed = [name for name in old if name not in may and old[name] != new.get(name)]
    order = [n for n in after.names if n in old] != list(before.names)
    return changed + (["the order of parts"] if order else [])


def broken_indices(package: Package) -> list[str]:
    """Cells of ours that name a format which does not exist, and pointers that lead nowhere."""
    styles = next((p.target for p in package.relationships(package.workbook_part).values() if p.kind == "styles"), None)
    formats = (
        len(
            re.findall(
                r"<(?:\w+:)?xf\b",
                package.read(styles).decode("utf-8", "replace").partition("cellXfs")[2].partition("cellXfs>")[0],
            )
        )
        if styles
        else 0
    )
    wrong = []
    for sheet in package.sheets[-2:]:
        used = [int(n) for n in re.findall(r'<c [^>]*?\bs="(\d+)"', package.read(sheet.part).decode())]
        wrong += [f"{sheet.name}: format {n} of {formats}" for n in used if n >= formats]
        wrong += [
            f"{sheet.part} -> {p.target}"
            for p in package.relationships(sheet.part).values()
            if not p.external and not package.has(p.target)
        ]
    return wrong


def grafting(path: Path, package: Package, book: Book) -> Iterator[str]:
    """What is wrong after our tabs were put in, renewed and taken out again."""
    try:
        result = graft(package, donor(), MARKS)
    except Obstacle as refused:
        yield str(refused)
        return
    after = Package.from_bytes(result.data, str(path))
    yield from foreign_differences(package, after)
    yield from broken_indices(after)
    if path.name not in FORGIVEN_CELLS:
        before = {s.name: s.cells for s in book.sheets}
        yield from (s.name for s in read(after).sheets if s.name in before and s.cells != before[s.name])
    if path.name not in FORGIVEN_RENEWAL and graft(after, donor(), MARKS).data != result.data:
        yield "a second run differs"
    restored = Package.from_bytes(ungraft(after), str(path))
    if path.name not in FORGIVEN_UNGRAFT:
        for name in {*package.names, *restored.names}:
            if not (package.has(name) and restored.has(name) and package.read(name) == restored.read(name)):
                yield f"ungraft: {name}"


def editing(path: Path, package: Package, book: Book) -> Iterator[str] | None:
    """What is wrong after one cell was changed; None where none can be."""
    sheet = next((s for s in package.sheets if s.kind == "worksheet"), None)
    try:
        data = edit(package, [Change(Address(sheet.name, 77, 7), 12.5)]) if sheet else None
    except Obstacle:
        return None
    return _edited(package, book, sheet, Package.from_bytes(data, str(path))) if sheet and data else None


def _edited(package: Package, book: Book, sheet: SheetPart, after: Package) -> Iterator[str]:
    formulas = {s.part for s in package.sheets if s.part and b"<f" in package.read(s.part)}
    may = {sheet.part, *formulas, *shared(package)}
    old, new = raw(package), raw(after)
    yield from (n for n in old if n not in may and old[n] != new.get(n) and "calcChain" not in n)
    before, now = book.sheet(sheet.name), read(after).sheet(sheet.name)
    assert before is not None
    assert now is not None
    if now.cells[77, 7].value != 12.5:
        yield "the value is not there"
    for place, cell in before.cells.items():
        if place != (77, 7) and now.cells.get(place) != cell and not cell.formula:
            yield f"{place} changed"


@dataclass
class Tried:
    """Every workbook of the corpus that may be written, opened once."""

    grafted: int = 0
    edited: int = 0
    wrong_after_grafting: list[tuple[str, str]] = field(default_factory=list)
    wrong_after_editing: list[tuple[str, str]] = field(default_factory=list)


@pytest.fixture(scope="module")
def tried(corpus: Path) -> Tried:
    found = Tried()
    for path in workbooks(corpus):
        if (opened := readable(path)) is None:
            continue
        found.grafted += 1
        found.wrong_after_grafting += ((path.name, what) for what in grafting(path, *opened))
        if (wrong := editing(path, *opened)) is not None:
            found.edited += 1
            found.wrong_after_editing += ((path.name, what) for what in wrong)
    return found


def test_grafting_touches_nothing_of_the_users(tried: Tried) -> None:
    assert tried.wrong_after_grafting == []
    assert tried.grafted > 1500


def test_editing_one_cell_touches_its_sheet_alone(tried: Tried) -> None:
    assert tried.wrong_after_editing == []
    assert tried.edited > 1450
