"""What a command does with its files: read each, say what was found, go on with the next.

One bad file of several is one line on standard error, and the rest goes on.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from . import answers, cycle, listing
from .errors import Misuse, Obstacle, shown
from .findings import Finding, Severity
from .review import Review

if TYPE_CHECKING:
    from .workbooks.live.hosts import Found

Answer = dict[str, Any]


def validate_files(files: Sequence[str], *, as_of: date | None, as_json: bool, policy: str | None, quiet: bool) -> int:
    """Prints the findings of each workbook. Returns the exit code."""

    def one(path: str) -> tuple[Answer, bool]:
        book = cycle.read(path, policy=policy)
        findings = cycle.validate(book, as_of)
        if not as_json:
            listing.print_findings(book, findings, quiet=quiet)
        return answers.validated(book, findings, cycle.day_of(book, as_of)), _has_errors(findings)

    return _each(files, one, as_json, as_of)


def score_files(
    files: Sequence[str], *, as_of: date | None, as_json: bool, policy: str | None, quiet: bool, dry_run: bool,
    person: str | None, explain: str | None, trials: bool,
) -> int:  # fmt: skip
    """Scores each workbook and writes our tabs into it. Returns the exit code."""

    if trials and (person or explain):
        raise Misuse("--trials writes a tab, and --person and --explain write nothing: choose one of them")

    def one(path: str) -> tuple[Answer, bool]:
        review = cycle.score(cycle.read(path, policy=policy), as_of)
        if person or explain:
            return _about(review, person, explain, as_json), False
        written = cycle.write(review, path, dry_run=dry_run, with_trials=trials)
        if not as_json:
            listing.print_findings(review.book, review.findings, quiet=True)
            listing.print_review(review, written, dry_run=dry_run, quiet=quiet)
        return answers.scored(review), review.has_errors

    return _each(files, one, as_json, as_of)


def apply_files(
    files: Sequence[str], *, as_of: date | None, as_json: bool, policy: str | None, quiet: bool, dry_run: bool
) -> int:
    """Applies the accepted adjustments of each workbook. Returns the exit code: 1 if some could not be applied."""

    def one(path: str) -> tuple[Answer, bool]:
        applied = cycle.apply(path, as_of, policy=policy, dry_run=dry_run)
        if not as_json:
            listing.print_applied(applied, dry_run=dry_run, quiet=quiet)
        return answers.applied(applied.before, applied.plan, dry_run), bool(applied.plan.refused)

    return _each(files, one, as_json, as_of)


def repair_files(files: Sequence[str], *, as_json: bool, quiet: bool, dry_run: bool, template: str | None) -> int:
    """Repairs each workbook. Returns the exit code: 1 if something could not be put back."""
    from .repair import repair

    def one(path: str) -> tuple[Answer, bool]:
        result = repair(path, template=template, dry_run=dry_run)
        if not as_json:
            listing.print_repaired(result, dry_run=dry_run, quiet=quiet)
        return result.answer(dry_run), bool(result.left)

    return _each(files, one, as_json, None)


SECONDS_TO_READ = 4.0
"""So long the last sentence stays in the status bar of a program, for a user who pressed a button and has no terminal."""


def live_command(
    command: str, *, book: str | None, as_of: date | None, as_json: bool, policy: str | None, quiet: bool, dry_run: bool
) -> int:
    """One command on the workbook that is open. Returns the exit code."""
    from . import live

    found = live.find(book)
    at_a_button = not (as_json or quiet or sys.stdout.isatty())
    patience = live.Patience(to_read=SECONDS_TO_READ if at_a_button else 0.0)

    def one(_: str) -> tuple[Answer, bool]:
        options: dict[str, Any] = {"policy": policy, "patience": patience}
        return _LIVE[command](found, as_of, dry_run, options, as_json, quiet)

    return _each([found.book.name], one, as_json, as_of)


def _live_validate(
    found: Found, as_of: date | None, dry_run: bool, options: Answer, as_json: bool, quiet: bool
) -> tuple[Answer, bool]:
    from . import live

    book, findings = live.validate(found, as_of, **options)
    if not as_json:
        listing.print_findings(book, findings, quiet=quiet)
    return answers.validated(book, findings, cycle.day_of(book, as_of)), _has_errors(findings)


def _live_score(
    found: Found, as_of: date | None, dry_run: bool, options: Answer, as_json: bool, quiet: bool
) -> tuple[Answer, bool]:
    from . import live

    review, written = live.score(found, as_of, dry_run=dry_run, **options)
    if not as_json:
        listing.print_findings(review.book, review.findings, quiet=True)
        listing.print_review(review, written, dry_run=dry_run, quiet=quiet)
    return answers.scored(review), review.has_errors


def _live_apply(
    found: Found, as_of: date | None, dry_run: bool, options: Answer, as_json: bool, quiet: bool
) -> tuple[Answer, bool]:
    from . import live

    applied = live.apply(found, as_of, dry_run=dry_run, **options)
    if not as_json:
        listing.print_applied(applied, dry_run=dry_run, quiet=quiet)
    return answers.applied(applied.before, applied.plan, dry_run), bool(applied.plan.refused)


def _live_restore(
    found: Found, as_of: date | None, dry_run: bool, options: Answer, as_json: bool, quiet: bool
) -> tuple[Answer, bool]:
    from . import live

    restored = live.restore(found, dry_run=dry_run, **options)
    if not as_json:
        listing.print_restored(restored, dry_run=dry_run, quiet=quiet)
    return restored.answer(dry_run), bool(restored.left)


_LIVE = {"validate": _live_validate, "score": _live_score, "apply": _live_apply, "restore": _live_restore}


def _about(review: Review, person: str | None, explain: str | None, as_json: bool) -> Answer:
    """One person's own sheet, or every trial that counted for them."""
    name = person or explain or ""
    score = review.scores.person(name)
    if score is None:
        known = ", ".join(shown(p.person) for p in review.scores.people)
        raise Misuse(f"{review.book.path}: nobody is called {name!r}; there are {known}")
    if not as_json:
        listing.print_person(review, score) if person else listing.print_trials(review, score)
    return answers.about(review, score)


def _each(files: Sequence[str], one: Callable[[str], tuple[Answer, bool]], as_json: bool, as_of: date | None) -> int:
    """Runs `one` on each file; the exit code is the contract's."""
    found: list[Answer] = []
    failed, errors = 0, False
    for path in files:
        try:
            answer, has_errors = one(path)
        except Obstacle as obstacle:
            failed += 1
            click.echo(str(obstacle), err=True)
        else:
            found.append(answer)
            errors = errors or has_errors
    if as_json:
        days = [date.fromisoformat(a["as_of"]) for a in found if "as_of" in a]
        judged = as_of or max(days, default=None if found else date.today())
        listing.print_json(answers.document(found, judged))
    if failed and len(files) == 1:
        return 3
    return 1 if failed or errors else 0


def distribute_roster(
    roster: str, directory: str, *, as_json: bool, quiet: bool, dry_run: bool, organisation: str | None, period: str | None, start: date | None, end: date | None,
    **options: Any,
) -> int:  # fmt: skip
    """Makes the workbooks of a roster. Returns the exit code."""
    from .distribute import distribute

    facts = {"organisation": organisation, "period": period, "start": start, "end": end}
    progress = not (quiet or as_json)
    done = distribute(roster, directory, facts=facts, dry_run=dry_run, progress=progress, **options)
    if as_json:
        listing.print_json(done.answer())
    elif not quiet:
        listing.print_distributed(done, dry_run=dry_run)
    return 0


def consolidate_paths(
    paths: Sequence[str], output: str, *, as_json: bool, quiet: bool, no_cache: bool, dry_run: bool, **options: Any
) -> int:
    """Consolidates the workbooks into `output`, with the options of `perfsheet.consolidate`. Returns the exit code."""
    from .consolidate import consolidated
    from .machine import Machine

    cache = None if no_cache else Machine().cache_folder()
    answer = consolidated(paths, output, cache=cache, progress=not (quiet or as_json), dry_run=dry_run, **options)
    if as_json:
        listing.print_json(answer)
    else:
        listing.print_organisation(answer, dry_run=dry_run, quiet=quiet)
    return 1 if answer["failed"] or answer["errors"] or not answer["read"] else 0


def _has_errors(findings: Sequence[Finding]) -> bool:
    return any(f.severity is Severity.ERROR for f in findings)
