"""Lost drop-downs, formats, status colours and live formulas back in place; no value is touched.

Pasting wipes entry rules and formats, and a slip of the finger replaces a formula by a number. The
template that the workbook was made from says what belongs where: each of its columns is found again in
the workbook, also when it moved or goes by a synonym, and what is missing there is put back as it reads
in this workbook's own words. What somebody made differently on purpose (another date format, a rule of
their own) stays.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

from .forms import GOALS, SETTINGS, folded
from .forms.languages import language_of
from .records.locating import Located, locate
from .tables import Address, Area, Book, Cell, ListObject, Scalar, Sheet
from .templates import in_language, template_bytes, templates_folder
from .workbooks.mending import (
    ConditionalFormat,
    EntryRule,
    Fitting,
    Formats,
    Formula,
    Mending,
    Position,
    column_formulas,
    conditional_formats,
    entry_rules,
    fittings,
    listed_areas,
    mend,
    names_of,
    renamed_columns,
    same_formula,
)
from .workbooks.package import Package, SheetPart, check, open_package
from .workbooks.reading import read
from .workbooks.references import moved, renamed_areas, renamed_cells
from .workbooks.saving import check_writable, save
from .workbooks.serials import DATE, kind_of

FORMULA, RULE, FORMAT, COLUMN, NAME, TABLE = "formula", "entry rule", "format", "column formula", "name", "table"
CONDITIONAL = "conditional format"


@dataclass(frozen=True)
class Restored:
    """One thing that was put back, or on a dry run would be."""

    kind: str
    sheet: str
    where: str
    """A cell, an area, or a name."""
    what: str
    old: Scalar = None
    """What stood in the cell: a typed value, or another formula."""


@dataclass(frozen=True)
class Left:
    """Something that is missing and could not be put back, and why."""

    sheet: str
    what: str


@dataclass(frozen=True)
class Repaired:
    """What `repair` did to one workbook."""

    path: str
    template: str
    restored: tuple[Restored, ...]
    left: tuple[Left, ...]

    def answer(self, dry_run: bool) -> dict[str, Any]:
        """The same for scripts."""
        restored = [
            {"kind": r.kind, "sheet": r.sheet, "where": r.where, "what": r.what, "old": _plain(r.old)}
            for r in self.restored
        ]
        left = [{"sheet": item.sheet, "what": item.what} for item in self.left]
        return {"path": self.path, "template": self.template, "dry_run": dry_run, "restored": restored, "left": left}


def _plain(value: Scalar) -> str | float | None:
    return value if value is None or isinstance(value, (str, int, float)) else str(value)


def repair(
    path: str | os.PathLike[str], *, template: str | os.PathLike[str] | None = None, dry_run: bool = False
) -> Repaired:
    """Puts back what the workbook's template says and the workbook has lost.

    Without `template` it is found by Template version on Settings, else by the columns. Raises an
    Obstacle, before anything is touched, when the file cannot or must not be written.
    """
    package = open_package(path)
    check(package, for_writing=True)
    if not dry_run:
        check_writable(path)
    data, result = repaired(package, template)
    if data != package.data and not dry_run:
        save(path, data, expected_digest=package.digest)
    return result


def repaired(package: Package, template: str | os.PathLike[str] | None = None) -> tuple[bytes, Repaired]:
    """The repaired workbook's bytes, and what was put back in it."""
    book = read(package)
    name = os.fspath(template) if template else template_of(book)
    template_here = in_language(template_bytes(name), _language(book) or "en")
    work = _Repair(package, book, _template(template_here, name))
    work.run()
    data = mend(package, work.mending, work.formats) if work.mending else package.data
    return data, Repaired(package.path, name, tuple(work.restored), tuple(dict.fromkeys(work.left)))


def _language(book: Book) -> str | None:
    """The language of the workbook's headers, if it is one of those that we write."""
    place = locate(book).get(GOALS.tab)
    if place is None:
        return None
    headers = (place.sheet.cells.get((place.header_row, column)) for column in place.columns.values())
    return language_of([str(cell.value) for cell in headers if cell])


def template_of(book: Book) -> str:
    """The name of our template that the workbook was made from: by Template version, else by its columns."""
    ours = sorted(path.stem for path in templates_folder().glob("*.xlsx"))
    version = _version(locate(book).get(SETTINGS.tab))
    if version in ours:
        return version
    there = _headers(book)

    def likeness(name: str) -> tuple[int, bool]:
        wanted = _headers(_template(template_bytes(name), name).book)
        return len(wanted & there) - len(wanted - there), name == "team"

    return max(ours, key=likeness)


def _version(settings: Located | None) -> str:
    if settings is None or not {"setting", "value"} <= set(settings.columns):
        return ""
    for (row, column), cell in settings.sheet.cells.items():
        if column == settings.columns["setting"] and folded(str(cell.value)) == folded("Template version"):
            value = settings.sheet.cells.get((row, settings.columns["value"]))
            return str(value.value).partition(" ")[0] if value else ""
    return ""


def _tables(book: Book) -> set[str]:
    return {o.name.casefold() for sheet in book.sheets for o in sheet.list_objects}


def _headers(book: Book) -> set[tuple[str, str]]:
    return {(o.name, header) for sheet in book.sheets for o in sheet.list_objects for header in o.columns}


# ------------------------------------------------------------------------------ what a template says


@dataclass(frozen=True)
class _Tab:
    """One tab of a template."""

    fittings: tuple[tuple[Position, Fitting], ...]
    """Row by row."""
    rules: tuple[EntryRule, ...]
    conditional: tuple[ConditionalFormat, ...]


class _Template:
    """A template, read once for all workbooks that are laid beside it."""

    def __init__(self, data: bytes, name: str) -> None:
        self.package = Package.from_bytes(data, name)
        self.book = read(self.package)
        self._tabs: dict[str, _Tab] = {}

    @cached_property
    def places(self) -> dict[str, Located]:
        return locate(self.book)

    @cached_property
    def columns(self) -> dict[str, dict[str, Formula]]:
        return column_formulas(self.package)

    @cached_property
    def names(self) -> dict[str, str]:
        return names_of(self.package)

    def tab(self, name: str) -> _Tab:
        """What it says about the tab of that name."""
        if name not in self._tabs:
            package, part = self.package, _part(self.package, name)
            self._tabs[name] = _Tab(
                tuple(sorted(fittings(package, part).items())),
                tuple(entry_rules(package, part)),
                tuple(conditional_formats(package, part)),
            )
        return self._tabs[name]


@lru_cache(maxsize=8)
def _template(data: bytes, name: str) -> _Template:
    return _Template(data, name)


# ------------------------------------------------------------------------- where things are found again


@dataclass(frozen=True)
class _Pair:
    """One tab of the template and the tab of the workbook that it became."""

    wanted: Sheet
    there: Sheet
    columns: Mapping[int, int]
    """The template's column -> the workbook's."""
    header_row: int
    """In the template."""
    shift: int
    """So many rows lower is everything in the workbook."""
    rows: Mapping[int, int]
    """Rows that are known by their label, the template's -> the workbook's."""
    table: ListObject | None = None
    bottom: int = 0
    """The last row that belongs to the workbook's table, rows appended below it included."""

    def place(self, row: int, column: int) -> tuple[int, int] | None:
        """The workbook's cell for a cell of the template; None if it is not known."""
        if column not in self.columns:
            return None
        if self.rows and row > self.header_row:
            return (self.rows[row], self.columns[column]) if row in self.rows else None
        return row + self.shift, self.columns[column]


def _pair(wanted: Located, there: Located) -> _Pair:
    own = dict(_column_texts(there.sheet, there.header_row))
    if there.list_object:
        area = there.list_object.area
        own |= {area.left + i: folded(text) for i, text in enumerate(there.list_object.columns)}
    by_text = {text: column for column, text in reversed(list(own.items()))}
    fields = {number: there.columns[name] for name, number in wanted.columns.items() if name in there.columns}
    taken = set(there.columns.values())
    others = {
        number: by_text[text]
        for number, text in _column_texts(wanted.sheet, wanted.header_row)
        if number not in wanted.columns.values() and text in by_text and by_text[text] not in taken
    }
    rows = _labelled(wanted, there) if wanted.form is SETTINGS else {}
    columns = {**others, **fields}
    return _Pair(
        wanted.sheet, there.sheet, columns, wanted.header_row, there.header_row - wanted.header_row, rows,
        there.list_object, _bottom(there),
    )  # fmt: skip


def _column_texts(sheet: Sheet, row: int) -> Iterator[tuple[int, str]]:
    for (cell_row, column), cell in sheet.cells.items():
        if cell_row == row and cell.type == "text":
            yield column, folded(str(cell.value))


def _labelled(wanted: Located, there: Located) -> dict[int, int]:
    """Rows of Settings by what stands in Setting."""

    def rows(place: Located) -> dict[str, int]:
        column = place.columns.get("setting")
        cells = place.sheet.cells.items()
        return {folded(str(c.value)): r for (r, k), c in cells if k == column and r > place.header_row}

    found = rows(there)
    return {row: found[label] for label, row in rows(wanted).items() if label in found}


def _bottom(place: Located) -> int:
    """The last row of the table, with the rows that were typed in right below it."""
    inputs = [place.columns[c.name] for c in place.form.columns if not c.live and c.name in place.columns]
    filled = {row for (row, column), cell in place.sheet.cells.items() if column in inputs and cell.type != "empty"}
    if place.list_object is None:
        return max((row for row in filled if row > place.header_row), default=place.header_row)
    bottom = place.list_object.area.bottom - place.list_object.totals_rows
    while not place.list_object.totals_rows and bottom + 1 in filled:
        bottom += 1
    return bottom


# -------------------------------------------------------------------------------------- the work


class _Repair:
    """One workbook beside its template."""

    def __init__(self, package: Package, book: Book, template: _Template) -> None:
        self.package, self.book, self.template = package, book, template
        self.formats = Formats(package, template.package)
        self.mending = Mending()
        self.restored: list[Restored] = []
        self.left: list[Left] = []
        wanted, there = template.places, locate(book)
        self.pairs = {w.sheet.name: _pair(w, there[tab]) for tab, w in wanted.items() if tab in there}
        self._pair_other_tabs(set(wanted), {place.sheet.name for place in there.values()})
        self._in_own_words: dict[str, str | None] = {}

    def _pair_other_tabs(self, forms: set[str], used: set[str]) -> None:
        """Tabs without a form, such as Start here: known by their name, while they say the same in their first cell."""
        for sheet in self.template.book.sheets:
            there = self.book.sheet(sheet.name)
            if sheet.name in self.pairs or sheet.name in forms or there is None or there.name in used:
                continue
            if _text(sheet, 1, 1) == _text(there, 1, 1):
                table = next((o for o in there.list_objects for w in sheet.list_objects if o.name == w.name), None)
                header = sheet.list_objects[0].area.top if sheet.list_objects else 0
                columns = {c: c for _, c in sheet.cells} | ({c: c for c in range(1, 30)} if table else {})
                bottom = table.area.bottom if table else 0
                self.pairs[sheet.name] = _Pair(sheet, there, columns, header, 0, {}, table, bottom)

    def run(self) -> None:
        """Everything that is missing, tab by tab in the order of the template."""
        if not _tables(self.template.book) & _tables(self.book):
            self.left.append(Left("", "this workbook has none of a template's tables, so it is left as it is"))
            return
        for sheet in self.template.book.sheets:
            pair = self.pairs.get(sheet.name)
            if pair is None:
                self.left.append(Left(sheet.name, "there is no such tab, so nothing was put back in it"))
                continue
            self._grow(pair)
            self._cells(pair)
            self._rules(pair)
            self._conditional(pair)
        self._columns()
        self._names()

    def _said(self, kind: str, sheet: str, where: str, what: str, old: Scalar = None) -> None:
        self.restored.append(Restored(kind, sheet, where, what, old))

    # ---------------------------------------------------------------------------- tables

    @cached_property
    def tables(self) -> dict[str, tuple[str, dict[str, str]]]:
        """Each table of the template with its name and its headers in the workbook."""
        found = {}
        for pair in self.pairs.values():
            for wanted in pair.wanted.list_objects:
                if pair.table is None:
                    self.left.append(
                        Left(
                            pair.there.name,
                            f"its rows are no Excel table called {wanted.name} any more, so formulas cannot look at them; "
                            "select them, press Ctrl+T, give the table that name, and repair again",
                        )
                    )
                    continue
                left, names = pair.table.area.left, pair.table.columns
                headers = {
                    header: names[pair.columns[wanted.area.left + i] - left]
                    for i, header in enumerate(wanted.columns)
                    if 0 <= pair.columns.get(wanted.area.left + i, 0) - left < len(names)
                }
                missing = [header for header in wanted.columns if header not in headers]
                if missing:
                    text = ", ".join(missing)
                    self.left.append(
                        Left(pair.there.name, f"the template's columns {text} are not there and were left out")
                    )
                found[wanted.name] = (pair.table.name, headers)
        return found

    def _grow(self, pair: _Pair) -> None:
        if pair.table and pair.bottom > pair.table.area.bottom:
            self.mending.bottoms[pair.table.name] = pair.bottom
            rows = f"{pair.table.area.bottom + 1} to {pair.bottom}"
            self._said(TABLE, pair.there.name, pair.table.name, f"reaches down over the rows {rows} again")

    def _columns(self) -> None:
        """Formulas that tables give to new rows."""
        own, wanted = column_formulas(self.package), self.template.columns
        for name, columns in wanted.items():
            there, headers = self.tables.get(name, ("", {}))
            for header, formula in columns.items():
                text = self._told(formula.text) if header in headers else None
                if text is None:
                    continue
                right = Formula(text, formula.array)
                old = own.get(there, {}).get(headers[header])
                if old is None or not same_formula(old, right):
                    self.mending.columns.setdefault(there, {})[headers[header]] = right
                    sheet = next(p.there.name for p in self.pairs.values() if p.table and p.table.name == there)
                    self._said(
                        COLUMN,
                        sheet,
                        f"{there}[{headers[header]}]",
                        "new rows calculate it again",
                        old and f"={old.text}",
                    )

    # ----------------------------------------------------------------------------- cells

    def _cells(self, pair: _Pair) -> None:
        """Formulas and formats, cell by cell."""
        there = fittings(self.package, _part(self.package, pair.there.name))
        for (row, column), fitting in self.template.tab(pair.wanted.name).fittings:
            for place in self._places(pair, row, column):
                old = there.get(place)
                if fitting.formula:
                    self._formula(pair, place, fitting.formula, old)
                if row > pair.header_row and pair.header_row and self.formats.part:
                    self._format(pair, place, fitting, old)

    def _places(self, pair: _Pair, row: int, column: int) -> Iterator[tuple[int, int]]:
        """The cells for which a cell of the template is the pattern: of a table's first row, the whole column."""
        inside = pair.table and pair.wanted.list_objects[0].area.holds(row, column) and row > pair.header_row
        if not inside or pair.rows:
            place = pair.place(row, column)
            if place:
                yield place
        elif row == pair.header_row + 1 and column in pair.columns:
            for below in range(row + pair.shift, pair.bottom + 1):
                yield below, pair.columns[column]

    def _formula(self, pair: _Pair, place: tuple[int, int], wanted: Formula, old: Fitting | None) -> None:
        text = self._told(wanted.text)
        if text is None:
            return
        right, cell = Formula(text, wanted.array), pair.there.cells.get(place)
        if old and old.formula and same_formula(old.formula, right):
            return
        name = Address(pair.there.name, *place).cell
        if old and old.shared:
            self.left.append(Left(pair.there.name, f"{name}: other cells share its formula, which was changed"))
            return
        self.mending.formulas.setdefault(pair.there.name, {})[place] = right
        if old and old.formula:
            self._said(FORMULA, pair.there.name, name, "the formula that was changed", f"={old.formula.text}")
        elif cell is not None and cell.type != "empty":
            self._said(FORMULA, pair.there.name, name, "the formula that was typed over", cell.value)
        else:
            self._said(FORMULA, pair.there.name, name, "the formula that was missing")

    def _told(self, formula: str) -> str | None:
        """A formula of the template in the workbook's own words; None if it looks at something that is not there."""
        if formula not in self._in_own_words:
            self._in_own_words[formula] = renamed_columns(self._moved(formula), self.tables)
        return self._in_own_words[formula]

    def _moved(self, text: str) -> str:
        """Cells of Settings that a formula names, where they are now."""
        return renamed_areas(text, self._area_there)

    def _area_there(self, sheet: str, area: Area) -> tuple[str, Area] | None:
        pair = self.pairs.get(sheet)
        if pair is None:
            return None
        first, last = self._corner(pair, area.top, area.left), self._corner(pair, area.bottom, area.right)
        return (pair.there.name, Area(*first, *last)) if first and last else None

    def _corner(self, pair: _Pair, row: int, column: int) -> tuple[int, int] | None:
        inside = any(o.area.left <= column <= o.area.right for o in pair.wanted.list_objects)
        if pair.rows and not inside:  # the lists beside Settings
            return (row + pair.shift, pair.columns[column]) if column in pair.columns else None
        return pair.place(row, column)

    def _format(self, pair: _Pair, place: tuple[int, int], wanted: Fitting, old: Fitting | None) -> None:
        if old is not None and not self._lost(wanted.number, old.number, pair.there.cells.get(place)):
            return
        self.mending.formats.setdefault(pair.there.name, {})[place] = wanted.number
        self._said(FORMAT, pair.there.name, Address(pair.there.name, *place).cell, "the format of its column")

    def _lost(self, wanted: int, number: int, cell: Cell | None) -> bool:
        """Whether a format went missing, and is not just somebody's own taste."""
        right, own = self.formats.code(wanted, of_donor=True), self.formats.code(number)
        if number == 0:
            return True
        if kind_of(right) == DATE:
            return kind_of(own) != DATE
        if right == "@":
            return own == "General"
        if right == "0%":
            whole = cell is not None and isinstance(cell.value, (int, float)) and abs(cell.value) > 1.5
            return "%" not in own and not whole
        return kind_of(own) == DATE

    # ----------------------------------------------------------------------------- rules

    def _rules(self, pair: _Pair) -> None:
        """Entry rules on cells that no rule covers."""
        there = [a for rule in entry_rules(self.package, _part(self.package, pair.there.name)) for a in rule.areas]
        missing: dict[tuple[tuple[tuple[str, str], ...], tuple[str, ...]], list[Area]] = {}
        for rule in self.template.tab(pair.wanted.name).rules:
            bare = [cell for area in rule.areas for cell in _bare(self._ruled(pair, area), there)]
            if bare:
                formulas = tuple(self._moved(formula) for formula in rule.formulas)
                missing.setdefault((rule.facts, formulas), []).extend(_runs(bare))
        for (facts, formulas), areas in missing.items():
            self.mending.rules.setdefault(pair.there.name, []).append(EntryRule(tuple(areas), facts, formulas))
            what = "the drop-down" if ("type", "list") in facts else "what the cells accept and say on entry"
            self._said(RULE, pair.there.name, listed_areas(areas), what)

    def _ruled(self, pair: _Pair, area: Area) -> Iterator[tuple[int, int]]:
        """The workbook's cells for an area of the template's; one that fills the table's rows fills them here too."""
        table = pair.wanted.list_objects[0].area if pair.wanted.list_objects else None
        full = table and not pair.rows and (area.top, area.bottom) == (table.top + 1, table.bottom)
        for column in range(area.left, area.right + 1):
            if full and column in pair.columns:
                for row in range(area.top + pair.shift, pair.bottom + 1):
                    yield row, pair.columns[column]
            elif not full:
                corners = (self._corner(pair, row, column) for row in range(area.top, area.bottom + 1))
                yield from (corner for corner in corners if corner)

    # -------------------------------------------------------------------- conditional formats

    def _conditional(self, pair: _Pair) -> None:
        """Colours under a condition, on cells for which the sheet does not state that condition."""
        if not self.formats.part:
            return
        there = conditional_formats(self.package, _part(self.package, pair.there.name))
        lost: list[ConditionalFormat] = []
        for pattern in self.template.tab(pair.wanted.name).conditional:
            for area in pattern.areas:
                for column in range(area.left, area.right + 1):
                    lost += self._lost_colours(pair, pattern, area._replace(left=column, right=column), there)
        if lost:
            self.mending.conditional[pair.there.name] = lost
            for where in dict.fromkeys(listed_areas(item.areas) for item in lost):
                self._said(CONDITIONAL, pair.there.name, where, "the colours that mark what to look at")

    def _lost_colours(
        self, pair: _Pair, pattern: ConditionalFormat, column: Area, there: list[ConditionalFormat]
    ) -> Iterator[ConditionalFormat]:
        """One condition of the template on one column of cells, where those of the workbook lack it."""
        cells = list(self._ruled(pair, column))
        formulas = self._conditions(pair, pattern, column)
        if not cells or formulas is None:
            return
        start = cells[0]
        right = replace(pattern, areas=(Area(*start, *start),), formulas=formulas)
        stated = [area for own in there if own.says(right) for area in own.areas]
        for area in _runs(_bare(cells, stated)):
            here = tuple(moved(f, area.top - start[0], area.left - start[1]) for f in formulas)
            yield replace(right, areas=(area,), formulas=here)

    def _conditions(self, pair: _Pair, pattern: ConditionalFormat, column: Area) -> tuple[str, ...] | None:
        """The condition as it reads in the workbook's cell for the column's first; None if it names what is not there."""
        home = pattern.areas[0]
        found = []
        for formula in pattern.formulas:
            here = moved(formula, column.top - home.top, column.left - home.left)
            told = renamed_cells(here, lambda row, number: self._corner(pair, row, number))
            if told is None:
                return None
            found.append(self._moved(told))
        return tuple(found)

    # ----------------------------------------------------------------------------- names

    def _names(self) -> None:
        """Names that formulas and drop-downs use."""
        there = {name.casefold(): text for name, text in names_of(self.package).items()}
        for name, text in sorted(self.template.names.items()):
            if name.casefold() in there and "#REF!" not in there[name.casefold()]:
                continue
            moved = renamed_areas(text, self._area_there)
            if not moved or "#REF!" in moved:
                self.left.append(Left(SETTINGS.tab, f"the name {name} has nothing that it could stand for"))
                continue
            self.mending.names[name] = moved
            self._said(NAME, "", name, f"stands for {moved} again", there.get(name.casefold()))


def _part(package: Package, name: str) -> SheetPart:
    return next(sheet for sheet in package.sheets if sheet.name == name)


def _text(sheet: Sheet, row: int, column: int) -> str:
    cell = sheet.cells.get((row, column))
    return str(cell.value) if cell else ""


def _bare(cells: Iterable[Position], areas: Iterable[Area]) -> list[Position]:
    """The cells that none of the areas holds."""
    found = list(cells)
    columns = {column for _, column in found}
    near = [area for area in areas if any(area.left <= column <= area.right for column in columns)]
    return [cell for cell in found if not any(area.holds(*cell) for area in near)]


def _runs(cells: list[tuple[int, int]]) -> Iterator[Area]:
    """Cells as few areas: those that follow each other in a column are one."""
    start = last = None
    for row, column in sorted(cells, key=lambda cell: (cell[1], cell[0])):
        if start and last == (row - 1, column):
            last = (row, column)
            continue
        if start and last:
            yield Area(*start, *last)
        start = last = (row, column)
    if start and last:
        yield Area(*start, *last)
