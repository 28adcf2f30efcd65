"""Contributions -> frames and the organisation's numbers. pandas begins here, where there are many."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..policy import Policy
from ..scoring import Status
from ..scoring.forecast import ENOUGH_RESOLVED, Skill, judged
from ..scoring.outcomes import Fairness, fairness_of
from .alignment import Alignment, align, key_of
from .contributions import Contribution
from .copies import newest, odd_side_by_side, tell_in_files
from .goalposts import Moved
from .packing import Packed, Rows, plain
from .privacy import Names, answer_for
from .sources import Skipped

if TYPE_CHECKING:
    from .releasing import Released

COLUMNS: dict[str, tuple[str, ...]] = {
    "teams": (
        "team", "file", "manager", "period", "organisation", "as_of", "people", "goals", "counted", "progress", "expected",
        "coverage", "low", "high", *(f"n_{s.value}" for s in Status), "worst", "partial", "check_ins", "proposals", "actions_overdue",
        "minimum_group",
    ),
    "goals": (
        "team", "file", "goal_id", "goal", "owner", "parent", "kind", "cell", "status", "progress", "raw_progress", "expected",
        "gap", "spi_t", "weight", "counted", "baseline", "target", "current", "lower", "upper", "state", "start", "due", "last_check_in", "check_ins",
        "chance", "forecast_finish", "reason", "period", "measured", "coverage", "low", "high",
    ),
    "people": (
        "team", "file", "person", "email", "group", "manager", "cell", "goals", "progress", "expected", "coverage", "index",
        "index_low", "index_high", "index_trials", "index_reason", "judged", "behind", "feedback_received", "proposals_decided",
        "proposals_accepted",
    ),
    "issues": ("team", "file", "code", "severity", "goal_id", "person", "cell", "evidence"),
    "findings": ("team", "file", "code", "severity", "cell", "value", "message", "remedy"),
    "proposals": (
        "team", "file", "id", "goal_id", "goal", "owner", "manager", "rule", "proposal", "why", "chance_before", "chance_after",
        "proposed_on", "days", "cell",
    ),
    "ratings": ("team", "file", "person", "email", "rater", "skill", "attainment", "cell"),
    "forecasts": ("team", "file", "goal_id", "goal", "cell", "on", "chance", "met", "confidence"),
    "reminders": ("team", "file", "person", "text"),
    "check_ins": ("team", "file", "goal_id", "day", "value", "confidence", "by", "entered", "cell"),
    "history": ("team", "file", "when", "who", "goal_id", "field", "old", "new", "reason", "chain_intact"),
    "files": ("file", "team", "workbook_id", "outcome", "errors", "warnings", "goals", "note", "period", "template_version", "in_a_sum", "people", "check_ins", "progress_sum", "weighted_sum", "modified", "digest"),
}  # fmt: skip
"""The columns of each frame, also when there are no rows."""


OUTCOMES = ("read", "read with warnings", "read with errors", "not read", "left out")
"""What can become of a file."""


@dataclass(frozen=True)
class Failure:
    """A file that could not be read: its code, and the line to print."""

    path: str
    code: str
    line: str


@dataclass(frozen=True)
class Audience:
    """Who is to see what comes of a run, and what stands for names, if they are replaced."""

    name: str = "hr"
    names: Names | None = None
    released: Released | None = None
    """The sums that executives may see."""


@dataclass
class Organisation:
    """Many workbooks as one: a frame for each subject, and every file accounted for."""

    teams: pd.DataFrame
    goals: pd.DataFrame
    people: pd.DataFrame
    issues: pd.DataFrame
    findings: pd.DataFrame
    proposals: pd.DataFrame
    ratings: pd.DataFrame
    forecasts: pd.DataFrame
    reminders: pd.DataFrame
    log: pd.DataFrame
    """Every check-in, if the run was asked for details."""
    history: pd.DataFrame
    files: pd.DataFrame
    failed: list[Failure] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    alignment: Alignment = Alignment()
    fairness: Fairness | None = None
    """Numbers by group and rater; None unless they were asked for."""
    as_of: date | None = None
    output: str | None = None
    dataset: str | None = None
    not_returned: list[dict[str, Any]] | None = None
    """Workbooks that were handed out and have not come back; None where nobody knows what was handed out."""
    without_draft: list[str] = field(default_factory=list)
    """Who has something to be reminded of and no address for it, a line each."""
    moved: list[Moved] | None = None
    """What is not as it was at the last consolidation; None without one to compare with."""
    trend: list[dict[str, Any]] | None = None
    """Each period's numbers of the organisation and its teams; None without a dataset to take them from."""
    seconds: float = 0.0
    audience: Audience = Audience()
    """Whom the answer is for; the frames hold everything."""

    @property
    def read(self) -> int:
        """How many workbooks were read and are in the numbers."""
        return len(self.teams)

    @property
    def outcomes(self) -> dict[str, int]:
        """Files by what became of them; together they are all files."""
        counts = self.files["outcome"].value_counts()
        return {word: int(counts.get(word, 0)) for word in OUTCOMES}

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

    @property
    def forecast_skill(self) -> Skill | None:
        """How good the forecasts at half time were, once enough goals are over."""
        return judged(self.forecasts["chance"].tolist(), [bool(met) for met in self.forecasts["met"]])

    @property
    def confidence_skill(self) -> Skill | None:
        """The same for what the owners themselves said; good for coaching, and in no score."""
        said = self.forecasts[self.forecasts["confidence"].notna()]
        return judged([float(c) for c in said["confidence"]], [bool(met) for met in said["met"]])

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table of the dataset, each with its workbook's id and period."""
        facts = {row["file"]: (row["workbook_id"], row["period"]) for row in plain_rows(self.files)}
        frame = self.log if table == "check_ins" else getattr(self, table)
        return [
            {**row, "workbook_id": facts[row["file"]][0], "period": facts[row["file"]][1]} for row in plain_rows(frame)
        ]

    @property
    def minimum_group(self) -> int:
        """The strictest minimum group size of all teams."""
        return max((int(n) for n in self.teams["minimum_group"]), default=5)

    def named(self) -> Iterator[Mapping[str, Any]]:
        """Every row with names of people in it."""
        for name in ("people", "teams", "goals", "proposals", "issues", "ratings", "log", "history"):
            yield from Rows(getattr(self, name))
        for row in self.not_returned or ():
            yield {"person": row["manager"], "email": row["email"], "file": row["file"]}

    def with_fairness(self) -> Organisation:
        """The same organisation with its fairness numbers, under the strictest minimum group size of all teams."""
        self.fairness = fairness_of(plain_rows(self.people), plain_rows(self.ratings), self.minimum_group)
        return self

    def answer(self) -> dict[str, Any]:
        """The JSON answer of `perfsheet consolidate`, with what its audience may see."""
        return answer_for(self._everything(), self.audience.name, self.audience.names, self.audience.released)

    def _everything(self) -> dict[str, Any]:
        return {
            "files": len(self.files), "read": self.read, "read_with_findings": int(self.files["outcome"].str.startswith("read with").sum()),
            "failed": [{"path": f.path, "code": f.code, "message": f.line} for f in self.failed],
            "skipped": [{"path": s.path, "reason": s.reason} for s in self.skipped],
            "outcomes": self.outcomes, "teams": len(self.teams), "people": len(self.people), "goals": len(self.goals), "check_ins": self.check_ins,
            "output": self.output, "dataset": self.dataset, "seconds": round(self.seconds, 3),
            "progress": self.totals["progress"], "expected": self.totals["expected"], "coverage": self.totals["coverage"],
            "status_counts": self.status_counts, "findings": len(self.findings), "errors": int((self.findings["severity"] == "error").sum()), "proposals": len(self.proposals),
            "forecasts": _skill_answer(len(self.forecasts), self.forecast_skill),
            "confidence": _skill_answer(int(self.forecasts["confidence"].notna().sum()), self.confidence_skill),
            "not_returned": self.not_returned, "without_draft": self.without_draft,
            "moved": None if self.moved is None else [_told(m.row) for m in self.moved],
            "alignment": self.alignment.answer(), "trend": self.trend and [_told(row) for row in self.trend],
            "fairness": dataclasses.asdict(self.fairness) if self.fairness else None,
        }  # fmt: skip


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as JSON has it: days as texts."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}


def _skill_answer(resolved: int, skill: Skill | None) -> dict[str, Any]:
    """How the forecasts did, or how many goals are over so far."""
    numbers = None if skill is None else {
        "brier": skill.brier, "base_rate": skill.base_rate, "skill": skill.skill, "reliability": skill.reliability,
        "resolution": skill.resolution, "uncertainty": skill.uncertainty,
    }  # fmt: skip
    return {"resolved": resolved, "needed": ENOUGH_RESOLVED, "scores": numbers}


def roll_up(
    contributions: Iterable[Contribution],
    skipped: Sequence[Skipped],
    policy: Policy,
    clock: Callable[[], float] = time.monotonic,
) -> Organisation:
    """All contributions as one organisation. Two copies of one workbook count once: the newer one.

    `policy` judges what spans workbooks; each workbook was judged by its own.
    """
    started = clock()
    packed = Packed({name: COLUMNS[name] for name in COLUMNS if name not in ("teams", "files")})
    foreign = []
    for c in contributions:
        if c.foreign:
            foreign.append(Skipped(c.path, c.foreign))
        else:
            packed.add(c)
    kept, older = newest(packed.sources)
    left_out = sorted([*skipped, *older, *foreign], key=lambda s: s.path)
    files = [*(c.file for c in kept), *({"file": s.path, "outcome": "left out", "note": s.reason} for s in left_out)]
    teams = [c.team for c in kept if c.code is None]
    tell_in_files(kept, odd := list(odd_side_by_side(kept)))
    frames = packed.frames(kept, {"findings": odd})
    frames |= {
        name: pd.DataFrame(rows, columns=list(COLUMNS[name])) for name, rows in (("teams", teams), ("files", files))
    }
    org = Organisation(
        frames["teams"], frames["goals"], frames["people"], frames["issues"], frames["findings"],
        frames["proposals"], frames["ratings"], frames["forecasts"], frames["reminders"], frames["check_ins"],
        frames["history"], frames["files"],
        failed=[Failure(c.path, c.code, c.message or "") for c in kept if c.code is not None],
        skipped=left_out,
        as_of=max((t["as_of"] for t in teams), default=None),
    )  # fmt: skip
    org.alignment = align(Rows(org.goals), policy)
    org.issues = _with_parents_found(org.issues, org.alignment)
    org.seconds = clock() - started
    return org


def _with_parents_found(issues: pd.DataFrame, alignment: Alignment) -> pd.DataFrame:
    """The issues without those of goals whose parent a workbook by itself could not see."""
    if not alignment.found_elsewhere:
        return issues
    named = [code == "orphan" and goal is not None and key_of({"file": file, "goal_id": goal}) in alignment.found_elsewhere
             for code, file, goal in zip(issues["code"], issues["file"], issues["goal_id"], strict=True)]  # fmt: skip
    return issues[~pd.Series(named, index=issues.index, dtype=bool)].reset_index(drop=True)


def _mean(values: pd.Series[Any], weights: pd.Series[Any]) -> float | None:
    known = values.notna() & (weights > 0)
    total = float(weights[known].sum())
    return float((values[known].astype(float) * weights[known]).sum()) / total if total else None


def plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Plain rows without NaN: what is missing is None."""
    columns = [[plain(v) for v in frame[name].tolist()] for name in frame.columns]
    return [dict(zip(frame.columns, values, strict=True)) for values in zip(*columns, strict=True)]


def common(values: pd.Series[Any]) -> str:
    """The value that most workbooks share."""
    known = values.dropna()
    return str(known.mode().iloc[0]) if len(known) else ""
