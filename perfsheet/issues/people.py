"""Issues of people: too much at once, blockers nobody answers, feedback not given or not followed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta

from ..forms import Action, CheckIn, Goal, Person, folded, same_name
from ..scoring import GoalScore, PersonScore
from . import rules
from .issue import HIGH, INFO, MED, Case, Issue, about
from .wording import days, listed

SOON = 14
"""Days ahead within which due dates are counted."""

KEPT_ALL = 10
"""So many promises kept without a miss are worth a question."""

NO_BLOCKER = frozenset(
    folded(word)
    for word in ("-", "none", "no", "nothing", "na", "n/a", "nil", "keine", "nein", "nichts", "aucun", "non")
)


# ------------------------------------------------------------------------------------- blockers


def is_blocker(text: str | None) -> bool:
    """Whether the cell names a blocker; a dash or "none" does not."""
    return bool(text) and folded(text or "") not in NO_BLOCKER


def open_blocker(case: Case, goal: Goal) -> tuple[CheckIn, int] | None:
    """The check-in in which the present blocker first stood, and how many days ago; None while nothing blocks."""
    first = None
    for row in reversed(case.book.log_of(goal, last=case.as_of)):
        if not is_blocker(row.blocker):
            break
        first = row
    return (first, (case.as_of - first.day).days) if first else None


def answered(case: Case, goal: Goal, since: date) -> bool:
    """Whether an action for the goal was agreed since, or was still running then."""
    return any(_answers(a, since, case.as_of) for a in case.book.actions_of(goal))


def _answers(action: Action, since: date, as_of: date) -> bool:
    agreed = action.agreed or action.due
    return since <= agreed <= max(as_of, action.due) or (
        agreed < since and (action.done is None or action.done >= since)
    )


def blocked(case: Case, score: GoalScore) -> Issue | None:
    """A blocker stands, and no action has answered it."""
    goal = case.record(score)
    found = open_blocker(case, goal) if goal else None
    if goal is None or found is None:
        return None
    first, waited = found
    if waited <= case.policy.blocked_days or answered(case, goal, first.day):
        return None
    evidence = f"Blocked for {days(waited)}, no action agreed: {first.blocker}"
    return about(rules.BLOCKED, HIGH, score, evidence, first.at("blocker"), for_manager=True)


# ------------------------------------------------------------------------------------- overload


def load(case: Case, person: str) -> list[GoalScore]:
    """The goals that the person answers for and still works on; key results count as their objective."""
    key = same_name(person)
    if key not in case.loads:
        own = [s for s in case.scores_by_owner.get(key, ()) if _burdens(case, s)]
        containers = {same_name(s.goal_id) for s in own if s.container}
        case.loads[key] = [s for s in own if not _inside(case, s, containers)] if containers else own
    return case.loads[key]


def _burdens(case: Case, score: GoalScore) -> bool:
    return case.runs_short(score) or (score.container and bool(score.children) and score.counted)


def _inside(case: Case, score: GoalScore, containers: Collection[str]) -> bool:
    """Whether the goal is part of one of these containers, all of the same person."""
    seen, parent = {same_name(score.goal_id)}, score.parent
    while parent and same_name(parent) not in seen:
        seen.add(same_name(parent))
        if same_name(parent) in containers:
            return True
        next_up = case.scores.goal(parent)
        parent = next_up.parent if next_up else None
    return False


def overload(case: Case, person: PersonScore) -> Issue | None:
    """Too many active goals, or too many due at once."""
    active, policy = load(case, person.person), case.policy
    if len(active) > policy.overload_goals:
        severity = HIGH if len(active) > policy.overload_goals_high else MED
        evidence = f"{len(active)} active goals: {listed([s.goal_id for s in active])}"
    else:
        until, severity = case.as_of + timedelta(days=SOON), MED
        soon = [s.goal_id for s in active if s.due and case.as_of <= s.due <= until]
        if len(soon) <= policy.overload_due:
            return None
        evidence = f"{len(soon)} goals due by {until.isoformat()}: {listed(soon)}"
    return Issue(rules.OVERLOAD.code, severity, evidence, person.address or active[0].address, person=person.person)


# ------------------------------------------------------------------------------------- feedback


def manager_of(case: Case, person: Person) -> str | None:
    """Who manages the person: as People says, else the team's manager; nobody manages themselves."""
    manager = person.manager or case.book.settings.manager
    return None if manager is None or same_name(manager) == same_name(person.person) else manager


def missing_feedback(case: Case, person: PersonScore) -> Issue | None:
    """A report without feedback from the manager (or an unnamed giver) for too long."""
    record = case.book.people_by_name.get(same_name(person.person))
    manager = manager_of(case, record) if record else None
    since = max((d for d in (case.book.settings.period_start, record.start if record else None) if d), default=None)
    if record is None or manager is None or since is None or (record.end and record.end <= case.as_of):
        return None
    boss = same_name(manager)
    given = [
        f.day
        for f in case.book.feedback_by_receiver.get(same_name(record.person), ())
        if f.day <= case.as_of and f.kind != "Request" and (f.giver is None or same_name(f.giver) == boss)
    ]
    last = max(given, default=None)
    waited = case.days_here(record.person, last or since, case.as_of)
    if waited <= case.policy.feedback_days:
        return None
    severity = HIGH if waited > case.policy.feedback_high_days else MED
    tail = f"the last was on {last.isoformat()}" if last else f"none since {since.isoformat()}"
    evidence, code = f"No feedback from {manager} in {days(waited)}: {tail}", rules.MISSING_FEEDBACK.code
    return Issue(code, severity, evidence, record.at("person"), person=record.person, for_manager=True)


def feedback_not_followed(case: Case) -> Iterator[Issue]:
    """Agreed follow-ups that are overdue. What was said stays between the people concerned."""
    for item in case.book.feedback:
        due, done = item.follow_up_due, item.follow_up_done
        if due is None or (done and done <= case.as_of) or (case.as_of - due).days <= case.policy.follow_up_days:
            continue
        evidence = f"Follow-up to feedback of {item.day.isoformat()} was due {due.isoformat()}, {days((case.as_of - due).days)} ago"
        yield Issue(
            rules.FEEDBACK_NOT_FOLLOWED.code, MED, evidence, item.at("follow_up_due"), item.goal_id, item.receiver
        )  # fmt: skip


def all_kept(case: Case, person: PersonScore) -> Issue | None:
    """Every one of many promises kept in time: a question, never an accusation."""
    kept = next((c for c in person.accountability.components if c.name == "commitments"), None)
    if kept is None or kept.trials < KEPT_ALL or kept.successes != kept.trials:
        return None
    evidence, at = f"All {kept.trials} promises kept in time. Could some of them ask for more?", person.address
    return Issue(rules.SANDBAGGING.code, INFO, evidence, at or kept.listed[0].address, person=person.person)
