"""Checks of how goals hang together: weights and parents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from ..findings import Finding, Rule, Severity
from ..forms import Goal, same_name
from ..records.teambook import TeamBook

E, W, I = Severity.ERROR, Severity.WARNING, Severity.INFO

WEIGHTS_DO_NOT_SUM = Rule(
    "weights_do_not_sum", W, "Weights do not sum to 100",
    "The weights are given as percent, and neither the whole workbook's nor those of one owner's goals come to 100.",
    "Weights are relative, so scores are right all the same; often a goal was forgotten or changed.",
    "60 and 50: they count as 55 and 45.",
    "Correct the weights if they are meant to be percent",
)  # fmt: skip


def weights_do_not_sum(book: TeamBook, as_of: date) -> Iterator[Finding]:
    owners: dict[str, list[Goal]] = {}
    for goal in book.goals:
        owners.setdefault(same_name(goal.owner), []).append(goal)
    for mine in () if not book.weights_in_percent or _makes_100(book.goals) else owners.values():
        running = [g for g in mine if _counts(g)]
        total = sum(g.weight or 0 for g in running)
        shared_out = total < 100 and any(g.weight is None for g in running)
        if total and not shared_out and not _makes_100(mine):
            first = next(g for g in running if g.weight is not None)
            yield WEIGHTS_DO_NOT_SUM.at(
                first.at("weight"),
                f"The weights of {first.owner} sum to {total:g}, not to 100",
                value=total,
                goal=first.goal_id,
                person=first.owner,
            )


def _counts(goal: Goal) -> bool:
    return goal.state not in ("Draft", "Postponed", "Dropped")


def _makes_100(goals: Sequence[Goal]) -> bool:
    """Whether weights come to 100: all of them, those of running goals, or those of the topmost of these."""
    running = [g for g in goals if _counts(g)]
    ids = {same_name(g.goal_id) for g in running}
    top = [g for g in running if same_name(g.parent or "") not in ids]
    return any(abs(sum(g.weight or 0 for g in some) - 100) <= 0.5 for some in (goals, running, top))


WEIGHT_BLANK = Rule(
    "weight_blank", I, "A goal without a weight among goals with one",
    "Some goals have a weight and this one has none.",
    "It gets what is left to 100, or else the mean of the others.",
    "Weights 50, 30 and empty: the third counts 20.",
    "Fill in Weight if that is not what you want; 0 means tracked, not counted",
)  # fmt: skip


def weight_blank(book: TeamBook, as_of: date) -> Iterator[Finding]:
    running = [g for g in book.goals if _counts(g)]
    if any(g.weight is not None for g in running):
        for goal in running:
            if goal.weight is None:
                yield WEIGHT_BLANK.at(
                    goal.at("weight"),
                    f"{goal.goal_id} has no weight, and others have one",
                    goal=goal.goal_id,
                    person=goal.owner,
                )


PARENT_NOT_HERE = Rule(
    "parent_not_here", I, "The parent goal is not in this workbook",
    "The Parent goal cell names an id that is not in this Goals tab.",
    "The parent may stand in another workbook (an organisation's goals); it may also be a slip.",
    "T1 supports O1, which stands in the head office's workbook.",
    "Nothing to do if the parent is elsewhere",
)  # fmt: skip


def parent_not_here(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for goal in book.goals:
        if goal.parent and same_name(goal.parent) not in book.goals_by_id:
            yield PARENT_NOT_HERE.at(
                goal.at("parent"),
                f"{goal.goal_id} supports {goal.parent}, which is not in this workbook",
                value=goal.parent,
                goal=goal.goal_id,
            )


CIRCULAR_PARENT = Rule(
    "circular_parent", E, "Goals that are each other's parents",
    "Following the Parent goal column leads back to the same goal.",
    "A goal cannot support itself; it is treated as one without a parent.",
    "G1 supports G2, and G2 supports G1.",
    "Clear or correct the Parent goal of one of them",
)  # fmt: skip


def circular_parent(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for goal in book.goals:
        if same_name(goal.parent or "") == same_name(goal.goal_id):
            continue  # parent_is_itself says so
        seen, current = {same_name(goal.goal_id)}, goal
        while current.parent and same_name(current.parent) in book.goals_by_id:
            key = same_name(current.parent)
            if key == same_name(goal.goal_id):
                yield CIRCULAR_PARENT.at(
                    goal.at("parent"),
                    f"Following the parents of {goal.goal_id} leads back to {goal.goal_id}",
                    value=goal.parent,
                    goal=goal.goal_id,
                )
            if key in seen:
                break
            seen.add(key)
            current = book.goals_by_id[key]


PARENT_IS_ITSELF = Rule(
    "parent_is_itself", E, "A goal is its own parent",
    "The Parent goal cell names the goal's own id.",
    "A goal cannot support itself; it is treated as one without a parent.",
    "G1 with the parent G1, often a row copied or filled down.",
    "Name the goal that it supports, or clear the cell",
)  # fmt: skip


def parent_is_itself(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for goal in book.goals:
        if goal.parent and same_name(goal.parent) == same_name(goal.goal_id):
            yield PARENT_IS_ITSELF.at(
                goal.at("parent"), f"{goal.goal_id} names itself as its parent", value=goal.parent, goal=goal.goal_id
            )


NO_PARENT = Rule(
    "no_parent", I, "A goal that supports no other",
    "Most goals of this workbook name a parent, and this one does not, nor is it the parent of another.",
    "Work that supports nothing larger is worth a question; it counts all the same.",
    "T4 without a parent, where T1, T2 and T3 support O1.",
    "Fill in Parent goal if there is one, here or in another workbook",
)  # fmt: skip


def no_parent(book: TeamBook, as_of: date) -> Iterator[Finding]:
    parents = {same_name(g.parent) for g in book.goals if g.parent}
    alone = [g for g in book.goals if not g.parent and same_name(g.goal_id) not in parents and _counts(g)]
    if sum(g.parent is not None for g in book.goals) > len(alone):
        for goal in alone:
            yield NO_PARENT.at(
                goal.at("parent"),
                f"{goal.goal_id} has no parent, most others have one",
                goal=goal.goal_id,
                person=goal.owner,
            )


PARENT_RETIRED = Rule(
    "parent_retired", W, "The parent goal is dropped or postponed",
    "A running goal supports one that has been given up or put off.",
    "The reason for the goal may be gone.",
    "T3 supports G1, whose State is Dropped.",
    "Decide whether the goal still makes sense; give it another parent or drop it",
)  # fmt: skip


def parent_retired(book: TeamBook, as_of: date) -> Iterator[Finding]:
    for goal in book.goals:
        parent = book.goals_by_id.get(same_name(goal.parent or ""))
        if parent and parent.state in ("Dropped", "Postponed") and goal.state in (None, "Active"):
            yield PARENT_RETIRED.at(
                goal.at("parent"),
                f"{goal.goal_id} supports {parent.goal_id}, which is {parent.state}",
                value=goal.parent,
                goal=goal.goal_id,
                person=goal.owner,
            )


CHECKS = (
    weights_do_not_sum,
    weight_blank,
    parent_not_here,
    circular_parent,
    parent_is_itself,
    no_parent,
    parent_retired,
)
