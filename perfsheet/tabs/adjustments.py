"""Adjustments: what is proposed, why, and the columns in which the manager decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..forms import ADJUSTMENTS, Column
from ..forms.decisions import DECISIONS
from ..proposals import Proposal
from ..review import Review
from ..tables import Address, Area, Dropdown, Frame, Put, Scalar, Tab
from .checks import verdict_cells

HEADER_ROW = 4
DECIDED = ("decision", "decided_value", "decided_by", "decided_on", "reason")
"""The columns that belong to the manager."""

HELP = (
    "Rules propose, people decide. Choose in Decision: Accept, Change (with your own Decided value), Reject or Later. "
    "Your decisions stay when perfsheet runs again; `perfsheet apply` carries out what you accepted."
)
MESSAGES = {
    "decision": ("Your decision", "Accept, Change (give your own value), Reject or Later."),
    "decided_value": ("Your own value", "Only with Change: the value that you want instead of the proposed one."),
    "decided_by": ("Who decides", "Your name, as it stands in People."),
    "decided_on": ("When", "The day of the decision, as a date."),
    "reason": ("Why so", "A short reason. It goes into History with the change."),
}
"""What is said when somebody enters one of these cells: title and message."""

WIDTHS = {
    "goal": 28, "owner": 16, "rule": 13, "proposal": 30, "field": 11, "now": 12, "proposed": 12, "why": 46,
    "chance_before": 9, "chance_after": 9, "proposed_on": 12, "decision": 11, "decided_value": 12, "decided_by": 15, "reason": 26,
}  # fmt: skip
"""Narrower than the form's own, so that the print stays readable."""

HIDDEN = ("seal",)
"""Columns that only perfsheet reads."""


def adjustments(review: Review) -> Tab:
    """The proposals as a table, those that ask for a decision first, "leave it" last and quiet."""
    columns = ADJUSTMENTS.columns
    ordered = sorted(review.proposals, key=_rank)
    asking = waiting(review)
    said = (
        f"{asking} proposal{'s' * (asking != 1)} waiting for a decision" if asking else "Nothing waits for a decision"
    )
    cells = [
        Put(1, 1, "Adjustments", "title"),
        Put(2, 1, f"{said}, as of {review.as_of.isoformat()}", "subtitle"),
        Put(3, 1, HELP, "muted"),
        *verdict_cells(review, 1, 4),
    ]
    cells += [Put(HEADER_ROW, i, c.header, "heading") for i, c in enumerate(columns, start=1)]
    for row, proposal in enumerate(ordered, start=HEADER_ROW + 1):
        cells += _row(row, proposal, columns, review)
    bottom = HEADER_ROW + max(1, len(ordered))
    positions = {c.name: i for i, c in enumerate(columns, start=1)}
    return Tab(
        "Adjustments", "Adjustments", tuple(cells),
        widths={i: WIDTHS.get(c.name, c.width) for i, c in enumerate(columns, start=1)},
        frames=(Frame(ADJUSTMENTS.table, Area(HEADER_ROW, 1, bottom, len(columns)), tuple(c.header for c in columns)),),
        dropdowns=tuple(_entry(name, Area(HEADER_ROW + 1, positions[name], bottom, positions[name])) for name in DECIDED),
        freeze=(HEADER_ROW, 3),
        hidden_columns=frozenset(positions[name] for name in HIDDEN if name in positions),
        repeat_rows=(HEADER_ROW, HEADER_ROW),
    )  # fmt: skip


def waiting(review: Review) -> int:
    """How many proposals still ask for a decision."""
    return sum(p.rule != "hold" and p.state == "Open" and not p.decision for p in review.proposals)


def _entry(name: str, area: Area) -> Dropdown:
    title, message = MESSAGES[name]
    return Dropdown(area, DECISIONS if name == "decision" else (), title, message)


def _rank(proposal: Proposal) -> tuple[int, str]:
    quiet = proposal.rule == "hold"
    settled = proposal.state != "Open"
    return (2 * quiet + settled, proposal.id if settled else "")


def _row(row: int, proposal: Proposal, columns: Sequence[Column], review: Review) -> Iterator[Put]:
    quiet = proposal.rule == "hold" or proposal.state != "Open"
    for i, column in enumerate(columns, start=1):
        value = _value(proposal, column.name)
        if column.name in DECIDED:
            yield Put(row, i, value, _input_style(column, quiet))
        elif column.name == "goal_id":
            yield Put(row, i, value, "link", link=_place(review, proposal))
        else:
            yield Put(row, i, value, _style(column, quiet))


def _value(proposal: Proposal, name: str) -> Scalar:
    """The field of a proposal that a column shows."""
    value: Scalar = getattr(proposal, "id" if name == "proposal_id" else name)
    return value


def _place(review: Review, proposal: Proposal) -> Address:
    score = review.scores.goal(proposal.goal_id)
    return score.address if score else proposal.address


def _input_style(column: Column, quiet: bool) -> str:
    return f"input{'_quiet' * quiet}{'_date' * (column.name == 'decided_on')}"


def _style(column: Column, quiet: bool) -> str:
    if column.name in ("chance_before", "chance_after"):
        return "percent"
    if column.name in ("now", "proposed"):
        return "any"
    if column.name == "proposed_on":
        return "date"
    return "quiet_wrapped" if quiet else "wrapped"
