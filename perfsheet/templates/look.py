"""How our templates look: a few of Excel's own named styles, toned down, and one palette.

The styles keep their Excel names, so that a designer can restyle the whole workbook from the Cell
Styles gallery. No meaning hangs on a colour alone: entry cells have a border, calculated cells have
none, and statuses have a symbol and a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openpyxl import Workbook
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from ..live_columns import CONTAINER, SHOWN
from ..scoring.parts import Status
from .views import BAND, BANDS, GRADED_AS, GRADES

INK, QUIET, NAVY, PAPER = "1F2933", "595959", "1F3A5F", "FFFFFF"
ENTRY_INK, ENTRY_FILL, ENTRY_EDGE = "1F3864", "FFFDF5", "BFB8A5"
CALC_INK, CALC_FILL = "404040", "F0F0F0"

ENTRY, CALCULATED, HINT, TITLE, HEADING, LINK = (
    "Input",
    "Calculation",
    "Explanatory Text",
    "Title",
    "Heading 2",
    "Hyperlink",
)
BUILT_IN = {ENTRY: 20, CALCULATED: 22, HINT: 53, TITLE: 15, HEADING: 17, LINK: 8}
"""Our styles are Excel's own, known by these numbers in every language."""

STATUS_LOOK: Mapping[str, tuple[str, str]] = {
    SHOWN[Status.ACHIEVED]: ("BFE0F2", "003A5C"),
    SHOWN[Status.ON_TRACK]: ("B8E2D5", "00402E"),
    SHOWN[Status.AT_RISK]: ("F9DFA6", "4D3500"),
    SHOWN[Status.OFF_TRACK]: ("D55E00", "000000"),
    SHOWN[Status.OVERDUE]: ("D55E00", "000000"),
    SHOWN[Status.NO_DATA]: ("E3E3E3", "333333"),
    SHOWN[Status.TOO_EARLY]: ("E3E3E3", "333333"),
    SHOWN[Status.NOT_STARTED]: (CALC_FILL, QUIET),
    SHOWN[Status.POSTPONED]: (CALC_FILL, QUIET),
    SHOWN[Status.DROPPED]: (CALC_FILL, QUIET),
    CONTAINER: (CALC_FILL, QUIET),
}
"""Fill and ink of each status word: tints of the Okabe-Ito colours, full vermilion where action is due."""


GOOD, BETTER, CARE, BAD = (SHOWN[s] for s in (Status.ON_TRACK, Status.ACHIEVED, Status.AT_RISK, Status.OFF_TRACK))

WORDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "Status": STATUS_LOOK,
    GRADED_AS.column.header: dict(zip(GRADES, (STATUS_LOOK[w] for w in (BAD, CARE, GOOD)), strict=True)),
    BAND.column.header: dict(zip(BANDS, (STATUS_LOOK[w] for w in (BAD, CARE, GOOD, BETTER)), strict=True)),
}
"""Fill and ink of the words in live columns, by the column's header."""


def font(**more: Any) -> Font:
    """The workbook's face, with what is special about it."""
    return Font(**{"name": "Calibri", "size": 11, "color": INK, **more})


def filled(colour: str) -> PatternFill:
    """A plain fill."""
    return PatternFill("solid", fgColor=colour)


def dress(book: Workbook) -> None:
    """Gives the workbook our versions of Excel's named styles."""
    thin = Side(style="thin", color=ENTRY_EDGE)
    looks: dict[str, dict[str, Any]] = {
        ENTRY: {
            "font": font(color=ENTRY_INK), "fill": filled(ENTRY_FILL), "alignment": Alignment(vertical="top", wrap_text=True),
            "border": Border(left=thin, right=thin, top=thin, bottom=thin),
        },
        CALCULATED: {"font": font(color=CALC_INK), "fill": filled(CALC_FILL), "alignment": Alignment(vertical="top")},
        HINT: {"font": font(italic=True, color=QUIET), "alignment": Alignment(vertical="bottom", wrap_text=True)},
        TITLE: {"font": font(size=18, bold=True, color=NAVY)},
        HEADING: {"font": font(size=13, bold=True, color=NAVY), "border": Border(bottom=Side(style="medium", color=NAVY))},
        LINK: {"font": font(underline="single", color="0B5394"), "alignment": Alignment(vertical="top")},
    }  # fmt: skip
    for name, look in looks.items():
        book.add_named_style(NamedStyle(name, builtinId=BUILT_IN[name], **look))


FILTER_BUTTON = 2
"""So many steps of indent keep a header that stands at the right clear of its filter button."""


def dress_header(sheet: Worksheet, row: int, column: int, calculated: bool, horizontal: str | None = None) -> None:
    """Dresses one header cell of a table, over its values; calculated columns are grey where entry columns are navy."""
    cell = sheet.cell(row, column)
    cell.font = font(bold=True, color=PAPER)
    cell.fill = filled(QUIET if calculated else NAVY)
    indent = FILTER_BUTTON if horizontal == "right" else 0
    cell.alignment = Alignment(vertical="center", wrap_text=True, horizontal=horizontal, indent=indent)


def colour_words(sheet: Worksheet, area: str, header: str = "Status") -> None:
    """Conditional formats on the words of a live column."""
    for word, (fill, ink) in WORDS.get(header, {}).items():
        shown = DifferentialStyle(font=Font(color=ink, bold=True), fill=PatternFill("solid", bgColor=fill))
        sheet.conditional_formatting.add(area, Rule("cellIs", operator="equal", formula=[f'"{word}"'], dxf=shown))


def print_setup(sheet: Worksheet, area: str, header_row: int | None = None, wide: bool = False) -> None:
    """Landscape, one page wide, header rows repeated, page numbers; wide tabs on A3."""
    sheet.print_area = area
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 8 if wide else 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    if header_row:
        sheet.print_title_rows = f"1:{header_row}"
    sheet.oddFooter = HeaderFooterItem(left=_HeaderFooterPart("&F · &A"), right=_HeaderFooterPart("Page &P of &N"))
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top, sheet.page_margins.bottom = 0.5, 0.6
