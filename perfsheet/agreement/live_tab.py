"""The Goals tab with our live columns: which cells calculate, and the formula that each should hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from ..forms import CHECKINS, GOALS, MILESTONES, PLAN, Goal
from ..forms.languages import formula_in, language_of
from ..live_columns import HELPERS, VISIBLE, Step, table_of
from ..records.teambook import TeamBook
from ..tables import Address, Cell, Formulas, ListObject, Sheet

STEPS = (*VISIBLE, *HELPERS)


@dataclass(frozen=True)
class LiveTab:
    """The Goals tab of a workbook with our live columns."""

    book: TeamBook
    sheet: Sheet
    table: ListObject
    formulas: Formulas
    columns: Mapping[str, int]
    """The number of each calculated column that is there, by header."""

    @cached_property
    def goals(self) -> dict[int, Goal]:
        """The goals by row."""
        return {goal.row: goal for goal in self.book.goals}

    @cached_property
    def rows(self) -> list[int]:
        """The table's rows, and goals below it."""
        first = self.table.area.top + self.table.header_rows
        return sorted({*range(first, self.table.area.bottom + 1 - self.table.totals_rows), *self.goals})

    @cached_property
    def wanted(self) -> Mapping[str, str]:
        """The formula of each column, with tables and headers as they are called here; none if a table is gone."""
        names = _names_here(self.book)
        return {} if names is None else {h: _as_here(s, names) for s in STEPS if (h := s.column.header) in self.columns}

    def cell(self, row: int, header: str) -> Cell | None:
        return self.sheet.cells.get((row, self.columns[header]))

    def at(self, row: int, header: str) -> Address:
        return Address(self.sheet.name, row, self.columns[header])


def live_tab(book: TeamBook) -> LiveTab | None:
    """The tab, if it has our table with the folded steps: other people's formulas are their own affair."""
    place = book.places.get(GOALS.tab)
    sheet = book.book.sheet(place.sheet) if place and book.book else None
    if place is None or sheet is None or book.book is None or book.book.formulas is None:
        return None
    table = table_of(sheet, place)
    if table is None:
        return None
    titles = {title: n for n, title in enumerate(table.columns, table.area.left)}
    folded_away = {s.column.header: titles[s.column.header] for s in HELPERS if s.column.header in titles}
    if 2 * len(folded_away) < len(HELPERS):
        return None
    in_sight = {s.column.header: place.columns[s.column.name] for s in VISIBLE if s.column.name in place.columns}
    return LiveTab(book, sheet, table, book.book.formulas(sheet.name), in_sight | folded_away)


def _names_here(book: TeamBook) -> dict[tuple[str, str], tuple[str, str]] | None:
    """(our table, our header) -> what both are called in this workbook; None if a form has no table."""
    found = {}
    for form in (GOALS, CHECKINS, PLAN, MILESTONES):
        place = book.places.get(form.tab)
        sheet = book.book.sheet(place.sheet) if place and book.book else None
        table = table_of(sheet, place) if sheet and place else None
        if place is None or table is None:
            return None
        for column in form.columns:
            number = place.columns.get(column.name)
            title = table.columns[number - table.area.left] if number else column.header
            found[form.table, column.header] = (table.name, title)
    return found


def _as_here(step: Step, names: Mapping[tuple[str, str], tuple[str, str]]) -> str:
    if all(ours == here for ours, here in names.items()):
        return step.text
    own = names[GOALS.table, "Goal ID"][0]
    language = _language(names)
    return formula_in(language, step.called(lambda table, header: names.get((table, header), (own, header))))


def language_here(book: TeamBook) -> str | None:
    """The language of the workbook's headers and choices, if it is one of those that we write; None for English."""
    names = _names_here(book)
    return _language(names) if names else None


def _language(names: Mapping[tuple[str, str], tuple[str, str]]) -> str | None:
    return language_of([here[1] for ours, here in names.items() if ours[0] == GOALS.table])


def cell_at(book: TeamBook, place: Address | None) -> Cell | None:
    sheet = book.book.sheet(place.sheet) if place and book.book else None
    return sheet.cells.get((place.row, place.column)) if sheet and place else None
