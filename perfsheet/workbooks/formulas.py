"""The texts of a sheet's formulas, read only when somebody asks, and compared by what they look at.

Programs write the same formula in many ways: `tblGoals[[#This Row],[Target]]` is `[@Target]` when
typed, `$I7` after a detour through another file format, `TRUE` is `TRUE()` for some. Two formulas
are the same here if they have the same functions, texts and numbers in the same order and look at
the same cells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from ..tables import Area, ListObject, column_number
from .editing import every_formula
from .package import Package, SheetPart
from .references import area_of
from .splicing import decoded
from .strings import unescaped

Place = tuple[int, int]
"""(row, column)"""

_PLAIN = re.compile(r'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"[^<>]*><f(?: [^<>]*)?>([^<]*)</f>')
"""A cell with a formula as every program writes it; what it does not account for goes the slow way."""


Tables = Mapping[str, tuple[str, ListObject]]
"""The workbook's tables by folded name, each with its sheet."""


def tables_in(sheets: Mapping[str, tuple[ListObject, ...]]) -> Tables:
    """The tables of all sheets, as formulas look them up."""
    return {t.name.casefold(): (sheet, t) for sheet, found in sheets.items() for t in found}


class BookFormulas:
    """The formulas of a workbook by sheet; a sheet's part is looked at when it is first asked for."""

    def __init__(self, package: Package, tables: Mapping[str, tuple[ListObject, ...]]) -> None:
        self._package = package
        self._tables = tables_in(tables)
        self._known: dict[str, SheetFormulas] = {}

    def __call__(self, sheet: str) -> SheetFormulas:
        """The formulas of one sheet; of a sheet that is not there, none."""
        key = sheet.casefold()
        if key not in self._known:
            part = next((s for s in self._package.sheets if s.name.casefold() == key and s.kind == "worksheet"), None)
            texts = dict(_texts(self._package, part)) if part else {}
            given = (lambda: dict(_calculated(self._package, part))) if part else dict
            self._known[key] = SheetFormulas(sheet, texts, self._tables, given)
        return self._known[key]


class SheetFormulas:
    """The formulas of one sheet: their texts, and whether one is what it should be.

    `given` tells what new rows of a table get, by (table, column), when somebody asks.
    """

    def __init__(
        self,
        sheet: str,
        texts: Mapping[Place, str],
        tables: Tables,
        given: Callable[[], dict[tuple[str, str], str]],
    ) -> None:
        self.texts = texts
        self._read: dict[tuple[str, int], str] = {}
        self._titles: dict[str, dict[str, int]] = {}
        self._sheet, self._tables, self._given = sheet, tables, given

    def same(self, row: int, column: int, wanted: str) -> bool:
        """Whether the cell holds the formula `wanted`, however it is written."""
        text = self.texts.get((row, column))
        return text is not None and (text == wanted or self.reads(text, row) == self.reads(wanted, row))

    def reads(self, formula: str, row: int) -> str:
        """A formula of this row in one way of writing: cells of its own row as @column, areas by their corners."""
        key = formula, row if _BOUND.search(formula) else 0
        if key not in self._read:
            text = formula.strip().removeprefix("{").removesuffix("}").strip().lstrip("=")
            pieces = (self._piece(match, key[1]) for match in _TOKEN.finditer(text))
            self._read[key] = "".join(pieces).replace("true()", "true").replace("false()", "false")
        return self._read[key]

    @cached_property
    def calculated(self) -> dict[tuple[str, str], str]:
        """The formula that new rows of a table get, by (table, column), both folded."""
        return self._given()

    def _piece(self, match: re.Match[str], row: int) -> str:
        if match["text"]:
            return match["text"]
        if match["inside"] is not None:
            return self._structured(match["table"], match["inside"], row) or match[0].casefold()
        if match["first"]:
            area = area_of(f"{match['first']}:{match['last'] or match['first']}")
            sheet = match["sheet"]
            return self._area(sheet.strip("'").replace("''", "'") if sheet else self._sheet, area, row)
        if match["name"]:
            return _PREFIX.sub("", match["name"].casefold())
        return f"{float(match[0]):.15g}" if match["number"] else match[0].strip()

    def _area(self, sheet: str, area: Area, row: int) -> str:
        here = sheet.casefold() == self._sheet.casefold() and area.top == area.bottom == row
        if here and area.left == area.right:
            return f"@{area.left}"
        return f"<{sheet.casefold()} {area}>"

    def _structured(self, name: str | None, inside: str, row: int) -> str | None:
        """The cells of tblGoals[[#This Row],[Target]], [@Target], tblGoals[Target]; None for what it is not."""
        found = self._tables.get(name.casefold()) if name else self._own_table(row)
        if found is None:
            return None
        sheet, table = found
        items = [i.strip() for i in re.findall(r"\[([^\[\]]*)\]", inside)] or [inside.strip().lstrip("@").strip()]
        titles = [folded for item in items if not (folded := _title(item)).startswith("#")]
        if table.name not in self._titles:
            self._titles[table.name] = {_title(title): n for n, title in enumerate(table.columns, table.area.left)}
        columns = self._titles[table.name]
        if not titles or any(title not in columns for title in titles):
            return None
        numbers = [columns[title] for title in titles]
        words = {item.casefold() for item in items if item.startswith("#")}
        if inside.strip().startswith("@") or "#this row" in words:
            top = bottom = row
        elif "#headers" in words:
            top = bottom = table.area.top
        else:
            top, bottom = table.area.top + table.header_rows, table.area.bottom - table.totals_rows
        return self._area(sheet, Area(top, min(numbers), bottom, max(numbers)), row)

    def _own_table(self, row: int) -> tuple[str, ListObject] | None:
        mine = (f for f in self._tables.values() if f[0].casefold() == self._sheet.casefold())
        return next((f for f in mine if f[1].area.top <= row <= f[1].area.bottom), None)


_BOUND = re.compile(r"(?<![\w.\[])\$?[A-Za-z]{1,3}\$?[1-9][0-9]{0,6}(?![\w.(])|(?<![\w.\\\[,:])\[")
"""What depends on the row that a formula stands in: cells by their letters, columns of a table that is not named."""
_PREFIX = re.compile(r"^(?:_xl[a-z]+\.)+")
_TOKEN = re.compile(
    r"(?P<text>\"(?:[^\"]|\"\")*\")"
    r"|(?P<table>[A-Za-z_\\][\w.\\]*)?\[(?P<inside>(?:[^\[\]]|\[[^\[\]]*\])*)\]"
    r"|(?:(?P<sheet>'(?:[^']|'')*'|[A-Za-z_][\w.]*)!)?"
    r"(?P<first>\$?[A-Za-z]{1,3}\$?[1-9][0-9]{0,6})(?::(?P<last>\$?[A-Za-z]{1,3}\$?[1-9][0-9]{0,6}))?(?![\w.(])"
    r"|(?P<name>[^\W\d][\w.\\]*)"
    r"|(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|\s+|.",
    re.DOTALL,
)


def _title(text: str) -> str:
    """A column's title as formulas mean it: an apostrophe before a sign belongs to the notation."""
    return " ".join(re.sub(r"'(.)", r"\1", text).casefold().split())


def _texts(package: Package, part: SheetPart) -> Iterator[tuple[Place, str]]:
    text = decoded(package.read(part.part)).text
    plain = _PLAIN.findall(text)
    if len(plain) == text.count("<f>") + text.count("<f ") and ":f>" not in text and ":f " not in text:
        turned = {formula: unescaped(formula) for formula in {formula for _, _, formula in plain}}
        numbers = {name: column_number(name) for name in {name for name, _, _ in plain}}
        for name, row, formula in plain:
            yield (int(row), numbers[name]), turned[formula]
    else:
        yield from every_formula(text)


def _calculated(package: Package, part: SheetPart) -> Iterator[tuple[tuple[str, str], str]]:
    for pointer in package.relationships(part.part).values():
        if pointer.kind == "table" and not pointer.external and package.has(pointer.target):
            node = package.tree(pointer.target)
            name, columns = (node.get("displayName") or node.get("name")).casefold(), node.child("tableColumns")
            for column in columns.all("tableColumn") if columns else ():
                formula = column.child("calculatedColumnFormula")
                if formula is not None and formula.text.strip():
                    yield (name, _title(column.get("name"))), formula.text.strip()
