"""Contributions -> frames and the organisation's numbers. pandas begins here, where there are many."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from ..scoring import Status
from .packing import Growing, Packed, Source
from .sources import Skipped

COLUMNS: dict[str, tuple[str, ...]] = {
    "teams": (
        "team", "file", "manager", "period", "organisation", "as_of", "people", "goals", "counted", "progress", "expected",
        "coverage", "low", "high", *(f"n_{s.value}" for s in Status), "worst", "partial", "check_ins", "proposals", "actions_overdue",
    ),
    "goals": (
        "team", "file", "goal_id", "goal", "owner", "parent", "kind", "cell", "status", "progress", "raw_progress", "expected",
        "gap", "spi_t", "weight", "counted", "baseline", "target", "current", "start", "due", "last_check_in", "check_ins",
        "chance", "forecast_finish", "reason",
    ),
    "people": (
        "team", "file", "person", "email", "group", "manager", "cell", "goals", "progress", "expected", "coverage", "index",
        "index_low", "index_high", "index_trials", "index_reason",
    ),
    "issues": ("team", "file", "code", "severity", "goal_id", "person", "cell", "evidence"),
    "findings": ("team", "file", "code", "severity", "cell", "value", "message", "remedy"),
    "files": ("file", "team", "workbook_id", "outcome", "errors", "warnings", "goals", "note", "period", "modified", "digest"),
}  # fmt: skip
"""The columns of each frame, also when there are no rows."""


@dataclass(frozen=True)
class Failure:
    """A file that could not be read: its code, and the line to print."""

    path: str
    code: str
    line: str


@dataclass
class Organisation:
    """Many workbooks as one: a frame for each subject, and every file accounted for."""

    teams: pd.DataFrame
    goals: pd.DataFrame
    people: pd.DataFrame
    issues: pd.DataFrame
    findings: pd.DataFrame
    files: pd.DataFrame
    failed: list[Failure] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    as_of: date | None = None
    output: str | None = None
    seconds: float = 0.0

    @property
    def read(self) -> int:
        """How many workbooks were read and are in the numbers."""
        return len(self.teams)

    @property
    def check_ins(self) -> int:
        return int(self.teams["check_ins"].sum())

    @property
    def has_errors(self) -> bool:
        """Whether any workbook has a finding of severity error."""
        return bool((self.findings["severity"] == "error").any())

    @property
    def totals(self) -> dict[str, float | None]:
        """The organisation's progress, expected and coverage: teams weigh by their counted goals.

        Weights are relative within a team, so teams are brought together by the number of goals
        that count in them; a team without a number is missing, never zero.
        """
        weight = self.teams["counted"].astype(float)
        return {
            "progress": _mean(self.teams["progress"], weight),
            "expected": _mean(self.teams["expected"], weight),
            "coverage": _mean(self.teams["coverage"], weight),
        }

    @property
    def status_counts(self) -> dict[str, int]:
        """Goals by status word, over all workbooks."""
        counts = self.goals["status"].value_counts()
        return {s.value: int(counts.get(s.value, 0)) for s in Status}

    def answer(self) -> dict[str, Any]:
        """The JSON answer of `perfsheet consolidate`."""
        return {
            "read": self.read,
            "failed": [{"path": f.path, "code": f.code, "message": f.line} for f in self.failed],
            "skipped": [{"path": s.path, "reason": s.reason} for s in self.skipped],
            "teams": len(self.teams), "people": len(self.people), "goals": len(self.goals), "check_ins": self.check_ins,
            "output": self.output, "dataset": None, "seconds": round(self.seconds, 3),
            "progress": self.totals["progress"], "expected": self.totals["expected"], "coverage": self.totals["coverage"],
            "status_counts": self.status_counts, "findings": len(self.findings),
        }  # fmt: skip


def roll_up(
    batches: Iterable[Packed], skipped: Sequence[Skipped], clock: Callable[[], float] = time.monotonic
) -> Organisation:
    """All batches as one organisation. Two copies of one workbook count once: the newer one."""
    started = clock()
    grown = Growing()
    for batch in batches:
        grown.add(batch)
    kept, older = _newest(grown.sources)
    grown.without(set(range(len(grown.sources))) - set(kept))
    sources = [grown.sources[place] for place in kept]
    left_out = sorted([*skipped, *older], key=lambda s: s.path)
    files = [s.file for s in sources] + [{"file": s.path, "outcome": "left out", "note": s.reason} for s in left_out]
    teams = [s.team for s in sources if s.code is None]
    rows: dict[str, Any] = {"files": files, "teams": teams, **grown.tables}
    frames = {name: pd.DataFrame(rows.pop(name), columns=list(columns)) for name, columns in COLUMNS.items()}
    org = Organisation(
        frames["teams"], frames["goals"], frames["people"], frames["issues"], frames["findings"], frames["files"],
        failed=[Failure(s.path, s.code, s.message or "") for s in sources if s.code is not None],
        skipped=left_out,
        as_of=max((t["as_of"] for t in teams), default=None),
    )  # fmt: skip
    org.seconds = clock() - started
    return org


def _newest(sources: Sequence[Source]) -> tuple[list[int], list[Skipped]]:
    """Of workbooks with one id, or of equal bytes, the place of the one saved last; the others with a reason."""
    best: dict[object, int] = {}
    older: list[Skipped] = []
    for place, c in enumerate(sources):
        key = c.path if c.code is not None else (c.file["workbook_id"] or c.file["digest"], c.file["period"])
        before = best.setdefault(key, place)
        if before == place:
            continue
        rival = sources[before]
        if (c.file["modified"], rival.path) > (rival.file["modified"], c.path):
            best[key], newer, old = place, c, rival
        else:
            newer, old = rival, c
        same = "the same file" if old.file["digest"] == newer.file["digest"] else "an older copy of the same workbook"
        older.append(Skipped(old.path, f"{same}: {newer.path} is read"))
    return sorted(best.values()), older


def _mean(values: pd.Series[Any], weights: pd.Series[Any]) -> float | None:
    known = values.notna() & (weights > 0)
    total = float(weights[known].sum())
    return float((values[known].astype(float) * weights[known]).sum()) / total if total else None
