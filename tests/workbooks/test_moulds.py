"""A template filled in from its pieces is what editing it in the plain way makes, part by part."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from perfsheet.errors import Unsupported
from perfsheet.tables import Address, Change, Scalar, cell_position
from perfsheet.workbooks.editing import edit
from perfsheet.workbooks.moulds import Mould
from perfsheet.workbooks.package import Package, check
from perfsheet.workbooks.reading import read

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
ROWS = (
    '<row r="2" spans="1:3"><c r="A2" s="1"/><c r="B2" s="2" t="str"><f>A2&amp;"!"</f><v>old</v></c><c r="C2"/></row>'
    '<row r="3"><c r="B3"><f t="shared" ref="B3:B4" si="0">A3*2</f><v>10</v></c></row>'
    '<row r="4"><c r="A4" s="1"/><c r="B4"><f t="shared" si="0"/><v>0</v></c></row>'
    + "".join(f'<row r="{n}"><c r="A{n}" s="1"/><c r="B{n}"><f>A{n}+{n}</f><v>7</v></c></row>' for n in range(6, 400))
)


def package(rows: str = f"<sheetData>{ROWS}</sheetData>", encoding: str = "utf-8", bom: str = "") -> Package:
    """A workbook of one sheet, Data, with these rows."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    book.add_worksheet("Data")
    book.close()
    sheet = f'{bom}<worksheet xmlns="{MAIN}">{rows}</worksheet>'.encode(encoding)
    return Package.from_bytes(Package.from_bytes(target.getvalue()).replace({"xl/worksheets/sheet1.xml": sheet}))


def at(cell: str, value: Scalar) -> Change:
    return Change(Address("Data", *cell_position(cell)), value)


def plainly(template: Package, changes: list[Change]) -> bytes:
    """The same by `edit`: the changes, and formulas beside them forgetting their results."""
    changed = {c.address.row for c in changes}
    taken = {(c.address.row, c.address.column) for c in changes}
    beside = [
        Change(Address("Data", *place), None, cached=True)
        for place, cell in read(template).sheets[0].cells.items()
        if cell.formula and place[0] in changed and place not in taken
    ]
    return edit(template, [*changes, *beside], forget=False)


def parts(data: bytes) -> dict[str, bytes]:
    """Every part as another reader of zip archives unpacks it, its checksums compared."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(
        st.builds("{}{}".format, st.sampled_from("ACDF"), st.integers(1, 420)),
        st.one_of(st.text("ab<&é\u2003 _x", max_size=5), st.integers(-9, 9), st.booleans(), st.dates(date(1990, 1, 1))),
        min_size=1,
        max_size=12,
    )
)
def test_a_cast_is_what_editing_makes(values: dict[str, Scalar]) -> None:
    template = package()
    changes = [at(cell, value) for cell, value in values.items()]
    assert parts(Mould(template).cast(changes)) == parts(plainly(template, changes))


@pytest.mark.parametrize(
    "rows", ["<sheetData/>", "<sheetData />", "<sheetData></sheetData>"], ids=["closed", "with a blank", "open"]
)
def test_a_sheet_without_rows_gets_them(rows: str) -> None:
    made = read(Package.from_bytes(Mould(package(rows)).cast([at("B3", "new"), at("A1", 5)])))
    assert {place: cell.value for place, cell in made.sheets[0].cells.items()} == {(1, 1): 5, (3, 2): "new"}


def test_a_part_keeps_its_encoding() -> None:
    template, changes = package(encoding="utf-16-le", bom="\ufeff"), [at("A300", "Zoë"), at("A5", 1)]
    assert parts(Mould(template).cast(changes)) == parts(plainly(template, changes))


def test_one_mould_casts_again_and_again() -> None:
    mould = Mould(package())
    first = mould.cast([at("A2", "one")])
    mould.cast([at("A3", "other"), at("A200", 7)])
    assert mould.cast([at("A2", "one")]) == first
    check(Package.from_bytes(first), for_writing=True)


def test_a_formula_that_others_share_is_not_given_up() -> None:
    with pytest.raises(Unsupported, match="B3 holds a formula that other cells share"):
        Mould(package()).cast([at("B3", 5)])


def test_a_formula_of_one_cell_gives_way_to_a_value() -> None:
    cell = read(Package.from_bytes(Mould(package()).cast([at("B9", 5)]))).sheets[0].cells[9, 2]
    assert (cell.value, cell.formula) == (5, False)
