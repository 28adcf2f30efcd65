"""The live cells and Python never disagree unexplained: generated workbooks, calculated by LibreOffice, judged by perfsheet.

One LibreOffice session takes the values of all workbooks in turn, into one copy of the template.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from perfsheet import cycle
from perfsheet.agreement import RULES, disagreements
from perfsheet.agreement.rules import LIVE_READS_DIFFERENTLY
from perfsheet.demo import demo_teams
from perfsheet.filling import fill
from perfsheet.forms import CHECKINS
from perfsheet.records import TeamBook, read_records
from perfsheet.scoring import score_book
from perfsheet.tables import Address, Book, Cell, Change, Sheet
from perfsheet.workbooks.editing import edit
from perfsheet.workbooks.package import Package
from perfsheet.workbooks.reading import read

from .conftest import Made, as_cell, as_typed, blocks, made

pytestmark = pytest.mark.libreoffice

Calc = Callable[..., dict[str, Any]]

WORKBOOKS, GOALS_EACH = 80, 15
FIRST, LIVE = 5, (18, 19, 20, 21)
"""The first entry row of every tab, and the live columns of Goals: R to U."""
CORNERS = {"Settings": ("C", 3)}
IN_FORCE, AS_OF_ROW = 4, 11


@pytest.fixture(scope="module")
def empty(team_template: bytes) -> TeamBook:
    return read_records(read(Package.from_bytes(team_template)))


@pytest.fixture(scope="module")
def shown(calc: Calc, team_template: bytes, empty: TeamBook, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """What LibreOffice shows in the live cells of each workbook: a row a goal."""
    path = tmp_path_factory.mktemp("live") / "team.xlsx"
    path.write_bytes(team_template)
    answer = calc(
        open=path, read={"Goals": f"R{FIRST}:U{FIRST + GOALS_EACH - 1}"},
        books=[_typed(made(seed, GOALS_EACH), empty) for seed in range(WORKBOOKS)],
    )  # fmt: skip
    return [result["Goals"] for result in answer["results"]]


def _typed(book: Made, empty: TeamBook) -> dict[str, Any]:
    return {
        tab: (f"{CORNERS.get(tab, ('A', 1))[0]}{FIRST}", [[as_typed(value) for value in row] for row in rows])
        for tab, rows in blocks(book, empty.places).items()
    }


def _as_saved(book: Made, empty: TeamBook, live: Sequence[Sequence[Any]]) -> TeamBook:
    """The workbook as perfsheet reads it after LibreOffice calculated and saved it."""
    assert empty.book is not None
    values = blocks(book, empty.places)
    sheets = []
    for sheet in empty.book.sheets:
        left = CORNERS.get(sheet.name, ("A", 1))[1]
        cells = dict(sheet.cells)
        for row, line in enumerate(values.get(sheet.name, ()), FIRST):
            for column, value in enumerate(line, left):
                cells.pop((row, column), None)
                if value is not None:
                    cells[row, column] = as_cell(value)
        if sheet.name == "Goals":
            for row, results in enumerate(live, FIRST):
                for column, value in zip(LIVE, results, strict=True):
                    cells[row, column] = Cell("text" if isinstance(value, str) else "number", value, formula=True)
        if sheet.name == "Settings":
            cells[AS_OF_ROW, IN_FORCE] = Cell("date", datetime.combine(book.as_of, datetime.min.time()), formula=True)
        sheets.append(dataclasses.replace(sheet, cells=cells))
    return read_records(dataclasses.replace(empty.book, sheets=tuple(sheets)))


@pytest.mark.parametrize("seed", range(WORKBOOKS))
def test_every_live_cell_is_pythons_number_or_the_difference_is_explained(
    shown: list[Any], empty: TeamBook, seed: int
) -> None:
    book = made(seed, GOALS_EACH)
    team = _as_saved(book, empty, shown[seed])
    found = disagreements(team, book.as_of, score_book(team, book.as_of).goals)
    assert [f.message for f in found if f.rule is not LIVE_READS_DIFFERENTLY] == []
    assert [f.message for f in found if f.goal_id not in book.patient and "circle" not in f.message] == []


# ---------------------------------------------------------------------------- Summary, by formulas


def _unlike(before: Book, after: Book, tab: str = "Summary") -> list[str]:
    """Cells of a tab whose formula gave LibreOffice another result than perfsheet wrote."""
    ours, theirs = before.sheet(tab), after.sheet(tab)
    assert ours is not None
    assert theirs is not None
    pairs = {place: (cell.value, theirs.cells.get(place)) for place, cell in ours.cells.items() if cell.formula}
    return [
        f"{Address(tab, *place)}: {wanted!r} is {got and got.value!r}"
        for place, (wanted, got) in pairs.items()
        if not _same("" if got is None or got.value is None else got.value, "" if wanted is None else wanted)
    ]


def _same(got: Any, wanted: Any) -> bool:
    numbers = isinstance(got, (int, float)) and isinstance(wanted, (int, float))
    return bool(got == pytest.approx(wanted, rel=1e-9, abs=1e-9)) if numbers else got == wanted


def test_summary_comes_to_the_same_in_libreoffice(calc: Calc, team_template: bytes, tmp_path: Path) -> None:
    """Whole files this time: 30 goals in each, loaded, calculated and saved."""
    scored = {}
    for seed in range(6):
        book = made(seed)
        path = tmp_path / f"team{seed}.xlsx"
        path.write_bytes(fill(team_template, book.rows, book.settings))
        cycle.write(cycle.score(cycle.read(path)), path)
        scored[str(path)] = str(tmp_path / f"saved{seed}.xlsx")
    calc(resave=scored)
    assert {ours: found for ours, saved in scored.items() if (found := _unlike(read(ours), read(saved)))} == {}
    for saved in scored.values():
        live = [f for f in cycle.validate(cycle.read(saved)) if f.rule in RULES]
        assert [f.message for f in live if f.rule is not LIVE_READS_DIFFERENTLY] == []


def test_a_typed_check_in_shows_in_summary_at_once(calc: Calc, team_template: bytes, tmp_path: Path) -> None:
    """What LibreOffice then shows is what perfsheet says when it scores the workbook again."""
    path, typed = tmp_path / "team.xlsx", tmp_path / "typed.xlsx"
    team = list(demo_teams(2))[1]
    path.write_bytes(fill(team_template, team.rows, team.settings))
    before = cycle.score(cycle.read(path))
    cycle.write(before, path)
    goal = next(g for g in before.scores.goals if g.kind in ("Increase", "Decrease") and g.status != "achieved")
    done = next(a for a in before.book.actions if a.done is None)
    row, day = FIRST + len(team.rows[CHECKINS]), (before.as_of - timedelta(1)).isoformat()
    check_in = {f"A{row}": day, f"B{row}": goal.goal_id, f"C{row}": goal.target}
    calc(open=path, type={"Check-ins": check_in, "Actions": {done.at("done").cell: day}}, save=typed)

    review, summary = cycle.score(cycle.read(typed)), read(typed).sheet("Summary")
    assert summary is not None
    assert next(g for g in review.scores.goals if g.goal_id == goal.goal_id).status == "achieved"
    assert _beside(summary, ID, {g.goal_id: g.progress for g in review.scores.goals}) == {}
    assert _beside(summary, NAME, {p.person: p.progress.progress for p in review.scores.people if p.goals}) == {}
    team_score = review.scores.team
    tiles = [summary.cells[5, column].value for column in (1, 3, 5)]
    assert tiles == pytest.approx([team_score.progress, team_score.expected, team_score.coverage])
    counts = [summary.cells[row, 11].value for row in range(9, 9 + len(team_score.status_counts))]
    assert counts == list(team_score.status_counts.values())
    labels = next(row for (row, column), cell in summary.cells.items() if cell.value == "Actions open")
    assert summary.cells[labels + 1, NAME].value == sum(a.done is None for a in review.book.actions)


ID, NAME, PROGRESS = 1, 2, 5


def _beside(summary: Sheet, column: int, progress: Mapping[str, float | None]) -> dict[str, Any]:
    """The names whose row shows another progress than this."""
    first_last = sorted(summary.cells.items(), reverse=True)
    rows = {cell.value: row for (row, c), cell in first_last if c == column and row > 20}
    shown = {name: summary.cells[rows[name], PROGRESS].value for name in progress}
    return {
        name: value
        for name, value in shown.items()
        if not _same(value, "" if progress[name] is None else progress[name])
    }


# ------------------------------------------------------------------------------ no false alarm


def test_saved_by_libreoffice_nothing_is_wrong(calc: Calc, team_template: bytes, tmp_path: Path) -> None:
    files = {}
    for number, team in enumerate(demo_teams(4)):
        path = tmp_path / f"team{number}.xlsx"
        path.write_bytes(fill(team_template, team.rows, team.settings))
        files[str(path)] = str(tmp_path / f"saved{number}.xlsx")
    calc(resave=files)
    for saved in files.values():
        assert [f for f in cycle.validate(cycle.read(saved)) if f.code.startswith("live_")] == []


def test_an_old_result_in_a_workbook_that_libreoffice_saved_is_found(
    calc: Calc, team_template: bytes, tmp_path: Path
) -> None:
    team = next(demo_teams(1))
    path, saved = tmp_path / "team.xlsx", tmp_path / "saved.xlsx"
    path.write_bytes(fill(team_template, team.rows, team.settings))
    calc(resave={str(path): str(saved)})
    old = edit(Package.from_bytes(saved.read_bytes()), [Change(Address("Goals", FIRST, 19), 0.123, cached=True)])
    saved.write_bytes(old)
    found = [f for f in cycle.validate(cycle.read(saved)) if f.code.startswith("live_")]
    assert [(f.code, str(f.address)) for f in found] == [("live_value_stale", "Goals!S5")]
