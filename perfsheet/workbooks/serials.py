"""Dates, times and durations, which a workbook stores as plain numbers.

A date is a count of days, a time a fraction of one. Only the cell's *number format* says that
46113 means 1 April 2026: `yyyy-mm-dd` makes a date of it, `h:mm` a time, `[h]:mm` a duration,
`0.00` leaves the number. Day 1 is 1 January 1900, and since Excel keeps the leap day of Lotus
1-2-3 that never was (serial 60 = 29 February 1900), day 0 is 30 December 1899 from March 1900
on. Workbooks from old Macs count from 1904 instead; the workbook part says so.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

NUMBER, DATE, TIME, DURATION = "number", "date", "time", "duration"

BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00",
    5: '"$"#,##0_);\\("$"#,##0\\)', 6: '"$"#,##0_);[Red]\\("$"#,##0\\)',
    7: '"$"#,##0.00_);\\("$"#,##0.00\\)', 8: '"$"#,##0.00_);[Red]\\("$"#,##0.00\\)',
    9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
    14: "mm-dd-yy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy",
    18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "m/d/yy h:mm",
    37: "#,##0_);(#,##0)", 38: "#,##0_);[Red](#,##0)", 39: "#,##0.00_);(#,##0.00)",
    40: "#,##0.00_);[Red](#,##0.00)",
    41: '_(* #,##0_);_(* \\(#,##0\\);_(* "-"_);_(@_)',
    42: '_("$"* #,##0_);_("$"* \\(#,##0\\);_("$"* "-"_);_(@_)',
    43: '_(* #,##0.00_);_(* \\(#,##0.00\\);_(* "-"??_);_(@_)',
    44: '_("$"* #,##0.00_)_("$"* \\(#,##0.00\\)_("$"* "-"??_)_(@_)',
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mmss.0", 48: "##0.0E+0", 49: "@",
    **dict.fromkeys((*range(27, 32), 36, *range(50, 55), 57, 58), "yyyy-mm-dd"),
    **dict.fromkeys((32, 33, 34, 35, 55, 56), "h:mm:ss"),
}  # fmt: skip
"""Number formats that a workbook names by id alone. 27-36 and 50-58 differ from country to country
and are dates (times) in each; they stand here in a neutral form."""

_LITERAL = re.compile(r'"[^"]*"?|\\.|_.|\*.|\[(?!(?:h+|m+|s+)\])[^\]]*\]?', re.IGNORECASE | re.DOTALL)
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)


def kind_of(number_format: str) -> str:
    """What a number means under this format: number, date, time or duration.

    The first section decides (`;` separates those for positive, negative, zero and text);
    quoted, escaped and bracketed pieces are literals, only [h], [m] and [s] have meaning.
    """
    if number_format == "General":
        return NUMBER
    plain = _LITERAL.sub("", number_format).partition(";")[0].lower()
    if _ELAPSED.search(plain):
        return DURATION
    clock = "h" in plain or "s" in plain
    if "y" in plain or "d" in plain or ("m" in plain and not clock):
        return DATE
    return TIME if clock else NUMBER


_EPOCH_1900 = datetime(1899, 12, 30)
_EPOCH_1904 = datetime(1904, 1, 1)
_DAY_MS = 86_400_000
_LAST_1900, _LAST_1904 = 2_958_466, 2_957_004
"""The serial after 31 December 9999."""
_FAR = 900_000_000
"""Days; no duration can be longer."""


class Moment(NamedTuple):
    """A number read as a moment; `remark` is (code, what is odd) or None."""

    type: str
    value: datetime | time | timedelta | float
    remark: tuple[str, str] | None = None


def moment(number: float, kind: str, date1904: bool) -> Moment:
    """The date, time or duration behind a number, to the millisecond, which is what Excel shows.

    What no calendar holds stays a number, with a remark.
    """
    if abs(number) > _FAR:
        return Moment(NUMBER, number, ("date_out_of_range", "lies far outside the calendar; left a number"))
    if kind == DURATION:
        return Moment(DURATION, timedelta(milliseconds=round(number * _DAY_MS)))
    milliseconds = round(number * _DAY_MS)
    if not 0 <= milliseconds < (_LAST_1904 if date1904 else _LAST_1900) * _DAY_MS:
        return _outside(number, milliseconds, date1904)
    if milliseconds < _DAY_MS and not date1904:
        return _within_day_zero(milliseconds, kind)
    if kind == TIME and milliseconds < _DAY_MS:
        return Moment(TIME, _clock(milliseconds))
    if date1904:
        return Moment(DATE, _EPOCH_1904 + timedelta(milliseconds=milliseconds))
    day = milliseconds // _DAY_MS
    value = _EPOCH_1900 + timedelta(milliseconds=milliseconds, days=1 if day < 60 else 0)
    remark = ("serial_60", "is 29 February 1900, a day that never was; read as 28 February") if day == 60 else None
    return Moment(DATE, value, remark)


def _within_day_zero(milliseconds: int, kind: str) -> Moment:
    remark = ("day_zero", "has a date's format but no day: a time, or an empty date") if kind == DATE else None
    return Moment(TIME, _clock(milliseconds), remark)


def _clock(milliseconds: int) -> time:
    return (datetime.min + timedelta(milliseconds=milliseconds)).time()


def _outside(number: float, milliseconds: int, date1904: bool) -> Moment:
    if number < 0:
        try:
            value = (_EPOCH_1904 if date1904 else _EPOCH_1900) + timedelta(milliseconds=milliseconds)
            return Moment(DATE, value, ("negative_date", "is a negative date, which Excel shows as ####"))
        except OverflowError:
            pass  # before the year 1: nothing but the number is left
    return Moment(NUMBER, number, ("date_out_of_range", "lies outside the calendar; left a number"))


_ISO = re.compile(
    r"(?:(\d{4})-(\d\d)-(\d\d))?(?:(?:(?<=\d)T|^T?)(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d\d:?\d\d)?\Z",
    re.ASCII,
)
_ISO_DURATION = re.compile(
    r"(-)?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?\Z", re.ASCII
)  # fmt: skip


def from_iso(text: str) -> Moment:
    """The moment in a cell of type "d": ISO date, time, both, or a duration. Raises ValueError."""
    if text.lstrip("-").startswith("P"):
        return _iso_duration(text)
    match = _ISO.match(text)
    if not match or not (match[1] or match[4]):
        raise ValueError(f"not an ISO date: {text!r}")
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    clock = time(int(hour or 0), int(minute or 0), int(second or 0), int((fraction or "0").ljust(6, "0")[:6]))
    remark = ("zone", f"names the time zone {zone}, which workbooks do not have; left out") if zone else None
    if not year:
        return Moment(TIME, clock, remark)
    return Moment(DATE, datetime.combine(date(int(year), int(month), int(day)), clock), remark)


def _iso_duration(text: str) -> Moment:
    match = _ISO_DURATION.match(text)
    if not match or not any(match.groups()[1:]):
        raise ValueError(f"not an ISO duration: {text!r}")
    sign, days, hours, minutes, seconds = match.groups()
    try:
        length = timedelta(int(days or 0), float(seconds or 0), hours=int(hours or 0), minutes=int(minutes or 0))
    except OverflowError:
        raise ValueError(f"too long a duration: {text!r}") from None
    return Moment(DURATION, -length if sign else length)


def serial(value: date | time | timedelta, date1904: bool) -> float:
    """The number that stores a date, a time or a duration: the way back from `moment`."""
    if isinstance(value, timedelta):
        return value / timedelta(days=1)
    if isinstance(value, time):
        return (datetime.combine(datetime.min, value) - datetime.min) / timedelta(days=1)
    at = value if isinstance(value, datetime) else datetime.combine(value, time())
    days = (at - (_EPOCH_1904 if date1904 else _EPOCH_1900)) / timedelta(days=1)
    return days if date1904 or days >= 61 else days - 1  # before the leap day that never was
