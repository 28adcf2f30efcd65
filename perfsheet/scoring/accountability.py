"""The index of recorded practice: what was agreed, reported, done and followed up, with every trial listed.

It says what is written down, not what a person is like; it ranks nobody and never multiplies progress.
Thin records are drawn to the average, and a component with nothing to judge is left out.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache, partial
from operator import attrgetter
from typing import NamedTuple

from ..forms import Absence, Action, CheckIn, Decision, Feedback, Goal, HistoryRow, Person, Spot, folded, same_name
from ..policy import Policy
from ..records.teambook import TeamBook, by_key
from . import words
from .distributions import Z80
from .parts import Accountability, Component, GoalScore, Trial
from .progress import has_own_measure
from .sums import exact_sum
from .versions import day_of

POOL_FROM = 30
"""Trials from which a workbook's own rate replaces the usual one."""

LEAST_COMPONENTS, LEAST_WEIGHT = 2, 0.5
"""Below these there is not enough record for an index."""

ANSWER_DAYS = 7
"""An action within so many days answers a missed or troubled check-in."""

ONE_DAY = timedelta(days=1)

FREE_RENEGOTIATIONS = 1
"""A due date moved before it came counts as kept this many times."""

# ------------------------------------------------------------------------------------ arithmetic


def shrunk(successes: float, trials: float, rate: float = 0.8, kappa: float = 4) -> float:
    """The rate with `kappa` average trials added: thin records do not shout."""
    return (successes + kappa * rate) / (trials + kappa)


def shrunk_variance(theta: float, trials: float, kappa: float = 4) -> float:
    """The variance of a shrunk rate, as of a beta posterior."""
    return theta * (1 - theta) / (trials + kappa + 1)


def kept_share(kept: int, promised: int) -> float | None:
    """Percent plan complete: promises kept of promises due; None without any."""
    return kept / promised if promised else None


class Count(NamedTuple):
    """Successes of trials for one component, its policy weight, the rate that it is drawn to."""

    name: str
    successes: float
    trials: int
    weight: float
    rate: float = 0.8
    reason: str | None = None
    occasions: Callable[[], Sequence[Trial]] = tuple


def index_of(counts: Sequence[Count], kappa: float = 4, least_trials: int = 5) -> Accountability:
    """The index over all components with a trial: weighted shrunk rates with an 80 % band."""
    whole = exact_sum([c.weight for c in counts])
    available = exact_sum([c.weight for c in counts if c.trials])
    components = tuple([_component(c, available, kappa) for c in counts])
    coverage = available / whole if whole > 0 else 0.0
    trials = sum([c.trials for c in counts])
    reason = _too_thin(components, coverage, trials, least_trials)
    if reason:
        told = partial(words.record_sentences, None, None, None, trials, components, kappa)
        return Accountability(None, None, None, coverage, reason, components, None, trials, told)
    mean = exact_sum([c.weight * c.shrunk for c in components if c.shrunk is not None])
    sd = math.sqrt(exact_sum([c.weight**2 * c.variance for c in components if c.variance is not None]))
    low, high = max(0.0, mean - Z80 * sd), min(1.0, mean + Z80 * sd)
    told = partial(words.record_sentences, mean, low, high, trials, components, kappa)
    return Accountability(mean, low, high, coverage, None, components, sd, trials, told)


def _component(count: Count, available: float, kappa: float) -> Component:
    if not count.trials:
        return Component(
            count.name, 0.0, 0, None, 0.0, count.weight, rate=count.rate, reason=count.reason or "nothing to judge yet"
        )
    theta = shrunk(count.successes, count.trials, count.rate, kappa)
    weight = count.weight / available if available > 0 else 0.0
    return Component(
        count.name, count.successes, count.trials, count.successes / count.trials, weight, count.weight, theta, count.rate,
        shrunk_variance(theta, count.trials, kappa), None, count.occasions,
    )  # fmt: skip


def _too_thin(components: Sequence[Component], coverage: float, trials: int, least: int) -> str | None:
    judged = sum([1 for c in components if c.trials])
    if judged >= LEAST_COMPONENTS and coverage >= LEAST_WEIGHT - 1e-9 and trials >= least:
        return None
    return f"not enough record: {words.many(trials, 'occasion')} in {words.many(judged, 'component')}"


def bands_apart(one: Accountability, other: Accountability) -> bool:
    """Whether two indices differ at all: only if their bands do not overlap."""
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return False
    return one.high < other.low or other.high < one.low


# ------------------------------------------------------------------------------- check-in slots


Slot = tuple[date, date | None, bool]
"""One day on which a check-in was due, the day of the check-in that served it, if any, and whether that was late."""


@lru_cache(maxsize=1024)
def slots(start: date, due: date, cadence: int, as_of: date) -> tuple[date, ...]:
    """The days on which a check-in is due: every cadence from the start, up to the due date and today.

    Most goals of a workbook share their dates, so the latest answers are remembered.
    """
    count, step = (min(due, as_of) - start).days // cadence, timedelta(days=cadence)
    return tuple([start + n * step for n in range(1, count + 1)])


def serve(
    start: date, due: Sequence[date], cadence: int, grace: int, days: Sequence[date], late_credit: float = 0.5
) -> list[Slot]:
    """Each slot with the check-in that serves it, so that all together earn the most.

    On time is after the slot before (or `start`) and within the grace, late is before the next slot;
    one check-in serves one slot, and earlier ones serve earlier slots. The `days` ascend.
    """
    free = days[bisect_right(days, start) :]
    return _in_their_own(due, free) or _dearest(due, free, cadence, grace, late_credit)


def _in_their_own(due: Sequence[date], free: Sequence[date]) -> list[Slot] | None:
    """Each check-in in the slot that it stands before; None if two stand before one slot, or one after the last.

    That is the usual case and needs no search: every check-in earns the most it can where it stands,
    and moving one to the slot before would leave its own empty.
    """
    served: list[Slot] = []
    j = 0
    for slot in due:
        if j < len(free) and free[j] <= slot:
            served.append((slot, free[j], False))
            j += 1
            if j < len(free) and free[j] <= slot:
                return None
        else:
            served.append((slot, None, False))
    return served if j == len(free) else None


def _dearest(due: Sequence[date], free: Sequence[date], cadence: int, grace: int, late_credit: float) -> list[Slot]:
    """The same by search: the latest check-ins that still earn the most."""
    best = _best_credits([d.toordinal() for d in due], [d.toordinal() for d in free], cadence, grace, late_credit)
    served: list[Slot] = []
    j = 0
    for i, slot in enumerate(due):
        while j < len(free) and best[i][j] == best[i][j + 1]:
            j += 1
        day = free[j] if j < len(free) and best[i][j] > best[i + 1][j] else None
        late = day is not None and (day - slot).days > grace
        served.append((slot, day, late))
        j += day is not None
    return served


def _best_credits(
    slots: Sequence[int], days: Sequence[int], cadence: int, grace: int, late_credit: float
) -> list[list[float]]:
    """What slots from the i-th and check-ins from the j-th on can earn together, as [i][j].

    Only the few check-ins between the slot before and the slot after can serve one, so that each row
    is the row below it but for these.
    """
    reach, late = max(cadence, grace + 1), max(late_credit, 1e-6)
    best = [[0.0] * (len(days) + 1)]
    for slot in reversed(slots):
        below = best[-1]
        row = below.copy()
        first, end = bisect_right(days, slot - cadence), bisect_left(days, slot + reach)
        for j in range(end - 1, first - 1, -1):
            taken = (1.0 if days[j] - slot <= grace else late) + below[j + 1]
            row[j] = max(taken, below[j], row[j + 1])
        row[:first] = [row[first]] * first
        best.append(row)
    return best[::-1]


def days_looked_at(rows: Sequence[CheckIn]) -> list[date]:
    """The days that count for the rhythm, of rows in order of date: of those entered on one day the latest."""
    by_entry = {row.entered or row.day: row.day for row in rows}
    return sorted(set(by_entry.values()))


def working_days_later(day: date, count: int) -> date:
    """The day that many working days (Monday to Friday) later."""
    while count > 0:
        day += ONE_DAY
        count -= day.weekday() < 5
    return day


# --------------------------------------------------------------------------------- a team's record


class Page(NamedTuple):
    """One goal's page of the ledger: what several components look at."""

    goal: Goal
    score: GoalScore
    check_ins: Sequence[CheckIn]
    """Up to today, in order of date."""
    by_day: dict[date, CheckIn]
    """The last check-in of each day."""
    slots: list[Slot]
    """The check-in slots that are judged, see `judged_slots`."""
    gaps: list[str]
    """Which of the five checks of the goal's fields fail, see `clarity_gaps`."""


@dataclass(frozen=True)
class Ledger:
    """A team's book on one day, looked at for recorded practice."""

    book: TeamBook
    as_of: date
    scores: Mapping[str, GoalScore]
    """The goals' scores by their folded ids."""

    @property
    def policy(self) -> Policy:
        return self.book.policy

    def pages_of(self, person: str) -> list[Page]:
        """The live and finished goals that the person is accountable for, on which time has begun to run."""
        return self._pages_by_owner.get(same_name(person), [])

    @cached_property
    def _pages_by_owner(self) -> dict[str, list[Page]]:
        found: dict[str, list[Page]] = {}
        for key, goal in self.book.goals_by_id.items():
            score = self.scores[key]
            if goal.state in (None, "Active", "Done") and score.start is not None and score.start <= self.as_of:
                found.setdefault(same_name(goal.owner), []).append(self._page(goal, score))
        return found

    def _page(self, goal: Goal, score: GoalScore) -> Page:
        check_ins = self.book.log_of(goal, last=self.as_of)
        by_day, slots = {c.day: c for c in check_ins}, judged_slots(self, goal, score, check_ins)
        return Page(goal, score, check_ins, by_day, slots, clarity_gaps(self, goal))

    @cached_property
    def _with_children(self) -> set[str]:
        return {same_name(g.parent) for g in self.book.goals if g.parent}

    def has_children(self, goal: Goal) -> bool:
        """Whether other goals name this one as their parent."""
        return same_name(goal.goal_id) in self._with_children

    @cached_property
    def promised_by(self) -> dict[str, list[Action]]:
        """The actions by the folded name of their owner, in the order of rows."""
        return by_key(self.book.actions, "owner")

    @cached_property
    def feedback_on(self) -> dict[str, list[Feedback]]:
        """The feedback by the folded id of the goal that it is about, in the order of rows."""
        return by_key(self.book.feedback, "goal_id")

    def away(self, person: str) -> Callable[[date], bool] | None:
        """Whether the person was absent on a day, or not in the team; None for somebody who was always there."""
        row, absences = self.book.people_by_name.get(same_name(person)), self._absences_of.get(same_name(person), [])
        if not absences and (row is None or not (row.start or row.end)):
            return None
        return partial(_was_away, row, absences)

    @cached_property
    def _absences_of(self) -> dict[str, list[Absence]]:
        return by_key(self.book.absences, "person")

    def manager_of(self, person: str) -> str | None:
        """Whom the person reports to: as listed, else the team's manager (nobody reports to themselves)."""
        row = self.book.people_by_name.get(same_name(person))
        boss = (row.manager if row else None) or self.book.settings.manager
        return None if boss is None or same_name(boss) == same_name(person) else boss

    def reports_of(self, manager: str) -> list[Person]:
        """Who reports to the manager and is in the team today, in the order of rows."""
        return self._reports_by_manager.get(same_name(manager), [])

    @cached_property
    def _reports_by_manager(self) -> dict[str, list[Person]]:
        found: dict[str, list[Person]] = {}
        for person in self.book.people_by_name.values():
            boss = self.manager_of(person.person)
            if boss and not (person.end and person.end < self.as_of):
                found.setdefault(same_name(boss), []).append(person)
        return found


def _was_away(row: Person | None, absences: Sequence[Absence], day: date) -> bool:
    if row and ((row.start and day < row.start) or (row.end and day > row.end)):
        return True
    return any(a.first <= day <= a.last for a in absences)


class Occasions(NamedTuple):
    """What counts in one component: the credit of each occasion, and the trials for whoever wants to see them."""

    credits: Sequence[float]
    listed: Callable[[], Sequence[Trial]]


def _occasions(trials: Sequence[Trial]) -> Occasions:
    return Occasions([trial.credit for trial in trials], lambda: trials)


# ----------------------------------------------------------------------------------- clarity


def clarity_gaps(ledger: Ledger, goal: Goal) -> list[str]:
    """Which of the five checks of a goal's fields fail; an empty list is a goal that is complete."""
    book = ledger.book
    start, due, gaps = book.start_of(goal), book.due_of(goal), []
    if not goal.goal.strip() or (book.people and same_name(goal.owner) not in book.people_by_name):
        gaps.append("owner not listed in People")
    if not _measurable(ledger, goal):
        gaps.append("no measure: kind, target or baseline")
    if start is None or due is None or start >= due:
        gaps.append("no start before its due date")
    if not (goal.parent or goal.measure):
        gaps.append("no purpose: neither Parent goal nor Measure")
    if ledger.manager_of(goal.owner) is None and not _is_manager(ledger, goal.owner):
        gaps.append("no manager named")
    return gaps


def _is_manager(ledger: Ledger, person: str) -> bool:
    return same_name(ledger.book.settings.manager or "") == same_name(person)


def _measurable(ledger: Ledger, goal: Goal) -> bool:
    if goal.kind in ("Percent", "Yes/No") or ledger.has_children(goal):
        return True
    complete = has_own_measure(ledger.book, goal)
    return complete and (goal.kind not in ("Increase", "Decrease") or goal.baseline is not None)


def clarity(ledger: Ledger, person: str) -> Occasions:
    """Each goal of the person: the share of the five checks that hold."""
    pages = ledger.pages_of(person)
    return Occasions([_clear_share(page) for page in pages], partial(_clarity_trials, pages))


def _clear_share(page: Page) -> float:
    return 1 - len(page.gaps) / 5


def _clarity_trials(pages: Sequence[Page]) -> list[Trial]:
    return [_fields_trial(page, _clear_share(page), "all five checks hold") for page in pages]


def _fields_trial(page: Page, credit: float, complete: str) -> Trial:
    told = "; ".join(page.gaps) or complete
    return Trial(f"fields of {page.goal.goal_id}", credit, (page.goal, "goal_id"), told=told)


# ----------------------------------------------------------------------------------- cadence


def judged_slots(ledger: Ledger, goal: Goal, score: GoalScore, check_ins: Sequence[CheckIn]) -> list[Slot]:
    """The goal's check-in slots that are judged: absences and slots within their grace are taken out."""
    start, due, today = score.start, score.due, ledger.as_of
    if start is None or due is None or due < start or goal.kind == "Milestones":
        return []
    if not has_own_measure(ledger.book, goal) and ledger.has_children(goal):
        return []
    days = days_looked_at(check_ins)
    until = max(days, default=due) if goal.state == "Done" else due
    plan = slots(start, min(due, until), score.cadence, today)
    served = serve(start, plan, score.cadence, score.grace, days, ledger.policy.late_credit)
    open_from, away = today - timedelta(days=score.grace), ledger.away(goal.owner)
    return [slot for slot in served if (slot[1] or slot[0] < open_from) and not (away and away(slot[0]))]


def cadence(ledger: Ledger, person: str) -> Occasions:
    """Each due check-in: 1 on time, the late credit if late, 0 if missed."""
    pages, late_credit = ledger.pages_of(person), ledger.policy.late_credit
    credits = [0.0 if day is None else late_credit if late else 1.0 for page in pages for _, day, late in page.slots]
    return Occasions(credits, partial(_cadence_trials, pages, late_credit))


def _cadence_trials(pages: Sequence[Page], late_credit: float) -> list[Trial]:
    trials = []
    for page in pages:
        goal, what = page.goal, f"check-in on {page.goal.goal_id}"
        for due, served_by, late in page.slots:
            if served_by is None:
                trials.append(Trial(what, 0.0, (goal, "goal_id"), due, "missed"))
            else:
                credit, told = (late_credit, "late") if late else (1.0, "on time")
                trials.append(Trial(what, credit, (page.by_day[served_by], "day"), due, told, served_by))
    return trials


# ------------------------------------------------------------------------------- commitments


def moved_dates(history: Sequence[HistoryRow], action: Action) -> list[tuple[date, date]]:
    """When an action's due date was changed and what it was before, oldest first, as History shows it."""
    found = []
    for row in history:
        ours = row.part == str(action.at("due")) or same_name(row.goal_id or "") == same_name(action.action_id)
        when, old = day_of(row.when), day_of(row.old)
        if ours and folded(row.field or "") == "duedate" and when and old:
            found.append((when, old))
    return sorted(found)


def promise(action: Action, moved: Sequence[tuple[date, date]], as_of: date) -> Trial | None:
    """Whether a promise was kept; None while it is not due. Half done is not done.

    One date moved before it came is free; a date moved after it had passed, or moved again, is a miss.
    """
    what, cell = f"{action.action_id} {action.action}", (action, "due")
    passed = next((old for when, old in moved if when > old), None) if moved else None
    if passed is not None and passed <= as_of:
        return Trial(what, 0.0, cell, passed, f"the date {passed.isoformat()} was moved after it had passed")
    if action.due > as_of:
        return None
    if len(moved) > FREE_RENEGOTIATIONS:
        return Trial(what, 0.0, cell, action.due, f"the date was moved {len(moved)} times")
    done = action.done if action.done and action.done <= as_of else None
    if done is None:
        return Trial(what, 0.0, cell, action.due, "not done")
    said = "done in time" if done <= action.due else "done late"
    return Trial(what, float(done <= action.due), (action, "done"), action.due, said, done)


def commitments(ledger: Ledger, person: str) -> Occasions:
    """Each action of the person that has come due."""
    own = ledger.promised_by.get(same_name(person), [])
    return _judged_promises(ledger, own)


def _judged_promises(ledger: Ledger, actions: Sequence[Action]) -> Occasions:
    history = ledger.book.history
    found = [promise(a, moved_dates(history, a) if history else (), ledger.as_of) for a in actions]
    return _occasions([trial for trial in found if trial is not None])


# ------------------------------------------------------------------- follow-through, responsiveness


def follow_through(ledger: Ledger, person: str) -> Occasions:
    """Each follow-up agreed from feedback that the person received, once it is due."""
    trials = []
    for item in ledger.book.feedback_by_receiver.get(same_name(person), ()):
        if item.follow_up_due is not None and item.follow_up_due <= ledger.as_of:
            done = item.follow_up_done is not None and item.follow_up_done <= ledger.as_of
            what, told = item.follow_up or "follow-up", "done" if done else "open"
            trials.append(Trial(what, float(done), (item, "follow_up_due"), item.follow_up_due, told))
    return _occasions(trials)


def responsiveness(ledger: Ledger, person: str) -> Occasions:
    """Each missed slot, and each blocked or off-track check-in: explained, or acted on within a week."""
    trials = []
    for page in ledger.pages_of(person):
        trials += _missed_answers(ledger, page) + _trouble_answers(ledger, page)
    return _occasions(trials)


def _acted(ledger: Ledger, goal: Goal, day: date) -> Action | None:
    """An action on the goal agreed within a week from the day."""
    until = min(day + timedelta(days=ANSWER_DAYS), ledger.as_of)
    for action in ledger.book.actions_of(goal):
        if action.agreed and day <= action.agreed <= until:
            return action
    return None


def _missed_answers(ledger: Ledger, page: Page) -> list[Trial]:
    trials, goal, rows = [], page.goal, page.check_ins
    what = f"missed check-in on {goal.goal_id}"
    for due in [due for due, served_by, _ in page.slots if served_by is None]:
        action = _acted(ledger, goal, due)
        at = bisect_right(rows, due, key=attrgetter("day"))
        after = rows[at] if at < len(rows) else None
        if action:
            trials.append(Trial(what, 1.0, (action, "agreed"), due, f"action {action.action_id}"))
        elif after and (after.note or after.blocker):
            trials.append(Trial(what, 1.0, (after, "note"), due, "explained in the next check-in"))
        elif after or due + timedelta(days=ANSWER_DAYS) < ledger.as_of:
            trials.append(Trial(what, 0.0, (goal, "goal_id"), due, "neither explained nor acted on"))
    return trials


def _trouble_answers(ledger: Ledger, page: Page) -> list[Trial]:
    trials, goal, off_track = [], page.goal, page.score.off_track
    for day, row in page.by_day.items():
        if not row.blocker and not off_track.get(day):
            continue
        what = f"{'blocked' if row.blocker else 'off-track'} check-in on {goal.goal_id}"
        if row.note or row.blocker:
            trials.append(Trial(what, 1.0, (row, "note" if row.note else "blocker"), row.day, "explained"))
        elif action := _acted(ledger, goal, row.day):
            trials.append(Trial(what, 1.0, (action, "agreed"), row.day, f"action {action.action_id}"))
        elif row.day + timedelta(days=ANSWER_DAYS) < ledger.as_of:
            trials.append(Trial(what, 0.0, (row, "day"), row.day, "neither explained nor acted on"))
    return trials


# ------------------------------------------------------------------------------ the manager's side


def given_feedback(ledger: Ledger, manager: str, reports: Sequence[Person]) -> Occasions:
    """Each direct report: feedback from the manager lately."""
    since, boss = ledger.as_of - timedelta(days=ledger.policy.manager_feedback_days), same_name(manager)
    trials = []
    for person in reports:
        if person.start and person.start > since:
            continue
        received = ledger.book.feedback_by_receiver.get(same_name(person.person), ())
        given = [f for f in received if same_name(f.giver or "") == boss and since < f.day <= ledger.as_of]
        last = max(given, key=lambda f: f.day, default=None)
        place: Spot = (last, "day") if last else (person, "person")
        said = f"{last.day.isoformat()}" if last else f"none in {ledger.policy.manager_feedback_days} days"
        trials.append(
            Trial(f"feedback to {person.person}", float(last is not None), place, last.day if last else None, said)
        )
    return _occasions(trials)


def report_clarity(ledger: Ledger, reports: Sequence[Person]) -> Occasions:
    """Each goal of a report: all five checks of its fields hold."""
    pages = [page for person in reports for page in ledger.pages_of(person.person)]
    return Occasions(
        [float(not page.gaps) for page in pages],
        lambda: [_fields_trial(page, float(not page.gaps), "complete") for page in pages],
    )


def answered_blockers(ledger: Ledger, manager: str, reports: Sequence[Person]) -> Occasions:
    """Each blocker that a report raised: an action or a note by the manager within the working days."""
    trials = []
    for person in reports:
        for page in ledger.pages_of(person.person):
            before = ""
            for row in page.check_ins:
                said = folded(row.blocker) if row.blocker else ""
                if said and said != before:  # a blocker repeated in the next check-in is the same one
                    trials += _blocker_trial(ledger, manager, page, row)
                before = said
    return _occasions(trials)


def _blocker_trial(ledger: Ledger, manager: str, page: Page, row: CheckIn) -> list[Trial]:
    until = working_days_later(row.day, ledger.policy.blocker_days)
    what = f"blocker on {page.goal.goal_id}: {row.blocker}"
    answer = _manager_answer(ledger, manager, page, row.day, min(until, ledger.as_of))
    if answer:
        return [Trial(what, 1.0, (answer, ""), row.day, "answered")]
    if ledger.as_of <= until:
        return []
    return [Trial(what, 0.0, (row, "blocker"), row.day, f"no action or note by {until.isoformat()}")]


def _manager_answer(
    ledger: Ledger, manager: str, page: Page, day: date, until: date
) -> Action | CheckIn | Feedback | None:
    boss, goal = same_name(manager), page.goal
    for action in ledger.book.actions_of(goal):
        by = {same_name(name) for name in (action.raised_by, action.owner) if name}
        if action.agreed and day <= action.agreed <= until and (boss in by or action.raised_by is None):
            return action
    for row in page.check_ins:
        if row.note and same_name(row.by or "") == boss and day <= row.day <= until:
            return row
    for item in ledger.feedback_on.get(same_name(goal.goal_id), ()):
        if same_name(item.giver or "") == boss and day <= item.day <= until:
            return item
    return None


def kept_promises(ledger: Ledger, manager: str, reports: Sequence[Person]) -> Occasions:
    """Each action of the manager that a report asked for, or that helps a report's goal."""
    names, theirs = _names_and_goals(ledger, reports)
    own = ledger.promised_by.get(same_name(manager), [])
    promised = [a for a in own if same_name(a.raised_by or "") in names or same_name(a.goal_id or "") in theirs]
    return _judged_promises(ledger, promised)


def _names_and_goals(ledger: Ledger, reports: Sequence[Person]) -> tuple[set[str], set[str]]:
    """The folded names of the reports and the folded ids of their goals."""
    names = {same_name(p.person) for p in reports}
    return names, {same_name(g.goal_id) for g in ledger.book.goals if same_name(g.owner) in names}


def decided_proposals(ledger: Ledger, reports: Sequence[Person]) -> Occasions:
    """Each proposal on a report's goal: decided within the days. Later is no decision yet.

    What was decided does not matter, only that somebody did. A proposal that was withdrawn, and a
    decision without its day, cannot be judged.
    """
    asked = [d for d in ledger.book.decisions if d.asks]
    theirs = _names_and_goals(ledger, reports)[1] if asked else set()
    theirs_asked = [d for d in asked if same_name(d.goal_id or "") in theirs]
    return _occasions([trial for row in theirs_asked for trial in _decision_trial(ledger, row)])


def _decision_trial(ledger: Ledger, row: Decision) -> list[Trial]:
    since = row.proposed_on
    if since is None or since > ledger.as_of or row.state == "Withdrawn":
        return []
    what, until = f"{row.rule_name} on {row.goal_id}", since + timedelta(days=ledger.policy.decision_days)
    if row.decision in (None, "Later"):
        said = f"not decided by {until.isoformat()}"
        return [Trial(what, 0.0, row.at("decision"), since, said)] if until < ledger.as_of else []
    if row.decided_on is None:
        return []
    credit = float(row.decided_on <= until)
    return [Trial(what, credit, row.at("decided_on"), since, f"decided on {row.decided_on.isoformat()}")]


# ------------------------------------------------------------------------------------ the two indices

OWN = ("clarity", "cadence", "commitments", "follow_through", "responsiveness")
MANAGING = ("feedback", "report_clarity", "blockers", "decisions", "promises")
Practice = Mapping[str, Occasions]


def own_practice(ledger: Ledger, person: str) -> Practice:
    """Everything on record about a person's own practice."""
    judges = (clarity, cadence, commitments, follow_through, responsiveness)
    return {name: judge(ledger, person) for name, judge in zip(OWN, judges, strict=True)}


def managing_practice(ledger: Ledger, manager: str) -> Practice:
    """Everything on record about a person's practice as a manager; empty without direct reports."""
    reports = ledger.reports_of(manager)
    if not reports:
        return {}
    return {
        "feedback": given_feedback(ledger, manager, reports),
        "report_clarity": report_clarity(ledger, reports),
        "blockers": answered_blockers(ledger, manager, reports),
        "decisions": decided_proposals(ledger, reports),
        "promises": kept_promises(ledger, manager, reports),
    }


def pooled_rates(everyone: Sequence[Practice], usual: float) -> dict[str, float]:
    """The rate that each component is drawn to: the pooled one from 30 trials on, else the usual one."""
    rates = {}
    for name in (*OWN, *MANAGING):
        credits = [credit for practice in everyone if name in practice for credit in practice[name].credits]
        rates[name] = exact_sum(credits) / len(credits) if len(credits) >= POOL_FROM else usual
    return rates


def own_weights(policy: Policy) -> dict[str, float]:
    """The weights of the components of a person's own index."""
    return {
        "clarity": policy.weight_clarity,
        "cadence": policy.weight_cadence,
        "commitments": policy.weight_commitments,
        "follow_through": policy.weight_follow_through,
        "responsiveness": policy.weight_responsiveness,
    }


def judge(
    practice: Practice, weights: Mapping[str, float], rates: Mapping[str, float], policy: Policy
) -> Accountability:
    """The index of what is on record."""
    counts = [
        Count(name, exact_sum(credits), len(credits), weights[name], rates[name], None, listed)
        for name, (credits, listed) in practice.items()
    ]
    return index_of(counts, policy.shrinkage, policy.index_trials)
