"""The commands on a workbook that is open: the order of steps, as `cycle` states it for a file.

read -> check -> score -> find issues -> propose -> paint -> put the tabs in

Everything between reading and writing is the file's own: the same functions give the same findings, scores, changes
and tabs. What differs is that cells are read from and written to the program on the screen.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from . import __version__, answers, cycle
from .cycle import Applied, Written
from .decisions import Plan, plan_changes
from .errors import Obstacle, Refused
from .findings import Finding, Severity, counted
from .forms import GOALS, HISTORY
from .proposals import OPEN
from .records import TeamBook, read_records
from .review import Review
from .tables import Address, Book, Change, Scalar
from .tabs import checks, history, tabs_of
from .tabs.checks import plan_lines_in, run_lines_in
from .tabs.message import message, preview
from .workbooks.live import keeping
from .workbooks.live.hosts import Found, find
from .workbooks.live.keeping import Kept, Was
from .workbooks.live.session import Patience, Session, at_work

PATIENCE = Patience()
NEVER_READ = ("Summary", "Checks", "Trials", "Message")
"""Tabs of ours of which nothing but texts is read back."""
MESSAGE = "Message"
"""The mark of the tab that says what stands in the way."""

__all__ = ["Patience", "Restored", "apply", "find", "restore", "score", "tell", "validate"]


def validate(
    found: Found, as_of: date | None = None, *, policy: str | Path | None = None, patience: Patience = PATIENCE
) -> tuple[TeamBook, list[Finding]]:
    """The findings of the open workbook, errors first; the tab Checks is renewed, and nothing else is changed."""
    with _at_work(found, "validate", patience) as session:
        review = _scored(session, as_of, policy)
        if GOALS.tab in review.book.places:
            session.put([checks(_remembering(review))], review.as_of)
            session.remove(MESSAGE)
            session.outcome = _standing(review.findings)
        else:
            _say_no_goals(session, review)
    return review.book, list(review.findings)


def score(
    found: Found,
    as_of: date | None = None,
    *,
    policy: str | Path | None = None,
    dry_run: bool = False,
    patience: Patience = PATIENCE,
) -> tuple[Review, Written]:
    """Summary, Adjustments and Checks renewed in the open workbook."""
    with _at_work(found, "score", patience) as session:
        review = _scored(session, as_of, policy)
        if GOALS.tab not in review.book.places:
            _say_no_goals(session, review)
            return review, Written(found.book.name, {}, False)
        tabs = tabs_of(review)
        names = {tab.mark: tab.name for tab in tabs} if dry_run else session.put(tabs, review.as_of)
        session.remove(MESSAGE)
        session.outcome = _standing(review.findings)
    return review, Written(found.book.name, names, not dry_run)


def apply(
    found: Found,
    as_of: date | None = None,
    *,
    policy: str | Path | None = None,
    dry_run: bool = False,
    patience: Patience = PATIENCE,
) -> Applied:
    """Puts what was accepted in Adjustments into Goals, with a row for each in History, and renews our tabs.

    What is about to change is kept first, so that `restore` can put it back. A dry run lists in the tab Message what
    would change, and brings that tab in sight.
    """
    with _at_work(found, "apply", patience) as session:
        before = _scored(session, as_of, policy)
        plan = plan_changes(before.book, before.proposals, before.as_of)
        review = before
        if GOALS.tab not in before.book.places:
            _say_no_goals(session, before)
            return Applied(found.book.name, plan, before, review)
        if plan.applied and not dry_run:
            session.must_take_tabs()
            _keep(session, before, plan)
            _carry_out(session, before, plan)
            review = _scored(session, before.as_of, policy)
            review = dataclasses.replace(review, own_day=before.own_day)
            session.put(tabs_of(review), review.as_of)
        if dry_run:
            _show_preview(session, before, plan)
        else:
            _leave_message(session, _refusals(before, plan), review.as_of)
        session.outcome = _told(plan, dry_run)
    return Applied(found.book.name, plan, before, review)


@dataclass(frozen=True)
class Restored:
    """What `restore` put back or, on a dry run, would put back; and what it left, with the reason."""

    path: str
    changes: tuple[Was, ...]
    left: tuple[tuple[Address, str], ...]
    review: Review

    def answer(self, dry_run: bool) -> answers.Json:
        """What it says for scripts."""
        told = [{"cell": str(w.address), "from": _plain(w.after), "to": _plain(w.before)} for w in self.changes]
        left = [{"cell": str(place), "reason": reason} for place, reason in self.left]
        head = {**answers.head(self.review.book), "as_of": self.review.as_of.isoformat()}
        return {**head, "dry_run": dry_run, "restored": told, "left": left}


def _plain(value: Scalar) -> str | float | None:
    """A value as JSON holds it; a date without the time that a cell adds to it."""
    if isinstance(value, datetime):
        return (value.date() if value.time() == time() else value).isoformat()
    return str(value) if isinstance(value, (date, time, timedelta)) else value


def restore(
    found: Found, *, policy: str | Path | None = None, dry_run: bool = False, patience: Patience = PATIENCE
) -> Restored:
    """Puts the cells back that the last `apply` changed, takes its rows of History away, and renews our tabs.

    A cell that somebody changed since is left as it is. Raises Refused if no `apply` is remembered.
    """
    with _at_work(found, "restore", patience) as session:
        book = cycle.with_policy(read_records(session.read()), policy)
        kept = keeping.latest(_identity(book))
        if kept is None:
            what = "no adjustments are remembered that were applied to it on this computer"
            raise Refused(found.book.name, what, "Use the program's own undo, or History and your own hand")
        back, left = _way_back(session, kept)
        as_of = date.fromisoformat(kept.facts["as_of"])
        if dry_run:
            return Restored(found.book.name, back, left, cycle.score(book, as_of))
        review = _put_back(session, book, kept, back, policy)
        keeping.forget(kept)
        _leave_message(session, [(f"{why}. It is left as it is", place) for place, why in left], as_of)
        session.outcome = f"{len(back)} cells are as they were before" + (f", {len(left)} are left" if left else "")
    return Restored(found.book.name, back, left, review)


def tell(found: Found, obstacle: Obstacle) -> None:
    """What stands in the way, in the tab Message of the workbook itself if it is one of ours and may take a tab."""
    place = Address(*obstacle.cell) if obstacle.cell else None
    sentence = f"{obstacle.what}. {obstacle.remedy}"
    with contextlib.suppress(Obstacle), at_work(found, "perfsheet message", Patience(0), NEVER_READ) as session:
        if _is_ours(read_records(session.read())):
            session.put([message("perfsheet could not go on", [(sentence, place)])], date.today())


# ------------------------------------------------------------- one step at a time


@contextlib.contextmanager
def _at_work(found: Found, command: str, patience: Patience) -> Iterator[Session]:
    title = f"perfsheet {command}"
    with at_work(found, title, patience, NEVER_READ, lambda o: tell(found, o), __version__) as session:
        yield session


def _scored(session: Session, as_of: date | None, policy: str | Path | None) -> Review:
    book = cycle.with_policy(read_records(session.read()), policy)
    session.say(f"perfsheet: scoring {session.name} …")
    return cycle.score(book, as_of)


def _remembering(review: Review) -> Review:
    """The review with what the workbook remembers of earlier runs: validating is not a run that is remembered."""
    book = review.book.book
    plans, runs = (plan_lines_in(book), run_lines_in(book)) if book else ((), ())
    return dataclasses.replace(review, plans=lambda: plans, runs=lambda: runs)


def _identity(book: TeamBook) -> str:
    """By what a workbook is known again: its id, else its name."""
    return book.settings.workbook_id or book.path


def _keep(session: Session, review: Review, plan: Plan) -> None:
    """What apply is about to touch, written down before the first cell is changed."""
    book = review.book.book or Book(session.name, ())
    added = cycle.history_rows(review, plan)
    table = added.table if added else None
    facts = {
        "as_of": review.as_of.isoformat(),
        "states": {d.proposal_id: d.state or OPEN for d in review.book.decisions if d.proposal_id in plan.applied},
        "history": {"table": table, "bottom": added.bottom - len(plan.history_rows)} if added else None,
        "rows": [entry.hash for entry in plan.history_rows],
    }
    own = [sheet.name for sheet in book.sheets if sheet.mark]
    touched = {change.address.sheet for change in plan.changes} | set(own)
    changes = [c for c in cycle.accepted_changes(review, plan) if c.address.sheet not in own]
    was = tuple(Was(c.address, _value(book, c.address), c.value) for c in changes)
    keeping.keep(_identity(review.book), Kept(session.name, was, keeping.only(book, sorted(touched)), facts))


def _value(book: Book, address: Address) -> Scalar:
    sheet = book.sheet(address.sheet)
    cell = sheet.cells.get((address.row, address.column)) if sheet else None
    return cell.value if cell else None


def _carry_out(session: Session, review: Review, plan: Plan) -> None:
    """The accepted cells, and the rows of History."""
    session.say("perfsheet: applying what was accepted …")
    session.change(cycle.accepted_changes(review, plan))
    added = cycle.history_rows(review, plan)
    if added is None:
        session.put([history(plan.history_rows)], review.as_of)
        return
    if added.table:
        session.lengthen(added.table, added.bottom)
    session.change(added.changes)


def _way_back(session: Session, kept: Kept) -> tuple[tuple[Was, ...], tuple[tuple[Address, str], ...]]:
    """The cells that can be put back, and those that cannot, with the reason."""
    names = {sheet.name for sheet in session.now.sheets} if session.now else set()
    back, left = [], []
    for was in kept.changes:
        if was.address.sheet not in names:
            left.append((was.address, f"The tab {was.address.sheet} is not there any more"))
        elif session.holds(was.address, was.after):
            back.append(was)
        elif not session.holds(was.address, was.before):
            left.append((was.address, f"{was.address} was changed since"))
    return tuple(back), tuple(left)


def _put_back(session: Session, book: TeamBook, kept: Kept, back: Sequence[Was], policy: str | Path | None) -> Review:
    """The cells, the states of the proposals and the rows of History as they were; then our tabs anew."""
    session.say("perfsheet: putting back what was applied …")
    states = kept.facts["states"]
    rows = [d for d in book.decisions if d.proposal_id in states and "state" in d.place.columns]
    session.change(
        [*(Change(w.address, w.before) for w in back), *(Change(d.at("state"), states[d.proposal_id]) for d in rows)]
    )
    _unwrite(session, book, kept)
    now = kept.as_then(session.read(), "Checks")
    review = cycle.score(cycle.with_policy(read_records(now), policy), date.fromisoformat(kept.facts["as_of"]))
    session.put(tabs_of(review), review.as_of)
    return review


def _unwrite(session: Session, book: TeamBook, kept: Kept) -> None:
    """Takes the rows of History away that the apply wrote, if they still are its last ones."""
    hashes = kept.facts["rows"]
    if [row.hash for row in book.history][-len(hashes) :] != hashes:
        return
    before = kept.facts["history"]
    if before is None:
        session.remove(HISTORY.tab)
    elif before["table"]:
        session.shorten(before["table"], before["bottom"])


# ---------------------------------------------------------------- what the user is told


def _leave_message(session: Session, lines: Sequence[tuple[str, Address | None]], as_of: date) -> None:
    """The tab Message with what was left, or none of it."""
    if lines:
        session.read()
        session.put([message("What perfsheet left as it is", lines)], as_of)
    else:
        session.remove(MESSAGE)


def _show_preview(session: Session, review: Review, plan: Plan) -> None:
    """The list of what apply would do, in sight; where no tab may come in, the sentence in the status bar must do."""
    places = {str(change.address): change.address for change in plan.changes}
    changes = [(entry, places.get(entry.part or "")) for entry in plan.history_rows]
    with contextlib.suppress(Refused):
        names = session.put([preview(changes, _refusals(review, plan))], review.as_of)
        session.front = names[MESSAGE]


def _is_ours(book: TeamBook) -> bool:
    """Whether perfsheet was at work in the workbook, or it has goals: others get no tab of ours."""
    sheets = book.book.sheets if book.book else ()
    return GOALS.tab in book.places or any(sheet.mark for sheet in sheets)


def _say_no_goals(session: Session, review: Review) -> None:
    """Why nothing can be done, in a tab if the workbook is one of ours, and in the status bar."""
    session.outcome = f"{session.name} has no tab with goals, so nothing is written into it"
    if _is_ours(review.book):
        wrong: list[tuple[str, Address | None]] = [
            (f.message, f.address) for f in review.findings if f.severity is Severity.ERROR
        ]
        lines = wrong or [("Give the tab with the goals its name Goals, and its headers, back", None)]
        session.put([message(f"{session.name} has no tab with goals", lines)], review.as_of)


def _refusals(review: Review, plan: Plan) -> list[tuple[str, Address | None]]:
    """Why proposals could not be applied, each with the row where it was decided."""
    places = {d.proposal_id: d.at("proposal_id") for d in review.book.decisions}
    return [(f"{proposal_id}: {reason}", places.get(proposal_id)) for proposal_id, reason in plan.refused]


def _standing(findings: Sequence[Finding]) -> str:
    """How it stands, and the first cell to go to."""
    worst = next((f for f in findings if f.severity is not Severity.INFO), None)
    said = counted(findings)
    return f"{said}; go to {worst.address}: {worst.message}" if worst else said


def _told(plan: Plan, dry_run: bool) -> str:
    verb = "would be applied" if dry_run else "applied"
    said = f"{len(plan.applied)} adjustments {verb}"
    if plan.refused:
        return f"{said}; {len(plan.refused)} cannot be: {plan.refused[0][1]}"
    return said if plan.applied else "nothing was accepted that is not applied already"
