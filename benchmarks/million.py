"""A million people, on paper: what one consolidation takes, from what was measured on thousands of workbooks.

Nothing was run at that size. The measured figures are those of docs/scale.md; change one there, change it here, and
the table follows.

    python benchmarks/million.py [--smoke]

`--smoke` says whether the table in docs/scale.md is the one that these figures give.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "scale.md"
SHEET_ROWS = 1_048_576
BATCH = 16


@dataclass(frozen=True)
class Measured:
    """Of one generated workbook of ten people: 30 goals, 300 check-ins, about 48 issues."""

    file_kb: float = 39.3
    read_ms: float = 22.0
    """Processor time to read, validate and score it."""
    sent_kb: float = 22.0
    """What comes back from a worker: numbers, packed columns and rows that are painted already."""
    gather_ms: float = 0.9
    """What the one process that brings all together and writes the workbook needs for it."""
    gather_kb: float = 45.0
    """How much memory of that process it takes until the end."""
    goals: int = 30
    issues: int = 48


@dataclass(frozen=True)
class Assumed:
    """What nobody measured here: an organisation, a store and a price."""

    people: int = 1_000_000
    people_a_workbook: int = 10
    workers: int = 16
    round_trip_ms: float = 50.0
    """Of a request to an object store; a workbook takes two."""
    processor_hour: float = 0.05
    """Dollars."""
    thousand_requests: float = 0.0004
    """Dollars, for reading."""


Line = tuple[str, str, str]


def plan(m: Measured, a: Assumed) -> Iterator[Line]:
    """(what, the arithmetic, the result) of each line of the plan."""
    files = a.people // a.people_a_workbook
    read, wait = files * m.read_ms / 1e3 / a.workers, files * 2 * a.round_trip_ms / 1e3 / a.workers
    gather = files * m.gather_ms / 1e3
    many = f"{files:,}"
    yield "workbooks", f"{a.people:,} people / {a.people_a_workbook} in each", many
    yield "bytes", f"{many} × {m.file_kb} KB", f"{files * m.file_kb / 1e6:.1f} GB"
    yield "batches", f"{many} / {BATCH}", f"{-(-files // BATCH):,}"
    yield "processor time to read and score", f"{many} × {m.read_ms:g} ms", _time(files * m.read_ms / 1e3)
    yield f"the same on {a.workers} workers", f"… / {a.workers}", _time(read)
    waiting = f"{many} × 2 × {a.round_trip_ms:g} ms / {a.workers}"
    yield "waiting for an object store", waiting, _time(wait)
    yield "what comes back over the network", f"{many} × {m.sent_kb} KB", f"{files * m.sent_kb / 1e6:.2f} GB"
    yield "bringing it together and writing it, one process", f"{many} × {m.gather_ms} ms", _time(gather)
    yield (
        "workers that one such process keeps up with",
        f"{m.read_ms:g} ms / {m.gather_ms} ms",
        f"{m.read_ms / m.gather_ms:.0f}",
    )
    yield "memory of that process", f"{many} × {m.gather_kb:g} KB", f"{files * m.gather_kb / 1e6:.1f} GB"
    for name, count in (("people", a.people_a_workbook), ("goals", m.goals), ("issues", m.issues)):
        yield f"rows of {name}", f"{many} × {count}; a sheet holds {SHEET_ROWS:,}", f"{files * count:,}"
    whole = max(read + wait, gather)
    yield "the run", "the longer of reading with waiting and bringing together", _time(whole)
    price = (a.workers + 1) * whole / 3600 * a.processor_hour + files * 2 / 1000 * a.thousand_requests
    sums = f"({a.workers} + 1) × {_time(whole)} × ${a.processor_hour} an hour + {files * 2:,} requests × ${a.thousand_requests} a thousand"
    yield "cost of a run", sums, f"${price:.2f}"


def _time(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if seconds >= 5400 else f"{seconds / 60:.0f} min"


def table() -> str:
    """The plan as it stands in the docs."""
    lines = ["| what | how | result |", "| --- | --- | --- |"]
    return "\n".join([*lines, *(f"| {' | '.join(line)} |" for line in plan(Measured(), Assumed()))]) + "\n"


def main() -> None:
    """Prints the table; with --smoke says whether the docs have it."""
    print(table(), end="")
    if "--smoke" in sys.argv and table() not in PAGE.read_text(encoding="utf-8"):
        sys.exit(f"{PAGE.name} does not hold this table")


if __name__ == "__main__":
    main()
