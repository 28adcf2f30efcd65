"""Goals find their parents across workbooks: one tree with roll-up, and what is missing in it.

A goal's parent is looked for in its own workbook first, then among all others of the period. Every
goal counts once: a parent that is measured by itself speaks for itself, one that is not is the
sum of its children. Weights are relative within a workbook, so that children from several
workbooks weigh by their share of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..forms import same_name
from ..policy import Policy
from ..scoring.rollup import Member, Rolled, parents_without_cycles, roll_up, topmost
from ..scoring.words import percent
from .packing import Row, allow


@allow
class Hanging(NamedTuple):
    """A goal whose parent is in another workbook, with all that stands below it in its own, settled by itself."""

    share: float
    tops: tuple[Member, ...]
    """What counts of it where nothing above it does."""
    levels: int
    """How many levels it has."""
    tree: bytes
    """Its lines of the tree, packed, if they are to be painted; their levels are counted from the goal itself."""


@dataclass(frozen=True, slots=True)
class Node:
    """One goal in the tree: its level (0 is top-most), its numbers, and what is worth knowing of its place."""

    key: str
    row: Row
    level: int
    children: int
    progress: float | None
    """Its own, or that of its children where it has no measure of its own."""
    expected: float | None
    below: Rolled | None
    """Its children rolled up; None without children."""
    share: float = 0.0
    """Its weight in whatever it is summed into; nothing if it does not count."""
    remark: str = ""

    @property
    def hanging(self) -> Hanging | None:
        """What stands for the goals below it, if they were settled with their workbook."""
        return self.row.get("hanging")

    @property
    def levels(self) -> int:
        """How many levels it stands for."""
        return self.hanging.levels if self.hanging else 1

    @property
    def alone(self) -> bool:
        """Whether nothing stands above or below it."""
        return self.level == 0 and not self.children


@dataclass(frozen=True)
class Alignment:
    """The tree from top to bottom, every goal once, and what does not hang together."""

    nodes: tuple[Node, ...] = ()
    total: Rolled = Rolled(None, None, 0.0, None, None)
    """The top-most goals rolled up: no goal counts twice."""
    broken: tuple[str, ...] = ()
    """Keys of goals whose parent is in no workbook, or in several."""
    circular: tuple[str, ...] = ()
    unsupported: tuple[str, ...] = ()
    """Keys of handed-down goals that no goal supports."""
    found_elsewhere: frozenset[str] = frozenset()
    """Keys of goals whose parent stands in another workbook."""

    members: tuple[Member, ...] = ()
    """The top-most goals that count."""


def key_of(row: Row) -> str:
    """A goal's key over all workbooks."""
    return f"{row['file']}\n{same_name(row['goal_id'])}"


Counts = Mapping[tuple[str | None, str], int]
"""How many workbooks hold a goal of a period and a (folded) id."""


def align(rows: Iterable[Row], policy: Policy, held: Counts | None = None) -> Alignment:
    """The tree of all goals. `rows` are goals as they are consolidated, in the order of their workbooks.

    If these are only some of the goals, `held` says how often each id is there among all of them. A row may be
    `hanging`: it stands for all goals below it.
    """
    goals = {key_of(row): row for row in rows}
    said, remarks = _parents(goals, held or {})
    parents, circular = parents_without_cycles(said)
    children: dict[str, list[str]] = {}
    for key, parent in parents.items():
        if parent is not None:
            children.setdefault(parent, []).append(key)
    elsewhere = frozenset(k for k, p in parents.items() if p is not None and goals[p]["file"] != goals[k]["file"])
    unsupported = _unsupported(goals, parents, children, elsewhere)
    broken = tuple(remarks)
    remarks |= dict.fromkeys(circular, "one of its own ancestors: counted as top-most")
    remarks |= dict.fromkeys(unsupported, "no goal supports it")
    share = _weights(goals, parents)
    nodes = _rolled(goals, parents, children, remarks, share, policy)
    members = tuple(_members(nodes, parents))
    total = roll_up(members)
    ordered = _in_order(nodes, parents, children)
    return Alignment(ordered, total, broken, tuple(circular), unsupported, elsewhere, members)


# ------------------------------------------------------------------------------ who is whose parent


def _parents(goals: Mapping[str, Row], held: Counts) -> tuple[dict[str, str | None], dict[str, str]]:
    """Each goal's parent by key, and a remark for those whose parent cannot be told."""
    by_id: dict[tuple[Any, str], list[str]] = {}
    for key, row in goals.items():
        by_id.setdefault((row["period"], same_name(row["goal_id"])), []).append(key)
    parents: dict[str, str | None] = {}
    remarks: dict[str, str] = {}
    for key, row in goals.items():
        parents[key] = None
        if not row["parent"]:
            continue
        own = f"{row['file']}\n{same_name(row['parent'])}"
        wanted = row["period"], same_name(row["parent"])
        others = [own] if own in goals else by_id.get(wanted, [])
        count = len(others) if own in goals else held.get(wanted, len(others))
        if count == 1 and others[0] != key:
            parents[key] = others[0]
        else:
            remarks[key] = _why_not(row, count, others[:1] == [key])
    return parents, remarks


def _why_not(row: Row, found: int, itself: bool) -> str:
    if itself:
        return "names itself as its parent"
    return f"its parent {row['parent']} stands in {found} workbooks: which one is meant?" if found else nowhere(row)


def nowhere(row: Row) -> str:
    """What is said of a goal whose parent is not there."""
    return f"its parent {row['parent']} stands in no workbook of this period"


def _unsupported(
    goals: Mapping[str, Row],
    parents: Mapping[str, str | None],
    children: Mapping[str, Sequence[str]],
    elsewhere: Iterable[str],
) -> tuple[str, ...]:
    """Top-most goals without support whose owner has others that goals of other workbooks support.

    Only these were handed down; a personal goal beside them needs nobody below it.
    """
    above = [goals[parents[k] or k] for k in elsewhere]
    handing = {(row["file"], same_name(row["owner"])) for row in above}
    return tuple(
        k
        for k, row in goals.items()
        if (row["file"], same_name(row["owner"])) in handing and k not in children and not row["parent"]
    )


# ------------------------------------------------------------------------------------- the numbers


def _rolled(
    goals: Mapping[str, Row],
    parents: Mapping[str, str | None],
    children: Mapping[str, Sequence[str]],
    remarks: Mapping[str, str],
    share: Mapping[str, float],
    policy: Policy,
) -> dict[str, Node]:
    """Every goal with its children's roll-up, the deepest first."""
    levels = _levels(parents)
    nodes: dict[str, Node] = {}
    for key in sorted(goals, key=lambda k: -levels[k]):
        below = [nodes[k] for k in children.get(key, ()) if goals[k]["counted"]]
        rolled = roll_up([_member(node, share[node.key]) for node in below]) if key in children else None
        row, counts = goals[key], share[key] if goals[key]["counted"] else 0.0
        progress, expected, remark = _judged(row, rolled, remarks.get(key, ""), policy)
        beneath = len(children.get(key, ()))
        nodes[key] = Node(key, row, levels[key], beneath, progress, expected, rolled, counts, remark)
    return nodes


def _judged(row: Row, below: Rolled | None, remark: str, policy: Policy) -> tuple[float | None, float | None, str]:
    """A goal's progress, or its children's where it has none of its own, what is expected, and what sets them apart."""
    progress, expected = row["progress"], row["expected"]
    if below is None or below.progress is None:
        return progress, expected, remark
    if not row["measured"]:
        if below.coverage >= policy.none_below:
            return below.progress, below.expected, remark
        return None, None, remark or f"only {percent(below.coverage)} of what supports it is known"
    apart = None if progress is None else progress - below.progress
    if apart is not None and abs(apart) > policy.conflict_gap and not remark:
        side = "ahead of" if apart > 0 else "behind"
        remark = f"{percent(abs(apart))} {side} the goals that support it"
    return progress, expected, remark


def _member(node: Node, weight: float) -> Member:
    row = node.row
    if node.children and not row["measured"] and node.below is not None:
        low = node.below.low if node.below.low is not None else 0.0
        high = node.below.high if node.below.high is not None else 1.0
        return Member(weight, node.progress, node.expected, low, high, node.below.coverage)
    return Member(
        weight, row["progress"], row["expected"], row["low"] or 0.0, row["high"] or 0.0, row["coverage"] or 0.0
    )


def member_of(node: Node) -> Member:
    """What a goal is in the sum over the top-most goals that count."""
    return _member(node, node.share)


def _members(nodes: Mapping[str, Node], parents: Mapping[str, str | None]) -> Iterator[Member]:
    """The top-most goals that count; below a goal that hangs from another workbook's and does not count, those of its own."""
    counted = [key for key, node in nodes.items() if counts(node.row)]
    yield from (member_of(nodes[key]) for key in topmost(counted, parents))
    open_keys = [key for key, node in nodes.items() if node.hanging and not counts(node.row)]
    held = set(counted)
    for key in set(topmost([*counted, *open_keys], parents)) - held:
        yield from nodes[key].row["hanging"].tops


def counts(row: Row) -> bool:
    """Whether a goal is in any sum; one that weighs nothing is only tracked, and hides no sub-goal."""
    return bool(row["counted"]) and (row["weight"] or 0.0) > 0


def _weights(goals: Mapping[str, Row], parents: Mapping[str, str | None]) -> dict[str, float]:
    """Each goal's weight as a share of the top-most goals of its own workbook."""
    within = {k: p if p is not None and goals[p]["file"] == goals[k]["file"] else None for k, p in parents.items()}
    whole: dict[str, float] = {}
    for key in topmost([k for k, row in goals.items() if counts(row)], within):
        row = goals[key]
        whole[row["file"]] = whole.get(row["file"], 0.0) + (row["weight"] or 0.0)

    def share(row: Row) -> float:
        if hanging := row.get("hanging"):
            return float(hanging.share)
        return (row["weight"] or 0.0) / whole[row["file"]] if whole.get(row["file"]) else 0.0

    return {key: share(row) for key, row in goals.items()}


# --------------------------------------------------------------------------------------- the order


def _levels(parents: Mapping[str, str | None]) -> dict[str, int]:
    """How many goals stand above each. `parents` holds no cycle."""
    levels: dict[str, int] = {}
    for key in parents:
        path: list[str] = []
        step: str | None = key
        while step is not None and step not in levels:
            path.append(step)
            step = parents[step]
        depth = -1 if step is None else levels[step]
        for above in reversed(path):
            depth += 1
            levels[above] = depth
    return levels


def _in_order(
    nodes: Mapping[str, Node], parents: Mapping[str, str | None], children: Mapping[str, Sequence[str]]
) -> tuple[Node, ...]:
    """Trees from top to bottom first, then the goals that stand alone; each in the order of the workbooks."""
    tops = [key for key in parents if parents[key] is None]
    open_keys = [*(k for k in reversed(tops) if nodes[k].alone), *(k for k in reversed(tops) if not nodes[k].alone)]
    ordered: list[Node] = []
    while open_keys:
        key = open_keys.pop()
        ordered.append(nodes[key])
        open_keys += reversed(children.get(key, ()))
    return tuple(ordered)
