"""What each style's name looks like, and the numbers under which streamed rows name their styles.

Rows that are painted apart from their workbook, perhaps on another day, must know the numbers of their
formats beforehand: those of `STREAMED` are the first of every workbook that has such rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

DAY = "yyyy-mm-dd"
WHOLE = "#,##0"
DECIMAL = "#,##0.0#"
INK, MUTED, LINE, LINK = "#1F2933", "#52606D", "#CBD2D9", "#0B5394"
BASE = {"font_name": "Calibri", "font_size": 11, "font_color": INK, "valign": "vcenter"}
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

STREAMED = (
    "text", "wrapped", "muted", "any", "indented", "number", "count", "ratio", "percent", "date", "severity_error", "severity_warning",
    "severity_info", *(f"tree_{level}" for level in range(6)), *(name for name in PALETTE if name.startswith("status_")),
)  # fmt: skip
"""The styles of rows that are poured into a sheet."""


def fitting(name: str, value: object) -> str | None:
    """The number format that a value needs under a style in place of the style's own; None for the own one.

    Whole numbers go without decimals, since no one format shows 31 and 31.5 both well; a date in
    a column that holds anything must not show as a number.
    """
    own = PALETTE[name].get("num_format")
    if isinstance(value, date) and own is None:
        return DAY
    return WHOLE if own == DECIMAL and isinstance(value, (int, float)) and value == int(value) else None


def properties(name: str, number_format: str | None = None) -> dict[str, object]:
    """All that a style is, with its own number format or another one."""
    return {**BASE, **PALETTE[name], **({"num_format": number_format} if number_format else {})}


def streamed() -> Iterator[tuple[str, str | None]]:
    """(style, number format) of every format that streamed rows may need, in the order of their numbers."""
    for name in STREAMED:
        own = PALETTE[name].get("num_format")
        yield name, None
        if own is None or own == DECIMAL:
            yield name, DAY if own is None else WHOLE


def _numbers() -> dict[tuple[str, str | None], int]:
    """The number of each of these formats; what looks the same is one format. 0 is the workbook's own."""
    known: dict[tuple[tuple[str, object], ...], int] = {}
    return {key: known.setdefault(tuple(sorted(properties(*key).items())), len(known) + 1) for key in streamed()}


NUMBERS: Mapping[tuple[str, str | None], int] = _numbers()
DATES = frozenset(n for (name, own), n in NUMBERS.items() if DAY in (own, PALETTE[name].get("num_format")))
"""Those under which a number is a day."""
