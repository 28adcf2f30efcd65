"""Whose goals a sum really rests on: a team of seven whose number is its head's one goal is a number of one person.

A goal that is measured by itself speaks for itself, whatever stands below it; one that is not is the
sum of its sub-goals. What has no number or no weight is in no sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from ..forms import same_name
from ..scoring.rollup import parents_without_cycles, topmost
from .alignment import Node, key_of

Row = Mapping[str, Any]


@dataclass
class _Part:
    """One goal in a tree: whether it has a number, what it weighs in the sum above it, and whether the number is its own."""

    known: bool
    weight: float
    own: bool
    children: list[str] = field(default_factory=list)


Shares = dict[str, Fraction]
"""Goals, by key, whose own progress is in a number, each with its share of it."""
MOST = 10_000
"""Weights are taken as fractions with at most so many parts."""


def behind_team(goals: Sequence[Row]) -> Shares:
    """The goals whose own progress is in the number of their workbook. `goals` are the rows of that workbook."""
    rows = {same_name(row["goal_id"]): row for row in goals}
    said = {key: same_name(row["parent"]) if row["parent"] else None for key, row in rows.items()}
    parents, _ = parents_without_cycles({key: p if p in rows else None for key, p in said.items()})
    parts = {
        key: _Part(row["progress"] is not None, (row["weight"] or 0.0) if row["counted"] else 0.0, True)
        for key, row in rows.items()
    }
    for key, parent in parents.items():
        if parent is not None:
            parts[parent].children.append(key)
            parts[parent].own = bool(rows[parent]["measured"])
    top = topmost([key for key, part in parts.items() if part.weight > 0], parents)
    return {key_of(rows[key]): share for key, share in _shares(top, parts).items()}


def behind_parents(nodes: Iterable[Node]) -> tuple[dict[str, set[str]], dict[str, Shares]]:
    """For each goal with sub-goals, by key, those that weigh in what is known below it, and those in its number.

    `nodes` are in the order of the tree.
    """
    parts: dict[str, _Part] = {}
    above: list[str] = []
    for node in nodes:
        del above[node.level :]
        if above:
            parts[above[-1]].children.append(node.key)
        above.append(node.key)
        parts[node.key] = _Part(node.progress is not None, node.share, bool(node.row["measured"]) or not node.children)
    above_others = {key: part.children for key, part in parts.items() if part.children}
    weighing = {key: _weighing(children, parts) for key, children in above_others.items()}
    return weighing, {key: _shares(children, parts) for key, children in above_others.items()}


def _weighing(members: Iterable[str], parts: Mapping[str, _Part]) -> set[str]:
    """The goals with a measure of their own that weigh in some members, with a number or without."""
    found: set[str] = set()
    waiting = list(members)
    while waiting:
        part = parts[key := waiting.pop()]
        if part.weight > 0:
            found.update([key] if part.own else ())
            waiting += [] if part.own else part.children
    return found


def _shares(members: Sequence[str], parts: Mapping[str, _Part]) -> Shares:
    """What each goal with a measure of its own has in the weighted mean of some members."""
    found: Shares = {}
    waiting = [(members, Fraction(1))]
    while waiting:
        group, whole = waiting.pop()
        weights = {key: _weight(parts[key]) for key in group if parts[key].known and parts[key].weight > 0}
        total = sum(weights.values())
        for key, weight in weights.items():
            if parts[key].own:
                found[key] = whole * weight / total
            else:
                waiting.append((parts[key].children, whole * weight / total))
    return found


def _weight(part: _Part) -> Fraction:
    return Fraction(part.weight).limit_denominator(MOST) or Fraction(1, MOST)
