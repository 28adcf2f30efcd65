"""Closing: how a period ended, as plain values that no later run changes."""

from __future__ import annotations

from collections.abc import Mapping

from ..review import Review
from ..tables import Area, Frame, Put, Tab
from .statuses import STATUS_STYLES, STATUS_WORDS

HEADER_ROW = 8
COLUMNS = (("Goal ID", 10), ("Goal", 44), ("Owner", 22), ("Baseline", 11), ("Target", 11), ("Final value", 12), ("Progress", 11), ("Status", 15), ("Outcome", 14), ("Against the original plan", 18))  # fmt: skip


def closing(review: Review, outcomes: Mapping[str, str], note: str | None) -> Tab:
    """The final scores of a period with each goal's outcome, and the closing note."""
    team, settings = review.scores.team, review.book.settings
    cells = [
        Put(1, 1, f"Closing of {settings.period or 'the period'}", "title"),
        Put(2, 1, f"{settings.team or 'Team'}, final scores as of {review.as_of.isoformat()}", "subtitle"),
        Put(3, 1, "Progress", "tile_label"), Put(4, 1, "–" if team.progress is None else team.progress, "tile_percent"),
        Put(3, 3, "Expected", "tile_label"), Put(4, 3, "–" if team.expected is None else team.expected, "tile_percent"),
        Put(3, 5, "Coverage", "tile_label"), Put(4, 5, team.coverage, "tile_percent"),
        Put(6, 1, "Closing note", "section"), Put(6, 2, note or "What did we learn, and what do we do differently? (type here)", "input"),
        *(Put(HEADER_ROW, i, header, "heading") for i, (header, _) in enumerate(COLUMNS, start=1)),
    ]  # fmt: skip
    for row, g in enumerate(review.scores.goals, start=HEADER_ROW + 1):
        cells += [
            Put(row, 1, g.goal_id, "link", link=g.address), Put(row, 2, g.goal, "wrapped"), Put(row, 3, g.owner, "wrapped"),
            Put(row, 4, g.baseline, "number"), Put(row, 5, g.target, "number"), Put(row, 6, g.current, "number"),
            Put(row, 7, g.progress, "percent"), Put(row, 8, STATUS_WORDS[g.status], STATUS_STYLES[g.status]),
            Put(row, 9, outcomes[g.goal_id], "text"), Put(row, 10, g.vs_original.progress, "percent"),
        ]  # fmt: skip
    bottom = HEADER_ROW + max(1, len(review.scores.goals))
    return Tab(
        "Closing", "Closing", tuple(cells),
        widths={i: width for i, (_, width) in enumerate(COLUMNS, start=1)},
        frames=(Frame("tblClosing", Area(HEADER_ROW, 1, bottom, len(COLUMNS)), tuple(h for h, _ in COLUMNS)),),
        freeze=(HEADER_ROW, 2),
        repeat_rows=(HEADER_ROW, HEADER_ROW),
    )  # fmt: skip
