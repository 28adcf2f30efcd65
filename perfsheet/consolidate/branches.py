"""What goals that hang together add to the whole tree: settled with their workbook as far as nothing of another one reaches into it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, groupby, islice
from typing import Any, NamedTuple, TypeVar

from ..forms import same_name
from ..policy import Policy
from ..scoring.rollup import Member, Rolled, roll_up
from ..tables import Segment
from .alignment import Alignment, Hanging, Node, align, counts, key_of, member_of, nowhere
from .packing import Row, allow, columns_in, squeezed

T = TypeVar("T")

MANY = 512
"""So many lines of the tree are painted at once."""

SHOWN = ("goal", "goal_id", "team", "owner", "status", "cell", "file")
"""What the tree shows of a goal as it stands in its workbook."""


def tree_row(node: Node) -> dict[str, Any]:
    """A goal as a line of the tree."""
    below = node.below
    return {
        **{name: node.row[name] for name in SHOWN}, "key": node.key, "level": node.level, "progress": node.progress, "expected": node.expected, "children": node.children or None,
        "below": below and below.progress, "below_coverage": below and below.coverage, "remark": node.remark,
    }  # fmt: skip


_LINE = ("level", *SHOWN, "key", "progress", "expected", "children", "below", "below_coverage", "remark")


def _lines(node: Node) -> Iterator[dict[str, Any]]:
    """A goal's line of the tree; those of all goals for which it stands."""
    if node.hanging is None:
        yield tree_row(node)
        return
    for level, *values in zip(*columns_in(node.hanging.tree), strict=True):
        yield dict(zip(_LINE, (node.level + level, *values), strict=True))


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


def settled(
    rows: Sequence[Row], policy: Policy, paint: Callable[[Sequence[Row]], Segment] | None = None
) -> tuple[Branch, tuple[Row, ...], Branch | None]:
    """A workbook's goals as the whole needs them: first as a tree, if no goal of another workbook is above or below one.

    Then in two parts, if all parents that it does not hold are in other workbooks, and no goal of those has its parent here:
    a row for each goal that hangs there, which stands for all goals below it; and the rest, None where nothing hangs.
    """
    ids = {same_name(row["goal_id"]) for row in rows}
    away = {key_of(row): row for row in rows if row["parent"] and same_name(row["parent"]) not in ids}
    tree = align([{**row, "parent": None} if key_of(row) in away else row for row in rows], policy)
    if not away:
        return branch_of(tree, paint), (), None
    trees = {nodes[0].key: nodes for nodes in _trees(tree.nodes)}
    stay = [node for key, nodes in trees.items() if key not in away for node in nodes]
    rest = replace(tree, nodes=tuple(stay), members=tuple(_tops(stay)))
    hanging = tuple(_hanging(trees[key], row["parent"], paint is not None) for key, row in away.items())
    return branch_of(_broken_off(tree, away, map(key_of, rows)), paint), hanging, branch_of(rest, paint)


def _broken_off(tree: Alignment, away: Mapping[str, Row], keys: Iterable[str]) -> Alignment:
    """The tree of these goals, in their order, where some of their parents are in no workbook."""
    broken = {*away, *tree.broken}
    nodes = tuple(
        replace(node, row=away[node.key], remark=nowhere(away[node.key])) if node.key in away else node
        for node in tree.nodes
    )
    return replace(tree, nodes=nodes, broken=tuple(key for key in dict.fromkeys(keys) if key in broken))


def _trees(nodes: Iterable[Node]) -> Iterator[list[Node]]:
    """The nodes of each top-most goal, itself first."""
    found: list[Node] = []
    for node in nodes:
        if node.level == 0 and found:
            yield found
            found = []
        found.append(node)
    if found:
        yield found


def _tops(nodes: Iterable[Node]) -> Iterator[Member]:
    """The top-most goals that count."""
    covered: int | None = None
    for node in nodes:
        if covered is not None and node.level > covered:
            continue
        covered = node.level if counts(node.row) else None
        if covered is not None:
            yield member_of(node)


KEPT = ("file", "cell", "goal", "goal_id", "period", "owner", "counted", "weight")
"""What the tree looks at in the row of a goal that hangs from another workbook's, beside its numbers."""


def _hanging(nodes: Sequence[Node], parent: str, painted: bool) -> Row:
    """The row of a goal with all that stands below it, and its lines if somebody is to paint them."""
    top, lines = nodes[0], [tree_row(node) for node in nodes] if painted else []
    member = member_of(top)
    tree = squeezed([[line[name] for line in lines] for name in _LINE]) if lines else b""
    return {
        **{name: top.row[name] for name in KEPT}, "parent": parent, "measured": True, "progress": member.progress, "expected": member.expected,
        "low": member.low, "high": member.high, "coverage": member.coverage,
        "hanging": Hanging(top.share, tuple(_tops(nodes)), 1 + max(node.level for node in nodes), tree),
    }  # fmt: skip


def branch_of(tree: Alignment, paint: Callable[[Sequence[Row]], Segment] | None = None) -> Branch:
    """What goals add to the whole, with their rows painted if somebody paints them."""
    where = {node.key: {name: node.row[name] for name in ("file", "cell", "goal_id", "goal")} for node in tree.nodes}
    blocks: dict[bool, list[tuple[str, Segment]]] = {True: [], False: []}
    if paint is not None:
        for (file, single), nodes in _blocks(tree.nodes):
            rows = chain.from_iterable(map(_lines, nodes))
            while some := list(islice(rows, MANY)):
                blocks[single].append((file, paint(some)))

    def placed(keys: Iterable[str]) -> tuple[Row, ...]:
        return tuple(where[key] for key in keys)

    return Branch(
        tree.members, placed(tree.broken), placed(tree.circular), placed(tree.unsupported),
        sum(node.level == 0 for node in tree.nodes), max((node.level + node.levels for node in tree.nodes), default=0), tree.found_elsewhere,
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
