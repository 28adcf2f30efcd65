"""The same steps on a file, in a program in memory and in a real LibreOffice: the results are the same, cell by cell."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfsheet import live
from perfsheet.records import read_records
from perfsheet.tables import Address, Book, Cell, Tab, cell_position, letters
from perfsheet.workbooks.live import putting

from .conftest import Door, FileDoor, OpenDoor

DOORS = ["memory_door", pytest.param("office_door", marks=pytest.mark.libreoffice)]
OURS = ("Summary", "Adjustments", "Checks")


@pytest.fixture(params=DOORS)
def door(request: pytest.FixtureRequest) -> OpenDoor:
    """Each program in turn."""
    return request.getfixturevalue(request.param)  # type: ignore[no-any-return]


def entries(book: Book, *names: str) -> dict[str, dict[tuple[int, int], Any]]:
    """What stands in the tabs: type, value and number format of entries; of formulas that there is one, and its result."""
    return {s.name: {p: _told(c) for p, c in s.cells.items()} for s in book.sheets if not names or s.name in names}


def _told(cell: Cell) -> tuple[Any, ...]:
    value = cell.value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = round(float(value), 9)
    shown = cell.format.casefold() if cell.type in ("number", "date") else ""
    return (cell.type, "" if value is None else value, cell.formula, shown)


def formulas(book: Book, *names: str) -> dict[str, dict[tuple[int, int], str]]:
    """The formulas of the tabs, in one way of writing."""
    assert book.formulas is not None
    found = {}
    for name in names:
        told = book.formulas(name)
        found[name] = {(row, column): told.reads(text, row) for (row, column), text in told.texts.items()}
    return found


Cells = dict[str, dict[tuple[int, int], Any]]


def differing(one: Cells, other: Cells) -> list[tuple[Any, ...]]:
    """(tab, cell, here, there) wherever the two are not the same; what nobody has calculated yet differs from nothing."""
    places = sorted({(n, p) for cells in (one, other) for n in cells for p in cells[n]})
    pairs = ((n, f"{letters(p[1])}{p[0]}", one.get(n, {}).get(p), other.get(n, {}).get(p)) for n, p in places)
    return [(n, p, a, b) for n, p, a, b in pairs if a != b and not (_open_question(a) or _open_question(b))]


def _open_question(cell: Any) -> bool:
    return isinstance(cell, tuple) and cell[:3] == ("empty", "", True)


def typed(cells: Cells) -> Cells:
    """What people and perfsheet typed: no results of formulas."""
    return {name: {p: c for p, c in of.items() if not c[2]} for name, of in cells.items()}


def decided(door: Door, goal_id: str = "T1") -> None:
    """The manager accepts the later due date that is proposed for a goal."""
    rows = read_records(door.book()).decisions
    row = next(d for d in rows if d.goal_id == goal_id and d.field == "Due date")
    for name, value in {"decision": "Accept", "decided_by": "Hiroshi Okafor", "reason": "Agreed"}.items():
        door.type(row.at(name), value)


def test_the_open_workbook_reads_as_its_file(file_door: FileDoor, door: OpenDoor) -> None:
    """Entries, formulas, tables, what is hidden and merged; results are what the program calculates."""
    saved, shown = file_door.book(), door.book()
    assert [(s.name, s.state, s.mark, s.list_objects, sorted(s.merged)) for s in shown.sheets] == [
        (s.name, s.state, s.mark, s.list_objects, sorted(s.merged)) for s in saved.sheets
    ]
    assert {s.name: (s.hidden_rows, s.hidden_columns) for s in shown.sheets} == {
        s.name: (s.hidden_rows, s.hidden_columns) for s in saved.sheets
    }
    names = [s.name for s in saved.sheets]
    assert differing(formulas(shown, *names), formulas(saved, *names)) == []
    assert differing(typed(entries(shown)), typed(entries(saved))) == []


def test_scoring_writes_the_same_tabs(file_door: FileDoor, door: OpenDoor) -> None:
    file_door.score()
    door.score()
    saved, shown = file_door.book(), door.book()
    assert [s.name for s in shown.sheets] == [s.name for s in saved.sheets]
    assert [s.mark for s in shown.sheets] == [s.mark for s in saved.sheets]
    assert differing(entries(shown, *OURS), entries(saved, *OURS)) == []
    assert differing(formulas(shown, *OURS), formulas(saved, *OURS)) == []
    assert [s.list_objects for s in shown.sheets] == [s.list_objects for s in saved.sheets]


@pytest.mark.parametrize(
    ("name", "typed_into", "renewed"),
    [
        ("memory_door", None, []),
        ("memory_door", "Start here!H1", []),
        ("memory_door", "Summary!AA1", ["Summary"]),
        pytest.param("office_door", "Checks!B2", ["Checks"], marks=pytest.mark.libreoffice),
    ],
)
def test_a_tab_that_stands_as_it_would_be_painted_is_left_alone(
    name: str,
    typed_into: str | None,
    renewed: list[str],
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its filter, its widths and what is selected in it stay the user's; what somebody wrote over is put right."""
    door: OpenDoor = request.getfixturevalue(name)
    for _ in range(2):  # the second one says what changed since the first
        door.score()
    before = entries(door.book(), *OURS)
    if typed_into:
        sheet, _, cell = typed_into.partition("!")
        door.type(Address(sheet, *cell_position(cell)), "Mine")
    placed, place = [], putting._place

    def noting(book: Any, host: Any, source: Any, tab: Tab) -> None:
        placed.append(tab.name)
        place(book, host, source, tab)

    monkeypatch.setattr(putting, "_place", noting)
    door.score()
    assert placed == renewed
    assert entries(door.book(), *OURS) == before


def test_a_tab_that_lost_its_table_is_renewed(memory_door: OpenDoor) -> None:
    for _ in range(2):
        memory_door.score()
    before = {sheet.name: sheet.list_objects for sheet in memory_door.book().sheets}
    memory_door.found.book.impl.sheets("Adjustments").areas.clear()
    assert memory_door.book().sheet("Adjustments").list_objects == ()
    memory_door.score()
    assert {sheet.name: sheet.list_objects for sheet in memory_door.book().sheets} == before


@given(st.dictionaries(st.tuples(st.integers(1, 6), st.integers(1, 6)), st.text(max_size=2), max_size=25))
def test_formulas_go_back_to_their_own_cells_in_blocks(texts: dict[tuple[int, int], str]) -> None:
    written = [
        ((row + down, column + right), text)
        for (row, column), block in putting._blocks(texts)
        for down, line in enumerate(block)
        for right, text in enumerate(line)
    ]
    assert (len(written), dict(written)) == (len(texts), texts)
    assert all(len({len(line) for line in block}) == 1 for _, block in putting._blocks(texts))


def test_a_tab_of_another_version_is_renewed(memory_door: OpenDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    memory_door.score()
    earlier = {tab.name: tab for tab in memory_door.found.book.impl.tabs}
    monkeypatch.setattr(live, "__version__", "99")
    memory_door.score()
    now = {tab.name: tab for tab in memory_door.found.book.impl.tabs}
    assert [name for name in now if now[name] is not earlier[name]] == list(OURS)


def test_applying_changes_the_same_cells_and_lengthens_the_same_history(file_door: FileDoor, door: OpenDoor) -> None:
    """Live cells do not know of History, so a program that calculates says other things of a changed goal than a file."""
    for each in (file_door, door):
        each.score()
        for goal_id in ("T1", "T9"):
            decided(each, goal_id)
            assert [entry.field for entry in each.apply().plan.history_rows] == ["Due date"]
    saved, shown = file_door.book(), door.book()
    names = ("Goals", "Adjustments", "History")
    assert differing(typed(entries(shown, *names)), typed(entries(saved, *names))) == []
    assert differing(formulas(shown, *names), formulas(saved, *names)) == []
    assert [s.list_objects for s in shown.sheets if s.name in names] == [
        s.list_objects for s in saved.sheets if s.name in names
    ]


def test_restore_brings_back_what_was_before_apply(door: OpenDoor) -> None:
    door.score()
    decided(door)
    door.score()
    before = door.book()
    names = [s.name for s in before.sheets]
    door.apply()
    assert entries(door.book(), *names) != entries(before)
    restored = live.restore(door.found)
    assert [str(w.address) for w in restored.changes] == ["Goals!N5"]
    assert restored.left == ()
    door.score()
    after = door.book()
    assert differing(entries(after), entries(before)) == []
    assert differing(formulas(after, *names), formulas(before, *names)) == []


def test_an_entry_that_is_not_saved_counts(door: OpenDoor, file_door: FileDoor) -> None:
    """A check-in typed a moment ago is in the scores of the open workbook, and not yet in those of the file."""
    book = read_records(door.book())
    last = max(book.checkins_of(book.goals_by_id["t2"]), key=lambda c: c.day)
    door.type(last.at("value"), 9.0)
    review, _ = live.score(door.found)
    assert next(g.current for g in review.scores.goals if g.goal_id == "T2") == 9
    assert entries(file_door.book(), "Check-ins") != entries(door.book(), "Check-ins")


def test_validating_renews_checks_alone(door: OpenDoor) -> None:
    before = door.book()
    _, findings = live.validate(door.found)
    after = door.book()
    assert [s.name for s in after.sheets] == [*(s.name for s in before.sheets), "Checks"]
    shown = after.sheet("Checks")
    assert shown is not None
    assert [shown.cells[8 + i, 2].value for i in range(len(findings))] == [f.code for f in findings]
    assert {n for n, *_ in differing(entries(after), entries(before))} == {"Checks"}


def test_a_day_in_the_workbook_is_a_day(door: OpenDoor) -> None:
    day = read_records(door.book()).checkins[0].at("day")
    cell = door.book().sheet("Check-ins").cells[day.row, day.column]  # type: ignore[union-attr]
    assert (cell.type, cell.value.__class__) == ("date", datetime)
