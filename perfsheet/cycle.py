"""One workbook from end to end. The only place that states the order.

read -> check -> score -> find issues -> propose -> paint -> graft -> save
"""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from .checks import check
from .decisions import unrecorded_changes, verify
from .errors import Changed
from .findings import Finding, ordered
from .issues import find_issues
from .policy import from_toml
from .proposals import propose
from .records import TeamBook, read_records
from .records.rules import OWN_TAB_NAME
from .review import Review
from .scoring import score_book
from .tables import Address
from .tabs import OUR_TABS, tabs_of
from .workbooks import reading


def read(path: str | os.PathLike[str], *, policy: str | Path | None = None) -> TeamBook:
    """The workbook's forms as typed records, each with its cell.

    `policy` is a TOML file whose numbers go before those of the Settings tab. Raises an
    Obstacle when the file cannot be read at all; what is wrong in a cell is a finding.
    """
    book = read_records(reading.read(path))
    return dataclasses.replace(book, policy=from_toml(book.policy, policy)) if policy else book


def day_of(book: TeamBook, as_of: date | None = None) -> date:
    """The day everything is judged at: the one asked for, else the workbook's, else today."""
    return as_of or book.settings.as_of or date.today()


def validate(book: TeamBook, as_of: date | None = None) -> list[Finding]:
    """All findings of the workbook, errors first. Changes nothing."""
    found = [
        *book.findings,
        *check(book, day_of(book, as_of)),
        *verify(book.history, book.decisions),
        *unrecorded_changes(book),
    ]
    return ordered([*found, *_names_taken(book)])


def score(book: TeamBook, as_of: date | None = None) -> Review:
    """The workbook checked and scored, with issues and proposals."""
    today = day_of(book, as_of)
    findings = validate(book, today)
    scores = score_book(book, today)
    issues = find_issues(book, scores, findings, today)
    proposals = propose(book, scores, issues, today)
    return Review(book, today, tuple(findings), scores, issues, proposals)


@dataclass(frozen=True)
class Written:
    """What `write` did: the tabs by their mark, and whether a byte changed."""

    path: str
    tabs: dict[str, str]
    changed: bool


def write(review: Review, path: str | os.PathLike[str], *, dry_run: bool = False) -> Written:
    """Renews Summary, Adjustments and Checks in the workbook; everything else stays as it was.

    Raises an Obstacle, before anything is touched, when the file cannot or must not be
    written, also when it changed since it was read.
    """
    from .workbooks.grafting import graft
    from .workbooks.package import check as check_package
    from .workbooks.package import open_package
    from .workbooks.painting import paint
    from .workbooks.saving import check_writable, save

    package = open_package(path)
    check_package(package, for_writing=True)
    if review.book.book and review.book.book.digest != package.digest:
        raise Changed(path, "the file changed after it was read", "Run perfsheet again")
    check_writable(path)
    tabs = tabs_of(review)
    grafted = graft(package, paint(tabs, created=review.as_of), {tab.name: tab.mark for tab in tabs})
    changed = grafted.data != package.data
    if changed and not dry_run:
        save(path, grafted.data, expected_digest=package.digest)
    return Written(os.fspath(path), dict(grafted.names), changed)


def _names_taken(book: TeamBook) -> list[Finding]:
    """Tabs of the user's own that have the name of one of ours."""
    sheets = book.book.sheets if book.book else ()
    taken = [s.name for s in sheets if s.mark is None and s.name.casefold() in {t.casefold() for t in OUR_TABS}]
    return [
        OWN_TAB_NAME.at(Address(name, 1, 1), f"The tab {name} is yours and stays; ours gets another name", value=name)
        for name in taken
    ]
