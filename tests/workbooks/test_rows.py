"""Rows of listings as a sheet's own XML: the same cells as any other painted ones, in pieces that fit anywhere."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfsheet.tables import Area, Block, Frame, Put, Tab
from perfsheet.workbooks import archive
from perfsheet.workbooks.grafting import emptied, graft
from perfsheet.workbooks.package import Package, open_large, open_package
from perfsheet.workbooks.painting import paint, painted_without_rows
from perfsheet.workbooks.palette import NUMBERS, STREAMED
from perfsheet.workbooks.pouring import pour
from perfsheet.workbooks.reading import read
from perfsheet.workbooks.rows import RowPainter
from perfsheet.workbooks.segments import checksum_behind, content_of, piece

DAY = date(2026, 2, 28)
HEADER = (Put(1, 1, "What", "heading"),)
VALUES = (
    "=1+1", " x ", "a\nb", "<c s=\"3\">&", "_x0041_", "\x07", "😀" * 20_000, "", None, 0.1 + 0.2, 3.0, -0.0, 12345678, 1e-12,
    date(2026, 1, 31), datetime(2026, 1, 31, 12), "long words " * 30,
)  # fmt: skip


def line(values: Any, styles: Any) -> Block:
    """One row."""
    return Block([[value] for value in values], styles)


def listing(*lines: Block | Any, **more: Any) -> Tab:
    frame = Frame("tblOne", Area(1, 1, 1 + max(1, len(lines)), 1), ("What",))
    return Tab("One", "OrgOne", HEADER, frames=(frame,), widths={1: 30}, stream=lines, **more)


def sheet(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))["One"]


# --------------------------------------------------------------------------------- one row


@pytest.mark.parametrize("style", ["wrapped", "number", "any"])
@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_a_streamed_cell_is_what_any_painted_cell_is(value: Any, style: str) -> None:
    streamed = paint([listing(line((value,), (style,)))], created=DAY)
    painted = paint([Tab("One", "One", (*HEADER, Put(2, 1, value, style)), widths={1: 30})], created=DAY)
    one, other = (read(Package.from_bytes(data)).sheets[0].cells.get((2, 1)) for data in (streamed, painted))
    if isinstance(value, float):  # the other painter rounds to 16 digits
        assert one is not None
        assert one.value == value
    else:
        assert one == other
    cells = [sheet(data)["A2"] for data in (streamed, painted)]
    for look in ("number_format", "font", "fill", "border", "alignment"):
        assert repr(getattr(cells[0], look)) == repr(getattr(cells[1], look))
    heights = [cell.parent.row_dimensions[2].height or 16 for cell in cells]
    assert heights[0] == pytest.approx(heights[1], abs=1)


def test_no_number_that_a_sheet_cannot_hold_is_written_as_one() -> None:
    [row] = RowPainter({}).rows(line((float("nan"), float("inf")), ("number", "number")))
    assert re.findall("<t>(.*?)</t>", row) == ["nan", "inf"]


def test_every_style_of_a_stream_has_a_number_of_its_own_look() -> None:
    assert min(NUMBERS.values()) == 1
    assert {style for style, _ in NUMBERS} == set(STREAMED)
    with pytest.raises(KeyError):
        RowPainter({}).rows(line(("x",), ("title",)))


# ---------------------------------------------------------------------------------- pieces


@given(st.lists(st.binary(max_size=300), max_size=8))
def test_pieces_joined_are_one_stream_with_its_checksum(contents: list[bytes]) -> None:
    crc, packed = 0, b""
    for found in map(piece, contents):
        crc, packed = checksum_behind(crc, found), packed + found.packed
        assert content_of(found) in contents
    assert crc == zlib.crc32(b"".join(contents))
    assert zlib.decompressobj(-15).decompress(packed) == b"".join(contents)


def test_rows_painted_before_and_rows_painted_now_give_the_same_sheet() -> None:
    lines = [line((f"row {n}",), ("text",)) for n in range(2_000)]
    ready = RowPainter({1: 30}).segment(lines[500:900])
    mixed = [*lines[:500], ready, *lines[900:]]
    sheets = [sheet(paint([listing(*items)], created=DAY)) for items in (lines, mixed)]
    assert [[c.value for c in s["A"]] for s in sheets] == [["What", *(f"row {n}" for n in range(2_000))]] * 2
    with zipfile.ZipFile(io.BytesIO(paint([listing(*mixed)], created=DAY))) as package:
        assert package.testzip() is None


# ------------------------------------------------------------------------- into another workbook


def renewed(before: bytes, tab: Tab) -> bytes:
    package = emptied(Package.from_bytes(before))
    grafted = graft(package, painted_without_rows([tab], created=DAY), {tab.name: tab.mark}, NUMBERS.values())
    target = io.BytesIO()
    pour(Package.from_bytes(grafted.data), [tab], target, grafted)
    return target.getvalue()


ROWS = (
    line(("Calls", 0.5, DAY), ("text", "percent", "date")),
    line(('<c s="1">', 3.0, None), ("text", "number", "date")),
)


def others(**properties: Any) -> bytes:
    """A workbook of somebody's own with formats of its own before ours."""
    book = openpyxl.Workbook()
    book.active["A1"] = 0.5
    book.active["A1"].number_format = "0.000"
    for name, value in properties.items():
        setattr(book, name, value)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.mark.parametrize("epoch", [datetime(1899, 12, 30), datetime(1904, 1, 1)])
def test_rows_take_the_numbers_that_formats_and_days_have_where_they_go(epoch: datetime) -> None:
    found = sheet(renewed(others(epoch=epoch), listing(*ROWS)))
    assert [[c.value for c in row] for row in found["A2:C3"]] == [
        ["Calls", 0.5, datetime(2026, 2, 28)], ['<c s="1">', 3, None],
    ]  # fmt: skip
    assert [c.number_format for c in found[2]] == ["General", "0%", "yyyy-mm-dd"]
    assert found["B3"].number_format == "#,##0"


def test_renewing_what_we_painted_changes_no_byte_of_its_rows() -> None:
    first = paint([listing(*ROWS)], created=DAY, marked=True)
    once = renewed(first, listing(*ROWS))
    assert renewed(once, listing(*ROWS)) == once
    assert [[c.value for c in row] for row in sheet(once)] == [[c.value for c in row] for row in sheet(first)]


def test_a_sheet_of_ours_is_renewed_however_large_it_became(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [line((f"row {n} {'x' * 200}",), ("text",)) for n in range(400)]
    path = tmp_path / "org.xlsx"
    path.write_bytes(paint([listing(*many, colour="#FF0000")], created=DAY, marked=True))
    monkeypatch.setattr(archive, "MAX_ENTRY", 50_000)
    with pytest.raises(Exception, match="would unpack to more than"):
        open_package(path)
    with open_large(path) as package:
        small = emptied(package).data
    assert len(small) < path.stat().st_size
    monkeypatch.undo()
    assert [[c.value for c in row] for row in sheet(renewed(small, listing(*ROWS)))][1][0] == "Calls"


def test_what_is_read_back_is_exact() -> None:
    data = paint([listing(*(line((v,), ("number",)) for v in (0.1 + 0.2, 1 / 3, 1e300)))], created=DAY)
    book = read(Package.from_bytes(data))
    assert [book.sheets[0].cells[row, 1].value for row in (2, 3, 4)] == [0.1 + 0.2, 1 / 3, 1e300]
