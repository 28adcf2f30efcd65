"""The end of a period: final scores kept as they are, and the next period's workbook from what is unfinished.

A goal that is reached is done. Any other running goal is carried on by the rule of its kind: a
measure starts from where it stands, a count owes what is left of it, a percentage starts anew,
milestones take along what is not done. People, settings, open actions, development and History
go along, with the columns that a template adds to them; check-ins and feedback stay with the period in which they were made.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from . import cycle
from .agreement import language_here
from .decisions import Entry, chained
from .errors import Misuse
from .filling import fill, workbook_id
from .forms import ACTIONS, DEVELOPMENT, GOALS, MILESTONES, PEOPLE, Form, Goal, Record, folded, same_name
from .forms.languages import word_in
from .policy import Policy, knobs
from .records.locating import Located, locate
from .records.teambook import TeamBook
from .review import Review
from .scoring import GoalScore
from .tables import Book, Change
from .tabs.closing import closing
from .tabs.history import history
from .templates import in_language, template_bytes, templates_folder
from .workbooks.editing import edit
from .workbooks.package import Package, open_package
from .workbooks.reading import read
from .workbooks.saving import create

Row = dict[str, Any]

DONE, CARRIED, POSTPONED, DROPPED, DRAFT = "done", "carried on", "postponed", "dropped", "still a draft"


@dataclass(frozen=True)
class Closed:
    """What `close` did: the final review, each goal's outcome, and where the next workbook is."""

    path: str
    next_path: str
    review: Review
    outcomes: Mapping[str, str]


def close(
    path: str | os.PathLike[str], next_path: str | os.PathLike[str], *, period: str, start: date, end: date,
    note: str | None = None, template: str | None = None, dry_run: bool = False,
) -> Closed:  # fmt: skip
    """Freezes the period in `path` and writes the next period's workbook to `next_path`.

    Everything is judged at the period's last day. Raises Misuse for dates that do not follow
    on, an Obstacle when a file cannot be read or written; then neither file has changed.
    """
    if Path(next_path).exists():
        raise Misuse(f"{next_path} is there already; choose another name for the next period")
    if Path(next_path).suffix.casefold() not in (".xlsx", ".xlsm"):
        raise Misuse(f"{next_path}: the next period's workbook needs a name that ends in .xlsx or .xlsm")
    book = cycle.read(path)
    last = book.settings.period_end
    if last is None:
        raise Misuse(f"{path}: Settings has no Period end, so nobody can say when the period closed")
    if end < start or start <= last:
        raise Misuse(f"{path}: the next period must begin after {last} and end after it begins")
    review = cycle.score(book, last)
    outcomes = {g.goal_id: outcome(goal_of(book, g), g) for g in review.scores.goals}
    entries = carried_entries(review, outcomes, period, start)
    upcoming = next_workbook(review, outcomes, entries, period=period, start=start, end=end, template=template)
    if not dry_run:
        _freeze(path, review, outcomes, note)
        create(next_path, upcoming)
    return Closed(os.fspath(path), os.fspath(next_path), review, outcomes)


def goal_of(book: TeamBook, score: GoalScore) -> Goal:
    """The record of a scored goal."""
    return next(g for g in book.goals if g.at("goal_id").row == score.address.row)


def outcome(goal: Goal, score: GoalScore) -> str:
    """What becomes of a goal at the end of the period."""
    if goal.state in ("Postponed", "Dropped", "Draft"):
        return {"Postponed": POSTPONED, "Dropped": DROPPED, "Draft": DRAFT}[goal.state]
    return DONE if goal.state == "Done" or (score.raw_progress or 0) >= 1 else CARRIED


# ------------------------------------------------------------------ the closed workbook


def _freeze(path: str | os.PathLike[str], review: Review, outcomes: Mapping[str, str], note: str | None) -> None:
    """Closing with the final numbers as plain values; As of fixed to the last day; reached goals marked Done."""
    package = open_package(path)
    changes = []
    as_of = review.book.settings_at.get("as_of")
    if as_of and review.book.settings.as_of != review.as_of:
        changes.append(Change(as_of, review.as_of))
    for score in review.scores.goals:
        goal = goal_of(review.book, score)
        if outcomes[score.goal_id] == DONE and goal.state != "Done" and "state" in goal.place.columns:
            changes.append(Change(goal.at("state"), word_in(language_here(review.book), "Done")))
    changed = Package.from_bytes(edit(package, changes) if changes else package.data, package.path)
    cycle.renew(path, package, changed, review, (closing(review, outcomes, note),))


# -------------------------------------------------------------------- the next workbook


def next_workbook(
    review: Review, outcomes: Mapping[str, str], entries: Sequence[Entry], *, period: str, start: date, end: date, template: str | None
) -> bytes:  # fmt: skip
    """The next period's workbook: settings, people, unfinished goals, open actions, development, History."""
    book = review.book
    settings = {**_settings(book), "period": period, "period_start": start, "period_end": end, "as_of": None}
    settings["workbook_id"] = workbook_id(settings)
    pattern = _template(book, template)
    rows_on = _rows(review, outcomes, start, _Further(book.book, pattern))
    data = fill(pattern, rows_on, settings, template or "the template")
    rows = (*book.history, *entries)
    if not rows:
        return data
    return cycle.grafted(Package.from_bytes(data, "next"), (history(rows),), review.as_of).data


def _template(book: TeamBook, template: str | None) -> bytes:
    """The template asked for, else the one that the workbook was made from, in the workbook's language."""
    made_from = (book.settings.template_version or "").rpartition(" ")[0]
    ours = {path.stem for path in templates_folder().glob("*.xlsx")}
    name = template or (made_from if made_from in ours else "team")
    return in_language(template_bytes(name), language_here(book) or "en")


def _settings(book: TeamBook) -> dict[str, Any]:
    """The facts, and the policy numbers that differ from their defaults."""
    facts = {name: getattr(book.settings, name) for name in ("organisation", "team", "manager")}
    default = Policy()
    numbers = {
        k.name: getattr(book.policy, k.name)
        for k in knobs()
        if getattr(book.policy, k.name) != getattr(default, k.name)
    }
    return {**facts, **{n: v for n, v in numbers.items() if n in book.settings_at}}


class _Further:
    """What stands beside the records in columns that the next workbook's template adds to the forms' own."""

    def __init__(self, book: Book | None, template: bytes) -> None:
        self._there = locate(book) if book else {}
        self._wanted = {
            place.form: {folded(h): h for h in place.list_object.columns if folded(h) in dict(_further_columns(place))}
            for place in locate(read(Package.from_bytes(template, "the template"))).values()
            if place.list_object
        }

    def of(self, record: Record, form: Form) -> Row:
        """The values by the header in the next workbook."""
        place, wanted = self._there.get(form.tab), self._wanted.get(form, {})
        if place is None:
            return {}
        cells = place.sheet.cells
        return {
            wanted[header]: cell.value
            for header, column in _further_columns(place)
            if header in wanted and (cell := cells.get((record.row, column))) and cell.type not in ("empty", "error")
        }


def _further_columns(place: Located) -> Iterator[tuple[str, int]]:
    """Columns to fill in that are not the form's, those that calculate left out: the header, folded, and the column."""
    for (row, column), cell in place.sheet.cells.items():
        below = place.sheet.cells.get((row + 1, column))
        if row == place.header_row and column not in place.columns.values() and not (below and below.formula):
            yield folded(str(cell.value)), column


def _rows(review: Review, outcomes: Mapping[str, str], start: date, further: _Further) -> dict[Form, list[Row]]:
    book = review.book

    def row_of(record: Record, form: Form) -> Row:
        return _row(record, form) | further.of(record, form)

    on = [s for s in review.scores.goals if outcomes[s.goal_id] in (CARRIED, POSTPONED, DRAFT)]
    ids = {same_name(s.goal_id) for s in on}
    return {
        PEOPLE: [row_of(p, PEOPLE) for p in book.people if p.end is None or p.end >= start],
        GOALS: [carried(g := goal_of(book, s), s, start) | _levels(further.of(g, GOALS), g, s) for s in on],
        MILESTONES: [
            row_of(m, MILESTONES) | {"due": None}
            for m in book.milestones
            if m.done is None and same_name(m.goal_id) in ids
        ],
        ACTIONS: [row_of(a, ACTIONS) for a in book.actions if a.done is None],
        DEVELOPMENT: [row_of(d, DEVELOPMENT) | {"attainment": None} for d in book.development],
    }


def _row(record: Record, form: Form) -> Row:
    return {c.name: getattr(record, c.name) for c in form.columns if not c.live}


LEVELS = ("threshold", "stretch")
"""Columns of the scorecard that say how much a number should be, as the target does."""


def _levels(more: Row, goal: Goal, score: GoalScore) -> Row:
    """A goal's further columns; of a count the levels owe what is left, like the target."""
    if goal.kind != "Count" or score.current is None:
        return more
    done = score.current
    owing = {n: max(v - done, 0) for n, v in more.items() if folded(n) in LEVELS and isinstance(v, (int, float))}
    return more | owing


def carried(goal: Goal, score: GoalScore, start: date) -> Row:
    """A goal as it begins the next period, by the rule of its kind."""
    row = _row(goal, GOALS) | {"start": None, "due": goal.due if goal.due and goal.due >= start else None}
    row["state"] = "Draft" if goal.state in ("Draft", "Postponed") else "Active"
    if score.current is not None and goal.kind in ("Increase", "Decrease"):
        row["baseline"] = score.current
    if score.current is not None and goal.kind == "Count" and goal.target is not None:
        row["baseline"], row["target"] = 0, max(goal.target - score.current, 0)
    return row


def carried_entries(review: Review, outcomes: Mapping[str, str], period: str, start: date) -> tuple[Entry, ...]:
    """A History row for each number that a carried goal begins the next period with, chained to the old rows."""
    entries = []
    for score in review.scores.goals:
        goal = goal_of(review.book, score)
        row = carried(goal, score, start)
        for name in ("baseline", "target") if outcomes[score.goal_id] == CARRIED else ():
            old: float | None = getattr(goal, name)
            if row[name] != old:
                why = f"Carried into {period}: it stood at {score.current:g} on {review.as_of.isoformat()}"
                header = GOALS.column(name).header
                entries.append(
                    Entry(
                        start.isoformat(),
                        review.book.settings.manager,
                        str(goal.at(name)),
                        goal.goal_id,
                        header,
                        old,
                        row[name],
                        why,
                        None,
                    )
                )
    return chained(review.book.history, entries)
