"""Where each form stands: which sheet, which header row, which column is which.

A form is found by the name of its Excel table, else by its tab's name, else by its headers
alone, wherever the header row stands. A header's own name goes before any synonym; a synonym
that several columns share, or whose values do not fit, is decided by what stands below it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib import resources

from ..forms import ADJUSTMENTS, FORMS, HISTORY, SETTINGS, Column, Form, Kind, folded
from ..forms.languages import header_synonyms
from ..tables import Book, Cell, ListObject, Sheet

SAMPLE = 25
"""So many rows below a header are looked at to decide what it means."""


@dataclass(frozen=True)
class Located:
    """A form's place in a workbook. `columns` maps field names to column numbers."""

    form: Form
    sheet: Sheet
    header_row: int
    columns: Mapping[str, int]
    list_object: ListObject | None
    duplicates: tuple[tuple[str, int, int], ...] = ()
    """(header, column that is read, column that is left alone)"""

    @cached_property
    def missing(self) -> list[Column]:
        """Required columns that are not there."""
        return [c for c in self.form.required if c.name not in self.columns]


@dataclass(frozen=True)
class _Candidate:
    located: Located
    score: float


def locate(book: Book) -> dict[str, Located]:
    """The best place of each form, by the form's tab name ("Goals"); forms not found are absent."""
    found: dict[str, Located] = {}
    taken: set[tuple[str, int, int]] = set()
    for candidate in sorted(_candidates(book), key=lambda c: -c.score):
        place = candidate.located
        cells = {(place.sheet.name, place.header_row, column) for column in place.columns.values()}
        if place.form.tab not in found and not cells & taken:
            found[place.form.tab] = place
            taken |= cells
    return found


def others(book: Book, found: Mapping[str, Located]) -> list[Located]:
    """Complete tables of a form that already has its place: copies that are not read."""
    used = {p.sheet.name for p in found.values()}
    spare = []
    for sheet in book.sheets:
        if sheet.name in used or sheet.mark:
            continue
        for candidate in _search(sheet, FORMS):
            place = candidate.located
            named = place.list_object is not None or folded(place.form.tab) in folded(sheet.name)
            filled = any((place.header_row + 1, c) in sheet.cells for c in place.columns.values())
            if place.form.tab in found and not place.missing and named and filled:
                spare.append(place)
    return spare


def _candidates(book: Book) -> Iterator[_Candidate]:
    """Sheets by table name first; a sheet whose tables are all known is not searched further."""
    named = _by_table()
    certain: set[str] = set()
    searched: list[Sheet] = []
    for sheet in book.sheets:
        ours = [
            (named[o.name.casefold()], o) for o in sheet.list_objects if o.name.casefold() in named and o.header_rows
        ]
        for form, list_object in ours:
            candidate = _at(form, sheet, list_object.area.top, list_object, _table_texts(sheet, list_object))
            if candidate and not candidate.located.missing:
                certain.add(form.tab)
                yield candidate
        if not ours or any(form.tab not in certain for form, _ in ours):
            searched.append(sheet)
    forms = [f for f in FORMS if f.tab not in certain]
    for sheet in searched if forms else ():
        yield from _search(sheet, forms)


@cache
def _by_table() -> Mapping[str, Form]:
    return {form.table.casefold(): form for form in FORMS}


def _search(sheet: Sheet, forms: Iterable[Form]) -> Iterator[_Candidate]:
    if sheet.mark:
        forms = [f for f in forms if f.tab == sheet.mark]
    else:
        forms = [f for f in forms if f not in (ADJUSTMENTS, HISTORY) or folded(f.tab) == folded(sheet.name)]
    if not forms:
        return
    headers = {o.area.top: o for o in sheet.list_objects}
    for row, texts in _text_rows(sheet):
        list_object = headers.get(row)
        if list_object:
            texts = _table_texts(sheet, list_object)
        for form in forms:
            candidate = _at(form, sheet, row, list_object, texts)
            if candidate:
                yield candidate


def _text_rows(sheet: Sheet) -> list[tuple[int, dict[int, str]]]:
    """Rows with at least two words of some form's headers, as column -> folded text."""
    rows: dict[int, dict[int, str]] = {}
    known = _all_words()
    for (row, column), cell in sheet.cells.items():
        if cell.type == "text":
            text = _header(str(cell.value))
            if text in known:
                rows.setdefault(row, {})[column] = text
    return [(row, dict(sorted(rows[row].items()))) for row in sorted(rows) if len(rows[row]) >= 2]


@cache
def _all_words() -> frozenset[str]:
    return frozenset(word for form in FORMS for word in _vocabulary(form))


def _table_texts(sheet: Sheet, list_object: ListObject) -> dict[int, str]:
    area = list_object.area
    texts = sheet.grid.texts(area.top).items()
    return {column: _header(text) for column, text in texts if area.left <= column <= area.right}


_BRACKETS = re.compile(r"[(\[].*?[)\]]")


LONGEST_HEADER = 60


@lru_cache(maxsize=8192)
def _header(text: str) -> str:
    """A header's folded text without what stands in brackets: Target (EUR) is Target."""
    if len(text) > LONGEST_HEADER:
        return ""
    return folded(_BRACKETS.sub("", text)) or folded(text)


def _at(
    form: Form, sheet: Sheet, row: int, list_object: ListObject | None, texts: Mapping[int, str]
) -> _Candidate | None:
    """The form with its header in this row, if enough of its columns are there."""
    vocabulary = _vocabulary(form)
    if vocabulary.keys().isdisjoint(texts.values()):
        return None
    columns, duplicates, own = _match(form, sheet, row, texts)
    required = form.required
    there = sum(c.name in columns for c in required)
    named = folded(sheet.name) in _tab_names(form) or sheet.mark == form.tab
    tabled = list_object is not None and list_object.name.casefold() == form.table.casefold()
    if there == 0 or (there < len(required) and not (named or tabled)) or (len(columns) < 2 and not tabled):
        return None
    if form is SETTINGS and not (named or tabled) and len(own) < 2:
        return None
    if not (named or tabled) and len(columns) < 3 and len(own) < 2:
        return None
    score = (
        len(own) + 0.7 * (len(columns) - len(own)) + 4 * tabled + 3 * named - 2 * (len(required) - there) - row * 1e-5
    )
    return _Candidate(Located(form, sheet, row, columns, list_object, duplicates), score)


def _match(
    form: Form, sheet: Sheet, row: int, texts: Mapping[int, str]
) -> tuple[dict[str, int], tuple[tuple[str, int, int], ...], set[str]]:
    """Columns of the form among the headers: own names first, then synonyms that fit their values."""
    own, duplicates, unclear = _by_own_names(form, tuple(texts.items()))
    columns = dict(own)
    for column, names in unclear:
        meant = [form.column(name) for name in names]
        fitting = [c for c in meant if c.name not in columns and _fits(c, sheet, row, column)]
        if fitting:
            columns[fitting[0].name] = column
    return columns, duplicates, set(own)


@lru_cache(maxsize=1024)
def _by_own_names(
    form: Form, texts: tuple[tuple[int, str], ...]
) -> tuple[Mapping[str, int], tuple[tuple[str, int, int], ...], tuple[tuple[int, tuple[str, ...]], ...]]:
    """The columns under their own names, those that are left alone, and what the others may mean.

    Workbooks of one template have the same headers, which are looked at once.
    """
    columns: dict[str, int] = {}
    duplicates: list[tuple[str, int, int]] = []
    own_names = {folded(c.header): c for c in form.columns}
    for column, text in texts:
        if text in own_names:
            name = own_names[text].name
            if name in columns:
                duplicates.append((own_names[text].header, columns[name], column))
            else:
                columns[name] = column
    synonyms = _vocabulary(form)
    unclear = ((column, synonyms[text]) for column, text in texts if text in synonyms and text not in own_names)
    return columns, tuple(duplicates), tuple(unclear)


def _fits(column: Column, sheet: Sheet, row: int, number: int) -> bool:
    """Whether at least half of the values below the header are of the column's kind."""
    cells = [sheet.cells.get((r, number)) for r in range(row + 1, row + 1 + SAMPLE)]
    values = [c for c in cells if c is not None and c.type not in ("empty", "error")]
    if column.live and values and all(cell.formula for cell in values):
        return True  # what a formula shows in rows without a goal is a text
    return not values or 2 * sum(_is_like(column.kind, c) for c in values) >= len(values)


_NUMBER = re.compile(r"\s*[-+−]?[\d.,\s\xa0]+\s*%?\s*\Z")
_DATE = re.compile(r"\d|jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz]", re.I)


def _is_like(kind: Kind, cell: Cell) -> bool:
    if kind in (Kind.NUMBER, Kind.SHARE, Kind.LEVEL):
        return cell.type in ("number", "bool") or (cell.type == "text" and bool(_NUMBER.match(str(cell.value))))
    if kind is Kind.DATE:
        serial = cell.type == "number" and isinstance(cell.value, (int, float)) and 20_000 < cell.value < 80_000
        return cell.type == "date" or serial or (cell.type == "text" and bool(_DATE.search(str(cell.value))))
    if kind in (Kind.TEXT, Kind.PERSON, Kind.PEOPLE, Kind.CHOICE):
        return cell.type == "text"
    return cell.type != "date" if kind is Kind.ID else True


@cache
def synonyms_of(tab: str) -> tuple[tuple[str, str, str], ...]:
    """(header, language, synonym) of a form's columns, from the tables beside the forms."""
    text = (resources.files("perfsheet") / "forms" / "synonyms.csv").read_text(encoding="utf-8")
    rows = [(r["column"], r["language"], r["synonym"]) for r in csv.DictReader(text.splitlines()) if r["form"] == tab]
    return tuple(dict.fromkeys([*rows, *header_synonyms(tab)]))


@cache
def _vocabulary(form: Form) -> dict[str, tuple[str, ...]]:
    """Every folded header or synonym of the form, with the fields that it may mean."""
    names = {c.header: c.name for c in form.columns}
    words: dict[str, list[str]] = {folded(c.header): [c.name] for c in form.columns}
    for header, _, synonym in synonyms_of(form.tab):
        meant = words.setdefault(folded(synonym), [])
        if header in names and names[header] not in meant:
            meant.append(names[header])
    return {word: tuple(meant) for word, meant in words.items() if word}


TAB_NAMES = {
    "Settings": "Einstellungen, Paramètres, Ajustes, Configuración, Configurações, 设置",
    "People": "Team, Personen, Personnes, Équipe, Personas, Pessoas, Equipe, Roster, 人员",
    "Goals": "Goal, OKRs, OKR, Objectives, KPIs, Ziele, Objectifs, Objetivos, Metas, 目标",
    "Plan": "Planung, Plan de charge, Planificación, Plano, 计划",
    "Milestones": "Meilensteine, Jalons, Hitos, Marcos, 里程碑",
    "Check-ins": "Checkins, Updates, Log, Statusupdates, Suivi, Seguimiento, Acompanhamento, 跟进",
    "Feedback": "Rückmeldungen, Retours, Comentarios, Retroalimentación, 反馈",
    "Actions": "Action items, Aufgaben, Maßnahmen, Tâches, Acciones, Ações, 行动",
    "Development": "Entwicklung, Développement, Desarrollo, Desenvolvimento, 发展",
    "Absences": "Abwesenheiten, Ausencias, Ausências, 缺勤",
    "Adjustments": "",
    "History": "",
}
"""Other names under which people keep these tabs."""


@cache
def _tab_names(form: Form) -> frozenset[str]:
    return frozenset(folded(name) for name in (form.tab, *TAB_NAMES[form.tab].split(",")) if name.strip())
