"""Sheet XML to cells, twice: a fast way for what every program writes, a sure way for the rest.

A sheet holds `<sheetData>` with rows, and in them only the cells that have something:

    <row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" s="3"><v>46113</v></c></row>

`r` is the cell's name, `s` the index of its format, `t` the type of `<v>`: a number if absent,
`s` an index of a shared string, `str` a formula's text, `inlineStr` a text in `<is>`, `b`, `e`,
`d`. `<f>` is the formula, `<v>` then the result of its last calculation, absent if there was none.

The fast way cuts this section at its values. What stands between two values, such as
`</c><c r="B2" s="3">`, is held byte by byte against one expression that knows rows and cells and
nothing else; since workbooks of one make repeat these pieces, each is looked at once and then
remembered, for this workbook and the next. What lies around the section goes through the XML parser.
Where any of that fails, the whole sheet goes through the parser, which either reads it or says what
is wrong. Both ways end in `Values.cell`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import compress, repeat
from typing import NamedTuple, cast

from ..errors import Damaged, Hostile
from ..tables import MAX_COLUMN, MAX_ROW, Area, Cell, cell_position, letters
from . import markup, strings
from .markup import MAIN, OFFICE, REFUSE
from .serials import NUMBER, Moment, from_iso, moment

MAX_CELLS = 1_000_000
"""Filled cells of a whole workbook; each takes some 300 bytes."""
_CHUNK = 1 << 19
_REPAIR = "Open it in Excel, let Excel repair it, save it, and try again"
_REMARKS = 1_000
"""Remarks kept for one sheet; one line says that there are more."""


class Format(NamedTuple):
    """What a cell's format index means: the number format, and what numbers are under it."""

    kind: str
    code: str


GENERAL = Format(NUMBER, "General")


class RawCell(NamedTuple):
    """A cell as its XML has it, before types and formats are looked at."""

    row: int
    column: int
    style: str | None
    type: str | None
    formula: bool
    value: str | None
    """The text of <v>, or of <is> for an inline string; None if there is none."""


Put = Callable[[RawCell], None]
"""Takes each cell as it is found."""


@dataclass
class Layout:
    """What else a sheet's XML says: merged areas, what is hidden, which tables stand on it."""

    merged: list[Area] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    tables: list[str] = field(default_factory=list)


CellForm = tuple[str | None, str | None, bool]
"""Style and type as they are written, and whether there is a formula."""
StoredCell = tuple[CellForm, str]
"""A cell but for its place: its form, and its value as the XML has it."""


class SheetContent(NamedTuple):
    """The filled cells by (row, column), the layout, and remarks as (code, message)."""

    cells: dict[tuple[int, int], Cell]
    layout: Layout
    remarks: list[tuple[str, str]]


# ---------------------------------------------------------------- from text to values

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,5})?\Z")
_XML_SPACE = " \t\r\n"


class BookFacts:
    """What all sheets of a workbook share: its texts, its cell formats, its calendar."""

    def __init__(self, texts: list[str], formats: Sequence[Format], date1904: bool) -> None:
        self.texts, self.formats, self.date1904 = texts, formats, date1904
        self.styles: dict[str | None, Format] = {None: formats[0] if formats else GENERAL}
        self.styles.update((str(index), style) for index, style in enumerate(formats))
        self.known = _Known(self)


class Values:
    """Turns raw cells of one sheet into typed ones, and notes what is odd about them."""

    def __init__(self, path: str, sheet: str, book: BookFacts) -> None:
        self.remarks: list[tuple[str, str]] = []
        self.book = book
        self._path, self._sheet = path, sheet
        self._readers: dict[str, Callable[[RawCell, str, Format], Cell]] = {
            "n": self._number,
            "s": self._shared,
            "str": self._text,
            "inlineStr": self._text,
            "b": self._bool,
            "e": self._error,
            "d": self._iso,
        }

    def cell(self, raw: RawCell) -> Cell | None:
        """The typed cell, or None if there is neither value nor formula."""
        text = raw.value
        if text is None or (not text and raw.type not in ("str", "inlineStr")):
            return Cell("empty", None, True, self._format(raw).code) if raw.formula else None
        read = self._readers.get(raw.type or "n")
        if read is None:
            return self._unreadable(raw, text, "unknown_type", f"has the unknown type {raw.type!r}")
        return read(raw, text, self._format(raw))

    def remark(self, code: str, message: str) -> None:
        """Note something odd; the thousandth remark says that there are more."""
        if len(self.remarks) < _REMARKS:
            self.remarks.append((code, message))
        elif len(self.remarks) == _REMARKS:
            self.remarks.append(("more", f"{self._sheet}: there are more remarks than these {_REMARKS:,}"))

    def _note(self, raw: RawCell, code: str, what: str) -> None:
        self.remark(code, f"{letters(raw.column)}{raw.row} {what}")

    def _format(self, raw: RawCell) -> Format:
        if not raw.style:
            return self.book.formats[0] if self.book.formats else GENERAL
        try:
            return self.book.formats[int(raw.style)]
        except IndexError:
            if self.book.formats:
                self._note(raw, "unknown_style", f"has the format {raw.style}, which the workbook does not define")
            return GENERAL

    def _unreadable(self, raw: RawCell, text: str, code: str, what: str) -> Cell:
        """What cannot be read as its type must not pass for something else: an error with its text."""
        self._note(raw, code, what)
        return Cell("error", text, raw.formula, self._format(raw).code)

    def _number(self, raw: RawCell, text: str, style: Format) -> Cell:
        plain = text if text.isalnum() else text.strip(_XML_SPACE)
        if not plain:
            return Cell("empty", None, raw.formula, style.code)
        if not _NUMBER.match(plain) or len(plain) > 400:
            return self._unreadable(raw, text[:80], "bad_number", f"holds {text[:80]!r}, which is not a number")
        number: float = int(plain) if len(plain) < 16 and plain.lstrip("-").isdigit() else float(plain)
        if not math.isfinite(number):
            return self._unreadable(raw, text, "bad_number", f"holds {text!r}, which is too large a number")
        if style.kind == NUMBER:
            return Cell("number", number, raw.formula, style.code)
        return self._moment(raw, moment(number, style.kind, self.book.date1904), style)

    def _moment(self, raw: RawCell, found: Moment, style: Format) -> Cell:
        if found.remark:
            self._note(raw, *found.remark)
        return Cell(found.type, found.value, raw.formula, style.code)

    def _iso(self, raw: RawCell, text: str, style: Format) -> Cell:
        try:
            return self._moment(raw, from_iso(text.strip(_XML_SPACE)), style)
        except ValueError:
            return self._unreadable(raw, text[:80], "bad_date", f"holds {text[:80]!r}, which is not a date")

    def _shared(self, raw: RawCell, text: str, style: Format) -> Cell:
        index = text.strip(_XML_SPACE)
        if index.isascii() and index.isdigit() and len(index) < 10 and int(index) < len(self.book.texts):
            return self._long(raw, self.book.texts[int(index)], style)
        what = f"sheet '{self._sheet}', cell {letters(raw.column)}{raw.row} names the text {index[:20]!r}"
        raise Damaged(self._path, f"{what}, but there are only {len(self.book.texts):,} texts", _REPAIR)

    def _text(self, raw: RawCell, text: str, style: Format) -> Cell:
        return self._long(raw, strings.decoded(text), style)

    def _long(self, raw: RawCell, text: str, style: Format) -> Cell:
        if len(text) > strings.LONGEST:
            self._note(raw, "long_text", f"holds {len(text):,} characters; Excel keeps {strings.LONGEST:,}")
        return Cell("text", text, raw.formula, style.code)

    def _bool(self, raw: RawCell, text: str, style: Format) -> Cell:
        word = text.strip(_XML_SPACE)
        if word in ("1", "true", "0", "false"):
            return Cell("bool", word in ("1", "true"), raw.formula, style.code)
        return self._unreadable(raw, text[:80], "bad_bool", f"holds {text[:80]!r}, which is neither true nor false")

    def _error(self, raw: RawCell, text: str, style: Format) -> Cell:
        return Cell("error", text.strip(_XML_SPACE), raw.formula, style.code)


# ------------------------------------------------------------------------ the sure way


def area(ref: str) -> Area:
    """The area of a reference, B2:C9 or B2. Raises ValueError."""
    first, _, last = ref.partition(":")
    top, left = cell_position(first)
    bottom, right = cell_position(last or first)
    if not (top <= bottom <= MAX_ROW and left <= right <= MAX_COLUMN):
        raise ValueError(f"not an area: {ref!r}")
    return Area(top, left, bottom, right)


_TRUE = ("1", "true", "on")


class SheetHandler:
    """Handlers for the XML parser: layout into `layout`, every cell to `put`."""

    def __init__(self, path: str, part: str, put: Put) -> None:
        self.layout = Layout()
        self.sections = 0
        self._path, self._part, self._put = path, part, put
        self._row = self._column = 0
        self._cell: dict[str, str] | None = None
        self._formula = False
        self._value: str | None = None
        self._inline: str | None = None
        self._pieces: list[str] | None = None
        self._phonetic = 0
        self._root = True
        self._starts: dict[str, Callable[[dict[str, str]], None]] = {
            f"{MAIN}}}{name}": handler
            for name, handler in (
                ("sheetData", self._start_section),
                ("row", self._start_row),
                ("c", self._start_cell),
                ("f", self._start_formula),
                ("v", self._start_text),
                ("t", self._start_text),
                ("rPh", self._start_phonetic),
                ("mergeCell", self._merge),
                ("col", self._columns),
                ("tablePart", self._table),
            )
        }
        self._ends: dict[str, Callable[[], None]] = {
            f"{MAIN}}}c": self._end_cell,
            f"{MAIN}}}v": self._end_value,
            f"{MAIN}}}t": self._end_inline,
            f"{MAIN}}}rPh": self._end_phonetic,
        }

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if self._root:
            self._root = False
            if tag != f"{MAIN}}}worksheet":
                raise self._damaged(f"is not a worksheet but <{tag.rpartition('}')[2]}>")
        handler = self._starts.get(tag)
        if handler:
            handler(attributes)

    def end(self, tag: str) -> None:
        """An element ends."""
        handler = self._ends.get(tag)
        if handler:
            handler()

    def text(self, content: str) -> None:
        """Text between tags."""
        if self._pieces is not None:
            self._pieces.append(content)

    def _damaged(self, what: str) -> Damaged:
        return Damaged(self._path, f"the part {self._part} {what}", _REPAIR)

    def _start_section(self, _: dict[str, str]) -> None:
        self.sections += 1
        if self.sections > 1:
            raise self._damaged("has two sections of cells")

    def _start_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r")
        self._row = self._row + 1 if number is None else self._whole(number, "row")
        if not 1 <= self._row <= MAX_ROW:
            raise self._damaged(f"has a row {self._row}, beyond the sheet's edge")
        self._column = 0
        if attributes.get("hidden") in _TRUE:
            self.layout.hidden_rows.add(self._row)

    def _whole(self, text: str, what: str) -> int:
        if text.isascii() and text.isdigit() and len(text) < 12:
            return int(text)
        raise self._damaged(f"has a {what} {text[:20]!r}")

    def _start_cell(self, attributes: dict[str, str]) -> None:
        name = attributes.get("r")
        self._column += 1
        if name is not None:
            try:
                self._row, self._column = cell_position(name)
            except ValueError:
                raise self._damaged(f"has a cell {name[:20]!r}") from None
        if not (1 <= self._row <= MAX_ROW and self._column <= MAX_COLUMN):
            raise self._damaged(f"has a cell beyond the sheet's edge: {name or self._column}")
        if attributes.get("s"):
            self._whole(attributes["s"], "format")
        self._cell, self._formula, self._value, self._inline = attributes, False, None, None

    def _start_formula(self, _: dict[str, str]) -> None:
        self._formula = True

    def _start_text(self, _: dict[str, str]) -> None:
        if self._cell is not None and not self._phonetic:
            self._pieces = []

    def _end_value(self) -> None:
        self._value = (self._value or "") + self._text()

    def _end_inline(self) -> None:
        if self._pieces is not None:
            self._inline = (self._inline or "") + self._text()

    def _text(self) -> str:
        text = "".join(self._pieces or ())
        self._pieces = None
        return text

    def _start_phonetic(self, _: dict[str, str]) -> None:
        self._phonetic += 1

    def _end_phonetic(self) -> None:
        self._phonetic -= 1

    def _end_cell(self) -> None:
        if self._cell is not None:
            value, kind = self._value, self._cell.get("t")
            if self._inline is not None and (kind == "inlineStr" or value is None):
                value, kind = self._inline, "inlineStr"
            self._put(RawCell(self._row, self._column, self._cell.get("s"), kind, self._formula, value))
            self._cell = None

    def _merge(self, attributes: dict[str, str]) -> None:
        try:
            self.layout.merged.append(area(attributes.get("ref", "")))
        except ValueError:
            raise self._damaged(f"merges {attributes.get('ref', '')[:40]!r}, which is no area") from None

    def _columns(self, attributes: dict[str, str]) -> None:
        if attributes.get("hidden") in _TRUE:
            first, last = (self._whole(attributes.get(edge, ""), "column") for edge in ("min", "max"))
            self.layout.hidden_columns.update(range(max(first, 1), min(last, MAX_COLUMN) + 1))

    def _table(self, attributes: dict[str, str]) -> None:
        self.layout.tables.append(attributes.get(f"{OFFICE}}}id", ""))


# ------------------------------------------------------------------------ the fast way

_ATTRIBUTES = r'(?: [A-Za-z][A-Za-z0-9]*+(?::[A-Za-z][A-Za-z0-9]*+)?+="[^"<>&]*+")*+'
_NAMED = (
    r'<c r="([A-Z]{1,3}+[1-9][0-9]{0,6}+)"(?: s="([0-9]{1,9}+)")?+(?: t="([a-zA-Z]++)")?+'
    r'(?: cm="[0-9]++")?+(?: vm="[0-9]++")?+'
)
_FORMULA = rf"(<f{_ATTRIBUTES})(?:/>|>[^<]*+</f>)"
_FINISHED = re.compile(rf"{_NAMED}(?:/>|>(?:{_FORMULA})?+</c>)")
"""A cell without a value: nothing but a format, or a formula that nobody calculated."""
_CELLS = re.sub(r"\((?!\?)", "(?:", rf"(?:\s*+{_FINISHED.pattern})*+\s*+")
_LONE_ROWS = rf"\s*+(?:<row{_ATTRIBUTES}\s*+(?:/>|>\s*+</row>)\s*+)*+"
_NEXT_ROWS = rf"(?:</row>{_LONE_ROWS}<row{_ATTRIBUTES}\s*+>{_CELLS})"
_OPENED = rf"{_NAMED}>(?:{_FORMULA})?+"
_FIRST = re.compile(rf"{_LONE_ROWS}<row{_ATTRIBUTES}\s*+>{_CELLS}{_NEXT_ROWS}*{_OPENED}\Z", re.ASCII)
_BETWEEN = re.compile(rf"</c>{_CELLS}{_NEXT_ROWS}*{_OPENED}\Z", re.ASCII)
_LAST = re.compile(rf"</c>{_CELLS}{_NEXT_ROWS}*</row>{_LONE_ROWS}\Z", re.ASCII)
_NO_VALUES = re.compile(rf"{_LONE_ROWS}(?:<row{_ATTRIBUTES}\s*+>{_CELLS}{_NEXT_ROWS}*</row>{_LONE_ROWS})?+\Z", re.ASCII)
_INLINE = "\x02"
"""Stands around a text that is in the cell itself; no XML text can hold it."""
_ROW_NUMBER = re.compile(r' r="([^"]*+)"')
_ROW_TAG = re.compile(r"<row([^<]*?)/?>")
_QUOTED = re.compile(r'"[^"]*+"')


class _Positions(dict[str, tuple[int, int]]):
    """(row, column) by cell name; the names that every sheet uses are remembered."""

    def __missing__(self, name: str) -> tuple[int, int]:
        position = cell_position(name)
        if position[0] > MAX_ROW or position[1] > MAX_COLUMN:
            raise _NotPlain
        if len(self) < 50_000:
            self[name] = position
        return position


_POSITIONS = _Positions()


class _NotPlain(Exception):
    """This sheet is for the parser."""


def _section(data: bytes) -> tuple[int, int]:
    """Where the rows begin and end, if the part is of the plain kind.

    What stands between is held against the expressions byte by byte; so only what stands around it can
    hide another section, in a comment for instance.
    """
    start = data.find(b"<sheetData>")
    stop = data.rfind(b"</sheetData>")
    if start < 0 or stop < start:
        raise _NotPlain
    around = data[2:start] + data[stop + len(b"</sheetData>") :]
    if any(mark in around for mark in (b"sheetData", b"<!", b"<?")):
        raise _NotPlain
    return start + len(b"<sheetData>"), stop


def _chunks(data: bytes, start: int, stop: int) -> Iterator[str]:
    """The rows in pieces of bounded size, cut between two rows, as text with plain line ends."""
    while start < stop:
        cut = data.find(b"</row>", min(start + _CHUNK, stop), stop)
        end = stop if cut < 0 else cut + len(b"</row>")
        try:
            text = data[start:end].decode("utf-8")
        except UnicodeDecodeError:
            raise _NotPlain from None
        if (
            strings.has_controls(data[start:end], text)
            or "]]>" in text
            or ("&" in text and not strings.references_are_sound(text))
        ):
            raise _NotPlain
        yield text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
        start = end


class Gap(NamedTuple):
    """What stands between two values: the cell whose value follows, and cells that have none but a formula."""

    place: tuple[int, int]
    form: CellForm
    uncalculated: tuple[tuple[tuple[int, int], CellForm], ...]


class _Gaps(dict[str, Gap]):
    """The gaps seen before, by their text; `declared` are the prefixes that the sheet's attributes may have."""

    def __init__(self, declared: frozenset[str]) -> None:
        super().__init__()
        self._declared = declared

    def __missing__(self, text: str) -> Gap:
        match = (_BETWEEN if text.startswith("</c>") else _FIRST).match(text)
        if match is None:
            raise _NotPlain
        form = _form(match[2], match[3], match[4])
        gap = Gap(_POSITIONS[match[1]], form, self.finished(text))
        if len(text) < LONGEST_GAP:
            if len(self) >= MAX_GAPS:
                self.clear()
            self[text] = gap
        return gap

    def finished(self, text: str) -> tuple[tuple[tuple[int, int], CellForm], ...]:
        """The uncalculated cells in a piece of rows, once its row tags are found to be sound."""
        if "<row" in text:
            self._check_rows(text)
        if "</f></c>" not in text and "/></c>" not in text:
            return ()
        found = ((m[1], m[2], m[3], m[4]) for m in _FINISHED.finditer(text) if m[4])
        return tuple((_POSITIONS[name], _form(style, kind, formula)) for name, style, kind, formula in found)

    def _check_rows(self, text: str) -> None:
        for tag in _ROW_TAG.findall(text):
            names = _QUOTED.sub("", tag).rstrip().replace("=", "").split()
            prefixes = {name.partition(":")[0] for name in names if ":" in name}
            number = _ROW_NUMBER.search(tag)
            if number is None or len(names) != len(set(names)) or "xmlns" in names or not prefixes <= self._declared:
                raise _NotPlain
            if not (number[1].isascii() and number[1].isdigit() and 0 < int(number[1][:9]) <= MAX_ROW):
                raise _NotPlain


MAX_GAPS, LONGEST_GAP = 50_000, 500
"""Gaps remembered for one kind of sheet; longer ones, with long formulas, are looked at each time."""


@lru_cache(maxsize=8)
def _gaps(declared: frozenset[str]) -> _Gaps:
    return _Gaps(declared)


def _form(style: str | None, kind: str | None, formula: str | None) -> CellForm:
    if formula and len(formula) > 2 and not _names_once(formula):
        raise _NotPlain
    return style, kind, formula is not None


def _hidden(rows: str) -> Iterator[int]:
    for tag in _ROW_TAG.findall(rows):
        hidden = re.search(r' hidden="([^"]*+)"', tag)
        number = _ROW_NUMBER.search(tag)
        if hidden and number and hidden[1] in _TRUE:
            yield int(number[1])


class _Known(dict[StoredCell, Cell | None]):
    """Stored cells -> typed ones (immutable, so equal ones are shared); None for what must be looked at in place.

    A cell is typed once a workbook for all the places where it stands. What holds nothing is `_BLANK`.
    """

    def __init__(self, book: BookFacts) -> None:
        super().__init__()
        self._book = book
        self._styles, self._texts = book.styles, book.texts
        self._scratch = Values("", "", book)

    def __missing__(self, stored: StoredCell) -> Cell | None:
        (style, kind, formula), value = stored
        form = self._styles.get(style)
        text, cell = None, None
        if form is None or "&" in value or not value.isascii():
            pass
        elif kind == "s":
            text = self._texts[int(value)] if self._names_text(value) else None
        elif value[:1] == _INLINE:
            text = value[1:-1] if value.count(_INLINE) == 2 and value[-1] == _INLINE and "_x" not in value else None
        elif kind is None or kind == "n":
            cell = self._number(value, form, formula)
        if text and form and len(text) <= strings.LONGEST:
            cell = _new(Cell, ("text", text, formula, form.code))
        if cell is None:
            cell = self._odd(stored)
        if len(self) < MAX_KNOWN:
            self[stored] = cell
        return cell

    def _names_text(self, value: str) -> bool:
        return value.isdigit() and len(value) < 10 and int(value) < len(self._texts)

    def _number(self, value: str, form: Format, formula: bool) -> Cell | None:
        """A number or a day as nearly all are written; None for the rest."""
        if form.kind != NUMBER:
            return _day_cell(value, form, formula, self._book.date1904)
        if value.isdigit() and len(value) < 16:
            return _new(Cell, ("number", int(value), formula, form.code))
        return _new(Cell, ("number", float(value), formula, form.code)) if _DECIMAL.match(value) else None

    def _odd(self, stored: StoredCell) -> Cell | None:
        """Any other cell by the common way; None where its place is needed, for a remark or a refusal."""
        try:
            cell = self._scratch.cell(_raw((0, 0), stored))
        except Damaged:
            return None
        if self._scratch.remarks:
            self._scratch.remarks.clear()
            return None
        return cell or _BLANK


MAX_KNOWN = 200_000
_BLANK = Cell("empty", None)
_DECIMAL = re.compile(r"-?+[0-9]{1,300}+\.[0-9]{1,300}+\Z")
_new = tuple.__new__


@lru_cache(maxsize=1 << 14)
def _day_cell(value: str, form: Format, formula: bool, date1904: bool) -> Cell | None:
    """A whole number under the format of a date; workbooks of one period share their days."""
    if len(value) > 7 or not value.isdigit():
        return None
    found = moment(int(value), form.kind, date1904)
    return None if found.remark else Cell(found.type, found.value, formula, form.code)


def _raw(place: tuple[int, int], stored: StoredCell) -> RawCell:
    (style, kind, formula), value = stored
    if value.startswith(_INLINE) and value.endswith(_INLINE) and len(value) > 1:
        kind, value = "inlineStr", value[1:-1]
    if _INLINE in value:
        raise _NotPlain  # <v> ended by </t></is>, or the other way round
    return RawCell(*place, style, kind, formula, strings.unescaped(value))


class _Plain:
    """The fast way over the cells of a sheet, all of a chunk at a time."""

    def __init__(self, collector: _Collector, declared: frozenset[str], layout: Layout) -> None:
        self._collector = collector
        self._gaps = _gaps(declared)
        self._layout = layout

    def take(self, text: str) -> None:
        """The cells of one chunk. Raises _NotPlain for what only the parser can judge."""
        *pieces, rest = _with_plain_values(text).split("</v>")
        if not (_LAST if pieces else _NO_VALUES).match(rest):
            raise _NotPlain
        cut = list(map(str.partition, pieces, repeat("<v>")))
        if cut:
            self._take(*zip(*cut, strict=True))
        self._put_uncalculated(self._gaps.finished(rest))
        if ' hidden="' in text:
            self._layout.hidden_rows.update(_hidden(text))

    def _take(self, texts: Sequence[str], _: Sequence[str], values: Sequence[str]) -> None:
        if "<" in "".join(values) or f"{_INLINE}{_INLINE.join(texts)}".count(f"{_INLINE}</c>") != len(texts) - 1:
            raise _NotPlain
        places, forms, uncalculated = zip(*map(self._gaps.__getitem__, texts), strict=True)
        stored = list(zip(forms, values, strict=True))
        self._put(places, stored, list(map(self._collector.values.book.known.__getitem__, stored)))
        if any(uncalculated):
            self._put_uncalculated([cell for cells in uncalculated for cell in cells])

    def _put(
        self, places: Sequence[tuple[int, int]], stored: Sequence[StoredCell], typed: Sequence[Cell | None]
    ) -> None:
        cells = self._collector.cells
        before = len(cells)
        if None in typed:
            values = self._collector.values
            raw = map(_raw, places, stored)
            typed = [c or values.cell(r) or _BLANK for c, r in zip(typed, raw, strict=True)]
        if _BLANK in typed:
            filled = [cell is not _BLANK for cell in typed]
            places, typed = list(compress(places, filled)), list(compress(typed, filled))
        cells.update(zip(places, cast("Sequence[Cell]", typed), strict=True))
        if len(cells) != before + len(places):
            raise _NotPlain  # a cell stands there twice; the parser says which
        self._collector.check_room()

    def _put_uncalculated(self, found: Sequence[tuple[tuple[int, int], CellForm]]) -> None:
        cells, values = self._collector.cells, self._collector.values
        for place, (style, kind, formula) in found:
            cell = values.cell(RawCell(*place, style, kind, formula, None))
            if place in cells or cell is None:
                raise _NotPlain
            cells[place] = cell
        self._collector.check_room()


def _with_plain_values(text: str) -> str:
    """The rows with every value as <v>…</v>; texts in the cell itself are marked at both ends."""
    if ' xml:space="preserve"' in text:
        text = text.replace('<v xml:space="preserve">', "<v>").replace('<t xml:space="preserve">', "<t>")
    if "<is>" in text:
        text = text.replace("<is><t>", f"<v>{_INLINE}").replace("</t></is>", f"{_INLINE}</v>")
    return text.replace("<v/>", "<v></v>") if "<v/>" in text else text


def _names_once(formula: str) -> bool:
    names = _QUOTED.sub("", formula)[2:].replace("=", "").split()
    return len(names) == len(set(names)) and not any(":" in name or name == "xmlns" for name in names)


class _Collector:
    """The cells of one sheet, by position, within what is left of the workbook's budget."""

    def __init__(self, values: Values, path: str, room: int) -> None:
        self.cells: dict[tuple[int, int], Cell] = {}
        self.values = values
        self._path, self._room = path, room

    def put(self, raw: RawCell) -> None:
        """Type one cell and keep it, if it holds something; the last of two counts."""
        cell = self.values.cell(raw)
        if cell is None:
            return
        where = (raw.row, raw.column)
        if where in self.cells:
            name = f"{letters(raw.column)}{raw.row}"
            self.values.remark("duplicate_cell", f"{name} stands there twice; the last one counts")
        self.cells[where] = cell
        self.check_room()

    def check_room(self) -> None:
        """Refuse a workbook that fills more cells than fit into memory."""
        if len(self.cells) > self._room:
            raise Hostile(self._path, f"it has more than {MAX_CELLS:,} filled cells", REFUSE)


def _fast(data: bytes, path: str, part: str, collector: _Collector) -> Layout:
    start, stop = _section(data)
    head = data[:start]
    handler = SheetHandler(path, part, collector.put)
    markup.parse(head + data[stop:], path, part, start=handler.start, end=handler.end, text=handler.text)
    if not any(f'xmlns="{uri}"'.encode() in head for uri in (MAIN, markup.STRICT_MAIN)):
        raise _NotPlain
    declared = frozenset(name.decode() for name in re.findall(rb' xmlns:([A-Za-z0-9]+)="', head))
    plain = _Plain(collector, declared, handler.layout)
    for text in _chunks(data, start, stop):
        plain.take(text)
    return handler.layout


def _sure(data: bytes, path: str, part: str, collector: _Collector) -> Layout:
    handler = SheetHandler(path, part, collector.put)
    markup.parse(data, path, part, start=handler.start, end=handler.end, text=handler.text)
    return handler.layout


def sheet_cells(
    data: bytes, path: str, part: str, values: Callable[[], Values], room: int = MAX_CELLS, fast: bool = True
) -> SheetContent:
    """What a worksheet part holds, once inflated.

    `values` makes a fresh `Values` for each attempt. With `fast=False` only the parser is used;
    the answer is the same. Raises Damaged or Hostile.
    """
    data = markup.utf8(data, path, part)
    markup.refuse_giant_token(data, path, part)
    if fast:
        try:
            return _collected(_fast, data, path, part, values(), room)
        except _NotPlain:
            pass  # the parser begins afresh
    return _collected(_sure, data, path, part, values(), room)


def _collected(
    way: Callable[[bytes, str, str, _Collector], Layout], data: bytes, path: str, part: str, values: Values, room: int
) -> SheetContent:
    collector = _Collector(values, path, room)
    layout = way(data, path, part, collector)
    return SheetContent(collector.cells, layout, values.remarks)
