"""Checks of plans, milestones, feedback, actions, development and settings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ..findings import Finding, Rule, Severity
from ..forms import PlanPoint, same_name
from ..records.teambook import TeamBook
from ..tables import Address

E, W, I = Severity.ERROR, Severity.WARNING, Severity.INFO

PLAN_OUTSIDE_DATES = Rule(
    "plan_outside_dates", W, "A planned phase outside the goal's dates",
    "A row of Plan lies before the start or after the due date of its goal.",
    "It does not shape what is expected.",
    "A phase of December for a goal that ends in September.",
    "Correct the date",
)  # fmt: skip


def plan_outside_dates(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for point in book.plan:
        edge = _edge(book, point)
        if edge:
            yield PLAN_OUTSIDE_DATES.at(
                point.at("day"),
                f"A phase of {point.goal_id} ends on {point.day}, {edge}",
                value=point.day,
                goal=point.goal_id,
            )


def _edge(book: TeamBook, point: PlanPoint) -> str | None:
    """Which end of its goal a phase lies beyond; None for one within its dates."""
    goal = book.goals_by_id.get(same_name(point.goal_id))
    start, due = (book.start_of(goal), book.due_of(goal)) if goal else (None, None)
    if start and point.day < start:
        return f"before the goal's start on {start}"
    return f"after its due date on {due}" if due and point.day > due else None


PLAN_DATE_TWICE = Rule(
    "plan_date_twice", W, "Two planned values for one day",
    "Plan has two rows for one goal and one day. The lower row counts.",
    "One of them is wrong.",
    "G1 on 2026-03-31: 40 and 45.",
    "Remove one of them",
)  # fmt: skip


def plan_date_twice(book: TeamBook, as_of: date) -> Iterator[Finding]:
    seen: dict[tuple[str, date], PlanPoint] = {}
    for point in book.plan:
        before = seen.setdefault((same_name(point.goal_id), point.day), point)
        if before is not point:
            yield PLAN_DATE_TWICE.at(
                point.at("day"),
                f"{point.goal_id} has a planned value for {point.day} in row {before.row} already",
                value=point.day,
                goal=point.goal_id,
            )


PLAN_TURNS_BACK = Rule(
    "plan_turns_back", W, "A planned value that goes the other way",
    "The planned values of a goal should move from its baseline towards its target, and one moves back.",
    "What is expected would fall from one day to the next.",
    "40 by March, 35 by June and 100 by September.",
    "Correct the planned value, or its date",
)  # fmt: skip


def plan_turns_back(book: TeamBook, as_of: date) -> Iterator[Finding]:
    ways = {"Increase": 1, "Count": 1, "Percent": 1, "Milestones": 1, "Decrease": -1}
    last: dict[str, PlanPoint] = {}
    for point in sorted((p for p in book.plan if not _edge(book, p)), key=lambda p: (p.day, p.row)):
        goal = book.goals_by_id.get(same_name(point.goal_id))
        before = last.get(same_name(point.goal_id))
        if goal and before and before.day < point.day and (point.planned - before.planned) * ways.get(goal.kind, 0) < 0:
            yield PLAN_TURNS_BACK.at(
                point.at("planned"),
                f"{goal.goal_id} is planned at {point.planned:g} on {point.day}, and at {before.planned:g} before on {before.day}",
                value=point.planned,
                goal=goal.goal_id,
            )
        last[same_name(point.goal_id)] = point


PLAN_END_DIFFERS = Rule(
    "plan_end_differs", W, "The plan ends elsewhere than the target",
    "The value planned for the due date is not the goal's target.",
    "The target counts; one of the two was changed without the other.",
    "Planned 90 on the due date, and a target of 100.",
    "Make the two the same",
)  # fmt: skip


def plan_end_differs(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for point in book.plan:
        goal = book.goals_by_id.get(same_name(point.goal_id))
        if goal is None or goal.kind not in ("Increase", "Decrease", "Count") or point.day != book.due_of(goal):
            continue
        if goal.target is not None and point.planned != goal.target:
            yield PLAN_END_DIFFERS.at(
                point.at("planned"),
                f"{goal.goal_id} is planned at {point.planned:g} on its due date, and its target is {goal.target:g}",
                value=point.planned,
                goal=goal.goal_id,
            )


PLAN_UNUSED = Rule(
    "plan_unused", I, "A plan that is not used",
    "Plan has a row for a goal of kind Maintain or Yes/No.",
    "Such a goal has no way that could be planned in phases; the row counts for nothing.",
    "A phase of G5, which is a Yes/No goal.",
    "Remove the row, or choose another Kind",
)  # fmt: skip


def plan_unused(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for point in book.plan:
        goal = book.goals_by_id.get(same_name(point.goal_id))
        if goal and goal.kind in ("Maintain", "Yes/No"):
            message = f"{goal.goal_id} is a goal of kind {goal.kind}, for which no plan is used"
            yield PLAN_UNUSED.at(point.at("goal_id"), message, value=point.goal_id, goal=goal.goal_id)


MILESTONE_KIND = Rule(
    "milestone_kind", W, "Milestones of a goal of another kind",
    "The Milestones tab has a row for a goal whose kind is not Milestones.",
    "The row counts for nothing.",
    "A milestone of G2, which is an Increase goal.",
    "Change the goal's Kind to Milestones, or remove the row",
)  # fmt: skip


def milestone_kind(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for step in book.milestones:
        goal = book.goals_by_id.get(same_name(step.goal_id))
        if goal and goal.kind != "Milestones":
            yield MILESTONE_KIND.at(
                step.at("goal_id"),
                f"{goal.goal_id} is a goal of kind {goal.kind}",
                value=step.goal_id,
                goal=goal.goal_id,
            )


DONE_IN_FUTURE = Rule(
    "done_in_future", W, "Done on a day that is still to come",
    "A milestone, an action or a follow-up is marked done on a day after the one everything is judged at.",
    "It does not count as done yet.",
    "Done on 2027-01-12, typed in January 2026.",
    "Correct the date",
    anomaly=True,
)  # fmt: skip


def done_in_future(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for step in book.milestones:
        if step.done and step.done > as_of:
            yield DONE_IN_FUTURE.at(
                step.at("done"),
                f"{step.milestone} of {step.goal_id} is done on {step.done}, after {as_of}",
                value=step.done,
                goal=step.goal_id,
            )
    for action in book.actions:
        if action.done and action.done > as_of:
            yield DONE_IN_FUTURE.at(
                action.at("done"),
                f"Action {action.action_id} is done on {action.done}, after {as_of}",
                value=action.done,
                person=action.owner,
            )
    for item in book.feedback:
        if item.follow_up_done and item.follow_up_done > as_of:
            yield DONE_IN_FUTURE.at(
                item.at("follow_up_done"),
                f"The follow-up is done on {item.follow_up_done}, after {as_of}",
                value=item.follow_up_done,
                person=item.receiver,
            )


SELF_FEEDBACK = Rule(
    "self_feedback", W, "Feedback to oneself",
    "From and To name the same person.",
    "It does not count as feedback.",
    "From Ada Lovelace to Ada Lovelace.",
    "Correct From or To; reflections belong in Development",
)  # fmt: skip


def self_feedback(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for item in book.feedback:
        if item.giver and same_name(item.giver) == same_name(item.receiver):
            yield SELF_FEEDBACK.at(
                item.at("receiver"),
                f"{item.giver} gives feedback to {item.receiver}",
                value=item.receiver,
                person=item.receiver,
            )


FEEDBACK_IN_FUTURE = Rule(
    "feedback_in_future", W, "Feedback from the future",
    "The date of the feedback lies after the day everything is judged at.",
    "It does not count until then.",
    "Feedback of 2027-02-01, typed in February 2026.",
    "Correct the date",
)  # fmt: skip


def feedback_in_future(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for item in book.feedback:
        if item.day > as_of:
            yield FEEDBACK_IN_FUTURE.at(
                item.at("day"),
                f"The feedback to {item.receiver} is dated {item.day}, after {as_of}",
                value=item.day,
                person=item.receiver,
            )


FOLLOW_UP_WITHOUT_DUE = Rule(
    "follow_up_without_due", I, "A follow-up without a date",
    "Something was agreed, and Follow-up due is empty.",
    "What has no date is seldom done, and whether it was done in time cannot be said.",
    "Show the new structure, some time.",
    "Agree on a date",
)  # fmt: skip


def follow_up_without_due(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for item in book.feedback:
        if item.follow_up and not item.follow_up_due and not item.follow_up_done:
            yield FOLLOW_UP_WITHOUT_DUE.at(
                item.at("follow_up_due"), f"The follow-up with {item.receiver} has no date", person=item.receiver
            )


FOLLOW_UP_BEFORE_FEEDBACK = Rule(
    "follow_up_before_feedback", W, "A follow-up before the feedback",
    "Follow-up due or Follow-up done lies before the date of the feedback.",
    "One of the dates is wrong.",
    "Feedback of 10 March, follow-up done on 1 March.",
    "Correct the date",
)  # fmt: skip


def follow_up_before_feedback(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for item in (f for f in book.feedback if f.follow_up_due or f.follow_up_done):
        for field, day in (("follow_up_due", item.follow_up_due), ("follow_up_done", item.follow_up_done)):
            if day and day < item.day:
                yield FOLLOW_UP_BEFORE_FEEDBACK.at(
                    item.at(field),
                    f"The follow-up of {day} lies before the feedback of {item.day}",
                    value=day,
                    person=item.receiver,
                )


DUE_BEFORE_AGREED = Rule(
    "due_before_agreed", W, "An action due before it was agreed",
    "The Due date of an action lies before Agreed on.",
    "Nobody can keep such a promise; it counts as missed.",
    "Agreed on 10 March, due 3 March.",
    "Correct one of the dates",
)  # fmt: skip


def due_before_agreed(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for action in book.actions:
        if action.agreed and action.due < action.agreed:
            yield DUE_BEFORE_AGREED.at(
                action.at("due"),
                f"Action {action.action_id} is due on {action.due}, before it was agreed on {action.agreed}",
                value=action.due,
                person=action.owner,
            )


DONE_BEFORE_AGREED = Rule(
    "done_before_agreed", W, "An action done before it was agreed",
    "Done on lies before Agreed on.",
    "One of the dates is wrong, or the action was no promise.",
    "Agreed on 10 March, done on 1 March.",
    "Correct one of the dates",
)  # fmt: skip


def done_before_agreed(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for action in book.actions:
        if action.agreed and action.done and action.done < action.agreed:
            yield DONE_BEFORE_AGREED.at(
                action.at("done"),
                f"Action {action.action_id} was done on {action.done}, before it was agreed on {action.agreed}",
                value=action.done,
                person=action.owner,
            )


DEVELOPMENT_WITHOUT_PLAN = Rule(
    "development_without_plan", I, "Development without a plan",
    "An opportunity or an aspiration has no plan.",
    "What has no plan seldom happens.",
    "Opportunity: negotiation, and nothing more.",
    "Say in Plan what will be done",
)  # fmt: skip


def development_without_plan(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for item in book.development:
        if item.kind != "Strength" and not item.plan and item.attainment is None:
            yield DEVELOPMENT_WITHOUT_PLAN.at(
                item.at("plan"), f"{item.kind} {item.skill} of {item.person} has no plan", person=item.person
            )


ATTAINMENT_WITHOUT_PLAN = Rule(
    "attainment_without_plan", W, "Attainment of something never planned",
    "Attainment is filled in, and Plan is empty.",
    "Attainment says how far a plan was met; what counts as expected has to be written before, not after.",
    "+2 for Negotiation, with no word on what was expected.",
    "Say in Plan what was expected, or clear Attainment",
)  # fmt: skip


def attainment_without_plan(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for item in book.development:
        if item.attainment is not None and not item.plan:
            yield ATTAINMENT_WITHOUT_PLAN.at(
                item.at("attainment"),
                f"{item.skill} of {item.person} has an attainment of {item.attainment:+d} and no plan",
                value=item.attainment,
                person=item.person,
            )


PERIOD_REVERSED = Rule(
    "period_reversed", E, "The period ends before it begins",
    "Period end lies before Period start.",
    "Goals without dates of their own cannot be judged.",
    "Start 2026-04-01, end 2026-03-31.",
    "Correct one of the two dates",
)  # fmt: skip


def period_reversed(book: TeamBook, as_of: date) -> Iterator[Finding]:
    first, last = book.settings.period_start, book.settings.period_end
    if first and last and last < first:
        yield PERIOD_REVERSED.at(_setting(book, "period_end"), f"The period ends on {last}, before {first}", value=last)


AS_OF_OUTSIDE_PERIOD = Rule(
    "as_of_outside_period", I, "Judged at a day outside the period",
    "The day everything is judged at lies before the period or after it.",
    "Before the period nothing has started; after it every open goal is overdue.",
    "As of 2026-05-02 in a workbook for 2026 Q1.",
    "Nothing to do if it is meant; otherwise correct As of, or pass --as-of",
)  # fmt: skip


def as_of_outside_period(book: TeamBook, as_of: date) -> Iterator[Finding]:
    first, last = book.settings.period_start, book.settings.period_end
    if first and last and first <= last and not first <= as_of <= last:
        yield AS_OF_OUTSIDE_PERIOD.at(
            _setting(book, "as_of"), f"{as_of} lies outside the period {first} to {last}", value=as_of
        )


MANAGER_NOT_IN_PEOPLE = Rule(
    "manager_not_in_people", I, "The team's manager is not in People",
    "Settings names a manager who has no row in People.",
    "The manager's own goals and record are not shown.",
    "Manager Ada Lovelace, and no such row.",
    "Add a row for the manager, if they have goals here",
)  # fmt: skip


def manager_not_in_people(book: TeamBook, as_of: date) -> Iterator[Finding]:
    name = book.settings.manager
    if name and book.people and same_name(name) not in book.people_by_name:
        yield MANAGER_NOT_IN_PEOPLE.at(_setting(book, "manager"), f"{name} is not in People", value=name, person=name)


DECISION_INCOMPLETE = Rule(
    "decision_incomplete", W, "A decision that says too little",
    "Adjustments has a decision without who took it or when, or Change without the value that is wanted.",
    "History would name nobody, the manager's record has no occasion, and a Change without a value is not applied.",
    "Accept, and Decided on is empty.",
    "Fill in Decided by and Decided on, and with Change a Decided value",
)  # fmt: skip


def decision_incomplete(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for row in book.decisions:
        if row.decision in (None, "Later") or row.state in ("Applied", "Withdrawn"):
            continue
        needed = ("decided_by", "decided_on", *(("decided_value",) if row.decision == "Change" else ()))
        missing = [name for name in needed if getattr(row, name) is None]
        if missing:
            words = ", ".join(name.replace("_", " ").capitalize() for name in missing)
            yield DECISION_INCOMPLETE.at(
                row.at(missing[0] if missing[0] in row.place.columns else "decision"),
                f"{row.decision} on {row.goal_id or row.proposal_id}: {words} {'is' if len(missing) == 1 else 'are'} empty",
                value=row.decision,
                goal=row.goal_id,
            )


def _setting(book: TeamBook, name: str) -> Address:
    return book.settings_at.get(name, Address("Settings", 1, 1))


CHECKS = (
    plan_outside_dates, plan_date_twice, plan_turns_back, plan_end_differs, plan_unused, milestone_kind, done_in_future, self_feedback,
    feedback_in_future, follow_up_without_due, follow_up_before_feedback, due_before_agreed, done_before_agreed, development_without_plan,
    attainment_without_plan, period_reversed, as_of_outside_period, manager_not_in_people, decision_incomplete,
)  # fmt: skip
