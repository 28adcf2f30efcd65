"""A workbook's package to plain tables: every sheet, every cell that holds something.

Reading is sparse and strict. Sparse: what is stored is read, however large the sheet claims to
be. Strict: what cannot be read exactly is refused, or kept as an error with a remark; an error
cell never becomes a blank, a formula nobody calculated never a zero.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator
from functools import lru_cache

from ..errors import Damaged
from ..tables import Area, Book, ListObject, Sheet
from . import markup
from .cells import GENERAL, MAX_CELLS, BookFacts, Format, Layout, Values, area, sheet_cells
from .formulas import BookFormulas
from .package import Package, SheetPart, check, open_package
from .serials import BUILT_IN, kind_of
from .strings import decoded, shared_strings

MARK = "_perfsheet"
"""The hidden name, local to a sheet, whose text constant says which tab of ours the sheet is."""
PAINTED = "_perfsheet_painted"
"""The name of a tab of ours in an open workbook that holds a fingerprint of it, as it was painted."""
_REPAIR = "Open it in Excel, let Excel repair it, save it, and try again"
_STATES = {"visible": "visible", "hidden": "hidden", "veryhidden": "veryHidden"}


def read(source: Package | str | os.PathLike[str], sheets: Callable[[str], bool] | None = None) -> Book:
    """The whole workbook, or only the cells of the sheets whose name `sheets` accepts.

    Every sheet is listed, hidden ones too; those not accepted, and those that hold no cells
    (chart sheets, macro sheets), are empty. Raises an Obstacle for what must not or cannot be read.
    """
    package = source if isinstance(source, Package) else open_package(source)
    check(package)
    return _Reader(package).book(sheets or (lambda name: True))


class _Reader:
    """What the sheets of one workbook share: texts, formats, the calendar, the marks."""

    def __init__(self, package: Package) -> None:
        self._package = package
        properties = package.workbook.child("workbookPr")
        date1904 = properties is not None and properties.get("date1904") in ("1", "true", "on")
        pointers = package.relationships(package.workbook_part)
        parts = {pointer.kind: pointer.target for pointer in pointers.values() if not pointer.external}
        texts, formats = self._read_strings(parts.get("sharedStrings")), self._read_formats(parts.get("styles"))
        self._facts = BookFacts(texts, formats, date1904)
        self._marks = dict(_marks(package.workbook))
        self._room = MAX_CELLS

    def _read_strings(self, part: str | None) -> list[str]:
        if part is None or not self._package.has(part):
            return []
        return shared_strings(self._package.read(part), self._package.path, part)

    def _read_formats(self, part: str | None) -> tuple[Format, ...]:
        if part is None or not self._package.has(part):
            return ()
        data = self._package.read(part)
        return _formats(data) if len(data) < 1 << 18 else _read_formats(data, self._package.path, part)

    def book(self, wanted: Callable[[str], bool]) -> Book:
        """All sheets in the order of their tabs."""
        sheets = [self._sheet(part, position, wanted) for position, part in enumerate(self._package.sheets)]
        formulas = BookFormulas(self._package, {sheet.name: sheet.list_objects for sheet in sheets})
        return Book(
            self._package.path, tuple(_flag_names(sheets)), self._package.digest, self._facts.date1904, formulas
        )

    def _sheet(self, listed: SheetPart, position: int, wanted: Callable[[str], bool]) -> Sheet:
        state = _STATES.get(listed.state.lower(), "visible")
        mark = self._marks.get(position)
        if listed.kind != "worksheet":
            odd = ("no_cells", f"'{listed.name}' is a {listed.kind}, which holds no cells")
            return Sheet(listed.name, state, mark=mark, remarks=(odd,))
        if not wanted(listed.name):
            return Sheet(listed.name, state, mark=mark)
        cells, layout, remarks, filled = sheet_cells(
            self._package.read(listed.part),
            self._package.path,
            listed.part,
            lambda: Values(self._package.path, listed.name, self._facts),
            self._room,
        )
        self._room -= filled
        tables = tuple(self._tables(listed.part, layout, remarks))
        rows, columns = frozenset(layout.hidden_rows), frozenset(layout.hidden_columns)
        return Sheet(listed.name, state, cells, tables, tuple(layout.merged), rows, columns, mark, tuple(remarks))

    def _tables(self, part: str, layout: Layout, remarks: list[tuple[str, str]]) -> Iterator[ListObject]:
        pointers = self._package.relationships(part)
        for rid in layout.tables:
            pointer = pointers.get(rid)
            if pointer is None or pointer.external or not self._package.has(pointer.target):
                remarks.append(("lost_table", f"the part of its table {rid} is missing"))
            else:
                yield self._list_object(pointer.target)

    def _list_object(self, part: str) -> ListObject:
        path = self._package.path
        try:
            return markup.meaning(_table, self._package.read(part), path, part)
        except ValueError:
            raise Damaged(path, f"the part {part} is a table without a proper area", _REPAIR) from None


def _table(node: markup.Node) -> ListObject:
    extent: Area = area(node.get("ref"))
    header, totals = int(node.get("headerRowCount", "1")), int(node.get("totalsRowCount", "0"))
    listing = node.child("tableColumns")
    columns = tuple(decoded(column.get("name")) for column in listing.all("tableColumn")) if listing else ()
    return ListObject(node.get("displayName") or node.get("name"), extent, columns, header, totals)


def _marks(workbook: markup.Node) -> Iterator[tuple[int, str]]:
    """(position of the sheet, mark) of every sheet that carries our hidden name."""
    listing = workbook.child("definedNames")
    for name in listing.all("definedName") if listing else ():
        position = name.get("localSheetId")
        text = name.text.strip()
        if name.get("name") == MARK and position.isdigit() and len(text) > 2 and text[0] == text[-1] == '"':
            yield int(position), text[1:-1].replace('""', '"')


def _flag_names(sheets: list[Sheet]) -> Iterator[Sheet]:
    """The sheets again, with a remark where a name is taken twice."""
    seen: set[str] = set()
    for sheet in sheets:
        key = sheet.name.casefold()
        if key in seen:
            remark = ("duplicate_sheet", f"another sheet is named {sheet.name!r} as well")
            sheet = dataclasses.replace(sheet, remarks=(*sheet.remarks, remark))
        seen.add(key)
        yield sheet


@lru_cache(maxsize=8)
def _formats(data: bytes) -> tuple[Format, ...]:
    """Workbooks from one template share their styles part; it is read once."""
    return _read_formats(data, "", "styles.xml")


def _read_formats(data: bytes, path: str, part: str) -> tuple[Format, ...]:
    """The cell formats in the order of their indices."""
    root = markup.tree(data, path, part)
    custom = root.child("numFmts")
    codes = {n.get("numFmtId"): n.get("formatCode") for n in custom.all("numFmt")} if custom else {}
    by_id: dict[str, Format] = {}
    listing = root.child("cellXfs")
    formats = []
    for xf in listing.all("xf") if listing else ():
        number = xf.get("numFmtId", "0")
        if number not in by_id:
            by_id[number] = _format(number, codes)
        formats.append(by_id[number])
    return tuple(formats)


def _format(number: str, codes: dict[str, str]) -> Format:
    code = codes.get(number)
    if code is None:
        code = BUILT_IN.get(int(number), "General") if number.isdigit() and len(number) < 9 else "General"
    return Format(kind_of(code), code) if code else GENERAL
