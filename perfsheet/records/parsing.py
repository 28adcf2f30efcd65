"""Cells -> values, a column at a time: what is uncertain is decided by the column, never by one cell.

Each reader takes the cells of one column and gives the value of each row, None where there is
none, and findings for what could not be read or was read with a doubt. A wrong value taken in
silence is worse than a question.

Cells of the type that a column should have leave nothing to doubt and are read all at once. The others
are read one by one, with care.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from functools import cache
from itertools import compress
from typing import Any, TypeVar

from ..findings import Finding, Rule
from ..forms import Column, Kind, Place, folded, same_name
from ..forms.languages import translations_of
from ..tables import Address, Cell, CellKind, Scalar, Strip
from . import rules

T = TypeVar("T")


@dataclass(slots=True)
class Reading:
    """One column being read: where it stands, and what was noticed."""

    column: Column
    place: Place
    number: int
    findings: list[Finding]
    shares: set[int] = field(default_factory=set)
    """Rows whose number is a share by its own looks: 80 % as format or as text."""

    def note(self, rule: Rule, row: int, message: str, value: object = None) -> None:
        """A finding at this column's cell in that row."""
        self.findings.append(rule.at(Address(self.place.sheet, row, self.number), message, value=value))


def clean(text: str) -> str:
    """Text without the blanks around it, those that do not break and those that do not show included."""
    if text.isascii():
        return text.strip(" \t\r\n")
    return unicodedata.normalize("NFC", text).strip(" \t\r\n\xa0\u2007\u202f\u200b\u200c\u200d\u2060\ufeff")


class _Remembered(dict[Scalar, T]):
    """What single values mean, as `read` says. A workbook repeats its names, days and choices, and so does the next."""

    def __init__(self, read: Callable[[Any], T]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, value: Scalar) -> T:
        found = self._read(value)
        if not isinstance(value, str) or len(value) <= LONGEST_KEPT:
            if len(self) >= MOST_KEPT:
                self.clear()
            self[value] = found
        return found


MOST_KEPT, LONGEST_KEPT = 20_000, 200
_CLEANED = _Remembered[str | None](lambda text: None if text is None else clean(str(text)) or None)


def _cleaned(texts: Sequence[Scalar]) -> list[str | None]:
    return list(map(_CLEANED.__getitem__, texts))


def visible(strip: Strip) -> Sequence[object]:
    """What a person would see in each row: a text without its blanks, anything else; None where that is nothing."""
    kind = strip.kind
    if kind and kind.type == "text":
        return _cleaned(strip.values)
    if not any(strip.kinds) or (kind and kind.type != "empty"):
        return strip.values
    return list(map(_seen, strip.kinds, strip.values))


def _seen(kind: CellKind | None, value: Scalar) -> object:
    if kind is None or (kind.type == "empty" and not kind.formula):
        return None
    return _CLEANED[value] if kind.type == "text" else kind if value is None else value


PLACEHOLDERS = frozenset(
    folded(word)
    for word in (
        "na",
        "n/a",
        "nan",
        "tbd",
        "tba",
        "pending",
        "none",
        "null",
        "no target",
        "k.A.",
        "s/o",
        "n.v.",
        "待定",
        "无",
    )
)


def is_blank(cell: Cell | None) -> bool:
    """Whether nothing stands there that a person would see."""
    if cell is None:
        return True
    if cell.type == "text":
        text = str(cell.value)
        return not (text[:1].isalnum() or clean(text))
    return cell.type == "empty" and not cell.formula


def _is_placeholder(text: str) -> bool:
    return not any(c.isalnum() for c in text) or folded(text) in PLACEHOLDERS


def _refused(reading: Reading, row: int, cell: Cell) -> bool:
    """Errors and formulas that nobody has calculated are no values of any kind."""
    if cell.type == "error":
        reading.note(rules.ERROR_VALUE, row, f"{reading.column.header} shows {cell.value}", cell.value)
        return True
    if cell.type == "empty" and cell.formula:
        reading.note(rules.UNCALCULATED, row, f"{reading.column.header} holds a formula that has never been calculated")
        return True
    return False


# ------------------------------------------------------------------- numbers

_NUMERIC = re.compile(r"[-+−]?(?:\d[\d.,\s\xa0\u202f']*|[.,]\d+)\Z")


def read_numbers(reading: Reading, strip: Strip, words: Mapping[str, float] | None = None) -> list[float | None]:
    """Numbers as they stand; a share (80 %) is the fraction, and its row is kept in `shares`."""
    found, others = strip.apart("number")
    values: list[float | None] = found  # type: ignore[assignment]
    reading.shares.update(_rows_of_shares(strip))
    texts: dict[int, str] = {}
    for at, cell in others:
        values[at] = _odd_number(reading, strip.rows[at], cell, texts, words or {})
    if texts:
        _settle_numbers(reading, strip.rows, values, texts)
    return _within_limits(reading, strip.rows, values)


def _rows_of_shares(strip: Strip) -> Iterable[int]:
    """The rows whose numbers are shares by their format."""
    if strip.kind is not None:
        return compress(strip.rows, strip.kinds) if _is_share(strip.kind) else ()
    return (row for row, kind in zip(strip.rows, strip.kinds, strict=True) if kind is not None and _is_share(kind))


def _is_share(kind: CellKind) -> bool:
    return kind.type == "number" and "%" in kind.format


def _odd_number(
    reading: Reading, row: int, cell: Cell, texts: dict[int, str], words: Mapping[str, float]
) -> float | None:
    """What is not plainly a number: nothing, a word, a text to be settled, or a mistake."""
    if is_blank(cell) or _refused(reading, row, cell):
        return None
    if words and cell.type == "bool":
        return float(bool(cell.value))
    text = clean(str(cell.value)) if cell.type == "text" else ""
    if text and folded(text) in words:
        return words[folded(text)]
    if text and _is_placeholder(text):
        reading.note(rules.PLACEHOLDER, row, f"{reading.column.header} says {text!r}, read as empty", text)
    elif text and _NUMERIC.match(text.removesuffix("%").strip()):
        texts[row] = text
    else:
        reading.note(
            rules.NOT_A_NUMBER, row, f"{reading.column.header} should be a number, found {_shown(cell)}", cell.value
        )
    return None


def _settle_numbers(
    reading: Reading, rows: Sequence[int], values: list[float | None], texts: Mapping[int, str]
) -> None:
    """Texts that look like numbers, read by the decimal sign that the whole column shows."""
    comma = decimal_sign(texts.values()) == ","
    undecided = decimal_sign(texts.values()) is None
    for index, row in enumerate(rows):
        if row not in texts:
            continue
        text = texts[row]
        digits = re.sub(r"[\s\xa0\u202f'%]", "", text).replace("−", "-")
        if (undecided and re.search(r"[.,]", digits)) or not _well_formed(digits, "," if comma else "."):
            reading.note(rules.AMBIGUOUS_NUMBER, row, f"{reading.column.header} {text!r} can be read in two ways", text)
            continue
        number = float(digits.replace(".", "").replace(",", ".") if comma else digits.replace(",", ""))
        if text.endswith("%"):
            reading.shares.add(row)
            number /= 100
        values[index] = number
        reading.note(rules.NUMBER_AS_TEXT, row, f"{reading.column.header} {text!r} is text, read as {number:g}", text)


def _well_formed(digits: str, decimal: str) -> bool:
    """Whether the digits are grouped as the decimal sign says: 1,234.5 or 1234.5, never 1,23.4."""
    group = "." if decimal == "," else ","
    whole, _, fraction = digits.lstrip("+-").partition(decimal)
    grouped = group not in whole or re.fullmatch(rf"\d{{1,3}}(?:{re.escape(group)}\d{{3}})+", whole)
    return bool(grouped) and fraction.isdigit() | (not fraction)


def decimal_sign(texts: Iterable[str]) -> str | None:
    """The decimal sign that the texts of a column show together: "." or ",", None if they do not say.

    Both signs in one number decide it (the last one is decimal); so does one that cannot group
    digits by three (1,5 or 0,125 or 12.34). 1,234 alone says nothing.
    """
    votes = set()
    plain = True
    for text in texts:
        digits = re.sub(r"[^\d.,]", "", text)
        plain = plain and not re.search(r"[.,]", digits)
        if "." in digits and "," in digits:
            votes.add(max(".,", key=digits.rfind))
        for sign, other in (".,", ",."):
            if digits.count(sign) > 1:
                votes.add(other)
            elif sign in digits and other not in digits and not re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", digits):
                votes.add(sign)
    if plain:
        return "."
    return votes.pop() if len(votes) == 1 else None


def _within_limits(reading: Reading, rows: Sequence[int], values: list[float | None]) -> list[float | None]:
    low, high = reading.column.low, reading.column.high
    if reading.column.kind is Kind.SHARE or (low is None and high is None):
        return values
    return _all_limited(reading, rows, values, low, high)


def _all_limited(
    reading: Reading, rows: Sequence[int], values: list[float | None], low: float | None, high: float | None
) -> list[float | None]:
    there = [value for value in values if value is not None]
    if not there or ((low is None or min(there) >= low) and (high is None or max(there) <= high)):
        return values
    return [_limited(reading, row, value, low, high) for row, value in zip(rows, values, strict=True)]


def _limited(reading: Reading, row: int, value: float | None, low: float | None, high: float | None) -> float | None:
    if value is None or ((low is None or value >= low) and (high is None or value <= high)):
        return value
    wanted = f"between {low:g} and {high:g}" if low is not None and high is not None else f"at least {low:g}"
    reading.note(rules.OUT_OF_LIMITS, row, f"{reading.column.header} must be {wanted}, found {value:g}", value)
    return None


def read_shares(reading: Reading, strip: Strip) -> list[float | None]:
    """Fractions; plain numbers are read on the one scale (1, 10 or 100) that the whole column shows."""
    values, rows = read_numbers(reading, strip), strip.rows
    plain: list[float] = []
    if len(reading.shares) < len(rows):
        plain = [v for row, v in zip(rows, values, strict=True) if v is not None and row not in reading.shares]
    scale = next((s for s in (1.0, 10.0, 100.0) if all(v <= s for v in plain)), 100.0)
    if scale > 1:
        _note_scale(reading, rows, values, scale)
        shares = reading.shares
        values = [v if v is None or row in shares else v / scale for row, v in zip(rows, values, strict=True)]
    return _all_limited(reading, rows, values, 0, 1)


def _note_scale(reading: Reading, rows: Sequence[int], values: Sequence[float | None], scale: float) -> None:
    plain = [(row, v) for row, v in zip(rows, values, strict=True) if v is not None and row not in reading.shares]
    top = max(v for _, v in plain)
    head = reading.column.header
    reading.note(
        rules.SCALE_READ, plain[0][0], f"{head} is read on a scale of 0 to {scale:g}, because it goes up to {top:g}"
    )
    for row, value in plain:
        if 0 < value < 1:
            reading.note(
                rules.MIXED_SCALE,
                row,
                f"{head} {value:g} is read as {value / scale:.1%} because the column goes up to {top:g}",
                value,
            )


def read_levels(reading: Reading, strip: Strip) -> list[int | None]:
    """Whole numbers within the column's limits."""
    levels: list[int | None] = []
    for row, value in zip(strip.rows, read_numbers(reading, strip), strict=True):
        if value is not None and value != int(value):
            reading.note(
                rules.OUT_OF_LIMITS, row, f"{reading.column.header} must be a whole number, found {value:g}", value
            )
            value = None
        levels.append(None if value is None else int(value))
    return levels


# --------------------------------------------------------------------- dates

_MONTHS = {
    name: number
    for number, names in enumerate(
        [
            "jan january januar janvier enero ene janeiro",
            "feb february februar février fév fev febrero fevereiro",
            "mar march märz mär mrz mars marzo março",
            "apr april avril avr abril abr",
            "may mai mayo maio",
            "jun june juni juin junio junho",
            "jul july juli juillet juil julio julho",
            "aug august août aout agosto ago",
            "sep sept september septembre septiembre setembro set",
            "oct october okt oktober octobre octubre outubro out",
            "nov november novembre noviembre novembro",
            "dec december dez dezember décembre déc diciembre dic dezembro",
        ],
        start=1,
    )
    for name in names.split()
}
_ISO = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]00:00(?::00(?:\.0+)?)?)?\Z")
_PARTS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})\Z")
_WORDED = re.compile(r"(?:(\d{1,2})\.?[ -]+(?:de )?([^\W\d]+)\.?|([^\W\d]+)\.? (\d{1,2}),?)[ -]+(?:de )?(\d{4})\Z")
_EPOCH = datetime(1899, 12, 30)


_DAYS = _Remembered[date | None](lambda moment: moment.date() if isinstance(moment, datetime) else None)


def read_dates(reading: Reading, strip: Strip) -> list[date | None]:
    """Dates; a text is taken when it says one day only, by itself or by its column."""
    moments, others = strip.apart("date")
    days = list(map(_DAYS.__getitem__, moments))
    open_rows: dict[int, tuple[int, int, int]] = {}
    slashed: list[tuple[int, int]] = []
    for at, cell in others:
        days[at] = _odd_date(reading, strip.rows[at], cell, open_rows, slashed)
    for at, cell in others:
        if parts := open_rows.get(strip.rows[at]):
            days[at] = _settle_date(reading, strip.rows[at], str(cell.value), parts, slashed)
    return days


def _odd_date(
    reading: Reading,
    row: int,
    cell: Cell,
    open_rows: dict[int, tuple[int, int, int]],
    slashed: list[tuple[int, int]],
) -> date | None:
    """What is not plainly a date: nothing, a day number, a text, or a mistake."""
    if is_blank(cell) or _refused(reading, row, cell):
        return None
    if cell.type == "number" and isinstance(cell.value, (int, float)) and 20_000 < cell.value < 80_000:
        day = (_EPOCH + timedelta(days=cell.value)).date()
        reading.note(
            rules.DATE_AS_NUMBER,
            row,
            f"{reading.column.header} {cell.value:g} is a plain number, read as {day}",
            cell.value,
        )
        return day
    text = clean(str(cell.value)) if cell.type == "text" else ""
    if text and _is_placeholder(text):
        reading.note(rules.PLACEHOLDER, row, f"{reading.column.header} says {text!r}, read as empty", text)
        return None
    parts = _PARTS.match(text)
    if parts and parts[2] != ".":
        open_rows[row] = (int(parts[1]), int(parts[3]), int(parts[4]))
        slashed.append((int(parts[1]), int(parts[3])))
        return None
    day_or_none = date_in(text)
    if day_or_none is None:
        reading.note(
            rules.NOT_A_DATE, row, f"{reading.column.header} should be a date, found {_shown(cell)}", cell.value
        )
    else:
        reading.note(rules.DATE_AS_TEXT, row, f"{reading.column.header} {text!r} is text, read as {day_or_none}", text)
    return day_or_none


def _settle_date(
    reading: Reading, row: int, text: str, parts: tuple[int, int, int], slashed: Sequence[tuple[int, int]]
) -> date | None:
    """3/4/2026, read in the order that the whole column shows (some part above 12)."""
    day_first = any(a > 12 for a, _ in slashed)
    month_first = any(b > 12 for _, b in slashed)
    first, second, year = parts
    if day_first == month_first and first != second:
        reading.note(rules.AMBIGUOUS_DATE, row, f"{reading.column.header} {text!r} may be day/month or month/day", text)
        return None
    day = _day(year, first, second) if month_first else _day(year, second, first)
    if day is None:
        reading.note(rules.NOT_A_DATE, row, f"{reading.column.header} should be a date, found {text!r}", text)
    else:
        reading.note(rules.DATE_AS_TEXT, row, f"{reading.column.header} {text!r} is text, read as {day}", text)
    return day


def date_in(text: str) -> date | None:
    """The day that a text names without doubt: 2026-03-15, 15.3.2026, 15 March 2026, March 15, 2026."""
    if match := _ISO.match(text):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if (match := _PARTS.match(text)) and match[2] == ".":
        return _day(int(match[4]), int(match[3]), int(match[1]))
    if match := _WORDED.match(text):
        month = _MONTHS.get((match[2] or match[3]).casefold())
        return _day(int(match[5]), month, int(match[1] or match[4])) if month else None
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


# ------------------------------------------------------- words, ids and names


def read_texts(reading: Reading, strip: Strip) -> list[str | None]:
    """Texts without the blanks around them; numbers and dates as they would be written."""
    found, others = strip.apart("text")
    texts = _cleaned(found)
    for at, cell in others:
        texts[at] = None if is_blank(cell) or _refused(reading, strip.rows[at], cell) else written(cell)
    return texts


def written(cell: Cell) -> str:
    """A cell's value as a person would write it: 3 for 3.0, ISO dates, Yes and No."""
    value = cell.value
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    if isinstance(value, float):
        return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
    return str(value)


_YES = frozenset(
    folded(w) for w in ("yes", "y", "true", "x", "1", "ja", "oui", "sí", "si", "sim", "是", "done", "ok", "✓", "✔")
) - {""}
_NO = frozenset(folded(w) for w in ("no", "n", "false", "0", "nein", "non", "não", "nao", "否"))
YES_NO = {**dict.fromkeys(_YES - {"1"}, 1.0), **dict.fromkeys(_NO - {"0"}, 0.0)}
"""Words that stand for 1 and 0 where a Yes/No goal is checked in."""


def read_flags(reading: Reading, strip: Strip) -> list[bool | None]:
    """Yes or no, in five languages, as a tick or as TRUE and FALSE."""
    values: list[bool | None] = []
    for row, text in zip(strip.rows, read_texts(reading, strip), strict=True):
        key = folded(text) if text else ""
        if text and key not in _YES | _NO and not _is_placeholder(text):
            reading.note(rules.UNKNOWN_CHOICE, row, f"{reading.column.header} must be Yes or No, found {text!r}", text)
        values.append(True if key in _YES else False if key in _NO else None)
    return values


def read_choices(reading: Reading, strip: Strip) -> list[str | None]:
    """One of the column's choices, spelled as we spell it."""
    texts = read_texts(reading, strip)
    meant = list(map(_choices(reading.column.choices).__getitem__, texts))
    if meant.count(None) != texts.count(None):
        for row, text, choice in zip(strip.rows, texts, meant, strict=True):
            if text and choice is None:
                _note_unknown(reading, row, text)
    return meant


def _note_unknown(reading: Reading, row: int, text: str) -> None:
    near = get_close_matches(text.title(), reading.column.choices, 1)
    hint = f"did you mean {near[0]}?" if near else "choose one of " + ", ".join(reading.column.choices)
    reading.note(rules.UNKNOWN_CHOICE, row, f"{reading.column.header} {text!r} is not a choice: {hint}", text)


@cache
def _choices(choices: tuple[str, ...]) -> _Remembered[str | None]:
    """The choices by their words in all languages, however they are spelled."""
    known = {folded(word): choice for choice in choices for word in translations_of(choice)}
    known |= {folded(choice): choice for choice in choices}
    return _Remembered(lambda text: known.get(folded(text)) if text else None)


_SURE = re.compile(r"\s*(?:[;\n&+/]|\band\b|\bund\b|\bet\b)\s*")


def read_people(reading: Reading, strip: Strip, known: frozenset[str]) -> list[tuple[str, ...]]:
    """Names in each cell, the accountable one first.

    A comma is "Last, First" where nearly every cell of the column has exactly one and its parts
    are not known people; otherwise it separates people.
    """
    texts = read_texts(reading, strip)
    filled = [t for t in texts if t]
    one_comma = sum(t.count(",") == 1 for t in filled) >= 0.8 * len(filled)
    names = {text: _names(text, known, one_comma) for text in set(filled)}
    return [names[text] if text else () for text in texts]


def _names(text: str, known: frozenset[str], last_first: bool) -> tuple[str, ...]:
    if same_name(text) in known:
        return (text,)
    parts: list[str] = [part for part in _SURE.split(text) if part]
    split: list[str] = [
        name for part in parts for name in (_by_comma(part, known, last_first) if "," in part else [part])
    ]
    unique: dict[str, str] = {same_name(name): name for name in reversed(split)}
    return tuple(name for name in split if unique.get(same_name(name)) is name)


def _by_comma(part: str, known: frozenset[str], last_first: bool) -> list[str]:
    if same_name(part) in known:
        return [part]
    names = [clean(name) for name in part.split(",") if clean(name)]
    if last_first and part.count(",") == 1 and not all(same_name(name) in known for name in names):
        turned = " ".join(reversed(names))
        return [turned if same_name(turned) in known else part]
    return names


def read_anything(reading: Reading, strip: Strip) -> list[str | float | bool | date | None]:
    """Whatever stands there: text, number, yes or no, a day."""
    values: list[str | float | bool | date | None] = []
    for row, cell in strip.cells:
        if cell is None or is_blank(cell) or _refused(reading, row, cell):
            values.append(None)
        elif cell.type == "date" and isinstance(cell.value, datetime):
            values.append(cell.value.date())
        elif isinstance(cell.value, (bool, int, float)):
            values.append(cell.value)
        else:
            values.append(clean(written(cell)))
    return values


def _shown(cell: Cell) -> str:
    text = written(cell)
    return repr(text if len(text) <= 40 else text[:39] + "…")


Reader = Callable[[Reading, Strip], Sequence[object]]

READERS: Mapping[Kind, Reader] = {
    Kind.TEXT: read_texts,
    Kind.ID: read_texts,
    Kind.PERSON: read_texts,
    Kind.NUMBER: read_numbers,
    Kind.SHARE: read_shares,
    Kind.DATE: read_dates,
    Kind.CHOICE: read_choices,
    Kind.FLAG: read_flags,
    Kind.LEVEL: read_levels,
    Kind.ANY: read_anything,
}
"""PEOPLE is read by `read_people`, which needs to know the names in People."""
