"""From period to period: the organisation's and each team's numbers, from the partitions of earlier consolidations.

The practice index is a mean over people, so it is shown where enough of them have one, and hidden
with what would give a smaller group away. Everything else is a sum over a team as it stands in Teams.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..forms import same_name
from ..scoring import OUTSIDE, Status
from ..scoring.fairness import hidden_groups
from ..scoring.sums import exact_sum
from .dataset import periods_of, read_columns, same_period
from .rollup import Organisation

Row = Mapping[str, Any]

UNJUDGED = frozenset(s.value for s in (*OUTSIDE, Status.NO_DATA, Status.TOO_EARLY))
GOOD = frozenset((Status.ON_TRACK.value, Status.ACHIEVED.value))
OF_A_TEAM = ("team", "file", "as_of", "people", "goals", "counted", "progress", "coverage")
"""What is asked of a team's row."""

Counts = tuple[int, int]
"""Goals on track or achieved, and goals judged."""


class Known(NamedTuple):
    """What the numbers of one period are made of."""

    teams: list[Row]
    goals: dict[str, Counts]
    """By workbook."""
    indices: dict[str, list[float]]
    """The practice indices of a workbook's people, as far as they have one."""


def trend_of(org: Organisation, directory: str | os.PathLike[str]) -> list[dict[str, Any]]:
    """A row for the organisation and for each team in each period, the organisation first, the oldest period first.

    `directory` is a dataset; its partitions of the run's own periods are left aside for what was just read.
    Raises Misuse for a dataset of another schema.
    """
    now = _read_now(org)
    found: list[dict[str, Any]] = []
    for period in sorted(now, key=str):
        found += _of_period(period, now[period], org.minimum_group)
    for period in periods_of(directory):
        if not any(same_period(period, other) for other in now):
            found += _of_period(period, _read_then(directory, period), org.minimum_group)
    days = {row["period"]: row["as_of"] for row in found if row["team"] is None}
    return sorted(
        found, key=lambda r: (r["team"] is not None, same_name(r["team"] or ""), str(days[r["period"]]), str(r["period"]))
    )  # fmt: skip


def _read_now(org: Organisation) -> dict[str | None, Known]:
    """What was just read, by period."""
    periods = {row["file"]: row.get("period") for row in org.file_rows}
    practice = {part.columns["file"][0]: part.columns["index"] for part in org.parts("people") if part.columns["file"]}
    found: dict[str | None, Known] = {}
    for team in org.team_rows:
        file = team["file"]
        known = found.setdefault(periods[file], Known([], {}, {}))
        judged = [(status.value, team[f"n_{status.value}"]) for status in Status if status.value not in UNJUDGED]
        known.teams.append(team)
        known.goals[file] = sum(n for status, n in judged if status in GOOD), sum(n for _, n in judged)
        known.indices[file] = [index for index in practice.get(file, ()) if index is not None]
    return found


def _read_then(directory: str | os.PathLike[str], period: str | None) -> Known:
    """What an earlier run wrote of one period."""
    teams = read_columns(directory, "teams", period, OF_A_TEAM)
    goals = read_columns(directory, "goals", period, ("file", "status"))
    people = read_columns(directory, "people", period, ("file", "index"))
    counts: dict[str, Counts] = {}
    for file, status in zip(goals["file"], goals["status"], strict=True):
        good, judged = counts.get(file, (0, 0))
        counts[file] = good + (status in GOOD), judged + (status not in UNJUDGED)
    indices: dict[str, list[float]] = {}
    for file, index in zip(people["file"], people["index"], strict=True):
        if index is not None:
            indices.setdefault(file, []).append(index)
    rows: list[Row] = [dict(zip(teams, row, strict=True)) for row in zip(*teams.values(), strict=True)]
    return Known(rows, counts, indices)


def _of_period(period: str | None, known: Known, least: int) -> Iterator[dict[str, Any]]:
    """The rows of one period."""
    teams, practice = known.teams, _practice(known.indices, least)
    if not teams:
        return
    yield {
        "team": None, "period": period, "as_of": max((t["as_of"] for t in teams if t["as_of"]), default=None),
        "people": sum(t["people"] or 0 for t in teams), "goals": sum(t["goals"] or 0 for t in teams),
        "progress": _weighted(teams, "progress"), "coverage": _weighted(teams, "coverage"),
        "on_track": _share(known.goals.values()), **practice[None],
    }  # fmt: skip
    for team in teams:
        yield {
            **{name: team[name] for name in ("team", "as_of", "people", "goals", "progress", "coverage")}, "period": period,
            "on_track": _share([known.goals.get(team["file"], (0, 0))]), **practice.get(team["file"], NO_INDEX),
        }  # fmt: skip


def _share(counts: Iterable[Counts]) -> float | None:
    pairs = list(counts)
    judged = sum(n for _, n in pairs)
    return sum(good for good, _ in pairs) / judged if judged else None


def _weighted(teams: Sequence[Row], name: str) -> float | None:
    """Teams weigh by their goals that count, as in Summary."""
    known = [(t["counted"] or 0, t[name]) for t in teams if t[name] is not None]
    weight = exact_sum(w for w, _ in known)
    return exact_sum(w * v for w, v in known) / weight if weight else None


NO_INDEX: Mapping[str, Any] = {"index": None, "index_people": None}


def _practice(known: Mapping[str, Sequence[float]], least: int) -> dict[str | None, Mapping[str, Any]]:
    """The mean index by workbook and, under None, of all; only where enough people have one."""
    hidden = hidden_groups({file: len(values) for file, values in known.items() if values}, least)
    every = [value for values in known.values() for value in values]
    shown: dict[str | None, Sequence[float]] = {
        file: values for file, values in known.items() if values and file not in hidden
    }
    if len(every) >= least:
        shown[None] = every
    found: dict[str | None, Mapping[str, Any]] = {
        file: {"index": exact_sum(values) / len(values), "index_people": len(values)} for file, values in shown.items()
    }
    return {None: NO_INDEX, **found}
