"""Why a right formula gives another result than perfsheet: what one of the two cannot see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from ..forms import CHECKINS, GOALS, MILESTONES, PLAN, Column, Form, Goal, Kind, Record, folded, same_name
from ..live_columns import cells_in_force, table_of
from ..policy import knobs
from ..records.teambook import TeamBook
from ..scoring.parts import GoalScore
from ..scoring.versions import versions
from ..tables import Cell, ListObject, Scalar, Sheet
from .live_tab import LiveTab, cell_at
from .wording import plain, same


def reasons(live: LiveTab, goal: Goal, score: GoalScore, day: date) -> Iterator[str]:
    """What perfsheet knows and the formulas do not, the likeliest first."""
    book = live.book
    reset = versions(book, goal).last_reset(day)
    if reset:
        yield f"the plan was changed on {reset} (History), and the pace starts anew from there"
    for form, records in _rows_of(book, goal):
        yield from _read_otherwise(book, form, records)
        yield from _not_counted_alike(book, form, goal, records)
    days = [p.day for p in book.plan if same_name(p.goal_id) == same_name(goal.goal_id)]
    if len(set(days)) < len(days):
        yield "Plan has two rows for one day, and perfsheet takes the lower one"
    yield from _settings_apart(book)
    named = [g for g in book.goals if g.parent and same_name(g.parent) == same_name(goal.goal_id) and g is not goal]
    if len(named) != len(score.children):
        yield "not every goal that names it as its parent is a sub-goal (a circle, or an id used twice)"
    parents = live.book.places[GOALS.tab].columns.get("parent", 0)
    for row in set(_naming(live.sheet, live.table, parents, goal.goal_id)) - {g.row for g in named} - {goal.row}:
        yield f"row {row} of {GOALS.tab} is set aside by perfsheet, and formulas still see it"


def _rows_of(book: TeamBook, goal: Goal) -> tuple[tuple[Form, Sequence[Record]], ...]:
    key = same_name(goal.goal_id)
    return (
        (GOALS, (goal,)),
        (CHECKINS, book.checkins_of(goal)),
        (PLAN, [p for p in book.plan if same_name(p.goal_id) == key]),
        (MILESTONES, [m for m in book.milestones if same_name(m.goal_id) == key]),
    )


def _read_otherwise(book: TeamBook, form: Form, records: Iterable[Record]) -> Iterator[str]:
    """Cells that perfsheet reads with more patience than a formula."""
    place = book.places.get(form.tab)
    sheet = book.book.sheet(place.sheet) if place and book.book else None
    for record in records if sheet and place else ():
        for column in form.columns:
            cell = sheet.cells.get((record.row, place.columns.get(column.name, 0))) if sheet and place else None
            value = getattr(record, column.name)
            if cell is not None and not column.live and _patience(column, cell, value):
                yield f"perfsheet reads {record.at(column.name)} as {plain(value)}, a formula does not"


def _patience(column: Column, cell: Cell, value: object) -> bool:
    """Whether the value is not what a formula sees in the cell."""
    if column.kind is Kind.NUMBER:
        seen = cell.value if cell.type == "number" else {"yes": 1, "no": 0}.get(str(cell.value).casefold())
        return cell.value not in (None, "") and (value is None or seen is None or not same(seen, float(str(value))))
    if column.kind is Kind.DATE:
        return cell.type == "text" and cell.value != ""
    if column.kind is Kind.CHOICE and column.name in ("kind", "state"):
        return isinstance(value, str) and str(cell.value).casefold() != value.casefold()
    if column.kind is Kind.ID and cell.type == "text":
        seen_id = " ".join(str(cell.value).split(" ")).strip()
        return isinstance(value, str) and " ".join(seen_id.split()).casefold() != same_name(value)
    return False


def _not_counted_alike(book: TeamBook, form: Form, goal: Goal, records: Iterable[Record]) -> Iterator[str]:
    """Rows of the goal below the table, which formulas do not see, and rows set aside, which they do."""
    place = book.places.get(form.tab)
    sheet = book.book.sheet(place.sheet) if place and book.book else None
    table = table_of(sheet, place) if sheet and place else None
    if sheet is None or place is None or table is None:
        return
    rows = {record.row for record in records}
    for row in sorted(row for row in rows if row > table.area.bottom):
        yield f"row {row} of {form.tab} stands below the table, where formulas do not look"
    for row in _naming(sheet, table, place.columns.get("goal_id", 0), goal.goal_id):
        if row not in rows:
            yield f"row {row} of {form.tab} is set aside by perfsheet, and formulas still see it"


def _naming(sheet: Sheet, table: ListObject, column: int, goal_id: str) -> Iterator[int]:
    """The rows of a table that have a goal's id in a column."""
    key = same_name(goal_id)
    for row in range(table.area.top + 1, table.area.bottom + 1):
        cell = sheet.cells.get((row, column))
        if cell is not None and cell.value is not None and same_name(str(cell.value)) == key:
            yield row


def _settings_apart(book: TeamBook) -> Iterator[str]:
    """Settings whose number in force is not the one that this run uses, as with a policy file."""
    used = {k.name: getattr(book.policy, k.name) for k in knobs()}
    used |= {name: getattr(book.settings, name) for name in ("period_start", "period_end")}
    for name, place in cells_in_force(book).items():
        cell = cell_at(book, place)
        if name in used and cell and cell.value is not None and not _same_setting(cell.value, used[name]):
            yield f"{place} says {plain(cell.value)}, this run uses {plain(used[name])}"


def _same_setting(seen: Scalar, used: object) -> bool:
    if isinstance(seen, datetime):
        return seen.date() == used
    if isinstance(used, bool) or isinstance(seen, bool):
        return (seen in (True, "Yes")) == bool(used)
    if isinstance(seen, str):
        return folded(seen) == folded(str(used if used is not None else ""))
    return isinstance(used, (int, float)) and isinstance(seen, (int, float)) and same(seen, used)
