"""One workbook from end to end. The only place that states the order.

read -> check -> score -> find issues -> propose -> paint -> graft -> save
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .agreement import disagreements, language_here
from .checks import check
from .decisions import Plan, PlanRecord, plan_changes, record_from, records, unrecorded_changes, verify
from .errors import Changed
from .findings import Finding, ordered
from .forms import GOALS, HISTORY
from .forms.languages import word_in
from .issues import Case, find_issues
from .live_columns import remembered
from .policy import from_toml
from .proposals import APPLIED, propose
from .records import TeamBook, read_records
from .records.rules import OWN_TAB_NAME
from .review import Review
from .scoring import GoalScore, score_book
from .scoring.rollup import score_goals
from .since import remembered as remembered_runs
from .since import since_last_run, snapshot, snapshots_in
from .tables import Address, Change, Tab
from .tabs import OUR_TABS, history, tabs_of
from .tabs.checks import plan_lines_in, run_lines_in
from .workbooks import reading
from .workbooks.package import open_package

if TYPE_CHECKING:
    from .workbooks.grafting import Grafted
    from .workbooks.package import Package


def read(path: str | os.PathLike[str] | Package, *, policy: str | Path | None = None) -> TeamBook:
    """The workbook's forms as typed records, each with its cell; from a file, or from a package in memory.

    `policy` is a TOML file whose numbers go before those of the Settings tab. Raises an
    Obstacle when the file cannot be read at all; what is wrong in a cell is a finding.
    """
    return with_policy(read_records(reading.read(path)), policy)


def day_of(book: TeamBook, as_of: date | None = None) -> date:
    """The day everything is judged at: the one asked for, else the workbook's, else today."""
    return as_of or book.settings.as_of or date.today()


def validate(book: TeamBook, as_of: date | None = None) -> list[Finding]:
    """All findings of the workbook, errors first. Changes nothing."""
    today = day_of(book, as_of)
    return _findings(book, today, score_goals(book, today)[0].values())


def _findings(book: TeamBook, today: date, scores: Iterable[GoalScore]) -> list[Finding]:
    found = [
        *book.findings,
        *check(book, today),
        *disagreements(book, today, scores),
        *verify(book.history, book.decisions),
        *unrecorded_changes(book, _first_plans(book)),
    ]
    return ordered([*found, *_names_taken(book)])


def score(book: TeamBook, as_of: date | None = None) -> Review:
    """The workbook checked and scored, with issues and proposals."""
    today = day_of(book, as_of)
    scores = score_book(book, today)
    findings = _findings(book, today, scores.goals)
    case = Case(book, scores, findings, today)
    issues = find_issues(case)
    proposals = propose(case, issues)
    runs = snapshots_in(run_lines_in(book.book) if book.book else ())
    return Review(
        book, today, tuple(findings), scores, issues, proposals,
        own_day=as_of is None or as_of == book.settings.as_of,
        since=since_last_run(runs, snapshot(book, scores)) if runs else None,
        plans=lambda: tuple(record.line() for record in records(book, _first_plans(book), today)),
        runs=lambda: remembered_runs(runs, snapshot(book, scores)),
    )  # fmt: skip


def _first_plans(book: TeamBook) -> list[PlanRecord]:
    """The plans that earlier runs kept; a line that was tampered with is none."""
    lines = plan_lines_in(book.book) if book.book else ()
    return [record for line in lines if (record := record_from(line))]


@dataclass(frozen=True)
class Written:
    """What `write` did: the tabs by their mark, and whether a byte changed."""

    path: str
    tabs: dict[str, str]
    changed: bool


def write(review: Review, path: str | os.PathLike[str], *, dry_run: bool = False, with_trials: bool = False) -> Written:
    """Renews Summary, Adjustments and Checks in the workbook; everything else stays as it was.

    `with_trials` adds a tab with every occasion that counted in somebody's index.

    A workbook without goals to read is somebody's other workbook, and nothing is written into
    it. Raises an Obstacle, before anything is touched, when the file cannot or must not be
    written, also when it changed since it was read.
    """
    if GOALS.tab not in review.book.places:
        return Written(os.fspath(path), {}, False)
    package = _writable(path)
    if review.book.book and review.book.book.digest != package.digest:
        raise Changed(path, "the file changed after it was read", "Run perfsheet again")
    grafted = _with_tabs(package, review, with_trials)
    _save(path, package, grafted.data, dry_run)
    return Written(os.fspath(path), dict(grafted.names), grafted.data != package.data)


@dataclass(frozen=True)
class Applied:
    """What `apply` did or, on a dry run, would do."""

    path: str
    plan: Plan
    before: Review
    review: Review
    """The workbook scored again with the changes in it."""


def apply(
    path: str | os.PathLike[str], as_of: date | None = None, *, policy: str | Path | None = None, dry_run: bool = False
) -> Applied:
    """Puts what was accepted in Adjustments into Goals, cell by cell, with a row for each in History.

    What cannot be applied (the cell changed meanwhile, the value does not fit) is in
    `plan.refused` and left as it is. The file is replaced once, with everything in it.
    """
    from .workbooks.package import Package

    package = _writable(path)
    before = score(with_policy(read_records(reading.read(package)), policy), as_of)
    plan = plan_changes(before.book, before.proposals, before.as_of)
    if not plan.applied:
        return Applied(os.fspath(path), plan, before, before)
    data = _with_history(_changed(package, before, plan), before, plan)
    changed = Package.from_bytes(data, package.path)
    review = score(with_policy(read_records(reading.read(changed)), policy), before.as_of)
    review = dataclasses.replace(review, own_day=before.own_day)
    live = Package.from_bytes(_with_live_values(changed, review), package.path)
    _save(path, package, _with_tabs(live, review).data, dry_run)
    return Applied(os.fspath(path), plan, before, review)


def renew(
    path: str | os.PathLike[str], package: Package, changed: Package, review: Review, more: Sequence[Tab] = ()
) -> None:
    """Saves `changed` over the file that `package` was read from, with our tabs (and `more` of them) in it."""
    from .workbooks.saving import check_writable

    check_writable(path)
    data = grafted(changed, (*tabs_of(review), *more), review.as_of).data
    _save(path, package, data, dry_run=False)


# ------------------------------------------------------------- one step at a time


def with_policy(book: TeamBook, policy: str | Path | None) -> TeamBook:
    """The records with the numbers of a policy file before those of the Settings tab."""
    return dataclasses.replace(book, policy=from_toml(book.policy, policy)) if policy else book


def _writable(path: str | os.PathLike[str]) -> Package:
    """The workbook's package, if it may be written. Raises the obstacle otherwise."""
    from .workbooks.package import check as check_package
    from .workbooks.saving import check_writable

    package = open_package(path)
    check_package(package, for_writing=True)
    check_writable(path)
    return package


def _with_tabs(package: Package, review: Review, with_trials: bool = False) -> Grafted:
    """The workbook with Summary, Adjustments and Checks renewed."""
    return grafted(package, tabs_of(review, with_trials=with_trials), review.as_of)


def grafted(package: Package, tabs: Sequence[Tab], created: date) -> Grafted:
    """The workbook with these tabs of ours put in or renewed."""
    from .workbooks.grafting import graft
    from .workbooks.painting import paint

    return graft(package, paint(tabs, created=created), {tab.name: tab.mark for tab in tabs})


def accepted_changes(review: Review, plan: Plan) -> list[Change]:
    """The accepted cells of Goals, and the proposals' rows in Adjustments marked Applied."""
    rows = [d for d in review.book.decisions if d.proposal_id in plan.applied and "state" in d.place.columns]
    language = language_here(review.book)
    told = [c._replace(value=word_in(language, c.value)) if isinstance(c.value, str) else c for c in plan.changes]
    return [*told, *(Change(d.at("state"), APPLIED) for d in rows)]


class Added(NamedTuple):
    """New rows at the end of History: their cells, and how far down the table around them must reach."""

    changes: list[Change]
    table: str | None
    bottom: int


def history_rows(review: Review, plan: Plan) -> Added | None:
    """The rows that the plan adds to History; None if there is no such tab yet."""
    place = review.book.places.get(HISTORY.tab)
    if place is None:
        return None
    sheet = review.book.book.sheet(place.sheet) if review.book.book else None
    columns = set(place.columns.values())
    tables = (o for o in sheet.list_objects if o.columns) if sheet else ()
    table = next((o for o in tables if columns & set(range(o.area.left, o.area.right + 1))), None)
    last = max([row.row for row in review.book.history], default=table.area.top if table else 1)
    changes = [
        Change(Address(place.sheet, last + n, place.columns[column.name]), getattr(entry, column.name))
        for n, entry in enumerate(plan.history_rows, start=1)
        for column in HISTORY.columns
        if column.name in place.columns
    ]
    return Added(changes, table.name if table else None, last + len(plan.history_rows))


def _changed(package: Package, review: Review, plan: Plan) -> bytes:
    """The workbook with the accepted changes in it."""
    from .workbooks.editing import edit

    return edit(package, accepted_changes(review, plan))


def _with_history(data: bytes, review: Review, plan: Plan) -> bytes:
    """New rows at the end of History: the table grows, or the tab is made with the first of them."""
    from .workbooks.editing import edit
    from .workbooks.package import Package

    package = Package.from_bytes(data, review.book.path)
    added = history_rows(review, plan)
    if added is None:
        return grafted(package, (history(plan.history_rows),), review.as_of).data
    return edit(package, added.changes, {added.table: added.bottom} if added.table else {})


def _with_live_values(package: Package, review: Review) -> bytes:
    """The live columns remember their new results, for viewers that do not calculate."""
    from .workbooks.editing import edit

    return edit(package, remembered(review.book, review.scores.goals, review.as_of))


def _save(path: str | os.PathLike[str], package: Package, data: bytes, dry_run: bool) -> None:
    from .workbooks.saving import save

    if data != package.data and not dry_run:
        save(path, data, expected_digest=package.digest)


def _names_taken(book: TeamBook) -> list[Finding]:
    """Tabs of the user's own that have the name of one of ours."""
    sheets = book.book.sheets if book.book else ()
    taken = [s.name for s in sheets if s.mark is None and s.name.casefold() in {t.casefold() for t in OUR_TABS}]
    return [
        OWN_TAB_NAME.at(Address(name, 1, 1), f"The tab {name} is yours and stays; ours gets another name", value=name)
        for name in taken
    ]
