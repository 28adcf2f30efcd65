"""Writing three tabs into a filled workbook: a graft beside openpyxl's load and save.

Time is the median of the ratios pair by pair, in this process; memory is the peak that Python
itself allocates. "Identical" counts the parts of the original whose content is the same after.

    python benchmarks/graft.py [--smoke]
"""

from __future__ import annotations

import io
import statistics
import sys
import tempfile
import time
import tracemalloc
import warnings
from collections.abc import Callable
from pathlib import Path

import openpyxl

from perfsheet import cycle
from perfsheet.demo import demo_teams
from perfsheet.filling import fill
from perfsheet.tabs import tabs_of
from perfsheet.templates import template_bytes
from perfsheet.workbooks.grafting import graft
from perfsheet.workbooks.package import Package
from perfsheet.workbooks.painting import paint


def by_graft(data: bytes, donor: bytes, marks: dict[str, str]) -> bytes:
    return graft(Package.from_bytes(data), donor, marks).data


def by_openpyxl(data: bytes) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(data))
    for name in ("Summary", "Adjustments", "Checks"):
        book.create_sheet(name)["A1"] = name
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def measured(run: Callable[[], bytes]) -> tuple[float, bytes]:
    started = time.perf_counter()
    data = run()
    return time.perf_counter() - started, data


def peak(run: Callable[[], bytes]) -> float:
    tracemalloc.start()
    run()
    size = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return size / 2**20


def identical(before: bytes, after: bytes) -> str:
    old, new = Package.from_bytes(before), Package.from_bytes(after)
    same = sum(new.has(n) and new.read(n) == old.read(n) for n in old.names)
    return f"{same} of {len(old.names)}"


def main() -> None:
    warnings.simplefilter("ignore")
    rounds = 2 if "--smoke" in sys.argv else 15
    team = list(demo_teams(6))[-1]
    data = fill(template_bytes("team"), team.rows, team.settings)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "team.xlsx"
        path.write_bytes(data)
        review = cycle.score(cycle.read(path))
    tabs = tabs_of(review)
    marks = {tab.name: tab.mark for tab in tabs}
    donor = paint(tabs, created=review.as_of)
    runs: dict[str, Callable[[], bytes]] = {
        "paint and graft": lambda: by_graft(data, paint(tabs, created=review.as_of), marks),
        "graft alone": lambda: by_graft(data, donor, marks),
        "openpyxl": lambda: by_openpyxl(data),
    }
    pairs = [{name: measured(run)[0] for name, run in runs.items()} for _ in range(rounds)]
    print(f"{'way':16} {'ms':>7} {'ratio to openpyxl':>18} {'peak MB':>8} {'parts identical':>16}")
    for name, run in runs.items():
        ratio = statistics.median(p[name] / p["openpyxl"] for p in pairs)
        milliseconds = 1000 * statistics.median(p[name] for p in pairs)
        print(f"{name:16} {milliseconds:7.1f} {ratio:18.2f} {peak(run):8.1f} {identical(data, run()):>16}")


if __name__ == "__main__":
    main()
