"""From a press on Score in LibreOffice to the finished Summary: what a person waits for, process start included.

The built add-in runs its callback in a LibreOffice without a screen, and the real program changes
the open workbook. Each wait is given beside `python -c "import pandas"`, what any script over
spreadsheets pays before it begins, because absolute times say more about the machine than about
the program; the goal is under two seconds on a machine that has nothing else to do.

    PYTHONPATH=. python benchmarks/press.py [--smoke]
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from perfsheet.addin.excel import addin_bytes
from perfsheet.addin.places import program_path
from perfsheet.demo import demo_teams
from perfsheet.filling import fill
from perfsheet.machine import Machine
from perfsheet.templates import template_bytes
from tests.addin.conftest import Noted, running, until
from tests.conftest import python_driving_libreoffice

YARDSTICK = [sys.executable, "-c", "import pandas"]
FIRST_GOAL = 1, 4
"""The column and the row, from 0, of the first goal's sentence."""


def imported() -> float:
    """Seconds that the yardstick takes."""
    started = time.perf_counter()
    subprocess.run(YARDSTICK, check=True)
    return time.perf_counter() - started


def main() -> None:
    rounds = 1 if "--smoke" in sys.argv else 7
    soffice = Machine().which("soffice")
    if soffice is None:
        sys.exit("LibreOffice is not installed; nothing can be pressed")
    python = python_driving_libreoffice()
    if python is None:
        sys.exit("no Python here has LibreOffice's uno module (package python3-uno)")
    with tempfile.TemporaryDirectory() as name:
        folder, pipe = Path(name), f"perfsheet_press_{os.getpid()}"
        noted = Noted(program_path(Machine()), folder)
        (folder / "perfsheet.xlam").write_bytes(addin_bytes(str(noted.path)))
        team = list(demo_teams(7))[-1]
        (folder / "team.xlsx").write_bytes(fill(template_bytes("team"), team.rows, team.settings))
        with running(soffice, python, folder, "--headless", environment={"PERFSHEET_UNO": pipe}, pipe=pipe) as office:
            office.load_addin(str(folder / "perfsheet.xlam"))
            office.load(str(folder / "team.xlsx"))

            def pressed() -> float:
                before, started = len(noted.runs()), time.perf_counter()
                office.macro("PerfRibbon.PerfScore", True)
                (run,) = until(lambda: noted.runs()[before:], "Score comes to its end")
                if run.split()[0] not in ("0", "1"):
                    sys.exit(f"the command did not work: {run}")
                return time.perf_counter() - started

            def changed(n: int) -> float:
                office.type("Goals", *FIRST_GOAL, f"Answer more calls, as agreed in meeting {n}")
                return pressed()

            first = pressed(), imported()
            edited = [(changed(n), imported()) for n in range(rounds)]
            same = [(pressed(), imported()) for _ in range(rounds)]
    print(f"{'press':28} {'seconds':>8} {'import pandas':>14} {'ratio':>6}")
    _print("Score, never scored before", [first])
    _print("Score after an entry", edited)
    _print("Score again, nothing new", same)


def _print(what: str, pairs: list[tuple[float, float]]) -> None:
    press, yardstick = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"{what:28} {press:8.2f} {yardstick:14.2f} {statistics.median(a / b for a, b in pairs):6.2f}")


if __name__ == "__main__":
    main()
