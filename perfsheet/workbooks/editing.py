"""Single cells of a sheet changed in place, and tables that grow; every other byte stays.

A cell keeps its format. A text becomes an inline string, so that the table of shared strings,
which other sheets point into, is not touched. What a formula elsewhere makes of the new value
is for the program that opens the file: it is told to calculate everything on load.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from ..errors import Damaged, Unsupported
from ..tables import Address, Area, Change, Scalar, cell_position, letters
from .dependents import Formula, Place, TableFacts, dependents
from .package import CONTENT_TYPES, Package, SheetPart
from .references import area_of, moved
from .serials import serial
from .splicing import Splice, Text, attributes, content, decoded, root_of
from .strings import encoded, unescaped

_REPAIR = "Open it in Excel, let Excel repair it, save it, and try again"


def edit(
    package: Package, changes: Sequence[Change], grow: Mapping[str, int] | None = None, *, forget: bool = True
) -> bytes:
    """The workbook's bytes with some cells changed, and tables grown to new bottom rows.

    Formulas that depend on a changed cell lose their remembered result, unless `forget` is
    False because the caller renews them itself.

    `grow` maps a table's name to its new last row: the table, its filter, the formats, drop-downs
    and formulas of its columns reach down to it. Raises Unsupported where a change would break
    something (part of an array formula, occupied cells below a table), Damaged where a sheet or
    a table does not exist.
    """
    editor = _Editor(package)
    for name, bottom in (grow or {}).items():
        editor.grow(name, bottom)
    renewed = {(c.address.sheet.casefold(), c.address.row, c.address.column) for c in changes if c.cached}
    stale = editor.stale([c for c in changes if not c.cached]) - renewed if forget else set()
    editor.change(
        [*changes, *(Change(Address(sheet, row, column), None, cached=True) for sheet, row, column in sorted(stale))]
    )
    return editor.done()


@dataclass(frozen=True, slots=True)
class _Table:
    """A table as it stands in the package."""

    name: str
    part: str
    sheet: SheetPart
    area: Area
    totals: int


class _Editor:
    """All edits of one package, gathered by part."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.parts: dict[str, bytes | None] = {}
        self.sheets = {sheet.name.casefold(): sheet for sheet in package.sheets}
        properties = package.workbook.child("workbookPr")
        self.date1904 = properties is not None and properties.get("date1904") in ("1", "true", "on")
        self.filled: dict[str, dict[tuple[int, int], str]] = {}
        """Cells of grown rows by sheet part: their format and formula, as XML to take over."""
        self.formulas_lost = False

    def text_of(self, part: str) -> Text:
        return decoded(self.parts.get(part) or self.package.read(part))

    # ------------------------------------------------------------------ cells

    def change(self, changes: Sequence[Change]) -> None:
        by_sheet: dict[str, list[Change]] = {}
        for change in changes:
            by_sheet.setdefault(change.address.sheet.casefold(), []).append(change)
        for name, wanted in by_sheet.items():
            sheet = self.sheets.get(name)
            if sheet is None or sheet.kind != "worksheet":
                raise Damaged(self.package.path, f"there is no sheet '{wanted[0].address.sheet}'", "Check the name")
            self._change_sheet(sheet.part, wanted)
        for part in [p for p in self.filled if p not in {self.sheets[n].part for n in by_sheet}]:
            self._change_sheet(part, [])

    def _change_sheet(self, part: str, changes: Sequence[Change]) -> None:
        source = self.text_of(part)
        cells = Cells(self.package.path, part, source.text, self.date1904, self.filled.get(part, {}))
        text = cells.changed(changes)
        self.formulas_lost |= cells.formulas_lost
        self.parts[part] = source.encoded(text)

    def stale(self, changes: Sequence[Change]) -> set[Place]:
        """The formulas anywhere in the workbook whose remembered results the changes make old."""
        if not changes:
            return set()
        changed = {(c.address.sheet.casefold(), c.address.row, c.address.column) for c in changes}
        listing = self.package.workbook.child("definedNames")
        names = {n.get("name").casefold(): n.text for n in (listing.all("definedName") if listing else ())}
        return dependents(changed, self._formulas(), self._tables(), names) - changed

    def _formulas(self) -> Iterable[Formula]:
        for sheet in self.package.sheets:
            if sheet.kind == "worksheet":
                for (row, column), formula in every_formula(self.text_of(sheet.part).text):
                    yield Formula((sheet.name.casefold(), row, column), formula)

    def _tables(self) -> dict[str, TableFacts]:
        found = {}
        for sheet in self.package.sheets:
            for pointer in self.package.relationships(sheet.part).values() if sheet.kind == "worksheet" else ():
                if pointer.kind == "table" and not pointer.external and self.package.has(pointer.target):
                    node = self.package.tree(pointer.target)
                    columns = node.child("tableColumns")
                    titles = tuple(c.get("name") for c in columns.all("tableColumn")) if columns else ()
                    name = (node.get("displayName") or node.get("name")).casefold()
                    found[name] = TableFacts(sheet.name.casefold(), area_of(node.get("ref")), titles)
        return found

    # ----------------------------------------------------------------- tables

    def grow(self, name: str, bottom: int) -> None:
        table = self._table(name)
        if bottom <= table.area.bottom:
            return
        if table.totals:
            raise Unsupported(
                self.package.path,
                f"the table {name} has a totals row and is full",
                "Add rows above the totals row, and try again",
            )
        area = table.area._replace(bottom=bottom)
        self._refuse_occupied(table, bottom)
        self._resize(table, area)
        self._stretch(table, area)
        self._fill_down(table, area)

    def _table(self, name: str) -> _Table:
        for sheet in self.package.sheets:
            for pointer in self.package.relationships(sheet.part).values() if sheet.kind == "worksheet" else ():
                if pointer.kind == "table" and not pointer.external:
                    node = self.package.tree(pointer.target)
                    if (node.get("displayName") or node.get("name")).casefold() == name.casefold():
                        return _Table(
                            name, pointer.target, sheet, area_of(node.get("ref")), int(node.get("totalsRowCount", "0"))
                        )
        raise Damaged(self.package.path, f"there is no table {name}", "Check the name")

    def _refuse_occupied(self, table: _Table, bottom: int) -> None:
        text = self.text_of(table.sheet.part).text
        below = Area(table.area.bottom + 1, table.area.left, bottom, table.area.right)
        for row, column, body in _every_cell(text):
            if below.holds(row, column) and re.search(r"<(?:\w+:)?(?:v|is|f)\b", body):
                place = f"{table.sheet.name}!{letters(column)}{row}"
                raise Unsupported(
                    self.package.path,
                    f"{place} is filled and in the way of the table {table.name}",
                    "Move what stands below the table, and try again",
                )

    def _resize(self, table: _Table, area: Area) -> None:
        source = self.text_of(table.part)
        root, splice = root_of(source.text), Splice(source.text)
        splice.set_attribute(root, "ref", str(area))
        filtering = root.child("autoFilter")
        if filtering:
            splice.set_attribute(filtering, "ref", str(area))
        self.parts[table.part] = source.encoded(splice.done())

    def _stretch(self, table: _Table, area: Area) -> None:
        """Drop-downs and conditional formats that end with the table reach down with it."""
        source = self.text_of(table.sheet.part)
        text = source.text
        tail = (
            text.rfind("</sheetData>")
            if "</sheetData>" in text
            else max(text.rfind("sheetData>"), text.rfind("sheetData/>"))
        )
        head, rest = text[:tail], text[tail:]
        old, new = table.area.bottom, area.bottom

        def longer(match: re.Match[str]) -> str:
            refs = [_stretched(ref, table.area, old, new) for ref in match[2].split()]
            return match[1] + " ".join(refs) + match[3]

        rest = re.sub(r"(\bsqref=\")([^\"]*)(\")", longer, rest)
        rest = re.sub(r"(<(?:\w+:)?sqref>)([^<]*)(</(?:\w+:)?sqref>)", longer, rest)
        if head + rest != text:
            self.parts[table.sheet.part] = source.encoded(head + rest)

    def _fill_down(self, table: _Table, area: Area) -> None:
        """New rows take formats and formulas of the table's last row."""
        text = self.text_of(table.sheet.part).text
        pattern = self.filled.setdefault(table.sheet.part, {})
        masters = _shared_masters(text)
        for row, column, cell in _every_cell(text):
            if row == table.area.bottom and table.area.left <= column <= table.area.right:
                for new in range(area.top + 1, area.bottom + 1):
                    if new > table.area.bottom:
                        pattern[new, column] = _copied(cell, new - row, masters, row, column)

    # ------------------------------------------------------------ what follows

    def done(self) -> bytes:
        if not self.parts:
            return self.package.data
        self._calculate_on_load()
        if self.formulas_lost:
            self._drop_calculation_chain()
        return self.package.replace(self.parts)

    def _calculate_on_load(self) -> None:
        source = self.text_of(self.package.workbook_part)
        self.parts[self.package.workbook_part] = source.encoded(calculated_on_load(source.text))

    def _drop_calculation_chain(self) -> None:
        self.parts.update(without_calculation_chain(self.package, self.parts))


def calculated_on_load(workbook: str) -> str:
    """The text of a workbook part that asks the program to calculate everything when it opens the file."""
    root, splice = root_of(workbook), Splice(workbook)
    properties = root.child("calcPr")
    if properties:
        if properties.attributes.get("fullCalcOnLoad") in ("1", "true"):
            return workbook
        splice.set_attribute(properties, "fullCalcOnLoad", "1")
    else:
        before = ("definedNames", "externalReferences", "functionGroups", "sheets")
        place = next(span for name in before if (span := root.child(name)))
        splice.insert(place.end, f'<{root.prefix}calcPr fullCalcOnLoad="1"/>')
    return splice.done()


def without_calculation_chain(package: Package, parts: Mapping[str, bytes | None]) -> dict[str, bytes | None]:
    """The changes that drop the list of formula cells; programs build it anew.

    An entry for a cell without a formula would make Excel repair the file.
    """
    pointers = package.relationships(package.workbook_part)
    chain = next((p for p in pointers.values() if p.kind == "calcChain" and not p.external), None)
    if chain is None or not package.has(chain.target):
        return {}
    listing = relationships_part(package.workbook_part)
    changed: dict[str, bytes | None] = {chain.target: None}
    for part, attribute, wanted in (
        (package.resolve(listing) or listing, "Id", chain.id),
        (package.resolve(CONTENT_TYPES) or CONTENT_TYPES, "PartName", "/" + chain.target),
    ):
        source = decoded(parts.get(part) or package.read(part))
        splice = Splice(source.text)
        for span in root_of(source.text).children:
            if span.attributes.get(attribute, "").casefold() == wanted.casefold():
                splice.remove(span)
        changed[part] = source.encoded(splice.done())
    return changed


def relationships_part(part: str) -> str:
    """Where the pointers of a part are listed: a/b.xml -> a/_rels/b.xml.rels."""
    folder, _, name = part.replace("\\", "/").rpartition("/")
    return f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"


# ---------------------------------------------------------------- rows and cells

_ROW_BEGINS = re.compile(r"<((?:\w+:)?)row\b((?:[^>\"'/]|/(?!>)|\"[^\"]*\"|'[^']*')*)(/?)>")
CELL = re.compile(r"<((?:\w+:)?)c\b((?:[^>\"']|\"[^\"]*\"|'[^']*')*?)(?:/>|>(.*?)</\1c>)", re.DOTALL)
FORMULA = re.compile(r"<((?:\w+:)?)f\b((?:[^>\"']|\"[^\"]*\"|'[^']*')*?)(?:/>|>(.*?)</\1f>)", re.DOTALL)
_OF_THE_RESULT = re.compile(r"\s(?:t|vm)\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_OF_THE_VALUE = re.compile(r"\s(?:t|cm|vm)\s*=\s*(?:\"[^\"]*\"|'[^']*')")


def sheet_data(text: str) -> tuple[int, int, bool]:
    """(start of the rows, their end, whether the section is written <sheetData/>)."""
    opened = re.search(r"<((?:\w+:)?)sheetData\b[^>]*?(/?)>", text)
    if opened is None:
        return 0, 0, True
    if opened[2]:
        return opened.start(), opened.end(), True
    return opened.end(), text.index(f"</{opened[1]}sheetData", opened.end()), False


class Row(NamedTuple):
    """A row element where it stands: its prefix, its attributes as written, its content."""

    start: int
    end: int
    prefix: str
    facts: str
    content: str


def rows_in(text: str, start: int = 0, end: int | None = None) -> Iterator[Row]:
    """The rows in order. A row's end is searched for as plain text, since its content may be long."""
    stop = len(text) if end is None else end
    while begins := _ROW_BEGINS.search(text, start, stop):
        inside = start = begins.end()
        if begins[3]:
            yield Row(begins.start(), inside, begins[1], begins[2], "")
            continue
        closing = f"</{begins[1]}row>"
        close = text.find(closing, inside, stop)
        if close < 0:
            return
        start = close + len(closing)
        yield Row(begins.start(), start, begins[1], begins[2], text[inside:close])


def _every_cell(text: str) -> Iterable[tuple[int, int, str]]:
    """(row, column, the cell's whole XML) of every cell element, formatted empty ones too."""
    start, end, empty = sheet_data(text)
    number = 0
    for row in rows_in(text, start, end) if not empty else ():
        number = int(attributes(row.facts).get("r", number + 1))
        column = 0
        for cell in CELL.finditer(row.content):
            name = attributes(cell[2]).get("r")
            column = cell_position(name)[1] if name else column + 1
            yield number, column, cell[0]


def every_formula(text: str) -> Iterable[tuple[tuple[int, int], str]]:
    """((row, column), formula) of every cell with a formula, shared ones as they read in their cell."""
    if not FORMULA.search(text):
        return
    masters = _shared_masters(text) if "shared" in text else {}
    for row, column, cell in _every_cell(text):
        formula = FORMULA.search(cell)
        if formula:
            yield (row, column), _full(formula, row, column, masters)


def _stretched(ref: str, table: Area, old: int, new: int) -> str:
    """An area of a rule: longer if it lies in the table's columns and ends with the table."""
    try:
        area = area_of(ref)
    except ValueError:
        return ref
    inside = table.left <= area.left and area.right <= table.right and area.top > table.top
    return str(area._replace(bottom=new)) if inside and area.bottom == old else ref


def _shared_masters(text: str) -> dict[str, tuple[int, int, str]]:
    """The formula of each shared group by its number, and the cell that it is written for."""
    masters = {}
    for row, column, cell in _every_cell(text):
        formula = FORMULA.search(cell)
        if formula and formula[3]:
            facts = attributes(formula[2])
            if facts.get("t") == "shared":
                masters[facts.get("si", "")] = (row, column, formula[3])
    return masters


def _copied(cell: str, rows: int, masters: Mapping[str, tuple[int, int, str]], row: int, column: int) -> str:
    """A cell of the last row as it is filled down: format and formula, without a value."""
    found = CELL.match(cell)
    if found is None:
        raise ValueError(cell)
    prefix, facts = found[1], attributes(found[2])
    style = f' s="{facts["s"]}"' if "s" in facts else ""
    name = f"{letters(column)}{row + rows}"
    formula = FORMULA.search(cell)
    if formula is None:
        return f'<{prefix}c r="{name}"{style}/>'
    text = _full(formula, row, column, masters)
    array = f' t="array" ref="{name}"' if attributes(formula[2]).get("t") == "array" else ""
    return f'<{prefix}c r="{name}"{style}><{prefix}f{array}>{content(moved(text, rows, 0))}</{prefix}f></{prefix}c>'


def _full(formula: re.Match[str], row: int, column: int, masters: Mapping[str, tuple[int, int, str]]) -> str:
    """A formula's text, that of a shared formula as it reads in this cell."""
    text, shared = formula[3] or "", attributes(formula[2]).get("si", "")
    if not text and shared in masters:
        home_row, home_column, master = masters[shared]
        return moved(unescaped(master), row - home_row, column - home_column)
    return unescaped(text)


class Cells:
    """The rows of one sheet, and the changes of some of its cells."""

    def __init__(self, path: str, part: str, text: str, date1904: bool, filled: Mapping[tuple[int, int], str]) -> None:
        self.path, self.part, self.text, self.date1904 = path, part, text, date1904
        self.filled = filled
        self.formulas_lost = False
        self.prefix = _prefix(text)

    def changed(self, changes: Sequence[Change]) -> str:
        """The sheet's text with the cells changed; rows and cells that are missing are put in their place."""
        wanted: dict[int, dict[int, Change | None]] = {}
        for row, column in self.filled:
            wanted.setdefault(row, {})[column] = None
        for change in changes:
            wanted.setdefault(change.address.row, {})[change.address.column] = change
        start, end, empty = sheet_data(self.text)
        body = "" if empty else self.text[start:end]
        rows = self._rows(body, wanted)
        if empty and rows:
            rows = f"<{self.prefix}sheetData>{rows}</{self.prefix}sheetData>"
        return self.text[:start] + rows + self.text[end:] if rows or not empty else self.text

    def _rows(self, body: str, wanted: Mapping[int, Mapping[int, Change | None]]) -> str:
        pieces: list[str] = []
        missing = sorted(wanted)
        position = number = 0
        for row in rows_in(body):
            if not missing:
                break
            number = int(attributes(row.facts).get("r", number + 1))
            pieces.append(body[position : row.start])
            while missing and missing[0] < number:
                pieces.append(self.new_row(missing[0], wanted[missing.pop(0)]))
            if missing and missing[0] == number:
                pieces.append(self._old_row(row, number, wanted[missing.pop(0)]))
            else:
                pieces.append(body[row.start : row.end])
            position = row.end
        pieces.append(body[position:])
        pieces += [self.new_row(number, wanted[number]) for number in missing]
        return "".join(pieces)

    def new_row(self, number: int, wanted: Mapping[int, Change | None]) -> str:
        cells = "".join(self.new_cell(number, column, wanted[column]) for column in sorted(wanted))
        return f'<{self.prefix}row r="{number}">{cells}</{self.prefix}row>' if cells else ""

    def _old_row(self, row: Row, number: int, wanted: Mapping[int, Change | None]) -> str:
        pieces: list[str] = []
        missing = sorted(wanted)
        body, position, column = row.content, 0, 0
        for cell in CELL.finditer(body):
            if not missing:
                break
            name = attributes(cell[2]).get("r")
            column = cell_position(name)[1] if name else column + 1
            pieces.append(body[position : cell.start()])
            while missing and missing[0] < column:
                pieces.append(self.new_cell(number, missing[0], wanted[missing.pop(0)]))
            if missing and missing[0] == column:
                change = wanted[missing.pop(0)]
                pieces.append(self.old_cell(cell, number, column, change) if change else cell[0])
            else:
                pieces.append(cell[0])
            position = cell.end()
        pieces += [body[position:], *(self.new_cell(number, column, wanted[column]) for column in missing)]
        facts = widened(row.facts, wanted)
        return f"<{row.prefix}row{facts}>{''.join(pieces)}</{row.prefix}row>"

    def new_cell(self, row: int, column: int, change: Change | None) -> str:
        pattern = self.filled.get((row, column))
        if pattern is not None:
            return self.old_cell(_whole(pattern), row, column, change) if change else pattern
        if change is None or change.value is None or change.cached:
            return ""
        kind, inner = self.written(change.value)
        return f'<{self.prefix}c r="{letters(column)}{row}"{kind}>{inner}</{self.prefix}c>'

    def old_cell(self, cell: re.Match[str], row: int, column: int, change: Change) -> str:
        """The cell with another value: its own attributes but the type, its own formula if only the result changes."""
        formula = FORMULA.search(cell[3] or "")
        if change.cached:
            if formula is None:
                return cell[0]
            kind, inner = self._result(change.value)
            return f"<{cell[1]}c{kept(cell[2], formula=True)}{kind}>{formula[0]}{inner}</{cell[1]}c>"
        if formula:
            self._give_up_formula(formula, row, column)
        if change.value is None:
            return f"<{cell[1]}c{kept(cell[2])}/>"
        kind, inner = self.written(change.value)
        return f"<{cell[1]}c{kept(cell[2])}{kind}>{inner}</{cell[1]}c>"

    def _give_up_formula(self, formula: re.Match[str], row: int, column: int) -> None:
        facts = attributes(formula[2])
        shared_by_others = (
            facts.get("t") in ("shared", "array", "dataTable") and formula[3] and ":" in facts.get("ref", "")
        )
        if shared_by_others:
            place = f"{letters(column)}{row}"
            raise Unsupported(
                self.path,
                f"{place} holds a formula that other cells share",
                "Change that cell in the spreadsheet program",
            )
        self.formulas_lost = True

    def written(self, value: Scalar) -> tuple[str, str]:
        """(the type attribute, the content) of a cell with this value."""
        p = self.prefix
        if isinstance(value, bool):
            return ' t="b"', f"<{p}v>{int(value)}</{p}v>"
        if isinstance(value, str):
            return ' t="inlineStr"', f'<{p}is><{p}t xml:space="preserve">{content(encoded(value))}</{p}t></{p}is>'
        return "", f"<{p}v>{self._number(value)}</{p}v>"

    def _result(self, value: Scalar) -> tuple[str, str]:
        """The same for a formula's remembered result; None forgets it."""
        p = self.prefix
        if value is None:
            return "", ""
        if isinstance(value, str) and value.startswith("#") and value.rstrip("!?").isupper():
            return ' t="e"', f"<{p}v>{value}</{p}v>"
        if isinstance(value, str):
            return ' t="str"', f"<{p}v>{content(encoded(value))}</{p}v>"
        return self.written(value)

    def _number(self, value: Scalar) -> str:
        if isinstance(value, (datetime, date, time, timedelta)):
            value = serial(value, self.date1904)
        if isinstance(value, (int, float)):
            return repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
        raise TypeError(f"no cell holds a {type(value).__name__}")


def _prefix(text: str) -> str:
    """The prefix (with colon) of the sheet's own elements."""
    found = re.search(r"<((?:\w+:)?)worksheet\b", text)
    return found[1] if found else ""


def kept(facts: str, *, formula: bool = False) -> str:
    """A cell's attributes as written that stay when its value changes, or only what its formula results in."""
    return (_OF_THE_RESULT if formula else _OF_THE_VALUE).sub("", facts).rstrip()


def _whole(cell: str) -> re.Match[str]:
    match = CELL.match(cell)
    if match is None:
        raise ValueError(cell)
    return match


def widened(facts: str, wanted: Mapping[int, object]) -> str:
    """A row's attributes with its `spans` hint reaching to new columns."""

    def wider(match: re.Match[str]) -> str:
        return f'spans="{min(int(match[1]), *wanted)}:{max(int(match[2]), *wanted)}"'

    return re.sub(r"spans=\"(\d+):(\d+)\"", wider, facts).rstrip()
