"""Checks: one cell that says whether all is well, and every finding with a link to its place."""

from __future__ import annotations

from ..findings import Severity
from ..review import Review
from ..tables import Address, Area, Book, Frame, Put, Tab

HEADER_ROW = 7
PLANS, RUNS = 9, 10
"""Hidden columns: each goal's plan as it was first scored, so that a moved goalpost shows; the last runs in short."""

COLUMNS = (("Severity", 11), ("Code", 24), ("Where", 18), ("Value", 22), ("What is wrong", 70), ("What to do", 60))


def checks(review: Review) -> Tab:
    """The findings of a review, errors first."""
    counts = {s: sum(f.severity is s for f in review.findings) for s in Severity}
    cells = [
        Put(1, 1, "Checks", "title"),
        Put(2, 1, f"What perfsheet found while reading this workbook, as of {review.as_of.isoformat()}", "subtitle"),
        *_verdict(review, counts),
        *(Put(HEADER_ROW, i, header, "heading") for i, (header, _) in enumerate(COLUMNS, start=1)),
    ]
    for row, f in enumerate(review.findings, start=HEADER_ROW + 1):
        cells += [
            Put(row, 1, f.severity.value, f"severity_{f.severity.value}"),
            Put(row, 2, f.code, "text"),
            _where(review, f.address, row),
            Put(row, 4, f.value, "wrapped"),
            Put(row, 5, f.message, "wrapped"),
            Put(row, 6, f.remedy, "wrapped"),
        ]
    if not review.findings:
        cells.append(Put(HEADER_ROW + 1, 1, "Nothing: every entry was read as it stands.", "text"))
    if review.plan_lines:
        cells.append(Put(HEADER_ROW, PLANS, "Plans as first scored (written by perfsheet)", "muted"))
        cells += [Put(HEADER_ROW + n, PLANS, line, "muted") for n, line in enumerate(review.plan_lines, start=1)]
    if review.run_lines:
        cells.append(Put(HEADER_ROW, RUNS, "The last runs in short (written by perfsheet)", "muted"))
        cells += [Put(HEADER_ROW + n, RUNS, line, "muted") for n, line in enumerate(review.run_lines, start=1)]
    bottom = HEADER_ROW + max(1, len(review.findings))
    return Tab(
        "Checks", "Checks", tuple(cells),
        widths={i: width for i, (_, width) in enumerate(COLUMNS, start=1)},
        heights={3: 20, HEADER_ROW: 24},
        frames=(Frame("tblChecks", Area(HEADER_ROW, 1, bottom, len(COLUMNS)), tuple(h for h, _ in COLUMNS)),),
        freeze=(HEADER_ROW, 0),
        repeat_rows=(HEADER_ROW, HEADER_ROW),
        hidden_columns=frozenset({PLANS, RUNS}),
        print_columns=len(COLUMNS),
    )  # fmt: skip


def _where(review: Review, address: Address, row: int) -> Put:
    """The place of a finding, with the way to it if there is such a tab: a missing one is a finding too."""
    book = review.book.book
    there = book is None or book.sheet(address.sheet) is not None
    return Put(row, 3, str(address), "link" if there else "text", link=address if there else None)


def plan_lines_in(book: Book) -> tuple[str, ...]:
    """The plans that an earlier run kept in the workbook."""
    return _kept_in(book, PLANS)


def run_lines_in(book: Book) -> tuple[str, ...]:
    """The earlier runs that the workbook remembers."""
    return _kept_in(book, RUNS)


def _kept_in(book: Book, kept: int) -> tuple[str, ...]:
    sheet = next((s for s in book.sheets if s.mark == "Checks"), None)
    cells = sheet.cells.items() if sheet else ()
    return tuple(str(c.value) for (row, column), c in sorted(cells) if column == kept and row > HEADER_ROW)


def verdict(review: Review) -> str:
    """CHECK if an entry is wrong, or probably so; otherwise OK."""
    return "CHECK" if any(f.severity is not Severity.INFO for f in review.findings) else "OK"


def verdict_cells(review: Review, row: int, column: int) -> list[Put]:
    """The overall cell for the header of another tab: a label, and OK or CHECK with the way to the findings.

    A value and no formula, so that each tab can also be taken over by itself.
    """
    word = verdict(review)
    cell = Put(row, column + 1, word, _VERDICTS[word], link=Address("Checks", HEADER_ROW, 1))
    return [Put(row, column, "Entries", "label_right"), cell]


_VERDICTS = {"OK": "ok", "CHECK": "check"}


def _verdict(review: Review, counts: dict[Severity, int]) -> list[Put]:
    """OK or CHECK, with the counts as live formulas over the table."""
    meaning = {
        Severity.ERROR: "left out of the scores until put right",
        Severity.WARNING: "probably wrong; worth a look",
        Severity.INFO: "worth knowing; nothing to do",
    }
    word = verdict(review)
    cells = [Put(3, 1, word, _VERDICTS[word], formula='IF(B4+B5>0,"CHECK","OK")')]
    for row, severity in zip((4, 5, 6), Severity, strict=True):
        cells += [
            Put(row, 1, severity.value, f"severity_{severity.value}"),
            Put(row, 2, counts[severity], "count", formula=f'COUNTIF(tblChecks[Severity],"{severity.value}")'),
            Put(row, 3, meaning[severity], "muted"),
        ]
    return cells
