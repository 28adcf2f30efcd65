"""Workbooks for managers: `perfsheet distribute` beside loading, filling and saving the template with openpyxl.

Both fill in settings and twelve people; the ratio is of medians in this process. The last line is
the whole command over two processes.

    python benchmarks/distribute.py [--smoke]
"""

from __future__ import annotations

import io
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl

from perfsheet.distribute import distribute
from perfsheet.filling import Filler
from perfsheet.forms import PEOPLE
from perfsheet.templates import template_bytes

SETTINGS = {"organisation": "Org", "team": "North", "manager": "Ada Bell", "period": "2026 Q1"}
TEAM = [{"person": f"Person {n}", "email": f"p{n}@x.example", "manager": "Ada Bell"} for n in range(12)]


def by_openpyxl(template: bytes) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(template))
    for row, person in enumerate(TEAM, start=5):
        for column, text in enumerate(person.values(), start=1):
            book["People"].cell(row, column, text)
    for row, value in enumerate(SETTINGS.values(), start=5):
        book["Settings"].cell(row, 3, value)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def milliseconds(run: Callable[[], bytes], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        run()
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


def whole(managers: int) -> float:
    """Workbooks a second for the whole command, reading the roster and starting processes included."""
    rows = ["Person,Email,Manager", "Top,top@x.example,"]
    for m in range(managers):
        rows += [
            f"Manager {m},m{m}@x.example,Top",
            *(f"Person {m}-{n},p{m}-{n}@x.example,m{m}@x.example" for n in range(10)),
        ]
    with tempfile.TemporaryDirectory() as folder:
        roster = Path(folder) / "roster.csv"
        roster.write_text("\n".join(rows))
        started = time.perf_counter()
        facts = {"period": "2026 Q1", "start": date(2026, 1, 1), "end": date(2026, 3, 31)}
        distribute(roster, Path(folder) / "out", facts=facts, jobs=2)
        return (managers + 1) / (time.perf_counter() - started)


def main() -> None:
    smoke = "--smoke" in sys.argv
    template = template_bytes("team")
    filler = Filler(template)
    ours = milliseconds(lambda: filler.new_workbook(SETTINGS, {PEOPLE: TEAM}), 3 if smoke else 40)
    theirs = milliseconds(lambda: by_openpyxl(template), 1 if smoke else 8)
    print(f"perfsheet {ours:.1f} ms a workbook, openpyxl {theirs:.1f} ms: {theirs / ours:.1f} times as fast")
    print(f"the whole command, two processes: {whole(4 if smoke else 1000):.0f} workbooks a second")


if __name__ == "__main__":
    main()
