"""Many goals as one number: weights, coverage, bounds, and each goal counted once.

A set's number is the weighted mean over what is known; beside it stand the share that is known and
the bounds as if all that is missing were nothing, or complete.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from operator import mul
from typing import NamedTuple

from ..forms import Goal, same_name
from ..policy import Policy
from ..records.teambook import TeamBook
from . import words
from .goals import Kin, judged, score_goal
from .pace import Pace
from .parts import OUTSIDE, Flag, GoalScore, GroupScore, Original, Part, Status, worst_of
from .progress import has_own_measure
from .sums import exact_sum

OFF_BY = 0.5
"""Weights given as percent may miss 100 by this much."""

# ------------------------------------------------------------------------------------ arithmetic


class Member(NamedTuple):
    """One member of a set. `progress` None is missing; `low` and `high` are its own bounds."""

    weight: float
    progress: float | None
    expected: float | None = None
    low: float = 0.0
    high: float = 1.0
    coverage: float = 0.0


def known(weight: float, progress: float | None, cap: float = 1.0) -> Member:
    """A member that is measured, or missing altogether."""
    if progress is None:
        return Member(weight, None, high=cap)
    counts = min(cap, max(0.0, progress))
    return Member(weight, counts, None, counts, counts, 1.0)


class Rolled(NamedTuple):
    """A weighted mean with its coverage and bounds. None without a weight or without a known member."""

    progress: float | None
    expected: float | None
    coverage: float
    low: float | None
    high: float | None


def roll_up(members: Sequence[Member]) -> Rolled:
    """The weighted mean over the members that are known; bounds and coverage over all."""
    if not members:
        return Rolled(None, None, 0.0, None, None)
    weights, progress, expected, low, high, coverage = zip(*members, strict=True)
    whole = exact_sum(weights)
    if whole <= 0:
        return Rolled(None, None, 0.0, None, None)
    return Rolled(
        _mean(weights, progress),
        _mean(weights, [None if p is None else e for p, e in zip(progress, expected, strict=True)]),
        min(1.0, exact_sum(map(mul, weights, coverage)) / whole),
        exact_sum(map(mul, weights, low)) / whole,
        exact_sum(map(mul, weights, high)) / whole,
    )


def _mean(weights: Sequence[float], values: Sequence[float | None]) -> float | None:
    held = [(w, v) for w, v in zip(weights, values, strict=True) if v is not None]
    weight = exact_sum([w for w, _ in held])
    return exact_sum([w * v for w, v in held]) / weight if weight > 0 else None


def fill_weights(given: Sequence[float | None], percent: bool = False) -> list[float]:
    """Weights with the blanks filled: the rest of 100 shared if given as percent, else the mean of the given ones."""
    there = [w for w in given if w is not None]
    blanks = len(given) - len(there)
    if not any(there):  # nothing was given but "tracked, not counted"
        return [1.0 if w is None else w for w in given]
    rest = 100 - exact_sum(there)
    fill = rest / blanks if percent and blanks and rest > 0 else exact_sum(there) / len(there)
    return [fill if w is None else w for w in given]


def shares(weights: Sequence[float]) -> list[float]:
    """Weights as parts of 1; relative numbers are all they ever are."""
    whole = exact_sum(weights)
    return [w / whole if whole > 0 else 0.0 for w in weights]


def topmost(ids: Collection[str], parents: Mapping[str, str | None]) -> list[str]:
    """The members of a set without an ancestor in it, in the set's order. `parents` holds no cycle."""
    held = set(ids)

    def covered(key: str) -> bool:
        above = parents.get(key)
        while above is not None:
            if above in held:
                return True
            above = parents.get(above)
        return False

    return [key for key in ids if not covered(key)]


def parents_without_cycles(parents: Mapping[str, str | None]) -> tuple[dict[str, str | None], list[str]]:
    """Parents with every goal on a cycle made a root, and the goals of the cycles in order."""
    on_cycle: set[str] = set()
    clear: set[str] = set()
    for key in parents:
        path: list[str] = []
        step: str | None = key
        while step is not None and step not in clear and step not in path:
            path.append(step)
            step = parents.get(step)
        if step is not None and step in path:
            on_cycle.update(path[path.index(step) :])
        clear.update(path)
    return {k: None if k in on_cycle else p for k, p in parents.items()}, [k for k in parents if k in on_cycle]


# --------------------------------------------------------------------------------------- weights


def book_weights(goals: Sequence[Goal], percent: bool) -> tuple[dict[str, float], list[Flag]]:
    """Every goal's weight by id, blanks filled, and what is odd about them.

    Percent weights belong to the whole workbook if they sum to 100 at most, else to each owner.
    """
    live = [g for g in goals if g.state not in ("Draft", "Postponed", "Dropped")]
    whole = exact_sum(g.weight or 0.0 for g in live) <= 100 + OFF_BY
    scopes: dict[str, list[Goal]] = {}
    for goal in live:
        scopes.setdefault("" if whole or not percent else same_name(goal.owner), []).append(goal)
    weights = {same_name(g.goal_id): g.weight if g.weight is not None else 1.0 for g in goals}
    flags: list[Flag] = []
    for scope in scopes.values():
        filled = fill_weights([g.weight for g in scope], percent)
        weights.update({same_name(g.goal_id): w for g, w in zip(scope, filled, strict=True)})
        flags += _weight_flags(scope, filled, percent, goals)
    return weights, flags


def _weight_flags(scope: Sequence[Goal], filled: Sequence[float], percent: bool, goals: Sequence[Goal]) -> list[Flag]:
    flags, blank = [], [(g, w) for g, w in zip(scope, filled, strict=True) if g.weight is None]
    if blank and len(blank) < len(scope):
        flags += [
            Flag("weight_assumed", f"the weight is empty: {words.number(w)} is used", g.at("weight")) for g, w in blank
        ]
    total = exact_sum(g.weight or 0.0 for g in scope)
    shared_out = bool(blank) and total < 100
    if percent and len(blank) < len(scope) and not shared_out and not _sums_to_100(scope, goals):
        message = f"the weights sum to {words.number(total)} and not to 100; they are used as relative numbers"
        flags.append(Flag("weights_do_not_sum", message, scope[0].at("weight")))
    return flags


def _sums_to_100(scope: Sequence[Goal], goals: Sequence[Goal]) -> bool:
    """Whether the scope's weights make 100, with or without sub-goals and goals that are set aside."""
    ids, owners = {same_name(g.goal_id) for g in scope}, {same_name(g.owner) for g in scope}
    top = [g for g in scope if not (g.parent and same_name(g.parent) in ids)]
    wide = [g for g in goals if same_name(g.owner) in owners]
    return any(abs(exact_sum(g.weight or 0.0 for g in some) - 100) <= OFF_BY for some in (scope, top, wide))


# ------------------------------------------------------------------------- parents and containers


@dataclass(frozen=True, slots=True)
class Family:
    """How the goals of a workbook hang together, by folded ids; no cycles."""

    parents: dict[str, str | None]
    children: dict[str, tuple[str, ...]]
    deepest_first: tuple[str, ...]
    flags: tuple[Flag, ...] = ()


def family(goals: Mapping[str, Goal]) -> Family:
    """Parents within the workbook; a parent elsewhere makes a root, and so does a cycle."""
    said = {key: same_name(g.parent) if g.parent else None for key, g in goals.items()}
    parents, cyclic = parents_without_cycles({key: p if p in goals else None for key, p in said.items()})
    children: dict[str, list[str]] = {}
    for key, parent in parents.items():
        if parent is not None:
            children.setdefault(parent, []).append(key)
    flags = tuple(
        Flag(
            "cycle",
            f"{goals[k].goal_id} is its own ancestor; it is treated as a goal without parent",
            goals[k].at("parent"),
        )
        for k in cyclic
    )
    depth = _depths(parents)
    order = sorted(goals, key=lambda k: -depth[k])
    return Family(parents, {k: tuple(v) for k, v in children.items()}, tuple(order), flags)


def _depths(parents: Mapping[str, str | None]) -> dict[str, int]:
    depth: dict[str, int] = {}
    for key in parents:
        path, step = [], key
        while step not in depth and (above := parents[step]) is not None:
            path.append(step)
            step = above
        depth.setdefault(step, 0)
        for below in reversed(path):
            depth[below] = depth[parents[below] or below] + 1
    return depth


def member_of(score: GoalScore, cap: float) -> Member:
    """A goal's score as a member of a roll-up."""
    coverage = score.coverage if score.container else float(score.progress is not None and not score.assumed)
    return Member(
        score.weight,
        score.progress,
        score.expected,
        score.low,
        score.high if score.container else min(cap, score.high),
        coverage,
    )


def _counts(score: GoalScore) -> bool:
    return score.counted and score.weight > 0


def with_children(
    score: GoalScore, children: Sequence[GoalScore], own_measure: bool, as_of: date, policy: Policy
) -> GoalScore:
    """A parent's score with its children: their container, or itself with their roll-up beside it."""
    inside = [c for c in children if _counts(c)]
    rolled = roll_up([member_of(c, policy.cap) for c in inside])
    if own_measure:
        return _beside_children(score, rolled, policy)
    return _container(score, inside, children, rolled, as_of, policy)


def _beside_children(score: GoalScore, rolled: Rolled, policy: Policy) -> GoalScore:
    flags = score.flags
    apart = None if score.progress is None or rolled.progress is None else abs(score.progress - rolled.progress)
    if apart is not None and apart > policy.conflict_gap:
        message = f"the goal's own progress is {words.percent(score.progress or 0)}, its sub-goals' {words.percent(rolled.progress or 0)}"
        flags += (Flag("parent_child_conflict", message, score.address),)
    beside = copy(score)
    beside.children_progress, beside.flags = rolled.progress, flags
    return beside


def _container(
    score: GoalScore,
    inside: Sequence[GoalScore],
    children: Sequence[GoalScore],
    rolled: Rolled,
    as_of: date,
    policy: Policy,
) -> GoalScore:
    progress = rolled.progress if rolled.coverage >= policy.none_below else None
    reason = None if progress is not None else _container_reason(inside, rolled)
    hoped = rolled.expected if progress is not None else None
    ratio = progress / hoped if progress is not None and hoped else None
    run = (
        Pace(hoped, score.whole_elapsed or 0, score.whole_days or 0, ratio=ratio)
        if score.whole_elapsed is not None
        else None
    )
    status = score.status if score.status in OUTSIDE else judged(progress, run, score.due, as_of, score.cadence, policy)
    if policy.worst_wins and status not in OUTSIDE:
        status = worst_of(c.status for c in inside) or status
    return replace(
        score, container=True, raw_progress=progress, progress=progress, expected=hoped, current=None, spi_t=None,
        earned_schedule=None, tspi=None, forecast=None, forecast_finish=None, pace_ratio=ratio,
        finish_reason="the goal is the sum of its sub-goals", forecast_reason="the goal is the sum of its sub-goals",
        coverage=rolled.coverage, low=rolled.low if rolled.low is not None else 0.0,
        high=rolled.high if rolled.high is not None else policy.cap, children_progress=rolled.progress, reason=reason,
        flags=(), listed=partial(_member_parts, children), status=status, status_reason=_container_status(status, score, progress, hoped, reason),
        told=partial(_told_of, inside, progress, hoped, rolled, False, reason),
        first_agreed=partial(_sum_against_original, score, progress, hoped, status),
    )  # fmt: skip


def _sum_against_original(alone: GoalScore, progress: float | None, hoped: float | None, status: Status) -> Original:
    """A sum of sub-goals has the first plan of its own row, and the numbers of today's sum."""
    return alone.vs_original._replace(
        raw_progress=progress, progress=progress, expected=hoped, spi_t=None, status=status
    )


def _told_of(
    members: Sequence[GoalScore],
    progress: float | None,
    hoped: float | None,
    rolled: Rolled,
    thin: bool,
    reason: str | None,
) -> tuple[str, ...]:
    parts = _member_parts(members)
    return words.group_sentences(progress, hoped, rolled.coverage, rolled.low, rolled.high, parts, thin, reason)


def _member_parts(members: Sequence[GoalScore]) -> tuple[Part, ...]:
    return tuple(map(_member_part, members))


def _container_reason(inside: Sequence[GoalScore], rolled: Rolled) -> str:
    if not inside:
        return "none of its sub-goals counts yet"
    return (
        "no sub-goal has a number"
        if rolled.progress is None
        else f"only {words.percent(rolled.coverage)} of its sub-goals are known"
    )


def _container_status(
    status: Status, score: GoalScore, progress: float | None, hoped: float | None, reason: str | None
) -> str:
    if status in OUTSIDE or progress is None:
        return score.status_reason if status in OUTSIDE else f"There is no progress number: {reason}."
    said = f"Its sub-goals together are at {words.percent(progress)}"
    return f"{said}, {words.percent(hoped)} expected today." if hoped is not None else f"{said}."


def _member_part(score: GoalScore) -> Part:
    """A goal as a part of a sum. Weight 0 is what is not in it."""
    out = None if _counts(score) else "not counted: weight 0" if score.counted else f"not counted: {score.status.value}"
    weight = score.weight if out is None else 0.0
    return Part(f"{score.goal_id} {score.goal}", score.progress, weight, score.address, out or score.reason)


def score_goals(book: TeamBook, as_of: date) -> tuple[dict[str, GoalScore], Family, tuple[Flag, ...]]:
    """Every goal of the workbook with weight, parent and children, by folded id in the order of rows."""
    goals = book.goals_by_id
    tree = family(goals)
    weights, weight_flags = book_weights(list(goals.values()), book.weights_in_percent)
    found: dict[str, GoalScore] = {}
    for key in tree.deepest_first:
        below = [found[c] for c in tree.children.get(key, ())]
        parent = tree.parents[key]
        kin = Kin(goals[parent].goal_id if parent else None, tuple(c.goal_id for c in below), weights[key])
        score = score_goal(book, goals[key], as_of, kin)
        found[key] = (
            with_children(score, below, has_own_measure(book, goals[key]), as_of, book.policy) if below else score
        )
    return {key: found[key] for key in goals}, tree, (*tree.flags, *weight_flags)


def score_group(scores: Mapping[str, GoalScore], parents: Mapping[str, str | None], policy: Policy) -> GroupScore:
    """The roll-up of a set of goals: only its top-most ones count, each once."""
    counting = {key: s for key, s in scores.items() if s.counted and s.weight > 0}
    top = [counting[key] for key in topmost(tuple(counting), parents)]
    rolled = roll_up([member_of(s, policy.cap) for s in top])
    enough = rolled.progress is not None and rolled.coverage >= policy.none_below
    reason = (
        None
        if enough
        else "no goals to add up"
        if not top
        else f"only {words.percent(rolled.coverage)} of the weight is known"
    )
    thin = bool(top) and rolled.coverage < policy.partial_below
    progress, hoped = (rolled.progress, rolled.expected) if enough else (None, None)
    statuses = tuple([s.status for s in scores.values()])
    return GroupScore(
        progress, hoped, rolled.coverage, rolled.low, rolled.high, statuses, thin, len(top), reason, partial(_member_parts, top),
        partial(_told_of, top, progress, hoped, rolled, thin, reason),
    )  # fmt: skip
