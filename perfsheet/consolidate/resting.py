"""Whose goals a sum really rests on: a team of seven whose number is its head's one goal is a number of one person.

A goal that is measured by itself speaks for itself, whatever stands below it; one that is not is the
sum of its sub-goals. What has no number or no weight is in no sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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


def behind_team(goals: Sequence[Row]) -> set[str]:
    """The goals, by key, whose own progress is in the number of their workbook. `goals` are the rows of that workbook."""
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
    return {key_of(rows[key]) for key in _resting(top, parts)}


def behind_parents(nodes: Iterable[Node]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """For each goal with sub-goals, by key, those that weigh in what is known below it, and those of them in its number.

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
    weighing = {key: _resting(children, parts, known=False) for key, children in above_others.items()}
    return weighing, {key: _resting(children, parts) for key, children in above_others.items()}


def _resting(members: Iterable[str], parts: Mapping[str, _Part], known: bool = True) -> set[str]:
    """The goals with a measure of their own that make up the sum of some members; with `known` only those with a number."""
    found: set[str] = set()
    waiting = list(members)
    while waiting:
        part = parts[key := waiting.pop()]
        if part.weight <= 0 or (known and not part.known):
            continue
        if part.own:
            found.add(key)
        else:
            waiting += part.children
    return found
