"""A workbook for each manager, thousands at a time: people, goals and settings filled in, with an id to know it by.

The folder gets a manifest beside the workbooks, by which consolidation knows who has not returned theirs.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import unicodedata
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .counting import progress_to
from .errors import Misuse, Obstacle, Unwritable
from .filling import FACTS_OF_OPTIONS, NAMESPACE, Filler
from .forms import GOALS, PEOPLE, Goal, Person, same_name
from .handed_out import MANIFEST, Handed, manifest, read_manifest, write_manifest
from .lists import read_goals, read_people
from .templates import in_language, template_path
from .workbooks.package import open_package
from .workbooks.saving import create

PAYS_FROM = 40
"""Below this many workbooks, starting worker processes costs more than it saves."""
BATCH = 16

PERIOD = ("organisation", "period", "period_start", "period_end")
"""The facts that a folder of workbooks has in common."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Team:
    """One manager's team: who is in it, and the goals handed down to it."""

    manager: str
    email: str | None
    name: str
    file: str
    id: str
    people: tuple[Row, ...]
    goals: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Distributed:
    """What `distribute` did, or would do on a dry run."""

    directory: str
    facts: Mapping[str, Any]
    handed: tuple[Handed, ...]
    kept: tuple[str, ...] = ()
    """Files that were there already and were left as they are."""
    notes: tuple[str, ...] = ()
    """What a person should know about the roster, a line each."""
    seconds: float = 0.0

    def answer(self) -> dict[str, Any]:
        """For JSON: what the manifest holds, and what this run alone says."""
        told = manifest(self.facts, self.handed)
        return {"directory": self.directory, **told, "kept": list(self.kept), "notes": list(self.notes)}


def distribute(
    roster: str | os.PathLike[str],
    directory: str | os.PathLike[str],
    *,
    template: str = "team",
    language: str = "en",
    goals: str | os.PathLike[str] | None = None,
    cascade: str | os.PathLike[str] | None = None,
    facts: Mapping[str, Any] | None = None,
    jobs: int | None = None,
    force: bool = False,
    dry_run: bool = False,
    progress: bool = False,
) -> Distributed:
    """Makes a workbook for each manager in the roster.

    `goals` is a library of goals by role, `cascade` a workbook whose goals are handed down to those
    who report to their owners. A workbook that is there already is left alone unless `force`. The
    same roster and facts give the same ids and bytes. `progress` counts on a terminal. Raises Misuse, a line for each entry of the
    roster that cannot be used, before anything is written.
    """
    settings = {FACTS_OF_OPTIONS.get(name, name): value for name, value in (facts or {}).items() if value is not None}
    folder = Path(directory)
    before = _handed_before(folder, settings, force)
    named = {h.id: h.file for h in before}
    people = _still_here(read_people(roster), settings)
    teams = teams_of(people, os.fspath(roster), settings, _library(goals), _cascade(cascade), named)
    there = [] if force else [t for t in teams if os.path.lexists(folder / t.file)]
    foreign = [t.file for t in there if t.id not in named and _id_in(folder / t.file) != t.id]
    if foreign:
        raise Misuse(
            "\n".join(
                f"{folder / name}: another file is there already; move it away, or choose another folder"
                for name in foreign
            )
        )
    kept = frozenset(t.file for t in there)
    missing = [t for t in teams if t.file not in kept]
    tick = progress_to(sys.stderr if progress else None, len(missing))
    digests = {} if dry_run else dict(_write(folder, missing, (template, language), settings, jobs, tick))
    known = {h.id: h for h in before if h.file in kept}
    handed = tuple(known.get(t.id) or _handed(t, digests.get(t.file, "")) for t in teams)
    notes = tuple(_left_out(people, teams, os.fspath(roster)))
    found = Distributed(os.fspath(directory), settings, handed, tuple(t.file for t in there), notes)
    if not dry_run:
        ids = {t.id for t in teams}
        write_manifest(folder / MANIFEST, settings, [*handed, *(h for h in before if h.id not in ids)])
    return found


def _handed(team: Team, digest: str) -> Handed:
    return Handed(team.id, team.file, team.manager, team.email, team.name, len(team.people), len(team.goals), digest)


def _handed_before(folder: Path, settings: Mapping[str, Any], force: bool) -> list[Handed]:
    """What earlier runs for the same period handed out in this folder; another period needs another folder."""
    path = folder / MANIFEST
    if not path.exists():
        return []
    before = read_manifest(path)
    told = json.loads(path.read_text(encoding="utf-8"))
    of, now = ([str(facts.get(name, "")) for name in PERIOD] for facts in (told, settings))
    if of == now:
        return before
    if not force:
        raise Misuse(
            f"{folder} holds the workbooks of {' '.join(filter(None, of[:2]))}; choose another folder for these"
        )
    return []


def _id_in(path: Path) -> str | None:
    """The id of the workbook that is there; None for a file that is none or cannot be read."""
    from .cycle import read

    try:
        return read(path).settings.workbook_id
    except Obstacle:
        return None


# ----------------------------------------------------------------------------------- who is whose


def teams_of(
    people: Sequence[Person],
    roster: str,
    facts: Mapping[str, Any],
    library: Sequence[Goal] = (),
    handed_down: Sequence[Goal] = (),
    named: Mapping[str, str] | None = None,
) -> list[Team]:
    """A team for each manager, by the order of the roster. `named` holds the files of earlier runs by id: they stay.

    Raises Misuse for a roster that does not say who is whose."""
    bosses = _bosses(people, roster)
    reports: dict[int, list[Person]] = {}
    for number, boss in bosses.items():
        if boss is not None:
            reports.setdefault(boss, []).append(people[number])
    names = _file_names([people[n] for n in reports], facts, named or {})
    return [
        _team(people[n], people[b] if (b := bosses[n]) is not None else None, own, file, facts, library, handed_down)
        for (n, own), file in zip(reports.items(), names, strict=True)
    ]


def _still_here(people: Sequence[Person], facts: Mapping[str, Any]) -> list[Person]:
    """Without those who left before the period began and whom nobody reports to any more."""
    start = facts.get("period_start")
    managers = {same_name(p.manager) for p in people if p.manager}
    return [
        p
        for p in people
        if not (p.end and start and p.end < start) or managers & {same_name(p.person), same_name(p.email or "")}
    ]


def _left_out(people: Sequence[Person], teams: Sequence[Team], roster: str) -> Iterator[str]:
    """Whoever comes into no workbook, for want of a manager."""
    managers = {(t.manager, t.email) for t in teams}
    for person in people:
        alone = not person.manager or _is_self(person)
        if alone and (person.person, person.email) not in managers:
            yield _say(
                roster,
                person,
                "manager",
                f"{person.person} has no manager and manages nobody, so is in no workbook; fill in Manager",
            )


def _is_self(person: Person) -> bool:
    """Whether a person is named as their own manager, as some systems export whoever is at the top."""
    return same_name(person.manager or "") in {same_name(person.person), same_name(person.email or person.person)}


def _bosses(people: Sequence[Person], roster: str) -> dict[int, int | None]:
    """Each person's manager, by their places in the roster."""
    by_name: dict[str, list[int]] = {}
    by_email: dict[str, int] = {}
    wrong: list[str] = []
    for n, person in enumerate(people):
        by_name.setdefault(same_name(person.person), []).append(n)
        if person.email and by_email.setdefault(person.email.casefold(), n) != n:
            wrong.append(
                _say(roster, person, "email", f"{person.email} stands in the roster twice; remove one of the rows")
            )
    for places in by_name.values():
        if len(places) > 1 and not all(people[n].email for n in places):
            rows = " and ".join(str(people[n].row) for n in places)
            what = f"{people[places[1]].person} stands in the roster twice, in rows {rows}; remove one, or give each an e-mail address"
            wrong.append(_say(roster, people[places[1]], "person", what))
    found: dict[int, int | None] = {}
    for n, person in enumerate(people):
        found[n] = _boss(n, person, by_name, by_email, roster, wrong)
    for circle in _circles(found):
        names = " → ".join(people[n].person for n in (*circle, circle[0]))
        wrong.append(_say(roster, people[circle[0]], "manager", f"managers in a circle, {names}; correct one of them"))
    wrong += [_say(roster, *told) for told in _namesakes(people, found)]
    if wrong:
        raise Misuse("\n".join(wrong))
    return found


def _boss(
    n: int, person: Person, by_name: Mapping[str, Sequence[int]], by_email: Mapping[str, int], roster: str, wrong: list[str]
) -> int | None:  # fmt: skip
    if not person.manager or (_is_self(person) and len(by_name[same_name(person.person)]) == 1):
        return None
    email = by_email.get(person.manager.casefold())
    places = [email] if email is not None else by_name.get(same_name(person.manager), [])
    if len(places) == 1:
        return places[0]
    problem = (
        f"the manager {person.manager} has no row in the roster; add one, or correct the name"
        if not places
        else f"the roster has {len(places)} people called {person.manager}; name the manager by e-mail address"
    )
    wrong.append(_say(roster, person, "manager", problem))
    return None


def _circles(bosses: Mapping[int, int | None]) -> list[list[int]]:
    """People whose chains of managers lead back to themselves, each circle once, from its first row."""
    found: list[list[int]] = []
    done: set[int] = set()
    for start in bosses:
        chain: dict[int, None] = {}
        step: int | None = start
        while step is not None and step not in chain and step not in done:
            chain[step] = None
            step = bosses[step]
        if step is not None and step in chain:
            found.append(list(chain)[list(chain).index(step) :])
        done.update(chain)
    return found


def _namesakes(people: Sequence[Person], bosses: Mapping[int, int | None]) -> Iterator[tuple[Person, str, str]]:
    """Two people of one name who come into one workbook, where names tell people apart."""
    members: dict[int, dict[str, int]] = {}
    for n, boss in bosses.items():
        if boss is None:
            continue
        team = members.setdefault(boss, {same_name(people[boss].person): boss})
        first = team.setdefault(same_name(people[n].person), n)
        if first != n:
            name = people[n].person
            yield (
                people[n],
                "person",
                f"{name} comes into one workbook with the one in row {people[first].row}; write one as '{name} (…)'",
            )


def _say(roster: str, person: Person, field_name: str, what: str) -> str:
    place = person.at(field_name if field_name in person.place.columns else "person")
    return f"{roster}, {place.cell}: {what}"


# ------------------------------------------------------------------------------------- one team


def _team(
    manager: Person, boss: Person | None, reports: Sequence[Person], file: str, facts: Mapping[str, Any], library: Sequence[Goal],
    handed_down: Sequence[Goal],
) -> Team:  # fmt: skip
    groups = {p.group for p in reports if p.group}
    name = groups.pop() if len(groups) == 1 else f"{manager.person}'s team"
    members = [manager, *reports]
    rows = tuple(_person_row(p, None if p is manager else manager) for p in members)
    goals = (*_handed_goals(manager, boss, handed_down), *_role_goals(members if boss is None else reports, library))
    return Team(manager.person, manager.email, name, file, _id(manager, facts), rows, goals)


def _person_row(person: Person, boss: Person | None) -> Row:
    """A row of People; the manager's own manager is not in this workbook, and looks after the manager in another."""
    return {
        "person": person.person, "email": person.email, "role": person.role, "manager": boss.person if boss else None,
        "group": person.group, "start": person.start, "end": person.end,
    }  # fmt: skip


def _id(manager: Person, facts: Mapping[str, Any]) -> str:
    """The same for the same organisation, period and manager, whatever the file is called."""
    told = [f"{name}={facts.get(name) or ''}" for name in PERIOD]
    return str(uuid.uuid5(NAMESPACE, "\n".join([*told, f"manager={manager.email or manager.person}".casefold()])))


def _handed_goals(manager: Person, boss: Person | None, goals: Sequence[Goal]) -> Iterator[Row]:
    """What the manager's own manager answers for, as drafts under it: the team says what its part is."""
    own = [
        g
        for g in goals
        if boss is not None and same_name(g.owner) == same_name(boss.person) and g.state in (None, "Active")
    ]
    for n, goal in enumerate(own, start=1):
        yield {
            "goal_id": f"C{n}", "goal": f"Our part in: {goal.goal}", "owners": (manager.person,), "parent": goal.goal_id, "kind": goal.kind,
            "unit": goal.unit, "state": "Draft",
        }  # fmt: skip


ROLE_FIELDS = (
    "goal",
    "parent",
    "measure",
    "kind",
    "unit",
    "baseline",
    "target",
    "lower",
    "upper",
    "weight",
    "start",
    "due",
    "state",
    "aspiration",
)


def _role_goals(members: Sequence[Person], library: Sequence[Goal]) -> Iterator[Row]:
    """Each goal of the library for everybody whose role it is for; with several people the id gets a number.

    A manager's own stand where the manager is one of the reports, so that no goal stands in two workbooks.
    """
    for goal in library:
        roles = {same_name(role) for role in goal.owners}
        own = [p for p in members if "*" in roles or same_name(p.role or "") in roles]
        for n, person in enumerate(own, start=1):
            name = goal.goal_id if len(own) == 1 else f"{goal.goal_id}-{n}"
            yield {"goal_id": name, "owners": (person.person,), **{f: getattr(goal, f) for f in ROLE_FIELDS}}


def _library(path: str | os.PathLike[str] | None) -> list[Goal]:
    return read_goals(path) if path else []


def _cascade(path: str | os.PathLike[str] | None) -> list[Goal]:
    if path is None:
        return []
    from .cycle import read

    found = list(read(path).goals)
    if not found:
        raise Misuse(f"{path}: there are no goals in it to hand down")
    return found


# ------------------------------------------------------------------------------------ file names

RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10))})


def safe_name(text: str) -> str:
    """A file name that every system takes: letters, digits, dots and dashes; never a reserved word."""
    plain = "".join(c if c.isalnum() else "-" for c in unicodedata.normalize("NFC", text))
    name = "-".join(part for part in plain.split("-") if part)[:80] or "team"
    return f"{name}-team" if name.casefold() in RESERVED else name


def _file_names(managers: Sequence[Person], facts: Mapping[str, Any], named: Mapping[str, str]) -> list[str]:
    """A name for each manager's workbook; two of one name are told apart by their addresses, else by the id.

    Not by their order: a namesake who joins must not be given the workbook of another.
    """
    taken = {name.casefold() for name in named.values()}
    bases = Counter(safe_name(person.person).casefold() for person in managers)
    names = []
    for person in managers:
        number, base = _id(person, facts), safe_name(person.person)
        address = f"{base}-{safe_name((person.email or '').partition('@')[0])}" if person.email else ""
        options = (base if bases[base.casefold()] == 1 else "", address, f"{base}-{number[:8]}", number)
        free = (f"{option}.xlsx" for option in options if option and f"{option}.xlsx".casefold() not in taken)
        names.append(named.get(number) or next(free))
        taken.add(names[-1].casefold())
    return names


# --------------------------------------------------------------------------------------- writing


@dataclass
class _Maker:
    """What a worker process keeps between workbooks: the template, looked at once."""

    filler: Filler | None = None
    folder: Path = field(default_factory=Path)
    settings: Mapping[str, Any] = field(default_factory=dict)


_maker = _Maker()


def _prepare(template: tuple[str, str], folder: str, settings: Mapping[str, Any]) -> None:
    source = template_path(template[0])
    _maker.filler = Filler(in_language(open_package(source).data, template[1]), os.fspath(source))
    _maker.folder, _maker.settings = Path(folder), settings


def _make(teams: Sequence[Team]) -> list[tuple[str, str]]:
    """Writes workbooks; returns each file's name and digest."""
    assert _maker.filler is not None
    made = []
    for team in teams:
        facts = {**_maker.settings, "team": team.name, "manager": team.manager, "workbook_id": team.id}
        data = _maker.filler.new_workbook(facts, {PEOPLE: team.people, GOALS: team.goals})
        create(_maker.folder / team.file, data, overwrite=True)
        made.append((team.file, hashlib.sha256(data).hexdigest()))
    return made


def _write(
    folder: Path,
    teams: Sequence[Team],
    template: tuple[str, str],
    settings: Mapping[str, Any],
    jobs: int | None,
    tick: Callable[[int], None],
) -> list[tuple[str, str]]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unwritable(folder, f"the folder cannot be made ({error.strerror})", "Choose another folder") from error
    workers = jobs or (min(os.cpu_count() or 1, 8) if len(teams) >= PAYS_FROM else 1)
    prepared = (template, os.fspath(folder), settings)
    batches = [teams[i : i + BATCH] for i in range(0, len(teams), BATCH)]
    made: list[tuple[str, str]] = []
    for batch in _made(batches, workers, prepared):
        made += batch
        tick(len(made))
    return made


def _made(
    batches: Sequence[Sequence[Team]], workers: int, prepared: tuple[Any, ...]
) -> Iterator[list[tuple[str, str]]]:
    """What `_make` returns for each batch, made here or in processes."""
    if workers == 1:
        _prepare(*prepared)
        yield from map(_make, batches)
        return
    with ProcessPoolExecutor(workers, initializer=_prepare, initargs=prepared) as pool:
        yield from pool.map(_make, batches)
