"""Earlier decisions: what was decided stays, what was rejected stays quiet, what no longer arises is withdrawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..forms import GOALS, Decision, Goal, same_name
from ..forms.decisions import CHOSEN
from ..records.teambook import TeamBook
from ..tables import Address
from .asking import Ask, present
from .proposal import APPLIED, OPEN, WITHDRAWN, Named, Proposal, Value, same_value, seal


def decided(proposal: Proposal, row: Decision | None) -> Proposal:
    """The proposal with the decision that stands in its row."""
    if row is None:
        return proposal
    return replace(
        proposal, decision=row.decision, decided_value=row.decided_value, decided_by=row.decided_by,
        decided_on=row.decided_on, reason=row.reason, state=row.state or OPEN,
        proposed_on=row.proposed_on or proposal.proposed_on,
    )  # fmt: skip


def sealed(row: Decision) -> bool:
    """Whether the row still says what perfsheet wrote into it."""
    said = seal(row.proposal_id, row.goal_id or "", row.proposal or "", row.field, row.now, row.proposed, row.why or "")
    return row.seal == said


def from_row(row: Decision, book: TeamBook, state: str) -> Proposal | None:
    """A proposal of an earlier run as its row tells it; None for a goal that is gone.

    Only a sealed row is believed what it proposed; of any other the decision alone is kept.
    """
    goal = book.goals_by_id.get(same_name(row.goal_id or ""))
    if goal is None:
        return None
    ours = sealed(row)
    proposal = Proposal(
        named=row.proposal_id,
        goal_id=goal.goal_id,
        goal=goal.goal,
        owner=goal.owner,
        rule=row.rule_name,
        proposal=row.proposal or "" if ours else "",
        because=row.why or "" if ours else "The row was changed by hand, so only its decision is kept",
        address=_address(goal, row.field if ours else None),
        field=row.field if ours else None,
        now=row.now if ours else None,
        proposed=row.proposed if ours else None,
        chance_before=_share(row.chance_before),
        chance_after=_share(row.chance_after),
    )
    return replace(decided(proposal, row), state=state)


def _address(goal: Goal, header: str | None) -> Address:
    column = next((c for c in GOALS.columns if c.header == header), None)
    return goal.at(column.name if column else "goal_id")


def _share(value: object) -> float | None:
    """A chance in a cell, as a number or as the text 15 %."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    digits = str(value or "").removesuffix("%").strip()
    return int(digits) / 100 if digits.isascii() and digits.isdigit() else None


# ------------------------------------------------------------------------------ which row is meant


def identify(ask: Ask, proposal: Proposal, rows: dict[str, Decision]) -> Proposal:
    """The proposal under its id, with what was decided on it.

    After a rejection the same id stays, and so stays quiet, for some cadences, unless the chance
    has moved; then the proposal is made again under a new id.
    """
    again = 0
    while rows:
        row = rows.get(proposal.id)
        if row is None or row.decision != "Reject" or quiet(ask, row):
            return decided(proposal, row)
        again += 1
        proposal = replace(proposal, named=named(ask, proposal.rule, proposal.field, proposal.now, again))
    return proposal


def named(ask: Ask, rule: str, field: str | None, now: Value, again: int = 0) -> Named:
    """What the id of a proposal is made of."""
    return ask.book.settings.workbook_id or "", ask.goal.goal_id, rule, field, now, again


def quiet(ask: Ask, row: Decision) -> bool:
    """Whether the rejection still stands: not long ago, and the chance has hardly moved."""
    since = (ask.as_of - row.decided_on).days if row.decided_on else 0
    if since > ask.policy.quiet_cadences * ask.score.cadence:
        return False
    before, now = _share(row.chance_before), ask.score.forecast.shown if ask.score.forecast else None
    return before is None or now is None or abs(now - before) < ask.policy.quiet_change - 1e-9


def pending(book: TeamBook, goal: Goal) -> Proposal | None:
    """A sealed proposal for the goal that was accepted or changed and waits to be applied, as it was decided."""
    for row in book.decisions:
        own = row.goal_id is not None and same_name(row.goal_id) == same_name(goal.goal_id)
        waits = row.decision in CHOSEN and row.state in (None, OPEN) and row.asks
        if own and waits and sealed(row) and _holds(row, book, goal):
            return from_row(row, book, OPEN)
    return None


def _holds(row: Decision, book: TeamBook, goal: Goal) -> bool:
    """Whether the cell still says what the proposal starts from."""
    column = next((c for c in GOALS.columns if c.header == row.field), None)
    return column is None or same_value(present(book, goal, column.name), row.now)


def kept(book: TeamBook, current: Iterable[Proposal]) -> list[Proposal]:
    """Rows of earlier runs that no present proposal answers to: applied ones as they are, others withdrawn."""
    there = {p.id for p in current}
    found = []
    for row in book.decisions:
        if row.proposal_id in there or (not row.asks and not row.decision):
            continue
        there.add(row.proposal_id)
        proposal = from_row(row, book, APPLIED if row.state == APPLIED else WITHDRAWN)
        if proposal:
            found.append(proposal)
    return found
