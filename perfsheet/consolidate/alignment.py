"""Goals find their parents across workbooks: one tree with roll-up, and what is missing in it.

A goal's parent is looked for in its own workbook first, then among all others of the period. Every
goal counts once: a parent that is measured by itself speaks for itself, one that is not is the
sum of its children. Weights are relative within a workbook, so that children from several
workbooks weigh by their share of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

from ..forms import same_name
from ..policy import Policy
from ..scoring.rollup import Member, Rolled, parents_without_cycles, roll_up, topmost
from ..scoring.words import percent
from ..tables import Segment
from .packing import Row, allow

T = TypeVar("T")


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

    If these are only some of the goals, `held` says how often each id is there among all of them.
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
    tops = [nodes[key] for key in topmost([k for k, row in goals.items() if _counts(row)], parents)]
    members = tuple(_member(node, share[node.key]) for node in tops)
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
    where = "stands in no workbook of this period" if not found else f"stands in {found} workbooks: which one is meant?"
    return f"its parent {row['parent']} {where}"


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


def _counts(row: Row) -> bool:
    """Whether a goal is in any sum; one that weighs nothing is only tracked, and hides no sub-goal."""
    return bool(row["counted"]) and (row["weight"] or 0.0) > 0


def _weights(goals: Mapping[str, Row], parents: Mapping[str, str | None]) -> dict[str, float]:
    """Each goal's weight as a share of the top-most goals of its own workbook."""
    within = {k: p if p is not None and goals[p]["file"] == goals[k]["file"] else None for k, p in parents.items()}
    whole: dict[str, float] = {}
    for key in topmost([k for k, row in goals.items() if _counts(row)], within):
        row = goals[key]
        whole[row["file"]] = whole.get(row["file"], 0.0) + (row["weight"] or 0.0)
    return {
        k: (row["weight"] or 0.0) / whole[row["file"]] if whole.get(row["file"]) else 0.0 for k, row in goals.items()
    }


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


# ------------------------------------------------------------------------------------- the parts

SHOWN = ("goal", "goal_id", "team", "owner", "status", "cell", "file")
"""What the tree shows of a goal as it stands in its workbook."""


def tree_row(node: Node) -> dict[str, Any]:
    """A goal as a line of the tree."""
    below = node.below
    return {
        **{name: node.row[name] for name in SHOWN}, "key": node.key, "level": node.level, "progress": node.progress, "expected": node.expected, "children": node.children or None,
        "below": below and below.progress, "below_coverage": below and below.coverage, "remark": node.remark,
    }  # fmt: skip


@allow
class Branch(NamedTuple):
    """Goals that hang together, of one workbook or of several: what they add to the whole tree."""

    members: tuple[Member, ...]
    """The top-most goals that count."""
    broken: tuple[Row, ...]
    circular: tuple[Row, ...]
    unsupported: tuple[Row, ...]
    """Where these stand, and what they are called."""
    top_most: int
    levels: int
    elsewhere: frozenset[str]
    trees: tuple[tuple[str, Segment], ...] = ()
    """The painted rows of the trees, by the file of the goal on top."""
    single: tuple[tuple[str, Segment], ...] = ()
    """And of the goals that stand alone."""


def branch_of(tree: Alignment, paint: Callable[[Sequence[Row]], Segment] | None = None) -> Branch:
    """What goals add to the whole, with their rows painted if somebody paints them."""
    where = {node.key: {name: node.row[name] for name in ("file", "cell", "goal_id", "goal")} for node in tree.nodes}
    blocks: dict[bool, list[tuple[str, Segment]]] = {True: [], False: []}
    if paint is not None:
        for (file, single), nodes in _blocks(tree.nodes):
            blocks[single].append((file, paint([tree_row(node) for node in nodes])))

    def placed(keys: Iterable[str]) -> tuple[Row, ...]:
        return tuple(where[key] for key in keys)

    return Branch(
        tree.members, placed(tree.broken), placed(tree.circular), placed(tree.unsupported),
        sum(node.level == 0 for node in tree.nodes), 1 + max((node.level for node in tree.nodes), default=-1), tree.found_elsewhere,
        tuple(blocks[False]), tuple(blocks[True]),
    )  # fmt: skip


def _blocks(nodes: Iterable[Node]) -> Iterator[tuple[tuple[str, bool], Iterable[Node]]]:
    """The nodes by the file of the goal on top of them, and whether it stands alone."""
    top: list[Node] = []

    def block(node: Node) -> tuple[str, bool]:
        if node.level == 0:
            top[:] = [node]
        return top[0].row["file"], top[0].alone

    yield from groupby(nodes, block)


@dataclass(frozen=True)
class Whole:
    """All branches together, in the order of the files."""

    branches: tuple[Branch, ...]
    order: Mapping[str, int]
    """The place of each file."""

    @cached_property
    def total(self) -> Rolled:
        """The top-most goals rolled up: no goal counts twice. Sums are exact, so their order is of no account."""
        return roll_up([member for branch in self.branches for member in branch.members])

    @property
    def found_elsewhere(self) -> frozenset[str]:
        """Keys of goals whose parent stands in another workbook."""
        return frozenset().union(*(branch.elsewhere for branch in self.branches if branch.elsewhere))

    def rows(self) -> Iterator[Segment]:
        """The painted rows: trees first, then the goals that stand alone."""
        for blocks in ([b.trees for b in self.branches], [b.single for b in self.branches]):
            yield from (segment for _, segment in self._in_order([one for block in blocks for one in block]))

    def answer(self) -> dict[str, Any]:
        """For the JSON: counts, and what does not hang together by file and cell."""
        total = self.total
        return {
            "progress": total.progress, "expected": total.expected, "coverage": total.coverage,
            "top_most": sum(branch.top_most for branch in self.branches), "levels": max((branch.levels for branch in self.branches), default=0),
            "across_workbooks": len(self.found_elsewhere), "broken": self._where("broken"), "circular": self._where("circular"),
            "unsupported": self._where("unsupported"),
        }  # fmt: skip

    def _where(self, name: str) -> list[Row]:
        found = [(row["file"], row) for branch in self.branches for row in getattr(branch, name)]
        return [row for _, row in self._in_order(found)]

    def _in_order(self, found: list[tuple[str, T]]) -> list[tuple[str, T]]:
        """What is of each file, files in their order; equal ones stay as they stood."""
        return sorted(found, key=lambda one: self.order[one[0]])
