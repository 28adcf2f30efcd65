"""A small workbook as a spreadsheet program saved it: every live cell with its result, by tab and cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

from perfsheet import cycle
from perfsheet.agreement import RULES
from perfsheet.filling import fill
from perfsheet.findings import Finding
from perfsheet.forms import CHECKINS, GOALS
from perfsheet.live_columns import remembered
from perfsheet.records import read_records
from perfsheet.scoring import score_book
from perfsheet.tables import Address, Change, cell_position
from perfsheet.templates import template_bytes
from perfsheet.workbooks.editing import edit
from perfsheet.workbooks.package import Package
from perfsheet.workbooks.reading import read

AS_OF = date(2026, 2, 14)
SETTINGS = {
    "team": "T", "manager": "Ada", "period": "Q1", "period_start": date(2026, 1, 1), "period_end": date(2026, 3, 31),
    "as_of": AS_OF,
}  # fmt: skip
ROWS = {
    GOALS: [
        {"goal_id": "G1", "goal": "Sell more", "owners": ("Ada",), "kind": "Increase", "baseline": 20, "target": 40},
        {"goal_id": "G2", "goal": "Fewer errors", "owners": ("Ada",), "kind": "Decrease", "baseline": 50, "target": 10},
        {"goal_id": "G3", "goal": "Win clients", "owners": ("Ada",), "kind": "Count", "target": 12},
    ],
    CHECKINS: [
        {"day": date(2026, 2, 10), "goal_id": "G1", "value": 30},
        {"day": date(2026, 2, 10), "goal_id": "G2", "value": 35},
        {"day": date(2026, 2, 10), "goal_id": "G3", "value": 6},
    ],
}
"""Goals stand in rows 5 to 7; Current, Progress, Expected, Status are R, S, T, U; as of stands in C11."""

GOALS_PART = "xl/worksheets/sheet2.xml"
OWN = {rule.code for rule in RULES}


def calculated(rows: Mapping[Any, Any] = ROWS, settings: Mapping[str, Any] = SETTINGS) -> bytes:
    """The workbook with its live cells calculated."""
    data = fill(template_bytes("team"), rows, settings)
    book = read_records(read(Package.from_bytes(data)))
    day = settings.get("as_of") or AS_OF
    return edit(Package.from_bytes(data), remembered(book, score_book(book, day).goals, day))


@pytest.fixture(scope="session")
def workbook() -> bytes:
    return calculated()


def typed(data: bytes, **cells: Any) -> bytes:
    """typed(data, S5=0.8): values typed into Goals, whatever stood there; results elsewhere stay as they are."""
    changes = [Change(Address("Goals", *cell_position(name)), value) for name, value in cells.items()]
    return edit(Package.from_bytes(data), changes, forget=False)


def rewritten(data: bytes, pattern: str, by: str, part: str = GOALS_PART) -> bytes:
    """A part of the package changed as text, as another program would have written it."""
    package = Package.from_bytes(data)
    text, count = re.subn(pattern, by, package.read(part).decode())
    assert count, f"nothing in {part} matches {pattern}"
    return package.replace({part: text.encode()})


Said = Callable[..., list[str]]


@pytest.fixture(scope="session")
def said() -> Said:
    """said(data) -> what `validate` says of live cells, as "code cell message"."""

    def look(data: bytes, as_of: date | None = None) -> list[str]:
        return [f"{f.code} {f.address} {f.message}" for f in findings(data, as_of)]

    return look


def findings(data: bytes, as_of: date | None = None) -> list[Finding]:
    book = read_records(read(Package.from_bytes(data)))
    return [f for f in cycle.validate(book, as_of) if f.code in OWN]
