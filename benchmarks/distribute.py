"""Workbooks for managers: `perfsheet distribute` beside loading, filling and saving the template with openpyxl.

Each workbook gets settings, twelve people and eighteen goals, fifteen by role and three handed down. The ratio is of
medians of processor time in this process. The last lines are the whole command over two processes.

    python benchmarks/distribute.py [--smoke]
"""

from __future__ import annotations

import io
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl

from perfsheet.distribute import distribute
from perfsheet.filling import Filler, fill
from perfsheet.forms import GOALS, PEOPLE
from perfsheet.templates import template_bytes

SETTINGS = {"organisation": "Org", "team": "North", "manager": "Ada Bell", "period": "2026 Q1"}
TEAM = [{"person": f"Person {n}", "email": f"p{n}@x.example", "manager": "Ada Bell"} for n in range(12)]
GOAL: dict[str, str | int]
GOAL = {"measure": "Tickets", "kind": "Increase", "unit": "tickets", "baseline": 0, "target": 100, "weight": 1}
PLANNED: list[dict[str, str | int]] = [
    {"goal_id": f"R{n}", "goal": f"Reach goal number {n} this quarter", "owners": f"Person {n % 12}", **GOAL}
    for n in range(18)
]
COLUMNS = {
    "goal_id": 1,
    "goal": 2,
    "owners": 3,
    "measure": 5,
    "kind": 6,
    "unit": 7,
    "baseline": 8,
    "target": 9,
    "weight": 12,
}


def by_openpyxl(template: bytes) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(template))
    for row, person in enumerate(TEAM, start=5):
        for column, text in enumerate(person.values(), start=1):
            book["People"].cell(row, column, text)
    for row, goal in enumerate(PLANNED, start=5):
        for name, value in goal.items():
            book["Goals"].cell(row, COLUMNS[name], value)
    for row, value in enumerate(SETTINGS.values(), start=5):
        book["Settings"].cell(row, 3, value)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def milliseconds(run: Callable[[], bytes], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        started = time.process_time()
        run()
        times.append(1000 * (time.process_time() - started))
    return statistics.median(times)


ROLES = ("Seller", "Analyst", "Clerk", "Clerk", "Clerk", "Buyer", "Buyer", "Driver", "Driver", "Driver", "Driver")
"""Of the eleven who report to a manager."""


def inputs(folder: Path, managers: int) -> tuple[Path, Path, Path]:
    """A roster, a library that gives each team fifteen goals by role, and a workbook with three goals to hand down."""
    rows = ["Person,Email,Role,Manager", "Top,top@x.example,Head,"]
    for m in range(managers):
        rows.append(f"Manager {m},m{m}@x.example,Lead,Top")
        rows += [f"Person {m}-{n},p{m}-{n}@x.example,{role},m{m}@x.example" for n, role in enumerate(ROLES)]
    roster, library, cascade = folder / "roster.csv", folder / "library.csv", folder / "top.xlsx"
    roster.write_text("\n".join(rows))
    told = {"Seller": 4, "Analyst": 2, "Buyer": 1, "Clerk": 1, "Driver": 1}
    goals = [
        f"{role[0]}{n},{role} goal {n},{role},Increase,0,{100 + n}" for role, many in told.items() for n in range(many)
    ]
    library.write_text("\n".join(["Goal ID,Goal,Role,Kind,Baseline,Target", *goals]))
    top = [{"goal_id": f"T{n}", "goal": f"Aim {n}", "owners": "Top", "kind": "Percent"} for n in range(3)]
    cascade.write_bytes(fill(template_bytes("team"), {GOALS: top}, SETTINGS))
    return roster, library, cascade


def whole(managers: int) -> str:
    """Workbooks a second for the whole command, reading the lists and starting processes included."""
    with tempfile.TemporaryDirectory() as folder:
        roster, library, cascade = inputs(Path(folder), managers)
        facts = {"period": "2026 Q1", "start": date(2026, 1, 1), "end": date(2026, 3, 31)}
        before, started = os.times(), time.perf_counter()
        done = distribute(roster, Path(folder) / "out", goals=library, cascade=cascade, facts=facts, jobs=2)
        seconds, after = time.perf_counter() - started, os.times()
    processor = sum(after[:4]) - sum(before[:4])
    made = len(done.handed)
    goals = sum(h.goals for h in done.handed) / made
    return (
        f"the whole command, two processes, {goals:.0f} goals a workbook: {made / seconds:.0f} workbooks a second, "
        f"{1000 * processor / made:.1f} ms of processor time each"
    )


def main() -> None:
    smoke = "--smoke" in sys.argv
    template = template_bytes("team")
    filler = Filler(template)
    ours = milliseconds(lambda: filler.new_workbook(SETTINGS, {PEOPLE: TEAM, GOALS: PLANNED}), 3 if smoke else 40)
    theirs = milliseconds(lambda: by_openpyxl(template), 1 if smoke else 8)
    print(f"perfsheet {ours:.1f} ms a workbook, openpyxl {theirs:.1f} ms: {theirs / ours:.0f} times as fast")
    print(whole(4 if smoke else 1000))


if __name__ == "__main__":
    main()
