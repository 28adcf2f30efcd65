"""Scores, issues and earlier decisions -> proposals. Rules propose, people decide.

For each running goal the decision table gives one proposal, with alternatives; earlier decisions
are kept whatever the table says now.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, islice

from ..forms import Decision, same_name
from ..issues.issue import Case, Issue
from ..scoring import GoalScore
from ..scoring.forecast import rounded_chance
from .asking import Ask, Candidate
from .earlier import identify, kept, named, pending
from .proposal import APPLIED, OPEN, WITHDRAWN, Proposal, Value, plain_text, same_value, snapshot
from .rules import HOLD, PROPOSAL_RULES
from .table import answers, changed_on, inputs_of

__all__ = [
    "APPLIED", "OPEN", "PROPOSAL_RULES", "WITHDRAWN", "Proposal", "Value", "plain_text", "propose", "same_value",
]  # fmt: skip


def propose(case: Case, issues: Sequence[Issue]) -> tuple[Proposal, ...]:
    """One proposal for each running goal, in the order of the goals, then what earlier runs left."""
    book, scores = case.book, case.scores
    rows = {row.proposal_id: row for row in reversed(book.decisions)}
    own: dict[str, list[Issue]] = {}
    for issue in issues:
        own.setdefault(same_name(issue.goal_id or ""), []).append(issue)
    current = [
        p
        for score in scores.goals
        if case.runs(score)
        for p in _for_goal(case, score, own.get(same_name(score.goal_id), ()), rows)
    ]
    if not book.decisions:
        return tuple(current)
    rank = {same_name(s.goal_id): k for k, s in enumerate(scores.goals)}
    every = [*current, *kept(book, current)]
    return tuple(sorted(every, key=lambda p: rank.get(same_name(p.goal_id), len(rank))))


def _for_goal(case: Case, score: GoalScore, issues: Sequence[Issue], rows: dict[str, Decision]) -> list[Proposal]:
    """The goal's present proposal: the one that waits to be applied, the one rejected lately, or the table's."""
    goal = case.record(score)
    if goal is None:
        return []
    if waiting := pending(case.book, goal):
        return [waiting]
    ask = Ask.of(case, goal, score, issues)
    found = answers(ask)
    first = next(found)
    if first.rule is HOLD and changed_on(ask):
        return []  # the applied proposal is listed and says it all
    return _settled(ask, chain([first], found), rows)


def _settled(ask: Ask, found: Iterable[Candidate], rows: dict[str, Decision]) -> list[Proposal]:
    """The first candidate that is still to be decided. Support that was given or refused leaves room for the next row."""
    spent: list[Proposal] = []
    for k, candidate in enumerate(found):
        proposal = identify(ask, _proposal(ask, candidate, k), rows)
        if proposal.field is None and (proposal.state == APPLIED or proposal.decision == "Reject"):
            spent.append(proposal)
        else:
            return [proposal, *spent]
    return spent


def _proposal(ask: Ask, candidate: Candidate, place: int) -> Proposal:
    """The candidate in that place as a proposal; those behind it are its alternatives."""
    return Proposal(
        named=named(ask, candidate.rule.code, candidate.field, candidate.now),
        goal_id=ask.goal.goal_id,
        goal=ask.goal.goal,
        owner=ask.goal.owner,
        rule=candidate.rule.code,
        proposal=candidate.proposal,
        because=candidate.because,
        address=candidate.address or ask.score.address,
        field=candidate.field,
        now=candidate.now,
        proposed=candidate.proposed,
        chance_before=None if ask.chance is None else rounded_chance(ask.chance),
        chance_after=candidate.chance_after,
        proposed_on=ask.as_of,
        others=lambda: (
            *candidate.also,
            *(f"{c.rule.code}: {c.proposal}" for c in islice(answers(ask), place + 1, None)),
        ),
        looked_at=lambda: snapshot(inputs_of(ask)),
    )
