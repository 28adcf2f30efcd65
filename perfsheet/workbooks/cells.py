"""Sheet XML to cells, twice: a fast way for what every program writes, a sure way for the rest.

A sheet holds `<sheetData>` with rows, and in them only the cells that have something:

    <row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" s="3"><v>46113</v></c></row>

`r` is the cell's name, `s` the index of its format, `t` the type of `<v>`: a number if absent,
`s` an index of a shared string, `str` a formula's text, `inlineStr` a text in `<is>`, `b`, `e`,
`d`. `<f>` is the formula, `<v>` then the result of its last calculation, absent if there was none.

The fast way knows how a row is written whose cells stand in their order: one expression, made for the
columns that the sheet has, cuts the whole section into columns, and nothing may be left over between
two rows. A cell as it is written, but for its name, is looked at once and then remembered, for this
workbook and the next. What lies around the section goes through the XML
parser. Where any of that fails, the whole sheet goes through the parser, which either reads it or says
what is wrong. What depends on a cell's place, such as a remark, ends in `Values.cell` either way.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from operator import lt
from typing import Any, NamedTuple

from ..errors import Damaged, Hostile, Obstacle
from ..tables import MAX_COLUMN, MAX_ROW, Area, Cell, CellKind, Grid, Scalar, cell_position, column_number, letters
from . import markup, strings
from .markup import MAIN, OFFICE, REFUSE
from .serials import DATE, NUMBER, Moment, from_iso, moment

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

    def copy(self) -> Layout:
        """Another one that says the same."""
        return Layout(list(self.merged), set(self.hidden_rows), set(self.hidden_columns), list(self.tables))


class SheetContent(NamedTuple):
    """The filled cells by (row, column), the layout, remarks as (code, message), and how many cells there are."""

    cells: Mapping[tuple[int, int], Cell]
    layout: Layout
    remarks: list[tuple[str, str]]
    filled: int


# ---------------------------------------------------------------- from text to values

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,5})?\Z")
_XML_SPACE = " \t\r\n"


def _number_in(text: str) -> float | None:
    """The number that a text is, which may be infinite; None for any other text."""
    if not _NUMBER.match(text) or len(text) > 400:
        return None
    return int(text) if len(text) < 16 and text.lstrip("-").isdigit() else float(text)


class BookFacts:
    """What all sheets of a workbook share: its texts, its cell formats, its calendar."""

    def __init__(self, texts: list[str], formats: Sequence[Format], date1904: bool) -> None:
        self.texts, self.formats, self.date1904 = texts, formats, date1904
        self.meanings = _meanings(tuple(formats), date1904, bool(texts))
        self.shared: Sequence[str] | Mapping[int, str] = texts
        """The texts by their numbers, but for those that are longer than Excel allows."""
        if max(map(len, texts), default=0) > strings.LONGEST:
            self.shared = {number: text for number, text in enumerate(texts) if len(text) <= strings.LONGEST}


class Values:
    """Turns raw cells of one sheet into typed ones, and notes what is odd about them."""

    def __init__(self, path: str, sheet: str, book: BookFacts) -> None:
        self.remarks: list[tuple[str, str]] = []
        self.book = book
        self._path, self._sheet = path, sheet

    def cell(self, raw: RawCell) -> Cell | None:
        """The typed cell, or None if there is neither value nor formula."""
        text = raw.value
        if text is None or (not text and raw.type not in ("str", "inlineStr")):
            return Cell("empty", None, True, self._format(raw).code) if raw.formula else None
        read = _READERS.get(raw.type or "n")
        if read is None:
            return self._unreadable(raw, text, "unknown_type", f"has the unknown type {raw.type!r}")
        return read(self, raw, text, self._format(raw))

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
        plain = text.strip(_XML_SPACE)
        if not plain:
            return Cell("empty", None, raw.formula, style.code)
        number = _number_in(plain)
        if number is None:
            return self._unreadable(raw, text[:80], "bad_number", f"holds {text[:80]!r}, which is not a number")
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
        if word in _BOOLS:
            return Cell("bool", _BOOLS[word], raw.formula, style.code)
        return self._unreadable(raw, text[:80], "bad_bool", f"holds {text[:80]!r}, which is neither true nor false")

    def _error(self, raw: RawCell, text: str, style: Format) -> Cell:
        return Cell("error", text.strip(_XML_SPACE), raw.formula, style.code)


_READERS: dict[str, Callable[[Values, RawCell, str, Format], Cell]] = {
    "n": Values._number,
    "s": Values._shared,
    "str": Values._text,
    "inlineStr": Values._text,
    "b": Values._bool,
    "e": Values._error,
    "d": Values._iso,
}


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
_BOOLS = {"1": True, "true": True, "0": False, "false": False}


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
_CELL = (
    r'(?:<c r="{}\1"([^<]*+'
    r"(?:<v>[^<]*+</v></c>|<is><t>[^<]*+</t></is></c>|(?<=/>)|(?:<(?!/?c[ />])[^<]*+)*+</c>)))?+"
)
"""A cell that a row may have; what common ones hold is tried first, then whatever is no other cell."""
_FORMULA = re.compile(r"(<f[^<>/]*+)>[^<]*+</f>")
_WRITTEN = re.compile(
    r'(?: s="([0-9]{1,9})")?+(?: t="([a-zA-Z]++)")?+(?: cm="[0-9]++")?+(?: vm="[0-9]++")?+'
    rf"(?:/>|>(?:<f({_ATTRIBUTES})/>)?+"
    r'(?:<v(?: xml:space="preserve")?+>([^<]*+)</v>|<v()/>|<is><t(?: xml:space="preserve")?+>([^<]*+)</t></is>)?+</c>)',
    re.ASCII,
)
"""A cell behind its name: style, type, a formula's attributes, its value, an empty one, a text in the cell itself."""
_ROW_FACTS = re.compile(_ATTRIBUTES, re.ASCII)
_DIMENSION = re.compile(rb'<dimension ref="([A-Z]{1,3})[1-9][0-9]{0,6}:([A-Z]{1,3})[1-9][0-9]{0,6}"')
_COLUMN = re.compile(r'<c r="([A-Z]{1,3})[1-9]')
_QUOTED = re.compile(r'"[^"]*+"')


class _NotPlain(Exception):
    """This sheet is for the parser."""


class _Odd(Exception):
    """This cell is for `Values`, which knows the place where it stands."""


def _pays(columns: tuple[int, ...], text: str) -> bool:
    """Whether it is worth while to make the expression for these columns; for a small sheet only the second time."""
    if not _fits(columns, text):
        return False
    if len(_MET) > 1000:
        _MET.clear()
    met = columns in _MET
    _MET.setdefault(columns)
    return met or len(text) >= WORTH * len(columns)


def _fits(columns: tuple[int, ...], text: str) -> bool:
    """Whether the rows have room for no more cells than are to be held at once; a gap takes room as well."""
    if len(columns) > MOST_COLUMNS or columns[-1:] > (MAX_COLUMN,):
        return False
    return len(text) * len(columns) <= MOST_GAPS or text.count("<row") * len(columns) <= MOST_GAPS


WORTH = 1_000
"""So many characters a column make the expression worth its while at once: it takes a fifth of a millisecond a column."""
MOST_COLUMNS, MOST_GAPS = 100, 1_000_000
"""A sheet with more columns, or with more room for cells in one piece, is for the parser."""


class _Row:
    """How a row is written that has cells in no other columns, each once and in their order."""

    def __init__(self, columns: tuple[int, ...]) -> None:
        self.columns, self.step = columns, 3 + len(columns)
        cells = "".join(_CELL.format(letters(column)) for column in columns)
        self._expression = re.compile(rf'<row r="([1-9][0-9]{{0,6}}+)"([^<>/]*+)(?:/>|>{cells}</row>)')

    def cut(self, text: str) -> list[Any] | None:
        """For each row in turn nothing, its number, its facts, and its cells as they are written; None if it is not so."""
        pieces = self._expression.split(text)
        return None if any(pieces[:: self.step]) else pieces


_MET: dict[tuple[int, ...], _Row | None] = {}
"""The columns of sheets met before, and how their rows were written."""
_row = lru_cache(maxsize=128)(_Row)


def _section(data: bytes) -> tuple[int, int]:
    """Where the rows begin and end, if the part is of the plain kind.

    What stands between is held against the expression byte by byte; so only what stands around it can
    hide another section, in a comment for instance.
    """
    start = data.find(b"<sheetData>")
    stop = data.rfind(b"</sheetData>")
    if start < 0 or stop < start:
        raise _NotPlain
    return start + len(b"<sheetData>"), stop


class _Around(NamedTuple):
    """What stands around the rows: the layout, the prefixes of attributes, the columns that the sheet says it has."""

    layout: Layout
    prefixes: frozenset[str]
    columns: tuple[int, ...]


def _around(data: bytes, start: int, stop: int, path: str, part: str) -> _Around:
    """What the parser finds around the rows. Sheets of one template often have the same there."""
    if start + len(data) - stop <= markup.REMEMBERED:
        try:
            return _known_around(data[:start], data[stop:])
        except Obstacle:
            pass  # once more, so that the message names this part
    return _parsed_around(data[:start], data[stop:], path, part)


@lru_cache(maxsize=256)
def _known_around(head: bytes, tail: bytes) -> _Around:
    return _parsed_around(head, tail, "", "")


def _parsed_around(head: bytes, tail: bytes, path: str, part: str) -> _Around:
    around = head[2 : -len(b"<sheetData>")] + tail[len(b"</sheetData>") :]
    if any(mark in around for mark in (b"sheetData", b"<!", b"<?")):
        raise _NotPlain
    if not any(f'xmlns="{uri}"'.encode() in head for uri in (MAIN, markup.STRICT_MAIN)):
        raise _NotPlain
    handler = SheetHandler(path, part, _refuse_cell)
    markup.parse(head + tail, path, part, start=handler.start, end=handler.end, text=handler.text)
    prefixes = frozenset(name.decode() for name in re.findall(rb' xmlns:([A-Za-z0-9]+)="', head))
    return _Around(handler.layout, prefixes, _expected(head))


def _expected(head: bytes) -> tuple[int, ...]:
    """The columns that the sheet says it has; where that is wrong or nothing, its cells are asked."""
    found = _DIMENSION.search(head)
    if not found:
        return ()
    left, right = (column_number(name.decode()) for name in found.groups())
    return tuple(range(left, right + 1)) if right - left < MOST_COLUMNS else ()


def _refuse_cell(_: RawCell) -> None:
    raise _NotPlain


def _chunks(data: bytes, start: int, stop: int) -> Iterator[str]:
    """The rows in pieces of bounded size, cut between two rows, as text with plain line ends."""
    while start < stop:
        cut = data.find(b"</row>", min(start + _CHUNK, stop), stop)
        end = stop if cut < 0 else cut + len(b"</row>")
        try:
            text = data[start:end].decode("utf-8")
        except UnicodeDecodeError:
            raise _NotPlain from None
        yield text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
        start = end


def _refuse_unsound(text: str) -> None:
    """Only the parser may judge text that holds what XML forbids, or might."""
    if not text.isprintable() and strings.has_controls(text.encode(), text):
        raise _NotPlain
    if "]]>" in text:
        raise _NotPlain
    if "&" in text and not strings.references_are_sound(text):
        raise _NotPlain


def _names_once(attributes: str) -> bool:
    names = _QUOTED.sub("", attributes).replace("=", "").split()
    return len(names) == len(set(names)) and not any(":" in name or name == "xmlns" for name in names)


@lru_cache(maxsize=4096)
def _row_is_sound(facts: str, prefixes: frozenset[str]) -> bool:
    """Whether a row may say this of itself, beside its number."""
    names = _QUOTED.sub("", facts).rstrip().replace("=", "").split()
    used = {name.partition(":")[0] for name in names if ":" in name}
    once = len(names) == len(set(names)) and not {"r", "xmlns"} & set(names)
    return facts.isprintable() and once and used <= prefixes and _ROW_FACTS.fullmatch(facts.rstrip()) is not None


class _Named(int):
    """Stands for a shared text, by its number."""


_NOTHING = (None, None)
MOST_KEPT, LONGEST_KEPT = 20_000, 300
"""Cells that are remembered."""


_Content = tuple[str | None, bool, str, Any]
"""A cell without its workbook: style, whether it has a formula, type, value. A number may yet be a day."""


class _Meanings(dict[str | None, tuple[CellKind | None, Any]]):
    """The kind and the value of cells by how they are written: a workbook repeats its days, names and choices.

    So do other workbooks with the same formats; those with others look again only at what formats decide.
    """

    def __init__(self, formats: tuple[Format, ...], date1904: bool, texts: bool) -> None:
        """`texts` is whether these workbooks have shared texts."""
        super().__init__({None: _NOTHING})
        self._styles: dict[str | None, Format] = {str(index): style for index, style in enumerate(formats)}
        self._styles[None] = formats[0] if formats else GENERAL
        self._date1904, self._texts = date1904, texts
        self._kinds: dict[tuple[str, bool, str], CellKind] = {}

    def __missing__(self, written: str) -> tuple[CellKind | None, Any]:
        plain = _without_formula(written)
        if plain is not written:
            return self[plain]
        if len(written) > LONGEST_KEPT:
            return self._meaning(_read(written))
        if len(self) >= MOST_KEPT:
            self.clear()
            self[None] = _NOTHING
        found = self[written] = self._meaning(_content(written))
        return found

    def kind(self, name: str, formula: bool, code: str) -> CellKind:
        """The one object that stands for all kinds equal to this one."""
        looks = name, formula, code
        return self._kinds.get(looks) or self._kinds.setdefault(looks, CellKind(*looks))

    def _meaning(self, cell: _Content) -> tuple[CellKind | None, Any]:
        index, formula, name, value = cell
        style = self._styles.get(index)
        if name == "empty" and not formula:
            return _NOTHING
        if style is None or (type(value) is _Named and not self._texts):
            raise _Odd
        if name == NUMBER and style.kind != NUMBER:
            if style.kind != DATE:
                raise _Odd
            name, value = DATE, _day(value, self._date1904)
        return self.kind(name, formula, style.code), value


_meanings = lru_cache(maxsize=4)(_Meanings)


def _without_formula(written: str) -> str:
    """A cell without the text of its formula, at which nobody looks but here; the same text if there is none."""
    formula = _FORMULA.search(written) if "</f>" in written else None
    if formula is None:
        return written
    _refuse_unsound(written)
    before, behind = written[: formula.end(1)], written[formula.end() :]
    if "<f" in behind:
        raise _NotPlain
    return f"{before}/>{behind}"


def _parts(written: str) -> tuple[str | None, str | None, bool, str | None]:
    """Style, type, whether there is a formula, and value of a cell as it stands behind its name."""
    match = _WRITTEN.fullmatch(written)
    if match is None:
        raise _NotPlain
    style, kind, formula, value, empty, inline = match.groups()
    if formula and not (formula.isprintable() and _names_once(formula)):
        raise _NotPlain
    if inline is not None:
        return style, "inlineStr", formula is not None, inline
    return style, kind, formula is not None, empty if value is None else value


def _read(written: str) -> _Content:
    style, kind, formula, text = _parts(written)
    if text is None or (not text and kind not in ("str", "inlineStr")):
        return style, formula, "empty", None
    read = _CONTENTS.get(kind or "n")
    if read is None:
        raise _Odd
    return style, formula, *read(text)


_content = lru_cache(maxsize=MOST_KEPT)(_read)


def _sound(raw: str) -> str:
    """An XML text as it is meant."""
    _refuse_unsound(raw)
    return strings.unescaped(raw)


def _text(raw: str) -> tuple[str, str]:
    text = strings.decoded(_sound(raw))
    if len(text) > strings.LONGEST:
        raise _Odd
    return "text", text


def _shared_text(raw: str) -> tuple[str, int]:
    if not (raw.isascii() and raw.isdigit() and len(raw) < 10):
        raise _Odd
    return "text", _Named(raw)


def _number(raw: str) -> tuple[str, float]:
    number = _number_in(raw)
    if number is None or not math.isfinite(number):
        raise _Odd
    return NUMBER, number


def _truth(raw: str) -> tuple[str, bool]:
    if raw not in _BOOLS:
        raise _Odd
    return "bool", _BOOLS[raw]


@lru_cache(maxsize=1 << 12)
def _day(number: float, date1904: bool) -> datetime:
    found = moment(number, DATE, date1904)
    if found.remark or not isinstance(found.value, datetime):
        raise _Odd
    return found.value


def _error(raw: str) -> tuple[str, str]:
    if raw != raw.strip(_XML_SPACE) or not raw.isascii() or not raw.isprintable() or "&" in raw or "]]>" in raw:
        raise _Odd
    return "error", raw


_CONTENTS: dict[str, Callable[[str], tuple[str, Any]]] = {
    "n": _number,
    "s": _shared_text,
    "str": _text,
    "inlineStr": _text,
    "b": _truth,
    "e": _error,
}
"""Type and value of what a cell holds, by the type that it has in the XML; _Odd for what depends on the place."""


MOST_SLOTS = 4 * MAX_CELLS
"""Room for cells in a sheet that is kept by columns; one that has more gaps than that is kept cell by cell."""
_Column = tuple[list[CellKind | None], list[Scalar]]
"""The kinds and the values of a column's cells."""
_OddCell = tuple[_Column, int, RawCell]
"""Where its kind and value go, and the cell as its XML has it."""


class _Plain:
    """The fast way over the rows of a sheet: one expression cuts them into columns."""

    def __init__(self, values: Values, prefixes: frozenset[str], columns: tuple[int, ...], room: _Room) -> None:
        self.rows: list[int] = []
        self.columns: dict[int, _Column] = {}
        self.hidden: set[int] = set()
        self.filled = 0
        self._values, self._meanings = values, values.book.meanings
        self._prefixes, self._expected, self._room = prefixes, columns, room

    def take(self, text: str) -> None:
        """The cells of one chunk. Raises _NotPlain for what only the parser can judge."""
        row, pieces = self._cut(text)
        before, rows = len(self.rows), list(map(int, pieces[1 :: row.step]))
        if not rows:
            return
        if rows[-1] > MAX_ROW or (before and self.rows[-1] >= rows[0]) or not all(map(lt, rows, rows[1:])):
            raise _NotPlain
        self._look_at_rows(rows, pieces[2 :: row.step])
        self.rows += rows
        if len(self.rows) * len(self.columns) > MOST_SLOTS:
            raise _NotPlain
        odd: list[_OddCell] = []
        for at, number in enumerate(row.columns, start=3):
            cells = pieces[at :: row.step]
            if any(cells):
                self._add(number, before, cells, odd)
        for (kinds, values), position, raw in sorted(odd, key=lambda cell: (cell[2].row, cell[2].column)):
            cell = self._values.cell(raw)
            if cell:
                kinds[position] = self._meanings.kind(cell.type, cell.formula, cell.format)
                values[position] = cell.value
                self.filled += 1
        self._room.check(self.filled)

    def _cut(self, text: str) -> tuple[_Row, list[Any]]:
        row = _MET.get(self._expected)
        pieces = row.cut(text) if row and _fits(row.columns, text) else None
        if row is None or pieces is None:
            row, pieces = self._cut_anew(text)
            _MET[self._expected] = row
        return row, pieces

    def _cut_anew(self, text: str) -> tuple[_Row, list[Any]]:
        """The rows cut by the columns that the sheet says it has, or by those that its cells have."""
        found = tuple(sorted(map(column_number, set(_COLUMN.findall(text)))))
        for columns in dict.fromkeys((self._expected, found)):
            row = _row(columns) if _pays(columns, text) else None
            pieces = row.cut(text) if row else None
            if row and pieces is not None:
                return row, pieces
        raise _NotPlain

    def _look_at_rows(self, rows: list[int], facts: list[str]) -> None:
        for distinct in set(facts):
            if not _row_is_sound(distinct, self._prefixes):
                raise _NotPlain
            hidden = re.search(r' hidden="([^"]*+)"', distinct)
            if hidden and hidden[1] in _TRUE:
                self.hidden.update(row for row, fact in zip(rows, facts, strict=True) if fact == distinct)

    def _add(self, number: int, before: int, cells: list[str | None], odd: list[_OddCell]) -> None:
        """The cells of one column, below those of earlier chunks; `odd` takes those that depend on their place."""
        kinds, values, unread = self._read(cells)
        filled = len(list(filter(None, kinds)))
        if filled or unread:
            column = self.columns.setdefault(number, ([], []))
            _lengthen(column, before)
            column[0].extend(kinds)
            column[1].extend(values)
            self.filled += filled
            for at in unread:
                odd.append((column, before + at, self._odd(self.rows[before + at], number, cells[at] or "")))

    def _read(self, cells: list[str | None]) -> tuple[list[CellKind | None], list[Scalar], list[int]]:
        """The kinds and values of a column, and where cells are odd."""
        meanings, texts = self._meanings, self._values.book.shared
        try:
            found = list(map(meanings.__getitem__, cells))
            kinds, values = [kind for kind, _ in found], [value for _, value in found]
            return kinds, [texts[v] if type(v) is _Named else v for v in values] if texts else values, []
        except (_Odd, LookupError):
            pass
        found, unread = [], []
        for at, written in enumerate(cells):
            try:
                kind, value = meanings[written]
                found.append((kind, texts[value] if type(value) is _Named else value))
            except (_Odd, LookupError):
                found.append(_NOTHING)
                unread.append(at)
        return [kind for kind, _ in found], [value for _, value in found], unread

    def _odd(self, row: int, column: int, written: str) -> RawCell:
        style, kind, formula, text = _parts(_without_formula(written))
        return RawCell(row, column, style, kind, formula, None if text is None else _sound(text))


def _lengthen(column: _Column, length: int) -> None:
    """A column that ends above has nothing in the rows down to here."""
    for line in column:
        line.extend([None] * (length - len(line)))


def _fast(data: bytes, path: str, part: str, values: Values, room: int) -> SheetContent:
    start, stop = _section(data)
    around = _around(data, start, stop, path, part)
    layout = around.layout.copy()
    plain = _Plain(values, around.prefixes, around.columns, _Room(path, room))
    for text in _chunks(data, start, stop):
        plain.take(text)
    for column in plain.columns.values():
        _lengthen(column, len(plain.rows))
    layout.hidden_rows |= plain.hidden
    return SheetContent(Grid(plain.rows, plain.columns), layout, values.remarks, plain.filled)


# -------------------------------------------------------------------------- both ways


class _Room:
    """What is left of the budget of a workbook."""

    def __init__(self, path: str, cells: int) -> None:
        self._path, self._cells = path, cells

    def check(self, filled: int) -> None:
        """Refuse a workbook that fills more cells than fit into memory."""
        if filled > self._cells:
            raise Hostile(self._path, f"it has more than {MAX_CELLS:,} filled cells", REFUSE)


def _sure(data: bytes, path: str, part: str, values: Values, room: int) -> SheetContent:
    cells: dict[tuple[int, int], Cell] = {}
    left = _Room(path, room)

    def put(raw: RawCell) -> None:
        """Type one cell and keep it, if it holds something; the last of two counts."""
        cell = values.cell(raw)
        if cell is None:
            return
        where = (raw.row, raw.column)
        if where in cells:
            name = f"{letters(raw.column)}{raw.row}"
            values.remark("duplicate_cell", f"{name} stands there twice; the last one counts")
        cells[where] = cell
        left.check(len(cells))

    handler = SheetHandler(path, part, put)
    markup.parse(data, path, part, start=handler.start, end=handler.end, text=handler.text)
    return SheetContent(cells, handler.layout, values.remarks, len(cells))


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
            return _fast(data, path, part, values(), room)
        except _NotPlain:
            pass  # the parser begins afresh
    return _sure(data, path, part, values(), room)
