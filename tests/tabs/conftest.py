"""A believable team as text tables, its review, and tabs drawn as text to read."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import date
from itertools import groupby
from pathlib import Path

import pytest

from perfsheet.cycle import score
from perfsheet.records import read_records
from perfsheet.review import Review
from perfsheet.tables import Book, Put, Tab

EXPECTED = Path(__file__).with_name("expected")
AS_OF = date(2026, 2, 28)

SHEETS: Mapping[str, str] = {
    "Settings": """
        | Setting | Value |
        | Organisation | Alder & Finch |
        | Team | Sales North |
        | Manager | Mona May |
        | Period | 2026 Q1 |
        | Period start | 2026-01-01 |
        | Period end | 2026-03-31 |""",
    "People": """
        | Person | Email | Role | Manager |
        | Mona May | mona@example.org | Manager | |
        | Ada Lovelace | ada@example.org | Seller | Mona May |
        | Bo Diddley | bo@example.org | Seller | Mona May |""",
    "Goals": """
        | Goal ID | Goal | Owner | Kind | Measure | Baseline | Target | Weight | Due date |
        | G1 | Win new customers | Ada Lovelace | Increase | customers | 10 | 30 | 40 | |
        | G2 | Answer complaints sooner | Bo Diddley | Decrease | days | 9 | 3 | 40 | |
        | G3 | =1+1 is how we start the year | Ada Lovelace | Count | visits | 0 | 20 | 20 | |
        | G4 | Write the price list | Bob Diddley | Percent | | | | | 2026-02-15 |""",
    "Check-ins": """
        | Date | Goal ID | Value | Confidence | Blocker | Note | By |
        | 2026-01-08 | G1 | 11 | 80% | | | Ada Lovelace |
        | 2026-01-15 | G1 | 13 | 80% | | | Ada Lovelace |
        | 2026-01-22 | G1 | 13 | 70% | | | Ada Lovelace |
        | 2026-01-29 | G1 | 14 | 70% | | | Ada Lovelace |
        | 2026-02-05 | G1 | 14 | 60% | | | Ada Lovelace |
        | 2026-02-24 | G1 | 15 | 40% | No leads | | Ada Lovelace |
        | 2026-01-20 | G2 | 7 | 90% | | | Bo Diddley |
        | 2026-02-24 | G2 | 5 | 90% | | | Bo Diddley |
        | 2026-02-26 | G4 | 80 | | | | |""",
    "Feedback": """
        | Date | From | To | Kind | Goal ID | Feedback | Follow-up | Follow-up due | Follow-up done |
        | 2026-02-10 | Mona May | Ada Lovelace | Coaching | G1 | Call earlier in the week | Try it twice | 2026-02-20 | |
        | 2026-02-12 | Bo Diddley | Mona May | Request | G2 | How would you word this? | | | |""",
    "Actions": """
        | Action ID | Action | Goal ID | Owner | Raised by | Agreed on | Due date | Done on |
        | A1 | Buy a list of leads | G1 | Ada Lovelace | Mona May | 2026-02-01 | 2026-02-15 | |
        | A2 | Write three answers | G2 | Bo Diddley | Mona May | 2026-02-01 | 2026-02-15 | 2026-02-12 |""",
    "Development": """
        | Person | Kind | Skill | Plan | Due date |
        | Bo Diddley | Strength | Patience | Train a new colleague | 2026-06-30 |""",
}  # fmt: skip
"""One team: a goal ahead, one behind, one without data, one overdue with a misspelt owner."""

EMPTY: Mapping[str, str] = {
    "Settings": SHEETS["Settings"],
    "People": SHEETS["People"],
    "Goals": "| Goal ID | Goal | Owner | Kind | Baseline | Target |",
    "Check-ins": "| Date | Goal ID | Value |",
}
"""The same team on its first day."""


@pytest.fixture
def review(make_book: Callable[..., Book]) -> Review:
    """The team, reviewed."""
    return score(read_records(make_book(SHEETS)), AS_OF)


@pytest.fixture
def empty_review(make_book: Callable[..., Book]) -> Review:
    """The team before its first goal."""
    return score(read_records(make_book(EMPTY)), AS_OF)


def _drawn(put: Put) -> str:
    value = f"{put.value:.4g}" if isinstance(put.value, float) else "" if put.value is None else str(put.value)
    formula = f" {{={put.formula}}}" if put.formula else ""
    return f"{value}{formula}{f' -> {put.link}' if put.link else ''}"


def drawn(tab: Tab) -> str:
    """A tab as lines of text: row number, then the cells that say something; formulas in braces, links behind arrows."""
    puts = sorted((p for p in tab.cells if p.value is not None), key=lambda p: (p.row, p.column))
    return "".join(f"{row:3}  {' | '.join(map(_drawn, group))}\n" for row, group in groupby(puts, key=lambda p: p.row))


@pytest.fixture
def as_expected() -> Callable[[str, str], None]:
    """as_expected(name, text): the text is that of expected/<name>.txt. PERFSHEET_REFRESH=1 writes the file anew."""

    def compare(name: str, text: str) -> None:
        path = EXPECTED / f"{name}.txt"
        if os.environ.get("PERFSHEET_REFRESH") == "1":
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return compare


@pytest.fixture(scope="session")
def recalculated(recalculate: Callable[..., dict[str, Path]]) -> Callable[[bytes], Path]:
    """recalculated(bytes) -> the path of the workbook after LibreOffice calculated every formula and saved it."""
    return lambda data: recalculate({"painted": data})["painted"]
