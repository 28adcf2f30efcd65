"""What the commands print for people: findings like a good compiler's, a review in a few lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

import click

from .errors import escaped, shown
from .findings import Finding, Severity, counted
from .records.teambook import TeamBook
from .review import Review
from .scoring import Accountability, GoalScore, PersonScore, Status

if TYPE_CHECKING:
    from .addin import Built, Change
    from .closing import Closed
    from .cycle import Applied, Written
    from .distribute import Distributed
    from .doctor import Examined
    from .live import Restored
    from .repair import Repaired

COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}

WORDS = {
    Status.ACHIEVED: "achieved", Status.ON_TRACK: "on track", Status.AT_RISK: "at risk", Status.OFF_TRACK: "off track",
    Status.OVERDUE: "overdue", Status.NO_DATA: "no data", Status.TOO_EARLY: "too early",
    Status.NOT_STARTED: "not started", Status.POSTPONED: "postponed", Status.DROPPED: "dropped",
}  # fmt: skip


def print_json(document: Any) -> None:
    """One JSON document on standard output; names and titles in it can do nothing to a terminal."""
    sys.stdout.write(escaped(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)) + "\n")
    sys.stdout.flush()


def percent(share: float | None) -> str:
    """A share for the eye: 42 %, or a dash where there is no number."""
    return "–" if share is None else f"{100 * share:.0f} %"


def print_findings(book: TeamBook, findings: Sequence[Finding], *, quiet: bool) -> None:
    """Each finding as file:cell: severity code: what is wrong. What to do. Then the counts."""
    for f in findings:
        if quiet and f.severity is not Severity.ERROR:
            continue
        where = f"{shown(book.path)}:{shown(f.address)}:"
        word = click.style(f.severity.value, fg=COLOURS[f.severity], bold=True)
        click.echo(f"{click.style(where, bold=True)} {word} {f.code}: {shown(f.message)}. {f.remedy}.")
    if not quiet:
        click.echo(f"{shown(book.path)}: {counted(findings)}")


def print_review(review: Review, written: Written, *, dry_run: bool, quiet: bool) -> None:
    """How the team stands, what needs attention, and what was written."""
    if quiet:
        return
    team, settings = review.scores.team, review.book.settings
    click.echo(
        click.style(
            f"{shown(settings.team or review.book.path)}, {shown(settings.period or 'no period')}, as of {review.as_of}",
            bold=True,
        )
    )
    statuses = ", ".join(f"{n} {WORDS[Status(s)]}" for s, n in team.status_counts.items() if n)
    click.echo(
        f"  progress {percent(team.progress)}, expected {percent(team.expected)}, coverage {percent(team.coverage)}; {statuses or 'no goals'}"
    )
    for goal in _attention(review.scores.goals)[:5]:
        click.echo(
            f"  {shown(goal.address)}  {shown(goal.goal_id)} {shown(goal.goal)[:60]}: {WORDS[goal.status]}. {shown(goal.status_reason)}"
        )
    if not written.tabs:
        click.echo(
            f"  {counted(review.findings)}; there are no goals, so nothing is written into {shown(written.path)}"
        )
        return
    tabs = ", ".join(written.tabs.values())
    done = "would write" if dry_run else "wrote" if written.changed else "nothing new in"
    click.echo(f"  {counted(review.findings)}; {done} {tabs} in {shown(written.path)}")


def _attention(goals: Iterable[GoalScore]) -> list[GoalScore]:
    order = (Status.OVERDUE, Status.OFF_TRACK, Status.AT_RISK)
    return sorted(
        (g for g in goals if g.status in order), key=lambda g: (order.index(g.status), -(g.gap or 0), g.goal_id)
    )


def print_applied(applied: Applied, *, dry_run: bool, quiet: bool) -> None:
    """Each cell that changed or would change, and what could not be applied."""
    for proposal_id, reason in applied.plan.refused:
        click.echo(f"{shown(applied.path)}: {proposal_id} is left as it is: {shown(reason)}", err=True)
    if quiet:
        return
    verb = "would change" if dry_run else "changed"
    for entry in applied.plan.history_rows:
        if entry.field:
            click.echo(
                f"{shown(applied.path)}:{shown(entry.part)}: {verb} {entry.field} from {written(entry.old)} to {written(entry.new)} ({entry.proposal_id})"
            )
        else:
            click.echo(
                f"{shown(applied.path)}: {'would note' if dry_run else 'noted'} in History: {written(entry.new)} ({entry.proposal_id})"
            )
    if not applied.plan.history_rows:
        click.echo(f"{shown(applied.path)}: nothing was accepted that is not applied already")


def print_restored(restored: Restored, *, dry_run: bool, quiet: bool) -> None:
    """Each cell that was put back, and what was left."""
    for _, reason in restored.left:
        click.echo(f"{shown(restored.path)}: left as it is: {shown(reason)}", err=True)
    if quiet:
        return
    verb = "would put back" if dry_run else "put back"
    for was in restored.changes:
        before, after = written(_day(was.before)), written(_day(was.after))
        click.echo(f"{shown(restored.path)}:{shown(was.address)}: {verb} {before} (it was {after})")
    if not restored.changes:
        click.echo(f"{shown(restored.path)}: no cell had to be put back")


def _day(value: object) -> object:
    """A date without the time that a cell adds to it."""
    return value.date() if isinstance(value, datetime) and value.time() == time() else value


MOST_SHOWN = 160
"""So many characters of what stood in a cell are printed; --format json has all of them."""


def print_repaired(result: Repaired, *, dry_run: bool, quiet: bool) -> None:
    """Each thing that was put back, cell by cell where something else stood there, and what was left."""
    for left in result.left:
        where = f"{shown(result.path)}:{shown(left.sheet)}" if left.sheet else shown(result.path)
        click.echo(f"{where}: left: {shown(left.what)}", err=True)
    if quiet:
        return
    verb = "would put back" if dry_run else "put back"
    for item in result.restored:
        where = f"{shown(item.sheet)}!{item.where}" if item.sheet else item.where
        old = "" if item.old is None else f"; it held {shown(written(item.old))[:MOST_SHOWN]}"
        click.echo(f"{shown(result.path)}:{where}: {verb} {shown(item.what)}{old}")
    if not result.restored:
        click.echo(f"{shown(result.path)}: nothing was missing (template {shown(result.template)})")


def print_closed(closed: Closed, *, dry_run: bool) -> None:
    """Each goal's outcome, and where the next workbook is."""
    for score in closed.review.scores.goals:
        click.echo(
            f"  {shown(score.goal_id)} {shown(score.goal)[:60]}: {percent(score.progress)}, {closed.outcomes[score.goal_id]}"
        )
    verb = "would close" if dry_run else "closed"
    click.echo(
        f"{shown(closed.path)}: {verb} as of {closed.review.as_of}; the next period is {shown(closed.next_path)}"
    )


def written(value: object) -> str:
    """A cell's value for the eye."""
    return "empty" if value is None else f"{value:g}" if isinstance(value, float) else shown(value)


def print_person(review: Review, score: PersonScore) -> None:
    """A person's own sheet: what is held about them and why."""
    book, name = review.book, score.person
    click.echo(click.style(f"{shown(name)}, {shown(book.settings.period or '')}, as of {review.as_of}", bold=True))
    click.echo(f"Goals: {score.progress.explain() or percent(score.progress.progress)}")
    for goal_id in score.goals:
        goal = review.scores.goal(goal_id)
        if goal:
            click.echo(
                f"  {shown(goal.address)}  {shown(goal.goal_id)} {shown(goal.goal)}: {percent(goal.progress)} done, {percent(goal.expected)} expected, {WORDS[goal.status]}"
            )
            click.echo(f"      {shown(goal.explain())}")
    _print_index("Recorded practice", score.accountability)
    if score.as_manager:
        _print_index("As a manager", score.as_manager)
    for issue in review.issues:
        if issue.person and issue.person.casefold() == name.casefold():
            click.echo(f"  {shown(issue.address)}  {issue.code}: {shown(issue.evidence)}")
    _print_held(review, name)
    click.echo("Every trial that counted: perfsheet score FILE --explain NAME")


def _print_held(review: Review, name: str) -> None:
    """What else is held about a person: promises, development, feedback that is meant for them, absences."""
    for held in review.held_about(name):
        click.echo(f"  {shown(held.address)}  {held.kind}: {shown(held.text)}")
    if reserved := len(review.reserved_feedback(name)):
        click.echo(f"  {reserved} more in Feedback, marked as visible to the manager or HR")


def _print_index(title: str, index: Accountability) -> None:
    number = (
        f"{100 * index.index:.0f} (80 % band {percent(index.low)} to {percent(index.high)})"
        if index.index is not None
        else index.reason
    )
    click.echo(f"{title}: {number}")
    for part in index.components:
        raw = f"{part.successes:g} of {part.trials}" if part.trials else part.reason or "nothing to judge"
        click.echo(f"  {part.name}: {raw}")
    if index.how:
        click.echo(f"  {shown(index.explain())}")


def print_trials(review: Review, score: PersonScore) -> None:
    """Every trial that counted for one person, with its cell."""
    click.echo(click.style(f"{shown(score.person)}: every trial that counted, as of {review.as_of}", bold=True))
    for title, index in (("", score.accountability), ("manager: ", score.as_manager)):
        for part in index.components if index else ():
            click.echo(f"{title}{part.name}: {part.successes:g} of {part.trials}")
            for trial in part.listed:
                why = f" ({shown(trial.reason)})" if trial.reason else ""
                click.echo(f"  {trial.credit:g}  {shown(trial.address)}  {shown(trial.what)}{why}")


def print_distributed(done: Distributed, *, dry_run: bool) -> None:
    """What was made, what was left alone, and who is in no workbook."""
    for note in done.notes:
        click.echo(shown(note), err=True)
    for name in done.kept[:MOST_SKIPPED]:
        click.echo(f"  left as it is, because it is there already: {shown(name)}")
    if len(done.kept) > MOST_SKIPPED:
        click.echo(f"  and {len(done.kept) - MOST_SKIPPED} more; --force replaces them")
    made = len(done.handed) - len(done.kept)
    people = sum(h.people for h in done.handed)
    verb = "would make" if dry_run else "made"
    click.echo(
        f"{shown(done.directory)}: {verb} {made} workbooks for {len(done.handed)} managers, {people} rows of people in all"
    )


MOST_SKIPPED = 20
"""So many files that were left out are named on the terminal."""


def print_organisation(answer: Mapping[str, Any], *, dry_run: bool, quiet: bool) -> None:
    """What was read, what was not and why, and where the result is."""
    for failure in answer["failed"]:
        click.echo(failure["message"], err=True)
    if not answer["read"]:
        click.echo("no workbook was read, so nothing was written", err=True)
    if quiet:
        return
    rest = "more in the Files tab" if answer["read"] else "more; --format json names them all"
    for skipped in answer["skipped"][:MOST_SKIPPED]:
        click.echo(f"  left out {shown(skipped['path'])}: {shown(skipped['reason'])}")
    if len(answer["skipped"]) > MOST_SKIPPED:
        click.echo(f"  and {len(answer['skipped']) - MOST_SKIPPED} {rest}")
    for row in (answer["not_returned"] or ())[:MOST_SKIPPED]:
        whose = ", ".join(shown(row[name]) for name in ("manager", "file") if row[name])  # only HR is told who
        click.echo(f"  not returned: {whose}: {row['reason']}")
    if len(answer["not_returned"] or ()) > MOST_SKIPPED:
        click.echo(f"  and {len(answer['not_returned']) - MOST_SKIPPED} {rest}")
    for line in answer["without_draft"]:
        click.echo(f"  {shown(line)}")
    if not answer["read"]:
        return
    click.echo(
        f"{'would write ' if dry_run else ''}{shown(answer['output'])}: {answer['read']} workbooks read, {len(answer['failed'])} failed, {len(answer['skipped'])} skipped; "
        f"{_in_all(answer)} in {answer['seconds']:.1f} s"
    )
    if answer["errors"]:
        where = f"{answer['outcomes']['read with errors']} of {answer['read']} workbooks"
        click.echo(f"  entries with errors: {answer['errors']}, in {where}")
    if answer["moved"]:
        loose = sum(row["verdict"] != "explained" for row in answer["moved"])
        click.echo(f"  goalposts moved since the last run: {len(answer['moved'])}, not explained: {loose}")


def _in_all(answer: Mapping[str, Any]) -> str:
    """What was counted, as far as the audience may know."""
    counts = {
        "teams": answer["teams"],
        "people": answer["people"],
        "goals": answer["goals"],
        "check-ins": answer["check_ins"],
    }
    return ", ".join(f"{n} {what}" for what, n in counts.items() if n is not None)


def print_built(built: Sequence[Built]) -> None:
    """Each file with its hash, which docs/it.md names too."""
    for one in built:
        click.echo(f"{shown(one.path)}: built, {one.size:,} bytes, SHA-256 {one.sha256}")


def print_changes(changes: Sequence[Change], done: str) -> None:
    """What of the buttons was put where, or taken away."""
    for change in changes:
        click.echo(f"{change.what}: {done}, {shown(change.place)}")
        if change.sha256:
            click.echo(f"  SHA-256 {change.sha256}")
    if not changes:
        click.echo("there are no buttons of perfsheet here")


def print_examined(examined: Examined, *, as_json: bool, quiet: bool) -> None:
    """Each thing that doctor saw, what is wrong with its remedy below it; then the counts."""
    if as_json:
        print_json(examined.answer())
        return
    colours = {"ok": "green", "note": "cyan", "wrong": "red"}
    for seen in examined.seen:
        state = seen.found.state.value
        if quiet and state != "wrong":
            continue
        where = f"{shown(seen.file)}: " if seen.file else ""
        click.echo(
            f"{click.style(f'{state:5}', fg=colours[state])}  {seen.check.name}: {where}{shown(seen.found.what)}"
        )
        if seen.found.remedy:
            click.echo(f"       {shown(seen.found.remedy)}.")
    if not quiet:
        states = [seen.found.state.value for seen in examined.seen]
        click.echo(f"{states.count('wrong')} wrong, {states.count('note')} to know, {states.count('ok')} all right")
