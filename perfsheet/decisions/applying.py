"""Accepted proposals -> cells to change in Goals, and the rows that this adds to History."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ..forms import GOALS, Column, Goal, Kind, folded, same_name
from ..forms.decisions import BY_ITSELF, CHOSEN
from ..issues.wording import shown
from ..proposals import APPLIED, OPEN, Proposal, Value, same_value
from ..proposals.asking import present
from ..records.teambook import TeamBook
from ..tables import Change
from .history import Entry, chained

NOT_NAMED = "not named"


@dataclass(frozen=True)
class Plan:
    """What `apply` is going to do. Nothing is written yet."""

    changes: tuple[Change, ...] = ()
    history_rows: tuple[Entry, ...] = ()
    """New rows, to be put below the present ones."""
    applied: tuple[str, ...] = ()
    """Ids of the proposals that these changes carry out."""
    refused: tuple[tuple[str, str], ...] = ()
    """(proposal id, why it cannot be applied)."""

    def marked(self, proposals: Iterable[Proposal]) -> tuple[Proposal, ...]:
        """The proposals, with those applied marked so."""
        return tuple(replace(p, state=APPLIED) if p.id in self.applied else p for p in proposals)


class Refusal(Exception):
    """Why a decision cannot be carried out: a sentence for the person who took it."""


def plan_changes(book: TeamBook, proposals: Sequence[Proposal], as_of: date, now: str | None = None) -> Plan:
    """The changes that accepted and changed proposals ask for, and what cannot be done.

    `now` is the text of History's When, the day by default.
    """
    changes: dict[str, Change] = {}
    entries: list[Entry] = []
    applied: list[str] = []
    refused: list[tuple[str, str]] = []
    for proposal in proposals:
        if not _to_do(proposal):
            continue
        try:
            change, entry = _carried_out(book, proposal, as_of, now or as_of.isoformat())
            if change and same_name(proposal.goal_id) in changes:
                raise Refusal("another accepted proposal changes this goal; one adjustment for a goal in a period")
        except Refusal as reason:
            refused.append((proposal.id, str(reason)))
            continue
        if change:
            changes[same_name(proposal.goal_id)] = change
        entries.append(entry)
        applied.append(proposal.id)
    return Plan(tuple(changes.values()), chained(book.history, entries), tuple(applied), tuple(refused))


def _to_do(proposal: Proposal) -> bool:
    return proposal.decision in CHOSEN and proposal.state != APPLIED and proposal.rule not in BY_ITSELF


def _carried_out(book: TeamBook, proposal: Proposal, as_of: date, when: str) -> tuple[Change | None, Entry]:
    """One decision as the cell it changes (None if it changes nothing in Goals) and its History row."""
    goal = book.goals_by_id.get(same_name(proposal.goal_id))
    if goal is None:
        raise Refusal(f"the goal {proposal.goal_id} is not in the Goals tab any more")
    change, old, new = _change(book, goal, proposal, as_of)
    entry = Entry(
        when=when,
        who=proposal.decided_by or NOT_NAMED,
        part=str(change.address if change else goal.at("goal_id")),
        goal_id=goal.goal_id,
        field=proposal.field,
        old=old,
        new=new,
        reason=proposal.reason or proposal.why,
        proposal_id=proposal.id,
    )
    return change, entry


def _change(book: TeamBook, goal: Goal, proposal: Proposal, as_of: date) -> tuple[Change | None, Value, Value]:
    """The cell's change, with its old and new value."""
    if proposal.field is None:
        if proposal.state != OPEN:
            raise Refusal("the proposal no longer arises; decide on a new one")
        return None, None, proposal.decided_value or proposal.proposal
    column = next((c for c in GOALS.columns if c.header == proposal.field and not c.live), None)
    if column is None or column.name not in goal.place.columns:
        raise Refusal(f"the Goals tab has no column {proposal.field}")
    old = present(book, goal, column.name)
    if not same_value(old, proposal.now):
        raise Refusal(
            f"{goal.at(column.name)} says {shown(old)} now, and said {shown(proposal.now)} when this was proposed"
        )
    if proposal.state != OPEN and proposal.decision != "Change":
        raise Refusal("the proposal no longer arises; decide on a new one, or choose Change with the value you want")
    if _is_formula(book, goal, column.name):
        raise Refusal(f"{goal.at(column.name)} holds a formula; change what it is calculated from")
    new = fitting(book, goal, column, _chosen(proposal), as_of)
    if same_value(old, new):
        raise Refusal(f"{proposal.field} is {shown(old)} already")
    return Change(goal.at(column.name), new), old, new


def _chosen(proposal: Proposal) -> Value:
    """The value that was decided on."""
    if proposal.decision == "Accept":
        return proposal.proposed
    if proposal.decided_value is None:
        raise Refusal("the decision is Change, and Decided value is empty; fill it in")
    return proposal.decided_value


def _is_formula(book: TeamBook, goal: Goal, name: str) -> bool:
    address = goal.at(name)
    sheet = book.book.sheet(address.sheet) if book.book else None
    cell = sheet.cells.get((address.row, address.column)) if sheet else None
    return bool(cell and cell.formula)


# --------------------------------------------------------------------------- does the value fit?


def fitting(book: TeamBook, goal: Goal, column: Column, value: Value, as_of: date) -> Value:
    """The value as the column takes it. Raises Refusal where it cannot stand there."""
    if column.kind is Kind.NUMBER:
        number = _number(column, value)
        _check_target(goal, column, number)
        return number
    if column.kind is Kind.DATE:
        day = _day(column, value)
        _check_due(book, goal, column, day, as_of)
        return day
    if column.kind is Kind.CHOICE:
        choice = next((c for c in column.choices if folded(c) == folded(str(value))), None)
        if choice is None:
            raise Refusal(f"{column.header} takes {', '.join(column.choices)}, and not {shown(value)}")
        return choice
    return value


def _number(column: Column, value: Value) -> float:
    try:
        number = float(value) if isinstance(value, (int, float, str)) and not isinstance(value, bool) else None
    except ValueError:
        number = None
    if number is None or number != number or abs(number) == float("inf"):
        raise Refusal(f"{column.header} takes a number, and not {shown(value)}")
    if (column.low is not None and number < column.low) or (column.high is not None and number > column.high):
        raise Refusal(f"{shown(number)} is outside of what {column.header} takes")
    return number


def _day(column: Column, value: Value) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        raise Refusal(f"{column.header} takes a date, and not {shown(value)}") from None


def _check_target(goal: Goal, column: Column, number: float) -> None:
    """A target must leave a way to go, in the direction of the goal's kind."""
    if column.name != "target" or goal.baseline is None or goal.kind not in ("Increase", "Decrease"):
        return
    if (number <= goal.baseline) if goal.kind == "Increase" else (number >= goal.baseline):
        side = "above" if goal.kind == "Increase" else "below"
        raise Refusal(f"a target of {shown(number)} is not {side} the baseline {shown(goal.baseline)}")


def _check_due(book: TeamBook, goal: Goal, column: Column, day: date, as_of: date) -> None:
    """A date must lie after the start, and a plan is not changed backwards in time."""
    start = book.start_of(goal)
    if column.name == "due" and start and day < start:
        raise Refusal(f"{day.isoformat()} is before the start date {start.isoformat()}")
    if column.name == "due" and day < as_of:
        raise Refusal(f"{day.isoformat()} lies in the past; a plan is not changed backwards in time")
