"""Single cells changed in place: those cells, and what must follow from them, and nothing else."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from perfsheet.errors import Damaged, Unsupported
from perfsheet.tables import Address, Change, Scalar, cell_position
from perfsheet.workbooks.editing import edit
from perfsheet.workbooks.package import Package
from perfsheet.workbooks.reading import read

SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    '<row r="2" spans="1:3"><c r="A2" s="1"><v>5</v></c><c r="C2" t="s"><v>0</v></c></row>'
    '<row r="4"><c r="B4"><f t="shared" ref="B4:B5" si="0">A2*2</f><v>10</v></c></row>'
    '<row r="5"><c r="B5"><f t="shared" si="0"/><v>0</v></c><c r="D5"><f>A2+1</f><v>6</v></c></row>'
    "</sheetData></worksheet>"
)


@pytest.fixture
def make() -> Callable[..., Package]:
    """A workbook whose first sheet is the given XML; a table stands on the second."""

    def build(sheet: str = SHEET, **options: object) -> Package:
        target = io.BytesIO()
        book = xlsxwriter.Workbook(target, {"in_memory": True, **options})
        first, second = book.add_worksheet("Data"), book.add_worksheet("Log")
        first.write_string(0, 0, "shared")
        first.write_number(1, 0, 5, book.add_format({"bold": True}))
        second.add_table(
            "A1:C3",
            {
                "name": "tblLog",
                "columns": [{"header": "Day"}, {"header": "Value"}, {"header": "Twice", "formula": "=[@Value]*2"}],
            },
        )
        second.write_number("B2", 4)
        second.data_validation("B2:B3", {"validate": "decimal", "criteria": ">", "value": 0})
        second.conditional_format("B2:B3", {"type": "data_bar", "data_bar_2010": True})
        book.close()
        return Package.from_bytes(
            Package.from_bytes(target.getvalue()).replace({"xl/worksheets/sheet1.xml": sheet.encode()})
        )

    return build


def at(cell: str, value: Scalar, sheet: str = "Data", **more: bool) -> Change:
    return Change(Address(sheet, *cell_position(cell)), value, **more)


def text_of(data: bytes, part: str = "xl/worksheets/sheet1.xml") -> str:
    return Package.from_bytes(data).read(part).decode()


@pytest.mark.parametrize(
    ("cell", "value", "xml"),
    [
        ("A2", 7, '<c r="A2" s="1"><v>7</v></c>'),
        ("A2", 0.1, '<c r="A2" s="1"><v>0.1</v></c>'),
        ("A2", True, '<c r="A2" s="1" t="b"><v>1</v></c>'),
        ("A2", "a<b & c", '<c r="A2" s="1" t="inlineStr"><is><t xml:space="preserve">a&lt;b &amp; c</t></is></c>'),
        ("A2", "_x0041_", '<c r="A2" s="1" t="inlineStr"><is><t xml:space="preserve">_x005F_x0041_</t></is></c>'),
        ("A2", date(2026, 4, 1), '<c r="A2" s="1"><v>46113</v></c>'),
        ("A2", timedelta(hours=36), '<c r="A2" s="1"><v>1.5</v></c>'),
        ("A2", None, '<c r="A2" s="1"/>'),
        ("C2", 3, '<c r="C2"><v>3</v></c>'),
        ("B2", "=1+1", '<c r="B2" t="inlineStr"><is><t xml:space="preserve">=1+1</t></is></c><c r="C2"'),
        ("B3", 8, '<row r="3"><c r="B3"><v>8</v></c></row><row r="4">'),
        ("A1", 8, '<row r="1"><c r="A1"><v>8</v></c></row><row r="2"'),
        ("F9", 8, '<row r="9"><c r="F9"><v>8</v></c></row></sheetData>'),
        ("F2", 8, '<row r="2" spans="1:6">'),
    ],
)
def test_a_cell_is_written_where_it_belongs_and_keeps_its_format(make, cell, value, xml):
    assert xml in text_of(edit(make(), [at(cell, value)], forget=False))


def test_nothing_else_in_the_sheet_moves(make):
    before = SHEET.replace("<v>5</v>", "")
    after = text_of(edit(make(), [at("A2", 9)], forget=False)).replace("<v>9</v>", "")
    assert after == before


def test_only_the_sheet_and_the_order_to_calculate_change(make):
    made = make()
    calm = made.read("xl/workbook.xml").replace(b' fullCalcOnLoad="1"', b"")
    package = Package.from_bytes(made.replace({"xl/workbook.xml": calm}))
    after = Package.from_bytes(edit(package, [at("A2", 9)]))
    assert sorted(n for n in package.names if package.read(n) != after.read(n)) == [
        "xl/workbook.xml",
        "xl/worksheets/sheet1.xml",
    ]
    assert 'fullCalcOnLoad="1"' in after.read("xl/workbook.xml").decode()


def test_dates_in_a_workbook_that_counts_from_1904(make):
    assert "<v>44651</v>" in text_of(edit(make(date_1904=True), [at("A2", date(2026, 4, 1))]))


def test_an_empty_section_of_cells(make):
    empty = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>'
    assert '<sheetData><row r="1"><c r="B1"><v>2</v></c></row></sheetData>' in text_of(edit(make(empty), [at("B1", 2)]))


def test_a_remembered_result_is_renewed_and_the_formula_stays(make):
    assert '<c r="D5" t="str"><f>A2+1</f><v>on track</v></c>' in text_of(
        edit(make(), [at("D5", "on track", cached=True)])
    )


def test_old_results_of_dependent_formulas_are_forgotten(make):
    found = read(Package.from_bytes(edit(make(), [at("A2", 9)]))).sheet("Data")
    assert found is not None
    assert {k: (c.value, c.formula) for k, c in found.cells.items() if c.formula} == {
        (4, 2): (None, True),
        (5, 2): (0, True),
        (5, 4): (None, True),
    }


def test_a_formula_that_others_share_is_not_overwritten(make):
    with pytest.raises(Unsupported, match="B4 holds a formula that other cells share"):
        edit(make(), [at("B4", 1)])


def test_a_formula_of_its_own_may_be_overwritten_and_the_list_of_formulas_goes(make):
    package = make()
    pointer = b'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain" Target="calcChain.xml"/></Relationships>'
    chain = (
        b'<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><c r="D5" i="1"/></calcChain>'
    )
    rels = package.read("xl/_rels/workbook.xml.rels").replace(b"</Relationships>", pointer)
    chained = Package.from_bytes(package.replace({"xl/_rels/workbook.xml.rels": rels, "xl/calcChain.xml": chain}))
    after = Package.from_bytes(edit(chained, [at("D5", 1)]))
    assert not after.has("xl/calcChain.xml")
    assert b"calcChain" not in after.read("xl/_rels/workbook.xml.rels")


def test_a_table_grows_with_its_filter_rules_formats_and_formulas(make):
    after = Package.from_bytes(edit(make(), [at("B4", 6, "Log"), at("B5", 7, "Log")], {"tblLog": 5}))
    table = after.read("xl/tables/table1.xml").decode()
    assert (re.findall(r'ref="([^"]*)"', table)) == ["A1:C5", "A1:C5"]
    sheet = after.read("xl/worksheets/sheet2.xml").decode()
    assert re.findall(r'sqref="([^"]*)"|<xm:sqref>([^<]*)<', sheet)[:1] == [("B2:B5", "")]
    assert "<xm:sqref>B2:B5</xm:sqref>" in sheet
    assert re.findall(r'<c r="(C\d)"[^>]*><f>[^<]*Value[^<]*</f>', sheet) == ["C2", "C3", "C4", "C5"]
    log = openpyxl.load_workbook(io.BytesIO(after.data))["Log"]
    assert [log[f"B{row}"].value for row in (2, 4, 5)] == [4, 6, 7]


def test_a_table_never_grows_over_what_stands_below(make):
    package = Package.from_bytes(edit(make(), [at("B5", "a note", "Log")]))
    with pytest.raises(Unsupported, match="Log!B5 is filled and in the way"):
        edit(package, [], {"tblLog": 6})


def test_a_sheet_or_table_that_is_not_there_is_said(make):
    with pytest.raises(Damaged, match="there is no sheet 'Nowhere'"):
        edit(make(), [at("A1", 1, "Nowhere")])
    with pytest.raises(Damaged, match="there is no table tblNone"):
        edit(make(), [], {"tblNone": 9})


VALUES = st.one_of(
    st.integers(-(10**12), 10**12), st.floats(allow_nan=False, allow_infinity=False, width=64), st.booleans(),
    st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=30),
    st.datetimes(datetime(1901, 1, 1), datetime(2100, 1, 1)).map(lambda d: datetime.combine(d.date(), time())),
)  # fmt: skip


@given(st.dictionaries(st.tuples(st.integers(1, 12), st.integers(1, 30)), VALUES, min_size=1, max_size=20))
def test_what_is_written_is_read_again(values):
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    book.add_worksheet("Data")
    book.close()
    changes = [Change(Address("Data", *place), value) for place, value in values.items()]
    found = read(Package.from_bytes(edit(Package.from_bytes(target.getvalue()), changes))).sheets[0]
    assert set(found.cells) == set(values)
    for place, value in values.items():
        written = (value - datetime(1899, 12, 30)).days if isinstance(value, datetime) else value
        assert (
            found.cells[place].value == pytest.approx(written, rel=1e-15)
            if not isinstance(written, str)
            else found.cells[place].value == written
        )
