"""Moved goalposts: what is not as it was when the organisation was consolidated last.

Every change of a plan is listed with before and after, and with the row of History that explains
it, if there is one and its chain is intact. Old check-ins that were edited show as well.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..forms import folded, same_name
from .packing import Part

Row = Mapping[str, Any]

FIELDS = {
    "target": "Target", "baseline": "Baseline", "lower": "Lower", "upper": "Upper", "weight": "Weight", "start": "Start date",
    "due": "Due date", "kind": "Kind", "owner": "Owner", "parent": "Parent goal", "state": "State",
}  # fmt: skip
"""What makes up an agreement, by the header that History names."""


@dataclass(frozen=True)
class Moved:
    """One thing that changed since the last consolidation."""

    team: str
    file: str
    goal_id: str
    goal: str
    field: str
    before: object
    after: object
    cell: str
    explained: str
    """Who, when and why, by History; empty if nobody says."""

    @property
    def row(self) -> dict[str, Any]:
        """For tabs and JSON."""
        verdict = "explained" if self.explained else "not explained"
        return {**vars(self), "verdict": verdict}


def moved_goalposts(before: Mapping[str, Sequence[Row]], now: Mapping[str, Sequence[Row]]) -> list[Moved]:
    """What changed between two consolidations. Both hold the rows of goals and check_ins, `now` those of history too.

    Workbooks are matched by their id, else by their file. What is new is no moved goalpost; a goal or a
    workbook that is gone is.
    """
    goals, old_goals = _by_goal(now["goals"]), _by_goal(before["goals"])
    history = _history(now["history"])
    found = [
        m for key, goal in goals.items() if key in old_goals for m in _plan(old_goals[key], goal, history.get(key, ()))
    ]
    gone = [old for key, old in old_goals.items() if key not in goals]
    return [*found, *_gone(gone, now["goals"]), *_edited(before["check_ins"], now["check_ins"], goals, old_goals)]


COMPARED: Mapping[str, tuple[str, ...]] = {
    "goals": ("goal_id", *FIELDS, "weight_given"),
    "check_ins": ("goal_id", "day", "value"),
}
"""The columns in which a workbook's rows must differ for anything to have moved."""
TOLD = ("workbook_id", "team", "file", "goal", "cell")
"""What is said beside them of what moved, or is gone."""


class Marks:
    """What each workbook's rows say, in few bytes: where two marks are the same, nothing moved."""

    def __init__(self) -> None:
        self._found: dict[str, Any] = {}

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, table: str, part: Part, columns: Sequence[str]) -> None:
        """Further rows of a workbook in a table, in their order, by the columns that both sides have.

        Rows that come in another number of parts give another mark; then they are compared one by one.
        """
        if part.columns["file"]:
            said = [_as_numbers(part.columns[name]) for name in columns]
            mark = self._found.setdefault(part.book, hashlib.blake2b(digest_size=16))
            mark.update(repr((table, said)).encode("utf-8", "surrogatepass"))

    def differ(self, now: Marks) -> set[str]:
        """The workbooks that do not say the same now, or are gone."""
        marks = {book: mark.digest() for book, mark in now._found.items()}
        return {book for book, mark in self._found.items() if marks.get(book) != mark.digest()}


def _as_numbers(values: Sequence[Any]) -> list[Any]:
    """The values, numbers as the dataset keeps them."""
    if {int, bool}.isdisjoint(map(type, values)):  # nearly always, and without a step for each value
        return list(values)
    return [float(value) if isinstance(value, (int, float)) else value for value in values]


Key = tuple[str, str]


def workbook_of(row: Row) -> str:
    """By what a workbook is known from one consolidation to the next."""
    return str(row["workbook_id"] or row["file"])


def _key(row: Row) -> Key:
    return workbook_of(row), same_name(row["goal_id"] or "")


def _by_goal(rows: Iterable[Row]) -> dict[Key, Row]:
    return {_key(row): row for row in rows}


def _history(rows: Iterable[Row]) -> dict[Key, list[Row]]:
    found: dict[Key, list[Row]] = {}
    for row in rows:
        if row["goal_id"]:
            found.setdefault(_key(row), []).append(row)
    return found


def _plan(old: Row, new: Row, history: Sequence[Row]) -> Iterator[Moved]:
    """Each field of an agreement that is not as it was; a dataset may be older than a column."""
    for name, header in FIELDS.items():
        if name in old and not _same(old[name], new[name]) and not _follows(name, old, new):
            yield Moved(
                new["team"], new["file"], new["goal_id"], new["goal"], header, old[name], new[name], new["cell"],
                _explained(header, new[name], history),
            )  # fmt: skip


def _follows(name: str, old: Row, new: Row) -> bool:
    """Whether it is a weight that nobody typed: it moves with those of the other goals, and they are told."""
    return name == "weight" and not (old.get("weight_given", True) or new["weight_given"])


def _gone(gone: Iterable[Row], goals: Iterable[Row]) -> Iterator[Moved]:
    """Each goal that has no row any more; of a workbook without any goal only the workbook."""
    there = {workbook_of(row) for row in goals}
    told: set[str] = set()
    for old in gone:
        workbook = workbook_of(old)
        if workbook in there:
            yield Moved(
                old["team"], old["file"], old["goal_id"], old["goal"], "Goal", "a row", "no row", old["cell"], ""
            )
        elif workbook not in told:
            told.add(workbook)
            yield Moved(
                old["team"], old["file"], "", "", "Workbook", "goals", "not in this run, or without goals", "", ""
            )


def _same(one: object, other: object) -> bool:
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return abs(one - other) <= 1e-9 * max(1.0, abs(one))
    if isinstance(one, str) and isinstance(other, str):
        return same_name(one) == same_name(other)
    return one == other


def _explained(header: str, value: object, history: Sequence[Row]) -> str:
    """The last row of an intact History about this field, if it says that the field got this value."""
    last = next((row for row in reversed(history) if folded(row["field"] or "") == folded(header)), None)
    if last is None or not last["chain_intact"] or _text(last["new"]) != _text(value):
        return ""
    return f"{last['who'] or 'somebody not named'}, {last['when']}: {last['reason'] or 'no reason given'}"


def _text(value: object) -> str:
    """A value as History writes it."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value + 0.0:.12g}"
    return value.isoformat() if isinstance(value, date) else str(value or "")


# ------------------------------------------------------------------------------- old check-ins


def _edited(
    before: Iterable[Row], now: Iterable[Row], goals: Mapping[Key, Row], known: Mapping[Key, Row]
) -> Iterator[Moved]:
    """Check-ins of the last consolidation that say something else now, or are gone.

    A row that was added later for a day before is told too: the log grows at its end.
    """
    old, new = _by_day(before), _by_day(now)
    last: dict[Key, date] = {}
    for key, day in old:
        last[key] = max(day, last.get(key, day))
    for key, day in sorted(old.keys() | new.keys(), key=lambda k: (k[0], k[1])):
        goal = goals.get(key)
        if goal is None or key not in known or key not in last or day > last[key]:
            continue
        one, other = old.get((key, day)), new.get((key, day))
        if one is None or other is None or not _same(one["value"], other["value"]):
            cell = (other or goal)["cell"]
            yield Moved(
                goal["team"], goal["file"], goal["goal_id"], goal["goal"], f"Check-in of {day.isoformat()}",
                one["value"] if one else "no row", other["value"] if other else "no row", cell, "",
            )  # fmt: skip


def _by_day(rows: Iterable[Row]) -> dict[tuple[Key, date], Row]:
    """The value in force on each day: of two rows on one day the last."""
    return {(_key(row), row["day"]): row for row in rows if row["value"] is not None}
