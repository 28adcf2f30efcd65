"""Trials, on request: every occasion that counted in somebody's index of recorded practice, with its cell."""

from __future__ import annotations

from ..review import Review
from ..scoring import TrialRow, trials_of
from ..tables import Area, Frame, Put, Tab

HEADER_ROW = 5
COLUMNS = (("Person", 24), ("Counts for", 14), ("Component", 18), ("Occasion", 46), ("Day", 12), ("Credit", 9), ("Why", 54), ("Cell", 20))  # fmt: skip
NOTES = (
    "An occasion earns 1 if it was as agreed, 0 if not, and something between where it was late or partly so.",
    "This tab is written only when it is asked for, and renewed while it is there. Delete it before you pass the workbook on, if others should not see it.",
)


def trials(review: Review) -> Tab:
    """Everybody by name; within a person in the order of the components."""
    people = sorted(review.scores.people, key=lambda p: p.person.casefold())
    rows = [row for person in people for row in trials_of(person)]
    cells = [
        Put(1, 1, "Trials", "title"),
        Put(2, 1, f"{len(rows)} occasions that counted, as of {review.as_of.isoformat()}", "subtitle"),
        *(Put(3 + i, 1, note, "muted") for i, note in enumerate(NOTES)),
        *(Put(HEADER_ROW, i, h, "heading_right" if h == "Credit" else "heading") for i, (h, _) in enumerate(COLUMNS, 1)),
    ]  # fmt: skip
    for number, row in enumerate(rows, start=HEADER_ROW + 1):
        cells += _row(number, row)
    bottom = HEADER_ROW + max(1, len(rows))
    return Tab(
        "Trials", "Trials", tuple(cells),
        widths={i: width for i, (_, width) in enumerate(COLUMNS, start=1)},
        frames=(Frame("tblTrials", Area(HEADER_ROW, 1, bottom, len(COLUMNS)), tuple(h for h, _ in COLUMNS)),),
        freeze=(HEADER_ROW, 1),
        repeat_rows=(HEADER_ROW, HEADER_ROW),
    )  # fmt: skip


def _row(number: int, row: TrialRow) -> list[Put]:
    trial = row.trial
    return [
        Put(number, 1, row.person, "text"),
        Put(number, 2, "as manager" if row.as_manager else "own record", "text"),
        Put(number, 3, row.component.replace("_", " "), "text"),
        Put(number, 4, trial.what, "wrapped"),
        Put(number, 5, trial.day, "date"),
        Put(number, 6, trial.credit, "number"),
        Put(number, 7, trial.reason, "wrapped"),
        Put(number, 8, str(trial.address), "link", link=trial.address),
    ]
