"""Tabs as a workbook: the same bytes, texts that stay texts, formulas that remember, links that lead somewhere."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from perfsheet.review import Review
from perfsheet.tables import Address, Area, Bars, Block, Chart, Dropdown, Frame, Put, Series, Sparkline, Tab
from perfsheet.tabs import tabs_of
from perfsheet.workbooks.package import Package
from perfsheet.workbooks.painting import paint
from perfsheet.workbooks.palette import PALETTE
from perfsheet.workbooks.reading import read
from perfsheet.workbooks.strings import LONGEST

DAY = date(2026, 2, 28)


def painted(*cells: Put, **more: Any) -> bytes:
    """A workbook with one tab, One, of these cells."""
    return paint([Tab("One", "One", cells, **more)], created=DAY)


def back(data: bytes, cell: str = "A1") -> Any:
    """The cell of the first tab as another program's reader sees it."""
    return openpyxl.load_workbook(io.BytesIO(data)).worksheets[0][cell]


def part(data: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return package.read(name).decode()


SHEET = "xl/worksheets/sheet1.xml"

# ---------------------------------------------------------------------------------------- bytes


def test_the_same_tabs_give_the_same_bytes(review: Review) -> None:
    assert paint(tabs_of(review), created=DAY) == paint(tabs_of(review), created=DAY)


def test_no_date_is_in_it_but_the_one_given() -> None:
    data = painted(Put(1, 1, "x"))
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert {i.date_time for i in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", part(data, "docProps/core.xml"))) == {"2026-02-28T00:00:00Z"}


# ---------------------------------------------------------------------------------------- texts


@pytest.mark.parametrize(
    "text",
    [
        "=1+1", "+49 30 1234", "-5", "@SUM(A1)", "{=A1}", "https://example.org", "mailto:a@b.c", "internal:One!A1",
        "external:c:\\x.xls", "007", "1E5", "TRUE", "#N/A", "_x0041_", " spaces ", "two\nlines", "<b>&amp;", "'quoted",
    ],
)  # fmt: skip
@pytest.mark.parametrize("style", ["text", "input", "wrapped"])
def test_a_text_stays_a_text(text: str, style: str) -> None:
    cell = read(Package.from_bytes(painted(Put(1, 1, text, style)))).sheets[0].cells[1, 1]
    assert (cell.type, cell.value, cell.formula) == ("text", text, False)


def test_the_text_of_a_link_stays_a_text_and_the_link_leads_to_its_cell() -> None:
    cell = back(painted(Put(1, 1, "=HYPERLINK(1)", "link", link=Address("Mona's goals", 7, 2))))
    assert (cell.data_type, cell.value) == ("s", "=HYPERLINK(1)")
    assert (cell.hyperlink.location, cell.hyperlink.target) == ("'Mona''s goals'!B7", None)
    assert cell.hyperlink.tooltip == "Go to 'Mona''s goals'!B7"


@pytest.mark.parametrize("value", [0.62, 3, date(2026, 1, 5)])
def test_a_linked_value_keeps_its_type(value: object) -> None:
    style = "link_date" if isinstance(value, date) else "percent"
    cell = back(painted(Put(1, 1, value, style, link=Address("One", 9, 1))))  # type: ignore[arg-type]
    assert cell.hyperlink.location == "'One'!A9"
    assert cell.value == (datetime(2026, 1, 5) if isinstance(value, date) else value)


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x07", "\u202e", "\u2066", "\ufffe", "\ud800"])
def test_characters_that_steer_or_break_are_made_visible(character: str) -> None:
    assert back(painted(Put(1, 1, f"a{character}b"))).value == "a�b"


@pytest.mark.parametrize(
    ("text", "kept"), [("x" * 40_000, LONGEST), ("😀" * 20_000, LONGEST), ("x" * LONGEST, LONGEST)]
)
def test_a_text_too_long_for_a_cell_ends_in_an_ellipsis(text: str, kept: int) -> None:
    shown = read(Package.from_bytes(painted(Put(1, 1, text)))).sheets[0].cells[1, 1].value
    units = len(str(shown).encode("utf-16-le")) // 2
    assert kept - 1 <= units <= kept
    assert str(shown).endswith("…") == (shown != text)


# --------------------------------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("value", "style", "number_format"),
    [
        (31, "number", "#,##0"),
        (31.5, "number", "#,##0.0#"),
        (0.25, "percent", "0%"),
        (date(2026, 1, 5), "date", "yyyy-mm-dd"),
        (date(2026, 1, 5), "any", "yyyy-mm-dd"),
        (12, "any", "General"),
    ],
)
def test_a_number_is_shown_as_its_style_and_its_value_need(value: Any, style: str, number_format: str) -> None:
    assert back(painted(Put(1, 1, value, style))).number_format == number_format


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (0.5, "<v>0.5</v>"),
        ("OK", "<v>OK</v>"),
        (None, "<v></v>"),
        (date(2026, 1, 5), "<v>46027</v>"),
        (True, "<v>1</v>"),
    ],
)
def test_a_formula_remembers_its_result(value: Any, stored: str) -> None:
    assert f"<f>A2</f>{stored}" in part(painted(Put(1, 1, value, formula="A2")), SHEET)


def test_a_formula_may_be_linked_too() -> None:
    cell = back(painted(Put(1, 1, 3, "tile_number", formula="1+2", link=Address("One", 9, 1))))
    assert (cell.value, cell.hyperlink.location) == ("=1+2", "'One'!A9")


def test_an_unknown_style_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        painted(Put(1, 1, "x", "fancy"))


def _contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    darker, lighter = sorted((light(one), light(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("name", sorted(PALETTE))
def test_every_style_can_be_read_by_tired_eyes(name: str) -> None:
    look = PALETTE[name]
    assert _contrast(str(look.get("font_color", "#1F2933")), str(look.get("bg_color", "#FFFFFF"))) >= 4.5


# ------------------------------------------------------------------------------------- features


def _table() -> Iterator[Put]:
    for column, header in enumerate(("Goal", "Progress"), start=1):
        yield Put(3, column, header, "heading")
    yield from (Put(4, 1, "G1"), Put(4, 2, 0.5, "percent"), Put(5, 1, "G2"), Put(5, 2, 0.9, "percent"))


def test_a_table_is_a_list_object_over_its_cells() -> None:
    data = painted(*_table(), frames=(Frame("tblOne", Area(3, 1, 5, 2), ("Goal", "Progress")),))
    (table,) = read(Package.from_bytes(data)).sheets[0].list_objects
    assert (table.name, str(table.area), table.columns) == ("tblOne", "A3:B5", ("Goal", "Progress"))
    assert 'showRowStripes="1"' not in part(data, "xl/tables/table1.xml")
    assert back(data, "A3").font.bold


def test_a_drop_down_shows_its_message() -> None:
    choices = Dropdown(Area(2, 1, 9, 1), ("Accept", "Later"), "Your decision", "Choose one.")
    message = Dropdown(Area(2, 2, 9, 2), (), "Reason", "In a few words.")
    rules = openpyxl.load_workbook(io.BytesIO(painted(dropdowns=(choices, message)))).worksheets[0].data_validations
    assert [(str(r.sqref), r.type, r.formula1, r.promptTitle, r.prompt) for r in rules.dataValidation] == [
        ("A2:A9", "list", '"Accept,Later"', "Your decision", "Choose one."),
        ("B2:B9", None, None, "Reason", "In a few words."),
    ]


def test_a_list_too_long_for_a_cell_is_refused() -> None:
    assert painted(dropdowns=(Dropdown(Area(1, 1, 1, 1), ("a" * 127, "b" * 127)),))
    with pytest.raises(ValueError, match="255"):
        painted(dropdowns=(Dropdown(Area(1, 1, 1, 1), ("a" * 128, "b" * 127)),))


def test_data_bars_keep_their_scale() -> None:
    xml = part(painted(*_table(), bars=(Bars(Area(4, 2, 5, 2), "#9CC9E8"),)), SHEET)
    assert '<cfvo type="num" val="0.0"/><cfvo type="num" val="1.0"/>' in xml
    assert "x14:dataBar" in xml


def test_a_chart_says_in_words_what_it_shows() -> None:
    series = Series("Goals", Area(4, 1, 5, 1), Area(4, 2, 5, 2), ("#0072B2", "#D55E00"))
    data = painted(*_table(), charts=(Chart("bar", "Progress", (7, 1), (300, 200), (series,), "Two bars."),))
    assert 'descr="Two bars."' in part(data, "xl/drawings/drawing1.xml")
    chart = part(data, "xl/charts/chart1.xml")
    assert all(text in chart for text in ("Progress", "'One'!$B$4:$B$5", "0072B2", "D55E00"))


def test_a_small_picture_in_a_cell_lies_over_its_values() -> None:
    xml = part(painted(*_table(), sparklines=(Sparkline((4, 3), "One", Area(4, 2, 5, 2), "column", 0.25),)), SHEET)
    assert "<xm:f>'One'!$B$4:$B$5</xm:f><xm:sqref>C4</xm:sqref>".replace("$", "") in xml.replace("$", "")
    assert 'manualMin="0.25"' in xml


def test_it_prints_on_landscape_a4_one_page_wide_with_its_header_repeated() -> None:
    data = painted(*_table(), repeat_rows=(3, 3), print_columns=2, freeze=(3, 1), hidden_columns=frozenset({4}))
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
    assert (sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.page_setup.fitToHeight) == (True, 0)
    assert (sheet.print_title_rows, sheet.print_area, sheet.freeze_panes) == ("$3:$3", "'One'!$A$1:$B$5", "B4")
    assert "&A" in sheet.oddFooter.center.text
    assert "&P" in sheet.oddFooter.right.text
    assert sheet.column_dimensions["D"].hidden


@pytest.mark.parametrize(
    ("layout", "paper"),
    [({}, 8), ({"print_columns": 2}, 9), ({"hidden_columns": frozenset({3})}, 9), ({"one_page": True}, 9)],
)
def test_what_is_wide_prints_on_a3_unless_it_is_to_fill_one_page(layout: dict[str, Any], paper: int) -> None:
    data = painted(*_table(), **{"widths": {1: 90.0, 2: 90.0, 3: 90.0}, **layout})
    assert int(openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].page_setup.paperSize) == paper


def test_rows_of_a_stream_are_printed_too() -> None:
    frame = Frame("tblOne", Area(3, 1, 5, 2), ("Goal", "Progress"))
    header = [*_table()][:2]
    rows = [Block((("Calls", "Visits"), (0.5, 0.25)), ("text", "percent"))]
    data = painted(*header, frames=(frame,), stream=rows, print_columns=2)
    assert openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].print_area == "'One'!$A$1:$B$5"


def test_one_page_and_only_its_rows() -> None:
    data = painted(*_table(), print_columns=2, print_rows=4, one_page=True)
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert (sheet.print_area, sheet.page_setup.fitToHeight) == ("'One'!$A$1:$B$4", None)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("short", 20, 1),
        ("a line that is a little longer than its cell", 30, 2),
        ("illiterate little illness, still idle", 28, 1),
        ("MAXIMUM WORKFORCE WARMTH", 20, 2),
        ("one\ntwo\nthree", 20, 3),
        ("Donaudampfschifffahrtsgesellschaftskapitänswitwe", 20, 3),
        ("目标进度说明文字很长", 12, 2),
    ],
)
def test_a_row_is_as_high_as_its_longest_text(text: str, width: float, lines: int) -> None:
    data = painted(Put(1, 1, text, "wrapped"), widths={1: width})
    height = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].row_dimensions[1].height or 16
    assert round((height - 16) / 14.6) + 1 == lines


# --------------------------------------------------------------- the whole thing, in LibreOffice


def _formulas(tabs: tuple[Tab, ...]) -> Iterator[tuple[str, Put]]:
    yield from ((tab.name, put) for tab in tabs for put in tab.cells if put.formula)


@pytest.mark.libreoffice
@pytest.mark.parametrize("which", ["review", "empty_review"])
def test_every_formula_calculates_to_what_it_remembers(
    which: str, request: pytest.FixtureRequest, recalculated: Callable[[bytes], Path]
) -> None:
    tabs = tabs_of(request.getfixturevalue(which))
    book = read(recalculated(paint(tabs, created=DAY)))
    formulas = list(_formulas(tabs))
    assert len(formulas) > 10
    for name, put in formulas:
        cell = book.sheet(name).cells[put.row, put.column]  # type: ignore[union-attr]
        wanted = pytest.approx(put.value, abs=1e-12) if isinstance(put.value, (int, float)) else put.value
        assert (cell.formula, cell.value) == (True, wanted), f"{name} row {put.row}: {put.formula}"


@pytest.mark.libreoffice
def test_libreoffice_sees_a_changed_goal_row_in_the_team_total(
    review: Review, recalculated: Callable[[bytes], Path]
) -> None:
    """A remembered result is not enough: the totals follow when a row above them changes."""
    summary = tabs_of(review)[0]
    goals = next(p.row for p in summary.cells if p.value == "Last check-in")
    changed = [
        Put(p.row, p.column, 1.0, p.style) if (p.row, p.column) in {(goals + n, 5) for n in (1, 2, 4)} else p
        for p in summary.cells
    ]
    total = next(p for p in summary.cells if p.value == "Team: weighted by the goals that count").row
    book = read(recalculated(paint([Tab("Summary", "Summary", changed)], created=DAY)))
    assert book.sheet("Summary").cells[total, 5].value == pytest.approx(1.0)  # type: ignore[union-attr]
    assert book.sheet("Summary").cells[5, 1].value == pytest.approx(1.0)  # type: ignore[union-attr]
