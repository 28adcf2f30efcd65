"""Live cells as they stand in a workbook, beside what Python computes: the two never disagree unexplained.

A live cell may have been typed over, its formula changed, or its remembered result may be older
than the entries. Each is a finding with its cell. A workbook that never had our formulas, such as
a team's own tracker, has no live cells, and nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from .findings import Finding, Rule, Severity
from .forms import GOALS
from .live_columns import HELPERS, VISIBLE, Step, shown_values
from .records.teambook import TeamBook
from .scoring import GoalScore
from .scoring.rollup import score_goals
from .tables import Address, Cell, ListObject, Scalar, Sheet

SAME = 1e-9
"""Live cells and Python's numbers agree to this."""

LIVE_OVERWRITTEN = Rule(
    "live_overwritten", Severity.WARNING, "A value typed over a formula",
    "A cell of Current, Progress, Expected or Status, or of a folded step behind them, holds a value where the formula was.",
    "The cell no longer follows the check-ins. perfsheet computes its own number and does not read this one.",
    "Progress of G1 is 80 %, typed; by the check-ins it is 45 %.",
    "Run `perfsheet repair` on the workbook to put the formula back",
)  # fmt: skip
LIVE_EDITED = Rule(
    "live_edited", Severity.WARNING, "A formula that was changed",
    "A live cell has another formula than the template gave it.",
    "What it shows may mean something else than the same column in other rows. perfsheet computes its own number.",
    "Expected of G1 has MIN(1, ...) around it.",
    "Run `perfsheet repair` on the workbook to put the formula back",
)  # fmt: skip
LIVE_MISSING = Rule(
    "live_missing", Severity.INFO, "A row without its formulas",
    "A row of Goals has no formula in a live cell, although other rows do.",
    "The row was pasted or typed below the table, and shows nothing by itself.",
    "G12 stands below the table's last row.",
    "Run `perfsheet repair` on the workbook, or drag the formula down from the row above",
)  # fmt: skip
LIVE_STALE = Rule(
    "live_stale", Severity.INFO, "A remembered result that is out of date",
    "A live cell remembers another result than its formula would give now.",
    "A program changed the entries without calculating. What is shown is old until the workbook is opened and saved.",
    "Progress of G1 shows 40 %, and the check-ins give 45 %.",
    "Open the workbook in Excel or LibreOffice and save it",
)  # fmt: skip

RULES = (LIVE_OVERWRITTEN, LIVE_EDITED, LIVE_MISSING, LIVE_STALE)


class LiveColumn(NamedTuple):
    """A live column where it stands."""

    step: Step
    column: int


@dataclass(frozen=True)
class LiveTable:
    """The live columns of Goals in one workbook, and their sheet."""

    sheet: Sheet
    columns: tuple[LiveColumn, ...]

    def at(self, score: GoalScore, live: LiveColumn) -> Address:
        """Where a goal's live cell stands."""
        return Address(self.sheet.name, score.address.row, live.column)

    def cell(self, score: GoalScore, live: LiveColumn) -> Cell:
        """A goal's live cell; EMPTY if there is none."""
        return self.sheet.cells.get((score.address.row, live.column), EMPTY)


def live_table(team: TeamBook) -> LiveTable | None:
    """The live columns of the workbook's Goals table; None for a workbook without our formulas."""
    place = team.places.get(GOALS.tab)
    sheet = team.book.sheet(place.sheet) if place and team.book else None
    if place is None or sheet is None:
        return None
    at = _headers(sheet, place.columns.values())
    at |= {step.column.header: place.columns[step.column.name] for step in VISIBLE if step.column.name in place.columns}
    found = tuple(LiveColumn(step, at[step.column.header]) for step in (*VISIBLE, *HELPERS) if step.column.header in at)
    rows = [goal.row for goal in team.goals]
    ours = any(sheet.cells.get((row, live.column), EMPTY).formula for row in rows for live in found)
    return LiveTable(sheet, found) if ours and len(found) == len(VISIBLE) + len(HELPERS) else None


EMPTY = Cell("empty", None)


def _headers(sheet: Sheet, columns: Iterable[int]) -> dict[str, int]:
    """Where each header of the table stands that holds the goals."""
    known = set(columns)
    table: ListObject | None = next(
        (t for t in sheet.list_objects if known & set(range(t.area.left, t.area.right + 1))), None
    )
    return {header: table.area.left + n for n, header in enumerate(table.columns)} if table else {}


def calculated_on(team: TeamBook) -> date | None:
    """The day that the workbook's formulas were last calculated for, as its Settings remember it."""
    value = team.settings_at.get("as_of")
    sheet = team.book.sheet(value.sheet) if value and team.book else None
    cell = sheet.cells.get((value.row, value.column + 1)) if sheet and value else None
    return cell.value.date() if cell and cell.formula and isinstance(cell.value, datetime) else None


def check_live(team: TeamBook, as_of: date, spell: Callable[[str], str]) -> list[Finding]:
    """What is wrong with the workbook's live cells; nothing where the formulas' texts were not read.

    `spell` brings a formula into one spelling, whatever program wrote it.
    """
    table = live_table(team) if team.formulas else None
    if table is None:
        return []
    scores, _, _ = score_goals(team, calculated_on(team) or as_of)
    goals = list(scores.values())
    wanted = {live.step.column.header: spell(live.step.text) for live in table.columns}
    edited = {
        live: [g for g in goals if (text := team.formulas.get((g.address.row, live.column))) and spell(text) != wanted[live.step.column.header]]
        for live in table.columns
    }  # fmt: skip
    found = [f for live, changed in edited.items() for f in _edited(table, live, changed, len(goals))]
    found += [f for g in goals for f in (*_overwritten(table, g), *_missing(table, g))]
    touched = {f.goal_id for f in found}
    return [*found, *(f for g in goals if g.goal_id not in touched for f in _stale(table, g))]


def _edited(table: LiveTable, live: LiveColumn, changed: Sequence[GoalScore], rows: int) -> Iterator[Finding]:
    """Each changed formula, or the column as a whole where all rows were changed."""
    header = live.step.column.header
    for goal in changed[:1] if len(changed) == rows > 1 else changed:
        whole = f" in all {rows} rows" if len(changed) == rows > 1 else f" of {goal.goal_id}"
        place = table.at(goal, live)
        yield LIVE_EDITED.at(place, f"The formula of {header}{whole} was changed", value=table.cell(goal, live).value, goal=goal.goal_id)  # fmt: skip


def _overwritten(table: LiveTable, score: GoalScore) -> Iterator[Finding]:
    wanted = shown_values(score)
    for live in table.columns:
        cell, header = table.cell(score, live), live.step.column.header
        if cell is not EMPTY and not cell.formula:
            name = live.step.column.name
            computed = f"; computed it is {_shown(wanted[name])}" if name in wanted else ""
            said = f"{header} of {score.goal_id} is {_shown(cell.value)}, typed over its formula{computed}"
            yield LIVE_OVERWRITTEN.at(table.at(score, live), said, value=cell.value, goal=score.goal_id)


def _missing(table: LiveTable, score: GoalScore) -> Iterator[Finding]:
    """One finding for a row, however many of its formulas are gone."""
    gone = [live for live in table.columns if table.cell(score, live) is EMPTY]
    if gone:
        names = ", ".join(live.step.column.header for live in gone[:4])
        more = f" and {len(gone) - 4} more" if len(gone) > 4 else ""
        yield LIVE_MISSING.at(table.at(score, gone[0]), f"{score.goal_id} has no formula for {names}{more}", goal=score.goal_id)  # fmt: skip


def _stale(table: LiveTable, score: GoalScore) -> Iterator[Finding]:
    wanted = shown_values(score)
    for live in table.columns:
        name = live.step.column.name
        cell = table.cell(score, live)
        if name in wanted and cell.type != "empty" and not same(cell.value, wanted[name]):
            said = f"{live.step.column.header} of {score.goal_id} shows {_shown(cell.value)}, and its entries give {_shown(wanted[name])}"
            yield LIVE_STALE.at(table.at(score, live), said, value=cell.value, goal=score.goal_id)


def same(remembered: Scalar, computed: Scalar) -> bool:
    """Whether a live cell's result is what Python computed: numbers to 1e-9 of their size, words as they are."""
    if remembered is None:
        return computed in (None, "")
    if isinstance(remembered, (int, float)) and isinstance(computed, (int, float)):
        return abs(remembered - computed) <= SAME * max(1.0, abs(computed))
    return remembered == computed


def _shown(value: Scalar) -> str:
    return f"{value:.6g}" if isinstance(value, float) else "empty" if value in (None, "") else str(value)
