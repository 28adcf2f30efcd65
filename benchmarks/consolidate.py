"""Consolidating team workbooks: everything we do with them, beside a loop that only reads them with pandas.

Each workbook has eight tabs with 30 goals of every kind, 300 check-ins, 80 pieces of feedback, 40
actions and 20 development rows; half of them are written by XlsxWriter (formulas with results), half
by openpyxl (formulas that nobody calculated), some with faulty entries. In every round the pandas
loop and ours take turns, so that both see the same machine; the ratio is the median over the rounds.
Ours reads, validates, scores, finds issues, proposes and builds the frames.

    python benchmarks/consolidate.py [--smoke] [--full]

`--full` goes on to 100, 1,000 and 10,000 workbooks with the organisation workbook written, each run in a process
of its own: the slope from size to size, the peak memory of the process that collects and of the largest that reads,
and what a second run costs with nothing changed and with 1 % of the files changed, as a share of the first; the last
two lines of a size are the first run with a dataset and one after it, as a share of that.
"""

from __future__ import annotations

import io
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import xlsxwriter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table

from perfsheet import demo
from perfsheet.consolidate import consolidate
from perfsheet.forms import (
    ACTIONS,
    CHECKINS,
    DEVELOPMENT,
    FEEDBACK,
    FORMS,
    GOALS,
    MILESTONES,
    PEOPLE,
    PLAN,
    SETTINGS,
    Form,
)  # fmt: skip
from perfsheet.workbooks.package import Package

START, END, AS_OF = date(2026, 4, 1), date(2026, 6, 30), date(2026, 6, 15)
FIVE = ["Goals", "Check-ins", "Feedback", "Actions", "Development"]
"""The tabs that the pandas loop reads."""
TOP = 4
"""The row of the headers: a title and a remark stand above them."""

Row = dict[str, Any]
Rows = dict[Form, list[Row]]
TABS: tuple[tuple[str, tuple[Form, ...]], ...] = (
    ("Goals", (GOALS,)), ("Check-ins", (CHECKINS,)), ("Feedback", (FEEDBACK,)), ("Actions", (ACTIONS,)),
    ("Development", (DEVELOPMENT,)), ("People", (PEOPLE,)), ("Plan", (PLAN, MILESTONES)), ("Settings", (SETTINGS,)),
)  # fmt: skip


# ------------------------------------------------------------------------------------ the workbooks


def team(number: int) -> Rows:
    """The rows of one team: the same number, the same rows."""
    chance = random.Random(f"benchmark {number}")
    staff = [f"{demo.FIRST[(number + 3 * i) % 40]} {demo.LAST[(2 * number + i) % 35]}" for i in range(10)]
    rows: Rows = {form: [] for form in FORMS}
    for i, name in enumerate(staff):
        boss = None if i == 0 else staff[0]
        rows[PEOPLE].append(
            {
                "person": name,
                "email": f"p{i}@t{number}.example",
                "role": "Analyst",
                "manager": boss,
                "group": f"D{i % 2}",
            }
        )
    ideas = [idea for ideas in demo.TEAMS.values() for idea in ideas] + list(demo.PERSONAL)
    for i, idea in enumerate(chance.sample(ideas, 30)):
        _goal(rows, chance, f"G{i + 1}", idea, staff[i % 10], i)
    rows[CHECKINS].sort(key=lambda row: row["day"])
    _feedback(rows, chance, staff)
    _slips(rows, number)
    facts = {
        "Organisation": "Alder & Finch", "Team": f"Team {number}", "Manager": staff[0], "Period": "2026 Q2",
        "Period start": START, "Period end": END, "As of": AS_OF,
    }  # fmt: skip
    rows[SETTINGS] = [{"setting": label, "value": value} for label, value in facts.items()]
    return rows


def _goal(rows: Rows, chance: random.Random, goal_id: str, idea: demo.Idea, owner: str, number: int) -> None:
    rows[GOALS].append({
        "goal_id": goal_id, "goal": idea.goal, "owners": owner, "parent": f"G{number // 6}" if number > 5 else idea.parent,
        "measure": idea.measure, "kind": idea.kind, "unit": idea.unit or None, "baseline": idea.baseline, "target": idea.target,
        "lower": idea.lower, "upper": idea.upper, "weight": 10 + 5 * (number % 3), "state": "Active",
        "start": START + timedelta(days=10) if number % 11 == 3 else None, "due": END - timedelta(days=7) if number % 7 == 2 else None,
        "aspiration": chance.choice((None, "Committed", "Aspirational")),
    })  # fmt: skip
    if idea.kind == "Milestones":
        for n, step in enumerate(demo.STEPS, start=1):
            due = START + timedelta(days=17 * n)
            rows[MILESTONES].append({"goal_id": goal_id, "milestone": step, "due": due, "done": due if n < 4 else None})
    if idea.kind == "Increase" and number % 2 and idea.target is not None:
        way = idea.target - (idea.baseline or 0)
        for day, share in ((date(2026, 4, 30), 0.2), (date(2026, 5, 31), 0.55), (END, 1.0)):
            rows[PLAN].append({"goal_id": goal_id, "day": day, "planned": round((idea.baseline or 0) + share * way, 2)})
    pace, blocked = chance.choice((0.5, 0.8, 0.95, 1.0, 1.1, 1.3)), chance.random() < 0.2
    for week in range(10):
        day = START + timedelta(days=4 + 7 * week + chance.choice((0, 0, 1, 2)))
        share = ((day - START).days + 1) / 91 * pace + chance.gauss(0, 0.03)
        rows[CHECKINS].append({
            "day": day, "goal_id": goal_id, "value": _value(idea, share, chance), "confidence": round(chance.uniform(0.3, 0.95), 2),
            "blocker": chance.choice(demo.BLOCKERS) if blocked and week > 7 else None,
            "note": f"{chance.choice(demo.NOTES)} ({goal_id}, week {week + 1})", "by": owner, "entered": day,
        })  # fmt: skip


def _value(idea: demo.Idea, share: float, chance: random.Random) -> float | None:
    if idea.kind in ("Increase", "Decrease"):
        baseline, target = idea.baseline or 0, idea.target or 0
        return round(baseline + share * (target - baseline), 2)
    if idea.kind == "Maintain":
        middle = idea.lower if idea.lower is not None else (idea.upper or 0) * 0.95
        return round(middle * (1.01 + chance.gauss(0, 0.01)), 2)
    if idea.kind == "Milestones":
        return None
    if idea.kind == "Yes/No":
        return 1 if share > 0.85 else 0
    if idea.kind == "Percent":
        return max(0, min(100, round(100 * share)))
    return max(0, round((idea.target or 1) * (share if idea.kind == "Count" else chance.uniform(0.6, 1.2))))


def _feedback(rows: Rows, chance: random.Random, staff: Sequence[str]) -> None:
    for i in range(80):
        day = START + timedelta(days=chance.randint(1, 70))
        agreed = i % 3 == 0
        rows[FEEDBACK].append({
            "day": day, "giver": staff[0] if i % 2 else staff[i % 10], "receiver": staff[1 + i % 9], "kind": "Coaching" if agreed else "Praise",
            "goal_id": f"G{1 + i % 30}" if i % 4 == 0 else None, "text": f"{chance.choice(demo.PRAISE)} ({i + 1})",
            "follow_up": chance.choice(demo.FOLLOW_UPS) if agreed else None, "follow_up_due": day + timedelta(days=14) if agreed else None,
            "follow_up_done": day + timedelta(days=12) if agreed and i % 2 else None, "visible_to": "Both",
        })  # fmt: skip
    for i in range(40):
        agreed_on = START + timedelta(days=chance.randint(1, 60))
        due = agreed_on + timedelta(days=14)
        rows[ACTIONS].append({
            "action_id": f"A{i + 1}", "action": f"{chance.choice(demo.TASKS)} ({i + 1})", "goal_id": f"G{1 + i % 30}", "owner": staff[i % 10],
            "raised_by": staff[0], "agreed": agreed_on, "due": due, "done": due + timedelta(days=i % 4 - 2) if i % 5 and due < AS_OF else None,
            "outcome": "Done as agreed" if i % 5 and due < AS_OF else None,
        })  # fmt: skip
    for i in range(20):
        rows[DEVELOPMENT].append({
            "person": staff[i % 10], "kind": ("Strength", "Opportunity")[i % 2], "skill": demo.SKILLS[i % 6], "evidence": f"Seen in project {i + 1}",
            "plan": f"Lead one piece of work with a coach ({i + 1})", "due": END, "level_now": 2 + i % 2, "level_aimed": 4,
        })  # fmt: skip


def _slips(rows: Rows, number: int) -> None:
    """Faulty entries, in every fourth workbook."""
    if number % 4 == 1:
        rows[CHECKINS][17]["value"] = "12,5"
        rows[CHECKINS][40]["day"] = "2026-05-03"
        rows[CHECKINS][60]["goal_id"] = "G99"
        rows[GOALS][3]["owners"] += "x"
        rows[GOALS][5]["kind"] = "Growth"
        rows[CHECKINS][90]["day"] = END + timedelta(days=60)


def by_xlsxwriter(rows: Rows) -> bytes:
    """With widths, formats, drop-downs, data bars, and a result beside every formula."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    book.set_properties({"created": AS_OF})
    day, head, share = (
        book.add_format(f) for f in ({"num_format": "yyyy-mm-dd"}, {"bold": True}, {"num_format": "0%"})
    )
    for title, forms in TABS:
        sheet = book.add_worksheet(title)
        sheet.write(0, 0, title, head)
        left = 0
        for form in forms:
            last = TOP + max(len(rows[form]), 1) - 1
            columns = [{"header": column.header} for column in form.columns]
            sheet.add_table(TOP - 1, left, last, left + len(columns) - 1, {"name": form.table, "columns": columns})
            for at, column in enumerate(form.columns, start=left):
                sheet.set_column(at, at, column.width)
                if column.choices:
                    sheet.data_validation(TOP, at, last, at, {"validate": "list", "source": list(column.choices)})
                if column.live:
                    sheet.conditional_format(TOP, at, last, at, {"type": "data_bar"})
                for r, row in enumerate(rows[form], start=TOP):
                    value = row.get(column.name)
                    if column.live:
                        sheet.write_formula(r, at, f"=IFERROR(ROW()/{100 + r},0)", share, round(r / (100 + r), 6))
                    elif isinstance(value, date):
                        sheet.write_datetime(r, at, value, day)
                    elif value is not None:
                        sheet.write(r, at, value, share if column.format == "0%" else None)
            left += len(columns) + 1
    book.close()
    return target.getvalue()


def by_openpyxl(rows: Rows) -> bytes:
    """The same tables; openpyxl keeps no formula results."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, forms in TABS:
        sheet = book.create_sheet(title)
        sheet["A1"] = title
        left = 1
        for form in forms:
            last = TOP + max(len(rows[form]), 1)
            for at, column in enumerate(form.columns, start=left):
                sheet.cell(TOP, at, column.header)
                if column.choices:
                    rule = DataValidation("list", formula1='"' + ",".join(column.choices) + '"')
                    sheet.add_data_validation(rule)
                    rule.add(f"{sheet.cell(TOP + 1, at).coordinate}:{sheet.cell(last, at).coordinate}")
                for r, row in enumerate(rows[form], start=TOP + 1):
                    value = f"=IFERROR(ROW()/{100 + r},0)" if column.live else row.get(column.name)
                    cell = sheet.cell(r, at, value)
                    if isinstance(value, date):
                        cell.number_format = "yyyy-mm-dd"
                    elif column.format == "0%":
                        cell.number_format = "0%"
            corner = sheet.cell(last, left + len(form.columns) - 1).coordinate
            sheet.add_table(Table(displayName=form.table, ref=f"{sheet.cell(TOP, left).coordinate}:{corner}"))
            left += len(form.columns) + 1
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def make(folder: Path, count: int, distinct: int) -> list[str]:
    """`count` workbooks with the entries of `distinct` teams; teams that entered the same have their own name and people's addresses."""
    folder.mkdir(parents=True, exist_ok=True)
    written = [(by_openpyxl if n % 2 else by_xlsxwriter)(team(n)) for n in range(min(distinct, count))]
    paths = []
    for n in range(count):
        path = folder / f"team-{n:05}.xlsx"
        path.write_bytes(_as_team(Package.from_bytes(written[n % len(written)]), n % len(written), n))
        paths.append(str(path))
    return paths


def _as_team(book: Package, before: int, number: int, note: str = "") -> bytes:
    """The workbook of team `before` as that of another one."""
    changes = {"note.xml": f"<note>{note}</note>".encode()}
    for part in book.names:
        old = book.read(part)
        new = old.replace(f">Team {before}<".encode(), f">Team {number}<".encode())
        new = new.replace(f"@t{before}.example<".encode(), f"@t{number}.example<".encode())
        if new != old:
            changes[part] = new
    return book.replace(changes)


# ------------------------------------------------------------------------------------- the two ways


def by_pandas(paths: Sequence[str]) -> None:
    for path in paths:
        pd.read_excel(path, sheet_name=FIVE, header=TOP - 1, engine="openpyxl")


def ours(paths: Sequence[str], jobs: int) -> None:
    org = consolidate(paths, as_of=AS_OF, jobs=jobs)
    if org.read != len(paths) or not len(org.goals):
        raise SystemExit(f"only {org.read} of {len(paths)} workbooks were read")


def measured(run: Callable[[], None], count: int) -> tuple[float, float]:
    """(wall, CPU) in milliseconds a workbook; CPU without that of workers."""
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return 1000 * (time.perf_counter() - wall) / count, 1000 * (time.process_time() - cpu) / count


def compare(paths: Sequence[str], few: int, rounds: int) -> None:
    runs: dict[str, tuple[Callable[[], None], int]] = {
        "pandas with openpyxl, five tabs": (lambda: by_pandas(paths[:few]), few),
        "perfsheet, one process": (lambda: ours(paths, 1), len(paths)),
        "perfsheet, two processes": (lambda: ours(paths, 2), len(paths)),
    }
    for run, _ in list(runs.values())[:2]:
        run()
    pairs = [{name: measured(*run) for name, run in runs.items()} for _ in range(rounds)]
    base = next(iter(runs))
    print(f"{'way':34} {'ms wall':>8} {'ms CPU':>8} {'x wall':>7} {'x CPU':>7}")
    for name in runs:
        wall, cpu = (statistics.median(p[name][i] for p in pairs) for i in (0, 1))
        faster, lighter = (statistics.median(p[base][i] / p[name][i] for p in pairs) for i in (0, 1))
        shown = f"{cpu:8.2f} {faster:7.1f} {lighter:7.1f}" if "two" not in name else f"{'':8} {faster:7.1f}"
        print(f"{name:34} {wall:8.2f} {shown}")


# -------------------------------------------------------------------------------- many workbooks


ALONE = """
import json, os, resource, sys, time
from datetime import date
started = time.perf_counter()
from perfsheet.consolidate import consolidated
folder, output, cache, jobs, *dataset = sys.argv[1:]
answer = consolidated(
    [folder], output, cache=cache, as_of=date.fromisoformat("{day}"), policy=None, period=None, fairness=False, audience="hr",
    pseudonym_key=None, dataset=dataset[0] if dataset else None, nudges=None, distributed=None, jobs=int(jobs),
)
if answer["read"] != len(os.listdir(folder)):
    raise SystemExit("only " + str(answer["read"]) + " workbooks were read")
workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
if os.path.exists("/proc/self/status"):  # on Linux the other figure is at least that of the process that started this one
    peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1024
cpu = sum(os.times()[:4])
print(json.dumps(dict(seconds=time.perf_counter() - started, cpu=cpu, peak=peak, worker=workers)))
"""
"""One run of the command in a process of its own, everything written: its time and peak memory as a line of JSON."""


def run_alone(folder: Path, jobs: int, dataset: Path | None = None) -> dict[str, float]:
    """What a run into the workbook and the cache beside the folder takes."""
    places = [str(folder), str(folder.with_suffix(".xlsx")), str(folder.with_suffix(".cache")), str(jobs)]
    command = [
        sys.executable,
        "-c",
        ALONE.replace("{day}", AS_OF.isoformat()),
        *places,
        *([str(dataset)] if dataset else []),
    ]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def change(folder: Path, count: int) -> None:
    """Gives every so-many-th workbook what another team entered, `count` of them in all."""
    paths = sorted(folder.iterdir())
    for at in range(count):
        place = at * len(paths) // count
        other = Package.from_bytes(paths[place - 1].read_bytes())
        paths[place].write_bytes(_as_team(other, (place - 1) % len(paths), place, note=f"changed {time.time_ns()}"))


def grow(root: Path, sizes: Sequence[int], jobs: int) -> None:
    """A first run at each size, then one with nothing changed and one with 1 % changed; the same with a dataset."""
    print(
        f"\n{'workbooks':>9} {'run':16} {'s wall':>8} {'s CPU':>8} {'of first':>9} {'MB peak':>8} {'MB worker':>9} {'ms CPU each more':>17}"
    )
    before: tuple[int, float] | None = None
    for size in sizes:
        folder = root / str(size)
        make(folder, size, min(size, DISTINCT))
        time.sleep(SETTLED)
        first = run_alone(folder, jobs)
        each = 1000 * (first["cpu"] - before[1]) / (size - before[0]) if before else float("nan")
        _line(size, "first", first, first, each)
        before = size, first["cpu"]
        _line(size, "nothing changed", run_alone(folder, jobs), first)
        change(folder, max(1, size // 100))
        time.sleep(SETTLED)
        _line(size, "1 % changed", run_alone(folder, jobs), first)
        with_dataset = run_alone(folder, jobs, root / "data")
        _line(size, "with dataset", with_dataset, first)
        change(folder, max(1, size // 100))
        time.sleep(SETTLED)
        _line(size, "  1 % changed", run_alone(folder, jobs, root / "data"), with_dataset)


DISTINCT = 400
"""So many teams have entries of their own at most; further teams enter the same under other names and addresses."""
SETTLED = 2.5
"""Seconds after which a file's time of change can be trusted."""


def _line(size: int, what: str, told: dict[str, float], first: dict[str, float], each: float = float("nan")) -> None:
    share = told["cpu"] / first["cpu"]
    more = "" if each != each else f"{each:17.2f}"
    print(
        f"{size:9,} {what:16} {told['seconds']:8.1f} {told['cpu']:8.1f} {share:9.1%} {told['peak']:8.0f} {told['worker']:9.0f} {more}",
        flush=True,
    )


def main(words: Sequence[str]) -> None:
    smoke = "--smoke" in words
    with tempfile.TemporaryDirectory() as folder:
        paths = make(Path(folder) / "pair", 8 if smoke else 240, 40)
        size = sum(map(os.path.getsize, paths)) / len(paths)
        print(f"{len(paths)} workbooks of {size / 1024:.0f} KB")
        compare(paths, 2 if smoke else 12, 1 if smoke else 7)
        if "--full" in words or smoke:
            grow(Path(folder) / "grow", (4, 8) if smoke else (100, 1_000, 10_000), 2)


if __name__ == "__main__":
    main(sys.argv[1:])
