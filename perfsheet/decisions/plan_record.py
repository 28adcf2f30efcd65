"""What every goal's plan was when it was first scored, so that a change without a History row shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from ..findings import Finding
from ..forms import GOALS, Goal, folded, same_name
from ..issues.wording import shown
from ..proposals import Value, plain_text, same_value
from ..proposals.asking import present
from ..proposals.proposal import seal
from ..records.teambook import TeamBook
from .rules import TARGET_CHANGED

FIELDS = ("baseline", "target", "start", "due")
"""The fields of a plan that change only through History."""


@dataclass(frozen=True)
class PlanRecord:
    """One goal's plan as it was first seen. Values are texts, as `plain_text` writes them."""

    goal_id: str
    recorded: str
    """The day, as ISO text."""
    plan: tuple[str, ...]
    """Baseline, target, start, due."""

    def line(self) -> str:
        """The record as one line of text, with a seal, to be kept in the workbook."""
        text = "|".join((self.goal_id, self.recorded, *self.plan))
        return f"{text}|{seal(text)}"


def record_from(line: str) -> PlanRecord | None:
    """The record in a line; None if the line is not one of ours, or was changed."""
    text, _, check = line.strip().rpartition("|")
    if seal(text) != check:
        return None
    goal, recorded, *plan = text.rsplit("|", 1 + len(FIELDS))
    return PlanRecord(goal, recorded, tuple(plan))


def plan_of(book: TeamBook, goal: Goal) -> tuple[str, ...]:
    """The goal's plan as texts."""
    return tuple(plain_text(present(book, goal, name)) for name in FIELDS)


def records(book: TeamBook, earlier: Iterable[PlanRecord], as_of: date) -> tuple[PlanRecord, ...]:
    """The records to keep from now on: the earlier ones, and the plans of goals that have none.

    A goal that is a draft, has not begun or has no check-in is still being planned: its record
    is made anew.
    """
    known = {same_name(r.goal_id): r for r in earlier}
    fresh = {same_name(g.goal_id): PlanRecord(g.goal_id, as_of.isoformat(), plan_of(book, g)) for g in book.goals}
    settled = {key for key in known if key not in fresh or not _planning(book, book.goals_by_id[key], as_of)}
    return tuple((known if key in settled else fresh)[key] for key in sorted(known.keys() | fresh.keys()))


def _planning(book: TeamBook, goal: Goal, as_of: date) -> bool:
    start = book.start_of(goal)
    begun = start is not None and start <= as_of
    return goal.state == "Draft" or not begun or not any(c.day <= as_of for c in book.checkins_of(goal))


def unrecorded_changes(book: TeamBook, earlier: Iterable[PlanRecord] = ()) -> list[Finding]:
    """Plans that are neither what History says last nor, without a History row, what was first recorded.

    An empty date cell means the period's, which may move as a whole and is not looked at.
    """
    known = {same_name(r.goal_id): r for r in earlier}
    found = []
    for goal in book.goals:
        record = known.get(same_name(goal.goal_id))
        if record is None and not book.history_of(goal):
            continue
        for k, name in enumerate(FIELDS):
            if name in ("start", "due") and getattr(goal, name) is None:
                continue
            said = _last_said(book, goal, name) or (
                (record.plan[k], f"when first scored on {record.recorded}") if record else None
            )
            if said and not same_value(present(book, goal, name), said[0]):
                found.append(_finding(book, goal, name, *said))
    return found


def _last_said(book: TeamBook, goal: Goal, name: str) -> tuple[Value, str] | None:
    """What the last row of History about the field says, and since when."""
    header = folded(GOALS.column(name).header)
    rows: Sequence[tuple[Value, str]] = [
        (row.new, f"by History since {plain_text(row.when)}")
        for row in book.history_of(goal)
        if folded(row.field or "") == header
    ]
    return rows[-1] if rows else None


def _finding(book: TeamBook, goal: Goal, name: str, said: Value, since: str) -> Finding:
    now = present(book, goal, name)
    message = f"{GOALS.column(name).header} of {goal.goal_id} is {shown(now)}; {since} it is {shown(said)}"
    return TARGET_CHANGED.at(goal.at(name), message, value=now, goal=goal.goal_id, person=goal.owner)
