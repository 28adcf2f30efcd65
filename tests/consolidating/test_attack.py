"""An attacker holds every edition that executives ever got, and solves all their numbers together.

Random organisations with leavers, joiners, reorganisations and changed entries. The attacker knows everybody's
weights, parents and teams, reads the finished workbooks and the JSON, and looks for any sum of what was shown
that rests on fewer people than the minimum. PERFSHEET_ATTACKS=1000 tries as many organisations.
"""

from __future__ import annotations

import dataclasses
import math
import os
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

import perfsheet
from perfsheet.filling import fill
from perfsheet.forms import CHECKINS, GOALS, PEOPLE
from perfsheet.templates import template_bytes
from perfsheet.workbooks.reading import read

ATTACKS = int(os.environ.get("PERFSHEET_ATTACKS", "8"))
K = 5
Entry = tuple[str, str, int | None]
"""Owner, goal, value."""
FIELD = (1 << 61) - 1
"""Numbers modulo this prime: exact, where fractions would be slow."""


# ------------------------------------------------------------------------------ organisations


@dataclass(frozen=True)
class Goal:
    """A goal of 100 with so much done; without a value nothing is known, without a target it is the sum of its sub-goals."""

    id: str
    owner: str
    value: int | None
    weight: int = 1
    parent: str | None = None
    measured: bool = True

    @property
    def entry(self) -> Entry:
        """What stands in the workbook: a goal without a target has no check-ins there."""
        return (self.owner, self.id, self.value if self.measured else None)


@dataclass(frozen=True)
class Team:
    """Who is in it, with their groups, and what goals they have."""

    name: str
    people: Mapping[str, str]
    goals: tuple[Goal, ...]


Org = tuple[Team, ...]


def some_org(rng: random.Random) -> Org:
    """Two to five teams around the minimum size; some goals serve one of the first team's."""
    return tuple(some_team(rng, f"T{n}", above=bool(n) and rng.random() < 0.4) for n in range(rng.randint(2, 5)))


def some_team(rng: random.Random, name: str, above: bool) -> Team:
    people = {f"p{n}.{name}": rng.choice("AB") for n in range(rng.choice((1, 2, 3, 4, 5, 5, 6, 7, 9, 12)))}
    goals: list[Goal] = []
    for who in people:
        for _ in range(rng.choice((0, 1, 1, 1, 2))):
            own = rng.choice([g.id for g in goals]) if goals and rng.random() < 0.25 else None
            parent = own or (f"T0-{rng.randint(0, 2)}" if above and rng.random() < 0.6 else None)
            value = None if rng.random() < 0.15 else rng.randint(1, 99)
            goals.append(
                Goal(f"{name}-{len(goals)}", who, value, rng.choice((0, 1, 1, 1, 2, 5)), parent, rng.random() < 0.85)
            )
    return Team(name, people, tuple(goals))


def someone_leaves(rng: random.Random, org: Org) -> Org:
    team = rng.choice([t for t in org if t.people])
    who = rng.choice(sorted(team.people))
    return _without(org, who)


def _without(org: Org, who: str) -> Org:
    return tuple(
        dataclasses.replace(t, people={p: g for p, g in t.people.items() if p != who}, goals=tuple(g for g in t.goals if g.owner != who))
        for t in org
    )  # fmt: skip


def someone_joins(rng: random.Random, org: Org) -> Org:
    at = rng.randrange(len(org))
    who, team = f"new{rng.randrange(10**6)}", org[at]
    goal = Goal(f"{team.name}-{who}", who, rng.randint(1, 99))
    joined = dataclasses.replace(team, people={**team.people, who: "A"}, goals=(*team.goals, goal))
    return (*org[:at], joined, *org[at + 1 :])


def some_move(rng: random.Random, org: Org) -> Org:
    """A few people go to another team with their goals."""
    for _ in range(rng.choice((1, 1, 2, 5))):
        team = rng.choice([t for t in org if t.people])
        who = rng.choice(sorted(team.people))
        own = [g for g in team.goals if g.owner == who]
        at = rng.randrange(len(org))
        org = _without(org, who)
        goals = (dataclasses.replace(g, id=f"{org[at].name}-{g.id}", parent=None) for g in own)
        moved = dataclasses.replace(
            org[at], people={**org[at].people, who: team.people[who]}, goals=(*org[at].goals, *goals)
        )
        org = (*org[:at], moved, *org[at + 1 :])
    return org


def some_change(rng: random.Random, org: Org) -> Org:
    """A few, or many, check in with another value."""
    share = rng.choice((0.1, 0.5, 1.0))
    return tuple(
        dataclasses.replace(t, goals=tuple(dataclasses.replace(g, value=rng.randint(1, 99)) if rng.random() < share else g for g in t.goals))
        for t in org
    )  # fmt: skip


SCENARIOS: Mapping[str, Sequence[Callable[[random.Random, Org], Org]]] = {
    "one run": (),
    "a leaver": (someone_leaves, some_change),
    "a joiner": (someone_joins, some_change),
    "a reorganisation": (some_move, some_change),
}


def write(org: Org, folder: Path, before: Org = ()) -> None:
    """Writes the workbooks of the teams that are not as they were before."""
    folder.mkdir(exist_ok=True)
    for team in org:
        if team in before:
            continue
        if not team.people:
            (folder / f"{team.name}.xlsx").unlink(missing_ok=True)
            continue
        goals = [
            {"goal_id": g.id, "goal": f"Goal {g.id}", "owners": (g.owner,), "kind": "Increase", "weight": g.weight, "parent": g.parent}
            | ({"baseline": 0, "target": 100} if g.measured else {})
            for g in team.goals
        ]  # fmt: skip
        log = [
            {"day": date(2026, 1, 20), "goal_id": g.id, "value": g.value}
            for g in team.goals
            if g.measured and g.value is not None
        ]
        people = [{"person": who, "email": f"{who}@x.example", "group": group} for who, group in team.people.items()]
        settings = {
            "organisation": "Org", "team": team.name, "manager": next(iter(team.people)), "period": "2026 Q1",
            "period_start": date(2026, 1, 1), "period_end": date(2026, 3, 31), "workbook_id": team.name,
        }  # fmt: skip
        data = fill(template_bytes("team"), {PEOPLE: people, GOALS: goals, CHECKINS: log}, settings)
        (folder / f"{team.name}.xlsx").write_bytes(data)


# ------------------------------------------------------------------- what the attacker knows of sums

Row = dict[Entry, int]
"""One equation: what each goal as it stands is multiplied by."""


def _mean(parts: Iterable[tuple[int, Row]]) -> Row:
    """The weighted mean of some rows."""
    known = [(w, row) for w, row in parts if w > 0 and row]
    scale = pow(sum(w for w, _ in known), -1, FIELD) if known else 0
    total: Row = {}
    for w, row in known:
        for key, value in row.items():
            total[key] = (total.get(key, 0) + w * scale * value) % FIELD
    return total


class Oracle:
    """The definitions once more, written from the docs: what is in a team's number and in a goal's number from below."""

    def __init__(self, org: Org) -> None:
        self.goals = {g.id: g for t in org for g in t.goals}
        self.team_of = {g.id: t.name for t in org for g in t.goals}
        self.scale = math.lcm(*range(1, 60))
        self.tops = {t.name: sum(self._tops(g, t.name) for g in t.goals) for t in org}

    def _tops(self, goal: Goal, team: str) -> bool:
        """Whether a goal counts by itself in its team: no ancestor there that counts."""
        above = self.goals.get(goal.parent or "")
        while above is not None and self.team_of[above.id] == team:
            if above.weight > 0:
                return False
            above = self.goals.get(above.parent or "")
        return goal.weight > 0

    def _children(self, goal: Goal, team: str | None) -> list[Goal]:
        return [g for g in self.goals.values() if g.parent == goal.id and team in (None, self.team_of[g.id])]

    def number(self, goal: Goal, team: str | None) -> tuple[Row, float]:
        """A goal's own number, or that of its sub-goals in the team or anywhere, and how much of it is known."""
        if goal.measured:
            return ({}, 0.0) if goal.value is None else ({goal.entry: 1}, 1.0)
        return _enough(*self.below(goal, team))

    def below(self, goal: Goal, team: str | None) -> tuple[Row, float]:
        return _rolled([(self._share(g, team), *self.number(g, team)) for g in self._children(goal, team)])

    def _share(self, goal: Goal, team: str | None) -> int:
        """A goal's weight: as it is in its own team, and as a share of its workbook's top-most goals elsewhere."""
        own = self.team_of[goal.id]
        whole = sum(g.weight for g in self.goals.values() if self.team_of[g.id] == own and self._tops(g, own))
        return goal.weight if team else goal.weight * self.scale // whole if whole else 0

    def team(self, team: Team) -> Row:
        members = [(g.weight, *self.number(g, team.name)) for g in team.goals if self._tops(g, team.name)]
        return _enough(*_rolled(members))[0]


def _rolled(members: Sequence[tuple[int, Row, float]]) -> tuple[Row, float]:
    """A weighted mean and the share of the weight that is known."""
    whole = sum(w for w, _, _ in members)
    return _mean((w, row) for w, row, _ in members), sum(w * known for w, _, known in members) / whole if whole else 0.0


def _enough(row: Row, known: float) -> tuple[Row, float]:
    """Below 30 % there is no number."""
    return (row, known) if known >= 0.3 else ({}, known)


# --------------------------------------------------------------------------- what was shown


def shown(output: Path, org_of: Mapping[int, Org], day: int) -> Iterator[tuple[str, Row, float]]:
    """(attribute, equation, right side) of everything in one finished workbook; `org_of` is the truth by day."""
    book = read(output)
    teams = _table(book.sheet("Teams"), 4)
    for row in teams:
        org = org_of[row["As of"].day]  # type: ignore[attr-defined]
        team = next(t for t in org if t.name == row["Team"])
        if row.get("Progress") is not None:
            yield "progress", Oracle(org).team(team), float(row["Progress"])  # type: ignore[arg-type]
        yield "status", {g.entry: 1 for g in team.goals}, float(row["Goals"])  # type: ignore[arg-type]
    summary = book.sheet("Summary")
    assert summary is not None
    head = str(summary.cells[2, 1].value)
    if "too few" not in head:
        org = org_of[int(head.split("as of 2026-02-")[1][:2])]
        every = [g for t in org for g in t.goals]
        yield (
            "status",
            {g.entry: 1 for g in every},
            float(sum(int(summary.cells[r, 2].value) for r in range(9, 19))),
        )  # type: ignore[call-overload]
        if (5, 1) in summary.cells and summary.cells[5, 1].value is not None:
            oracle = Oracle(org)
            rows = ((oracle.tops[t.name], oracle.team(t)) for t in org)
            yield "progress", _mean(rows), float(summary.cells[5, 1].value)  # type: ignore[arg-type]
    oracle = Oracle(org_of[day])
    for row in _table(book.sheet("Alignment"), 4):
        if row.get("From below") is not None:
            yield "below", oracle.below(oracle.goals[str(row["Goal ID"])], None)[0], float(row["From below"])  # type: ignore[arg-type]
    fairness = book.sheet("Fairness")
    first = [str(c.value) for (r, column), c in sorted(fairness.cells.items()) if column == 1] if fairness else []
    if fairness and "No goal off track or overdue" in first:
        for row in _table(fairness, 8):
            if row["Group"] not in ("A", "B"):
                break
            judged = {g.owner for t in org_of[day] for g in t.goals if oracle.number(g, t.name)[0]}
            pool = {who for t in org_of[day] for who, group in t.people.items() if group == row["Group"]} & judged
            assert len(pool) == row["People"], "the attacker must know the equations"
            yield (
                "status",
                {g.entry: 1 for t in org_of[day] for g in t.goals if g.owner in pool},
                float("nan"),
            )


def _table(sheet: object, top: int) -> list[dict[str, object]]:
    cells = sheet.cells  # type: ignore[attr-defined]
    headers = {column: str(c.value) for (row, column), c in cells.items() if row == top}
    rows: dict[int, dict[str, object]] = {}
    for (row, column), cell in sorted(cells.items()):
        if row > top and column in headers and cell.value is not None:
            rows.setdefault(row, {})[headers[column]] = cell.value
    return list(rows.values())


# ----------------------------------------------------------------------------------- the attack


def _reduced(rows: Iterable[Mapping[object, int]]) -> list[dict[object, int]]:
    """A basis of the rows in reduced echelon form."""
    basis: dict[object, dict[object, int]] = {}
    for given in rows:
        row = {key: value % FIELD for key, value in given.items() if value % FIELD}
        for pivot in [key for key in row if key in basis]:
            row = _less(row, basis[pivot], row.get(pivot, 0))
        if not row:
            continue
        pivot = next(iter(row))
        inverse = pow(row[pivot], -1, FIELD)
        row = {key: value * inverse % FIELD for key, value in row.items()}
        basis = {key: _less(other, row, other.get(pivot, 0)) for key, other in basis.items()}
        basis[pivot] = row
    return list(basis.values())


def _less(row: Mapping[object, int], other: Mapping[object, int], times: int) -> dict[object, int]:
    found = dict(row)
    for key, value in other.items():
        left = (found.get(key, 0) - times * value) % FIELD
        if left:
            found[key] = left
        else:
            found.pop(key, None)
    return found


def isolated(rows: Sequence[Row], least: int) -> set[str] | None:
    """Fewer people than `least` on whom alone some sum of the rows rests, or None.

    Columns that are multiples of one another stay together whatever is added; only whole such classes can be
    the rest of a sum, so that all sets of small classes are tried.
    """
    basis = _reduced(rows)  # type: ignore[arg-type]
    classes: dict[tuple[int, ...], set[str]] = {}
    for column in {key for row in basis for key in row}:
        vector = [row.get(column, 0) for row in basis]
        inverse = pow(next(v for v in vector if v), -1, FIELD)
        classes.setdefault(tuple(v * inverse % FIELD for v in vector), set()).add(column[0])  # type: ignore[index]
    small = [vector for vector, people in classes.items() if len(people) < least]

    def rank_without(gone: set[tuple[int, ...]]) -> int:
        left = [v for v in classes if v not in gone]
        return len(_reduced({at: v[i] for at, v in enumerate(left)} for i in range(len(basis))))

    def search(at: int, gone: set[tuple[int, ...]], people: set[str]) -> set[str] | None:
        if gone and rank_without(gone) < len(basis):
            return people
        for i in range(at, len(small)):
            more = people | classes[small[i]]
            if len(more) < least and (found := search(i + 1, gone | {small[i]}, more)) is not None:
                return found
        return None

    return search(0, set(), set())


def test_the_attacker_finds_what_can_be_found() -> None:
    def row(**people: int) -> Row:
        return {(who, who, 0): value for who, value in people.items()}

    whole = row(**{f"a{n}": 1 for n in range(9)})
    assert isolated([whole], 5) is None
    assert isolated([whole, row(**{f"a{n}": 1 for n in range(8)})], 5) == {"a8"}
    assert isolated([whole, row(**{f"a{n}": 1 for n in range(4)})], 5) == {"a0", "a1", "a2", "a3"}
    assert isolated([whole, row(**{f"a{n}": 1 + (n == 3) for n in range(9)})], 5) == {"a3"}


@pytest.mark.parametrize("attack", range(ATTACKS))
def test_nobody_and_no_small_group_is_determined(attack: int, tmp_path: Path) -> None:
    """Each organisation goes through one of the scenarios, edition by edition."""
    scenario = list(SCENARIOS)[attack % len(SCENARIOS)]
    rng = random.Random(f"{attack} {scenario}")
    org_of: dict[int, Org] = {}
    known: dict[str, list[Row]] = {}
    before: Org = ()
    org = some_org(rng)
    for step, change in enumerate((None, *SCENARIOS[scenario])):
        org = change(rng, org) if change else org
        org_of[day := 14 + step] = org
        write(org, tmp_path / "teams", before)
        before, output = org, tmp_path / f"{step}.xlsx"
        perfsheet.consolidate(
            [tmp_path / "teams"], output=output, audience="exec", fairness=True, as_of=date(2026, 2, day), cache=tmp_path / "cache"
        )  # fmt: skip
        for attribute, row, value in shown(output, org_of, day):
            if attribute != "status":
                assert _value(row) == pytest.approx(value), "the attacker must know the equations"
            known.setdefault("progress" if attribute == "below" else attribute, []).append(row)
    for attribute, rows in known.items():
        assert (scenario, attribute, isolated(rows, K)) == (scenario, attribute, None)


def _value(row: Row) -> float:
    """The right side as the goals' values give it: the one fraction that this number of the field can stand for.

    By Euclid's algorithm, stopped where the numerator is small: at most 100 times a denominator below 200 million.
    """
    total = sum(coefficient * (value or 0) for (_, _, value), coefficient in row.items()) % FIELD
    before, above, below_before, below = FIELD, total, 0, 1
    while above > math.isqrt(50 * FIELD):
        times = before // above
        before, above = above, before - times * above
        below_before, below = below, below_before - times * below
    return above / below / 100
