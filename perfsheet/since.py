"""What changed since the last run: each run leaves a short record in the workbook, and the next compares."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from .forms import same_name
from .records.teambook import TeamBook
from .scoring import WORST_FIRST, Scores, Status

KEPT = 3
"""So many runs are remembered: enough to compare with the last one also after a look back in time."""


WORDS = frozenset(Status)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one goal stood."""

    goal_id: str
    progress: float | None
    status: Status


@dataclass(frozen=True)
class Snapshot:
    """One run in short: its day, its counts, where each goal stood."""

    as_of: date
    check_ins: int
    feedback: int
    actions_done: int
    goals: tuple[Standing, ...] = ()

    def lines(self) -> Iterable[str]:
        """The snapshot as lines of text that fit in cells."""
        yield json.dumps([self.as_of.isoformat(), self.check_ins, self.feedback, self.actions_done])
        for goal in self.goals:
            yield json.dumps([goal.goal_id, goal.progress, goal.status.value], ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Moved:
    """A goal whose status changed."""

    before: Standing
    now: Standing

    @property
    def worse(self) -> bool:
        """Whether it needs attention more than before."""
        return _rank(self.now.status) < _rank(self.before.status)


@dataclass(frozen=True)
class Since:
    """What changed between two runs."""

    day: date
    moved: tuple[Moved, ...] = ()
    """What got worse first."""
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    added: Mapping[str, int] = field(default_factory=dict)
    """Rows more (or fewer) of check-ins, feedback and finished actions."""


def snapshot(book: TeamBook, scores: Scores) -> Snapshot:
    """Where everything stands in this run."""
    day = scores.as_of
    return Snapshot(
        day,
        sum(c.day <= day for c in book.checkins),
        sum(f.day <= day for f in book.feedback),
        sum(a.done is not None and a.done <= day for a in book.actions),
        tuple(Standing(g.goal_id, g.progress, g.status) for g in scores.goals),
    )


def snapshots_in(lines: Iterable[str]) -> list[Snapshot]:
    """The runs that the workbook remembers, oldest first; a line that somebody changed is passed over."""
    runs: list[tuple[Snapshot | None, list[Standing]]] = []
    for line in lines:
        match _parsed(line):
            case [str() as text, int() as check_ins, int() as feedback, int() as done]:
                day = _day(text)
                runs.append((Snapshot(day, check_ins, feedback, done) if day else None, []))
            case [str() as goal, int() | float() | None as progress, str() as word] if runs and word in WORDS:
                runs[-1][1].append(Standing(goal, progress, Status(word)))
    return sorted((replace(run, goals=tuple(goals)) for run, goals in runs if run), key=lambda run: run.as_of)


def _parsed(line: str) -> object:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None


def remembered(earlier: Sequence[Snapshot], latest: Snapshot) -> tuple[str, ...]:
    """The lines to keep from now on: the last runs by their day, one a day."""
    runs = [*(s for s in earlier if s.as_of != latest.as_of), latest]
    kept = sorted(runs, key=lambda s: s.as_of)[-KEPT:]
    return tuple(line for run in kept for line in run.lines())


def since_last_run(earlier: Sequence[Snapshot], latest: Snapshot) -> Since | None:
    """What changed since the newest run of an earlier day; None without one."""
    before = max((s for s in earlier if s.as_of < latest.as_of), key=lambda s: s.as_of, default=None)
    return compared(before, latest) if before else None


def compared(before: Snapshot, now: Snapshot) -> Since:
    """Two runs side by side."""
    old = {same_name(g.goal_id): g for g in before.goals}
    new = {same_name(g.goal_id): g for g in now.goals}
    moved = [Moved(old[key], goal) for key, goal in new.items() if key in old and old[key].status != goal.status]
    return Since(
        before.as_of,
        tuple(sorted(moved, key=lambda m: (not m.worse, _rank(m.now.status), m.now.goal_id))),
        tuple(g.goal_id for key, g in new.items() if key not in old),
        tuple(g.goal_id for key, g in old.items() if key not in new),
        {
            "check-in": now.check_ins - before.check_ins,
            "feedback entry": now.feedback - before.feedback,
            "finished action": now.actions_done - before.actions_done,
        },
    )


def _rank(status: Status) -> int:
    """How much a status asks for attention; the least is the worst."""
    return WORST_FIRST.index(status) if status in WORST_FIRST else len(WORST_FIRST)
