"""Which formulas look at changed cells, directly or through others: their remembered results are old.

A program that opens the workbook calculates them anew. A reader that does not calculate would
take an old result for the truth, so it is forgotten: no value is better than a wrong one.
"""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from ..tables import Area
from .references import Looks, looks

Place = tuple[str, int, int]
"""Sheet (folded), row, column."""


class Formula(NamedTuple):
    """A formula and where it stands."""

    place: Place
    text: str


class TableFacts(NamedTuple):
    """A table as formulas see it: its sheet, its area, its columns' names in order."""

    sheet: str
    area: Area
    columns: tuple[str, ...]


class _Changed:
    """Changed cells, found quickly by sheet, column and rows."""

    def __init__(self, cells: Iterable[Place]) -> None:
        self.rows: dict[tuple[str, int], list[int]] = {}
        for place in cells:
            self.add(place)

    def add(self, place: Place) -> None:
        sheet, row, column = place
        insort(self.rows.setdefault((sheet, column), []), row)

    def within(self, sheet: str, area: Area) -> bool:
        """Whether any changed cell lies in the area."""
        width = area.right - area.left
        if width < len(self.rows):
            wanted: Iterable[tuple[str, int]] = ((sheet, column) for column in range(area.left, area.right + 1))
        else:
            wanted = [key for key in self.rows if key[0] == sheet and area.left <= key[1] <= area.right]
        for key in wanted:
            rows = self.rows.get(key, [])
            at = bisect_left(rows, area.top)
            if at < len(rows) and rows[at] <= area.bottom:
                return True
        return False


def dependents(
    changed: Iterable[Place], formulas: Iterable[Formula], tables: Mapping[str, TableFacts], names: Mapping[str, str]
) -> set[Place]:
    """The places of all formulas that depend on changed cells, through other formulas too.

    `tables` by folded name, `names` (folded) with what they stand for. A formula that may look
    anywhere (INDIRECT, OFFSET) is taken to depend on everything.
    """
    seen = _Changed(changed)
    waiting = {f.place: _areas(f, tables, names) for f in formulas}
    found: set[Place] = set()
    while True:
        stale = [p for p, areas in waiting.items() if areas is None or any(seen.within(s, a) for s, a in areas)]
        if not stale:
            return found
        for place in stale:
            del waiting[place]
            found.add(place)
            seen.add(place)


def _areas(
    formula: Formula, tables: Mapping[str, TableFacts], names: Mapping[str, str]
) -> list[tuple[str, Area]] | None:
    """The areas a formula looks at, names and tables resolved; None if it may look anywhere."""
    found: list[tuple[str, Area]] = []
    waiting, told = [looks(formula.text, formula.place[0])], set[str]()
    while waiting:
        one: Looks = waiting.pop()
        if one.anything:
            return None
        found += [(sheet.casefold(), area) for sheet, area in one.areas]
        for table, inside in one.tables:
            facts = tables.get(table.casefold())
            if facts:
                found.append((facts.sheet, _part(facts, inside, formula.place[1])))
        for name in (n.casefold() for n in one.names):
            if name in names and name not in told:
                told.add(name)
                waiting.append(looks(names[name], formula.place[0]))
            elif name in tables:
                found.append((tables[name].sheet, tables[name].area))
    return found


_COLUMN = re.compile(r"\[([^\[\]#@]+)\]")


def _part(table: TableFacts, inside: str, row: int) -> Area:
    """The part of a table that brackets name, in this row where they say so."""
    area, of_this_row = _named(table, inside)
    return area._replace(top=row, bottom=row) if of_this_row and area.top <= row <= area.bottom else area


@lru_cache(maxsize=1024)
def _named(table: TableFacts, inside: str) -> tuple[Area, bool]:
    """The columns that brackets name, the whole table where in doubt, and whether they say "this row".

    Kept, because the rows of a table ask for the same few parts of it.
    """
    named = _COLUMN.findall(inside) if "[" in inside else [inside.lstrip("@")]
    known = {name.casefold(): i for i, name in enumerate(table.columns)}
    places = [known[n.strip().casefold()] for n in named if n.strip().casefold() in known]
    area = table.area
    if places:
        area = area._replace(left=table.area.left + min(places), right=table.area.left + max(places))
    return area, "#This Row" in inside or "@" in inside
