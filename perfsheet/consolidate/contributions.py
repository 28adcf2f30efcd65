"""What one workbook adds to the whole: plain rows, small enough to come back from a worker process."""

from __future__ import annotations

import gc
import math
import os
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from .. import cycle
from ..decisions import verify
from ..errors import Misuse, Obstacle, shown
from ..findings import Severity
from ..forms import GOALS, same_name
from ..forms.decisions import BY_ITSELF, CHOSEN
from ..proposals import Proposal, plain_text
from ..records.teambook import TeamBook
from ..review import Review
from ..scoring import OUTSIDE, Accountability, GoalScore, PersonScore, Status
from ..scoring.hindsight import in_hindsight
from ..scoring.progress import has_own_measure
from .remote import Remote, base_name
from .sources import opened

Row = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """How every workbook of a run is judged."""

    as_of: date | None = None
    policy: str | None = None
    period: str | None = None
    """Only workbooks of this period count; None is any."""
    details: bool = False
    """Whether check-ins and History come along, for the dataset."""
    today: date = field(default_factory=date.today)
    """The day of workbooks that name none: one for the whole run, on every machine and past midnight."""
    painted: bool = False
    """Whether rows of the organisation workbook are painted along the way."""


@dataclass(frozen=True)
class Contribution:
    """One workbook's rows for each frame, or why there are none (`code`, `message`)."""

    path: str
    file: Row
    team: Row = field(default_factory=dict)
    goals: tuple[Row, ...] = ()
    people: tuple[Row, ...] = ()
    issues: tuple[Row, ...] = ()
    findings: tuple[Row, ...] = ()
    proposals: tuple[Row, ...] = ()
    ratings: tuple[Row, ...] = ()
    forecasts: tuple[Row, ...] = ()
    reminders: tuple[Row, ...] = ()
    feedback: tuple[Row, ...] = ()
    check_ins: tuple[Row, ...] = ()
    history: tuple[Row, ...] = ()
    code: str | None = None
    message: str | None = None
    foreign: str | None = None
    """Why this is no team's workbook of the period asked for, if it is none."""


def contribute(path: str, job: Job, where: str | Remote | None = None) -> Contribution:
    """Reads, validates and scores one workbook. An obstacle is part of the answer, never raised.

    `path` is what the file is called, `where` it is, if that is not the same. A fault of ours is part of the
    answer as well: it costs this file and not the run.
    """
    with garbage_later():
        try:
            return _contribute(path, job, where or path)
        except MemoryError:
            return crashed(path)
        except Misuse:
            raise
        except Exception as error:
            return _failed(path, "fault", f"{shown(path)}: {_fault(error)}. Please tell us")


def crashed(path: str) -> Contribution:
    """The answer for a file that ended every process that read it."""
    what = "it ended the process that read it, perhaps for want of memory"
    return _failed(path, "crashed", f"{shown(path)}: {what}. Save it as a new .xlsx in Excel, and try again")


def _fault(error: Exception) -> str:
    """A fault by its kind and place; its words may hold what stands in a cell, and are not repeated."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"perfsheet has a fault here ({type(error).__name__} in {os.path.basename(place.filename)}:{place.lineno})"


@contextmanager
def garbage_later() -> Iterator[None]:
    """No search for circles of objects until the work is done.

    One workbook makes some ten thousand objects that all live until its end, and a run keeps what each contributed
    until its own; searching them over and over for what could be freed takes a fifth of the time and frees nothing.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _contribute(path: str, job: Job, where: str | Remote) -> Contribution:
    try:
        source, modified = opened(where, path)
        book = cycle.read(source, policy=job.policy)
        if reason := _foreign(book, job):
            return Contribution(path, {}, foreign=reason)
        review = cycle.score(book, job.as_of or book.settings.as_of or job.today)
    except Obstacle as obstacle:
        obstacle.path = path
        return _failed(path, obstacle.code, str(obstacle))
    except OSError as error:
        return _failed(path, "missing", f"{shown(path)}: {error.strerror or error}. Check the path and your rights.")
    return _read(path, review, modified, job.details)


def _foreign(book: TeamBook, job: Job) -> str | None:
    """Why a workbook has no part in this run, or None."""
    marks = {sheet.mark or "" for sheet in book.book.sheets} if book.book else set()
    if any(mark.startswith("Org") for mark in marks):
        return "it is an organisation workbook made by perfsheet"
    if GOALS.tab not in book.places:
        return "it has no Goals tab: not a team's workbook"
    period = book.settings.period
    if job.period and same_name(period or "") != same_name(job.period):
        return f"it is of another period: {period or 'none is named'}"
    return None


def _failed(path: str, code: str, message: str) -> Contribution:
    file = {
        "file": path,
        "team": None,
        "workbook_id": None,
        "outcome": "not read",
        "errors": 0,
        "warnings": 0,
        "goals": 0,
        "note": message,
    }
    return Contribution(path, file, code=code, message=message)


def _read(path: str, review: Review, modified: float, details: bool) -> Contribution:
    book = review.book
    counts = Counter(f.severity for f in review.findings)
    team = book.settings.team or os.path.splitext(base_name(path))[0]
    outcome = (
        "read with errors" if counts[Severity.ERROR] else "read with warnings" if counts[Severity.WARNING] else "read"
    )
    file = {
        "file": path, "team": team, "workbook_id": book.settings.workbook_id, "outcome": outcome,
        "errors": counts[Severity.ERROR], "warnings": counts[Severity.WARNING], "goals": len(book.goals),
        "note": _first_error(review), "period": book.settings.period, "template_version": book.settings.template_version, **_sums(review), "modified": modified, "digest": book.book.digest if book.book else "",
    }  # fmt: skip
    where = {"team": team, "file": path}
    received = Counter(same_name(f.receiver) for f in review.practice.feedback_given)
    decided = [p for p in review.proposals if p.decision not in (None, "Later")]
    waiting = list(_waiting(review))
    return Contribution(
        path,
        file,
        team=_team(team, path, review, len(waiting)),
        goals=tuple(_goal(g, book, where) for g in review.scores.goals),
        people=tuple(
            {**where, **_person(p, review, decided, received[same_name(p.person)])} for p in review.scores.people
        ),
        issues=tuple(
            {
                **where,
                "code": i.code,
                "severity": i.severity,
                "goal_id": i.goal_id,
                "person": i.person,
                "cell": str(i.address),
                "evidence": i.evidence,
            }
            for i in review.issues
        ),
        findings=tuple(
            {
                **where,
                "code": f.code,
                "severity": f.severity.value,
                "cell": str(f.address),
                "value": f.value,
                "message": f.message,
                "remedy": f.remedy,
            }
            for f in review.findings
        ),
        proposals=tuple({**where, **row} for row in waiting),
        ratings=tuple({**where, **row} for row in _ratings(review)),
        forecasts=tuple({**where, **row} for row in _forecasts(review)),
        reminders=tuple({**where, "person": person, "text": text} for person, text in _reminders(review, len(waiting))),
        feedback=tuple({**where, **row} for row in _feedback(book)),
        check_ins=tuple({**where, **row} for row in _check_ins(book)) if details else (),
        history=tuple({**where, **row} for row in _history(book)) if details else (),
    )


def _sums(review: Review) -> Row:
    """What the workbook adds up to by itself, to be tied out against the organisation's rows."""
    known = [(g.weight or 0.0, g.progress) for g in review.scores.goals if g.progress is not None]
    team = review.scores.team
    numbers = {"progress": team.progress, "expected": team.expected, "coverage": team.coverage}
    return {
        "in_a_sum": sum(g.counted for g in review.scores.goals), "people": len(review.scores.people), "check_ins": len(review.book.checkins),
        "progress_sum": math.fsum(p for _, p in known), "weighted_sum": math.fsum(w * p for w, p in known),
        "counted": team.n, **{f"{name}_counted": None if number is None else team.n * number for name, number in numbers.items()},
    }  # fmt: skip


def _first_error(review: Review) -> str | None:
    errors = [f for f in review.findings if f.severity is Severity.ERROR]
    return f"{errors[0].address}: {errors[0].message}" if errors else None


def _team(team: str, path: str, review: Review, waiting: int) -> Row:
    score, settings = review.scores.team, review.book.settings
    statuses = score.status_counts
    return {
        "team": team, "file": path, "manager": settings.manager, "period": settings.period, "organisation": settings.organisation,
        "as_of": review.as_of, "people": len(review.book.people), "goals": len(review.scores.goals), "counted": score.n,
        "progress": score.progress, "expected": score.expected, "coverage": score.coverage, "low": score.low, "high": score.high,
        **{f"n_{word}": statuses.get(word, 0) for word in statuses},
        "worst": score.worst and score.worst.value, "partial": score.partial, "check_ins": len(review.book.checkins),
        "proposals": waiting,
        "actions_overdue": sum(a.done is None and a.due < review.as_of for a in review.book.actions),
        "minimum_group": review.book.policy.minimum_group, "minimum_group_comments": review.book.policy.minimum_group_comments,
    }  # fmt: skip


def _goal(g: GoalScore, book: TeamBook, where: Row) -> Row:
    forecast, record = g.forecast, book.goals_by_id[same_name(g.goal_id)]
    return {
        **where, "period": book.settings.period, "goal_id": g.goal_id, "goal": g.goal, "owner": g.owner, "parent": record.parent, "kind": g.kind, "cell": str(g.address),
        "status": g.status.value, "progress": g.progress, "raw_progress": g.raw_progress, "expected": g.expected, "gap": g.gap,
        "spi_t": g.spi_t, "weight": g.weight, "weight_given": record.weight is not None, "counted": g.counted, "baseline": g.baseline, "target": g.target,
        "current": g.current, "lower": record.lower, "upper": record.upper, "state": record.state, "start": g.start, "due": g.due, "last_check_in": g.last_check_in, "check_ins": g.check_ins,
        "chance": forecast.shown if forecast else None, "forecast_finish": g.forecast_finish, "reason": g.status_reason,
        "measured": has_own_measure(book, record), "coverage": g.coverage, "low": g.low, "high": g.high,
    }  # fmt: skip


NOT_SHOWN = Accountability(None, None, None, 0.0, "not shown, by policy", ())


def _person(p: PersonScore, review: Review, decided: Sequence[Proposal], received: int) -> Row:
    known = review.book.people_by_name.get(same_name(p.person))
    index = p.accountability if review.book.policy.show_index else NOT_SHOWN
    return {
        "person": p.person, "email": known.email if known else None, "group": known.group if known else None,
        "manager": p.manager, "cell": str(p.address) if p.address else None, "goals": len(p.goals),
        "progress": p.progress.progress, "expected": p.progress.expected, "coverage": p.progress.coverage,
        **_outcomes(p, decided, received),
        "index": index.index, "index_low": index.low, "index_high": index.high, "index_trials": index.trials, "index_reason": index.reason,
    }  # fmt: skip


BEHIND = frozenset({Status.OFF_TRACK, Status.OVERDUE})
UNJUDGED = OUTSIDE | {Status.NO_DATA, Status.TOO_EARLY}


def _outcomes(p: PersonScore, decided: Sequence[Proposal], received: int) -> Row:
    """What befell the person in the period, in counts."""
    statuses, decisions = p.progress.statuses, [x.decision for x in decided if x.goal_id in p.goals]
    return {
        "judged": sum(s not in UNJUDGED for s in statuses),
        "behind": sum(s in BEHIND for s in statuses),
        "feedback_received": received,
        "proposals_decided": len(decisions),
        "proposals_accepted": sum(d in CHOSEN for d in decisions),
    }


def _waiting(review: Review) -> Iterator[Row]:
    """Each proposal that asks for a decision and has none."""
    for p in review.proposals:
        if p.rule not in BY_ITSELF and p.state == "Open" and p.decision in (None, "Later"):
            yield {
                "id": p.id, "goal_id": p.goal_id, "goal": p.goal, "owner": p.owner, "manager": review.book.settings.manager, "rule": p.rule,
                "proposal": p.proposal, "why": p.why, "chance_before": p.chance_before, "chance_after": p.chance_after,
                "proposed_on": p.proposed_on, "days": (review.as_of - p.proposed_on).days if p.proposed_on else None,
                "cell": str(p.address),
            }  # fmt: skip


def _ratings(review: Review) -> Iterator[Row]:
    """Each attainment level with the manager who answers for it."""
    book, bosses = review.book, {same_name(p.person): p.manager for p in review.scores.people}
    for item in book.development:
        if item.attainment is not None:
            known = book.people_by_name.get(same_name(item.person))
            yield {
                "person": item.person, "email": known.email if known else None, "rater": bosses.get(same_name(item.person)),
                "skill": item.skill, "attainment": item.attainment, "cell": str(item.at("attainment")),
            }  # fmt: skip


def _forecasts(review: Review) -> Iterator[Row]:
    """Each goal that is over: what was said at half time, and what came of it."""
    for goal in review.book.goals_by_id.values():
        resolved = in_hindsight(review.book, goal, review.as_of)
        if resolved:
            yield {
                "goal_id": goal.goal_id, "goal": goal.goal, "cell": str(goal.at("goal_id")), "on": resolved.on,
                "chance": resolved.chance, "met": int(resolved.met), "confidence": resolved.confidence,
            }  # fmt: skip


def _feedback(book: TeamBook) -> Iterator[Row]:
    """Feedback that is marked as visible to HR, if policy lets it leave the workbook; no other text ever does."""
    for f in book.feedback if book.policy.feedback_for_hr else ():
        if f.visible_to == "HR":
            yield {
                "day": f.day, "giver": f.giver, "receiver": f.receiver, "kind": f.kind, "goal_id": f.goal_id, "text": f.text,
                "follow_up": f.follow_up, "follow_up_due": f.follow_up_due, "follow_up_done": f.follow_up_done, "cell": str(f.at()),
            }  # fmt: skip


def _check_ins(book: TeamBook) -> Iterator[Row]:
    for c in book.checkins:
        yield {
            "goal_id": c.goal_id, "day": c.day, "value": c.value, "confidence": c.confidence, "by": c.by, "entered": c.entered,
            "cell": str(c.at("day")),
        }  # fmt: skip


def _history(book: TeamBook) -> Iterator[Row]:
    """The rows of History as texts, and whether their chain holds."""
    intact = not verify(book.history, book.decisions)
    for row in book.history:
        yield {
            "when": row.when, "who": row.who, "goal_id": row.goal_id, "field": row.field, "old": plain_text(row.old),
            "new": plain_text(row.new), "reason": row.reason, "chain_intact": intact,
        }  # fmt: skip


ASKING = ("no_checkin", "stale")


def _reminders(review: Review, waiting: int) -> Iterator[tuple[str, str]]:
    """Whom to remind of what, from what is open and due; no scores and no feedback's text.

    Feedback that is for the manager or HR alone is not betrayed by a reminder of what follows from it.
    """
    book, day = review.book, review.as_of
    owners = {g.goal_id: (g.owner, g.goal) for g in review.scores.goals}
    for issue in review.issues:
        if issue.code in ASKING and issue.goal_id:
            owner, goal = owners[issue.goal_id]
            yield owner, f"Check in on {issue.goal_id} {goal}: {issue.evidence}."
    practice = review.practice
    for action in practice.actions_overdue:
        yield action.owner, f"Action {action.action_id} {action.action} was due on {action.due}."
    for item in practice.follow_ups_open:
        if item.follow_up_due and item.follow_up_due < day and item.visible_to in (None, "Both"):
            yield item.receiver, f"A follow-up that was agreed on {item.day} was due on {item.follow_up_due}."
    manager = book.settings.manager
    if manager is None:
        return
    silent = sorted(
        {
            i.person
            for i in review.issues
            if i.code == "missing_feedback" and i.person and same_name(i.person) != same_name(manager)
        }
    )
    if silent:
        yield manager, f"Feedback is due to {', '.join(silent)}."
    if waiting:
        yield manager, f"{waiting} proposal{'s wait' if waiting > 1 else ' waits'} for your decision in Adjustments."
    if wrong := sum(f.severity is Severity.ERROR for f in review.findings):
        yield (
            manager,
            f"{wrong} {'entries are' if wrong > 1 else 'entry is'} left out until put right; see the tab Checks.",
        )
