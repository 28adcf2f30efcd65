"""How long a person waits: --help, validate and score of one workbook, process start included.

Each is timed in turn with `python -c "import pandas"`, what any script over spreadsheets pays
before it begins, and given as the median of the ratios pair by pair, because absolute times
say more about the machine than about the program.

    python benchmarks/startup.py [--smoke]
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from perfsheet.demo import demo_teams
from perfsheet.filling import fill
from perfsheet.templates import template_bytes

YARDSTICK = [sys.executable, "-c", "import pandas"]


def seconds(command: list[str]) -> float:
    """Wall time of a whole process; findings (exit code 1) are no failure here."""
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr.decode())
    return time.perf_counter() - started


def main() -> None:
    rounds = 1 if "--smoke" in sys.argv else 9
    with tempfile.TemporaryDirectory() as folder:
        team = list(demo_teams(6))[-1]
        book = Path(folder) / "team.xlsx"
        book.write_bytes(fill(template_bytes("team"), team.rows, team.settings))
        scored = shutil.copy(book, Path(folder) / "scored.xlsx")
        perfsheet = [sys.executable, "-m", "perfsheet"]
        commands = {
            "--help": [*perfsheet, "--help"],
            "validate": [*perfsheet, "validate", os.fspath(book)],
            "score": [*perfsheet, "score", os.fspath(scored)],
        }
        print(f"{'command':10} {'seconds':>8} {'import pandas':>14} {'ratio':>6}")
        for name, command in commands.items():
            seconds(command)
            pairs = [(seconds(command), seconds(YARDSTICK)) for _ in range(rounds)]
            mine, yardstick = (statistics.median(column) for column in zip(*pairs, strict=True))
            print(f"{name:10} {mine:8.3f} {yardstick:14.3f} {statistics.median(a / b for a, b in pairs):6.2f}")


if __name__ == "__main__":
    main()
