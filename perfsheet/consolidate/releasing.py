"""The organisation's sums as executives may see them: small groups hidden, and what earlier editions would give away held back.

A number whose group has changed by only a few people since it was last shown stays as it was last
shown, with its day. What only the calendar moves (expected progress, a status) is no change of anybody's.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..forms import same_name
from ..scoring import Status
from ..scoring.outcomes import Fairness, fairness_of
from .alignment import key_of
from .differencing import Group, Unit, people_in, showable
from .editions import Editions
from .packing import Rows
from .rollup import Organisation, common
from .trend import GOOD, NO_INDEX, UNJUDGED

Row = Mapping[str, Any]

WHOLE = "whole"
STATUSES = tuple(f"n_{status.value}" for status in Status)
TEAM = (
    "team",
    "file",
    "period",
    "organisation",
    "progress",
    "expected",
    "coverage",
    "goals",
    "counted",
    *STATUSES,
    "people",
    "as_of",
)
"""What executives see of a team."""
ENTERED = ("goal_id", "weight", "counted", "progress", "raw_progress", "baseline", "target", "current", "start", "due", "check_ins", "last_check_in")  # fmt: skip
"""What a goal's owner and manager enter, or what follows from that alone."""


@dataclass(frozen=True)
class Released:
    """What may be shown. `whole` is None where even the organisation is too small."""

    whole: Row | None
    teams: tuple[Row, ...]
    hidden: int
    """Teams that are not shown."""
    held: int
    """Numbers that stay as they were in an earlier edition, those of the organisation included."""
    goals: frozenset[str]
    """Goals, by key, whose number from below may be shown."""
    issues: tuple[Row, ...] | None
    """How many people each issue touches; None if that cannot be told."""
    fairness: Fairness | None
    trend: tuple[Row, ...]
    """What was shown last of each period, this one included."""


def release(org: Organisation, editions: Editions) -> Released:
    """What may be shown of the organisation after the editions before; it is added to them."""
    least = org.minimum_group
    people = _People(org, editions)
    progress = _Family(editions, "progress", least)
    whole = _whole(org)
    name_of_whole = f"{WHOLE} {whole['organisation']} {whole['period']}"
    groups = {**people.teams, **_below(org, people.of_goal), name_of_whole: frozenset().union(*people.teams.values())}
    shown = progress.shown(groups)
    rows = {name: {key: row[key] for key in TEAM} for name, row in people.facts.items()}
    rows[name_of_whole] = whole
    told = {name: progress.told(name, row, groups[name], name in shown) for name, row in rows.items()}
    for name in sorted(shown - told.keys()):
        editions.add("progress", name, {}, groups[name])
    teams = tuple(row for name, row in told.items() if row is not None and name != name_of_whole)
    return Released(
        told[name_of_whole], teams, len(people.teams) - len(teams), progress.held,
        frozenset(name.removeprefix("goal ") for name in shown if name.startswith("goal ")),
        _issues(org, people, editions, least), _fairness(org, editions, least),
        tuple(_trend(editions.last_rows("progress"), whole["organisation"])),
    )  # fmt: skip


class _Family:
    """Sums of one kind, which can be subtracted from one another."""

    def __init__(self, editions: Editions, name: str, least: int) -> None:
        self._editions, self._name, self._least = editions, name, least
        self.held = 0

    def shown(self, groups: Mapping[str, Group]) -> set[str]:
        return showable(groups, self._editions.earlier(self._name), self._least)

    def told(self, name: str, row: Mapping[str, Any], units: Group, fresh: bool) -> Row | None:
        """The row if it may be shown, else as it was last shown; nothing for a group that is too small by now."""
        if fresh:
            self._editions.add(self._name, name, dict(row), units)
            return row
        last = self._editions.latest(self._name, name) if people_in(units) >= self._least else None
        self.held += last is not None
        return last


class _People:
    """Who everybody is, and the units of each team and goal.

    Owners who are not in People count as nobody: a misspelled name makes no group larger.
    """

    def __init__(self, org: Organisation, editions: Editions) -> None:
        self._unit = editions.unit
        teams = sorted(org.rows("teams"), key=lambda row: (row["team"], row["file"]))
        self.facts = {f"team {_name(row)}": row for row in teams}
        self._names = names = {row["file"]: f"team {_name(row)}" for row in teams}
        self._known: dict[tuple[str, str], str] = {}
        units: dict[str, set[Unit]] = {name: set() for name in names.values()}
        for row in Rows(org.people):
            who = str(row["email"] or f"{names[row['file']]}\n{row['person']}").casefold()
            self._known.setdefault((row["file"], same_name(row["person"])), who)
            units[names[row["file"]]].add(self._unit(who, ("in", names[row["file"]])))
        self.of_goal: dict[str, Unit] = {}
        self._owners: dict[str, str | None] = {}
        for row in Rows(org.goals):
            key, owner = key_of(row), self.who(row["file"], row["owner"])
            self._owners[key] = owner
            self.of_goal[key] = self._unit(owner, (names[row["file"]], *(row[name] for name in ENTERED)))
            units[names[row["file"]]].add(self.of_goal[key])
        self.teams: dict[str, Group] = {name: frozenset(found) for name, found in units.items()}

    def who(self, file: str, name: str | None) -> str | None:
        """Who is meant by a name in a workbook; None if it is not in People."""
        return self._known.get((file, same_name(name or "")))

    def of_issue(self, row: Row) -> Unit:
        """An issue of a person, or of a goal's owner."""
        goal = key_of(row) if row["goal_id"] else None
        who = self.who(row["file"], row["person"]) if row["person"] else self._owners.get(goal or "")
        return self._unit(who, (self._names[row["file"]], row["code"], row["severity"], row["goal_id"]))


def _name(team: Row) -> str:
    """By what a team is known from edition to edition, wherever its workbook lies."""
    return f"{team['workbook_id'] or (team['team'], os.path.basename(team['file']))} {team['period']}"


def _below(org: Organisation, of_goal: Mapping[str, Unit]) -> dict[str, Group]:
    """The units of everything that supports a goal, for the goals that have a number from below."""
    nodes, groups = org.alignment.nodes, {}
    for at, node in enumerate(nodes):
        if node.children:
            below = set()
            for other in nodes[at + 1 :]:
                if other.level <= node.level:
                    break
                below.add(of_goal[other.key])
            groups[f"goal {node.key}"] = frozenset(below)
    return groups


def _trend(shown: Iterable[Row], organisation: str) -> Iterator[dict[str, Any]]:
    """Rows that were shown as lines of a trend, the organisation first; those of other organisations are none."""
    found = [row for row in shown if row.get("organisation") == organisation and row["period"]]
    days = {row["period"]: str(row["as_of"]) for row in found if "team" not in row}
    for row in sorted(
        found, key=lambda r: ("team" in r, same_name(r.get("team") or ""), days.get(r["period"], ""), r["period"])
    ):
        counts = row.get("status_counts") or {s.value: row[f"n_{s.value}"] for s in Status}
        judged = sum(n for status, n in counts.items() if status not in UNJUDGED)
        good = sum(counts[status] for status in GOOD)
        yield {
            **{name: row.get(name) for name in ("team", "period", "as_of", "people", "goals", "progress", "coverage")},
            "on_track": good / judged if judged else None, **NO_INDEX,
        }  # fmt: skip


def _whole(org: Organisation) -> dict[str, Any]:
    return {
        "organisation": common(org.teams["organisation"]), "period": common(org.teams["period"]),
        "as_of": org.as_of, "teams": len(org.teams), "people": len(org.people), "goals": len(org.goals), "check_ins": org.check_ins,
        **org.totals, "status_counts": org.status_counts, "proposals": len(org.proposals), "top_most": list(org.alignment.total),
    }  # fmt: skip


# -------------------------------------------------------------------------------------- issues


def _issues(org: Organisation, people: _People, editions: Editions, least: int) -> tuple[Row, ...] | None:
    """Each issue with the number of people whom it touches; below the least number only that it is so."""
    units: dict[tuple[str, str], set[Unit]] = {}
    for row in Rows(org.issues):
        units.setdefault((row["severity"], row["code"]), set()).add(people.of_issue(row))
    every: Group = frozenset().union(*units.values())
    if not every:
        return ()
    family = _Family(editions, "issues", least)
    told = family.told(WHOLE, {"issues": list(_counted(units, least))}, every, WHOLE in family.shown({WHOLE: every}))
    return None if told is None else tuple(told["issues"])


SEVERITIES = {"data": 0, "high": 1, "med": 2, "info": 3}


def _counted(units: Mapping[tuple[str, str], Iterable[Unit]], least: int) -> Iterator[dict[str, Any]]:
    for (severity, code), found in sorted(units.items(), key=lambda item: (SEVERITIES.get(item[0][0], 9), item[0][1])):
        n = people_in(found)
        told = f"{n} people" if n >= least else f"fewer than {least} people"
        yield {"severity": severity, "code": code, "evidence": told}


# ------------------------------------------------------------------------------------ fairness


def _fairness(org: Organisation, editions: Editions, least: int) -> Fairness | None:
    """The rates of groups that may be shown again, if they were asked for."""
    if org.fairness is None:
        return None

    def again(title: str, groups: Mapping[str, Sequence[tuple[str, bool]]]) -> set[str]:
        units = {name: frozenset(editions.unit(who, hit) for who, hit in pool) for name, pool in groups.items()}
        shown = showable(units, editions.earlier(f"fairness {title}"), least)
        for name in sorted(shown):
            editions.add(f"fairness {title}", name, {}, units[name])
        return shown

    return fairness_of(Rows(org.people), (), least, again)
