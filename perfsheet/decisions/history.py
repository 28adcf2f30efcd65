"""History as a chain: every row carries the hash of the row before, so that a changed or lost row shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from ..findings import Finding
from ..forms import Decision, HistoryRow
from ..proposals import APPLIED, Value
from ..proposals.proposal import digest
from .rules import HISTORY_BROKEN, HISTORY_ROW_CHANGED


class Fields(Protocol):
    """What a row of History says, whether it was read or is about to be written."""

    @property
    def when(self) -> object: ...
    @property
    def who(self) -> str | None: ...
    @property
    def part(self) -> str | None: ...
    @property
    def goal_id(self) -> str | None: ...
    @property
    def field(self) -> str | None: ...
    @property
    def old(self) -> Value: ...
    @property
    def new(self) -> Value: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def proposal_id(self) -> str | None: ...


@dataclass(frozen=True)
class Entry:
    """A row for History, in the order of its columns."""

    when: str
    who: str | None
    part: str | None
    goal_id: str | None
    field: str | None
    old: Value
    new: Value
    reason: str | None
    proposal_id: str | None
    previous_hash: str = ""
    hash: str = ""


def row_hash(previous: str, fields: Sequence[object]) -> str:
    """The sha256 over the hash before and the row's nine values, in a form that survives a spreadsheet.

    `fields` are When, Who, Workbook part, Goal ID, Field, From, To, Reason, Proposal ID.
    """
    return digest(previous, *fields)


def fields_of(row: Fields) -> tuple[object, ...]:
    """What the hash of a row covers besides the hash before."""
    return (row.when, row.who, row.part, row.goal_id, row.field, row.old, row.new, row.reason, row.proposal_id)


def chained(history: Sequence[HistoryRow], entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries with their hashes, following from the last row of History."""
    previous, found = (history[-1].hash or "" if history else ""), []
    for entry in entries:
        entry = replace(entry, previous_hash=previous, hash=row_hash(previous, fields_of(entry)))
        previous = entry.hash
        found.append(entry)
    return tuple(found)


def verify(history: Sequence[HistoryRow], decisions: Sequence[Decision] = ()) -> list[Finding]:
    """Rows of History that were changed, and places where rows are missing.

    The end of a chain cannot miss what was cut off, so `decisions` marked as applied are looked
    for in it as well.
    """
    found, previous = [], ""
    for row in sorted(history, key=lambda r: r.row):
        if (row.previous_hash or "") != previous:
            above = "the row above it" if previous else "any row"
            message = f"The row of {row.when} does not follow from {above}: one was removed, added or moved"
            found.append(HISTORY_BROKEN.at(row.at("previous_hash"), message, value=row.previous_hash, goal=row.goal_id))
        if row.hash != row_hash(row.previous_hash or "", fields_of(row)):
            message = f"The row of {row.when} was changed after it was written"
            found.append(HISTORY_ROW_CHANGED.at(row.at("hash"), message, value=row.hash, goal=row.goal_id))
        previous = row.hash or ""
    return found + _lost(history, decisions)


def _lost(history: Sequence[HistoryRow], decisions: Sequence[Decision]) -> list[Finding]:
    known = {row.proposal_id for row in history}
    return [
        HISTORY_BROKEN.at(
            d.at("state"),
            f"Proposal {d.proposal_id} is marked as applied and has no row in History",
            value=d.state,
            goal=d.goal_id,
        )
        for d in decisions
        if d.state == APPLIED and d.proposal_id not in known
    ]
