"""Checks of single goals: what each kind needs, dates, and whether anybody could tell when it is reached."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ..findings import Finding, Rule, Severity
from ..forms import Action, Goal, same_name
from ..records.teambook import TeamBook

E, W, I = Severity.ERROR, Severity.WARNING, Severity.INFO

DUPLICATE_ID = Rule(
    "duplicate_id", E, "An id is used twice",
    "Two goals, or two actions, have the same id. Check-ins can only mean the first one.",
    "The second one gets no data, and its check-ins count for the first.",
    "G3 in row 6 and again in row 14.",
    "Give the second one an id of its own, and correct the rows that mean it",
)  # fmt: skip


def duplicate_id(book: TeamBook, as_of: date) -> Iterator[Finding]:
    goals: dict[str, Goal] = {}
    for goal in book.goals:
        first = goals.setdefault(same_name(goal.goal_id), goal)
        if first is not goal:
            yield DUPLICATE_ID.at(
                goal.at("goal_id"),
                f"{goal.goal_id} stands in {first.at('goal_id').cell} already",
                value=goal.goal_id,
                goal=goal.goal_id,
            )
    actions: dict[str, Action] = {}
    for action in book.actions:
        before = actions.setdefault(same_name(action.action_id), action)
        if before is not action:
            yield DUPLICATE_ID.at(
                action.at("action_id"),
                f"{action.action_id} stands in {before.at('action_id').cell} already",
                value=action.action_id,
            )


GOAL_NEEDS_TARGET = Rule(
    "goal_needs_target", E, "A goal without a target",
    "The kind of this goal is measured against a target, and the Target cell is empty. A Flow goal may have a Plan instead.",
    "Without a target nobody can say how far the goal is.",
    "An Increase goal with baseline 20 and no target.",
    "Fill in Target, or choose another Kind",
)  # fmt: skip


def goal_needs_target(book: TeamBook, as_of: date) -> Iterator[Finding]:
    planned = _planned(book)
    for goal in book.goals_to_judge:
        needs = goal.kind in ("Increase", "Decrease", "Count") or (
            goal.kind == "Flow" and same_name(goal.goal_id) not in planned
        )
        if needs and goal.target is None:
            yield GOAL_NEEDS_TARGET.at(
                goal.at("target"),
                f"{goal.goal_id} is a goal of kind {goal.kind} without a target",
                goal=goal.goal_id,
                person=goal.owner,
            )


def _planned(book: TeamBook) -> set[str]:
    """Goals for which Plan asks for something."""
    return {same_name(p.goal_id) for p in book.plan if p.planned > 0}


GOAL_NEEDS_BASELINE = Rule(
    "goal_needs_baseline", E, "A Decrease goal without a baseline",
    "How far something has come down can only be said from where it started.",
    "The goal has no progress.",
    "Open tickets to 40, from nobody knows where.",
    "Fill in Baseline",
)  # fmt: skip


def goal_needs_baseline(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for goal in book.goals_to_judge:
        if goal.kind == "Decrease" and goal.baseline is None:
            yield GOAL_NEEDS_BASELINE.at(
                goal.at("baseline"),
                f"{goal.goal_id} is a Decrease goal without a baseline",
                goal=goal.goal_id,
                person=goal.owner,
            )


BASELINE_ASSUMED_ZERO = Rule(
    "baseline_assumed_zero", I, "The baseline is taken as zero",
    "An Increase or Count goal has no baseline; it is counted from zero.",
    "If it did not start at zero, progress looks better than it is.",
    "Revenue to 120 without a baseline: 90 shows as 75 %, though it started at 80.",
    "Fill in Baseline if it is not zero",
)  # fmt: skip


def baseline_assumed_zero(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for goal in book.goals:
        if goal.kind in ("Increase", "Count") and goal.baseline is None and goal.target is not None:
            yield BASELINE_ASSUMED_ZERO.at(
                goal.at("baseline"),
                f"{goal.goal_id} has no baseline and is counted from 0",
                goal=goal.goal_id,
                person=goal.owner,
            )


COUNT_BASELINE_UNUSED = Rule(
    "count_baseline_unused", W, "The baseline of a Count goal is not used",
    "A Count goal is a running total from zero; its Baseline says something else.",
    "Progress is the total by the target, so what was there before counts as done.",
    "Count from 100 to 120: 100 shows as 83 %, though nothing has been added.",
    "Choose Increase to count from the baseline, or clear Baseline",
)  # fmt: skip


def count_baseline_unused(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for goal in book.goals_to_judge:
        if goal.kind == "Count" and goal.baseline:
            yield COUNT_BASELINE_UNUSED.at(
                goal.at("baseline"),
                f"{goal.goal_id} is a Count goal with a baseline of {goal.baseline:g}, and counts from 0",
                value=goal.baseline,
                goal=goal.goal_id,
                person=goal.owner,
            )


MAINTAIN_NEEDS_LIMITS = Rule(
    "maintain_needs_limits", E, "A Maintain goal without limits",
    "A Maintain goal says to stay within limits, and neither Lower nor Upper is filled in.",
    "Nobody can say whether a value is in range.",
    "Keep stock cover healthy, without numbers.",
    "Fill in Lower, Upper or both",
)  # fmt: skip


def maintain_needs_limits(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for goal in book.goals_to_judge:
        if goal.kind == "Maintain" and goal.lower is None and goal.upper is None:
            yield MAINTAIN_NEEDS_LIMITS.at(
                goal.at("lower"),
                f"{goal.goal_id} is a Maintain goal without Lower or Upper",
                goal=goal.goal_id,
                person=goal.owner,
            )


MILESTONES_NEEDED = Rule(
    "milestones_needed", W, "A Milestones goal without milestones",
    "The goal is of kind Milestones, and the Milestones tab has no row for it, or none with a weight above 0.",
    "The goal has no progress.",
    "Ship the new module, with no steps named.",
    "Add its steps in the Milestones tab, or choose another Kind",
)  # fmt: skip


def milestones_needed(book: TeamBook, as_of: date) -> Iterator[Finding]:
    named = {same_name(m.goal_id) for m in book.milestones}
    counted = {same_name(m.goal_id) for m in book.milestones if m.weight != 0}
    for goal in book.goals_to_judge:
        if goal.kind == "Milestones" and same_name(goal.goal_id) not in counted:
            lack = "only rows of weight 0" if same_name(goal.goal_id) in named else "no rows"
            yield MILESTONES_NEEDED.at(
                goal.at("kind"), f"{goal.goal_id} has {lack} in Milestones", goal=goal.goal_id, person=goal.owner
            )


TARGET_NOT_POSITIVE = Rule(
    "target_not_positive", E, "A Count or Flow goal with a target of zero or less",
    "Progress of a Count or Flow goal is what was done by the target, which must be above zero. A Flow goal may have a Plan instead.",
    "The goal has no progress.",
    "Count of 0 new customers.",
    "Correct Target, or choose Decrease for something that should go down",
)  # fmt: skip


def target_not_positive(book: TeamBook, as_of: date) -> Iterator[Finding]:
    planned = _planned(book)
    for goal in book.goals:
        phased = goal.kind == "Flow" and same_name(goal.goal_id) in planned
        if goal.kind in ("Count", "Flow") and goal.target is not None and goal.target <= 0 and not phased:
            yield TARGET_NOT_POSITIVE.at(
                goal.at("target"),
                f"{goal.goal_id} is a {goal.kind} goal with a target of {goal.target:g}",
                value=goal.target,
                goal=goal.goal_id,
                person=goal.owner,
            )


BASELINE_EQUALS_TARGET = Rule(
    "baseline_equals_target", E, "Baseline and target are the same",
    "Nothing has to change for this goal, so there is no way of which a part could be done.",
    "The goal has no progress.",
    "Increase from 5 to 5.",
    "Correct one of the two, or choose Maintain with Lower or Upper",
    anomaly=True,
)  # fmt: skip


def baseline_equals_target(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for goal in book.goals:
        if (
            goal.kind in ("Increase", "Decrease")
            and goal.target is not None
            and goal.baseline == goal.target
            and goal.lower is None
            and goal.upper is None
        ):
            yield BASELINE_EQUALS_TARGET.at(
                goal.at("target"),
                f"{goal.goal_id} goes from {goal.target:g} to {goal.target:g}",
                value=goal.target,
                goal=goal.goal_id,
                person=goal.owner,
            )


DIRECTION_MISMATCH = Rule(
    "direction_mismatch", E, "Kind and numbers say different directions",
    "The kind is Increase and the target lies below the baseline, or Decrease and it lies above.",
    "Which of the two is meant cannot be guessed; the goal has no progress.",
    "Decrease from 20 to 40.",
    "Correct Kind, Baseline or Target",
    anomaly=True,
)  # fmt: skip


def direction_mismatch(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for goal in book.goals:
        if goal.direction_mismatch:
            yield DIRECTION_MISMATCH.at(
                goal.at("kind"),
                f"{goal.goal_id} says {goal.kind} and goes from {goal.baseline:g} to {goal.target:g}",
                value=goal.kind,
                goal=goal.goal_id,
                person=goal.owner,
            )


LIMITS_REVERSED = Rule(
    "limits_reversed", E, "Lower lies above Upper",
    "No value can be above Lower and below Upper at once.",
    "Every reading would be out of range.",
    "Lower 25, Upper 18.",
    "Swap the two, or correct one",
    anomaly=True,
)  # fmt: skip


def limits_reversed(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for goal in book.goals:
        if goal.lower is not None and goal.upper is not None and goal.lower > goal.upper:
            yield LIMITS_REVERSED.at(
                goal.at("lower"),
                f"{goal.goal_id} has Lower {goal.lower:g} above Upper {goal.upper:g}",
                value=goal.lower,
                goal=goal.goal_id,
                person=goal.owner,
            )


DUE_BEFORE_START = Rule(
    "due_before_start", E, "The due date lies before the start",
    "A goal ends before it begins.",
    "No time passes between the two, so nothing can be expected and nothing judged.",
    "Start 2026-09-30, due 2026-08-31.",
    "Correct one of the two dates",
    anomaly=True,
)  # fmt: skip


def due_before_start(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for goal in book.goals:
        start, due = book.start_of(goal), book.due_of(goal)
        own = goal.start or goal.due  # a period that is reversed is said once, in Settings
        if own and start and due and due < start:
            yield DUE_BEFORE_START.at(
                goal.at("due" if goal.due else "start"),
                f"{goal.goal_id} is due on {due}, before its start on {start}",
                value=due,
                goal=goal.goal_id,
                person=goal.owner,
            )


DATES_OUTSIDE_PERIOD = Rule(
    "dates_outside_period", I, "A goal's dates lie outside the period",
    "The start or due date of a goal lies outside the period in Settings.",
    "It is scored by its own dates all the same; often one of them is a slip.",
    "Due 2027-03-31 in a workbook for 2026 Q1.",
    "Nothing to do if it is meant",
)  # fmt: skip


def dates_outside_period(book: TeamBook, as_of: date) -> Iterator[Finding]:
    first, last = book.settings.period_start, book.settings.period_end
    reversed_period = first and last and last < first  # said once, in Settings
    for goal in () if reversed_period else book.goals:
        for field, verb, day in (("start", "starts", goal.start), ("due", "is due", goal.due)):
            before, after = first and day and day < first, last and day and day > last
            if before or after:
                edge = f"before the period's start on {first}" if before else f"after the period's end on {last}"
                yield DATES_OUTSIDE_PERIOD.at(
                    goal.at(field),
                    f"{goal.goal_id} {verb} on {day}, {edge}",
                    value=day,
                    goal=goal.goal_id,
                    person=goal.owner,
                )


VAGUE_GOAL = Rule(
    "vague_goal", W, "Nobody could tell when it is reached",
    "The goal has neither a measure nor a target, limits, milestones or a plan.",
    "Specific goals help far more than do-your-best ones, and this one cannot be checked.",
    "Improve communication, kind Percent, no measure.",
    "Say in Measure what is counted and where the number comes from",
)  # fmt: skip


def vague_goal(book: TeamBook, as_of: date) -> Iterator[Finding]:
    supported = {same_name(m.goal_id) for m in book.milestones} | {same_name(p.goal_id) for p in book.plan}
    for goal in book.goals_to_judge:
        if goal.measure is None and not goal.has_numbers and same_name(goal.goal_id) not in supported:
            yield VAGUE_GOAL.at(
                goal.at("measure"), f"{goal.goal_id} has no measure and no target", goal=goal.goal_id, person=goal.owner
            )


DONE_WITHOUT_VALUE = Rule(
    "done_without_value", W, "Done, and no value says so",
    "The State is Done, and there is no check-in with a value.",
    "The goal has no progress to show.",
    "G2 is Done and nobody ever checked in.",
    "Add a check-in with the final value",
)  # fmt: skip


def done_without_value(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for goal in book.goals_to_judge:
        if goal.state != "Done" or goal.kind in ("Yes/No", "Milestones"):
            continue
        if all(c.value is None for c in book.checkins_of(goal)):
            yield DONE_WITHOUT_VALUE.at(
                goal.at("state"),
                f"{goal.goal_id} is Done without any value checked in",
                value=goal.state,
                goal=goal.goal_id,
                person=goal.owner,
            )


CHECKS = (
    duplicate_id, goal_needs_target, goal_needs_baseline, baseline_assumed_zero, count_baseline_unused, maintain_needs_limits,
    milestones_needed, target_not_positive, baseline_equals_target, direction_mismatch, limits_reversed, due_before_start, dates_outside_period, vague_goal, done_without_value,
)  # fmt: skip
