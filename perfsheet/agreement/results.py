"""Results that the file remembers and that are not what Python says: old, of another day, or with a reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime

from ..findings import Finding
from ..forms import GOALS
from ..live_columns import VISIBLE, cells_in_force, shown_values
from ..records.teambook import TeamBook
from ..scoring.goals import score_goal
from ..scoring.parts import GoalScore
from ..tables import Scalar
from .live_tab import LiveTab, cell_at
from .reasons import reasons
from .rules import LIVE_OTHER_DAY, LIVE_READS_DIFFERENTLY, LIVE_VALUE_STALE
from .wording import in_words, same


def differing_results(
    live: LiveTab, faulty: set[int], scores: Mapping[int, GoalScore], as_of: date
) -> Iterator[Finding]:
    """The remembered results that are not Python's, of rows whose formulas are all ours."""
    day = _day_calculated(live.book) or live.book.settings.as_of
    if day is None:  # nobody can tell which day's results these are
        return
    moved = 0
    for row, score in scores.items():
        shown = _remembered(live, row)
        if row in faulty or not _differences(shown, shown_values(score)):
            continue
        then = score if day == as_of else _on(live, row, score, day)
        different = _differences(shown, shown_values(then))
        moved += not different
        yield from (_one(live, row, name, shown[name], then, day) for name in different)
    if moved:
        yield _other_day(live, day, as_of, moved)


def _on(live: LiveTab, row: int, score: GoalScore, day: date) -> GoalScore:
    """The goal as it stood on the day of the live cells."""
    return replace(score_goal(live.book, live.goals[row], day), container=score.container)


def _remembered(live: LiveTab, row: int) -> dict[str, Scalar]:
    """What the live cells of a row show, by field; formulas that nobody calculated show nothing yet."""
    cells = {s.column.name: live.cell(row, s.column.header) for s in VISIBLE if s.column.header in live.columns}
    return {name: c.value for name, c in cells.items() if c is not None and c.formula and c.value is not None}


def _differences(shown: Mapping[str, Scalar], wanted: Mapping[str, Scalar]) -> list[str]:
    return [name for name, value in shown.items() if not same(value, wanted[name])]


def _day_calculated(book: TeamBook) -> date | None:
    """The as-of day in force when the workbook was last calculated."""
    cell = cell_at(book, cells_in_force(book).get("as_of"))
    return cell.value.date() if cell and isinstance(cell.value, datetime) else None


def _one(live: LiveTab, row: int, name: str, shown: Scalar, score: GoalScore, day: date) -> Finding:
    header = GOALS.column(name).header
    goal = live.goals[row]
    reason = next(reasons(live, goal, score, day), None)
    rule = LIVE_READS_DIFFERENTLY if reason else LIVE_VALUE_STALE
    message = (
        f"{header} of {goal.goal_id} shows {in_words(shown)}, perfsheet says {in_words(shown_values(score)[name])}"
    )
    return rule.at(live.at(row, header), message + (f": {reason}" if reason else ""), value=shown, goal=goal.goal_id)


def _other_day(live: LiveTab, day: date, as_of: date, count: int) -> Finding:
    place = cells_in_force(live.book).get("as_of") or live.at(live.table.area.top, "Expected")
    goals = "1 goal differs" if count == 1 else f"{count} goals differ"
    message = f"The live cells are as of {day}, this run as of {as_of}: {goals} for that reason"
    return LIVE_OTHER_DAY.at(place, message, value=day)
