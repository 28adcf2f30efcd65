"""The live formulas and Python never disagree: generated workbooks, calculated by LibreOffice and scored by perfsheet."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from perfsheet.filling import fill
from perfsheet.forms import CHECKINS, GOALS, MILESTONES, PLAN
from perfsheet.forms.goals import GOAL_KINDS
from perfsheet.live_columns import shown_values
from perfsheet.records import TeamBook, read_records
from perfsheet.scoring import score_book
from perfsheet.workbooks.reading import read

WORKBOOKS = 6
START = date(2026, 1, 1)
NUMBERS = (0, -3, 10, 45, 50, 60, 70, 100)


def _rarely(chance: random.Random, probability: float, value: Any) -> Any:
    return value if chance.random() < probability else None


def _number(chance: random.Random) -> float:
    return chance.choice((*NUMBERS, chance.uniform(-10, 120)))


def _settings(chance: random.Random) -> dict[str, Any]:
    days = chance.choice((30, 90, 180, 364))
    return {
        "team": "T", "manager": "M", "period": "P", "period_start": START, "period_end": START + timedelta(days),
        "as_of": START + timedelta(chance.randint(-5, int(days * 1.2))),
        "cadence": _rarely(chance, 0.3, chance.choice((3, 7, 14))),
        "time_convention": _rarely(chance, 0.2, "exclusive"),
        "assume_baseline": _rarely(chance, 0.2, "Yes"),
        "required_share": _rarely(chance, 0.2, chance.choice((0.8, 0.9, 0))),
        "cap": _rarely(chance, 0.2, 1.5),
    }  # fmt: skip


def _goal(chance: random.Random, number: int) -> dict[str, Any]:
    kind = chance.choice(GOAL_KINDS)
    limits = 0.9 if kind == "Maintain" else 0.2
    values = sorted((_number(chance), _number(chance)), reverse=kind == "Decrease")
    if chance.random() < 0.2:
        values.reverse()
    return {
        "goal_id": f"G{number}", "goal": f"Goal {number}", "owners": ("Ada",), "kind": kind,
        "baseline": _rarely(chance, 0.85, values[0]), "target": _rarely(chance, 0.9, values[1]),
        "lower": _rarely(chance, limits, 40), "upper": _rarely(chance, limits, 60),
        "start": _rarely(chance, 0.3, START + timedelta(chance.randint(-10, 100))),
        "due": _rarely(chance, 0.3, START + timedelta(chance.randint(20, 200))),
        "state": _rarely(chance, 0.3, chance.choice(("Draft", "Active", "Done", "Postponed", "Dropped"))),
        "parent": _rarely(chance, 0.1, f"G{chance.randint(0, number)}"),
    }  # fmt: skip


def _check_ins(chance: random.Random, goal: dict[str, Any], as_of: date, shares: bool) -> Iterator[dict[str, Any]]:
    values = {"Yes/No": (0, 1, 0.5, "Yes", "No"), "Percent": (0, 0.3, 0.8, 1) if shares else (0, 30, 80, 100)}
    for _ in range(chance.choice((0, 1, 2, 4, 8))):
        day = START + timedelta(chance.choice((0, 1, 6, 7, 8, 30, chance.randint(-10, 200), (as_of - START).days)))
        name = goal["goal_id"].lower() if chance.random() < 0.1 else goal["goal_id"]
        value = chance.choice(values[goal["kind"]]) if goal["kind"] in values else _number(chance)
        yield {"goal_id": name, "day": day, "value": _rarely(chance, 0.9, value)}


def _plan(chance: random.Random, goal: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for days in sorted(chance.sample(range(-5, 200), chance.choice((0, 0, 0, 1, 2, 4)))):
        yield {"goal_id": goal["goal_id"], "day": START + timedelta(days), "planned": _number(chance)}


def _milestones(chance: random.Random, goal: dict[str, Any], as_of: date) -> Iterator[dict[str, Any]]:
    for _ in range(chance.randint(0, 4) if goal["kind"] == "Milestones" else 0):
        done = _rarely(chance, 0.5, as_of + timedelta(chance.randint(-60, 10)))
        yield {
            "goal_id": goal["goal_id"],
            "milestone": "step",
            "weight": _rarely(chance, 0.6, chance.choice((0, 1, 3))),
            "done": done,
        }


def _workbook(template: bytes, seed: int) -> bytes:
    chance = random.Random(seed)
    settings = _settings(chance)
    goals = [_goal(chance, number) for number in range(GOALS.prepared_rows)]
    log = [row for goal in goals for row in _check_ins(chance, goal, settings["as_of"], shares=bool(seed % 2))]
    chance.shuffle(log)
    rows = {
        GOALS: goals,
        CHECKINS: log[: CHECKINS.prepared_rows],
        PLAN: [row for goal in goals for row in _plan(chance, goal)][: PLAN.prepared_rows],
        MILESTONES: [row for goal in goals for row in _milestones(chance, goal, settings["as_of"])][
            : MILESTONES.prepared_rows
        ],
    }
    return fill(template, rows, settings)


@pytest.fixture(scope="module")
def books(team_template: bytes, recalculate: Any) -> list[Path]:
    return list(recalculate({f"seed{seed}": _workbook(team_template, seed) for seed in range(WORKBOOKS)}).values())


def _differences(team: TeamBook) -> Iterator[str]:
    sheet, columns = team.book.sheet("Goals"), team.places["Goals"].columns
    for score in score_book(team, team.settings.as_of).goals:
        for name, wanted in shown_values(score).items():
            cell = sheet.cells.get((score.address.row, columns[name]))
            shown = cell.value if cell and cell.value is not None else ""
            both_numbers = isinstance(shown, (int, float)) and isinstance(wanted, (int, float))
            if not (abs(shown - wanted) <= 1e-9 * max(1, abs(wanted)) if both_numbers else shown == wanted):
                yield f"{score.goal_id} ({score.kind}) {name}: the cell shows {shown!r}, Python says {wanted!r}"


@pytest.mark.parametrize("number", range(WORKBOOKS))
def test_every_live_cell_equals_pythons_number(books: list[Path], number: int) -> None:
    team = read_records(read(books[number]))
    assert len(team.goals) == GOALS.prepared_rows
    assert list(_differences(team)) == []
