"""Tabs painted into a small report workbook, whose sheets are then grafted into the user's.

Every text is written as a text: what people type must never become a formula or a link in
somebody else's workbook. Every formula carries its result, so that viewers that do not
calculate show the numbers too. The same tabs give the same bytes.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from ..tables import Area, Bars, Chart, Dropdown, Frame, Put, Sparkline, Tab, letters

if TYPE_CHECKING:
    import xlsxwriter
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

LONGEST = 32_767
DECIMAL = "#,##0.0#"
INK, MUTED, LINE, LINK = "#1F2933", "#52606D", "#CBD2D9", "#0B5394"
_BASE = {"font_name": "Calibri", "font_size": 11, "font_color": INK, "valign": "top"}
_CELL = {"bottom": 1, "bottom_color": "#E4E7EB"}

PALETTE: Mapping[str, Mapping[str, object]] = {
    "text": _CELL,
    "wrapped": {**_CELL, "text_wrap": True},
    "plain": {},
    "plain_wrapped": {"text_wrap": True},
    "muted": {"font_color": MUTED},
    "muted_wrapped": {"font_color": MUTED, "text_wrap": True},
    "quiet": {**_CELL, "font_color": MUTED},
    "quiet_wrapped": {**_CELL, "font_color": MUTED, "text_wrap": True},
    "title": {"bold": True, "font_size": 18},
    "subtitle": {"font_color": MUTED, "font_size": 12},
    "section": {"bold": True, "font_size": 13, "bottom": 1, "bottom_color": INK},
    "heading": {"bold": True, "text_wrap": True, "bg_color": "#E8EEF4", "bottom": 1, "bottom_color": INK},
    "heading_right": {
        "bold": True,
        "text_wrap": True,
        "bg_color": "#E8EEF4",
        "bottom": 1,
        "bottom_color": INK,
        "align": "right",
        "indent": 1,
    },
    "number": {**_CELL, "num_format": DECIMAL, "align": "right", "indent": 1},
    "count": {**_CELL, "num_format": "#,##0", "align": "right", "indent": 1},
    "ratio": {**_CELL, "num_format": "0.00", "align": "right", "indent": 1},
    "percent": {**_CELL, "num_format": "0%", "align": "right", "indent": 1},
    "points": {**_CELL, "num_format": "+0%;-0%;0%", "align": "right", "indent": 1},
    "date": {**_CELL, "num_format": "yyyy-mm-dd", "align": "left"},
    "any": {**_CELL, "align": "left"},
    "link": {**_CELL, "font_color": LINK, "underline": 1},
    "code": {**_CELL, "font_name": "Consolas", "font_size": 10},
    "total": {"bold": True, "num_format": "0%", "top": 1, "align": "right", "indent": 1},
    "total_label": {"bold": True, "top": 1},
    "total_number": {"bold": True, "num_format": DECIMAL, "top": 1, "align": "right", "indent": 1},
    "note": {"italic": True, "font_color": MUTED, "text_wrap": True},
    "input": {**_CELL, "bg_color": "#FFF8E1", "text_wrap": True, "border": 1, "border_color": LINE},
    "input_date": {
        **_CELL,
        "bg_color": "#FFF8E1",
        "num_format": "yyyy-mm-dd",
        "align": "left",
        "border": 1,
        "border_color": LINE,
    },
    "tile_label": {"font_color": MUTED, "font_size": 10},
    "tile_percent": {"bold": True, "font_size": 20, "num_format": "0%", "align": "left"},
    "tile_number": {"bold": True, "font_size": 20, "num_format": "#,##0", "align": "left"},
    "tile_note": {"font_color": MUTED, "font_size": 10, "text_wrap": True},
    "ok": {"bold": True, "bg_color": "#D6EFE3", "font_color": "#0B4F37"},
    "check": {"bold": True, "bg_color": "#FBE0C8", "font_color": "#6B2E00"},
    "severity_error": {**_CELL, "bold": True, "font_color": "#9B2C00"},
    "severity_warning": {**_CELL, "bold": True, "font_color": "#7A5200"},
    "severity_info": {**_CELL, "font_color": MUTED},
    "status_achieved": {**_CELL, "bg_color": "#CDE8DF", "font_color": "#00412F"},
    "status_on_track": {**_CELL, "bg_color": "#D8ECF8", "font_color": "#003A5D"},
    "status_at_risk": {**_CELL, "bg_color": "#FCE8C3", "font_color": "#5C3A00"},
    "status_off_track": {**_CELL, "bg_color": "#F8D5C2", "font_color": "#6B2300"},
    "status_overdue": {**_CELL, "bg_color": "#F3C5D6", "font_color": "#5E0F33"},
    "status_no_data": {**_CELL, "bg_color": "#E4E7EB", "font_color": INK},
    "status_too_early": {**_CELL, "bg_color": "#F1F3F5", "font_color": INK},
    "status_not_started": {**_CELL, "font_color": MUTED},
    "status_postponed": {**_CELL, "font_color": MUTED},
    "status_dropped": {**_CELL, "font_color": MUTED},
}
"""What each style's name looks like. Colours are from a palette that the colour-blind tell apart, and
never the only sign: a status is a symbol and a word."""


def paint(tabs: Sequence[Tab], *, created: date, marked: bool = False) -> bytes:
    """The tabs as a workbook. `created` is the only date in it; with `marked` each tab carries its mark."""
    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    book.set_properties({"created": datetime.combine(created, datetime.min.time()), "comments": "Written by perfsheet"})
    book.set_calc_mode("auto")
    painter = _Painter(book)
    for tab in tabs:
        painter.paint(tab)
        if marked:
            book.define_name(f"{_sheet(tab.name)}!_perfsheet", f'="{tab.mark}"')
    book.close()
    return target.getvalue()


class _Painter:
    """One workbook in the making, and the formats that it has so far."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        self.formats: dict[str, Format] = {}

    def style(self, name: str) -> Format:
        """The format of a style's name, made when it is first used. Raises KeyError for an unknown one."""
        if name not in self.formats:
            self.formats[name] = self.book.add_format({**_BASE, **PALETTE[name]})
        return self.formats[name]

    def paint(self, tab: Tab) -> None:
        sheet = self.book.add_worksheet(tab.name)
        self._set_up(sheet, tab)
        for frame in tab.frames:
            self._frame(sheet, frame, tab)
        for put in tab.cells:
            self._put(sheet, put)
        for dropdown in tab.dropdowns:
            _dropdown(sheet, dropdown)
        for bars in tab.bars:
            _bars(sheet, bars)
        for chart in tab.charts:
            self._chart(sheet, chart, tab.name)
        for line in tab.sparklines:
            _sparkline(sheet, line)

    def _set_up(self, sheet: Worksheet, tab: Tab) -> None:
        """Widths, what stays in sight, and how it prints."""
        sheet.hide_gridlines(2)
        for column, width in sorted(tab.widths.items()):
            sheet.set_column(column - 1, column - 1, width, None, {"hidden": column in tab.hidden_columns})
        for column in sorted(tab.hidden_columns - set(tab.widths)):
            sheet.set_column(column - 1, column - 1, None, None, {"hidden": True})
        for row, height in sorted({**_heights(tab), **tab.heights}.items()):
            sheet.set_row(row - 1, height)
        if tab.freeze != (0, 0):
            sheet.freeze_panes(*tab.freeze)
        if tab.colour:
            sheet.set_tab_color(tab.colour)
        if tab.state != "visible":
            sheet.hide()
        (sheet.set_landscape if tab.landscape else sheet.set_portrait)()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.set_footer("&L&8perfsheet&C&8&A&R&8&P / &N")
        if tab.print_columns:
            last = max((put.row for put in tab.cells), default=1)
            sheet.print_area(0, 0, last - 1, tab.print_columns - 1)
        if tab.repeat_rows:
            sheet.repeat_rows(tab.repeat_rows[0] - 1, tab.repeat_rows[1] - 1)

    def _frame(self, sheet: Worksheet, frame: Frame, tab: Tab) -> None:
        styles = {put.column: put.style for put in tab.cells if put.row == frame.area.top}
        columns = [
            {"header": header, "header_format": self.style(styles.get(frame.area.left + i, "heading"))}
            for i, header in enumerate(frame.headers)
        ]
        options = {"name": frame.name, "columns": columns, "style": None, "autofilter": True}
        sheet.add_table(frame.area.top - 1, frame.area.left - 1, frame.area.bottom - 1, frame.area.right - 1, options)

    def _put(self, sheet: Worksheet, put: Put) -> None:
        value = put.value
        row, column, style = put.row - 1, put.column - 1, self._fitting(put.style, value)
        if put.formula is not None:
            result: Any = (
                value
                if isinstance(value, (int, float, str)) and not isinstance(value, bool)
                else ""
                if value is None
                else value
            )
            sheet.write_formula(row, column, "=" + put.formula, style, result)
        elif put.link is not None:
            target = f"internal:{put.link.quoted_sheet}!{put.link.cell}"
            sheet.write_url(row, column, target, style, string=_shown(value), tip=f"Go to {put.link}"[:255])
        elif value is None or value == "":
            sheet.write_blank(row, column, None, style)
        elif isinstance(value, bool):
            sheet.write_boolean(row, column, value, style)
        elif isinstance(value, (int, float)):
            sheet.write_number(row, column, value, style)
        elif isinstance(value, (date, datetime)):
            sheet.write_datetime(
                row, column, value, style if "num_format" in PALETTE[put.style] else self._dated(put.style)
            )
        else:
            sheet.write_string(row, column, _shown(value), style)

    def _fitting(self, name: str, value: object) -> Format:
        """The style; whole numbers go without decimals, since no one format shows 31 and 31.5 both well."""
        whole = isinstance(value, (int, float)) and value == int(value) and PALETTE[name].get("num_format") == DECIMAL
        return self._formatted(name, "#,##0") if whole else self.style(name)

    def _dated(self, name: str) -> Format:
        """The style with a date's number format, for columns that hold anything."""
        return self._formatted(name, "yyyy-mm-dd")

    def _formatted(self, name: str, number_format: str) -> Format:
        """The style with another number format."""
        key = f"{name} {number_format}"
        if key not in self.formats:
            self.formats[key] = self.book.add_format({**_BASE, **PALETTE[name], "num_format": number_format})
        return self.formats[key]

    def _chart(self, sheet: Worksheet, chart: Chart, tab: str) -> None:
        kinds: dict[str, dict[str, str]] = {"stacked_bar": {"type": "bar", "subtype": "stacked"}}
        made: Any = self.book.add_chart(kinds.get(chart.kind, {"type": chart.kind}))
        for series in chart.series:
            options: dict[str, object] = {
                "name": series.name, "categories": _range(tab, series.categories), "values": _range(tab, series.values), "gap": 40,
            }  # fmt: skip
            if len(series.colours) > 1:
                options["points"] = [{"fill": {"color": c}} for c in series.colours]
            elif series.colours:
                options["fill"] = {"color": series.colours[0]}
            made.add_series(options)
        made.set_title(
            {"name": chart.title, "name_font": {"size": 11, "bold": True}} if chart.title else {"none": True}
        )
        made.set_legend({"position": "bottom"} if chart.legend else {"none": True})
        lying = chart.kind in ("bar", "stacked_bar")
        categories: dict[str, object] = {
            "num_font": {"size": 9},
            "line": {"none": True},
            "major_tick_mark": "none",
            "reverse": lying,
        }
        values: dict[str, object] = {"visible": False, "major_gridlines": {"visible": False}, "min": 0}
        if chart.maximum is not None:
            values["max"] = chart.maximum
        # XlsxWriter names the axes of a bar chart by where they lie: y is the one with the categories
        made.set_x_axis(values if lying else categories)
        made.set_y_axis(categories if lying else values)
        made.set_size({"width": chart.size[0], "height": chart.size[1]})
        made.set_chartarea({"border": {"none": True}})
        placement = {"description": chart.alt, "object_position": 1}
        sheet.insert_chart(chart.anchor[0] - 1, chart.anchor[1] - 1, made, placement)


_CONTROLS = dict.fromkeys(
    (*range(0, 9), 11, 12, *range(14, 32), 127, *range(128, 160), *range(8234, 8239), *range(8294, 8298)), "�"
)
"""Characters that steer terminals or turn the direction of a text: made visible."""


def _shown(value: object) -> str:
    """A text as it may stand in a cell."""
    text = str(value).translate(_CONTROLS)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


_LINE = 15.0
"""Points of one line at the base size."""


def _heights(tab: Tab) -> dict[int, float]:
    """Rows that need more than a line. Programs differ in whether they fit rows on opening, so we say it."""
    heights: dict[int, float] = {}
    for put in tab.cells:
        look = PALETTE[put.style]
        size = look.get("font_size", 11)
        height = _LINE * float(size) / 11 if isinstance(size, (int, float)) else _LINE
        if look.get("text_wrap") and isinstance(put.value, str):
            width = max(4.0, tab.widths.get(put.column, 8.43) - 1.5)
            height *= sum(math.ceil(max(1, len(line)) / (1.12 * width)) for line in put.value.split("\n"))
        if height > _LINE:
            heights[put.row] = min(400.0, max(height + 1, heights.get(put.row, 0)))
    return heights


def _sheet(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"


def _range(tab: str, area: Area) -> str:
    return f"={_sheet(tab)}!${letters(area.left)}${area.top}:${letters(area.right)}${area.bottom}"


def _dropdown(sheet: Worksheet, dropdown: Dropdown) -> None:
    area = dropdown.area
    if sum(map(len, dropdown.choices)) + len(dropdown.choices) > 255:
        raise ValueError("a list of choices in a cell may have 255 characters")
    options = {
        "validate": "list", "source": list(dropdown.choices), "ignore_blank": True, "input_title": dropdown.title[:32],
        "input_message": dropdown.message[:255], "error_type": "warning", "error_title": "Not in the list",
        "error_message": "perfsheet reads only the choices of the list.",
    }  # fmt: skip
    sheet.data_validation(area.top - 1, area.left - 1, area.bottom - 1, area.right - 1, options)


def _bars(sheet: Worksheet, bars: Bars) -> None:
    area = bars.area
    options = {
        "type": "data_bar", "bar_color": bars.colour, "bar_solid": True, "data_bar_2010": True, "min_type": "num", "max_type": "num",
        "min_value": bars.low, "max_value": bars.high,
    }  # fmt: skip
    sheet.conditional_format(area.top - 1, area.left - 1, area.bottom - 1, area.right - 1, options)


def _sparkline(sheet: Worksheet, line: Sparkline) -> None:
    source = _range(line.sheet, line.area).removeprefix("=")
    options = {"range": source, "series_color": "#0072B2", "weight": 1.5, "last_point": True, "show_hidden": True}
    sheet.add_sparkline(line.cell[0] - 1, line.cell[1] - 1, options)
