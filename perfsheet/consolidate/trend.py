"""From period to period: the organisation's and each team's numbers, from the partitions of earlier consolidations.

The practice index is a mean over people, so it is shown where enough of them have one, and hidden
with what would give a smaller group away. Everything else is a sum over a team as it stands in Teams.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..forms import same_name
from ..scoring import OUTSIDE, Status
from ..scoring.fairness import hidden_groups
from .dataset import periods_of, read_frame
from .packing import Rows
from .rollup import Organisation

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[str, Any]

UNJUDGED = frozenset(s.value for s in (*OUTSIDE, Status.NO_DATA, Status.TOO_EARLY))
GOOD = frozenset((Status.ON_TRACK.value, Status.ACHIEVED.value))
NEEDED = {
    "teams": ("team", "file", "as_of", "people", "goals", "counted", "progress", "coverage"),
    "goals": ("file", "status"),
    "people": ("file", "index"),
}
"""The columns that the numbers are made of."""


def trend_of(org: Organisation, directory: str | os.PathLike[str]) -> list[dict[str, Any]]:
    """A row for the organisation and for each team in each period, the organisation first, the oldest period first.

    `directory` is a dataset; its partitions of the run's own periods are left aside for what was just read.
    Raises Misuse for a dataset of another schema.
    """
    files = {row["file"]: row.get("period") for row in org.file_rows}
    now = {name: getattr(org, name) for name in NEEDED}
    found: list[dict[str, Any]] = []
    own = {files[row["file"]] for row in org.team_rows}
    for period in sorted(own, key=str):
        parts = {name: frame[frame["file"].map(files.get).isin([period])] for name, frame in now.items()}
        found += _of_period(period, parts, org.minimum_group)
    for period in periods_of(directory):
        if period not in own:
            parts = {name: read_frame(directory, name, period, columns) for name, columns in NEEDED.items()}
            found += _of_period(period, parts, org.minimum_group)
    days = {row["period"]: row["as_of"] for row in found if row["team"] is None}
    return sorted(
        found, key=lambda r: (r["team"] is not None, same_name(r["team"] or ""), str(days[r["period"]]), str(r["period"]))
    )  # fmt: skip


def _of_period(period: str | None, parts: Mapping[str, pd.DataFrame], least: int) -> Iterator[dict[str, Any]]:
    """The rows of one period."""
    teams, by_file = list(Rows(parts["teams"])), _statuses(Rows(parts["goals"]))
    practice = _practice(Rows(parts["people"]), least)
    if not teams:
        return
    yield {
        "team": None, "period": period, "as_of": max((t["as_of"] for t in teams if t["as_of"]), default=None),
        "people": sum(t["people"] or 0 for t in teams), "goals": sum(t["goals"] or 0 for t in teams),
        "progress": _weighted(teams, "progress"), "coverage": _weighted(teams, "coverage"),
        "on_track": _share(by_file.values()), **practice[None],
    }  # fmt: skip
    for team in teams:
        yield {
            **{name: team[name] for name in ("team", "as_of", "people", "goals", "progress", "coverage")}, "period": period,
            "on_track": _share([by_file.get(team["file"], (0, 0))]), **practice.get(team["file"], NO_INDEX),
        }  # fmt: skip


def _statuses(goals: Iterable[Row]) -> dict[str, tuple[int, int]]:
    """(on track or achieved, judged) by workbook."""
    found: dict[str, tuple[int, int]] = {}
    for row in goals:
        good, judged = found.get(row["file"], (0, 0))
        found[row["file"]] = (good + (row["status"] in GOOD), judged + (row["status"] not in UNJUDGED))
    return found


def _share(counts: Iterable[tuple[int, int]]) -> float | None:
    pairs = list(counts)
    judged = sum(n for _, n in pairs)
    return sum(good for good, _ in pairs) / judged if judged else None


def _weighted(teams: Sequence[Row], name: str) -> float | None:
    """Teams weigh by their goals that count, as in Summary."""
    known = [(t["counted"] or 0, t[name]) for t in teams if t[name] is not None]
    weight = sum(w for w, _ in known)
    return sum(w * v for w, v in known) / weight if weight else None


NO_INDEX: Mapping[str, Any] = {"index": None, "index_people": None}


def _practice(people: Iterable[Row], least: int) -> dict[str | None, Mapping[str, Any]]:
    """The mean index by workbook and, under None, of all; only where enough people have one."""
    known: dict[str | None, list[float]] = {}
    for row in people:
        if row["index"] is not None:
            known.setdefault(row["file"], []).append(row["index"])
    hidden = hidden_groups({str(file): len(values) for file, values in known.items()}, least)
    every = [value for values in known.values() for value in values]
    shown = {file: values for file, values in known.items() if file not in hidden}
    if len(every) >= least:
        shown[None] = every
    found: dict[str | None, Mapping[str, Any]] = {
        file: {"index": sum(values) / len(values), "index_people": len(values)} for file, values in shown.items()
    }
    return {None: NO_INDEX, **found}
