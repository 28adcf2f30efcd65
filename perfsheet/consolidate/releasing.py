"""The organisation's sums as executives may see them: small groups hidden, and what earlier editions would give away held back.

A number whose group has changed by only a few people since it was last shown stays as it was last
shown, with its day. What only the calendar moves (expected progress, a status) is no change of anybody's.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from ..forms import same_name
from ..scoring import Status
from ..scoring.outcomes import Fairness, fairness_of, who_is
from .alignment import key_of
from .differencing import Group, Unit, people_in, showable, weighing
from .editions import Editions
from .packing import Rows
from .privacy import Released
from .resting import behind_parents, behind_team
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
"""What a goal's owner and manager enter, or what follows from that alone where the goal is measured by itself."""
FROM_BELOW = ("progress", "raw_progress")
"""What others entered where a goal is the sum of its sub-goals."""


def release(org: Organisation, editions: Editions) -> Released:
    """What may be shown of the organisation after the editions before; it is added to them."""
    least = org.minimum_group
    people = _People(org, editions)
    whole = _whole(org)
    name_of_whole = f"{WHOLE} {whole['organisation']} {whole['period']}"
    everybody, everything = frozenset().union(*people.teams.values()), people.in_the_whole()
    weighing_below, behind = behind_parents(org.alignment.nodes)
    in_coverage = {f"goal {key}": people.units(goals) for key, goals in weighing_below.items()}
    known = {f"goal {key}": people.shared(shares) for key, shares in behind.items()}
    sums = _Sums(
        editions,
        least,
        {**people.teams, **in_coverage, name_of_whole: everybody},
        {**people.numbers, **known, name_of_whole: everything},
    )
    rows = {name: {key: row[key] for key in TEAM} for name, row in people.facts.items()}
    rows[name_of_whole] = whole
    told = {name: sums.told(name, row) for name, row in rows.items()}
    for name in sorted(sums.shown - told.keys()):
        sums.told(name, {})
    teams = tuple(row for name, row in told.items() if row is not None and name != name_of_whole)
    return Released(
        told[name_of_whole], teams, len(people.teams) - len(teams), sums.held,
        frozenset(name.removeprefix("goal ") for name in sums.shown if name.startswith("goal ")),
        _issues(org, people, editions, least, name_of_whole in sums.shown), _fairness(org, people, editions, least),
        tuple(_trend(editions.last_rows(ENTRIES), whole["organisation"])),
    )  # fmt: skip


ENTRIES, NUMBERS = "progress", "numbers"
"""The families of sums: what is counted over all entries of a group, and what only goals with a number and a weight are in."""


class _Sums:
    """Sums over groups, of which each may be shown only if neither its counts nor its number give too much away."""

    def __init__(
        self, editions: Editions, least: int, entries: Mapping[str, Group], numbers: Mapping[str, Group]
    ) -> None:
        self._editions, self._least = editions, least
        self._groups = {ENTRIES: entries, NUMBERS: {name: units for name, units in numbers.items() if units}}
        without = entries.keys() - self._groups[NUMBERS].keys()
        fine = without | showable(self._groups[NUMBERS], editions.earlier(NUMBERS), least)
        counts = {name: units for name, units in entries.items() if name in fine}
        self.shown = showable(counts, editions.earlier(ENTRIES), least)
        self.held = 0

    def told(self, name: str, row: Mapping[str, Any]) -> Row | None:
        """The row if it may be shown, else as it was last shown; nothing for a group that is too small by now."""
        own = {family: groups[name] for family, groups in self._groups.items() if name in groups}
        if name in self.shown:
            for family, units in own.items():
                self._editions.add(family, name, dict(row) if family == ENTRIES else {}, units)
            return row
        large = all(people_in(units) >= self._least for units in own.values())
        last = self._editions.latest(ENTRIES, name) if large else None
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
        self._persons: dict[str, set[str]] = {}
        for row in Rows(org.people):
            who = str(row["email"] or f"{names[row['file']]}\n{row['person']}").casefold()
            self._known.setdefault((row["file"], same_name(row["person"])), who)
            self._persons.setdefault(who_is(row), set()).add(who)
        self.of_goal: dict[str, Group] = {}
        self._owners: dict[str, str | None] = {}
        goals: dict[str, list[Row]] = {file: [] for file in names}
        for row in Rows(org.goals):
            key, owner = key_of(row), self.who(row["file"], row["owner"])
            self._owners[key] = owner
            self.of_goal[key] = frozenset(self._units_of(row, owner))
            goals[row["file"]].append(row)
        self.teams = {names[file]: self.units(key_of(row) for row in rows) for file, rows in goals.items()}
        """Every goal of a team."""
        self._behind = {
            name: behind_team(goals[file]) if self.facts[name]["progress"] is not None else {}
            for file, name in names.items()
        }
        self.numbers = {name: self.shared(shares) for name, shares in self._behind.items()}
        """Those that the team's number rests on; none where it has no number."""
        self._owned: dict[str | None, set[Unit]] = {}
        for key, units in self.of_goal.items():
            self._owned.setdefault(self._owners[key], set()).update(units)

    def _units_of(self, row: Row, owner: str | None) -> Iterator[Unit]:
        """What the owner entered; and of nobody what came from below, so that it makes no group of changes larger."""
        entered = [name for name in ENTERED if row["measured"] or name not in FROM_BELOW]
        yield self._unit(owner, (self._names[row["file"]], *(row[name] for name in entered)))
        if not row["measured"]:
            yield self._unit(None, (self._names[row["file"]], row["goal_id"], *(row[name] for name in FROM_BELOW)))

    def in_the_whole(self) -> Group:
        """The units of the organisation's number: each team weighs by its goals that count."""
        counted = {name: facts["counted"] for name, facts in self.facts.items()}
        parts = (self.shared(shares, counted[name]) for name, shares in self._behind.items() if counted[name])
        return frozenset[Unit]().union(*parts)

    def shared(self, shares: Mapping[str, Fraction], times: int = 1) -> Group:
        """The units of some goals with what each has in a number.

        It must be the very share, in every number and on every day: a unit that seems to have another one seems to
        be left over when the numbers are subtracted, and to make what is left larger.
        """
        return frozenset[Unit]().union(*(weighing(self.of_goal[key], times * share) for key, share in shares.items()))

    def units(self, goals: Iterable[str]) -> Group:
        """The units of some goals."""
        return frozenset[Unit]().union(*(self.of_goal[key] for key in goals))

    def entries_of(self, persons: Iterable[str]) -> Group:
        """The units of everything that some people own, as fairness numbers know them."""
        whos = {who for person in persons for who in self._persons.get(person, ())}
        return frozenset().union(*(self._owned.get(who, ()) for who in whos))

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
        **org.totals, "status_counts": org.status_counts, "proposals": len(org.proposals),
    }  # fmt: skip


# -------------------------------------------------------------------------------------- issues


def _issues(org: Organisation, people: _People, editions: Editions, least: int, fresh: bool) -> tuple[Row, ...] | None:
    """Each issue with the number of people whom it touches; below the least number only that it is so.

    They are new only where the organisation's other numbers are: a goal off track is counted in both.
    """
    units: dict[tuple[str, str], set[Unit]] = {}
    for row in Rows(org.issues):
        units.setdefault((row["severity"], row["code"]), set()).add(people.of_issue(row))
    every: Group = frozenset().union(*units.values())
    if not every:
        return ()
    if fresh and showable({WHOLE: every}, editions.earlier("issues"), least):
        editions.add("issues", WHOLE, {"issues": list(_counted(units, least))}, every)
    told = editions.latest("issues", WHOLE) if people_in(every) >= least else None
    return None if told is None else tuple(told["issues"])


SEVERITIES = {"data": 0, "high": 1, "med": 2, "info": 3}


def _counted(units: Mapping[tuple[str, str], Iterable[Unit]], least: int) -> Iterator[dict[str, Any]]:
    for (severity, code), found in sorted(units.items(), key=lambda item: (SEVERITIES.get(item[0][0], 9), item[0][1])):
        n = people_in(found)
        told = f"{n} people" if n >= least else f"fewer than {least} people"
        yield {"severity": severity, "code": code, "evidence": told}


# ------------------------------------------------------------------------------------ fairness


def _fairness(org: Organisation, people: _People, editions: Editions, least: int) -> Fairness | None:
    """The rates of groups that may be shown beside what was shown of teams and before, if they were asked for."""
    if org.fairness is None:
        return None

    def again(title: str, groups: Mapping[str, Sequence[tuple[str, bool]]]) -> set[str]:
        outcomes = {name: frozenset(editions.unit(who, hit) for who, hit in pool) for name, pool in groups.items()}
        entries = {name: people.entries_of(who for who, _ in pool) for name, pool in groups.items()}
        families = {f"fairness {title}": outcomes, ENTRIES: entries}
        shown = set(groups).intersection(
            *(showable(units, editions.earlier(f), least) for f, units in families.items())
        )
        for name in sorted(shown):
            editions.add(f"fairness {title}", name, {}, outcomes[name])
            editions.add(ENTRIES, f"fairness {title} {name}", {}, entries[name])
        return shown

    return fairness_of(Rows(org.people), (), least, again)
