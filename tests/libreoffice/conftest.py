"""Team workbooks made by chance: every kind of goal, and everything that people forget or overdo.

The same seed gives the same workbook. Numbers are round, tiny, huge, negative or zero; limits are
on one side or both; plans have phases in and out of the goal's time; the log is out of order, with
rows before the start, on one day twice and in the future.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from perfsheet.forms import CHECKINS, GOALS, MILESTONES, PLAN, Form, Place
from perfsheet.forms.goals import GOAL_KINDS, STATES
from perfsheet.forms.settings import labels
from perfsheet.tables import Cell

START = date(2026, 1, 1)
Row = dict[str, Any]

POLICY = {
    "cadence": (1, 3, 7, 14, 60), "time_convention": ("exclusive",), "assume_baseline": ("Yes",), "required_share": (0.8, 0.9, 0),
    "maintain_coverage": (0, 0.4, 0.75, 1), "cap": (1.2, 1.5, 2), "at_risk_pace": (0.95, 0.8), "off_track_pace": (0.8, 0.5),
    "at_risk_gap": (0, 0.02), "off_track_gap": (0.1, 0.2), "too_early_share": (0, 0.3), "too_early_cadences": (0, 1, 3),
}  # fmt: skip
"""Settings that HR may change, each with values to try."""


@dataclass
class Made:
    """One workbook: rows by form, settings, and the goals that perfsheet reads with more patience than a formula."""

    settings: Row
    rows: dict[Form, list[Row]]
    patient: set[str] = field(default_factory=set)

    @property
    def as_of(self) -> date:
        return self.settings["as_of"]  # type: ignore[no-any-return]


def made(seed: int, goals: int = GOALS.prepared_rows) -> Made:
    """The workbook of a seed; every fourth has slips in it that formulas cannot read."""
    return _Maker(random.Random(seed), goals, slips=seed % 4 == 3).workbook()


class _Maker:
    def __init__(self, chance: random.Random, goals: int, slips: bool) -> None:
        self.chance, self.goals, self.slips = chance, goals, slips
        self.size = chance.choice((1.0, 1.0, 1.0, 1e-6, 1e9, 0.1))
        self.shares = chance.random() < 0.5
        self.numbered = chance.random() < 0.1
        self.days = chance.choice((1, 5, 30, 90, 180, 364))

    def rarely(self, probability: float, value: Any) -> Any:
        return value if self.chance.random() < probability else None

    def number(self) -> float:
        chance = self.chance
        plain: float = chance.choice((0, 0, -3, 10, 45, 50, 60, 70, 100, 0.1, 1 / 3, chance.uniform(-10, 120)))
        return plain * self.size

    def day(self, low: int, high: int) -> date:
        return START + timedelta(self.chance.randint(low, high))

    def id(self, number: int) -> str | int:
        """A goal's id: mostly as G7, in some workbooks as the number 107."""
        return 100 + number if self.numbered else f"G{number}"

    def workbook(self) -> Made:
        settings = self.settings()
        goals = [self.goal(number) for number in range(self.goals)]
        log = [row for goal in goals for row in self.check_ins(goal, settings["as_of"])]
        self.chance.shuffle(log)
        rows = {
            GOALS: goals,
            CHECKINS: log[: CHECKINS.prepared_rows],
            PLAN: [row for goal in goals for row in self.plan(goal)][: PLAN.prepared_rows],
            MILESTONES: [row for g in goals for row in self.milestones(g, settings["as_of"])][
                : MILESTONES.prepared_rows
            ],
        }
        book = Made(settings, rows)
        if self.slips:
            self.slip(book)
        return book

    def settings(self) -> Row:
        end = self.days
        as_of = self.chance.choice((self.day(-5, int(end * 1.2)), self.day(0, end), START, START + timedelta(end)))
        policy = {name: self.rarely(0.12, self.chance.choice(values)) for name, values in POLICY.items()}
        period = {"period": "P", "period_start": START, "period_end": START + timedelta(end), "as_of": as_of}
        return {"team": "T", "manager": "M", **period, **policy}

    def goal(self, number: int) -> Row:
        chance = self.chance
        kind = chance.choice(GOAL_KINDS)
        limits = chance.choice((0.9, 0.5)) if kind == "Maintain" else 0.2
        values = sorted((self.number(), self.number()), reverse=kind == "Decrease")
        if chance.random() < 0.15:
            values.reverse()
        if chance.random() < 0.1:
            values[0] = values[1]
        start = self.rarely(0.3, self.day(-10, self.days))
        long = self.rarely(0.3, self.day(0, 2 * self.days))
        due = start if start and chance.random() < 0.1 else long
        return {
            "goal_id": self.id(number), "goal": f"Goal {number}", "owners": ("Ada",) if chance.random() < 0.97 else (), "kind": kind,
            "baseline": self.rarely(0.85, values[0]), "target": self.rarely(0.9, values[1]),
            "lower": self.rarely(limits, 40 * self.size), "upper": self.rarely(limits, 60 * self.size),
            "start": start, "due": due, "state": self.rarely(0.3, chance.choice(STATES)),
            "parent": self.rarely(0.12, self.id(chance.randint(0, self.goals + 2))),
            "weight": self.rarely(0.3, chance.choice((0, 1, 10, 30))),
        }  # fmt: skip

    def check_ins(self, goal: Row, as_of: date) -> Iterator[Row]:
        chance = self.chance
        words = {
            "Yes/No": (0, 1, 0.5, "Yes", "No"),
            "Percent": (0, 0.3, 0.8, 1) if self.shares else (0, 30, 80, 100, 120),
        }
        near = [v for v in (goal["baseline"], goal["target"], goal["lower"], goal["upper"]) if v is not None]
        for _ in range(chance.choice((0, 1, 2, 4, 8, 12))):
            days = chance.choice((0, 1, 6, 7, 8, 14, 30, (as_of - START).days, chance.randint(-10, 2 * self.days)))
            between = chance.uniform(min(near, default=0), max(near, default=1))
            value = chance.choice(words.get(goal["kind"], (self.number(), between, between, *near)))
            name, day = goal["goal_id"], START + timedelta(days)
            if isinstance(name, str) and chance.random() < 0.1:
                name = chance.choice((name.lower(), f" {name} "))
            if chance.random() < 0.1:
                day = datetime(day.year, day.month, day.day, 17, 30)
            yield {"goal_id": name, "day": day, "value": self.rarely(0.92, value)}

    def plan(self, goal: Row) -> Iterator[Row]:
        chance = self.chance
        reach = range(-5, 2 * self.days + 1)
        for days in sorted(chance.sample(reach, min(len(reach), chance.choice((0, 0, 0, 0, 1, 2, 4))))):
            low, high = sorted((goal["baseline"] or 0, goal["target"] or 0))
            planned = chance.choice((self.number(), chance.uniform(low, high), high, low))
            yield {"goal_id": goal["goal_id"], "day": START + timedelta(days), "planned": planned}

    def milestones(self, goal: Row, as_of: date) -> Iterator[Row]:
        chance = self.chance
        for _ in range(chance.randint(0, 4) if goal["kind"] == "Milestones" else 0):
            done = self.rarely(0.5, as_of + timedelta(chance.randint(-60, 3)))
            weight = self.rarely(0.6, chance.choice((0, 1, 3, 0.1)))
            yield {"goal_id": goal["goal_id"], "milestone": "step", "weight": weight, "done": done}

    def slip(self, book: Made) -> None:
        """A tenth of the goals get an entry that perfsheet understands and a formula does not."""
        for row in (*book.rows[CHECKINS], *book.rows[PLAN], *book.rows[GOALS]):
            names = [n for n in ("day", "value", "planned", "target", "start") if row.get(n) not in (None, "Yes", "No")]
            if names and self.chance.random() < 0.05:
                name = self.chance.choice(names)
                row[name] = _as_text(row[name])
                book.patient.add(str(row["goal_id"]).strip().upper())


def _as_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def as_cell(value: Any) -> Cell:
    """A value as the reader gives it."""
    if isinstance(value, date):
        moment = value if isinstance(value, datetime) else datetime.combine(value, time())
        return Cell("date", moment, format="yyyy-mm-dd")
    return Cell("text", value) if isinstance(value, str) else Cell("number", value)


def as_typed(value: Any) -> Any:
    """A value as a cell of LibreOffice takes it: dates as day numbers, nothing as an empty text."""
    if isinstance(value, datetime):
        return (value - datetime(1899, 12, 30)) / timedelta(days=1)
    return (value - date(1899, 12, 30)).days if isinstance(value, date) else "" if value is None else value


def blocks(book: Made, places: Mapping[str, Place]) -> dict[str, list[list[Any]]]:
    """The values of each tab's prepared cells, from its first entry cell on; of Settings the Value column."""
    found = {form.tab: _block(form, rows, places[form.tab].columns) for form, rows in book.rows.items()}
    return found | {"Settings": [[book.settings.get(thing.name)] for thing in labels().values()]}


def _block(form: Form, rows: list[Row], columns: Mapping[str, int]) -> list[list[Any]]:
    width = max(columns[c.name] for c in form.columns if not c.live)
    cells: list[list[Any]] = [[None] * width for _ in range(form.prepared_rows)]
    for line, row in zip(cells, rows, strict=False):
        for name, value in row.items():
            line[columns[name] - 1] = "; ".join(value) or None if isinstance(value, tuple) else value
    return cells
