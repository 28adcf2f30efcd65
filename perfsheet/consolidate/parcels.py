"""One workbook's contribution as it travels and is remembered: what every run needs at hand, everything else packed.

What a run looks at for each workbook is small: its numbers, who its people are, how its goals hang
together. Its rows are packed as columns and opened only where somebody asks for them, and the rows of
the organisation workbook are painted already, since they come out the same in every run in which the workbook did not change.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from ..forms import same_name
from ..policy import Policy, from_toml
from ..tables import Segment
from ..tabs.organisation import blocks_of, widths_of, with_gap
from ..workbooks.rows import RowPainter
from .branches import Branch, settled
from .contributions import Contribution, Job, crashed
from .packing import TABLES, Row, allow, packed, unpacked

NOTHING: Mapping[str, Any] = {}


@allow
class Goals(NamedTuple):
    """The goals of a workbook as the whole needs them: their ids and parents, folded, and what their numbers add up to."""

    period: str | None
    ids: tuple[str, ...]
    open: tuple[str, ...]
    """Parents that are not in the workbook itself."""
    counted: int
    progress: float
    weighted: float
    """The sums of progress, and of weight by progress."""
    alone: Branch
    """The goals as a tree, if no goal of another workbook is above or below one."""
    hanging: tuple[Row, ...] = ()
    rest: Branch | None = None
    """The same in two parts, if all open parents are found and nothing else: what hangs from other workbooks' goals, and what does not."""

    @property
    def wanted(self) -> list[tuple[str | None, str]]:
        """Parents that are not in the workbook itself, as they are known among all workbooks."""
        return [(self.period, parent) for parent in self.open]


@allow
class Listings(NamedTuple):
    """The workbook's rows of the organisation workbook, painted."""

    team: bytes
    file: bytes
    """Its one row in Teams and in Files."""
    goals: Segment
    issues: tuple[tuple[str | None, Segment], ...]
    """Those without a parent in the workbook stand by themselves, with the goal's folded id: another may hold the parent."""
    errors: Segment
    warnings: Segment
    forecasts: Segment
    people: tuple[tuple[str, ...], Segment]
    """Beside the names, by which they are sorted."""
    proposals: tuple[tuple[tuple[int | None, str | None], ...], Segment]
    """Beside the days that they wait and their goals, by which they are sorted."""


@allow
class Parcel(NamedTuple):
    """One workbook, or why it is not in the numbers (`code` and `message`, or `foreign`)."""

    path: str
    file: dict[str, Any]
    team: Row = NOTHING
    people: tuple[tuple[str, str | None, str | None], ...] = ()
    """The name, address and cell of each."""
    code: str | None = None
    message: str | None = None
    foreign: str | None = None
    counts: Mapping[str, int] = NOTHING
    """Rows of each table."""
    found: tuple[tuple[tuple[str, str], int], ...] = ()
    """How many findings, by severity and code."""
    forecasts: tuple[tuple[float, bool, float | None], ...] = ()
    """The chance said of each goal that is over, whether the target was met, and the owner's confidence."""
    goals: Goals | None = None
    packed: Mapping[str, bytes] = NOTHING
    listings: Listings | None = None

    def columns(self, table: str) -> dict[str, list[Any]]:
        """A table's rows, as columns."""
        return unpacked(self.packed.get(table, b""), table, self.team.get("team"), self.path)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """A table's rows."""
        columns = self.columns(table)
        return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def parcel(c: Contribution, job: Job) -> Parcel:
    """A contribution packed, and with its rows painted if the run wants them."""
    if c.foreign or c.code is not None:
        return Parcel(c.path, c.file, code=c.code, message=c.message, foreign=c.foreign)
    tables: dict[str, Sequence[Row]] = {name: getattr(c, name) for name in TABLES}
    made = Parcel(
        c.path, c.file, c.team,
        people=tuple((row["person"], row["email"], row["cell"]) for row in c.people),
        counts={name: len(rows) for name, rows in tables.items()},
        found=tuple(Counter((row["severity"], row["code"]) for row in c.findings).items()),
        forecasts=tuple((row["chance"], bool(row["met"]), row["confidence"]) for row in c.forecasts),
        packed={name: packed(rows, name) for name, rows in tables.items() if rows},
    )  # fmt: skip
    return _with_goals(made, tables, job)


def lost(path: str) -> Parcel:
    """The answer for a file that ended every process that read it."""
    return parcel(crashed(path), Job())


def with_listings(one: Parcel, job: Job) -> Parcel:
    """The parcel with its rows painted, if it came from a run that did not need them."""
    if not job.painted or one.listings is not None or one.goals is None:
        return one
    return _with_goals(one, {name: one.rows(name) for name in TABLES}, job)


def _with_goals(one: Parcel, tables: Mapping[str, Sequence[Row]], job: Job) -> Parcel:
    policy = from_toml(Policy(), job.policy) if job.policy else Policy()
    listings = _listings(one, tables) if job.painted else None
    return one._replace(goals=_goals(tables["goals"], policy, job.painted), listings=listings)


def _goals(rows: Sequence[Row], policy: Policy, painted: bool) -> Goals:
    ids = tuple(same_name(row["goal_id"]) for row in rows)
    known = [row for row in rows if row["progress"] is not None]
    wanted = {same_name(row["parent"]): None for row in rows if row["parent"]}
    paint = painter("Alignment").segment if painted else None
    return Goals(
        rows[0]["period"] if rows else None, ids, tuple(wanted.keys() - set(ids)), sum(bool(row["counted"]) for row in rows),
        math.fsum(row["progress"] for row in known), math.fsum((row["weight"] or 0.0) * row["progress"] for row in known),
        *settled(rows, policy, paint),
    )  # fmt: skip


@cache
def painter(tab: str) -> TabPainter:
    """The one painter of a tab here: the next workbook has many of the same cells."""
    return TabPainter(tab)


class TabPainter:
    """What paints rows of a tab."""

    def __init__(self, tab: str) -> None:
        self._tab, self._painter = tab, RowPainter(widths_of(tab))

    def segment(self, rows: Sequence[Row]) -> Segment:
        """Some rows, packed."""
        return self._painter.segment(blocks_of(self._tab, rows))

    def rows(self, rows: Sequence[Row]) -> bytes:
        """Some rows as they are."""
        return "".join(row for block in blocks_of(self._tab, rows) for row in self._painter.rows(block)).encode()


def _listings(one: Parcel, tables: Mapping[str, Sequence[Row]]) -> Listings:
    findings = {severity: [f for f in tables["findings"] if f["severity"] == severity] for severity in ("error", "warning")}  # fmt: skip
    quality = painter("Data quality")
    return Listings(
        painter("Teams").rows([with_gap(one.team)]), painter("Files").rows([one.file]),
        painter("Goals").segment(tables["goals"]), tuple(_issues(tables["issues"])), quality.segment(findings["error"]), quality.segment(findings["warning"]),
        painter("Forecasts").segment(tables["forecasts"]),
        (tuple(row["person"] for row in tables["people"]), painter("People").segment(tables["people"])),
        (tuple((row["days"], row["goal_id"]) for row in tables["proposals"]), painter("Proposals").segment(tables["proposals"])),
    )  # fmt: skip


def _issues(rows: Sequence[Row]) -> list[tuple[str | None, Segment]]:
    """The issues in pieces: each orphan by itself, and what stands between them."""
    paint, found = painter("Issues").segment, list[tuple[str | None, Segment]]()
    between: list[Row] = []
    for row in rows:
        if row["code"] == "orphan" and row["goal_id"] is not None:
            if between:
                found.append((None, paint(between)))
            found.append((same_name(row["goal_id"]), paint([row])))
            between = []
        else:
            between.append(row)
    return [*found, (None, paint(between))] if between else found
