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
from .heights import ONE_LINE
from .package import Package
from .palette import INK, NUMBERS, PALETTE, fitting, properties, streamed
from .pouring import pour
from .reading import MARK, PAINTED
from .rows import HIGHEST, height_of, number_of_day, shown

if TYPE_CHECKING:
    import xlsxwriter
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

NONE: Mapping[str, str] = {}
WIDE = 200
"""Tabs wider than this print on A3, unless they are to fill one page."""
_A3, _A4 = 8, 9


def paint(tabs: Sequence[Tab], *, created: date, marked: bool = False, fingerprints: Mapping[str, str] = NONE) -> bytes:
    """The tabs as a workbook. `created` is the only date in it; with `marked` each tab carries its mark.

    A tab also carries its fingerprint, if one is given for its name.
    """
    data = painted_without_rows(tabs, created=created, marked=marked, fingerprints=fingerprints)
    if all(tab.stream is None for tab in tabs):
        return data
    target = io.BytesIO()
    pour(Package.from_bytes(data), tabs, target)
    return target.getvalue()


def painted_without_rows(
    tabs: Sequence[Tab], *, created: date, marked: bool = False, fingerprints: Mapping[str, str] = NONE
) -> bytes:
    """The same without the rows of streams, which are poured in afterwards, perhaps into another workbook."""
    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    book.set_properties({"created": datetime.combine(created, datetime.min.time()), "comments": "Written by perfsheet"})
    book.set_calc_mode("auto")
    painter = _Painter(book)
    if any(tab.stream is not None for tab in tabs):
        painter.number()
    for tab in tabs:
        painter.paint(tab)
        if marked:
            book.define_name(f"{_sheet(tab.name)}!{MARK}", f'="{tab.mark}"')
        if tab.name in fingerprints:
            book.define_name(f"{_sheet(tab.name)}!{PAINTED}", f'="{fingerprints[tab.name]}"')
    book.close()
    return target.getvalue()


class _Painter:
    """One workbook in the making, and the formats that it has so far."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        self.formats: dict[tuple[str, str | None], Format] = {}

    def number(self) -> None:
        """Gives the formats of streamed rows the numbers that they are known by there."""
        for key in streamed():
            # XlsxWriter numbers formats as they are first used, and these are used behind its back
            if self.format(*key)._get_xf_index() != NUMBERS[key]:
                raise AssertionError(f"the format of {key} has another number")

    def style(self, name: str) -> Format:
        """The format of a style's name, made when it is first used. Raises KeyError for an unknown one."""
        return self.format(name, None)

    def format(self, name: str, number_format: str | None) -> Format:
        """The style, with another number format if one is given."""
        key = name, number_format
        if key not in self.formats:
            self.formats[key] = self.book.add_format(properties(name, number_format))
        return self.formats[key]

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

    def _frame(self, sheet: Worksheet, frame: Frame, tab: Tab) -> None:
        styles = {put.column: put.style for put in tab.cells if put.row == frame.area.top}
        columns = [
            {"header": header, "header_format": self.style(styles.get(frame.area.left + i, "heading"))}
            for i, header in enumerate(frame.headers)
        ]
        options = {"name": frame.name, "columns": columns, "style": None, "autofilter": True, "banded_rows": False}
        area = frame.area
        if tab.stream is None:
            sheet.add_table(area.top - 1, area.left - 1, area.bottom - 1, area.right - 1, options)
            return
        # XlsxWriter visits every cell of a table: it is given the first row, and its range is widened afterwards
        sheet.add_table(area.top - 1, area.left - 1, area.top, area.right - 1, options)
        sheet.tables[-1] |= dict.fromkeys(("range", "a_range", "autofilter"), str(area))

    def _put(self, sheet: Worksheet, put: Put) -> None:
        """One cell. A link is laid first: what is written after it keeps its own type."""
        row, column, style = put.row - 1, put.column - 1, self.format(put.style, fitting(put.style, put.value))
        if put.link is not None and put.value not in (None, ""):
            target = f"internal:{put.link.quoted_sheet}!{put.link.cell}"
            sheet.write_url(row, column, target, style, string=shown(put.value), tip=f"Go to {put.link}"[:255])
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


def _result(value: Scalar) -> float | str:
    """What a formula's cell remembers: dates as the numbers that they are in a cell, nothing as an empty text."""
    if isinstance(value, bool):
        return value
    if isinstance(value, date):
        return number_of_day(value)
    return value if isinstance(value, (int, float)) else "" if value is None else shown(value)


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
        sheet.write_string(row, column, shown(value), style)


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


def _heights(tab: Tab) -> dict[int, float]:
    """Rows that need more than a line. Programs differ in whether they fit rows on opening, so we say it."""
    heights: dict[int, float] = {}
    for put in tab.cells:
        height = height_of(put.style, put.value, tab.widths.get(put.column, 8.43))
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
