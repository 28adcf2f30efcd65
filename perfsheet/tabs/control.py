"""Control: what the team workbooks said beside what stands in this one, by formula, with one cell that says OK.

The left side was counted in each workbook before anything was brought together, and stands in
Files; the right side is counted over the rows of the other tabs.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..scoring import Status
from ..tables import Address, Area, Frame, Put, Tab
from .statuses import STATUS_WORDS

Row = Mapping[str, Any]

FIRST, *_, LAST = Status
HEADER_ROW = 6
COLUMNS = (("What", 40), ("In the team workbooks", 22), ("In this workbook", 22), ("Difference", 14), ("Verdict", 11))
NOISE = "0.000001"
"""Sums of many fractions may differ by this much, and mean the same."""


@dataclass(frozen=True)
class Line:
    """One thing that must tie out: two formulas and what they give."""

    what: str
    said: str
    found: str
    key: str | None
    """The column of Files that is summed on the left; None counts its rows, those of workbooks read with `read`."""
    read: bool = False
    by: str | None = None
    """The key of what the sum is divided by, where the line is a mean over the workbooks that have a number."""

    def said_by(self, files: Sequence[Row]) -> float:
        """What the left side gives."""
        if self.by is not None and self.key is not None:
            known = [row for row in files if row.get(self.key) is not None]
            weight = math.fsum(row[self.by] for row in known)
            return math.fsum(row[self.key] for row in known) / weight if weight else 0.0
        if self.key is None:
            return float(sum(not self.read or row["outcome"].startswith("read") for row in files))
        return math.fsum(row.get(self.key) or 0 for row in files)

    def held(self, tabs: Collection[str] | None) -> bool:
        """Whether all its tables are in a workbook with these tabs."""
        formulas = f"{self.said} {self.found}"
        return tabs is None or all(tab in tabs for table, tab in TABLES.items() if f"{table}[" in formulas)


OUTCOMES = ("read", "read with warnings", "read with errors", "not read", "left out", "not returned")
"""What can become of a file, in words."""
COUNTED_OUTCOMES = "+".join(f'COUNTIF(tblFiles[Outcome],"{word}")' for word in OUTCOMES)

TILES = (("Progress", "A5"), ("Expected", "C5"), ("Coverage", "E5"))
"""The organisation's numbers at the head of Summary: the column of Teams that each is the mean of, and its cell."""


def _by_team(name: str) -> Line:
    """The teams' numbers by the goals that count in them."""
    found = f"SUMPRODUCT(tblTeams[Counted],tblTeams[{name}])"
    return Line(
        f"{name} by counted goals", f"SUM(tblFiles[Counted × {name.lower()}])", found, f"{name.lower()}_counted"
    )


def _in_summary(name: str, cell: str) -> Line:
    """A number at the head of Summary, from what the workbooks said."""
    weight = f'SUMIFS(tblTeams[Counted],tblTeams[{name}],">=-1000")'
    said = f"IFERROR(SUM(tblFiles[Counted × {name.lower()}])/{weight},0)"
    return Line(f"{name} in Summary", said, f"N(Summary!{cell})", f"{name.lower()}_counted", by="counted")


LINES = (
    Line("Goals", "SUM(tblFiles[Goals])", "COUNTA(tblOrgGoals[Goal ID])", "goals"),
    Line("Goals, by team", "SUM(tblTeams[Goals])", "COUNTA(tblOrgGoals[Team])", "goals"),
    Line("Goals that count", "SUM(tblFiles[In a sum])", 'COUNTIF(tblOrgGoals[Counted],"yes")', "in_a_sum"),
    Line("People", "SUM(tblFiles[People])", "COUNTA(tblOrgPeople[Person])", "people"),
    Line("Check-ins", "SUM(tblFiles[Check-ins])", "SUM(tblTeams[Check-ins])", "check_ins"),
    Line("Entries left out for an error", "SUM(tblFiles[Errors])", 'COUNTIF(tblFindings[Severity],"error")', "errors"),
    Line("Sum of progress", "SUM(tblFiles[Sum of progress])", "SUM(tblOrgGoals[Progress])", "progress_sum"),
    Line(
        "Sum of weight by progress", "SUM(tblFiles[Weighted sum])", "SUMPRODUCT(tblOrgGoals[Weight],tblOrgGoals[Progress])",
        "weighted_sum",
    ),
    Line("Goals by status", "SUM(tblFiles[Goals])", f"SUM(tblTeams[[{STATUS_WORDS[FIRST]}]:[{STATUS_WORDS[LAST]}]])", "goals"),
    *(_by_team(name) for name, _ in TILES),
    *(_in_summary(name, cell) for name, cell in TILES),
    Line("Workbooks read", 'COUNTIF(tblFiles[Outcome],"read*")', "COUNTA(tblTeams[File])", None, read=True),
    Line("Files: read, read with findings, not read, left out", "COUNTA(tblFiles[File])", COUNTED_OUTCOMES, None),
)  # fmt: skip


TABLES = {
    "tblFiles": "Files", "tblTeams": "Teams", "tblOrgGoals": "Goals", "tblOrgPeople": "People", "tblFindings": "Data quality",
}  # fmt: skip


def _live(formula: str, away: Collection[str]) -> str | None:
    """The formula, unless it reads a tab whose rows are in the dataset: then the number stands by itself."""
    return None if any(f"{table}[" in formula and tab in away for table, tab in TABLES.items()) else formula


def control(
    files: Sequence[Row], found: Mapping[str, float], away: Collection[str] = (), tabs: Collection[str] | None = None
) -> Tab:
    """The tab. `found` holds what stands in the other tabs, by the name of the line; those in `away` are no tables.

    Where the audience sees only some `tabs`, what they hold ties out.
    """
    lines = [line for line in LINES if line.held(tabs)]
    cells = [
        Put(1, 1, "Control", "title"),
        Put(2, 1, "What each workbook said by itself, and what stands here", "subtitle"),
        Put(3, 1, "All in all", "label_right"),
        *((Put(4, 1, f"Counted in the dataset, because no sheet holds so many rows: {', '.join(sorted(away))}", "muted"),) if away else ()),
        *(Put(HEADER_ROW, i, h, "heading_right" if 1 < i < 5 else "heading") for i, (h, _) in enumerate(COLUMNS, start=1)),
    ]  # fmt: skip
    whole = True
    for row, line in enumerate(lines, start=HEADER_ROW + 1):
        said, here = line.said_by(files), found[line.what]
        fine = abs(said - here) <= float(NOISE)
        whole = whole and fine
        word = "OK" if fine else "CHECK"
        cells += [
            Put(row, 1, line.what, "text"), Put(row, 2, said, "number", formula=_live(line.said, away)), Put(row, 3, here, "number", formula=_live(line.found, away)),
            Put(row, 4, round(said - here, 9) + 0.0, "number", formula=f"ROUND(B{row}-C{row},9)"),
            Put(row, 5, word, "text", formula=f'IF(ABS(D{row})<={NOISE},"OK","CHECK")'),
        ]  # fmt: skip
    bottom = HEADER_ROW + len(lines)
    verdict = "OK" if whole else "CHECK"
    cells.append(
        Put(
            3,
            2,
            verdict,
            verdict.lower(),
            formula=f'IF(COUNTIF(E{HEADER_ROW + 1}:E{bottom},"OK")={len(lines)},"OK","CHECK")',
        )
    )
    return Tab(
        "Control", "OrgControl", tuple(cells),
        widths={i: width for i, (_, width) in enumerate(COLUMNS, start=1)},
        frames=(Frame("tblControl", Area(HEADER_ROW, 1, bottom, len(COLUMNS)), tuple(h for h, _ in COLUMNS)),),
        freeze=(HEADER_ROW, 1),
    )  # fmt: skip


def verdict_link(files: Sequence[Row], found: Mapping[str, float], tabs: Collection[str] | None = None) -> Put:
    """The verdict for the head of Summary, live and with the way to its reasons."""
    fine = all(abs(line.said_by(files) - found[line.what]) <= float(NOISE) for line in LINES if line.held(tabs))
    word = "OK" if fine else "CHECK"
    return Put(1, 8, word, word.lower(), formula="Control!B3", link=Address("Control", 3, 2))
