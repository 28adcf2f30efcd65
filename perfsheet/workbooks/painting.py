"""Tabs painted into a small report workbook, whose sheets are then grafted into the user's.

Every text is written as a text: what people type must never become a formula or a link in
somebody else's workbook. Every formula carries its result, so that viewers that do not
calculate show the numbers too. The same tabs give the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from ..tables import Area, Bars, Chart, Dropdown, Frame, Marked, Put, Scalar, Series, Sparkline, Tab, letters
from .heights import NEXT_LINE, ONE_LINE, lines_in

if TYPE_CHECKING:
    import xlsxwriter
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

LONGEST = 32_767
HIGHEST = 400.0
WIDE = 200
"""Tabs wider than this print on A3, unless they are to fill one page."""
_A3, _A4 = 8, 9
_DAY_ZERO = datetime(1899, 12, 30)
DECIMAL = "#,##0.0#"
INK, MUTED, LINE, LINK = "#1F2933", "#52606D", "#CBD2D9", "#0B5394"
_BASE = {"font_name": "Calibri", "font_size": 11, "font_color": INK, "valign": "vcenter"}
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
    "quiet_right": {**_CELL, "font_color": MUTED, "text_wrap": True, "align": "right", "indent": 1},
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
    "heading_in": {
        "bold": True,
        "text_wrap": True,
        "bg_color": "#E8EEF4",
        "bottom": 1,
        "bottom_color": INK,
        "indent": 1,
    },
    "indented": {**_CELL, "indent": 1},
    "tree_0": {**_CELL, "bold": True},
    **{f"tree_{level}": {**_CELL, "indent": 2 * level} for level in range(1, 6)},
    "number": {**_CELL, "num_format": DECIMAL, "align": "right", "indent": 1},
    "count": {**_CELL, "num_format": "#,##0", "align": "right", "indent": 1},
    "ratio": {**_CELL, "num_format": "0.00", "align": "right", "indent": 1},
    "decimal": {**_CELL, "num_format": "0.0", "align": "right", "indent": 1},
    "percent": {**_CELL, "num_format": "0%", "align": "right", "indent": 1},
    "points": {**_CELL, "num_format": "+0%;-0%;0%", "align": "right", "indent": 1},
    "date": {**_CELL, "num_format": "yyyy-mm-dd", "align": "left"},
    "any": {**_CELL, "align": "left"},
    "link": {**_CELL, "font_color": LINK, "underline": 1},
    "plain_date": {"num_format": "yyyy-mm-dd", "align": "left"},
    "plain_link": {"font_color": LINK, "underline": 1},
    "link_date": {**_CELL, "font_color": LINK, "num_format": "yyyy-mm-dd", "align": "left"},
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
    "input_quiet": {**_CELL, "font_color": MUTED, "text_wrap": True, "border": 1, "border_color": LINE},
    "input_quiet_date": {
        **_CELL,
        "font_color": MUTED,
        "num_format": "yyyy-mm-dd",
        "align": "left",
        "border": 1,
        "border_color": LINE,
    },
    "label_right": {"font_color": MUTED, "align": "right", "indent": 1},
    "tile_label": {"font_color": MUTED, "font_size": 10},
    "tile_percent": {"bold": True, "font_size": 20, "num_format": "0%", "align": "left"},
    "tile_ratio": {"bold": True, "font_size": 20, "num_format": "0.000", "align": "left"},
    "tile_number": {"bold": True, "font_size": 20, "num_format": "#,##0", "align": "left"},
    "small_number": {"bold": True, "font_size": 14, "num_format": "#,##0", "align": "left"},
    "tile_note": {"font_color": MUTED, "font_size": 10, "text_wrap": True},
    "ok": {"bold": True, "bg_color": "#D6EFE3", "font_color": "#0B4F37"},
    "check": {"bold": True, "bg_color": "#FBE0C8", "font_color": "#6B2E00"},
    "severity_error": {**_CELL, "bold": True, "font_color": "#9B2C00"},
    "severity_warning": {**_CELL, "bold": True, "font_color": "#7A5200"},
    "severity_info": {**_CELL, "font_color": MUTED},
    "status_achieved": {**_CELL, "indent": 1, "bg_color": "#CDE8DF", "font_color": "#00412F"},
    "status_on_track": {**_CELL, "indent": 1, "bg_color": "#D8ECF8", "font_color": "#003A5D"},
    "status_at_risk": {**_CELL, "indent": 1, "bg_color": "#FCE8C3", "font_color": "#5C3A00"},
    "status_off_track": {**_CELL, "indent": 1, "bg_color": "#F8D5C2", "font_color": "#6B2300"},
    "status_overdue": {**_CELL, "indent": 1, "bg_color": "#F3C5D6", "font_color": "#5E0F33"},
    "status_no_data": {**_CELL, "indent": 1, "bg_color": "#E4E7EB", "font_color": INK},
    "status_too_early": {**_CELL, "indent": 1, "bg_color": "#F1F3F5", "font_color": INK},
    "status_not_started": {**_CELL, "indent": 1, "font_color": MUTED},
    "status_postponed": {**_CELL, "indent": 1, "font_color": MUTED},
    "status_dropped": {**_CELL, "indent": 1, "font_color": MUTED},
}
"""What each style's name looks like. Colours are from a palette that the colour-blind tell apart, and
never the only sign: a status is a symbol and a word."""


def paint(tabs: Sequence[Tab], *, created: date, marked: bool = False) -> bytes:
    """The tabs as a workbook. `created` is the only date in it; with `marked` each tab carries its mark."""
    import xlsxwriter

    target = io.BytesIO()
    streamed = any(tab.stream is not None for tab in tabs)
    book = xlsxwriter.Workbook(target, {"in_memory": not streamed, "default_date_format": "yyyy-mm-dd"})
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
        # a sheet that streams puts each row into a file of its own as soon as the next one begins
        self.book.constant_memory = tab.stream is not None
        sheet = self.book.add_worksheet(tab.name)
        self.book.constant_memory = False
        self._set_up(sheet, tab)
        for frame in tab.frames:
            self._frame(sheet, frame, tab)
        for put in tab.cells:
            self._put(sheet, put)
        for row in tab.stream or ():
            self._row(sheet, row, tab.widths)
        for dropdown in tab.dropdowns:
            _dropdown(sheet, dropdown)
        for bars in tab.bars:
            _bars(sheet, bars)
        for marked in tab.marked:
            self._mark(sheet, marked)
        for chart in tab.charts:
            self._chart(sheet, chart, tab.name)
        for line in tab.sparklines:
            _sparkline(sheet, line)

    def _set_up(self, sheet: Worksheet, tab: Tab) -> None:
        """Widths, what stays in sight, and how it prints."""
        sheet.hide_gridlines(2)
        sheet.set_default_row(ONE_LINE)
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
        _printing(sheet, tab)

    def _row(self, sheet: Worksheet, row: Sequence[Put], widths: Mapping[int, float]) -> None:
        """One row of a stream, as high as its highest cell."""
        height = max((_height(put, widths) for put in row), default=ONE_LINE)
        if height > ONE_LINE:
            sheet.set_row(row[0].row - 1, min(HIGHEST, height))
        for put in row:
            self._put(sheet, put)

    def _frame(self, sheet: Worksheet, frame: Frame, tab: Tab) -> None:
        styles = {put.column: put.style for put in tab.cells if put.row == frame.area.top}
        columns = [
            {"header": header, "header_format": self.style(styles.get(frame.area.left + i, "heading"))}
            for i, header in enumerate(frame.headers)
        ]
        options = {"name": frame.name, "columns": columns, "style": None, "autofilter": True, "banded_rows": False}
        area = frame.area
        if not sheet.constant_memory:
            sheet.add_table(area.top - 1, area.left - 1, area.bottom - 1, area.right - 1, options)
            return
        # XlsxWriter refuses tables on streaming sheets, since it would write their headers out of turn (ours are
        # cells), and remembers every cell of one: it is given the first row, and its range is widened afterwards
        sheet.constant_memory = False
        sheet.add_table(area.top - 1, area.left - 1, area.top, area.right - 1, options)
        sheet.constant_memory = True
        sheet.tables[-1] |= dict.fromkeys(("range", "a_range", "autofilter"), str(area))

    def _put(self, sheet: Worksheet, put: Put) -> None:
        """One cell. A link is laid first: what is written after it keeps its own type."""
        row, column, style = put.row - 1, put.column - 1, self._fitting(put.style, put.value)
        if put.link is not None and put.value not in (None, ""):
            target = f"internal:{put.link.quoted_sheet}!{put.link.cell}"
            sheet.write_url(row, column, target, style, string=_shown(put.value), tip=f"Go to {put.link}"[:255])
        if put.formula is not None:
            sheet.write_formula(row, column, "=" + put.formula, style, _result(put.value))
        else:
            _constant(sheet, row, column, put.value, style)

    def _mark(self, sheet: Worksheet, marked: Marked) -> None:
        """The colours of each word's style; white where a style has none, since the cell itself may have one."""
        area = marked.area
        for word, style in marked.looks:
            look = PALETTE[style]
            colours = {"bg_color": look.get("bg_color", "#FFFFFF"), "font_color": look.get("font_color", INK)}
            options = {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": self.book.add_format(colours)}
            sheet.conditional_format(area.top - 1, area.left - 1, area.bottom - 1, area.right - 1, options)

    def _fitting(self, name: str, value: object) -> Format:
        """The style, with the number format that its value needs.

        Whole numbers go without decimals, since no one format shows 31 and 31.5 both well; a date in
        a column that holds anything must not show as a number.
        """
        own = PALETTE[name].get("num_format")
        if isinstance(value, (date, datetime)) and own is None:
            return self._formatted(name, "yyyy-mm-dd")
        if own == DECIMAL and isinstance(value, (int, float)) and value == int(value):
            return self._formatted(name, "#,##0")
        return self.style(name)

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
            made.add_series(_series(series, tab, chart.kind))
        font = {"size": 11, "bold": True, "color": INK}
        made.set_title({"name": chart.title, "name_font": font} if chart.title else {"none": True})
        made.set_legend({"position": "bottom"} if chart.legend else {"none": True})
        _axes(made, chart)
        made.set_size({"width": chart.size[0], "height": chart.size[1]})
        made.set_chartarea({"border": {"none": True}})
        placement = {"description": chart.alt, "object_position": 1, "y_offset": 3}
        sheet.insert_chart(chart.anchor[0] - 1, chart.anchor[1] - 1, made, placement)


def _series(series: Series, tab: str, kind: str) -> dict[str, object]:
    options: dict[str, object] = {
        "name": series.name, "categories": _range(tab, series.categories), "values": _range(tab, series.values), "gap": 40,
    }  # fmt: skip
    if kind == "line":
        options |= {"line": {"color": series.colours[0], "width": 2.25}} if series.colours else {}
    elif len(series.colours) > 1:
        options["points"] = [{"fill": {"color": c}} for c in series.colours]
    elif series.colours:
        options["fill"] = {"color": series.colours[0]}
    return options


def _axes(made: Any, chart: Chart) -> None:
    """Names on one axis, from the top down; the other one stays quiet, since the numbers stand beside the chart."""
    lying = chart.kind in ("bar", "stacked_bar")
    names = {
        "num_font": {"size": 9, "color": INK}, "line": {"none": True}, "major_tick_mark": "none", "reverse": lying,
    }  # fmt: skip
    values: dict[str, object] = {"visible": False, "major_gridlines": {"visible": False}, "min": 0}
    if chart.maximum is not None:
        values["max"] = chart.maximum
    # XlsxWriter names the axes of a bar chart by where they lie: y is the one with the categories
    made.set_x_axis(values if lying else names)
    made.set_y_axis(names if lying else values)


_CONTROLS = dict.fromkeys(
    (
        *range(0, 9), 11, 12, *range(14, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A),
        *range(0xD800, 0xE000), 0xFFFE, 0xFFFF,
    ),
    "�",
)  # fmt: skip
"""Characters that no file may hold, that steer terminals or turn the direction of a text: made visible."""


def _shown(value: object) -> str:
    """A text as it may stand in a cell. Programs count a character beyond U+FFFF twice."""
    text = str(value).translate(_CONTROLS)
    if 2 * len(text) <= LONGEST or _units(text) <= LONGEST:
        return text
    text = text[: LONGEST - 1]
    while _units(text) > LONGEST - 1:
        text = text[: -max(1, (_units(text) - LONGEST + 1) // 2)]
    return text + "…"


def _units(text: str) -> int:
    return len(text) + sum(c > "\uffff" for c in text)


def _result(value: Scalar) -> float | str:
    """What a formula's cell remembers: dates as the numbers that they are in a cell, nothing as an empty text."""
    if isinstance(value, bool):
        return value
    if isinstance(value, datetime):
        return (value - _DAY_ZERO).total_seconds() / 86_400
    if isinstance(value, date):
        return (value - _DAY_ZERO.date()).days
    return value if isinstance(value, (int, float)) else "" if value is None else _shown(value)


def _constant(sheet: Worksheet, row: int, column: int, value: Scalar, style: Format) -> None:
    """A value by the method for its type, so that no text is ever taken for a formula or an address."""
    if value is None or value == "":
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value, style)
    elif isinstance(value, (int, float)):
        sheet.write_number(row, column, value, style)
    elif isinstance(value, (date, datetime)):
        sheet.write_datetime(row, column, value, style)
    else:
        sheet.write_string(row, column, _shown(value), style)


def _printing(sheet: Worksheet, tab: Tab) -> None:
    """A4, wide tables on A3, page number and tab name below, never wider than a page."""
    (sheet.set_landscape if tab.landscape else sheet.set_portrait)()
    printed = (w for c, w in tab.widths.items() if c not in tab.hidden_columns and c <= (tab.print_columns or c))
    sheet.set_paper(_A4 if tab.one_page or sum(printed) <= WIDE else _A3)
    sheet.fit_to_pages(1, 1 if tab.one_page else 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer("&L&8perfsheet&C&8&A&R&8&P / &N")
    if tab.print_columns:
        sheet.print_area(0, 0, (tab.print_rows or _last_row(tab)) - 1, tab.print_columns - 1)
    if tab.repeat_rows:
        sheet.repeat_rows(tab.repeat_rows[0] - 1, tab.repeat_rows[1] - 1)


def _last_row(tab: Tab) -> int:
    """Rows of a stream are known only by the frame around them."""
    return max([1, *(put.row for put in tab.cells), *(frame.area.bottom for frame in tab.frames)])


def _height(put: Put, widths: Mapping[int, float]) -> float:
    """Points that a cell needs."""
    look = PALETTE[put.style]
    size = look.get("font_size", 11)
    scale = size / 11 if isinstance(size, (int, float)) else 1.0
    if not look.get("text_wrap") or not isinstance(put.value, str):
        return ONE_LINE * scale
    bold = 1.06 if look.get("bold") else 1.0
    width = max(3.0, widths.get(put.column, 8.43) - 1.0) / (scale * bold)
    return (ONE_LINE + NEXT_LINE * (lines_in(put.value, width) - 1)) * scale


def _heights(tab: Tab) -> dict[int, float]:
    """Rows that need more than a line. Programs differ in whether they fit rows on opening, so we say it."""
    heights: dict[int, float] = {}
    for put in tab.cells:
        height = _height(put, tab.widths)
        if height > ONE_LINE:
            heights[put.row] = min(HIGHEST, max(height, heights.get(put.row, 0)))
    return heights


def _sheet(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"


def _range(tab: str, area: Area) -> str:
    return f"={_sheet(tab)}!${letters(area.left)}${area.top}:${letters(area.right)}${area.bottom}"


def _dropdown(sheet: Worksheet, dropdown: Dropdown) -> None:
    """The choices and the message. Raises ValueError for a list that a cell cannot hold."""
    area = dropdown.area
    if len(",".join(dropdown.choices)) > 255:
        raise ValueError("a list of choices in a cell may have 255 characters")
    options: dict[str, object] = {"input_title": dropdown.title[:32], "input_message": dropdown.message[:255]}
    if dropdown.choices:
        options |= {
            "validate": "list", "source": list(dropdown.choices), "ignore_blank": True, "error_type": "warning",
            "error_title": "Not in the list", "error_message": "perfsheet reads only the choices of the list.",
        }  # fmt: skip
    else:
        options["validate"] = "any"
    sheet.data_validation(area.top - 1, area.left - 1, area.bottom - 1, area.right - 1, options)


def _bars(sheet: Worksheet, bars: Bars) -> None:
    area = bars.area
    options = {
        "type": "data_bar", "bar_color": bars.colour, "bar_solid": True, "data_bar_2010": True, "min_type": "num", "max_type": "num",
        "min_value": bars.low, "max_value": bars.high,
    }  # fmt: skip
    sheet.conditional_format(area.top - 1, area.left - 1, area.bottom - 1, area.right - 1, options)


def _sparkline(sheet: Worksheet, line: Sparkline) -> None:
    """The latest value stands out."""
    options: dict[str, object] = {
        "range": _range(line.sheet, line.area).removeprefix("="), "type": line.kind, "last_point": True, "show_hidden": True,
        "series_color": "#8FB8D6" if line.kind == "column" else "#0072B2", "last_color": "#0072B2",
    }  # fmt: skip
    if line.kind == "line":
        options["weight"] = 1.5
    if line.floor is not None:
        options["min"] = line.floor
    sheet.add_sparkline(line.cell[0] - 1, line.cell[1] - 1, options)
