"""Contributions -> frames and the organisation's numbers. pandas begins here, where there are many."""

from __future__ import annotations

import dataclasses
import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import compress
from typing import TYPE_CHECKING, Any

from ..forms import same_name
from ..policy import Policy
from ..scoring import Status
from ..scoring.forecast import ENOUGH_RESOLVED, Skill, judged
from ..scoring.outcomes import Fairness, fairness_of
from .alignment import Alignment, align
from .branches import Whole, branch_of
from .copies import newest, odd_side_by_side, tell_in_files
from .goalposts import Moved
from .packing import COLUMNS, Columns, Part, Row, Rows, plain
from .parcels import Goals, Parcel, painter
from .privacy import Names, Released, answer_for
from .sources import Skipped

if TYPE_CHECKING:
    import pandas as pd


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


def _frame(table: str) -> Any:
    """A table as a frame, made when somebody asks for it."""

    def made(org: Organisation) -> pd.DataFrame:
        return org.frame(table)

    made.__doc__ = f"The table {table}: {', '.join(COLUMNS[table])}."
    return cached_property(made)


class Organisation:
    """Many workbooks as one: a frame for each subject, and every file accounted for.

    The frames are made of the workbooks' own parcels when they are asked for; `goals`, `people`, `issues`,
    `findings`, `proposals`, `ratings`, `forecasts`, `reminders`, `history`, `teams` and `files` have a row each, and
    `log` has every check-in, if the run was asked for details.
    """

    def __init__(
        self, parcels: Sequence[Parcel], left_out: Sequence[Skipped], odd: Sequence[Row], whole: Whole, policy: Policy
    ) -> None:
        self.parcels = [p for p in parcels if p.code is None]
        """The workbooks that are in the numbers, in the order of their files."""
        self.failed = [Failure(p.path, p.code, p.message or "") for p in parcels if p.code is not None]
        self.skipped = list(left_out)
        self.odd = list(odd)
        """Findings that show only where workbooks lie side by side."""
        self.whole = whole
        self.file_rows: list[dict[str, Any]] = [
            *(dict(p.file) for p in parcels),
            *({"file": s.path, "outcome": "left out", "note": s.reason} for s in left_out),
        ]
        self.team_rows = [p.team for p in self.parcels]
        self.as_of: date | None = max((row["as_of"] for row in self.team_rows), default=None)
        self.as_read: frozenset[str] = frozenset()
        """Files of which nothing more is told than was known when they were read."""
        self.fairness: Fairness | None = None
        """Numbers by group and rater; None unless they were asked for."""
        self.output: str | None = None
        self.dataset: str | None = None
        self.not_returned: list[dict[str, Any]] | None = None
        """Workbooks that were handed out and have not come back; None where nobody knows what was handed out."""
        self.without_draft: list[str] = []
        """Who has something to be reminded of and no address for it, a line each."""
        self.moved: list[Moved] | None = None
        """What is not as it was at the last consolidation; None without one to compare with."""
        self.trend: list[dict[str, Any]] | None = None
        """Each period's numbers of the organisation and its teams; None without a dataset to take them from."""
        self.seconds = 0.0
        self.audience = Audience()
        """Whom the answer is for; the frames hold everything."""
        self._policy = policy

    teams, goals, people, issues = _frame("teams"), _frame("goals"), _frame("people"), _frame("issues")
    findings, proposals, ratings = _frame("findings"), _frame("proposals"), _frame("ratings")
    forecasts, reminders, history = _frame("forecasts"), _frame("reminders"), _frame("history")
    feedback = _frame("feedback")
    log, files = _frame("check_ins"), _frame("files")

    def frame(self, table: str) -> pd.DataFrame:
        """A table as a frame."""
        import pandas as pd

        if table in ("teams", "files"):
            rows = self.team_rows if table == "teams" else self.file_rows
            return pd.DataFrame(rows, columns=list(COLUMNS[table]))
        columns = Columns(COLUMNS[table])
        for one in self.parcels:
            columns.add(self.columns(one, table))
        if table == "findings":
            columns.add({name: [row.get(name) for row in self.odd] for name in COLUMNS[table]})
        return columns.frame()

    def columns(self, one: Parcel, table: str) -> dict[str, list[Any]]:
        """What a workbook has in a table; without the issues of goals whose parent it could not see by itself."""
        found = one.columns(table)
        away = self.orphans(one) if table == "issues" else frozenset()
        if not away:
            return found
        stay = [code != "orphan" or goal is None or same_name(goal) not in away for code, goal in zip(found["code"], found["goal_id"], strict=True)]  # fmt: skip
        return {name: list(compress(values, stay)) for name, values in found.items()}

    @property
    def painted(self) -> bool:
        """Whether every workbook brought its rows along painted."""
        return all(one.listings is not None for one in self.parcels)

    def orphans(self, one: Parcel) -> frozenset[str]:
        """The workbook's goals, by folded id, whose parent is in another workbook."""
        return self._elsewhere.get(one.path, frozenset())

    @cached_property
    def _elsewhere(self) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for key in self.whole.found_elsewhere:
            file, _, goal = key.partition("\n")
            found.setdefault(file, set()).add(goal)
        return {file: frozenset(goals) for file, goals in found.items()}

    def count(self, table: str) -> int:
        """How many rows a table has."""
        if table == "issues" and self._elsewhere:
            return sum(len(self.columns(one, table)["code"]) for one in self.parcels)
        return sum(one.counts[table] for one in self.parcels) + (len(self.odd) if table == "findings" else 0)

    @cached_property
    def quality(self) -> Counter[tuple[str, str]]:
        """How many findings there are, by severity and code."""
        counts = Counter((row["severity"], row["code"]) for row in self.odd)
        for one in self.parcels:
            counts.update(dict(one.found))
        return counts

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(n for (severity, _), n in self.quality.items() if severity == "error")

    @cached_property
    def alignment(self) -> Alignment:
        """The tree of all goals, every goal once."""
        return align(Rows(self.goals), self._policy)

    @property
    def read(self) -> int:
        """How many workbooks were read and are in the numbers."""
        return len(self.team_rows)

    @property
    def outcomes(self) -> dict[str, int]:
        """Files by what became of them; together they are all files."""
        counts = Counter(row["outcome"] for row in self.file_rows)
        return {word: counts[word] for word in OUTCOMES}

    @property
    def check_ins(self) -> int:
        return sum(row["check_ins"] for row in self.team_rows)

    @property
    def has_errors(self) -> bool:
        """Whether any workbook has a finding of severity error."""
        return self.errors > 0

    @cached_property
    def totals(self) -> dict[str, float | None]:
        """The organisation's progress, expected and coverage: teams weigh by their counted goals.

        Weights are relative within a team, so teams are brought together by the number of goals
        that count in them; a team without a number is missing, never zero.
        """
        return {name: _mean((row[name], row["counted"]) for row in self.team_rows) for name in ("progress", "expected", "coverage")}  # fmt: skip

    @cached_property
    def status_counts(self) -> dict[str, int]:
        """Goals by status word, over all workbooks."""
        return {s.value: sum(row[f"n_{s.value}"] for row in self.team_rows) for s in Status}

    @property
    def forecast_skill(self) -> Skill | None:
        """How good the forecasts at half time were, once enough goals are over."""
        found = [forecast for one in self.parcels for forecast in one.forecasts]
        return judged([chance for chance, _, _ in found], [met for _, met, _ in found])

    @property
    def confidence_skill(self) -> Skill | None:
        """The same for what the owners themselves said; good for coaching, and in no score."""
        said = self._confidences
        return judged([confidence for confidence, _ in said], [met for _, met in said])

    @property
    def _confidences(self) -> list[tuple[float, bool]]:
        found = [forecast for one in self.parcels for forecast in one.forecasts]
        return [(float(confidence), met) for _, met, confidence in found if confidence is not None]

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table of the dataset, each with its workbook's id and period."""
        return [row for part in self.parts(table) for row in part.rows]

    def parts(self, table: str) -> Iterator[Part]:
        """The same as columns, one workbook after the other."""
        facts = {row["file"]: (row.get("workbook_id"), row.get("period")) for row in self.file_rows}
        if table in ("teams", "files"):
            rows = self.team_rows if table == "teams" else self.file_rows
            yield from (_part(row["file"], facts, {name: [row.get(name)] for name in COLUMNS[table]}) for row in rows)
            return
        for one in self.parcels:
            yield _part(one.path, facts, self.columns(one, table))
        if table == "findings":
            yield from (
                _part(row["file"], facts, {name: [row.get(name)] for name in COLUMNS[table]}) for row in self.odd
            )

    @property
    def minimum_group(self) -> int:
        """The strictest minimum group size of all teams."""
        return max((int(row["minimum_group"]) for row in self.team_rows), default=5)

    def named(self) -> Iterator[Mapping[str, Any]]:
        """Every row with names of people in it."""
        yield from self.team_rows
        for name in ("people", "goals", "proposals", "issues", "ratings", "feedback", "check_ins", "history"):
            yield from self.rows(name)
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
            "files": len(self.file_rows), "read": self.read, "read_with_findings": sum(row["outcome"].startswith("read with") for row in self.file_rows),
            "failed": [{"path": f.path, "code": f.code, "message": f.line} for f in self.failed],
            "skipped": [{"path": s.path, "reason": s.reason} for s in self.skipped],
            "outcomes": self.outcomes, "teams": self.read, "people": self.count("people"), "goals": self.count("goals"), "check_ins": self.check_ins,
            "output": self.output, "dataset": self.dataset, "seconds": round(self.seconds, 3),
            "progress": self.totals["progress"], "expected": self.totals["expected"], "coverage": self.totals["coverage"],
            "status_counts": self.status_counts, "findings": self.count("findings"), "errors": self.errors, "proposals": self.count("proposals"),
            "forecasts": _skill_answer(self.count("forecasts"), self.forecast_skill),
            "confidence": _skill_answer(len(self._confidences), self.confidence_skill),
            "not_returned": self.not_returned, "without_draft": self.without_draft,
            "moved": None if self.moved is None else [_told(m.row) for m in self.moved],
            "alignment": self.whole.answer(), "trend": self.trend and [_told(row) for row in self.trend],
            "fairness": dataclasses.asdict(self.fairness) if self.fairness else None,
        }  # fmt: skip


def _part(file: str, facts: Mapping[str, tuple[str | None, str | None]], columns: Mapping[str, Sequence[Any]]) -> Part:
    """A workbook's columns with its id, by which it is known, else by its file."""
    workbook, period = facts[file]
    length = len(columns["file"])
    return Part(workbook or file, period, {**columns, "workbook_id": [workbook] * length})


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
    parcels: Iterable[Parcel],
    skipped: Sequence[Skipped],
    policy: Policy,
    painted: bool = False,
    clock: Callable[[], float] = time.monotonic,
) -> Organisation:
    """All workbooks as one organisation. Two copies of one workbook count once: the newer one.

    `policy` judges what spans workbooks; each workbook was judged by its own. With `painted` the tree of
    goals is painted as the workbooks' own rows are.
    """
    started = clock()
    found = list(parcels)
    before = {one.path: dict(one.file) for one in found}
    kept, older = newest([one for one in found if not one.foreign])
    foreign = [Skipped(one.path, one.foreign) for one in found if one.foreign]
    left_out = sorted([*skipped, *older, *foreign], key=lambda s: s.path)
    tell_in_files(kept, odd := list(odd_side_by_side(kept)))
    whole = whole_of([one for one in kept if one.code is None], policy, painted)
    org = Organisation(kept, left_out, odd, whole, policy)
    org.as_read = frozenset(one.path for one in org.parcels if one.file == before[one.path])
    org.seconds = clock() - started
    return org


# --------------------------------------------------------------------------- the tree of all goals


def whole_of(parcels: Sequence[Parcel], policy: Policy, painted: bool = False) -> Whole:
    """The tree of all goals. What hangs together in one workbook alone was rolled up with it; the rest is now.

    So was what stands below a goal in a workbook to which no other one's goals belong: it hangs there as it is.
    """
    goals = [one.goals for one in parcels if one.goals is not None]
    held = Counter((own.period, goal) for own in goals for goal in own.ids)
    home = {(own.period, goal): at for at, own in enumerate(goals) for goal in own.ids}
    paint = painter("Alignment").segment if painted else None
    branches = []
    for group in _hanging_together(goals, held, home):
        own = goals[group[0]]
        if len(group) == 1 and not any(held[key] for key in own.wanted):
            branches.append(own.alone)
            continue
        named = {home[key] for at in group for key in goals[at].wanted if held[key] == 1}
        rows: list[Row] = []
        for at in group:
            own = goals[at]
            rest = own.rest if at not in named and all(held[key] == 1 for key in own.wanted) else None
            rows += parcels[at].rows("goals") if rest is None else own.hanging
            branches += [rest] if rest else []
        branches.append(branch_of(align(rows, policy, held), paint))
    return Whole(tuple(branches), {one.path: at for at, one in enumerate(parcels)})


def _hanging_together(
    goals: Sequence[Goals], held: Mapping[tuple[str | None, str], int], home: Mapping[tuple[str | None, str], int]
) -> list[list[int]]:
    """The workbooks, by their places, in groups whose goals have parents in one another."""
    above = list(range(len(goals)))

    def top(at: int) -> int:
        while above[at] != at:
            above[at] = at = above[above[at]]
        return at

    for at, own in enumerate(goals):
        for key in own.wanted:
            if held.get(key) == 1:
                one, other = sorted((top(at), top(home[key])))
                above[other] = one
    groups: dict[int, list[int]] = {}
    for at in range(len(goals)):
        groups.setdefault(top(at), []).append(at)
    return list(groups.values())


def _mean(pairs: Iterable[tuple[float | None, float]]) -> float | None:
    """The mean over what is known, by weight."""
    known = [(value, weight) for value, weight in pairs if value is not None and weight > 0]
    total = math.fsum(weight for _, weight in known)
    return math.fsum(value * weight for value, weight in known) / total if total else None


def plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Plain rows without NaN: what is missing is None."""
    columns = [[plain(v) for v in frame[name].tolist()] for name in frame.columns]
    return [dict(zip(frame.columns, values, strict=True)) for values in zip(*columns, strict=True)]


def common(values: Iterable[Any]) -> str:
    """The value that most workbooks share."""
    known = Counter(value for value in values if isinstance(value, str) and value)
    return min(known, key=lambda value: (-known[value], value)) if known else ""
