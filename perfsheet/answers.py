"""A review as the JSON that scripts rely on. The keys are the contract's; numbers are unrounded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from . import __version__
from .decisions import Plan
from .findings import Finding
from .forms import same_name
from .issues import Issue
from .proposals import Proposal
from .records.teambook import TeamBook
from .review import Review
from .scoring import (
    Accountability,
    DevelopmentScore,
    Forecast,
    GoalScore,
    GroupScore,
    Original,
    PersonScore,
    TrialRow,
    trials_of,
)
from .since import Since, Standing

Json = dict[str, Any]


def document(workbooks: Iterable[Json], as_of: date | None) -> Json:
    """The one document that a command prints."""
    return {"perfsheet": __version__, "as_of": day(as_of), "workbooks": list(workbooks)}


def head(book: TeamBook) -> Json:
    """Whose workbook it is."""
    s = book.settings
    return {"path": book.path, "workbook_id": s.workbook_id, "team": s.team, "manager": s.manager, "period": s.period}


def finding(f: Finding) -> Json:
    return {
        "code": f.code, "severity": f.severity.value, "sheet": f.address.sheet, "cell": f.address.cell,
        "message": f.message, "remedy": f.remedy, "value": f.value, "goal_id": f.goal_id, "person": f.person,
    }  # fmt: skip


def validated(book: TeamBook, findings: Sequence[Finding], as_of: date) -> Json:
    """What `validate` says of one workbook."""
    return {**head(book), "as_of": as_of.isoformat(), "findings": [finding(f) for f in findings]}


def scored(review: Review) -> Json:
    """What `score` says of one workbook."""
    return {
        **validated(review.book, review.findings, review.as_of),
        "team_score": group(review.scores.team),
        "goals": [goal(g) for g in review.scores.goals],
        "people": [person(p) for p in review.scores.people],
        "development": [development(d) for d in review.scores.development],
        "practice": practice(review),
        "since": since(review.since),
        "issues": [issue(i) for i in review.issues],
        "proposals": [proposal(p) for p in review.proposals],
    }


def group(score: GroupScore) -> Json:
    return {
        "progress": score.progress, "expected": score.expected, "coverage": score.coverage, "low": score.low,
        "high": score.high, "status_counts": {str(k): v for k, v in score.status_counts.items()},
        "worst": score.worst and score.worst.value, "partial": score.partial, "n": score.n, "reason": score.reason,
        "how": score.explain(),
    }  # fmt: skip


def goal(score: GoalScore) -> Json:
    return {
        "goal_id": score.goal_id, "goal": score.goal, "owner": score.owner, "kind": score.kind,
        "address": str(score.address), "baseline": score.baseline, "target": score.target, "current": score.current,
        "raw_progress": score.raw_progress, "progress": score.progress, "expected": score.expected,
        "spi_t": score.spi_t, "earned_schedule": score.earned_schedule, "forecast_finish": day(score.forecast_finish),
        "tspi": score.tspi, "status": score.status.value, "status_reason": score.status_reason,
        "check_ins": score.check_ins, "forecast": forecast(score.forecast), "forecast_reason": score.forecast_reason,
        "reason": score.reason, "vs_original": original(score.vs_original), "weight": score.weight,
        "counted": score.counted, "coverage": score.coverage, "low": score.low, "high": score.high,
        "start": day(score.start), "due": day(score.due), "last_check_in": day(score.last_check_in),
        "flags": [{"code": f.code, "message": f.message, "address": str(f.address)} for f in score.flags],
        "parts": [
            {"what": p.what, "value": p.value, "weight": p.weight, "address": p.address and str(p.address), "reason": p.reason}
            for p in score.parts
        ],
        "how": score.explain(),
    }  # fmt: skip


def forecast(found: Forecast | None) -> Json | None:
    if found is None:
        return None
    return {
        "probability": found.probability, "shown": found.shown, "word": found.word, "median": found.median,
        "low": found.low, "high": found.high, "df": found.df, "drift": found.drift,
        "safe_date": day(found.safe_date), "stale": found.stale, "check_ins": found.check_ins,
    }  # fmt: skip


def original(plan: Original) -> Json:
    return {
        "baseline": plan.baseline, "target": plan.target, "start": day(plan.start), "due": day(plan.due),
        "raw_progress": plan.raw_progress, "progress": plan.progress, "expected": plan.expected, "spi_t": plan.spi_t,
        "status": plan.status.value, "changes": plan.changes,
    }  # fmt: skip


def person(score: PersonScore) -> Json:
    return {
        "person": score.person,
        "progress": group(score.progress),
        "accountability": accountability(score.accountability),
        "as_manager": score.as_manager and accountability(score.as_manager),
    }


def about(review: Review, score: PersonScore) -> Json:
    """Everything that is held about one person, with every trial that counted."""
    own = {same_name(goal_id) for goal_id in score.goals}
    return {
        **head(review.book),
        "as_of": review.as_of.isoformat(),
        "people": [person(score)],
        "goals": [goal(g) for g in review.scores.goals if same_name(g.goal_id) in own],
        "issues": [issue(i) for i in review.issues if i.person and same_name(i.person) == same_name(score.person)],
        "trials": [trial(t) for t in trials_of(score)],
        "held": [{"kind": h.kind, "address": str(h.address), "text": h.text} for h in review.held_about(score.person)],
        "reserved_feedback": len(review.reserved_feedback(score.person)),
    }


def trial(row: TrialRow) -> Json:
    return {
        "person": row.person, "as_manager": row.as_manager, "component": row.component, "what": row.trial.what,
        "credit": row.trial.credit, "address": str(row.trial.address), "day": day(row.trial.day), "reason": row.trial.reason,
    }  # fmt: skip


def accountability(index: Accountability) -> Json:
    return {
        "index": index.index, "low": index.low, "high": index.high, "coverage": index.coverage, "reason": index.reason,
        "components": [
            {"name": c.name, "successes": c.successes, "trials": c.trials, "share": c.share, "weight": c.weight}
            for c in index.components
        ],
        "how": index.explain(),
    }  # fmt: skip


def development(score: DevelopmentScore) -> Json:
    return {
        "person": score.person, "attainments": list(score.levels), "t_score": score.t_score, "how": score.how,
        "items": [
            {
                "kind": d.kind, "skill": d.skill, "plan": d.plan, "due": day(d.due), "level_now": d.level_now,
                "level_aimed": d.level_aimed, "attainment": d.attainment, "address": str(d.at("person")),
            }
            for d in score.items
        ],
    }  # fmt: skip


def since(change: Since | None) -> Json | None:
    """What changed since the run before."""
    if change is None:
        return None
    moved = [
        {"goal_id": m.now.goal_id, "before": standing(m.before), "now": standing(m.now), "worse": m.worse} for m in change.moved
    ]  # fmt: skip
    return {
        "day": change.day.isoformat(),
        "moved": moved,
        "new": list(change.new),
        "gone": list(change.gone),
        "added": dict(change.added),
    }


def standing(goal: Standing) -> Json:
    return {"status": goal.status.value, "progress": goal.progress}


def practice(review: Review) -> Json:
    """Actions and feedback in counts, as Summary shows them."""
    return {name: len(records) for name, records in review.practice._asdict().items()}


def issue(i: Issue) -> Json:
    return {
        "code": i.code, "severity": i.severity, "goal_id": i.goal_id, "person": i.person, "address": str(i.address),
        "evidence": i.evidence,
    }  # fmt: skip


def proposal(p: Proposal) -> Json:
    return {
        "id": p.id, "goal_id": p.goal_id, "rule": p.rule, "proposal": p.proposal, "field": p.field, "now": plain(p.now),
        "proposed": plain(p.proposed), "why": p.why, "chance_before": p.chance_before, "chance_after": p.chance_after,
        "decision": p.decision, "state": p.state, "proposed_on": day(p.proposed_on), "alternatives": list(p.alternatives),
    }  # fmt: skip


def applied(review: Review, plan: Plan, dry_run: bool) -> Json:
    """What `apply` did to one workbook, or would do."""
    return {
        **head(review.book),
        "as_of": review.as_of.isoformat(),
        "dry_run": dry_run,
        "changes": [
            {
                "proposal_id": entry.proposal_id, "goal_id": entry.goal_id, "field": entry.field, "cell": entry.part,
                "from": plain(entry.old), "to": plain(entry.new), "who": entry.who, "reason": entry.reason, "hash": entry.hash,
            }
            for entry in plan.history_rows
        ],
        "refused": [{"proposal_id": id, "reason": reason} for id, reason in plan.refused],
    }  # fmt: skip


def day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def plain(value: str | float | date | None) -> str | float | None:
    return value.isoformat() if isinstance(value, date) else value
