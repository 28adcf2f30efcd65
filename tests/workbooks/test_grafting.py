"""Tabs put into a workbook full of things that openpyxl would drop, renewed, and taken out again."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from datetime import date, datetime

import openpyxl
import pytest
import python_calamine
import xlsxwriter

from perfsheet.errors import Protected, Signed, Unsupported
from perfsheet.tables import Area, Frame, Put, Tab
from perfsheet.workbooks.grafting import graft, ungraft
from perfsheet.workbooks.package import Package
from perfsheet.workbooks.painting import paint
from perfsheet.workbooks.reading import read

MARKS = {"Summary": "Summary"}

FOREIGN = {
    "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 not really macros",
    "customUI/customUI14.xml": b'<customUI xmlns="http://schemas.microsoft.com/office/2009/07/customui"/>',
    "xl/persons/person.xml": b'<personList xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"/>',
    "xl/threadedComments/threadedComment1.xml": b'<ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"/>',
    "xl/ctrlProps/ctrlProp1.xml": b'<formControlPr xmlns="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" objectType="Button"/>',
    "xl/slicers/slicer1.xml": b'<slicers xmlns="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"/>',
    "xl/pivotCache/pivotCacheDefinition1.xml": b'<pivotCacheDefinition xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>',
    "xl/connections.xml": b'<connections xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>',
    "xl/printerSettings/printerSettings1.bin": b"\x00\x01printer",
    "customXml/item1.xml": b"<label>Confidential</label>",
    "docProps/custom.xml": b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>',
    "xl/embeddings/oleObject1.bin": b"\xd0\xcf\x11\xe0 an object",
}
"""Parts that no library here makes; what they hold does not matter to a graft, only that it stays."""


def tab(name: str = "Summary", mark: str = "Summary", text: str = "How it stands", table: str = "tblOurs") -> Tab:
    """A tab of ours with a format, a formula, a link, a table and a date."""
    cells = (
        Put(1, 1, text, "title"), Put(2, 1, 0.5, "percent"), Put(3, 1, 1.0, "percent", formula="A2*2"),
        Put(4, 1, date(2026, 3, 31), "date"), Put(6, 1, "Goal", "heading"), Put(7, 1, "=1+1", "text"),
    )  # fmt: skip
    return Tab(
        name, mark, cells, widths={1: 30}, frames=(Frame(table, Area(6, 1, 7, 1), ("Goal",)),), repeat_rows=(6, 6)
    )


def donor(*tabs: Tab) -> bytes:
    return paint(tabs or (tab(),), created=date(2026, 1, 1))


@pytest.fixture
def workbook() -> Callable[..., bytes]:
    """A workbook of somebody's: a chart, a picture, a table, names, formats, x14 rules, and foreign parts."""

    def make(
        sheets: tuple[str, ...] = ("Data", "Notes"), extra: Mapping[str, bytes] = FOREIGN, **options: object
    ) -> bytes:
        target = io.BytesIO()
        book = xlsxwriter.Workbook(target, {"in_memory": True, **options})
        book.set_properties({"created": datetime(2020, 1, 1)})
        money = book.add_format({"num_format": "#,##0.00 [$EUR]", "bold": True, "border": 2})
        for name in sheets:
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["Month", "Value"])
            for row in range(1, 6):
                sheet.write_row(row, 0, [f"M{row}", row * 1.5], money)
            sheet.write_formula("C2", "=SUM(B2:B6)", money, 22.5)
            sheet.conditional_format("B2:B6", {"type": "data_bar", "data_bar_2010": True})
            sheet.add_sparkline("D2", {"range": f"'{name}'!B2:B6"})
            sheet.data_validation("A2:A6", {"validate": "list", "source": ["M1", "M2"]})
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": f"='{sheets[0]}'!$B$2:$B$6"})
        book.worksheets()[0].insert_chart("F2", chart)
        book.worksheets()[0].add_table(
            "A1:B6", {"name": "Months", "columns": [{"header": "Month"}, {"header": "Value"}]}
        )
        book.define_name("Rate", "=0.19")
        book.worksheets()[-1].activate()
        book.close()
        return with_parts(target.getvalue(), extra)

    return make


def with_parts(data: bytes, parts: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO(data)
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(zipfile.ZipInfo(name, (2019, 5, 4, 3, 2, 2)), content)
    return target.getvalue()


def replaced(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    package = Package.from_bytes(data)
    assert old in package.read(part)
    return package.replace({part: package.read(part).replace(old, new)})


def grafted(data: bytes, *tabs: Tab) -> Package:
    marks = {t.name: t.mark for t in tabs} or MARKS
    return Package.from_bytes(graft(Package.from_bytes(data), donor(*tabs), marks).data)


def entries(package: Package) -> dict[str, tuple[object, ...]]:
    return {
        e.name: (e.method, e.time, e.date, package.data[e.data : e.data + e.compressed_size]) for e in package.entries
    }


SHARED = {"[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"}


def test_every_part_that_is_not_ours_keeps_its_bytes_order_and_dates(workbook):
    before = Package.from_bytes(workbook())
    after = grafted(workbook())
    old, new = entries(before), entries(after)
    assert {name for name in old if old[name] != new.get(name)} == SHARED
    assert [n for n in after.names if n in old] == list(before.names)


def test_the_shared_parts_only_gain(workbook):
    before, after = Package.from_bytes(workbook()), grafted(workbook())
    for part in SHARED - {"xl/styles.xml"}:
        old, new = before.read(part).decode(), after.read(part).decode()
        kept = iter(re.findall(r"<[^>]+>", new))
        assert all(tag in kept for tag in re.findall(r"<[^>]+>", old)), part


def test_others_read_the_same_values_before_and_after(workbook):
    before, after = workbook(), grafted(workbook()).data
    for name in ("Data", "Notes"):
        old, new = (openpyxl.load_workbook(io.BytesIO(d))[name] for d in (before, after))
        assert [[c.value for c in row] for row in new.iter_rows()] == [
            [c.value for c in row] for row in old.iter_rows()
        ]
        assert [c.number_format for c in new[2]] == [c.number_format for c in old[2]]
        one, two = (python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(d)) for d in (before, after))
        assert one.get_sheet_by_name(name).to_python() == two.get_sheet_by_name(name).to_python()


def test_ours_is_read_with_its_formats_by_others(workbook):
    sheet = openpyxl.load_workbook(io.BytesIO(grafted(workbook()).data))["Summary"]
    assert [sheet[f"A{r}"].value for r in (1, 2, 3, 7)] == ["How it stands", 0.5, "=A2*2", "=1+1"]
    assert (sheet["A7"].data_type, sheet["A2"].number_format, sheet["A4"].number_format) == ("s", "0%", "yyyy-mm-dd")
    assert sheet["A1"].font.size == 18


def test_a_second_run_gives_the_same_bytes(workbook):
    once = grafted(workbook())
    assert graft(once, donor(), MARKS).data == once.data


def test_renewing_keeps_place_name_colour_and_state_as_the_user_left_them(workbook):
    once = grafted(workbook())
    part = once.sheets[-1].part
    data = replaced(once.data, "xl/workbook.xml", b'name="Summary"', b'state="hidden" name="Overview"')
    data = replaced(data, part, b"<sheetPr>", b'<sheetPr><tabColor rgb="FF00FF00"/>')
    twice = grafted(data, tab(text="Newer"))
    sheet = read(twice).sheets[-1]
    assert (sheet.name, sheet.state, sheet.mark, sheet.cells[1, 1].value) == ("Overview", "hidden", "Summary", "Newer")
    assert b'tabColor rgb="FF00FF00"' in twice.read(part)
    assert [s.name for s in twice.sheets] == ["Data", "Notes", "Overview"]


def test_what_a_program_knew_the_old_tab_by_goes_with_it(workbook):
    """A fingerprint of how an open workbook's tab was painted says nothing of the tab that takes its place."""
    once = grafted(workbook())
    ours = b'<definedName name="_perfsheet" localSheetId="2" hidden="1">"Summary"</definedName>'
    known = ours.replace(b'"_perfsheet"', b'"_perfsheet_painted"').replace(b"Summary", b"5f1d")
    data = replaced(once.data, "xl/workbook.xml", ours, ours + known)
    assert b"_perfsheet_painted" not in grafted(data, tab(text="Newer")).read("xl/workbook.xml")


def test_a_tab_of_the_users_with_our_name_is_never_touched(workbook):
    data = workbook(("Data", "Summary"))
    after = grafted(data)
    assert [s.name for s in after.sheets] == ["Data", "Summary", "Summary (perfsheet)"]
    assert after.read("xl/worksheets/sheet2.xml") == Package.from_bytes(data).read("xl/worksheets/sheet2.xml")
    assert [s.mark for s in read(after).sheets] == [None, None, "Summary"]


def test_references_between_our_tabs_follow_their_final_names(workbook):
    checks = Tab("Checks", "Checks", (Put(1, 1, 0.5, "percent", formula="Summary!A2"),))
    after = grafted(workbook(("Data", "Summary")), tab(), checks)
    assert "'Summary (perfsheet)'!A2" in after.read(after.sheets[-1].part).decode()


def test_table_names_and_ids_are_unique_in_the_whole_workbook(workbook):
    after = grafted(workbook(), tab(table="Months"), tab("Second", "Second", table="Rate"))
    tables = [after.tree(n) for n in after.names if n.startswith("xl/tables/")]
    assert sorted(t.get("displayName") for t in tables) == ["Months", "Months_2", "Rate_2"]
    assert len({t.get("id") for t in tables}) == 3


def test_grafting_one_tab_leaves_our_others_alone(workbook):
    both = grafted(workbook(), tab(), tab("Checks", "Checks", table="tblChecks"))
    one = Package.from_bytes(graft(both, donor(tab("Checks", "Checks", "new", "tblChecks")), {"Checks": "Checks"}).data)
    three = Package.from_bytes(
        graft(one, donor(tab("History", "History", table="tblHistory")), {"History": "History"}).data
    )
    names = [o.name for s in read(three).sheets for o in s.list_objects]
    assert names == ["Months", "tblOurs", "tblChecks", "tblHistory"]
    assert one.read(one.sheets[2].part) == both.read(both.sheets[2].part)


def test_what_is_taken_out_again_leaves_the_original_parts(workbook):
    before = Package.from_bytes(workbook())
    after = Package.from_bytes(ungraft(grafted(workbook(), tab(), tab("Checks", "Checks", table="tblChecks"))))
    assert {n: after.read(n) for n in after.names} == {n: before.read(n) for n in before.names}


def test_a_renewed_formula_tab_drops_the_list_of_formula_cells_only_if_it_names_ours(workbook):
    chain = (
        b'<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><c r="C2" i="1"/>%s</calcChain>'
    )
    pointer = b'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain" Target="calcChain.xml"/></Relationships>'
    for ours, kept in ((b"", True), (b'<c r="A3" i="3"/>', False)):
        once = with_parts(grafted(workbook()).data, {"xl/calcChain.xml": chain % ours})
        once = replaced(once, "xl/_rels/workbook.xml.rels", b"</Relationships>", pointer)
        after = grafted(once, tab(text="Newer"))
        assert after.has("xl/calcChain.xml") is kept
        assert (b"calcChain" in after.read("xl/_rels/workbook.xml.rels")) is kept


def test_prefixed_namespaces_keep_their_prefix(workbook):
    data = workbook()
    package = Package.from_bytes(data)
    text = package.read("xl/workbook.xml").decode()
    prefixed = re.sub(r"<(/?)(?!\?)", r"<\1x:", text).replace("xmlns=", "xmlns:x=")
    after = grafted(package.replace({"xl/workbook.xml": prefixed.encode()}))
    assert '<x:sheet name="Summary"' in after.read("xl/workbook.xml").decode()
    assert read(after).sheets[-1].mark == "Summary"


def test_strict_workbooks_get_strict_tabs(workbook):
    package = Package.from_bytes(workbook(extra={}))
    strict = {
        name: package.read(name)
        .replace(
            b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
            b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        )
        .replace(
            b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        )
        for name in package.names
        if name.endswith((".xml", ".rels"))
    }
    after = grafted(package.replace(strict))
    assert b"purl.oclc.org/ooxml/spreadsheetml/main" in after.read(after.sheets[-1].part)
    assert b"schemas.openxmlformats.org/spreadsheetml/2006/main" not in after.read(after.sheets[-1].part)
    assert read(after).sheets[-1].cells[1, 1].value == "How it stands"


def test_utf16_parts_stay_utf16(workbook):
    package = Package.from_bytes(workbook())
    wide = package.read("xl/workbook.xml").decode().replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")
    after = grafted(package.replace({"xl/workbook.xml": wide}))
    assert after.read("xl/workbook.xml")[:2] == b"\xff\xfe"
    assert read(after).sheets[-1].name == "Summary"


def test_a_workbook_without_styles_gets_some(workbook):
    package = Package.from_bytes(workbook(extra={}))
    rels = re.sub(rb"<Relationship [^>]*styles[^>]*/>", b"", package.read("xl/_rels/workbook.xml.rels"))
    types = re.sub(rb"<Override [^>]*styles[^>]*/>", b"", package.read("[Content_Types].xml"))
    bare = package.replace({"xl/styles.xml": None, "xl/_rels/workbook.xml.rels": rels, "[Content_Types].xml": types})
    cells = re.sub(rb' s="\d+"', b"", Package.from_bytes(bare).read("xl/worksheets/sheet1.xml"))
    after = grafted(Package.from_bytes(bare).replace({"xl/worksheets/sheet1.xml": cells}))
    assert openpyxl.load_workbook(io.BytesIO(after.data))["Summary"]["A2"].number_format == "0%"


def test_dates_follow_the_workbooks_own_epoch(workbook):
    after = grafted(workbook(date_1904=True))
    found = read(after).sheets[-1].cells[4, 1].value
    assert found == datetime(2026, 3, 31), "a date painted for 1900 must not move by four years"


@pytest.mark.parametrize(
    ("change", "obstacle"),
    [
        (("xl/workbook.xml", b"<sheets>", b'<workbookProtection lockStructure="1"/><sheets>'), Protected),
        (("_rels/.rels", b"</Relationships>", b'<Relationship Id="rIdS" Type="http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/origin" Target="_xmlsignatures/origin.sigs"/></Relationships>'), Signed),
        (("xl/_rels/workbook.xml.rels", b"</Relationships>", b'<Relationship Id="rIdR" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/revisionHeaders" Target="revisions/h.xml"/></Relationships>'), Unsupported),
    ],
)  # fmt: skip
def test_what_must_be_refused_is(workbook, change, obstacle):
    data = replaced(workbook(), *change)
    with pytest.raises(obstacle):
        graft(Package.from_bytes(data), donor(), MARKS)
