"""Message: what stands in the way, in a sentence each, with the cell to go to."""

from __future__ import annotations

from collections.abc import Sequence

from ..tables import Address, Put, Tab


def message(title: str, lines: Sequence[tuple[str, Address | None]]) -> Tab:
    """A short tab that the next command which goes well takes away."""
    cells = [Put(1, 1, title, "title"), Put(2, 1, "The next command that goes well takes this tab away", "subtitle")]
    for row, (text, place) in enumerate(lines, start=4):
        cells.append(Put(row, 1, str(place) if place else None, "link" if place else "text", link=place))
        cells.append(Put(row, 2, text, "wrapped"))
    return Tab("Message", "Message", tuple(cells), widths={1: 22, 2: 100})
