"""What a cell holds is what is read: types, formats, oddities, and both ways of reading alike."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import datetime, time, timedelta
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from perfsheet import errors
from perfsheet.tables import Area, Book, Cell, Grid, ListObject, Sheet, column_number
from perfsheet.workbooks import __main__ as command
from perfsheet.workbooks import cells
from perfsheet.workbooks.cells import BookFacts, Format, SheetContent, Values, sheet_cells
from perfsheet.workbooks.package import Package
from perfsheet.workbooks.reading import read
from perfsheet.workbooks.serials import kind_of
from perfsheet.workbooks.strings import decoded, shared_strings

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"

FORMATS = ("General", "yyyy-mm-dd", "h:mm", "[h]:mm", "0%", "yyyy-mm-dd hh:mm")
TEXTS = ("plain", "a < b & c", "two\nlines")


@pytest.fixture(autouse=True, scope="module")
def small_sheets_go_the_fast_way():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cells, "WORTH", 0)
        yield


def sheet_xml(rows: str, around: tuple[str, str] = ("", "")) -> bytes:
    head, tail = around
    names = f'xmlns="{MAIN}" xmlns:r="{OFFICE}" xmlns:x14ac="urn:x14ac"'
    return f'<?xml version="1.0"?><worksheet {names}>{head}<sheetData>{rows}</sheetData>{tail}</worksheet>'.encode()


def content(data: bytes, *, fast: bool = True, date1904: bool = False) -> SheetContent:
    facts = BookFacts(list(TEXTS), [Format(kind_of(code), code) for code in FORMATS], date1904)
    return sheet_cells(data, "team.xlsx", "sheet1.xml", lambda: Values("team.xlsx", "Goals", facts), fast=fast)


def both(data: bytes, *, date1904: bool = False) -> SheetContent:
    """What the sheet holds, by either way of reading; they must agree, to the type of each value."""
    quick, sure = (content(data, fast=fast, date1904=date1904) for fast in (True, False))
    assert quick == sure
    assert list(map(repr, sorted(quick.cells.items()))) == list(map(repr, sorted(sure.cells.items())))
    return quick


def one(xml: str, *, date1904: bool = False) -> tuple[Cell | None, list[str]]:
    """(cell, codes of the remarks) for the XML of one cell, A1."""
    found = both(sheet_xml(f'<row r="1">{xml}</row>'), date1904=date1904)
    return found.cells.get((1, 1)), [code for code, _ in found.remarks]


def c(inner: str, attributes: str = "") -> str:
    return f'<c r="A1"{attributes}>{inner}</c>'


# --------------------------------------------------------------------------------- values

VALUES = {
    # number
    "whole number": (c("<v>3</v>"), Cell("number", 3)),
    "negative": (c("<v>-3</v>"), Cell("number", -3)),
    "fraction": (c("<v>0.1</v>"), Cell("number", 0.1)),
    "seventeen digits": (c("<v>0.30000000000000004</v>"), Cell("number", 0.30000000000000004)),
    "forty digits": (c(f"<v>{'1' * 40}</v>"), Cell("number", float("1" * 40))),
    "exponent": (c("<v>1.5E-7</v>"), Cell("number", 1.5e-7)),
    "spaces around": (c("<v> 4 </v>"), Cell("number", 4)),
    "type n": (c("<v>4</v>", ' t="n"'), Cell("number", 4)),
    "percent": (c("<v>0.25</v>", ' s="4"'), Cell("number", 0.25, format="0%")),
    "dynamic array": (c('<f t="array" ref="A1">X()</f><v>4</v>', ' cm="1"'), Cell("number", 4, True)),
    # text
    "shared text": (c("<v>0</v>", ' t="s"'), Cell("text", "plain")),
    "shared text, formatted": (c("<v>1</v>", ' s="4" t="s"'), Cell("text", "a < b & c", format="0%")),
    "inline text": (c("<is><t>x &amp; y</t></is>", ' t="inlineStr"'), Cell("text", "x & y")),
    "inline rich text": (
        c("<is><r><rPr><b/></rPr><t>bold</t></r><r><t xml:space='preserve'> plain</t></r></is>", ' t="inlineStr"'),
        Cell("text", "bold plain"),
    ),
    "inline text beside a value": (c("<v>1.</v><is><t>1.01</t></is>", ' t="inlineStr"'), Cell("text", "1.01")),
    "inline text without its type": (c("<is><t>kept</t></is>"), Cell("text", "kept")),
    "spaces kept": (c('<is><t xml:space="preserve"> a </t></is>', ' t="inlineStr"'), Cell("text", " a ")),
    "leading zero": (c("<is><t>007</t></is>", ' t="inlineStr"'), Cell("text", "007")),
    "text that looks like an error": (c("<is><t>#REF!</t></is>", ' t="inlineStr"'), Cell("text", "#REF!")),
    "numeric character reference": (c("<is><t>a&#10;b&#xE9;</t></is>", ' t="inlineStr"'), Cell("text", "a\nbé")),
    "escaped control": (c("<is><t>_x0001_</t></is>", ' t="inlineStr"'), Cell("text", "\x01")),
    "escaped escape": (c("<is><t>_x005F_x0041_</t></is>", ' t="inlineStr"'), Cell("text", "_x0041_")),
    "formula's text": (c("<f>A2</f><v>x &lt; y</v>", ' t="str"'), Cell("text", "x < y", True)),
    "formula's empty text": (c('<f>""</f><v></v>', ' t="str"'), Cell("text", "", True)),
    "cdata": (c("<is><t><![CDATA[<b>]]></t></is>", ' t="inlineStr"'), Cell("text", "<b>")),
    # bool and error
    "true": (c("<v>1</v>", ' t="b"'), Cell("bool", True)),
    "false": (c("<v>0</v>", ' t="b"'), Cell("bool", False)),
    "error": (c("<v>#N/A</v>", ' t="e"'), Cell("error", "#N/A")),
    "formula's error": (c("<f>1/0</f><v>#DIV/0!</v>", ' t="e"'), Cell("error", "#DIV/0!", True)),
    # nothing
    "no value": (c(""), None),
    "styled and empty": ('<c r="A1" s="1"/>', None),
    "empty value": (c("<v></v>"), None),
    "self-closing value": (c("<v/>"), None),
    "formula never calculated": (c("<f>A2*2</f>"), Cell("empty", None, True)),
    "formula with an empty value": (c("<f>A2*2</f><v></v>"), Cell("empty", None, True)),
    "orphan of a shared formula": (c('<f t="shared" si="7"/>'), Cell("empty", None, True)),
    "formula's number": (c('<f aca="false">A2*2</f><v>8</v>', ' t="n"'), Cell("number", 8, True)),
    # dates
    "date": (c("<v>46113</v>", ' s="1"'), Cell("date", datetime(2026, 4, 1), format="yyyy-mm-dd")),
    "date and time": (
        c("<v>46113.5</v>", ' s="5"'),
        Cell("date", datetime(2026, 4, 1, 12), format="yyyy-mm-dd hh:mm"),
    ),
    "first day": (c("<v>1</v>", ' s="1"'), Cell("date", datetime(1900, 1, 1), format="yyyy-mm-dd")),
    "serial 59": (c("<v>59</v>", ' s="1"'), Cell("date", datetime(1900, 2, 28), format="yyyy-mm-dd")),
    "serial 61": (c("<v>61</v>", ' s="1"'), Cell("date", datetime(1900, 3, 1), format="yyyy-mm-dd")),
    "last day": (c("<v>2958465</v>", ' s="1"'), Cell("date", datetime(9999, 12, 31), format="yyyy-mm-dd")),
    "time": (c("<v>0.75</v>", ' s="2"'), Cell("time", time(18), format="h:mm")),
    "time, rounded": (c("<v>0.59027777777777779</v>", ' s="2"'), Cell("time", time(14, 10), format="h:mm")),
    "thirty hours": (c("<v>1.25</v>", ' s="3"'), Cell("duration", timedelta(hours=30), format="[h]:mm")),
    "iso date": (c("<v>2026-04-01</v>", ' t="d"'), Cell("date", datetime(2026, 4, 1))),
    "iso date and time": (c("<v>2026-04-01T08:30:15.25</v>", ' t="d"'), Cell("date", datetime(2026, 4, 1, 8, 30, 15, 250000))),
    "iso time": (c("<v>10:10:10</v>", ' t="d"'), Cell("time", time(10, 10, 10))),
    "iso time with T": (c("<v>T10:10</v>", ' t="d"'), Cell("time", time(10, 10))),
    "iso duration": (c("<v>PT30H15M</v>", ' t="d"'), Cell("duration", timedelta(hours=30, minutes=15))),
}  # fmt: skip


@pytest.mark.parametrize("name", VALUES)
def test_a_cell_is_read_as_what_it_is(name):
    xml, expected = VALUES[name]
    cell, remarks = one(xml)
    assert (cell, type(cell and cell.value), remarks) == (expected, type(expected and expected.value), [])


ODD = {
    "nan": (c("<v>NaN</v>"), Cell("error", "NaN"), "bad_number"),
    "infinity": (c("<v>INF</v>"), Cell("error", "INF"), "bad_number"),
    "beyond a double": (c("<v>1e999</v>"), Cell("error", "1e999"), "bad_number"),
    "decimal comma": (c("<v>4,5</v>"), Cell("error", "4,5"), "bad_number"),
    "underscore": (c("<v>4_000</v>"), Cell("error", "4_000"), "bad_number"),
    "other digits": (c("<v>٤</v>"), Cell("error", "٤"), "bad_number"),
    "hexadecimal": (c("<v>0x10</v>"), Cell("error", "0x10"), "bad_number"),
    "two points": (c("<v>1.2.3</v>"), Cell("error", "1.2.3"), "bad_number"),
    "bad bool": (c("<v>2</v>", ' t="b"'), Cell("error", "2"), "bad_bool"),
    "bad date": (c("<v>2026-02-30</v>", ' t="d"'), Cell("error", "2026-02-30"), "bad_date"),
    "no date": (c("<v>soon</v>", ' t="d"'), Cell("error", "soon"), "bad_date"),
    "unknown type": (c("<v>x</v>", ' t="zz"'), Cell("error", "x"), "unknown_type"),
    "unknown style": (c("<v>4</v>", ' s="99"'), Cell("number", 4), "unknown_style"),
    "zone": (c("<v>2026-04-01T08:00:00+05:30</v>", ' t="d"'), Cell("date", datetime(2026, 4, 1, 8)), "zone"),
    "serial 60": (c("<v>60</v>", ' s="1"'), Cell("date", datetime(1900, 2, 28), format="yyyy-mm-dd"), "serial_60"),
    "negative date": (
        c("<v>-5</v>", ' s="1"'),
        Cell("date", datetime(1899, 12, 25), format="yyyy-mm-dd"),
        "negative_date",
    ),
    "serial 0": (c("<v>0</v>", ' s="1"'), Cell("time", time(), format="yyyy-mm-dd"), "day_zero"),
    "after 9999": (c("<v>2958466</v>", ' s="1"'), Cell("number", 2958466, format="yyyy-mm-dd"), "date_out_of_range"),
    "far beyond": (c("<v>1E15</v>", ' s="1"'), Cell("number", 1e15, format="yyyy-mm-dd"), "date_out_of_range"),
    "endless duration": (c("<v>1E15</v>", ' s="3"'), Cell("number", 1e15, format="[h]:mm"), "date_out_of_range"),
    "long text": (
        c(f"<is><t>{'x' * 32_768}</t></is>", ' t="inlineStr"'),
        Cell("text", "x" * 32_768),
        "long_text",
    ),
    "twice": (c("<v>1</v>") + c("<v>2</v>"), Cell("number", 2), "duplicate_cell"),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_is_remarked_and_never_silently_wrong(name):
    xml, expected, code = ODD[name]
    assert one(xml) == (expected, [code])


def test_a_remark_names_the_cell():
    found = both(sheet_xml('<row r="7"><c r="B7"><v>4,5</v></c></row>'))
    assert found.remarks == [("bad_number", "B7 holds '4,5', which is not a number")]


@pytest.mark.parametrize(
    ("serial", "expected"),
    [("0", datetime(1904, 1, 1)), ("44651", datetime(2026, 4, 1)), ("60", datetime(1904, 3, 1))],
)
def test_the_calendar_of_1904_is_exact(serial, expected):
    assert one(c(f"<v>{serial}</v>", ' s="1"'), date1904=True) == (Cell("date", expected, format="yyyy-mm-dd"), [])


@pytest.mark.parametrize(
    "xml",
    [
        c("<v>3</v>", ' t="s"'),
        c("<v>-1</v>", ' t="s"'),
        c("<v>abc</v>", ' t="s"'),
        c("<v>1.5</v>", ' t="s"'),
        c("<v>٠</v>", ' t="s"'),
        '<c r="A0"><v>1</v></c>',
        '<c r="A1048577"><v>1</v></c>',
        '<c r="A4294967295"><v>1</v></c>',
        '<c r="XFE1"><v>1</v></c>',
        '<c r="ZZZZ1"><v>1</v></c>',
        '<c r="-1"><v>1</v></c>',
        '<c r="1A"><v>1</v></c>',
        c("<v>1</v>", ' s="-1"'),
        c("<v>&#1;</v>"),
        c("<v>\x01</v>"),
        c("<v>&evil;</v>"),
        c("<v>a ]]> b</v>", ' t="str"'),
        c("<v>1"),
        c("<v>\ufffe</v>"),
        '</row><row r="0">',
        '</row><row r="-1">',
        '</row><row r="1048577">',
        '</row><row r="9" r="9">',
        '</row><row r="9" u:x="9">',
    ],
)
def test_what_no_sheet_can_hold_is_damaged(xml):
    data = sheet_xml(f'<row r="1">{xml}</row>')
    for fast in (True, False):
        with pytest.raises(errors.Damaged):
            content(data, fast=fast)


# ------------------------------------------------------------------------------- the sheet

LAYOUT = sheet_xml(
    '<row r="1" hidden="1"><c r="A1"><v>1</v></c></row><row r="3" hidden="0"/><row r="4" hidden="true"></row>',
    (
        '<dimension ref="A1:XFD1048576"/><cols><col min="2" max="3" hidden="1"/>'
        '<col min="16383" max="4294967295" hidden="1"/></cols>',
        '<mergeCells><mergeCell ref="A1:C1"/><mergeCell ref="A2:XFD1048576"/></mergeCells>'
        '<tableParts count="1"><tablePart r:id="rId5"/></tableParts>',
    ),
)


def test_layout():
    layout = both(LAYOUT).layout
    assert layout.hidden_rows == {1, 4}
    assert layout.hidden_columns == {2, 3, 16383, 16384}
    assert layout.merged == [Area(1, 1, 1, 3), Area(2, 1, 1048576, 16384)]
    assert layout.tables == ["rId5"]


def test_cells_without_names_follow_one_another():
    rows = '<row r="2"><c><v>1</v></c><c r="D2"><v>2</v></c><c><v>3</v></c></row><row><c><v>4</v></c></row>'
    assert {k: v.value for k, v in both(sheet_xml(rows)).cells.items()} == {(2, 1): 1, (2, 4): 2, (2, 5): 3, (3, 1): 4}


def test_rows_out_of_order_are_read():
    rows = '<row r="9"><c r="A9"><v>9</v></c></row><row r="2"><c r="B2"><v>2</v></c><c r="A2"><v>1</v></c></row>'
    assert {k: v.value for k, v in both(sheet_xml(rows)).cells.items()} == {(9, 1): 9, (2, 2): 2, (2, 1): 1}


def test_a_stray_cell_in_the_last_corner_costs_nothing():
    assert list(both(sheet_xml('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')).cells) == [(1048576, 16384)]


PLAIN = (
    '<row r="1" spans="1:2" x14ac:dyDescent="0.25"><c r="A1" t="s"><v>1</v></c><c r="B1" s="1"><v>46113</v></c></row>'
)

VARIANTS: dict[str, Callable[[str], bytes]] = {
    "prefixed": lambda s: s.replace("<", "<x:").replace("<x:/", "</x:").replace("<x:?", "<?").replace("xmlns=", "xmlns:x=").encode(),
    "strict": lambda s: s.replace(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main").encode(),
    "utf-16": lambda s: s.encode("utf-16"),
    "byte order mark": lambda s: s.encode("utf-8-sig"),
    "pretty printed": lambda s: s.replace("><", ">\r\n  <").encode(),
    "comments": lambda s: s.replace("<v>", "<!-- <v>9</v> --><v>").encode(),
    "attributes in another order": lambda s: s.replace('r="B1" s="1"', 's="1" r="B1"').encode(),
    "single quotes": lambda s: s.replace('"', "'").encode(),
    "extension lists": lambda s: s.replace("</c></row>", "<extLst><ext/></extLst></c></row>").encode(),
    "processing instruction": lambda s: s.replace("<sheetData>", "<?x <sheetData> ?><sheetData>").encode(),
}  # fmt: skip


@pytest.mark.parametrize("name", VARIANTS)
def test_the_same_sheet_in_another_spelling(name):
    plain = sheet_xml(PLAIN)
    assert both(VARIANTS[name](plain.decode())).cells == content(plain).cells


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<worksheet",
        f'<chartsheet xmlns="{MAIN}"/>'.encode(),
        b"<worksheet><sheetData/></worksheet>",
        sheet_xml(PLAIN) + b"<worksheet/>",
        sheet_xml(PLAIN)[:-3],
        sheet_xml(PLAIN).replace(b"<sheetData>", b"<sheetData/><sheetData>"),
        sheet_xml(PLAIN).replace(b"</row>", b""),
        sheet_xml(PLAIN).replace(b"plain", b"\xff\xfe"[:1]).replace(b"46113", b"\xe9"),
        sheet_xml(PLAIN, ("", '<mergeCells><mergeCell ref="A1:ZZZZ9"/></mergeCells>')),
    ],
)
def test_a_sheet_that_is_not_sound_is_damaged_either_way(data):
    for fast in (True, False):
        with pytest.raises(errors.Damaged):
            content(data, fast=fast)


def test_a_row_between_cells_cannot_hide_a_cell_outside_a_row():
    stray = sheet_xml('<row r="1"></row><c r="A1"><v>1</v></c><row r="2"></row>')
    with pytest.raises(cells._NotPlain):
        cells._fast(stray, "team.xlsx", "sheet1.xml", Values("", "", BookFacts([], [], False)), 9)


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="A1"><f>1</f><f>2</f><v>3</v></c>',
        '<c r="A1"><f>1</f><f/><v>3</v></c>',
        '<c r="A1"><f t="\x01"/><v>3</v></c>',
        '<c r="A1"><f>\x01</f><v>3</v></c>',
        '<c r="A1" s="1"/></c>',
        '<c r="A1" s="1"><c r="B1"/></c>',
        '<c r="A1"><v/></c>',
        '<c r="A1" t="str"><v/></c>',
        '<c r="A1"><f>1</f></c>',
        '<c r="A1" t="s"><is><t>x</t></is></c>',
        '<c r="A1" t="inlineStr"><v>x</v></c>',
        '<c r="A1" t="s"><v>007</v></c>',
        '<c r="A1" t="s"><v>99</v></c>',
    ],
)
def test_a_strange_cell_is_judged_alike(cell):
    for data in (sheet_xml(f'<row r="1">{cell}</row>'), sheet_xml(f'<row r="1" ht="\x02">{cell}</row>')):
        assert outcome(data, fast=True) == outcome(data, fast=False)


def test_a_small_sheet_goes_the_fast_way_when_its_columns_were_met_before(monkeypatch):
    monkeypatch.setattr(cells, "WORTH", 1000)
    data = sheet_xml('<row r="1"><c r="BC1"><v>1</v></c><c r="BF1"><v>2</v></c></row>')
    facts = BookFacts([], [], False)
    with pytest.raises(cells._NotPlain):
        cells._fast(data, "team.xlsx", "sheet1.xml", Values("", "", facts), 9)
    again = cells._fast(data, "team.xlsx", "sheet1.xml", Values("", "", facts), 9)
    assert again.cells == both(data).cells == {(1, 55): Cell("number", 1), (1, 58): Cell("number", 2)}


def test_a_sheet_of_many_rows_and_gaps_is_kept_cell_by_cell(monkeypatch):
    monkeypatch.setattr(cells, "MOST_SLOTS", 20)
    monkeypatch.setattr(cells, "_CHUNK", 200)
    rows = "".join(f'<row r="{n}"><c r="{"AB"[n % 2]}{n}"><v>{n}</v></c></row>' for n in range(1, 30))
    assert isinstance(content(sheet_xml(rows)).cells, dict)
    monkeypatch.setattr(cells, "MOST_SLOTS", 100)
    assert isinstance(both(sheet_xml(rows)).cells, Grid)


def test_more_filled_cells_than_fit_into_memory_are_refused():
    data = sheet_xml('<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row>')
    facts = BookFacts([], [], False)
    for fast in (True, False):
        with pytest.raises(errors.Hostile):
            sheet_cells(data, "team.xlsx", "sheet1.xml", lambda: Values("", "", facts), room=1, fast=fast)


def test_a_doctype_and_a_deep_nest_are_refused_either_way():
    for data in (
        sheet_xml(PLAIN).replace(b"<worksheet", b"<!DOCTYPE a><worksheet"),
        sheet_xml("", ("<a>" * 500 + "</a>" * 500, "")),
        sheet_xml("<a>" * 500 + "</a>" * 500),
    ):
        for fast in (True, False):
            with pytest.raises(errors.Hostile):
                content(data, fast=fast)


# ----------------------------------------------------- the fast way and the parser, at random

_text = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cn"]) | st.sampled_from("\t\n\r_x0041&<>\"']"),
    max_size=12,
)
_escape = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_value = st.one_of(
    st.integers().map(str),
    st.floats().map(repr),
    st.sampled_from(["", " 7 ", "1.5", "-0", "007", "1e5", "0", "1", "2", "#N/A", "2026-04-01", "PT1H", "&#65;", "&bad;", "&#0;", "]]>"]),
    _text.map(lambda text: text.translate(_escape)),
)  # fmt: skip
_formula = st.sampled_from(
    [
        "",
        "",
        "",
        "<f>A1&amp;B1</f>",
        '<f t="shared" si="0"/>',
        '<f t="shared" ref="A1:A3" si="0">1</f>',
        "<f/>",
        '<f t="a" t="b"/>',
    ]
)
_body = st.one_of(
    st.just(""),
    st.just("<v/>"),
    _value.map(lambda v: f"<v>{v}</v>"),
    _value.map(lambda v: f'<is><t xml:space="preserve">{v}</t></is>'),
)
_kind = st.sampled_from(
    ["", "", "", ' t="s"', ' t="n"', ' t="str"', ' t="b"', ' t="e"', ' t="d"', ' t="inlineStr"', ' t="zz"']
)
_style = st.sampled_from(["", ' s="0"', ' s="1"', ' s="2"', ' s="3"', ' s="77"', ' s="01"', ' s=""'])
_name = st.sampled_from(["A", "B", "C", "AA", "XFD", "XFE"]).flatmap(
    lambda c: st.sampled_from([f' r="{c}1"', f' r="{c}2"', f' r="{c}1048576"', ""])
)
_cell = st.tuples(_name, _style, _kind, _formula, _body).map(
    lambda p: f"<c{p[0]}{p[1]}{p[2]}>{p[3]}{p[4]}</c>" if p[3] + p[4] else f"<c{p[0]}{p[1]}/>"
)
_row_facts = st.sampled_from(
    ["", ' hidden="1"', ' hidden="0"', ' ht="15"', ' x14ac:dyDescent="0.2"', ' y:z="1"', ' xmlns="urn:x"', ' ht=">"']
)
_row = st.tuples(st.sampled_from([' r="1"', ' r="2"', ' r="0"', ""]), _row_facts, st.lists(_cell, max_size=4)).map(
    lambda p: f"<row{p[0]}{p[1]}>{''.join(p[2])}</row>"
)
_broken = st.sampled_from(["", "", "", "", "", "<c/>", "</row>", "<row>", "text", "<!-- c -->", "\x01", "<a/>", "\n "])


def outcome(data: bytes, *, fast: bool) -> object:
    try:
        found = content(data, fast=fast)
    except errors.Obstacle as obstacle:
        return type(obstacle)
    return sorted((where, repr(cell)) for where, cell in found.cells.items()), found.layout, sorted(found.remarks)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(_row, _row, _row, _broken), max_size=4))
def test_both_ways_give_the_same_answer_about_nonsense(rows):
    data = sheet_xml("".join(rows))
    assert outcome(data, fast=True) == outcome(data, fast=False)


_sound_text = _text.map(lambda text: text.translate(_escape).replace("\r", "\r\n"))
_sound_value = st.one_of(
    st.integers(-(10**17), 10**17).map(lambda n: f"<v>{n}</v>"),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda n: f"<v>{n!r}</v>"),
    st.floats(0, 60000).map(lambda n: f"<v>{n:.6f}</v>"),
    st.just(""),
)
_sound_inner = st.one_of(
    _sound_value.map(lambda v: ("", v)),
    st.sampled_from("012").map(lambda i: (' t="s"', f"<v>{i}</v>")),
    st.sampled_from("01").map(lambda i: (' t="b"', f"<v>{i}</v>")),
    st.just((' t="e"', "<v>#REF!</v>")),
    _sound_text.map(lambda t: (' t="str"', f"<v>{t}</v>")),
    _sound_text.map(lambda t: (' t="inlineStr"', f'<is><t xml:space="preserve">{t}</t></is>')),
)
_sound_formula = st.sampled_from(["", "", "", "<f>A1&amp;B1</f>", '<f t="shared" si="0"/>'])


@st.composite
def sound_rows(draw: st.DrawFn) -> str:
    """Rows as Excel writes them: named cells in order, a value that fits its type."""
    rows = []
    for number in draw(st.lists(st.integers(1, 1_048_576), max_size=4, unique=True).map(sorted)):
        row = []
        for column in sorted(draw(st.sets(st.sampled_from(["A", "B", "Z", "AA", "XFD"]))), key=column_number):
            kind, value = draw(_sound_inner)
            style, inner = (
                draw(st.sampled_from(["", ' s="0"', ' s="1"', ' s="2"', ' s="3"'])),
                draw(_sound_formula) + value,
            )
            row.append(
                f'<c r="{column}{number}"{style}{kind}>{inner}</c>' if inner else f'<c r="{column}{number}"{style}/>'
            )
        facts = draw(st.sampled_from(["", ' hidden="1"', ' spans="1:9" ht="15" x14ac:dyDescent="0.25"']))
        rows.append(f'<row r="{number}"{facts}>{"".join(row)}</row>')
    return "".join(rows)


@settings(max_examples=300, deadline=None)
@given(sound_rows())
def test_what_programs_write_goes_the_fast_way_and_means_the_same(rows):
    data = sheet_xml(rows)
    facts = BookFacts(list(TEXTS), [Format(kind_of(code), code) for code in FORMATS], False)
    cells._fast(data, "team.xlsx", "sheet1.xml", Values("team.xlsx", "Goals", facts), 99)  # would raise _NotPlain
    assert outcome(data, fast=True) == outcome(data, fast=False)


@settings(max_examples=150, deadline=None)
@given(sound_rows(), st.integers(40, 400))
def test_a_sheet_cut_into_pieces_means_the_same(rows, size):
    whole = outcome(sheet_xml(rows), fast=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cells, "_CHUNK", size)
        assert outcome(sheet_xml(rows), fast=True) == whole


_SPLICES = [
    *"<>/&\"'= ;019aZ\x01",
    "",
    "<c",
    "</c>",
    "</v>",
    "<v>",
    "</row>",
    "<row>",
    "&#1;",
    "&lt;",
    ' r="1"',
    ' t="s"',
    "]]>",
    "<!--",
    "xmlns",
    ":",
    "é",
]


@settings(max_examples=800, deadline=None)
@example('<row r="1" ht="15"></row>', 0.45, 0, ":")
@example('<row r="1"><c r="A1" s="1"><v>2e+300</v></c></row>', 0.0, 0, ">")
@given(sound_rows(), st.floats(0, 1, exclude_max=True), st.integers(0, 6), st.sampled_from(_SPLICES))
def test_one_slip_in_a_sheet_is_judged_alike(rows, where, length, splice):
    at = int(where * (len(rows) + 1))
    data = sheet_xml(rows[:at] + splice + rows[at + length :])
    assert outcome(data, fast=True) == outcome(data, fast=False)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(
        _value.map(lambda v: f"<si><t>{v}</t></si>")
        | st.sampled_from(["<si/>", "<si><t/></si>", "<t>stray</t>", "x", "<!-- -->"])
    )
)
def test_both_ways_of_reading_shared_texts_agree(items):
    table = f'<sst xmlns="{MAIN}">{"".join(items)}</sst>'
    answers = []
    for data in (table, table.replace("<sst ", "<!-- for the parser --><sst ")):
        try:
            answers.append(shared_strings(data.encode(), "team.xlsx", "sharedStrings.xml"))
        except errors.Obstacle as obstacle:
            answers.append(type(obstacle))
    assert answers[0] == answers[1]


# ---------------------------------------------------------------------------------- texts


@pytest.mark.parametrize(
    ("stored", "meant"),
    [
        ("_x000D__x000A_", "\r\n"),
        ("_x005F_x0041_", "_x0041_"),
        ("_xD83D__xDE00_", "😀"),
        ("_xD800_", "_xD800_"),
        ("a_xD800__x0041_", "a_xD800_A"),
        ("_x41_", "_x41_"),
        ("x_x00e9_y", "xéy"),
    ],
)
def test_excels_own_escapes(stored, meant):
    assert decoded(stored) == meant


def test_rich_texts_are_joined_and_reading_aids_left_out():
    table = (
        f'<sst xmlns="{MAIN}"><si><r><t>課</t></r><r><t xml:space="preserve">長 </t></r>'
        "<rPh><t>カチョウ</t></rPh><phoneticPr/></si><si><t>plain</t></si><si/></sst>"
    )
    assert shared_strings(table.encode(), "", "") == ["課長 ", "plain", ""]


@pytest.mark.parametrize("item", ["<si><t>x</t></si>", "<si><r><t>x</t></r></si>"])
def test_too_many_texts_are_refused(item, monkeypatch):
    monkeypatch.setattr("perfsheet.workbooks.strings.MAX_STRINGS", 3)
    assert len(shared_strings(f'<sst xmlns="{MAIN}">{item * 3}</sst>'.encode(), "", "")) == 3
    with pytest.raises(errors.Hostile):
        shared_strings(f'<sst xmlns="{MAIN}">{item * 4}</sst>'.encode(), "", "")


FORMAT_KINDS = {
    "General": "number",
    "0.00": "number",
    '0 "days"': "number",
    "0.0\\d": "number",
    "[Red]0.00;[Blue]-0.00": "number",
    "#,##0_);[Red](#,##0)": "number",
    '_("$"* #,##0.00_)': "number",
    "0.00E+00": "number",
    "@": "number",
    "yyyy-mm-dd": "date",
    "[$-409]mmmm d, yyyy;@": "date",
    "[$-F800]dddd, mmmm dd, yyyy": "date",
    "mmm": "date",
    "d.m.yy h:mm": "date",
    '"Q"0;yyyy': "number",
    "h:mm AM/PM": "time",
    "mm:ss.0": "time",
    "[h]:mm": "duration",
    "[mm]:ss": "duration",
    "[ss].00": "duration",
    "[" * 200_000: "number",
    '"' * 200_001: "number",
}


@pytest.mark.parametrize("code", FORMAT_KINDS, ids=lambda code: code[:30])
def test_the_number_format_decides_what_a_number_means(code):
    assert kind_of(code) == FORMAT_KINDS[code]


# --------------------------------------------------------------------------- the workbook


def pointer(rid: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{rid}" Type="{OFFICE}/{kind}" Target="{target}"/>'


def pointers(*items: str) -> str:
    return f'<Relationships xmlns="{RELS}">{"".join(items)}</Relationships>'


def package(sheets: str, *, before: str = "", after: str = "", **parts: str) -> Package:
    """A workbook of up to two sheet parts; `sheets` are the <sheet> elements."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{TYPES}"><Default Extension="xml" ContentType="application/xml"/></Types>',
        )
        file.writestr("_rels/.rels", pointers(pointer("rId1", "officeDocument", "xl/workbook.xml")))
        book = f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{before}<sheets>{sheets}</sheets>{after}</workbook>'
        file.writestr("xl/workbook.xml", book)
        listed = [
            pointer("rId1", "worksheet", "worksheets/sheet1.xml"),
            pointer("rId2", "worksheet", "worksheets/sheet2.xml"),
            pointer("rId3", "chartsheet", "chartsheets/sheet1.xml"),
            pointer("rId4", "styles", "styles.xml"),
            pointer("rId5", "sharedStrings", "sharedStrings.xml"),
        ]
        file.writestr("xl/_rels/workbook.xml.rels", pointers(*listed))
        defaults = {
            "xl/worksheets/sheet1.xml": sheet_xml('<row r="1"><c r="A1" s="1"><v>46113</v></c></row>').decode(),
            "xl/worksheets/sheet2.xml": sheet_xml("").decode(),
            "xl/chartsheets/sheet1.xml": f'<chartsheet xmlns="{MAIN}"/>',
        }
        for name, text in {**defaults, **parts}.items():
            file.writestr(name, text)
    return Package.from_bytes(buffer.getvalue(), "team.xlsx")


def listed(name: str, number: int, more: str = "") -> str:
    return f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"{more}/>'


STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/></numFmts>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/></cellXfs></styleSheet>'
)


def test_every_sheet_is_listed_with_its_state():
    sheets = listed("Goals", 1) + listed("Lists", 2, ' state="veryHidden"') + listed("Chart", 3, ' state="hidden"')
    book = read(package(sheets))
    assert [(s.name, s.state) for s in book.sheets] == [
        ("Goals", "visible"),
        ("Lists", "veryHidden"),
        ("Chart", "hidden"),
    ]
    assert [code for code, _ in book.sheets[2].remarks] == ["no_cells"]


def test_formats_come_from_the_styles_part():
    book = read(package(listed("Goals", 1), **{"xl/styles.xml": STYLES}))
    assert book.sheets[0].cells == {(1, 1): Cell("date", datetime(2026, 4, 1), False, "dd/mm/yyyy")}


def test_without_a_styles_part_a_number_stays_a_number():
    sheet = read(package(listed("Goals", 1))).sheets[0]
    assert sheet.cells == {(1, 1): Cell("number", 46113)}


def test_the_calendar_of_the_workbook():
    old = read(package(listed("Goals", 1), before='<workbookPr date1904="1"/>', **{"xl/styles.xml": STYLES}))
    assert (old.date1904, old.sheets[0].cells[1, 1].value) == (True, datetime(2030, 4, 2))


@pytest.mark.parametrize("part", [None, f'<sst xmlns="{MAIN}"><si><t>x</t></si></sst>'])
def test_a_shared_text_that_does_not_exist_is_damaged(part):
    parts = {"xl/worksheets/sheet1.xml": sheet_xml('<row r="1"><c r="A1" t="s"><v>1</v></c></row>').decode()}
    if part:
        parts["xl/sharedStrings.xml"] = part
    with pytest.raises(errors.Damaged, match="A1 names the text '1'"):
        read(package(listed("Goals", 1), **parts))


TABLE = (
    f'<table xmlns="{MAIN}" id="1" name="t" displayName="tblGoals" ref="B3:C9" {{more}}><tableColumns count="2">'
    '<tableColumn id="1" name="Goal ID"/><tableColumn id="2" name="Two_x000a_lines"/></tableColumns></table>'
)
WITH_TABLE = sheet_xml("", ("", '<tableParts><tablePart r:id="rId1"/></tableParts>')).decode()


@pytest.mark.parametrize(
    ("more", "rows"), [("", (1, 0)), ('totalsRowCount="1"', (1, 1)), ('headerRowCount="0"', (0, 0))]
)
def test_list_objects(more, rows):
    parts = {
        "xl/worksheets/sheet1.xml": WITH_TABLE,
        "xl/worksheets/_rels/sheet1.xml.rels": pointers(pointer("rId1", "table", "../tables/table1.xml")),
        "xl/tables/table1.xml": TABLE.format(more=more),
    }
    sheet = read(package(listed("Goals", 1), **parts)).sheets[0]
    assert sheet.list_objects == (ListObject("tblGoals", Area(3, 2, 9, 3), ("Goal ID", "Two\nlines"), *rows),)


def test_a_table_whose_part_is_missing_is_remarked():
    sheet = read(package(listed("Goals", 1), **{"xl/worksheets/sheet1.xml": WITH_TABLE})).sheets[0]
    assert (sheet.list_objects, [code for code, _ in sheet.remarks]) == ((), ["lost_table"])


def test_our_own_tabs_are_known_by_their_mark():
    names = (
        '<definedNames><definedName name="_perfsheet" localSheetId="1" hidden="1">"Summary"</definedName>'
        '<definedName name="_perfsheet">"Goals"</definedName>'
        '<definedName name="_perfsheet" localSheetId="0">Goals!$A$1</definedName></definedNames>'
    )
    book = read(package(listed("Goals", 1) + listed("Renamed", 2), after=names))
    assert [(s.name, s.mark) for s in book.sheets] == [("Goals", None), ("Renamed", "Summary")]


def test_strange_sheet_names_are_read_as_they_are():
    names = ["=1+1", "../../x"]
    book = read(package(listed(names[0], 1) + listed(names[1], 2)))
    assert [s.name for s in book.sheets] == names


def test_two_sheets_of_one_name_are_remarked():
    book = read(package(listed("Goals", 1) + listed("GOALS", 2)))
    assert [[code for code, _ in s.remarks] for s in book.sheets] == [[], ["duplicate_sheet"]]


def test_only_the_sheets_asked_for_are_read():
    book = read(package(listed("Goals", 1) + listed("Lists", 2)), sheets=lambda name: name == "Lists")
    assert [(s.name, len(s.cells)) for s in book.sheets] == [("Goals", 0), ("Lists", 0)]


def test_the_digest_is_of_the_file():
    made = package(listed("Goals", 1))
    assert read(made).digest == made.digest
    assert len(made.digest) == 64


# --------------------------------------------------------------------------- the commands


def test_check_answers_one_line_a_file(tmp_path, capsys):
    (tmp_path / "good.xlsx").write_bytes(package(listed("Goals", 1)).data)
    (tmp_path / "bad.xlsx").write_bytes(b"a,b\n1,2\n")
    good, bad = (str(tmp_path / name) for name in ("good.xlsx", "bad.xlsx"))
    assert command.main(["check", good]) == 0
    assert command.main(["check", good, bad]) == 3
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["verdict"], line["code"], line["sheets"]) for line in lines] == [
        ("read", None, ["Goals"]),
        ("read", None, ["Goals"]),
        ("refused", "not_a_workbook", []),
    ]


def test_read_answers_every_cell(tmp_path, capsys):
    rows = (
        '<row r="1"><c r="A1" s="1"><v>46113</v></c><c r="B1" s="1"><v>46113.5</v></c><c r="C1" t="e"><v>#N/A</v></c>'
        '<c r="D1"><f>A2</f></c><c r="E1" t="d"><v>PT90M</v></c><c r="F1" t="d"><v>08:30:00</v></c></row>'
    )
    made = package(
        listed("Goals", 1), **{"xl/styles.xml": STYLES, "xl/worksheets/sheet1.xml": sheet_xml(rows).decode()}
    )
    (tmp_path / "team.xlsx").write_bytes(made.data)
    assert command.main(["read", str(tmp_path / "team.xlsx")]) == 0
    sheet = json.loads(capsys.readouterr().out)["sheets"][0]
    assert (sheet["name"], sheet["state"]) == ("Goals", "visible")
    assert {name: (cell["type"], cell["value"]) for name, cell in sheet["cells"].items()} == {
        "A1": ("date", "2026-04-01"),
        "B1": ("date", "2026-04-01T12:00:00"),
        "C1": ("error", "#N/A"),
        "D1": ("empty", None),
        "E1": ("duration", 5400.0),
        "F1": ("time", "08:30:00"),
    }
    assert sheet["cells"]["D1"]["formula"] is True
    assert sheet["cells"]["A1"]["format"] == "dd/mm/yyyy"


@pytest.mark.parametrize("arguments", [[], ["nothing"], ["check"], ["read"], ["read", "a", "b"]])
def test_wrong_usage_exits_with_2(arguments, capsys):
    assert command.main(arguments) == 2
    assert "python -m perfsheet.workbooks" in "".join(capsys.readouterr())


def test_an_obstacle_is_one_line_on_standard_error(tmp_path, capsys):
    assert command.main(["read", str(tmp_path / "none.xlsx")]) == 3
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "there is no such file" in err


def test_the_plain_shapes():
    book = read(package(listed("Goals", 1)))
    assert isinstance(book, Book)
    assert isinstance(book.sheet("goals"), Sheet)
