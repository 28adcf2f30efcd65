"""Message: what stands in the way or what would change, with the cell to go to."""

from __future__ import annotations

from collections.abc import Sequence

from ..decisions import Entry
from ..tables import Address, Put, Tab

GOES = "The next command that goes well takes this tab away"
Lines = Sequence[tuple[str, Address | None]]
"""A sentence each, with the cell to go to."""
HEADERS = ("Cell", "Goal", "Field", "Now", "Proposed", "Reason")


def message(title: str, lines: Lines) -> Tab:
    """A short tab that the next command which goes well takes away."""
    cells = [*_head(title, GOES)]
    for row, (text, place) in enumerate(lines, start=4):
        cells += [_place(row, place), Put(row, 2, text, "wrapped")]
    return Tab("Message", "Message", tuple(cells), widths={1: 22, 2: 100})


def preview(changes: Sequence[tuple[Entry, Address | None]], refused: Lines) -> Tab:
    """What apply would change, a row each as History would hold it, and below that what it would leave, with the reason."""
    cells = [*_head("What Apply would change", f"Nothing is changed yet. {GOES}")]
    if changes:
        cells += [Put(4, column, header, "heading") for column, header in enumerate(HEADERS, start=1)]
    else:
        cells.append(Put(4, 1, "Nothing was accepted that is not applied already", "plain"))
    for row, (entry, place) in enumerate(changes, start=5):
        told = (entry.goal_id, entry.field, entry.old, entry.new, entry.reason)
        cells.append(_place(row, place))
        cells += [Put(row, n, value, "wrapped" if n == 6 else "any") for n, value in enumerate(told, start=2)]
    if refused:
        top = 6 + len(changes)
        cells.append(Put(top, 1, "What cannot be applied", "section"))
        for row, (text, place) in enumerate(refused, start=top + 1):
            cells += [_place(row, place), Put(row, 2, text, "plain")]
    return Tab("Message", "Message", tuple(cells), widths={1: 22, 2: 12, 3: 16, 4: 22, 5: 22, 6: 60})


def _head(title: str, subtitle: str) -> tuple[Put, Put]:
    return Put(1, 1, title, "title"), Put(2, 1, subtitle, "subtitle")


def _place(row: int, place: Address | None) -> Put:
    return Put(row, 1, str(place) if place else None, "link" if place else "text", link=place)
