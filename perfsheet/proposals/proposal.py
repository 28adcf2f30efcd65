"""The shape of a proposal, and how it is known again from run to run."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from dataclasses import field as declared
from datetime import date, datetime
from functools import cached_property

from ..tables import Address

Value = str | float | date | None

OPEN, APPLIED, WITHDRAWN = "Open", "Applied", "Withdrawn"

Because = str | Callable[[], str]
"""A reason, or what tells it once somebody asks: most goals are left as they are, and nobody reads why."""

Named = str | tuple[str, str, str, str | None, object, int]


def _nothing() -> tuple[()]:
    return ()


@dataclass(unsafe_hash=True)
class Proposal:
    """One proposed adjustment. `id` is stable: the same goal, rule and present value give the same id.

    Nobody changes one once it is made; it is not frozen, because a frozen one takes four times as long to make.

    `named` is that id, or what `proposal_id` makes it of. What only a reader of the proposal asks for is
    made when it is asked for.

    `field` is the column of Goals that would change, None where nothing in Goals changes.
    Chances are fractions or None where no forecast may be shown.
    """

    named: Named
    goal_id: str
    goal: str
    owner: str
    rule: str
    """The rule's name: fix_data, add_support, extend_due, hold …"""
    proposal: str
    """What is proposed, in words."""
    because: Because = declared(repr=False, compare=False)
    """Why, in words, or what makes them."""
    address: Address
    """The goal's row, or the cell that would change."""
    field: str | None = None
    now: Value = None
    proposed: Value = None
    chance_before: float | None = None
    chance_after: float | None = None
    decision: str | None = None
    decided_value: Value = None
    decided_by: str | None = None
    decided_on: date | None = None
    reason: str | None = None
    state: str = OPEN
    proposed_on: date | None = None
    """The day of the run that proposed it first."""
    version: str = "1"
    """The version of the rule."""
    others: Callable[[], tuple[str, ...]] = declared(default=_nothing, repr=False, compare=False)
    looked_at: Callable[[], tuple[tuple[str, Value], ...]] = declared(default=_nothing, repr=False, compare=False)

    @cached_property
    def id(self) -> str:
        """Ten characters by which the proposal is known again from run to run."""
        return self.named if isinstance(self.named, str) else proposal_id(*self.named)

    @cached_property
    def why(self) -> str:
        """Why it is proposed."""
        return self.because if isinstance(self.because, str) else self.because()

    @cached_property
    def alternatives(self) -> tuple[str, ...]:
        """What else applies to the goal."""
        return self.others()

    @cached_property
    def inputs(self) -> tuple[tuple[str, Value], ...]:
        """What the rule looked at: (name, value)."""
        return self.looked_at()

    @property
    def seal(self) -> str:
        """Shows that the row in Adjustments still says what was proposed."""
        return seal(self.id, self.goal_id, self.proposal, self.field, self.now, self.proposed, self.why)


def plain_text(value: object) -> str:
    """A value as text that survives a spreadsheet: 40 and 40.0 are one, dates are ISO, empty is empty.

    Twelve digits, because programs that save a workbook again keep fifteen at most.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, (int, float)):
        return f"{value + 0.0:.12g}"
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        value = value.date()
    text = value.isoformat() if isinstance(value, date) else str(value)
    if text.isascii() and text.isprintable():
        return text.strip()
    return "\n".join(unicodedata.normalize("NFC", line).strip() for line in text.strip().splitlines())


def same_value(one: object, other: object) -> bool:
    """Whether two cells say the same."""
    return plain_text(one) == plain_text(other)


_written = json.JSONEncoder(ensure_ascii=False).encode
"""One writer for all: json.dumps makes a new one for each text."""


def digest(*parts: object) -> str:
    """The sha256 of values in a form in which no two rows of values are written alike."""
    return hashlib.sha256(_written([plain_text(p) for p in parts]).encode()).hexdigest()


def proposal_id(workbook: str, goal_id: str, rule: str, field: str | None, now: object, again: int = 0) -> str:
    """Ten characters that stay while the goal, the rule and the present value stay.

    What is proposed is not part of it, since it may move a little from day to day. `again` counts
    how often the same proposal was rejected before.
    """
    return "P" + digest(workbook, goal_id.casefold(), rule, field, now, *([again] if again else []))[:9]


def seal(*parts: object) -> str:
    """A short check over what a row of Adjustments says."""
    return digest(*parts)[:12]


def snapshot(pairs: Iterable[tuple[str, Value]]) -> tuple[tuple[str, Value], ...]:
    """The inputs that are known."""
    return tuple((name, value) for name, value in pairs if value is not None)
