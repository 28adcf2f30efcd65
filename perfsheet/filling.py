"""A team workbook filled in: rows and settings put into a template, ours or a designer's own copy.

The template is edited in place, so tabs, columns, logos and colours that somebody added stay as they
are. Rows go into the prepared blank rows first; then the table grows.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

from .errors import Misuse
from .forms import CHECKINS, GOALS, PEOPLE, SETTINGS, Form, Person, folded
from .forms.languages import language_of, word_in
from .forms.settings import labels
from .lists import read_people
from .records.locating import Located, locate
from .tables import MAX_COLUMN, Address, Book, Change, Scalar
from .templates import in_language, template_path
from .workbooks.editing import edit
from .workbooks.moulds import Mould
from .workbooks.package import Package, check, open_package
from .workbooks.reading import read
from .workbooks.saving import create

Row = Mapping[str, Any]

NAMESPACE = uuid.UUID("5b6f0a3e-3c0f-5d0e-9a64-8f6a3c1d2e70")
"""Workbook ids are drawn from a workbook's facts within this namespace: same facts, same id."""

KEPT_MOULDS = 6
"""So many shapes of a template, told apart by how far its tables have grown, are kept ready; each takes some megabytes."""


def fill(
    template: bytes, rows: Mapping[Form, Sequence[Row]], settings: Mapping[str, Any], path: str = "the template"
) -> bytes:
    """The template with rows (field name -> value) and settings (field name -> value) filled in.

    A column that only the template has is named by its header. None leaves a cell as it is; several owners are joined with semicolons. Raises Misuse when the
    template has no place for something, and an Obstacle when it cannot be read or edited.
    """
    return Filler(template, path).fill(rows, settings)


class Filler:
    """A template looked at once, to be filled in many times."""

    def __init__(self, template: bytes, path: str = "the template") -> None:
        self.path = path
        self._package = Package.from_bytes(template, path)
        check(self._package, for_writing=True)
        self._book = read(self._package)
        self._places = locate(self._book)
        self._language = language_of(_headers(self._places[GOALS.tab])) if GOALS.tab in self._places else None
        self._used = {tab: _used_rows(place) for tab, place in self._places.items()}
        above = _above(self._book, self._places.values())
        self._template = Package.from_bytes(edit(self._package, above, forget=False), path) if above else self._package
        self._moulds: dict[tuple[tuple[str, int], ...], Mould] = {}

    def fill(self, rows: Mapping[Form, Sequence[Row]], settings: Mapping[str, Any]) -> bytes:
        """The template's bytes with rows and settings filled in, as `fill` says."""
        changes = _setting_changes(self._places.get(SETTINGS.tab), settings, self.path, self._language)
        grow: dict[str, int] = {}
        for form, entries in rows.items():
            if not entries:
                continue
            place = self._places.get(form.tab)
            if place is None:
                raise Misuse(f"{self.path} has no {form.tab} tab, and there are {len(entries)} rows for it")
            free = _free_rows(place.header_row, self._used[form.tab], len(entries))
            changes += _row_changes(place, entries, free, self.path, self._language)
            if place.list_object and free[-1] > place.list_object.area.bottom:
                grow[place.list_object.name] = free[-1]
        return self._mould(grow).cast(changes) if changes else self._package.data

    def _mould(self, grow: Mapping[str, int]) -> Mould:
        """The template taken apart, its tables grown; the few that were needed last are kept."""
        key = tuple(sorted(grow.items()))
        mould = self._moulds.pop(key, None)
        if mould is None:
            data = edit(self._template, [], grow, forget=False)
            mould = Mould(Package.from_bytes(data, self.path))
        self._moulds[key] = mould
        if len(self._moulds) > KEPT_MOULDS:
            del self._moulds[next(iter(self._moulds))]
        return mould

    def new_workbook(self, settings: Mapping[str, Any], rows: Mapping[Form, Sequence[Row]]) -> bytes:
        """A workbook for one team with an id that follows from the facts."""
        facts = {"workbook_id": workbook_id(settings), **{k: v for k, v in settings.items() if v is not None}}
        return self.fill(rows, facts)


def _above(book: Book, places: Iterable[Located]) -> list[Change]:
    """Formulas outside the tables forget what they said about an empty workbook.

    Those in a row that is filled in do so when it is; the prepared rows below stay empty and so do
    their results, which is why not every formula that looks at the tables has to. Sentences state
    rules, which no row changes.
    """
    headers = {place.sheet.name: place.header_row for place in places}
    return [
        Change(Address(sheet.name, row, column), None, cached=True)
        for sheet in book.sheets
        for (row, column), cell in sheet.cells.items()
        if cell.formula
        and cell.type != "empty"
        and row <= headers.get(sheet.name, row)
        and not str(cell.value).endswith(".")
    ]


def new_workbook(
    template: bytes, settings: Mapping[str, Any], people: Sequence[Row] = (), path: str = "the template"
) -> bytes:
    """An empty workbook for one team: its settings, its people, and an id that follows from the facts."""
    return Filler(template, path).new_workbook(settings, {PEOPLE: people})


def workbook_id(settings: Mapping[str, Any]) -> str:
    """The id of the workbook of one team and period: the same for the same organisation, team, manager and period."""
    named = ("organisation", "team", "manager", "period", "period_start", "period_end")
    return str(uuid.uuid5(NAMESPACE, "\n".join(f"{name}={settings.get(name) or ''}" for name in named)))


FACTS_OF_OPTIONS = {"start": "period_start", "end": "period_end"}
"""Options of `perfsheet new` that are called differently on Settings."""


def new_file(
    file: str | os.PathLike[str],
    *,
    template: str | os.PathLike[str] = "team",
    roster: str | os.PathLike[str] | None = None,
    force: bool = False,
    language: str = "en",
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Writes a new team workbook, prefilled with facts (team, manager, period, start, end …) and a roster,
    with headers and choices in a language (en, de, fr, es, pt, zh).

    Raises Misuse when the file is there already (unless `force`) or the roster does not say who;
    an Obstacle when a file cannot be read or written.
    """
    if Path(file).exists() and not force:
        raise Misuse(f"{file} is there already; choose another name, or say --force to replace it")
    source = template_path(template)
    refuse_ending(file, source)
    people = [_fields(person) for person in read_people(roster)] if roster else []
    settings = {FACTS_OF_OPTIONS.get(name, name): value for name, value in (facts or {}).items()}
    data = new_workbook(in_language(open_package(source).data, language), settings, people, os.fspath(source))
    create(file, data, overwrite=force)


def refuse_ending(file: str | os.PathLike[str], source: str | os.PathLike[str]) -> None:
    """A name that would say that a workbook made from `source` is something else. Raises Misuse."""
    ending = Path(source).suffix.casefold()
    if Path(file).suffix.casefold() != ending:
        raise Misuse(
            f"{file}: what is made from {os.path.basename(source)} is {ending} too; give it a name that ends so"
        )


def _fields(person: Person) -> Row:
    """A person's row by field names."""
    return {column.name: getattr(person, column.name) for column in PEOPLE.columns}


# ---------------------------------------------------------------------- where things go


def _setting_changes(
    place: Located | None, settings: Mapping[str, Any], path: str, language: str | None
) -> list[Change]:
    """Each setting's value beside its label."""
    given = {name: value for name, value in settings.items() if value is not None}
    if not given:
        return []
    if place is None or place.missing or "value" not in place.columns:
        raise Misuse(f"{path} has no Settings tab with the columns Setting and Value")
    known = {thing.name: label for label, thing in labels().items()}
    rows = {
        folded(str(cell.value)): row
        for (row, column), cell in place.sheet.cells.items()
        if column == place.columns["setting"] and row > place.header_row and cell.type == "text"
    }
    changes = []
    for name, value in given.items():
        row = rows.get(folded(known[name])) if name in known else None
        if row is None:
            raise Misuse(f"{path} has no row for the setting {known.get(name, name)!r} on {place.sheet.name}")
        changes.append(
            Change(Address(place.sheet.name, row, place.columns["value"]), _yes_or_no(_plain(value), language))
        )
    return changes


def _yes_or_no(value: Scalar, language: str | None) -> Scalar:
    return word_in(language, value) if value in ("Yes", "No") and isinstance(value, str) else value


def _used_rows(place: Located) -> frozenset[int]:
    """The rows in which something was typed."""
    inputs = {place.columns[c.name] for c in place.form.columns if not c.live and c.name in place.columns}
    return frozenset(
        row for (row, column), cell in place.sheet.cells.items() if column in inputs and cell.type != "empty"
    )


def _free_rows(header_row: int, used: Set[int], count: int) -> list[int]:
    """The first blank rows below the header; beyond the table's end they go on without a gap."""
    free: list[int] = []
    row = header_row
    while len(free) < count:
        row += 1
        if row not in used:
            free.append(row)
    return free


def _row_changes(
    place: Located, entries: Sequence[Row], free: Sequence[int], path: str, language: str | None
) -> list[Change]:
    columns = {**_own_columns(place), **place.columns}
    words = {c.name for c in place.form.columns if c.choices or (place.form is CHECKINS and c.name == "value")}
    changes = []
    for row, entry in zip(free, entries, strict=True):
        for name, value in entry.items():
            if value is None or value == ():
                continue
            if name not in columns:
                header = next((c.header for c in place.form.columns if c.name == name), name)
                raise Misuse(f"{path} has no column {header} on {place.sheet.name}")
            told = _plain(value)
            if name in words and isinstance(told, str):
                told = word_in(language, told)
            changes.append(Change(Address(place.sheet.name, row, columns[name]), told))
    return changes


def _headers(place: Located) -> list[str]:
    """What stands in the header row."""
    return [str(c.value) for (row, _), c in place.sheet.cells.items() if row == place.header_row]


def _own_columns(place: Located) -> dict[str, int]:
    """The table's columns by header: those that a template adds to the form are filled in by their headers."""
    if place.list_object is None:
        return {}
    return dict(zip(place.list_object.columns, range(place.list_object.area.left, MAX_COLUMN), strict=False))


def _plain(value: Any) -> Scalar:
    """A field's value as a person would type it: names joined, Yes and No in words."""
    if isinstance(value, (tuple, list)):
        return "; ".join(str(v) for v in value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return value  # type: ignore[no-any-return]
