"""Checks of how goals hang together: weights and parents."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ..findings import Finding, Rule, Severity
from ..forms import Goal, same_name
from ..records.teambook import TeamBook

E, W, I = Severity.ERROR, Severity.WARNING, Severity.INFO

WEIGHTS_DO_NOT_SUM = Rule(
    "weights_do_not_sum", W, "Weights do not sum to 100",
    "The weights are given as percent, and those of one owner's goals do not come to 100.",
    "Weights are relative, so scores are right all the same; often a goal was forgotten or changed.",
    "60 and 50: they count as 55 and 45.",
    "Correct the weights if they are meant to be percent",
)  # fmt: skip


def weights_do_not_sum(book: TeamBook, as_of: date) -> Iterator[Finding]:
    goals = [g for g in book.goals if g.weight is not None]
    if not book.weights_in_percent or abs(sum(g.weight or 0 for g in goals) - 100) <= 0.5:
        return
    owners: dict[str, list[Goal]] = {}
    for goal in book.goals:
        owners.setdefault(same_name(goal.owner), []).append(goal)
    for mine in owners.values():
        total = sum(g.weight or 0 for g in mine)
        blank = any(g.weight is None for g in mine)
        if total and (total > 100.5 or (total < 99.5 and not blank)):
            first = next(g for g in mine if g.weight is not None)
            yield WEIGHTS_DO_NOT_SUM.at(
                first.at("weight"),
                f"The weights of {first.owner} sum to {total:g}, not to 100",
                value=total,
                goal=first.goal_id,
                person=first.owner,
            )


WEIGHT_BLANK = Rule(
    "weight_blank", I, "A goal without a weight among goals with one",
    "Some goals have a weight and this one has none.",
    "It gets what is left to 100, or else the mean of the others.",
    "Weights 50, 30 and empty: the third counts 20.",
    "Fill in Weight if that is not what you want; 0 means tracked, not counted",
)  # fmt: skip


def weight_blank(book: TeamBook, as_of: date) -> Iterator[Finding]:
    if any(g.weight is not None for g in book.goals):
        for goal in book.goals:
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


CHECKS = (weights_do_not_sum, weight_blank, parent_not_here, circular_parent, parent_retired)
